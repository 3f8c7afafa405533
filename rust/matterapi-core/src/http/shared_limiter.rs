//! A session's limiter, as its calls share it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderName;
use tokio::time::Instant;

use crate::headers::Headers;
use crate::limiter::{Limiter, Others, RateLimit};

static LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");

/// A session's limiter, and what it must know of calls under way. Without a limit a call looks at three atomics.
#[derive(Debug, Default)]
pub(crate) struct SharedLimiter {
    engaged: AtomicBool,
    /// Calls that have gone out and are not answered.
    under_way: AtomicUsize,
    /// Calls that were answered, ever.
    answered: AtomicUsize,
    limiter: Mutex<Limiter>,
    /// Held by the one whose turn comes next. It is fair: who waits longer is served first.
    pub(super) turnstile: tokio::sync::Mutex<()>,
}

impl SharedLimiter {
    /// See [`Limiter::capped`].
    pub(super) fn new(most: Option<f64>) -> Self {
        let limiter = Limiter::capped(most);
        Self {
            engaged: AtomicBool::new(limiter.is_engaged()),
            limiter: Mutex::new(limiter),
            ..Self::default()
        }
    }

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

    fn answered(&self, status: u16, headers: &Headers, others: Others) {
        if status != 429 && !headers.has(&LIMIT) {
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
    /// Calls that had been answered when it went out.
    answered_before: usize,
}

impl<'a> Admission<'a> {
    pub(super) fn new(limiter: &'a SharedLimiter) -> Self {
        limiter.under_way.fetch_add(1, Ordering::Relaxed);
        Self { limiter, answered_before: limiter.answered.load(Ordering::Relaxed) }
    }

    /// The response that it brought.
    pub(super) fn answered(self, status: u16, headers: &Headers) {
        let answered = self.limiter.answered.fetch_add(1, Ordering::Relaxed);
        let others = Others {
            unanswered: self.limiter.under_way.load(Ordering::Relaxed).saturating_sub(1),
            overtaking: answered.saturating_sub(self.answered_before),
        };
        self.limiter.answered(status, headers, others);
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        self.limiter.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
