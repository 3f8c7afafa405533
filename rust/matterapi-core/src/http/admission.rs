//! The right to send: a place under the server's rate limit, then one of the session's connections.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use tokio::time::{Instant, sleep};

use super::pool::PoolSlot;
use super::session::Session;
use crate::error::Error;
use crate::limiter::{Limiter, RateLimit};

/// A session's limiter, and what it must know of calls under way. While the server has no limit, a call looks
/// at two atomics.
#[derive(Debug, Default)]
pub(crate) struct SharedLimiter {
    engaged: AtomicBool,
    /// Calls that have gone out or have a place.
    under_way: AtomicUsize,
    limiter: Mutex<Limiter>,
}

impl SharedLimiter {
    fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Duration {
        let mut limiter = self.limiter();
        let wait = limiter.take(Instant::now());
        self.engaged.store(limiter.is_engaged(), Ordering::Relaxed);
        wait
    }

    fn answered(&self, status: u16, headers: &HeaderMap, others: usize) {
        if status != 429 && !headers.contains_key("x-ratelimit-limit") {
            return;
        }
        let mut limiter = self.limiter();
        limiter.answered(status, headers, others, Instant::now());
        self.engaged.store(limiter.is_engaged(), Ordering::Relaxed);
    }

    pub(crate) fn state(&self) -> Option<RateLimit> {
        self.limiter().state(Instant::now())
    }
}

/// A call on its way, until it is answered or dropped.
pub(super) struct Admission<'a> {
    limiter: &'a SharedLimiter,
    /// It has a place and waits for its turn.
    waits: bool,
}

impl Admission<'_> {
    /// The response that it brought.
    pub(super) fn answered(self, status: u16, headers: &HeaderMap) {
        let others = self.limiter.under_way.load(Ordering::Relaxed).saturating_sub(1);
        self.limiter.answered(status, headers, others);
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        self.limiter.under_way.fetch_sub(1, Ordering::Relaxed);
        if self.waits {
            self.limiter.limiter().give_back();
        }
    }
}

impl Session {
    /// Waits for the right to send, and for a slot if there is none in `slot`. A slot is given back while a
    /// wait goes on: others may use it, such as for uploads.
    ///
    /// # Errors
    /// As [`Session::slot`].
    pub(super) async fn admitted(&self, slot: &mut Option<PoolSlot>) -> Result<Admission<'_>, Error> {
        let limiter = &self.limiter;
        limiter.under_way.fetch_add(1, Ordering::Relaxed);
        let mut admission = Admission { limiter, waits: false };
        if limiter.engaged.load(Ordering::Relaxed) {
            let mut wait = limiter.take();
            while !wait.is_zero() {
                admission.waits = true;
                drop(slot.take());
                sleep(wait).await;
                // Somebody may have been refused meanwhile.
                wait = limiter.limiter().held(Instant::now());
            }
            admission.waits = false;
        }
        if slot.is_none() {
            *slot = Some(self.slot().await?);
        }
        Ok(admission)
    }
}
