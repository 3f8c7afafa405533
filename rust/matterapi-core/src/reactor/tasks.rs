//! Many futures, driven whenever the reactor's descriptor is readable.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::stream::{FuturesUnordered, Stream};

use super::handle::{Handle, Spawn};
use super::poll::Reactor;

/// Futures on a reactor that an event loop drives.
pub struct Tasks {
    reactor: Reactor,
    running: FuturesUnordered<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Tasks {
    /// # Errors
    /// As [`Reactor::new`].
    pub fn new(spawn: Spawn) -> io::Result<Self> {
        Ok(Self { reactor: Reactor::new(Some(spawn))?, running: FuturesUnordered::new() })
    }

    /// The reactor.
    pub fn handle(&self) -> &Handle {
        self.reactor.handle()
    }

    /// Begins a future: it runs as far as it comes without waiting.
    pub fn start(&mut self, future: impl Future<Output = ()> + Send + 'static) {
        let _entered = self.reactor.enter();
        self.running.push(Box::pin(future));
        self.reactor.alarm.ring();
        self.run();
    }

    /// Looks at the sockets and the time, without waiting, and goes on with who waited for them.
    ///
    /// # Errors
    /// What the system says of the sockets.
    pub fn turn(&mut self) -> io::Result<()> {
        let _entered = self.reactor.enter();
        self.reactor.look(Duration::ZERO)?;
        self.run();
        Ok(())
    }

    /// Goes on with who was woken by something else than a socket or the time.
    pub fn go_on(&mut self) {
        let _entered = self.reactor.enter();
        self.run();
    }

    /// When somebody wants to be woken next.
    pub fn next_timer(&self) -> Option<Instant> {
        self.reactor.handle().timers().next()
    }

    fn run(&mut self) {
        while self.reactor.alarm.take() {
            let mut cx = Context::from_waker(&self.reactor.waker);
            while let Poll::Ready(Some(())) = Pin::new(&mut self.running).poll_next(&mut cx) {}
        }
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks").field("running", &self.running.len()).finish_non_exhaustive()
    }
}

#[cfg(unix)]
impl std::os::fd::AsRawFd for Tasks {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.reactor.as_raw_fd()
    }
}
