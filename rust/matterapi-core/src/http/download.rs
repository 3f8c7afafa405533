//! A body read piece by piece, continued by Range when the connection is cut (RFC 9110, section 14).

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::call::{CallOptions, Delivered};
use super::open_response::OpenResponse;
use super::pool::PoolSlot;
use super::request::Request;
use super::session::Session;
use super::transport::Transport;
use crate::clock::sleep;
use crate::error::{Error, ErrorKind};
use crate::retry::{Decision, Failure, Resumption};

/// Pieces that are there already are handed out together, up to about this size.
const PIECE: usize = 256 * 1024;

/// See the module. It holds one of the session's connections until it is dropped.
pub(crate) struct Download {
    session: Arc<Session>,
    transport: Transport,
    request: Arc<Request>,
    response: Box<OpenResponse>,
    /// What the server must still have for the rest to fit what is here.
    version: Option<FileVersion>,
    done: u64,
    /// What ended the response after the last piece.
    cut: Option<Error>,
    resumption: Resumption,
    _slot: Option<PoolSlot>,
}

/// What tells one version of a file from another.
struct FileVersion {
    size: u64,
    validator: Option<HeaderValue>,
}

impl Download {
    pub(crate) fn new(
        session: Arc<Session>,
        transport: Transport,
        request: Arc<Request>,
        response: Box<OpenResponse>,
        slot: Option<PoolSlot>,
    ) -> Self {
        let whole = request.route.method() == Method::GET && response.status() == StatusCode::OK;
        let version = response
            .size()
            .filter(|_| whole)
            .map(|size| FileVersion { size, validator: validator(response.headers()) });
        Self {
            session,
            transport,
            request,
            response,
            version,
            done: 0,
            cut: None,
            resumption: Resumption::of_download(),
            _slot: slot,
        }
    }

    /// The next piece, or `None` when everything is here.
    ///
    /// # Errors
    /// As a call; a cut connection only when the rest cannot be had.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, Error> {
        let piece = self.whole_piece().await.map_err(|e| e.on(self.request.route.label()))?;
        self.session.counters.bytes_received.add_all(piece.as_ref().map_or(0, |piece| piece.len() as u64));
        Ok(piece)
    }

    async fn whole_piece(&mut self) -> Result<Option<Bytes>, Error> {
        let Some(first) = self.chunk().await? else { return Ok(None) };
        if first.len() >= PIECE {
            return Ok(Some(first));
        }
        let mut piece = BytesMut::from(first);
        while piece.len() < PIECE {
            match self.next().now_or_never() {
                Some(Ok(Some(chunk))) => piece.extend_from_slice(&chunk),
                Some(Err(cut)) => {
                    self.cut = Some(cut);
                    break;
                }
                Some(Ok(None)) | None => break,
            }
        }
        Ok(Some(piece.freeze()))
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let next = match self.cut.take() {
                Some(cut) => Err(cut),
                None => self.next().await,
            };
            match next {
                Ok(Some(chunk)) => return Ok(Some(chunk)),
                Ok(None) => {
                    return match &self.version {
                        Some(version) if version.size != self.done => {
                            Err(wrong_length(version.size, self.done))
                        }
                        _ => Ok(None),
                    };
                }
                Err(cut) => self.reopen(cut).await?,
            }
        }
    }

    /// The next piece of the current response, which may lie about the range that it brings.
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let chunk = self.response.chunk().await?;
        self.done += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        match &self.version {
            Some(version) if version.size < self.done => Err(too_long(version.size)),
            _ => Ok(chunk),
        }
    }

    /// Asks for the rest until it comes, or [`retry`](crate::retry) gives up.
    async fn reopen(&mut self, mut cut: Error) -> Result<(), Error> {
        self.resumption.reached(self.done);
        let mut failure = Failure::Transport(cut.kind());
        while let Decision::Wait(pause) = self.resumption.after(failure, None, fastrand::f64()) {
            let Some(version) = &self.version else { break };
            sleep(pause).await;
            let options = CallOptions { headers: version.range_from(self.done), ..CallOptions::default() };
            failure = match self.session.reopen(&self.transport, &self.request, options).await {
                Ok(Delivered::Open(response)) if version.continues(&response, self.done) => {
                    *self.response = response;
                    return Ok(());
                }
                Ok(Delivered::Open(_)) => {
                    return Err(no_rest(
                        &cut,
                        "the rest cannot be had: the server has no such range of this version",
                    ));
                }
                Ok(Delivered::Read(response)) => {
                    let failure = Failure::Status { status: response.status.as_u16(), error_id: "" };
                    if !self.resumption.passes(failure) {
                        let what = format!("asked for the rest, the server answered {}", response.status);
                        return Err(no_rest(&cut, &what));
                    }
                    failure
                }
                Err(e) => {
                    cut = e;
                    Failure::Transport(cut.kind())
                }
            };
        }
        Err(cut)
    }
}

impl FileVersion {
    fn range_from(&self, start: u64) -> HeaderMap {
        let mut headers = identity_coding();
        if let Ok(range) = HeaderValue::from_str(&format!("bytes={start}-")) {
            headers.insert(header::RANGE, range);
        }
        if let Some(validator) = &self.validator {
            headers.insert(header::IF_RANGE, validator.clone());
        }
        headers
    }

    /// Whether `response` is the rest of this very version from `start` on.
    fn continues(&self, response: &OpenResponse, start: u64) -> bool {
        let range = response.headers().get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
        let last = self.size.saturating_sub(1);
        response.status() == StatusCode::PARTIAL_CONTENT
            && range == Some(format!("bytes {start}-{last}/{}", self.size).as_str())
            && validator(response.headers()) == self.validator
    }
}

/// Asks for the bytes as they are: only then is their number known, and the rest can be asked for.
pub(crate) fn identity_coding() -> HeaderMap {
    HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"))])
}

/// A strong entity tag, or the date; the server has only the latter (http.ServeContent).
fn validator(headers: &HeaderMap) -> Option<HeaderValue> {
    let tag = headers.get(header::ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/"));
    tag.or_else(|| headers.get(header::LAST_MODIFIED)).cloned()
}

/// What a cut became when the rest was asked for in vain.
fn no_rest(cut: &Error, why: &str) -> Error {
    Error::new(cut.kind(), format!("{}; {why}", cut.message())).after_sending()
}

fn too_long(size: u64) -> Error {
    Error::new(ErrorKind::Protocol, format!("more came than the {size} bytes announced")).after_sending()
}

fn wrong_length(size: u64, done: u64) -> Error {
    Error::new(ErrorKind::Closed, format!("{done} bytes came instead of the {size} announced"))
        .after_sending()
}
