//! What came back.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version};
use serde::Deserialize;

use crate::headers::Headers;

/// A response with its whole body (empty when the body comes in pieces).
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers, in the server's order; content coding is already undone.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
    /// The HTTP version.
    pub version: Version,
    /// The URL asked.
    pub url: String,
    /// The verb used.
    pub method: http::Method,
    /// The headers sent with every request of the session, without authorization.
    pub request_headers: Arc<HeaderMap>,
    /// From the first byte sent to the last byte read.
    pub elapsed: Duration,
    /// Bytes received in the body, after decoding.
    pub received: u64,
}

#[derive(Deserialize)]
struct AppError<'a> {
    #[serde(borrow)]
    id: std::borrow::Cow<'a, str>,
}

impl Response {
    /// The `id` of the server's error object; `None` when the body is something else.
    pub fn error_id(&self) -> Option<String> {
        serde_json::from_slice::<AppError<'_>>(&self.body).ok().map(|e| e.id.into_owned())
    }
}
