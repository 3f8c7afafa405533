//! When somebody wants to be woken.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::handle::Handle;

/// The times that somebody waits for, the next one first.
#[derive(Default)]
pub(super) struct Timers {
    waiting: BTreeMap<(Instant, u64), Waker>,
    made: u64,
}

impl Timers {
    /// When the next one is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.waiting.first_key_value().map(|((due, _), _)| *due)
    }

    /// Whom to wake, now that it is `now`.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Waker> {
        let mut due = Vec::new();
        while let Some(entry) = self.waiting.first_entry().filter(|entry| entry.key().0 <= now) {
            due.push(entry.remove());
        }
        due
    }
}

/// Waits until `due`, on the reactor that `handle` names.
pub(crate) fn sleep_until(handle: Handle, due: Instant) -> Sleep {
    Sleep { handle, due, key: None }
}

/// See [`sleep_until`].
pub(crate) struct Sleep {
    handle: Handle,
    due: Instant,
    key: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.due <= Instant::now() {
            return Poll::Ready(());
        }
        let this = &mut *self;
        let mut timers = this.handle.timers();
        let key = *this.key.get_or_insert_with(|| {
            timers.made += 1;
            timers.made
        });
        match timers.waiting.get_mut(&(this.due, key)) {
            Some(known) => known.clone_from(cx.waker()),
            None => drop(timers.waiting.insert((this.due, key), cx.waker().clone())),
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.handle.timers().waiting.remove(&(self.due, key));
        }
    }
}
