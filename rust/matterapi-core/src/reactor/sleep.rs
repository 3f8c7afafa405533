//! Waiting for a time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use super::handle::Handle;
use super::timers::Key;

/// Waits until `due`, on the reactor that `handle` names.
pub(crate) fn sleep_until(handle: Handle, due: Instant) -> Sleep {
    Sleep { handle, due, key: None }
}

/// See [`sleep_until`].
pub(crate) struct Sleep {
    handle: Handle,
    due: Instant,
    key: Option<Key>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.due <= Instant::now() {
            return Poll::Ready(());
        }
        let this = &mut *self;
        this.handle.timers().set(this.due, &mut this.key, cx.waker());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.handle.timers().clear(key);
        }
    }
}
