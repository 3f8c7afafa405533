//! One future, driven by a thread that waits for nothing else.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::time::sleep;

use super::poll::Reactor;

/// What a reactor that is driven by a thread borrows where a future wants a runtime; made when it is needed.
pub trait Lender {
    /// The runtime.
    ///
    /// # Errors
    /// When none can be started.
    fn runtime(&mut self) -> io::Result<&Runtime>;
}

impl Reactor {
    /// Drives `future` to its end on this thread. Calls `tick` every `interval` in which it does not end, and
    /// gives up when that fails.
    ///
    /// # Errors
    /// That of `tick`, or what the system says of waiting.
    pub fn block_on<T, E: From<io::Error>>(
        &mut self,
        future: impl Future<Output = T>,
        lender: &mut impl Lender,
        interval: Duration,
        mut tick: impl FnMut() -> Result<(), E>,
    ) -> Result<T, E> {
        let _entered = self.enter();
        let (alarm, waker) = (Arc::clone(&self.alarm), self.waker.clone());
        alarm.ring();
        let mut future = pin!(future);
        let mut due = None;
        loop {
            while !self.handle.wants_runtime() && alarm.take() {
                if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Ok(output);
                }
            }
            let now = Instant::now();
            let next = *due.get_or_insert(now + interval);
            if next <= now {
                tick()?;
                due = Some(now + interval);
                continue;
            }
            let wait = next - now;
            if !self.handle.wants_runtime() {
                self.look(wait)?;
            } else if let Some(output) = self.borrow_runtime(future.as_mut(), lender, wait)? {
                return Ok(output);
            } else {
                alarm.ring();
            }
        }
    }

    /// Drives `future` within a runtime for as long as it wants one and no longer than `wait`.
    fn borrow_runtime<T>(
        &self,
        mut future: Pin<&mut impl Future<Output = T>>,
        lender: &mut impl Lender,
        wait: Duration,
    ) -> io::Result<Option<T>> {
        let handle = &self.handle;
        let start = Instant::now();
        let next = handle.timers().next();
        let wait = next.map_or(wait, |due| wait.min(due.saturating_duration_since(start)));
        let is_early = |next: Instant| next < start + wait;
        let output = lender.runtime()?.block_on(async {
            let driven = poll_fn(|cx| match future.as_mut().poll(cx) {
                Poll::Ready(output) => Poll::Ready(Some(output)),
                // A timer that is new ends this wait.
                Poll::Pending if handle.wants_runtime() && !handle.timers().next().is_some_and(is_early) => {
                    Poll::Pending
                }
                Poll::Pending => Poll::Ready(None),
            });
            tokio::select! {
                biased;
                output = driven => output,
                () = sleep(wait) => None,
            }
        });
        handle.fire_timers();
        Ok(output)
    }
}
