//! A response whose head is here and whose body is still to be read.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use tokio::time::Instant;

use super::attempt::Attempt;
use super::pace::Pace;
use super::progress::Progress;
use super::reply::Reply;
use super::size_limit::SizeLimit;
use crate::clock::{SUSPENDED, timeout};
use crate::error::{Error, ErrorKind};
use crate::headers::Headers;
use crate::options::Timeout;
use crate::response::Response;
use crate::secrets::query::{self, Hide};

/// Bodies are collected into a buffer of the announced size, up to this many bytes at once: what a peer
/// only announces costs address space, not memory.
const MAX_RESERVE: u64 = 256 * 1024 * 1024;

/// A shorter piece is copied: it would keep a whole buffer of the connection alive.
const WORTH_KEEPING: usize = 64 * 1024;

/// A connection whose response nobody wants is kept for another request if no more than this is left on it.
const WORTH_DRAINING: u64 = 64 * 1024;

/// See the module. Dropping it before its end closes the connection.
pub(crate) struct OpenResponse {
    response: Reply,
    timeout: Timeout,
    progress: Arc<Progress>,
    method: Method,
    url: String,
    request_headers: Arc<HeaderMap>,
    received: u64,
    pace: Pace,
}

impl OpenResponse {
    /// # Errors
    /// [`ErrorKind::Protocol`] when the head announces two lengths, or a part of what was asked for as a whole.
    pub(crate) fn new(
        response: Reply,
        attempt: &Attempt<'_>,
        progress: Arc<Progress>,
        timeout: Timeout,
    ) -> Result<Self, Error> {
        let headers = &response.headers;
        if headers.has(&header::TRANSFER_ENCODING) && headers.has(&header::CONTENT_LENGTH) {
            // Which of the two holds is a matter of opinion, and a wrong guess ends in the next answer.
            return Err(Error::new(
                ErrorKind::Protocol,
                "the answer has a Content-Length and a Transfer-Encoding",
            ));
        }
        let ranged =
            || [&**attempt.headers, attempt.own_headers].iter().any(|map| map.contains_key(header::RANGE));
        if response.status == StatusCode::PARTIAL_CONTENT && !ranged() {
            // RFC 9110, section 15.3.7. It would pass for the whole.
            return Err(Error::new(
                ErrorKind::Protocol,
                "the server sent a part (206) of what was asked for as a whole",
            ));
        }
        Ok(Self {
            pace: Pace::new(timeout),
            response,
            timeout,
            progress,
            method: attempt.method.clone(),
            url: attempt.url.to_owned(),
            request_headers: Arc::clone(attempt.headers),
            received: 0,
        })
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.response.status
    }

    pub(crate) fn is_success(&self) -> bool {
        self.status().is_success()
    }

    pub(crate) fn headers(&self) -> &Headers {
        &self.response.headers
    }

    /// The announced size in bytes; `None` also when a content coding hides the real one.
    pub(crate) fn size(&self) -> Option<u64> {
        let text = self.headers().values(&header::CONTENT_LENGTH).next()?;
        std::str::from_utf8(text).ok()?.parse().ok()
    }

