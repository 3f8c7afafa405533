//! A call of an event loop, as its caller awaits it.

use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::exceptions::PyStopIteration;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;

use crate::bridge::Bridge;
use crate::raw_response::RawResponse;

/// What makes the value of an answer that the core did not decode: called with the operation and the answer.
pub(crate) struct Judge {
    pub(crate) function: Py<PyAny>,
    pub(crate) operation: Py<PyAny>,
}

/// Awaits a future as Python's own `await` does, in the place of two coroutines.
#[pyclass(frozen, module = "matterapi._core")]
pub struct PendingCall {
    bridge: Py<Bridge>,
    future: Py<PyAny>,
    token: u64,
    judge: Option<Judge>,
    awaited: AtomicBool,
}

impl PendingCall {
    pub(crate) fn new(bridge: Py<Bridge>, future: Py<PyAny>, token: u64, judge: Option<Judge>) -> Self {
        Self { bridge, future, token, judge, awaited: AtomicBool::new(false) }
    }

    fn value(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let value = self.future.bind(py).call_method0(intern!(py, "result"))?;
        match &self.judge {
            Some(judge) if value.is_exact_instance_of::<RawResponse>() => {
                judge.function.call1(py, (&judge.operation, value))
            }
            _ => Ok(value.unbind()),
        }
    }
}

#[pymethods]
impl PendingCall {
    fn __await__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    /// The future at first, for the task to wait for; then the end, with the value.
    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if !self.awaited.swap(true, Ordering::Relaxed) {
            // How a task knows that it is to wait (asyncio's futures, `__await__`).
            self.future.setattr(py, intern!(py, "_asyncio_future_blocking"), true)?;
            return Ok(self.future.clone_ref(py));
        }
        Err(PyStopIteration::new_err((self.value(py)?,)))
    }

    /// The waiting task was cancelled, or gets another exception: the request ends, and its connection is closed.
    #[pyo3(signature = (kind, value=None, _traceback=None))]
    fn throw(
        &self,
        kind: Bound<'_, PyAny>,
        value: Option<Bound<'_, PyAny>>,
        _traceback: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        self.close();
        Err(PyErr::from_value(value.unwrap_or(kind)))
    }

    /// Nobody waits any more.
    fn close(&self) {
        self.bridge.get().cancel(self.token);
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.bridge)?;
        visit.call(&self.future)?;
        if let Some(judge) = &self.judge {
            visit.call(&judge.function)?;
            visit.call(&judge.operation)?;
        }
        Ok(())
    }
}
