//! Every Python object that Rust looks up by name.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// `matterapi.client.core_error.core_error(kind, message, route, sent, response)`: the one way from a
/// core error to an exception.
pub(crate) fn core_error(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CELL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CELL.import(py, "matterapi.client.core_error", "core_error")
}

/// `asyncio.run`, for an MFA callable that is a coroutine function.
pub(crate) fn asyncio_run(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CELL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CELL.import(py, "asyncio", "run")
}

/// `inspect.isawaitable`, to tell such a callable's result.
pub(crate) fn is_awaitable(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CELL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CELL.import(py, "inspect", "isawaitable")
}
