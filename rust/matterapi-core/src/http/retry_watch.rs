//! How a caller learns of the further attempts of a call while it goes on.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use crate::error::Error;
use crate::response::Response;

/// A further attempt that a call is about to make.
#[derive(Debug)]
pub struct Retry {
    /// Which attempt failed: 1 for the first.
    pub attempt: u32,
    /// How long it waits before the next.
    pub pause: Duration,
    /// What came of that attempt.
    pub outcome: Result<Response, Error>,
}

/// Who wants to know of the further attempts of a call.
pub(crate) type RetryWatch = UnboundedSender<Retry>;
