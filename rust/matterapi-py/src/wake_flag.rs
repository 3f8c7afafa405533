//! How a bridge wakes the thread that waits in the place of an event loop.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A one-bit signal between threads, for loops that watch no descriptor.
#[derive(Default)]
pub(crate) struct Flag {
    state: Mutex<FlagState>,
    changed: Condvar,
}

#[derive(Default)]
struct FlagState {
    woken: bool,
    closed: bool,
}

impl Flag {
    fn state(&self) -> MutexGuard<'_, FlagState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wake(&self) {
        self.state().woken = true;
        self.changed.notify_all();
    }

    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    pub(crate) fn clear(&self) {
        self.state().woken = false;
    }

    pub(crate) fn wait(&self) -> bool {
        let state = self.state();
        let mut state = self
            .changed
            .wait_while(state, |state| !state.woken && !state.closed)
            .unwrap_or_else(PoisonError::into_inner);
        state.woken = false;
        !state.closed
    }
}
