//! The whole of a call: attempts and the pauses between them, as [`retry`](crate::retry) decides.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use http::Method;
use tokio::time::Instant;

use super::body::Body;
use super::call::{CallOptions, Delivered};
use super::pool::PoolSlot;
use super::request::Request;
use super::retry_watch::{Retry, RetryWatch};
use super::session::Session;
use super::transport::Transport;
use crate::clock::{sleep, timeout};
use crate::error::{Error, ErrorKind, Phase};
use crate::headers::Headers;
use crate::retry::{self, CallRetries, Decision, Failed, Failure, Repeat};

impl Session {
    /// Sends `request` until it is answered, or [`retry`](crate::retry) says that it is enough. `slot`: the
    /// right to a connection, if the caller has one; it is given back during the pauses.
    pub(super) async fn repeated(
        &self,
        slot: &mut Option<PoolSlot>,
        transport: &Transport,
        request: &Request,
        options: &CallOptions<'_>,
    ) -> Result<Delivered, Error> {
        let policy = request.own.retry.unwrap_or(self.options.retry);
        let mut call = CallRetries::new(policy, repeat_of(request), is_read(request));
        let (mut first, mut spent, mut attempts) = (None, Duration::ZERO, 0);
        self.counters.calls.add();
        loop {
            // What goes by while the limiter lets others go first is not the call's.
            let admission =
                self.admitted(slot).await.inspect_err(|error| self.counters.failed(error.kind()))?;
            attempts += 1;
            self.counters.attempts.add();
            let begun = Instant::now();
            let first = *first.get_or_insert(begun);
            // Pinned here: it is large, and every hand that it went through would keep room for it.
            let attempt = pin!(self.once(transport, request, options));
            let deadline = policy.deadline.filter(|_| !is_streamed(request, options));
            let outcome = in_time(deadline, spent, attempt).await;
            match response_of(&outcome) {
                Some((status, headers)) => admission.answered(status, headers),
                None => drop(admission),
            }
            spent += begun.elapsed();
            let Some(mut failed) = failure_of(&outcome) else {
                call.succeeded(&self.quota);
                return self.counted(outcome);
            };
            let error_id = error_id_of(&outcome);
            if let Failure::Status { error_id: id, .. } = &mut failed.failure {
                *id = &error_id;
            }
            let failed = Failed { spent, age: first.elapsed(), ..failed };
            match call.failed(&failed, fastrand::f64(), &self.quota) {
                Decision::Stop => return self.counted(outcome),
                Decision::Wait(pause) => {
                    drop(slot.take());
                    self.counters.retries.add();
                    match options.retries {
                        Some(watch) => report(watch, request, attempts, pause, outcome),
                        None => drop(outcome),
                    }
                    sleep(pause).await;
                    spent += pause;
                }
            }
        }
    }

    /// Counts what a call ended in.
    pub(super) fn counted(&self, outcome: Result<Delivered, Error>) -> Result<Delivered, Error> {
        match (response_of(&outcome), &outcome) {
            (Some((status, _)), _) => self.counters.answered(status),
            (None, Err(error)) => self.counters.failed(error.kind()),
            (None, Ok(_)) => {}
        }
        if let Ok(Delivered::Read(response)) = &outcome {
            self.counters.bytes_received.add_all(response.received);
        }
        outcome
    }
}

/// Tells who watches of a further attempt.
fn report(
    watch: &RetryWatch,
    request: &Request,
    attempt: u32,
    pause: Duration,
    outcome: Result<Delivered, Error>,
) {
    let outcome = match outcome {
        Ok(Delivered::Read(response)) => Ok(response),
        Ok(Delivered::Open(response)) => Ok(response.head()),
        Err(error) => Err(error.on(request.route.label())),
    };
    // Nobody listens any more where the call was given up.
    let _ = watch.send(Retry { attempt, pause, outcome });
}

/// Runs an attempt as long as the deadline of the call allows, `spent` of which is gone.
async fn in_time<T>(
    deadline: Option<Duration>,
    spent: Duration,
    attempt: Pin<&mut impl Future<Output = Result<T, Error>>>,
) -> Result<T, Error> {
    let Some(deadline) = deadline else { return attempt.await };
    match timeout(deadline.saturating_sub(spent), attempt).await {
        Ok(outcome) => outcome,
        Err(_) => Err(too_late(deadline)),
    }
}

fn too_late(deadline: Duration) -> Error {
    let seconds = deadline.as_secs_f64();
    let what = format!("no complete answer within the deadline of {seconds} s for all attempts");
    Error::new(ErrorKind::Timeout(Phase::Read), what).after_sending()
}

fn repeat_of(request: &Request) -> Repeat {
    if !request.body.as_ref().is_none_or(Body::replayable) {
        Repeat::Impossible
    } else if request.own.idempotent || request.route.method().is_idempotent() {
        Repeat::Safe
    } else if request.body.as_ref().is_some_and(|body| body.keyed) {
        Repeat::Keyed
    } else {
        Repeat::Unsafe
    }
}

fn is_read(request: &Request) -> bool {
    matches!(*request.route.method(), Method::GET | Method::HEAD)
}

/// Such a call may take as long as it moves.
fn is_streamed(request: &Request, options: &CallOptions<'_>) -> bool {
    options.bytes_sent.is_some() || request.body.as_ref().is_some_and(Body::is_streamed)
}

/// Status and headers of what came back, be it to a login.
fn response_of(outcome: &Result<Delivered, Error>) -> Option<(u16, &Headers)> {
    match outcome {
        Ok(Delivered::Open(response)) => Some((response.status().as_u16(), response.headers())),
        Ok(Delivered::Read(response)) => Some((response.status.as_u16(), &response.headers)),
        Err(error) => error.response().map(|response| (response.status.as_u16(), &response.headers)),
    }
}

/// Why a repeat may be worth while; `None` for a success, and for what the server answers the same next time.
fn failure_of(outcome: &Result<Delivered, Error>) -> Option<Failed<'static>> {
    let failed =
        |failure, sent| Failed { failure, sent, hint: None, spent: Duration::ZERO, age: Duration::ZERO };
    match (response_of(outcome), outcome) {
        (Some((status, headers)), _) => {
            let passes = matches!(status, 408 | 429 | 500..);
            let hint = passes.then(|| retry::hint(headers)).flatten();
            // The call itself was not sent where a login was refused.
            let failed = failed(Failure::Status { status, error_id: "" }, outcome.is_ok());
            passes.then_some(Failed { hint, ..failed })
        }
        // An error that has a route already is that of a login.
        (None, Err(error)) => {
            Some(failed(Failure::Transport(error.kind()), error.sent() && error.route().is_none()))
        }
        (None, Ok(_)) => None,
    }
}

fn error_id_of(outcome: &Result<Delivered, Error>) -> String {
    match outcome {
        Ok(Delivered::Read(response)) => response.error_id().unwrap_or_default(),
        _ => String::new(),
    }
}
