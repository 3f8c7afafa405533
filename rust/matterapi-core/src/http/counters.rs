//! What the calls of a session have done so far, in numbers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use http::StatusCode;

use crate::counter::Counter;
use crate::error::ErrorKind;

/// See the module.
#[derive(Debug, Default)]
pub struct Counters {
    /// Calls that were begun.
    pub calls: Counter,
    /// Times that one of them was sent, or would have been had there been a connection.
    pub attempts: Counter,
    /// Attempts that were followed by a further one.
    pub retries: Counter,
    /// Attempts that had to wait for their turn under the server's rate limit.
    pub limiter_waits: Counter,
    /// Bytes of the bodies that came, content coding undone.
    pub bytes_received: Counter,
    // Behind a lock, because failures are rare.
    failures: Mutex<Failures>,
}

/// How many calls ended in each status that is no success, and in each kind of error without a response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    /// By status.
    pub statuses: BTreeMap<u16, u64>,
    /// By the kind of the error.
    pub kinds: BTreeMap<ErrorKind, u64>,
}

impl Counters {
    /// The failures so far.
    pub fn failures(&self) -> Failures {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A call ended with this status.
    #[inline]
    pub(crate) fn answered(&self, status: u16) {
        // An answer that the caller has the same of already is a success.
        if !(200..300).contains(&status) && status != StatusCode::NOT_MODIFIED {
            let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
            *failures.statuses.entry(status).or_default() += 1;
        }
    }

    /// A call ended without a response.
    pub(crate) fn failed(&self, kind: ErrorKind) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        *failures.kinds.entry(kind).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Phase;

    #[test]
    fn failures_are_counted_by_what_they_were() {
        let counters = Counters::default();
        for status in [200, 204, 304, 404, 503, 503] {
            counters.answered(status);
        }
        counters.failed(ErrorKind::Timeout(Phase::Read));
        let failures = counters.failures();
        assert_eq!(failures.statuses, BTreeMap::from([(404, 1), (503, 2)]));
        assert_eq!(failures.kinds, BTreeMap::from([(ErrorKind::Timeout(Phase::Read), 1)]));
    }
}
