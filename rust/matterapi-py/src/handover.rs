//! How user code hands its results to the core; it runs on threads of its own, see [`user_code`](crate::user_code).

use std::io;

use bytes::Bytes;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use tokio::sync::mpsc;

/// How user code hands its results to the core.
#[pyclass(frozen, module = "matterapi._core")]
pub struct Handover {
    results: mpsc::Sender<io::Result<Bytes>>,
}

#[pymethods]
impl Handover {
    /// Passes a result on, when the one before was taken; `False` when no more are wanted.
    fn give(&self, py: Python<'_>, result: &Bound<'_, PyAny>) -> PyResult<bool> {
        let result = bytes(result)?;
        Ok(py.detach(|| self.results.blocking_send(Ok(result)).is_ok()))
    }

    /// Says why there are no more results.
    fn fail(&self, py: Python<'_>, why: String) {
        // Nobody may be waiting any more.
        let _ = py.detach(|| self.results.blocking_send(Err(io::Error::other(why))));
    }
}

impl Handover {
    pub(crate) fn new(results: mpsc::Sender<io::Result<Bytes>>) -> Self {
        Self { results }
    }
}

/// A copy of a chunk that user code gave.
pub(crate) fn bytes(chunk: &Bound<'_, PyAny>) -> PyResult<Bytes> {
    match chunk.extract::<PyBackedBytes>() {
        Ok(bytes) => Ok(Bytes::copy_from_slice(&bytes)),
        Err(_) => Err(PyTypeError::new_err(format!(
            "content comes in pieces of bytes, not {}",
            chunk.get_type().name()?
        ))),
    }
}
