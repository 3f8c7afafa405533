//! Secrets inside texts, as Python looks for them.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Bytes that are looked through with the interpreter lock held; for more it is given up.
const QUICK: usize = 64 * 1024;

/// Texts that must not be shown.
#[pyclass(frozen, module = "matterapi._core")]
pub struct Needles(matterapi_core::secrets::Needles);

#[pymethods]
impl Needles {
    #[new]
    fn new(texts: Vec<Vec<u8>>) -> Self {
        Self(matterapi_core::secrets::Needles::new(texts))
    }

    /// `text` with `mask` where one of the texts was, in whatever case of ASCII; the same object if there is none.
    fn mask<'py>(&self, text: Bound<'py, PyBytes>, mask: &[u8]) -> Bound<'py, PyBytes> {
        let (py, bytes) = (text.py(), text.as_bytes());
        let masked = match bytes.len() <= QUICK {
            true => self.0.mask(bytes, mask),
            false => py.detach(|| self.0.mask(bytes, mask)),
        };
        masked.map_or(text, |masked| PyBytes::new(py, &masked))
    }
}

/// How many tokens the sessions of this process were given so far.
#[pyfunction]
pub(crate) fn tokens_given() -> u64 {
    matterapi_core::auth::tokens_given()
}
