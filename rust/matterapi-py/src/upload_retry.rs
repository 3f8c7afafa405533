//! The rules for repeats, as Python's scripts and errors ask for them; they are made in the core's `retry/`.

use std::time::Duration;

use matterapi_core::retry::{self, Decision, Failure, Resumption};
use pyo3::prelude::*;

use crate::errors;

/// Whether an upload session goes on after a failure, and when.
#[pyclass(module = "matterapi._core")]
pub struct UploadRetry(Resumption);

#[pymethods]
impl UploadRetry {
    #[new]
    fn new() -> Self {
        Self(Resumption::of_upload())
    }

    /// Seconds until the next try after a failure of this kind without a response; `None` for no more tries.
    /// `jitter`, a random number below 1, is the share of the longest pause.
    fn after_failure(&mut self, kind: &str, jitter: f64) -> PyResult<Option<f64>> {
        Ok(self.after(Failure::Transport(errors::kind_of(kind)?), None, jitter))
    }

    /// The same after an error of the server's, which may have said how many seconds to wait.
    fn after_error(
        &mut self,
        status_code: u16,
        error_id: &str,
        retry_after: Option<f64>,
        jitter: f64,
    ) -> Option<f64> {
        // What is no time is as long as can be.
        let hint =
            retry_after.map(|hint| Duration::try_from_secs_f64(hint.max(0.0)).unwrap_or(Duration::MAX));
        self.after(Failure::Status { status: status_code, error_id }, hint, jitter)
    }

    /// The same when the server took all of the content and does not have it.
    fn after_loss(&mut self, jitter: f64) -> Option<f64> {
        self.after(Failure::Unfinished, None, jitter)
    }

    /// Whether it goes on from this byte, which the server asked for.
    fn goes_on(&mut self, offset: u64) -> bool {
        self.0.from(offset) != Decision::Stop
    }
}

impl UploadRetry {
    fn after(&mut self, failure: Failure<'_>, hint: Option<Duration>, jitter: f64) -> Option<f64> {
        match self.0.after(failure, hint, jitter) {
            Decision::Stop => None,
            Decision::Wait(pause) => Some(pause.as_secs_f64()),
        }
    }
}

/// Whether a call with this verb that got this error may succeed later without doing something twice.
#[pyfunction]
pub(crate) fn is_retryable(verb: &str, status_code: u16, error_id: &str) -> bool {
    let failure = Failure::Status { status: status_code, error_id };
    retry::is_retryable(failure, retry::is_idempotent(verb))
}

/// Whether nobody can say if a call with this verb that got this error was done.
#[pyfunction]
pub(crate) fn is_ambiguous(verb: &str, status_code: u16, error_id: &str) -> bool {
    let failure = Failure::Status { status: status_code, error_id };
    retry::is_ambiguous(failure, retry::is_idempotent(verb))
}
