//! One runtime's HTTP connections: the only file that talks to reqwest.

use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, header};
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep_until, timeout};

use crate::body::{Body, SourceError};
use crate::config::Timeouts;
use crate::error::{Error, Kind, Phase};
use crate::network::Dialer;
use crate::progress::{CURRENT, Progress, WatchConnect};
use crate::{Response, Sink, tls};

/// Bodies are collected into a buffer of the announced size, up to this many bytes at once.
const MAX_RESERVE: u64 = 8 * 1024 * 1024;

/// A connection pool. Its connections live on the runtime that first used it: use it there only.
#[derive(Debug, Clone)]
pub struct Transport {
    client: reqwest::Client,
    timeouts: Timeouts,
}

/// One attempt, as it goes out.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) method: &'a Method,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a Arc<HeaderMap>,
    pub(crate) authorization: Option<&'a HeaderValue>,
    pub(crate) body: Option<&'a Body>,
    pub(crate) sink: &'a Sink,
}

/// Why an attempt failed, and whether sending it again cannot do harm on the server's side.
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// A connection from the pool was closed before it brought an answer.
    pub(crate) stale_connection: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, stale_connection: false }
    }
}

impl Transport {
    pub(crate) fn new(dialer: &Dialer) -> Result<Self, Error> {
        let client = dialer
            .http()?
            .connector_layer(WatchConnect)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .tcp_nodelay(true)
            .build()
            .map_err(|e| Error::new(Kind::Config, deepest(&e)))?;
        Ok(Self { client, timeouts: dialer.network().timeouts })
    }

