//! One runtime's HTTP connections: the only file that talks to reqwest.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use super::attempt::{Attempt, FailedAttempt};
use super::failure::{classify, first_kind};
use super::open_response::OpenResponse;
use super::progress::{CURRENT, Progress, WatchConnect};
use crate::clock::SUSPENDED;
use crate::error::{Error, ErrorKind, Phase};
use crate::net::dial::Dialer;
use crate::net::failure::deepest;
use crate::options::Timeout;

/// A connection pool. Its connections live on the runtime that first used it: use it there only.
#[derive(Clone)]
pub struct Transport {
    client: reqwest::Client,
    timeout: Timeout,
    /// For errors: where connections go.
    dialer: Arc<Dialer>,
}

/// Without the client, which would show the credentials of its proxies.
impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl Transport {
    pub(crate) fn new(dialer: &Arc<Dialer>, timeout: Timeout) -> Result<Self, Error> {
        let client = dialer
            .http()?
            .connector_layer(WatchConnect)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .tcp_nodelay(true)
            .build()
            .map_err(|e| Error::new(ErrorKind::Config, deepest(&e)))?;
        Ok(Self { client, timeout, dialer: Arc::clone(dialer) })
    }

    /// Sends once and waits for the head of the response.
    ///
    /// # Cancellation
    /// Dropping the future, or the response before its end, closes the connection used.
    pub(crate) async fn attempt(&self, attempt: Attempt<'_>) -> Result<OpenResponse, FailedAttempt> {
        let url = reqwest::Url::parse(attempt.url)
            .map_err(|e| Error::new(ErrorKind::InvalidRequest, format!("the URL is not valid: {e}")))?;
        let streamed = attempt.body.is_some_and(|body| attempt.bytes_sent.is_some() || body.is_streamed());
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
                .map_err(|_| Error::new(ErrorKind::InvalidRequest, "the content type is not valid"))?;
            request.headers_mut().insert(header::CONTENT_TYPE, content_type);
            *request.body_mut() = Some(match streamed {
                true => body.stream(&progress, attempt.bytes_sent),
                false => body.whole(),
            });
        }
        notice_unasked().await;
        let execute = CURRENT.scope(Arc::clone(&progress), self.client.execute(request));
        let timeout = attempt.timeout.unwrap_or(self.timeout);
        let way = || {
            reqwest::Url::parse(attempt.url).map_or_else(|_| String::new(), |url| self.dialer.way_to(&url))
        };
        let response = match watch(execute, &progress, timeout).await {
            Ok(Ok(response)) => response,
            Ok(Err(e)) => {
                // The URL may hold parameters of the session.
                let e = e.without_url();
                let closed = !e.is_connect() && first_kind(&e) == Some(ErrorKind::Closed);
                let error = classify(&e, &timeout, &progress, way);
                let stale_connection = closed && progress.reused_connection();
                return Err(FailedAttempt { error, stale_connection });
            }
            Err(Phase::Connect) => {
                return Err(timeout.no_connection(&way()).into());
            }
            Err(phase) => return Err(timeout.exceeded(phase).after_sending().into()),
        };
        OpenResponse::new(response, &attempt, progress, timeout).map_err(|e| e.after_sending().into())
    }
}

/// Runs `future`, unless nothing moves for longer than its phase allows.
async fn watch<T>(
    future: impl Future<Output = T>,
    progress: &Progress,
    timeout: Timeout,
) -> Result<T, Phase> {
    let Some(tick) = [timeout.read, timeout.write, timeout.connect].into_iter().flatten().min() else {
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
        if now.saturating_duration_since(wake) > SUSPENDED {
            progress.touch();
        }
        wake = now + tick;
        if progress.is_connecting() {
            // The session's own limit is kept by the connector.
            if timeout.connect.is_some_and(|limit| progress.start() + limit <= now) {
                return Err(Phase::Connect);
            }
            continue;
        }
        let (phase, limit) = match progress.is_sending() {
            true => (Phase::Write, timeout.write),
            false => (Phase::Read, timeout.read),
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
