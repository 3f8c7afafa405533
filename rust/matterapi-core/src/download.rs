//! A body read piece by piece, continued by Range when the connection is cut (RFC 9110, section 14).

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tokio::time::sleep;

use crate::answer::Answer;
use crate::error::{Error, Kind, Phase};
use crate::session::{Manner, Reply};
use crate::{Request, Session, Slot, Transport};

/// Pieces that are there already are handed out together, up to about this size.
const PIECE: usize = 256 * 1024;

/// How often in a row a download is continued without having come further by [`HEADWAY`].
const MAX_CUTS: u32 = 4;

/// Bytes that count as having come further.
const HEADWAY: u64 = 64 * 1024;

/// See the module. It holds one of the session's connections until it is dropped.
pub(crate) struct Download {
    session: Arc<Session>,
    transport: Transport,
    request: Arc<Request>,
    answer: Box<Answer>,
    /// What the server must still have for the rest to fit what is here.
    identity: Option<Identity>,
    done: u64,
    /// What ended the answer after the last piece.
    cut: Option<Error>,
    cuts: u32,
    done_at_cut: u64,
    _slot: Slot,
}

/// What tells one version of a file from another.
struct Identity {
    size: u64,
    validator: Option<HeaderValue>,
}

impl Download {
    pub(crate) fn new(
        session: Arc<Session>,
        transport: Transport,
        request: Arc<Request>,
        answer: Box<Answer>,
        slot: Slot,
    ) -> Self {
        let whole = request.route.method() == Method::GET && answer.status() == StatusCode::OK;
        let identity = answer
            .size()
            .filter(|_| whole)
            .map(|size| Identity { size, validator: validator(answer.headers()) });
        Self {
            session,
            transport,
            request,
            answer,
            identity,
            done: 0,
            cut: None,
            cuts: 0,
            done_at_cut: 0,
            _slot: slot,
        }
    }

    /// The next piece, or `None` when everything is here.
    ///
    /// # Errors
    /// As a call; a cut connection only when the rest cannot be had.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, Error> {
        self.whole_piece().await.map_err(|e| e.on(self.request.route.label()))
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
                    return match &self.identity {
                        Some(identity) if identity.size != self.done => {
                            Err(wrong_length(identity.size, self.done))
                        }
                        _ => Ok(None),
                    };
                }
                Err(cut) => self.reopen(cut).await?,
            }
        }
    }

    /// The next piece of the current answer, which may lie about the range that it brings.
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let chunk = self.answer.chunk().await?;
        self.done += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        match &self.identity {
            Some(identity) if identity.size < self.done => Err(too_long(identity.size)),
            _ => Ok(chunk),
        }
    }

    /// Asks for the rest until there is an answer or no hope.
    async fn reopen(&mut self, mut cut: Error) -> Result<(), Error> {
        if self.done >= self.done_at_cut + HEADWAY {
            self.cuts = 0;
        }
        self.done_at_cut = self.done;
        while is_cut(&cut) && self.cuts < MAX_CUTS {
            let Some(identity) = &self.identity else { return Err(cut) };
            sleep(pause(self.cuts)).await;
            self.cuts += 1;
            let manner = Manner { headers: identity.range_from(self.done), open: true, ..Manner::default() };
            match self.session.begin(&self.transport, &self.request, &manner).await {
                Ok(Reply::Open(answer)) if identity.continues(&answer, self.done) => {
                    self.answer = answer;
                    return Ok(());
                }
                Ok(Reply::Open(_)) => {
                    return Err(Error::new(
                        cut.kind(),
                        format!(
                            "{}; the rest cannot be had: the server has no such range of this version",
                            cut.message()
                        ),
                    )
                    .after_sending());
                }
                // A proxy without a server behind it: worth another try. Anything else is final.
                Ok(Reply::Whole(response)) if response.status.is_server_error() => {}
                Ok(Reply::Whole(response)) => {
                    return Err(Error::new(
                        cut.kind(),
                        format!(
                            "{}; asked for the rest, the server answered {}",
                            cut.message(),
                            response.status
                        ),
                    )
                    .after_sending());
                }
                Err(e) => cut = e,
            }
        }
        Err(cut)
    }
}

impl Identity {
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

    /// Whether `answer` is the rest of this very version from `start` on.
    fn continues(&self, answer: &Answer, start: u64) -> bool {
        let range = answer.headers().get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
        let last = self.size.saturating_sub(1);
        answer.status() == StatusCode::PARTIAL_CONTENT
            && range == Some(format!("bytes {start}-{last}/{}", self.size).as_str())
            && validator(answer.headers()) == self.validator
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

fn is_cut(error: &Error) -> bool {
    matches!(error.kind(), Kind::Closed | Kind::Connect | Kind::Timeout(Phase::Read | Phase::Connect))
}

/// Full jitter: up to 0.5 s, then 1 s, 2 s, 4 s.
fn pause(cuts: u32) -> Duration {
    Duration::from_millis(500 << cuts.min(3)).mul_f64(fastrand::f64())
}

fn too_long(size: u64) -> Error {
    Error::new(Kind::Protocol, format!("more came than the {size} bytes announced")).after_sending()
}

fn wrong_length(size: u64, done: u64) -> Error {
    Error::new(Kind::Closed, format!("{done} bytes came instead of the {size} announced")).after_sending()
}
