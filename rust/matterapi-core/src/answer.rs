//! An answer whose head is here and whose body is still to be read.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, header};

use crate::Response;
use crate::error::{Error, Kind};
use crate::progress::Progress;
use crate::transport::{Attempt, Transport};

/// Bodies are collected into a buffer of the announced size, up to this many bytes at once: what a peer
/// only announces costs address space, not memory.
const MAX_RESERVE: u64 = 256 * 1024 * 1024;

/// A shorter piece is copied: it would keep a whole buffer of the connection alive.
const WORTH_KEEPING: usize = 64 * 1024;

/// See the module. Dropping it before its end closes the connection.
pub(crate) struct Answer {
    response: reqwest::Response,
    transport: Transport,
    progress: Arc<Progress>,
    method: Method,
    url: String,
    request_headers: Arc<HeaderMap>,
    received: u64,
}

impl Answer {
    /// # Errors
    /// [`Kind::Protocol`] when the head announces two lengths.
    pub(crate) fn new(
        response: reqwest::Response,
        attempt: &Attempt<'_>,
        progress: Arc<Progress>,
        transport: Transport,
    ) -> Result<Self, Error> {
        let headers = response.headers();
        if headers.contains_key(header::TRANSFER_ENCODING) && headers.contains_key(header::CONTENT_LENGTH) {
            // Which of the two holds is a matter of opinion, and a wrong guess ends in the next answer.
            return Err(Error::new(
                Kind::Protocol,
                "the answer has a Content-Length and a Transfer-Encoding",
            ));
        }
        Ok(Self {
            response,
            transport,
            progress,
            method: attempt.method.clone(),
            url: attempt.url.to_owned(),
            request_headers: Arc::clone(attempt.headers),
            received: 0,
        })
    }

    pub(crate) fn status(&self) -> http::StatusCode {
        self.response.status()
    }

    pub(crate) fn is_success(&self) -> bool {
        self.status().is_success()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The announced size in bytes; `None` also when a content coding hides the real one.
    pub(crate) fn size(&self) -> Option<u64> {
        let text = self.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?;
        text.parse().ok()
    }

    /// The next piece of the body, or `None` at its end.
    ///
    /// # Errors
    /// A read time-out, a lost connection, a broken content coding.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let chunk = self.transport.in_read_time(self.response.chunk()).await.map_err(Error::after_sending)?;
        let Some(chunk) =
            chunk.map_err(|e| self.transport.classify(&e.without_url(), &self.progress).after_sending())?
        else {
            return Ok(None);
        };
        self.received += chunk.len() as u64;
        if let Some(coding) = self.foreign_coding() {
            return Err(Error::new(
                Kind::Decode,
                format!("the answer has a content coding that was not asked for: {coding:?}"),
            )
            .after_sending());
        }
        Ok(Some(chunk))
    }

    /// A content coding that nobody has undone.
    fn foreign_coding(&self) -> Option<&http::HeaderValue> {
        self.headers().get(header::CONTENT_ENCODING).filter(|coding| coding.as_bytes() != b"identity")
    }

    /// Reads the rest into memory.
    ///
    /// # Errors
    /// As [`Answer::chunk`]; [`Kind::Decode`] when there are more than `limit` bytes.
    pub(crate) async fn read(mut self, limit: Option<u64>) -> Result<Response, Error> {
        let announced = self.size().unwrap_or(0);
        let limit = limit.unwrap_or(u64::MAX);
        if announced > limit && self.method != Method::HEAD {
            return Err(too_large(limit));
        }
        let mut body = Collected::None;
        loop {
            match self.chunk().await {
                Ok(None) => break,
                Ok(Some(_)) if self.received > limit => return Err(too_large(limit)),
                Ok(Some(chunk)) => body.add(chunk, announced)?,
                // A server that refuses an upload closes what it has not read: the status is the answer.
                Err(e) if e.kind() == Kind::Closed && !self.is_success() && self.progress.is_sending() => {
                    break;
                }
                Err(e) => return Err(e),
            }
        }
        Ok(Response { body: body.whole(), ..self.head() })
    }

    /// Shows the URL without its last `length` bytes: parameters of the session may be credentials.
    pub(crate) fn shorten_url(&mut self, length: usize) {
        self.url.truncate(self.url.len().saturating_sub(length));
    }

    /// What is known before the body, as a response without one.
    pub(crate) fn head(&self) -> Response {
        Response {
            status: self.status(),
            version: self.response.version(),
            headers: self.headers().clone(),
            body: Bytes::new(),
            url: self.url.clone(),
            method: self.method.clone(),
            request_headers: Arc::clone(&self.request_headers),
            elapsed: self.progress.start().elapsed(),
            received: self.received,
        }
    }
}

/// The body so far.
enum Collected {
    None,
    /// What the connection read at once, left where it is.
    Piece(Bytes),
    Pieces(Vec<u8>),
}

impl Collected {
    fn add(&mut self, chunk: Bytes, announced: u64) -> Result<(), Error> {
        *self = match std::mem::replace(self, Self::None) {
            Self::None => Self::Piece(chunk),
            Self::Piece(first) => {
                let mut pieces = Vec::new();
                let size = usize::try_from(announced.min(MAX_RESERVE)).unwrap_or(0);
                pieces.try_reserve_exact(size.max(first.len() + chunk.len())).map_err(|_| {
                    Error::new(Kind::Decode, format!("there is no memory for an answer of {announced} bytes"))
                        .after_sending()
                })?;
                pieces.extend_from_slice(&first);
                pieces.extend_from_slice(&chunk);
                Self::Pieces(pieces)
            }
            Self::Pieces(mut pieces) => {
                pieces.extend_from_slice(&chunk);
                Self::Pieces(pieces)
            }
        };
        Ok(())
    }

    fn whole(self) -> Bytes {
        match self {
            Self::None => Bytes::new(),
            Self::Piece(piece) if piece.len() < WORTH_KEEPING => Bytes::copy_from_slice(&piece),
            Self::Piece(piece) => piece,
            Self::Pieces(pieces) => pieces.into(),
        }
    }
}

fn too_large(limit: u64) -> Error {
    Error::new(
        Kind::Decode,
        format!("the answer is larger than the {limit} bytes that max_response_size allows in memory"),
    )
    .after_sending()
}