    /// Sends once and reads the whole answer.
    ///
    /// # Cancellation
    /// Dropping the future closes the connection it used.
    pub(crate) async fn attempt(&self, attempt: Attempt<'_>) -> Result<Response, Failure> {
        let url = reqwest::Url::parse(attempt.url)
            .map_err(|e| Error::new(Kind::InvalidRequest, format!("the URL is not valid: {e}")))?;
        let progress = Progress::new(attempt.body.is_some_and(Body::is_streamed));
        let mut request = reqwest::Request::new(attempt.method.clone(), url);
        *request.headers_mut() = HeaderMap::clone(attempt.headers);
        if let Some(value) = attempt.authorization {
            request.headers_mut().entry(header::AUTHORIZATION).or_insert_with(|| value.clone());
        }
        if let Some(body) = attempt.body {
            let content_type = HeaderValue::from_str(&body.content_type)
                .map_err(|_| Error::new(Kind::InvalidRequest, "the content type is not valid"))?;
            request.headers_mut().insert(header::CONTENT_TYPE, content_type);
            *request.body_mut() = Some(body.to_reqwest(&progress));
        }
        if matches!(attempt.sink, Sink::File(_)) {
            // Files come with their length and can be continued only when they are not compressed.
            request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        let execute = CURRENT.scope(Arc::clone(&progress), self.client.execute(request));
        let response = match self.watch(execute, &progress).await {
            Ok(Ok(response)) => response,
            Ok(Err(e)) => {
                // The URL may hold parameters of the session.
                let error = classify(&e.without_url(), &progress);
                let stale_connection = error.kind() == Kind::Closed && progress.reused_connection();
                return Err(Failure { error, stale_connection });
            }
            Err(phase) => return Err(self.timed_out(phase).after_sending().into()),
        };
        self.collect(response, &attempt, &progress).await.map_err(|e| e.after_sending().into())
    }

    /// Runs `future`, unless nothing moves for longer than its phase allows.
    async fn watch<T>(&self, future: impl Future<Output = T>, progress: &Progress) -> Result<T, Phase> {
        let Some(tick) = [self.timeouts.read, self.timeouts.write].into_iter().flatten().min() else {
            return Ok(future.await);
        };
        tokio::pin!(future);
        let mut wake = progress.start() + tick;
        loop {
            tokio::select! {
                biased;
                output = &mut future => return Ok(output),
                () = sleep_until(wake) => {}
            }
            let now = Instant::now();
            wake = now + tick;
            if progress.is_connecting() {
                continue;
            }
            let (phase, limit) = match progress.is_sending() {
                true => (Phase::Write, self.timeouts.write),
                false => (Phase::Read, self.timeouts.read),
            };
            if let Some(limit) = limit {
                let due = progress.last() + limit;
                if due <= now {
                    return Err(phase);
                }
                wake = wake.min(due);
            }
        }
    }

    fn timed_out(&self, phase: Phase) -> Error {
        let (what, limit) = match phase {
            Phase::Connect => ("no connection", self.timeouts.connect),
            Phase::Write => ("the server took no more of the body", self.timeouts.write),
            Phase::Read => ("the server sent nothing", self.timeouts.read),
            Phase::Pool => ("no connection was free", self.timeouts.pool),
        };
        let seconds = limit.unwrap_or_default().as_secs_f64();
        Error::new(Kind::Timeout(phase), format!("{what} within {seconds} s"))
    }

    /// Waits for `future` no longer than the pool time-out.
    pub(crate) async fn in_pool_time<T>(&self, future: impl Future<Output = T>) -> Result<T, Error> {
        match self.timeouts.pool {
            None => Ok(future.await),
            Some(limit) => timeout(limit, future).await.map_err(|_| self.timed_out(Phase::Pool)),
        }
    }

    async fn next_chunk(
        &self,
        response: &mut reqwest::Response,
        progress: &Progress,
    ) -> Result<Option<bytes::Bytes>, Error> {
        let chunk = match self.timeouts.read {
            None => response.chunk().await,
            Some(limit) => timeout(limit, response.chunk()).await.map_err(|_| self.timed_out(Phase::Read))?,
        };
        chunk.map_err(|e| classify(&e.without_url(), progress))
    }

    async fn collect(
        &self,
        mut response: reqwest::Response,
        attempt: &Attempt<'_>,
        progress: &Progress,
    ) -> Result<Response, Error> {
        let mut body = Vec::new();
        let mut received = 0;
        match attempt.sink {
            Sink::File(path) if response.status().is_success() => {
                received = self.download(&mut response, path, progress).await?;
            }
            _ => {
                let announced = response.content_length().unwrap_or(0).min(MAX_RESERVE);
                body.reserve_exact(usize::try_from(announced).unwrap_or(0));
                while let Some(chunk) = self.next_chunk(&mut response, progress).await? {
                    received += chunk.len() as u64;
                    body.extend_from_slice(&chunk);
                }
            }
        }
        Ok(Response {
            status: response.status(),
            version: response.version(),
            headers: std::mem::take(response.headers_mut()),
            body,
            url: attempt.url.to_owned(),
            method: attempt.method.clone(),
            request_headers: Arc::clone(attempt.headers),
            elapsed: progress.start().elapsed(),
            received,
        })
    }

    /// Writes the body beside `path` and puts it in place when it is whole.
    async fn download(
        &self,
        response: &mut reqwest::Response,
        path: &Path,
        progress: &Progress,
    ) -> Result<u64, Error> {
        let problem = |e: io::Error| Error::new(Kind::File, format!("cannot write {}: {e}", path.display()));
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{:08x}.part", fastrand::u32(..)));
        let partial = Partial(path.with_file_name(name));
        let mut file = tokio::fs::File::create(&partial.0).await.map_err(problem)?;
        let mut received = 0;
        while let Some(chunk) = self.next_chunk(response, progress).await? {
            received += chunk.len() as u64;
            file.write_all(&chunk).await.map_err(problem)?;
        }
        file.flush().await.map_err(problem)?;
        drop(file);
        tokio::fs::rename(&partial.0, path).await.map_err(problem)?;
        Ok(received)
    }
}

/// A file being written; removed unless it was renamed.
struct Partial(std::path::PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The typed failure behind a reqwest error, found by the types of its causes, not by its text.
fn classify(error: &reqwest::Error, progress: &Progress) -> Error {
    let mut kind = None;
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(current) = cause {
        kind = kind.or_else(|| kind_of(current));
        cause = current.source();
    }
    let what = deepest(error);
    if error.is_builder() {
        return Error::new(Kind::InvalidRequest, format!("the request cannot be built: {what}"));
    }
    if kind == Some(Kind::File) {
        return Error::new(Kind::File, format!("the content to upload could not be read: {what}"))
            .after_sending();
    }
    if error.is_connect() {
        return match kind {
            _ if error.is_timeout() => Error::new(Kind::Timeout(Phase::Connect), "no connection in time"),
            Some(Kind::Tls) => {
                Error::new(Kind::Tls, format!("the TLS handshake failed: {}", tls_reason(error)))
            }
            _ => Error::new(Kind::Connect, format!("cannot connect: {what}")),
        };
    }
    let error = match kind {
        Some(Kind::Closed) => Error::new(Kind::Closed, format!("the server closed the connection: {what}")),
        Some(Kind::Tls) => Error::new(Kind::Tls, format!("TLS failed: {}", tls_reason(error))),
        None if error.is_decode() => {
            Error::new(Kind::Decode, format!("the answer's coding is broken: {what}"))
        }
        _ => Error::new(Kind::Protocol, format!("the answer is not valid HTTP: {what}")),
    };
    if progress.is_connecting() { error } else { error.after_sending() }
}

/// The reason of a failed handshake, with what may help.
fn tls_reason(error: &reqwest::Error) -> String {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(found) = rustls_error(current) {
            return tls::explain(found);
        }
        cause = current.source();
    }
    deepest(error)
}

/// The failure of rustls that `error` is, or that it wraps as an I/O error: its `source` leaves that out.
pub(crate) fn rustls_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let wrapped = || error.downcast_ref::<io::Error>()?.get_ref();
    error.downcast_ref().or_else(|| rustls_error(wrapped()?))
}

fn kind_of(error: &(dyn StdError + 'static)) -> Option<Kind> {
    if error.is::<SourceError>() {
        return Some(Kind::File);
    }
    if error.is::<rustls::Error>() {
        return Some(Kind::Tls);
    }
    if let Some(e) = error.downcast_ref::<hyper::Error>() {
        if e.is_incomplete_message() || e.is_canceled() || e.is_closed() || e.is_body_write_aborted() {
            return Some(Kind::Closed);
        }
        if e.is_parse() {
            return Some(Kind::Protocol);
        }
        // The connection ended inside a body, or was reset.
        if e.source().and_then(|cause| cause.downcast_ref::<io::Error>()).is_some_and(|e| is_closed(e.kind()))
        {
            return Some(Kind::Closed);
        }
    }
    if let Some(e) = error.downcast_ref::<io::Error>() {
        if let Some(inner) = e.get_ref() {
            return kind_of(inner).or_else(|| inner.source().and_then(kind_of));
        }
        if is_closed(e.kind()) {
            return Some(Kind::Closed);
        }
    }
    None
}

pub(crate) fn is_closed(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof)
}

/// The text of the innermost cause: the outer ones only say that something failed.
pub(crate) fn deepest(error: &(dyn StdError + 'static)) -> String {
    let mut current = error;
    while let Some(next) = current.source() {
        current = next;
    }
    current.to_string()
}
