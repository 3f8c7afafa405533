//! A response as Python sees it first: raw facts, made into objects only when asked for.

use http::{HeaderMap, Version};
use matterapi_core::Response;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::decoding::object;

/// Status, headers and body of a response.
#[pyclass(frozen, module = "matterapi._core")]
#[derive(Debug)]
pub struct RawResponse {
    inner: Response,
    /// A decoder found in the body what it leaves to pydantic.
    needs_judgement: bool,
}

impl RawResponse {
    pub(crate) fn new(inner: Response) -> Self {
        Self { inner, needs_judgement: false }
    }

    /// One whose body a decoder has given up; no other has to look at it.
    pub(crate) fn not_as_declared(inner: Response) -> Self {
        Self { inner, needs_judgement: true }
    }

    pub(crate) fn needs_judgement(&self) -> bool {
        self.needs_judgement
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.inner.body
    }
}

#[pymethods]
impl RawResponse {
    /// The HTTP status.
    #[getter]
    fn status_code(&self) -> u16 {
        self.inner.status.as_u16()
    }

    /// The body, content coding undone; empty when it comes in pieces.
    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        object::bytes(py, &self.inner.body)
    }

    /// The headers in the server's order, names in lower case.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        pairs(py, &self.inner.headers)
    }

    /// The session's own headers; the Authorization header is not among them.
    #[getter]
    fn request_headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        pairs(py, &self.inner.request_headers)
    }

    /// The URL asked.
    #[getter]
    fn url(&self) -> &str {
        &self.inner.url
    }

    /// The verb used.
    #[getter]
    fn method(&self) -> &str {
        self.inner.method.as_str()
    }

    /// `HTTP/1.1` or another version, as httpx writes it.
    #[getter]
    fn http_version(&self) -> &'static str {
        match self.inner.version {
            Version::HTTP_2 => "HTTP/2",
            Version::HTTP_10 => "HTTP/1.0",
            _ => "HTTP/1.1",
        }
    }

    /// Seconds from the start of the request to the end of the body.
    #[getter]
    fn elapsed(&self) -> f64 {
        self.inner.elapsed.as_secs_f64()
    }

    /// Bytes of the body so far.
    #[getter]
    fn received(&self) -> u64 {
        self.inner.received
    }

    fn __repr__(&self) -> String {
        format!("<RawResponse {} {}>", self.inner.status.as_u16(), self.inner.url)
    }
}

fn pairs<'py>(py: Python<'py>, headers: &HeaderMap) -> PyResult<Bound<'py, PyList>> {
    let pairs: Vec<_> =
        headers.iter().map(|(name, value)| (name.as_str(), PyBytes::new(py, value.as_bytes()))).collect();
    PyList::new(py, pairs)
}