    /// The next piece of the body, which is never empty, or `None` at its end.
    ///
    /// # Errors
    /// A read time-out (see [`Pace`]), a lost connection, a broken content coding.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let chunk = loop {
            let chunk = pin!(self.response.chunk(&self.timeout, &self.progress));
            let next = in_pace(&mut self.pace, chunk).await.and_then(|next| next);
            match next.map_err(Error::after_sending)? {
                Some(chunk) if chunk.is_empty() => {}
                Some(chunk) => break chunk,
                None => return Ok(None),
            }
        };
        self.pace.brought(chunk.len());
        self.received += chunk.len() as u64;
        if let Some(coding) = self.foreign_coding() {
            let coding = String::from_utf8_lossy(coding);
            return Err(Error::new(
                ErrorKind::Decode,
                format!("the answer has a content coding that was not asked for: {coding:?}"),
            )
            .after_sending());
        }
        Ok(Some(chunk))
    }

    /// A content coding that nobody has undone.
    fn foreign_coding(&self) -> Option<&[u8]> {
        self.headers().values(&header::CONTENT_ENCODING).next().filter(|coding| coding != b"identity")
    }

    /// Reads the rest into memory. Nothing is left but the head.
    ///
    /// # Errors
    /// As [`OpenResponse::chunk`]; [`ErrorKind::Decode`] when there are more bytes than `limit` allows,
    /// [`ErrorKind::Memory`] when there is no room for them.
    pub(crate) async fn read(&mut self, limit: SizeLimit) -> Result<Response, Error> {
        let announced = self.size().unwrap_or(0);
        if announced > limit.bytes && self.method != Method::HEAD {
            return Err(too_large(limit));
        }
        let mut body = Collected::None;
        // A call that waits for nothing needs no clock.
        while !self.response.is_over() {
            match self.chunk().await {
                Ok(None) => break,
                Ok(Some(_)) if self.received > limit.bytes => return Err(too_large(limit)),
                Ok(Some(chunk)) => body.add(chunk, announced)?,
                // A server that refuses an upload closes what it has not read: the status is the answer.
                Err(e)
                    if e.kind() == ErrorKind::Closed && !self.is_success() && self.progress.is_sending() =>
                {
                    break;
                }
                Err(e) => return Err(e),
            }
        }
        let (headers, url) = (std::mem::take(&mut self.response.headers), std::mem::take(&mut self.url));
        let body = body.whole(self.response.lends_buffers());
        Ok(Response { body, headers, url, ..self.head() })
    }

    /// Reads what is left, so that the connection can carry the next request; unless it is more than a
    /// connection is worth.
    ///
    /// # Errors
    /// As [`OpenResponse::chunk`].
    pub(crate) async fn drain(mut self) -> Result<(), Error> {
        while self.received <= WORTH_DRAINING && self.chunk().await?.is_some() {}
        Ok(())
    }

    /// Shows nothing of `own`, the encoded parameters of the session, which may be credentials.
    pub(crate) fn hide(&mut self, own: &str) {
        self.url = query::without(own, &self.url, Hide::Values);
        self.response.headers.change(|headers| {
            for (name, value) in headers {
                if name == header::LOCATION || name == header::CONTENT_LOCATION {
                    let text = String::from_utf8_lossy(value.as_bytes());
                    let shown = query::without(own, &text, Hide::Pairs);
                    let changed = HeaderValue::from_bytes(shown.as_bytes()).ok().filter(|_| shown != text);
                    if let Some(changed) = changed {
                        *value = changed;
                    }
                }
            }
        });
    }

    /// What is known before the body, as a response without one.
    pub(crate) fn head(&self) -> Response {
        Response {
            status: self.status(),
            version: self.response.version,
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
                let size = size.max(first.len() + chunk.len());
                pieces.try_reserve_exact(size).map_err(|_| no_memory(size))?;
                pieces.extend_from_slice(&first);
                pieces.extend_from_slice(&chunk);
                Self::Pieces(pieces)
            }
            Self::Pieces(mut pieces) => {
                pieces.try_reserve(chunk.len()).map_err(|_| no_memory(pieces.len() + chunk.len()))?;
                pieces.extend_from_slice(&chunk);
                Self::Pieces(pieces)
            }
        };
        Ok(())
    }

    /// `lent`: pieces are parts of buffers.
    fn whole(self, lent: bool) -> Bytes {
        match self {
            Self::None => Bytes::new(),
            Self::Piece(piece) if lent && piece.len() < WORTH_KEEPING => Bytes::copy_from_slice(&piece),
            Self::Piece(piece) => piece,
            Self::Pieces(pieces) => pieces.into(),
        }
    }
}

/// Waits for the next piece of a body no longer than `pace` allows.
///
/// # Errors
/// [`ErrorKind::Timeout`].
async fn in_pace<T>(pace: &mut Pace, mut next: Pin<&mut impl Future<Output = T>>) -> Result<T, Error> {
    loop {
        let Some(patience) = pace.patience() else { return Ok(next.await) };
        if patience.is_zero() {
            return Err(pace.standstill());
        }
        let start = Instant::now();
        let output = timeout(patience, &mut next).await;
        let waited = start.elapsed();
        if waited.saturating_sub(patience) <= SUSPENDED {
            pace.waited(waited);
        }
        if let Ok(output) = output {
            return Ok(output);
        }
    }
}

fn too_large(SizeLimit { bytes, set_by }: SizeLimit) -> Error {
    let message = format!("the answer is larger than the {bytes} bytes that {set_by} in memory");
    Error::new(ErrorKind::Decode, message).after_sending()
}

fn no_memory(size: usize) -> Error {
    Error::new(ErrorKind::Memory, format!("there is no memory for an answer of {size} bytes")).after_sending()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Phase;
    use std::time::Duration;

    fn pace(read: Duration) -> Pace {
        Pace::new(Timeout { read: Some(read), ..Timeout::default() })
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    #[test]
    fn a_piece_that_does_not_come_is_a_read_time_out() {
        let mut pace = pace(Duration::from_millis(10));
        let error = run(in_pace(&mut pace, pin!(std::future::pending::<()>()))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Read));
    }

    #[test]
    fn time_in_which_the_process_did_not_run_is_not_the_servers() {
        let read = Duration::from_millis(100);
        let mut pace = pace(read);
        let output = run(async {
            let (sender, receiver) = tokio::sync::oneshot::channel();
            tokio::spawn(async move {
                std::thread::sleep(SUSPENDED + 3 * read);
                tokio::task::yield_now().await;
                sender.send("late")
            });
            in_pace(&mut pace, pin!(receiver)).await
        });
        assert_eq!(output.unwrap(), Ok("late"));
        assert!(pace.patience() > Some(Duration::ZERO));
    }
}
