//! Runs calls without a runtime: sockets and timers are looked after by the thread that waits for them.
//!
//! A runtime keeps its poll set to itself, so whoever waits for it needs a thread of its own and two changes of
//! threads a call. A [`Reactor`] shows its poll set as a descriptor: an event loop can watch it among its own.
//!
//! | file | part |
//! |---|---|
//! | `socket.rs` | a connection that tells its reactor what it waits for |
//! | `timers.rs` | when somebody wants to be woken |
//! | `block_on.rs` | one future, driven by a thread that waits for nothing else |
//! | `tasks.rs` | many, driven whenever the descriptor is readable |
//! | `handle.rs` | what sockets, timers and wakers know of their reactor |

mod block_on;
mod handle;
mod socket;
mod tasks;
mod timers;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

pub use block_on::Lender;
pub use handle::{Handle, Spawn};
pub(crate) use handle::{HeldRuntime, current, on_runtime};
pub(crate) use socket::{Peeker, Socket};
pub use tasks::Tasks;
pub(crate) use timers::sleep_until;

use handle::{Entered, Ready, WAKER};

/// Events that are taken from the system at once; the rest comes with the next look.
const EVENTS: usize = 256;

/// A poll set and the timers beside it. Belongs to one thread at a time.
pub struct Reactor {
    poll: mio::Poll,
    events: mio::Events,
    handle: Handle,
    alarm: Arc<Alarm>,
    waker: Waker,
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
    fn look(&mut self, wait: Duration) -> io::Result<()> {
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

    fn enter(&self) -> Entered {
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
struct Alarm {
    rung: AtomicBool,
    handle: Handle,
}

impl Alarm {
    /// Takes the note without waking anybody: for who drives the reactor anyway.
    fn ring(&self) {
        self.rung.store(true, Ordering::Release);
    }

    /// Whether it has been rung since this was last asked.
    fn take(&self) -> bool {
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

#[cfg(test)]
mod tests;
