//! How fast a catch-up may call: it shares the server's rate limit with all other calls of its user.
//!
//! Without a limit the server sends no `X-RateLimit-*` headers (app/ratelimit.go); its own default is 10 calls a
//! second, in bursts of 100.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

use crate::retry::{self, LONGEST_HINT};

/// Between two calls to a server that has no limit.
const UNLIMITED: Duration = Duration::from_millis(5);

/// Between two calls to a server whose limit is nearly used up: half of the default rate.
const LIMITED: Duration = Duration::from_millis(200);

/// The wait after a 429 that does not say how long.
const UNSAID: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug)]
pub struct Budget {
    next: Instant,
}

impl Budget {
    /// Of a catch-up that may call at `now`.
    pub fn new(now: Instant) -> Self {
        Self { next: now }
    }

    /// When the next call may be made.
    pub fn next(&self) -> Instant {
        self.next
    }

    /// Takes note of an answer, which came at `now`.
    pub fn answered(&mut self, status: u16, headers: &HeaderMap, now: Instant) {
        let number = |name: &str| -> Option<u64> { headers.get(name)?.to_str().ok()?.trim().parse().ok() };
        let wait = match (status, number("x-ratelimit-limit"), number("x-ratelimit-remaining")) {
            (429, ..) => retry::hint(headers).unwrap_or(UNSAID).clamp(UNSAID, LONGEST_HINT),
            // Half of a burst stays for the user's own calls.
            (_, Some(limit), Some(left)) if left <= limit / 2 => LIMITED,
            _ => UNLIMITED,
        };
        self.next = now + wait;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(status: u16, headers: &[(&'static str, &'static str)]) -> Duration {
        let now = Instant::now();
        let mut budget = Budget::new(now);
        assert_eq!(budget.next(), now);
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        budget.answered(status, &headers, now);
        budget.next() - now
    }

    #[test]
    fn half_of_a_servers_burst_is_left_to_others() {
        assert_eq!(wait(200, &[]), UNLIMITED);
        assert_eq!(wait(200, &[("x-ratelimit-limit", "101"), ("x-ratelimit-remaining", "51")]), UNLIMITED);
        assert_eq!(wait(200, &[("x-ratelimit-limit", "101"), ("x-ratelimit-remaining", "50")]), LIMITED);
    }

    #[test]
    fn a_server_that_refuses_says_when_to_come_again() {
        assert_eq!(wait(429, &[("retry-after", "7")]), Duration::from_secs(7));
        assert_eq!(wait(429, &[("retry-after", "86400")]), LONGEST_HINT);
        for unusable in ["0", "-5", "soon"] {
            assert_eq!(wait(429, &[("retry-after", unusable)]), UNSAID, "{unusable}");
        }
        assert_eq!(wait(429, &[]), UNSAID);
    }
}
