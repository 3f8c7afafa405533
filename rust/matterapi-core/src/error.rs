//! The one error of this crate.

use std::fmt;
use std::sync::Arc;

use crate::response::Response;

/// The part of a call that a time-out ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Name look-up, TCP or TLS.
    Connect,
    /// Sending the body.
    Write,
    /// Waiting for the response or its next piece.
    Read,
    /// Waiting for a free connection.
    Pool,
}

/// What kind of failure an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorKind {
    /// A setting that cannot work.
    Config,
    /// A call that was refused before anything was sent.
    InvalidRequest,
    /// No connection: name, address, refusal.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// Nothing happened for too long.
    Timeout(Phase),
    /// The peer does not speak HTTP or websocket properly.
    Protocol,
    /// The peer closed or reset the connection.
    Closed,
    /// The response's content coding (gzip) is broken, or there is more of it than may be.
    Decode,
    /// Logging in is needed and not possible.
    Auth,
    /// The server refused the credentials; [`Error::response`] has its response.
    Refused,
    /// A local file could not be read or written.
    File,
    /// There is no memory for the response.
    Memory,
    /// Events came faster than they were taken.
    QueueFull,
}

/// A failure, with the route it happened on. Its text never holds a token or password.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    route: Option<Arc<str>>,
    sent: bool,
    response: Option<Box<Response>>,
}

impl Error {
    /// A failure before anything was sent.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), route: None, sent: false, response: None }
    }

    pub(crate) fn refused(response: Response) -> Self {
        Self {
            response: Some(Box::new(response)),
            sent: true,
            ..Self::new(ErrorKind::Refused, "the server refused the credentials")
        }
    }

    pub(crate) fn after_sending(mut self) -> Self {
        self.sent = true;
        self
    }

    /// Names the route, unless a closer one is named already.
    pub fn on(mut self, route: &Arc<str>) -> Self {
        self.route.get_or_insert_with(|| Arc::clone(route));
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Verb and path template of the call, if it belongs to one.
    pub fn route(&self) -> Option<&str> {
        self.route.as_deref()
    }

    /// Whether the server may have seen the request.
    pub fn sent(&self) -> bool {
        self.sent
    }

    /// What happened, without the route.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The server's response, for [`ErrorKind::Refused`].
    pub fn response(&self) -> Option<&Response> {
        self.response.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.route {
            Some(route) => write!(f, " ({route})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
