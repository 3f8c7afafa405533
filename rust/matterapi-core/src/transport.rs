//! One runtime's HTTP connections: the only file that talks to reqwest.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, header};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until, timeout};

use crate::answer::Answer;
use crate::body::{Body, SourceError, Tally};
use crate::config::Timeouts;
use crate::error::{Error, Kind, Phase};
use crate::network::Dialer;
use crate::pace::Pace;
use crate::progress::{CURRENT, Progress, WatchConnect};
use crate::tls;

/// When a timer is this late, the process was suspended or its thread held up elsewhere: the silence
/// was not the server's.
pub(crate) const AWAY: Duration = Duration::from_secs(1);

/// A connection pool. Its connections live on the runtime that first used it: use it there only.
#[derive(Clone)]
pub struct Transport {
    client: reqwest::Client,
    timeouts: Timeouts,
}

/// Without the client, which would show the credentials of its proxies.
impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

/// One attempt, as it goes out.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) method: &'a Method,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a Arc<HeaderMap>,
    /// Headers of this attempt alone; they win over `headers`.
    pub(crate) own_headers: &'a HeaderMap,
    pub(crate) authorization: Option<&'a HeaderValue>,
    pub(crate) body: Option<&'a Body>,
    /// Told of every piece of the body that goes out.
    pub(crate) tally: Option<&'a Tally>,
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

    /// Sends once and waits for the head of the answer.
    ///
    /// # Cancellation
    /// Dropping the future, or the answer before its end, closes the connection used.
    pub(crate) async fn attempt(&self, attempt: Attempt<'_>) -> Result<Answer, Failure> {
        let url = reqwest::Url::parse(attempt.url)
            .map_err(|e| Error::new(Kind::InvalidRequest, format!("the URL is not valid: {e}")))?;
        let streamed = attempt.body.is_some_and(|body| attempt.tally.is_some() || body.is_streamed());
        let progress = Progress::new(streamed);
        let mut request = reqwest::Request::new(attempt.method.clone(), url);
        *request.headers_mut() = HeaderMap::clone(attempt.headers);
        for (name, value) in attempt.own_headers {
            request.headers_mut().insert(name, value.clone());
        }
        if let Some(value) = attempt.authorization {
            request.headers_mut().entry(header::AUTHORIZATION).or_insert_with(|| value.clone());
        }
        if let Some(body) = attempt.body {
            let content_type = HeaderValue::from_str(&body.content_type)
                .map_err(|_| Error::new(Kind::InvalidRequest, "the content type is not valid"))?;
            request.headers_mut().insert(header::CONTENT_TYPE, content_type);
            *request.body_mut() = Some(match streamed {
                true => body.stream(&progress, attempt.tally),
                false => body.whole(),
            });
        }
        notice_unasked().await;
        let execute = CURRENT.scope(Arc::clone(&progress), self.client.execute(request));
        let response = match self.watch(execute, &progress).await {
            Ok(Ok(response)) => response,
            Ok(Err(e)) => {
                // The URL may hold parameters of the session.
                let e = e.without_url();
                let closed = !e.is_connect() && first_kind(&e) == Some(Kind::Closed);
                let error = self.classify(&e, &progress);
                let stale_connection = closed && progress.reused_connection();
                return Err(Failure { error, stale_connection });
            }
            Err(phase) => return Err(self.timed_out(phase).after_sending().into()),
        };
        Answer::new(response, &attempt, progress, self.clone()).map_err(|e| e.after_sending().into())
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
            if now.saturating_duration_since(wake) > AWAY {
                progress.touch();
            }
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

    /// The pace at which the body of an answer has to come.
    pub(crate) fn pace(&self) -> Pace {
        Pace::new(self.timeouts)
    }

    fn timed_out(&self, phase: Phase) -> Error {
        self.timeouts.over(phase)
    }

    /// The typed failure behind a reqwest error, found by the types of its causes, not by its text.
    pub(crate) fn classify(&self, error: &reqwest::Error, progress: &Progress) -> Error {
        // A server that refuses the client's certificate says so in an alert before it closes.
        let kind = tls_failure(error).map_or_else(|| first_kind(error), |_| Some(Kind::Tls));
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
                _ if error.is_timeout() => self.timed_out(Phase::Connect),
                Some(Kind::Tls) => {
                    Error::new(Kind::Tls, format!("the TLS handshake failed: {}", tls_reason(error)))
                }
                _ => Error::new(Kind::Connect, format!("cannot connect: {what}")),
            };
        }
        let error = match kind {
            _ if error.is_decode() && !is_transport(error) => {
                Error::new(Kind::Decode, format!("the answer's coding is broken: {what}"))
            }
            Some(Kind::Closed) => {
                Error::new(Kind::Closed, format!("the server closed the connection: {what}"))
            }
            Some(Kind::Tls) => Error::new(Kind::Tls, format!("TLS failed: {}", tls_reason(error))),
            _ => Error::new(Kind::Protocol, format!("the answer is not valid HTTP: {what}")),
        };
        if progress.is_connecting() { error } else { error.after_sending() }
    }
}

