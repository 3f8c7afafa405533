//! What a call gives Python: the value of its answer, or the answer itself where Python has to judge.

use matterapi_core::Response;
use pyo3::prelude::*;

use crate::decoding::{Decoder, JsonTooLargeError};
use crate::raw_response::RawResponse;

/// How Python wants a plain answer: a 2xx one whose body is what was declared.
pub(crate) struct Wanted {
    decoder: Py<Decoder>,
    /// Bytes of memory that its values may take.
    most: Option<usize>,
}

impl Wanted {
    /// `None` without a decoder: then every answer is wanted as it came.
    pub(crate) fn new(decoder: Option<Py<Decoder>>, most: Option<usize>) -> Option<Self> {
        decoder.map(|decoder| Self { decoder, most })
    }
}

/// The value of a plain answer; any other as it came.
pub(crate) fn to_python(py: Python<'_>, response: Response, wanted: Option<&Wanted>) -> PyResult<Py<PyAny>> {
    let Some(wanted) = wanted.filter(|_| response.status.is_success()) else {
        return object(py, RawResponse::new(response));
    };
    match wanted.decoder.get().value(py, &response.body, wanted.most) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => object(py, RawResponse::not_as_declared(response)),
        // Python says so: its error has the answer.
        Err(e) if e.is_instance_of::<JsonTooLargeError>(py) => object(py, RawResponse::new(response)),
        Err(e) => Err(e),
    }
}

fn object(py: Python<'_>, response: RawResponse) -> PyResult<Py<PyAny>> {
    Ok(Bound::new(py, response)?.into_any().unbind())
}
