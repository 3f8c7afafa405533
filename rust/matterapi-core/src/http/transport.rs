//! One runtime's or one reactor's HTTP connections: the only file that talks to reqwest.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};

use http::header;
use tokio::task::yield_now;
use tokio::time::Instant;

use super::attempt::{Attempt, FailedAttempt};
use super::direct::{Direct, Failed};
use super::failure::{classify, first_kind};
use super::open_response::OpenResponse;
use super::progress::{CURRENT, Progress, WatchConnect};
use super::reply::Reply;
use crate::clock::{SUSPENDED, sleep_until};
use crate::error::{Error, ErrorKind, Phase};
use crate::net::dial::Dialer;
use crate::net::failure::deepest;
use crate::options::Timeout;
use crate::reactor::{Handle, HeldRuntime};

/// A connection pool. Its connections live on the runtime that first used it, or on its reactor: use it there
/// only.
#[derive(Clone)]
pub struct Transport {
    /// The way of most calls, where there is a reactor.
    direct: Option<Arc<Direct>>,
    /// Made when it is needed.
    client: Arc<OnceLock<reqwest::Client>>,
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
    /// `reactor`: where its connections live, unless on a runtime.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when there is no reactor, and no HTTP client can be set up.
    pub(crate) fn new(
        dialer: &Arc<Dialer>,
        timeout: Timeout,
        reactor: Option<&Handle>,
    ) -> Result<Self, Error> {
        let direct = reactor.map(|reactor| Arc::new(Direct::new(dialer, reactor)));
        let new = Self { direct, client: Arc::default(), timeout, dialer: Arc::clone(dialer) };
        if new.direct.is_none() {
            new.client()?;
        }
        Ok(new)
    }

    fn client(&self) -> Result<&reqwest::Client, Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self
            .dialer
            .http()?
            .connector_layer(WatchConnect)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .tcp_nodelay(true)
            .build()
            .map_err(|e| Error::new(ErrorKind::Config, deepest(&e)))?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Sends once and waits for the head of the response.
    ///
    /// # Cancellation
    /// Dropping the future, or the response before its end, closes the connection used.
    pub(crate) async fn attempt(&self, attempt: Attempt<'_>) -> Result<OpenResponse, FailedAttempt> {
        match &self.direct {
            Some(direct) if direct.takes(&attempt) => self.attempt_directly(direct, attempt).await,
            // Apart from the others: it is large, and every call would keep room for it.
            _ => Box::pin(self.attempt_on_runtime(attempt)).await,
        }
    }

    async fn attempt_directly(
        &self,
        direct: &Arc<Direct>,
        attempt: Attempt<'_>,
    ) -> Result<OpenResponse, FailedAttempt> {
        let progress = Progress::new(false);
        let timeout = attempt.timeout.unwrap_or(self.timeout);
        let outcome = {
            let sending = pin!(direct.send(&attempt, &progress, timeout));
            watch(sending, &progress, timeout).await
        };
        let response = match outcome {
            Ok(Ok((head, body))) => Reply::direct(head, body),
            Ok(Err(Failed::Unconnected(error))) => return Err(error.into()),
            Ok(Err(Failed::Cut(broken, used))) => {
                let error = Error::from(broken).after_sending();
                let stale_connection = used && error.kind() == ErrorKind::Closed;
                return Err(FailedAttempt { error, stale_connection });
            }
            Err(phase) => return Err(self.too_late(phase, timeout, &attempt).into()),
        };
        OpenResponse::new(response, &attempt, progress, timeout).map_err(|e| e.after_sending().into())
    }

    async fn attempt_on_runtime(&self, attempt: Attempt<'_>) -> Result<OpenResponse, FailedAttempt> {
        let held = HeldRuntime::new().await;
        let client = self.client()?;
        let url = reqwest::Url::parse(attempt.url)
            .map_err(|e| Error::new(ErrorKind::InvalidRequest, format!("the URL is not valid: {e}")))?;
        let streamed = attempt.body.is_some_and(|body| attempt.bytes_sent.is_some() || body.is_streamed());
        let progress = Progress::new(streamed);
        let mut request = reqwest::Request::new(attempt.method.clone(), url);
        *request.headers_mut() = attempt.fields();
        if let Some(content_type) = attempt.content_type()? {
            request.headers_mut().insert(header::CONTENT_TYPE, content_type);
        }
        if let Some(body) = attempt.body {
            *request.body_mut() = Some(match streamed {
                true => body.stream(&progress, attempt.bytes_sent),
                false => body.whole().into(),
            });
        }
        notice_unasked().await;
        let execute = pin!(CURRENT.scope(Arc::clone(&progress), client.execute(request)));
        let timeout = attempt.timeout.unwrap_or(self.timeout);
        let response = match watch(execute, &progress, timeout).await {
            Ok(Ok(response)) => response,
            Ok(Err(e)) => {
                // The URL may hold parameters of the session.
                let e = e.without_url();
                let closed = !e.is_connect() && first_kind(&e) == Some(ErrorKind::Closed);
                let error = classify(&e, &timeout, &progress, || self.way_of(&attempt));
                let stale_connection = closed && progress.reused_connection();
                return Err(FailedAttempt { error, stale_connection });
            }
            Err(phase) => return Err(self.too_late(phase, timeout, &attempt).into()),
        };
        let response = Reply::on_runtime(response, held);
        OpenResponse::new(response, &attempt, progress, timeout).map_err(|e| e.after_sending().into())
    }

    fn too_late(&self, phase: Phase, timeout: Timeout, attempt: &Attempt<'_>) -> Error {
        match phase {
            Phase::Connect => timeout.no_connection(&self.way_of(attempt)),
            phase => timeout.exceeded(phase).after_sending(),
        }
    }

    /// Where the connection of an attempt leads, for errors.
    fn way_of(&self, attempt: &Attempt<'_>) -> String {
        reqwest::Url::parse(attempt.url).map_or_else(|_| String::new(), |url| self.dialer.way_to(&url))
    }
}

/// Runs `future`, unless nothing moves for longer than its phase allows. It is pinned by the caller: whatever is moved
/// into an async function takes room in its future twice.
async fn watch<T>(
    mut future: Pin<&mut impl Future<Output = T>>,
    progress: &Progress,
    timeout: Timeout,
) -> Result<T, Phase> {
    let Some(tick) = [timeout.read, timeout.write, timeout.connect].into_iter().flatten().min() else {
        return Ok(future.await);
    };
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
