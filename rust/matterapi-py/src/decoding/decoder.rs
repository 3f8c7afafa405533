//! Decoding, as Python asks for it.

use matterapi_core::json::Scanner;
use pyo3::prelude::*;

use super::deserializer::Deserializer;
use super::json_text::JsonText;
use super::model_schema::{MOST_NESTED, ValueSchema};
use super::stop::Stop;
use super::weight::Budget;
use super::{object, strings};

/// Decodes bodies of one declared type.
#[pyclass(frozen, module = "matterapi._core")]
pub(crate) struct Decoder {
    schema: ValueSchema,
}

#[pymethods]
impl Decoder {
    /// `description`: nested tuples, see `matterapi/endpoints/decoder.py`.
    #[new]
    fn new(description: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { schema: ValueSchema::read(description, MOST_NESTED)? })
    }

    /// The value of a body, or `NotImplemented` when it needs pydantic's judgement. Raises
    /// [`JsonTooLargeError`] when the values take more than `most` bytes of memory.
    #[pyo3(signature = (content, most=None))]
    fn decode(&self, py: Python<'_>, content: JsonText<'_>, most: Option<usize>) -> PyResult<Py<PyAny>> {
        let value = if content.needs_judgement() { None } else { self.value(py, content.bytes(), most)? };
        Ok(value.unwrap_or_else(|| py.NotImplemented()))
    }
}

impl Decoder {
    /// As `decode`; `None` when it needs pydantic's judgement.
    pub(crate) fn value(
        &self,
        py: Python<'_>,
        content: &[u8],
        most: Option<usize>,
    ) -> PyResult<Option<Py<PyAny>>> {
        let Ok(text) = simdutf8::basic::from_utf8(content) else { return Ok(None) };
        let Some(slots) = object::ModelSlots::get(py)? else { return Ok(None) };
        let mut strings = strings::borrow();
        let mut scanner = Scanner::new(text);
        let mut deserializer = Deserializer::new(py, &mut strings, slots, Budget::new(most));
        let outcome = deserializer.value(&mut scanner, &self.schema).and_then(|value| {
            scanner.finish()?;
            Ok(value)
        });
        match outcome {
            Ok(value) => Ok(Some(value.unbind())),
            Err(Stop::Surprise) => Ok(None),
            Err(Stop::TooLarge) => Err(deserializer.exceeded()),
            Err(Stop::Raised) => Err(PyErr::fetch(py)),
        }
    }
}
