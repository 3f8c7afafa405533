//! When somebody wants to be woken.

use std::collections::BTreeMap;
use std::task::Waker;
use std::time::Instant;

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

    /// Wakes `waker` at `due`, in place of who was to be woken under `key`.
    pub(super) fn set(&mut self, due: Instant, key: &mut Option<u64>, waker: &Waker) {
        let key = *key.get_or_insert_with(|| {
            self.made += 1;
            self.made
        });
        match self.waiting.get_mut(&(due, key)) {
            Some(known) => known.clone_from(waker),
            None => drop(self.waiting.insert((due, key), waker.clone())),
        }
    }

    /// Wakes nobody at `due` any more, if there was somebody.
    pub(super) fn clear(&mut self, due: Instant, key: u64) {
        self.waiting.remove(&(due, key));
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
