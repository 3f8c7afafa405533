//! Every Python object that Rust looks up by name.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// `matterapi.errors.from_core.core_error(kind, message, route, retryable, ambiguous, response)`: the one way from a
/// core error to an exception.
pub(crate) fn core_error(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CELL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CELL.import(py, "matterapi.errors.from_core", "core_error")
}

/// `matterapi.calls.feeder.read_file(object, start, handover)`.
pub(crate) fn read_file(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CELL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CELL.import(py, "matterapi.calls.feeder", "read_file")
}

/// `matterapi.calls.feeder.read_chunks(iterator, handover)`.
pub(crate) fn read_chunks(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CELL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CELL.import(py, "matterapi.calls.feeder", "read_chunks")
}

/// `matterapi.calls.feeder.ask_mfa_code(callable, handover)`.
pub(crate) fn ask_mfa_code(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CELL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CELL.import(py, "matterapi.calls.feeder", "ask_mfa_code")
}

/// `pydantic.BaseModel`.
pub(crate) fn base_model(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CELL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CELL.import(py, "pydantic", "BaseModel")
}

/// `pydantic_core.ValidationError`.
pub(crate) fn validation_error(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CELL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CELL.import(py, "pydantic_core", "ValidationError")
}

/// `_thread.start_new_thread`: unlike `threading.Thread` it waits for nothing.
pub(crate) fn start_new_thread(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static CELL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    CELL.import(py, "_thread", "start_new_thread")
}
