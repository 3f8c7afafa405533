//! From JSON bytes to model instances in one pass, without a tree or a dict in between.
//!
//! A [`Decoder`] follows the schema that Python described. It accepts only what needs no judgement: the
//! declared types, exactly. At any surprise (another type, a duplicate key, broken JSON) it gives up and
//! answers `NotImplemented`; Python then decodes the same bytes with pydantic, so coercions and errors
//! are pydantic's own.

#[allow(unsafe_code)]
pub(crate) mod object;
mod pass;
mod schema;
mod stop;
mod strings;
mod usual;
mod weight;

use matterapi_core::json::Scanner;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use pass::Pass;
pub(crate) use schema::ModelSchema;
use schema::{MOST_NESTED, Slot};
use stop::Stop;
use weight::Budget;
pub(crate) use weight::{JsonTooLargeError, check_room};

use crate::response::RawResponse;

/// Where a body is: in Python's hands, or still in the core's, from which it need not be copied.
#[derive(FromPyObject)]
pub(crate) enum Content<'py> {
    Response(Bound<'py, RawResponse>),
    Bytes(Bound<'py, PyBytes>),
}

impl Content<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Response(response) => response.get().body(),
            Self::Bytes(bytes) => bytes.as_bytes(),
        }
    }
}

/// Decodes bodies of one declared type.
#[pyclass(frozen, module = "matterapi._core")]
pub(crate) struct Decoder {
    slot: Slot,
}

#[pymethods]
impl Decoder {
    /// `description`: nested tuples, see `matterapi/endpoints/decoder.py`.
    #[new]
    fn new(description: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { slot: Slot::read(description, MOST_NESTED)? })
    }

    /// The value of a body, or `NotImplemented` when it needs pydantic's judgement. Raises
    /// [`JsonTooLargeError`] when the values take more than `most` bytes of memory.
    #[pyo3(signature = (content, most=None))]
    fn decode(&self, py: Python<'_>, content: Content<'_>, most: Option<usize>) -> PyResult<Py<PyAny>> {
        let content = content.bytes();
        let Ok(text) = simdutf8::basic::from_utf8(content) else { return Ok(py.NotImplemented()) };
        let Some(slots) = object::Slots::get(py)? else { return Ok(py.NotImplemented()) };
        let mut strings = strings::borrow();
        let mut scanner = Scanner::new(text);
        let mut pass = Pass::new(py, &mut strings, slots, Budget::new(most));
        let outcome = pass.value(&mut scanner, &self.slot).and_then(|value| {
            scanner.finish()?;
            Ok(value)
        });
        match outcome {
            Ok(value) => Ok(value.unbind()),
            Err(Stop::Surprise) => Ok(py.NotImplemented()),
            Err(Stop::TooLarge) => Err(pass.exceeded()),
            Err(Stop::Raised) => Err(PyErr::fetch(py)),
        }
    }
}