/// Lets idle connections notice what came without being asked for, before one of them is used.
///
/// What a connection brings before its next request is nobody's answer: surplus bytes of the last one, a
/// balancer's 408, the end. hyper closes such a connection when its task runs, but sockets are not looked at
/// while this runtime is idle (a lane between two calls) or busy with something else; the next request would
/// go out and be given what was there before it.
///
/// The yield has the sockets looked at. The task of a connection that brought something runs before it writes
/// a request, finds it, and hands the request back unsent: it goes out on another connection. What arrives
/// later than that, while the request is on its way, looks like its answer to any client.
async fn notice_unasked() {
    yield_now().await;
}

/// Waits for the next piece of an answer no longer than `pace` allows.
///
/// # Errors
/// [`Kind::Timeout`].
pub(crate) async fn in_pace<T>(pace: &mut Pace, next: impl Future<Output = T>) -> Result<T, Error> {
    tokio::pin!(next);
    loop {
        let Some(patience) = pace.patience() else { return Ok(next.await) };
        if patience.is_zero() {
            return Err(pace.standstill());
        }
        let start = Instant::now();
        let output = timeout(patience, &mut next).await;
        let waited = start.elapsed();
        if waited.saturating_sub(patience) <= AWAY {
            pace.waited(waited);
        }
        if let Ok(output) = output {
            return Ok(output);
        }
    }
}

/// The reason of a failed handshake, with what may help.
fn tls_reason(error: &reqwest::Error) -> String {
    tls_failure(error).map_or_else(|| deepest(error), tls::explain)
}

fn tls_failure(error: &reqwest::Error) -> Option<&rustls::Error> {
    causes(error).find_map(rustls_error)
}

fn first_kind(error: &reqwest::Error) -> Option<Kind> {
    causes(error).find_map(kind_of)
}

/// `error`, its cause, the cause of that, and so on.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&current| current.source())
}

/// The failure of rustls that `error` is, or that it wraps as an I/O error: its `source` leaves that out.
pub(crate) fn rustls_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let wrapped = || error.downcast_ref::<io::Error>()?.get_ref();
    error.downcast_ref().or_else(|| rustls_error(wrapped()?))
}

/// Whether the connection failed, and not what was made of its bytes.
fn is_transport(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause.is::<hyper::Error>() || inner.is_some_and(|e| e.is::<hyper::Error>())
    })
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
    if let Some(e) = error.downcast_ref::<h2::Error>() {
        // A server that goes away says which requests it has taken; the others end with the connection.
        let untaken = e.is_go_away() || e.reason() == Some(h2::Reason::REFUSED_STREAM);
        return (untaken || e.is_io()).then_some(Kind::Closed);
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
    causes(error).last().unwrap_or(error).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(read: Duration) -> Pace {
        Pace::new(Timeouts { read: Some(read), ..Timeouts::default() })
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    #[test]
    fn a_piece_that_does_not_come_is_a_read_time_out() {
        let mut pace = pace(Duration::from_millis(10));
        let error = run(in_pace(&mut pace, std::future::pending::<()>())).unwrap_err();
        assert_eq!(error.kind(), Kind::Timeout(Phase::Read));
    }

    #[test]
    fn time_in_which_the_process_did_not_run_is_not_the_servers() {
        let read = Duration::from_millis(100);
        let mut pace = pace(read);
        let output = run(async {
            let (sender, receiver) = tokio::sync::oneshot::channel();
            tokio::spawn(async move {
                std::thread::sleep(AWAY + 3 * read);
                tokio::task::yield_now().await;
                sender.send("late")
            });
            in_pace(&mut pace, receiver).await
        });
        assert_eq!(output.unwrap(), Ok("late"));
        assert!(pace.patience() > Some(Duration::ZERO));
    }
}
