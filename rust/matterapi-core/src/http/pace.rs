//! Whether the body of a response still comes or only seems to, decided without a clock.

use std::time::Duration;

use crate::error::{Error, ErrorKind, Phase};
use crate::options::Timeout;

/// How long a body that has begun may stay below a byte a second: as long as the AWS SDKs wait. Once it has
/// kept to that, whole silences up to the read time-out are allowed again.
const GRACE: Duration = Duration::from_secs(5);

/// The time in which a body was waited for, and what came of it.
///
/// A body ends for two reasons: nothing came for the whole read time-out, or less than a byte a second since
/// the last window of time. Only waiting counts, not the time in which the caller is busy with what came.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Without a read time-out there is no limit to anything.
    timeout: Timeout,
    /// Since the last byte.
    silence: Duration,
    /// The current window; `None` before the first byte.
    window: Option<Window>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    length: Duration,
    waited: Duration,
    bytes: u64,
}

impl Window {
    fn of(length: Duration) -> Self {
        Self { length, waited: Duration::ZERO, bytes: 0 }
    }
}

impl Pace {
    pub(crate) fn new(timeout: Timeout) -> Self {
        Self { timeout, silence: Duration::ZERO, window: None }
    }

    /// How much longer the next piece may be waited for: zero when the body has come to a standstill, `None`
    /// without a limit.
    pub(crate) fn patience(&self) -> Option<Duration> {
        let silence = self.timeout.read?.saturating_sub(self.silence);
        Some(match &self.window {
            None => silence,
            Some(window) => silence.min(window.length.saturating_sub(window.waited)),
        })
    }

    /// So much more time was waited.
    pub(crate) fn waited(&mut self, time: Duration) {
        self.silence = self.silence.saturating_add(time);
        if let Some(window) = &mut self.window {
            window.waited = window.waited.saturating_add(time);
        }
    }

    /// So many bytes came. None is no sign of life: HTTP/2 has frames without any.
    pub(crate) fn brought(&mut self, bytes: usize) {
        let Some(read) = self.timeout.read.filter(|_| bytes > 0) else { return };
        self.silence = Duration::ZERO;
        let window = self.window.get_or_insert(Window::of(GRACE));
        window.bytes += bytes as u64;
        if window.bytes >= window.length.as_secs() {
            *window = Window::of(read.max(GRACE));
        }
    }

    /// The error when no patience is left.
    pub(crate) fn standstill(&self) -> Error {
        let drips = |window: &Window| window.waited >= window.length && window.bytes > 0;
        match self.window.filter(drips) {
            None => self.timeout.exceeded(Phase::Read),
            Some(Window { bytes, waited, .. }) => Error::new(
                ErrorKind::Timeout(Phase::Read),
                format!(
                    "only {bytes} bytes of the answer came in {:.1} s: less than one a second",
                    waited.as_secs_f64()
                ),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets pieces of `bytes` come every `every` seconds; after how many seconds that ends, if it does.
    fn end(pace: &mut Pace, every: f64, bytes: usize, pieces: usize) -> Option<f64> {
        let mut clock = 0.0;
        for _ in 0..pieces {
            pace.brought(bytes);
            let patience = pace.patience().unwrap_or(Duration::MAX);
            if patience < Duration::from_secs_f64(every) {
                pace.waited(patience);
                return Some(((clock + patience.as_secs_f64()) * 1000.0).round() / 1000.0);
            }
            pace.waited(Duration::from_secs_f64(every));
            clock += every;
        }
        None
    }

    fn pace(read: f64) -> Pace {
        limited(Some(Duration::from_secs_f64(read)))
    }

    fn limited(read: Option<Duration>) -> Pace {
        Pace::new(Timeout { read, ..Timeout::default() })
    }

    fn says(pace: &Pace) -> String {
        pace.standstill().to_string()
    }

    #[test]
    fn a_drip_ends_five_seconds_after_its_first_byte() {
        for (read, every) in [(2.0, 1.5), (10.0, 9.0), (10.0, 1.5), (60.0, 1.3), (600.0, 30.0)] {
            let mut pace = pace(read);
            assert_eq!(end(&mut pace, every, 1, 1000), Some(5.0), "{read} {every}");
            assert!(says(&pace).contains("less than one a second"), "{}", says(&pace));
        }
    }

    #[test]
    fn the_first_byte_has_the_whole_read_time_out() {
        let mut pace = pace(30.0);
        pace.waited(Duration::from_secs(29));
        assert_eq!(pace.patience(), Some(Duration::from_secs(1)));
        assert_eq!(end(&mut pace, 2.0, 1, 10), Some(5.0));
    }

    #[test]
    fn silence_ends_at_the_read_time_out() {
        let mut pace = pace(2.0);
        assert_eq!(end(&mut pace, 2.5, 1000, 2), Some(2.0));
        assert_eq!(pace.patience(), Some(Duration::ZERO));
        assert_eq!(says(&pace), "the server sent nothing within 2 s");
    }

    #[test]
    fn a_slow_link_is_no_drip() {
        for (read, every, bytes) in [(2.0, 1.0, 1), (2.0, 1.9, 3), (10.0, 9.9, 100), (10.0, 0.01, 1)] {
            assert_eq!(end(&mut pace(read), every, bytes, 100_000), None, "{read} {every} {bytes}");
        }
    }

    #[test]
    fn a_server_that_works_between_two_pieces_has_the_whole_read_time_out() {
        let mut pace = pace(60.0);
        assert_eq!(end(&mut pace, 0.1, 1000, 10), None);
        assert_eq!(end(&mut pace, 59.0, 1000, 10), None);
    }

    #[test]
    fn a_drip_behind_a_burst_ends_too() {
        for (read, at) in [(2.0, 5.0), (10.0, 10.0), (60.0, 60.0)] {
            let mut pace = pace(read);
            assert_eq!(end(&mut pace, 0.0, 64 * 1024, 100), None);
            assert_eq!(end(&mut pace, 1.5, 1, 1000), Some(at));
        }
    }

    #[test]
    fn a_rate_just_below_a_byte_a_second_ends_in_the_second_window() {
        let at = end(&mut pace(5.0), 1.05, 1, 1000).unwrap();
        assert!(at < 10.0, "{at}");
    }

    #[test]
    fn empty_pieces_are_no_sign_of_life() {
        let mut pace = pace(10.0);
        assert_eq!(end(&mut pace, 1.0, 0, 1000), Some(10.0));
        assert_eq!(says(&pace), "the server sent nothing within 10 s");
    }

    #[test]
    fn without_a_time_out_there_is_no_limit() {
        let mut pace = limited(None);
        assert_eq!(end(&mut pace, 1000.0, 1, 10), None);
        assert_eq!(pace.patience(), None);
    }
}
