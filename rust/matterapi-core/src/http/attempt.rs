//! One request on the wire, and why it came to nothing.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, header};

use super::body::{Body, BytesSent};
use crate::error::{Error, ErrorKind};
use crate::options::Timeout;
use crate::retry::Failure;

/// One attempt, as it goes out.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) method: &'a Method,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a Arc<HeaderMap>,
    /// Headers of this attempt alone; they win over `headers`.
    pub(crate) own_headers: &'a HeaderMap,
    /// Time limits of this attempt alone.
    pub(crate) timeout: Option<Timeout>,
    pub(crate) authorization: Option<&'a HeaderValue>,
    pub(crate) body: Option<&'a Body>,
    /// The caller says that doing it twice is as doing it once.
    pub(crate) idempotent: bool,
    /// Counts the bytes of the body that go out.
    pub(crate) bytes_sent: Option<&'a BytesSent>,
}

impl Attempt<'_> {
    /// All header fields that are ours to say, but for that of the body.
    pub(crate) fn fields(&self) -> HeaderMap {
        let mut headers = HeaderMap::clone(self.headers);
        for (name, value) in self.own_headers {
            headers.insert(name, value.clone());
        }
        if let Some(value) = self.authorization {
            headers.entry(header::AUTHORIZATION).or_insert_with(|| value.clone());
        }
        headers
    }

    /// What the body is, if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] for a content type that cannot be sent.
    pub(crate) fn content_type(&self) -> Result<Option<HeaderValue>, Error> {
        let invalid = |_| Error::new(ErrorKind::InvalidRequest, "the content type is not valid");
        self.body.map(|body| HeaderValue::from_str(&body.content_type).map_err(invalid)).transpose()
    }

    /// Whether its body can be sent again, which holds for none at all.
    pub(crate) fn is_replayable(&self) -> bool {
        self.body.is_none_or(Body::replayable)
    }

    /// Whether sending it again can do no harm on the server's side.
    pub(crate) fn is_safe(&self) -> bool {
        (self.idempotent || self.method.is_idempotent()) && self.is_replayable()
    }
}

/// Why an attempt brought no response.
pub(crate) struct FailedAttempt {
    pub(crate) error: Error,
    /// A connection from the pool was closed before it brought a response.
    pub(crate) stale_connection: bool,
}

impl FailedAttempt {
    /// The same, as a repeat is decided on.
    pub(crate) fn failure(&self) -> Failure<'static> {
        match self.stale_connection {
            true => Failure::StaleConnection,
            false => Failure::Transport(self.error.kind()),
        }
    }
}

impl From<Error> for FailedAttempt {
    fn from(error: Error) -> Self {
        Self { error, stale_connection: false }
    }
}
