//! The poll set of a reactor, and what wakes who drives it.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use super::handle::{Entered, Handle, Ready, Spawn, WAKER};

/// Events that are taken from the system at once; the rest comes with the next look.
const EVENTS: usize = 256;

/// A poll set and the timers beside it. Belongs to one thread at a time.
pub struct Reactor {
    poll: mio::Poll,
    events: mio::Events,
    pub(super) handle: Handle,
    pub(super) alarm: Arc<Alarm>,
    pub(super) waker: Waker,
}

impl Reactor {
    /// `spawn`: runs what only a runtime can do (looking up names, connecting) elsewhere; without it whoever
    /// drives the reactor lends a runtime of its own.
    ///
    /// # Errors
    /// When the system has no more descriptors.
    pub fn new(spawn: Option<Spawn>) -> io::Result<Self> {
        let poll = mio::Poll::new()?;
        let handle = Handle::new(&poll, spawn)?;
        let alarm = Arc::new(Alarm { rung: AtomicBool::new(false), handle: handle.clone() });
        let waker = Waker::from(Arc::clone(&alarm));
        Ok(Self { poll, events: mio::Events::with_capacity(EVENTS), handle, alarm, waker })
    }

    /// What its sockets and timers know of it.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Wakes who waits for sockets that have become ready, and for the time. Waits for either no longer than
    /// `wait`.
    pub(super) fn look(&mut self, wait: Duration) -> io::Result<()> {
        let now = Instant::now();
        let wait =
            self.handle.timers().next().map_or(wait, |due| wait.min(due.saturating_duration_since(now)));
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(e) if e.kind() != io::ErrorKind::Interrupted => return Err(e),
            _ => {}
        }
        for event in &self.events {
            if event.token() != WAKER {
                self.handle.ready(event.token(), Ready::of(event));
            }
        }
        self.handle.fire_timers();
        Ok(())
    }

    pub(super) fn enter(&self) -> Entered {
        Entered::new(self.handle.clone())
    }
}

impl Drop for Reactor {
    fn drop(&mut self) {
        self.handle.orphan();
    }
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reactor")
    }
}

#[cfg(unix)]
impl std::os::fd::AsRawFd for Reactor {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.poll.as_raw_fd()
    }
}

/// Wakes whoever drives a reactor. On its own thread it only takes a note, which is looked at before the next
/// wait.
pub(super) struct Alarm {
    rung: AtomicBool,
    handle: Handle,
}

impl Alarm {
    /// Takes the note without waking anybody: for who drives the reactor anyway.
    pub(super) fn ring(&self) {
        self.rung.store(true, Ordering::Release);
    }

    /// Whether it has been rung since this was last asked.
    pub(super) fn take(&self) -> bool {
        self.rung.swap(false, Ordering::AcqRel)
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rung.swap(true, Ordering::AcqRel) && !self.handle.is_current() {
            self.handle.interrupt();
        }
    }
}
