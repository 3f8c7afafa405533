//! A session's limiter, as its calls share it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

use crate::limiter::{Limiter, RateLimit};

/// A session's limiter, and what it must know of calls under way. While the server has no limit, a call looks
/// at two atomics.
#[derive(Debug, Default)]
pub(crate) struct SharedLimiter {
    engaged: AtomicBool,
    /// Calls that have gone out and are not answered.
    under_way: AtomicUsize,
    limiter: Mutex<Limiter>,
    /// Held by the one whose turn comes next. It is fair: who waits longer is served first.
    pub(super) turnstile: tokio::sync::Mutex<()>,
}

impl SharedLimiter {
    fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_engaged(&self) -> bool {
        self.engaged.load(Ordering::Relaxed)
    }

    pub(super) fn take(&self) -> Duration {
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
pub(super) struct Admission<'a>(&'a SharedLimiter);

impl<'a> Admission<'a> {
    pub(super) fn new(limiter: &'a SharedLimiter) -> Self {
        limiter.under_way.fetch_add(1, Ordering::Relaxed);
        Self(limiter)
    }

    /// The response that it brought.
    pub(super) fn answered(self, status: u16, headers: &HeaderMap) {
        let others = self.0.under_way.load(Ordering::Relaxed).saturating_sub(1);
        self.0.answered(status, headers, others);
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
