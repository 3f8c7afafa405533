//! What a late timer means.

use std::time::Duration;

/// When a timer is this late, the process was suspended or its thread held up elsewhere: the silence
/// was not the server's.
pub(crate) const SUSPENDED: Duration = Duration::from_secs(1);
