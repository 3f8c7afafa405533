//! How long to wait before the next try to connect.

use std::time::Duration;

/// Ceiling of every wait.
const MAX: Duration = Duration::from_secs(60);

/// Waits that a ceiling given by the user applies to.
const FIRST_WAITS: u32 = 3;

/// Full jitter under a doubling ceiling: `U(0, min(60 s, 2^n s))`, the first `U(0, 1 s)`.
#[derive(Debug, Clone)]
pub struct Backoff {
    first_ceiling: Option<Duration>,
    tries: u32,
}

impl Backoff {
    /// `first_ceiling`, if given, replaces the ceiling of the first three waits.
    pub fn new(first_ceiling: Option<Duration>) -> Self {
        Self { first_ceiling, tries: 0 }
    }

    /// The next wait; `jitter` is in `0.0..1.0`.
    pub fn next(&mut self, jitter: f64) -> Duration {
        let doubled = Duration::from_secs(1 << self.tries.min(6));
        let ceiling = match self.first_ceiling {
            Some(ceiling) if self.tries < FIRST_WAITS => ceiling,
            _ => doubled,
        };
        self.tries = self.tries.saturating_add(1);
        ceiling.min(MAX).mul_f64(jitter.clamp(0.0, 1.0))
    }

    /// Back to the start, after a time of health.
    pub fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ceilings(mut backoff: Backoff, n: usize) -> Vec<u64> {
        (0..n).map(|_| backoff.next(1.0).as_secs()).collect()
    }

    #[test]
    fn ceilings_double_up_to_a_minute() {
        assert_eq!(ceilings(Backoff::new(None), 9), [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn a_given_ceiling_rules_the_first_three_waits_only() {
        assert_eq!(ceilings(Backoff::new(Some(Duration::from_secs(5))), 5), [5, 5, 5, 8, 16]);
        assert_eq!(ceilings(Backoff::new(Some(Duration::ZERO)), 5), [0, 0, 0, 8, 16]);
    }

    #[test]
    fn jitter_scales_the_wait_and_reset_starts_over() {
        let mut backoff = Backoff::new(None);
        backoff.next(0.0);
        assert_eq!(backoff.next(0.25), Duration::from_millis(500));
        backoff.reset();
        assert_eq!(backoff.next(1.0), Duration::from_secs(1));
    }
}
