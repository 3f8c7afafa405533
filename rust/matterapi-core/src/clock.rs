//! The time of day, and what a late timer means.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// When a timer is this late, the process was suspended or its thread held up elsewhere: the silence
/// was not the server's.
pub(crate) const SUSPENDED: Duration = Duration::from_secs(1);

/// The time of day in seconds since 1970, by this machine's clock.
pub(crate) fn seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// The same in whole milliseconds.
pub(crate) fn milliseconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
