//! How long to wait before the next try to connect.

use std::time::Duration;

/// Ceiling of every wait.
const MAX: Duration = Duration::from_secs(30);

/// Waits that a ceiling below [`LEAST`] applies to: without any wait a dead server keeps a processor busy.
const FIRST_WAITS: u32 = 3;

/// Ceiling of the later waits, whatever is given.
const LEAST: Duration = Duration::from_secs(1);

/// Full jitter under a doubling ceiling: first `U(0, 1 s)`, then `U(0, min(30 s, 2^n s))`.
#[derive(Debug, Clone)]
pub struct Backoff {
    ceiling: Duration,
    tries: u32,
}

impl Backoff {
    /// `ceiling`, if given, is the ceiling of every wait, as in matterapi 0.5.0; one of 0 s is that of the first
    /// three.
    pub fn new(ceiling: Option<Duration>) -> Self {
        Self { ceiling: ceiling.unwrap_or(MAX), tries: 0 }
    }

    /// The next wait; `jitter` is in `0.0..1.0`.
    pub fn next(&mut self, jitter: f64) -> Duration {
        let doubled = Duration::from_secs(1 << self.tries.min(6));
        let ceiling = match self.tries < FIRST_WAITS {
            true => self.ceiling,
            false => self.ceiling.max(LEAST),
        };
        self.tries = self.tries.saturating_add(1);
        doubled.min(ceiling).mul_f64(jitter.clamp(0.0, 1.0))
    }

    /// Back to the start: there was a connection.
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
    fn the_first_wait_is_a_second_at_most_and_ceilings_double_up_to_30_s() {
        assert_eq!(ceilings(Backoff::new(None), 8), [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn a_given_ceiling_is_that_of_every_wait() {
        assert_eq!(ceilings(Backoff::new(Some(Duration::from_secs(5))), 5), [1, 2, 4, 5, 5]);
        assert_eq!(ceilings(Backoff::new(Some(Duration::ZERO)), 5), [0, 0, 0, 1, 1]);
        assert_eq!(ceilings(Backoff::new(Some(Duration::from_secs(90))), 8)[6..], [64, 64]);
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
