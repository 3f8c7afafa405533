//! A compiled route, filled from a Python dict.

use std::sync::Arc;

use matterapi_core::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::convert;
use crate::errors::{self, Refusal};

/// A route such as `GET /api/v4/users/{user_id}{?page}`, compiled once.
#[pyclass(frozen, module = "matterapi._core")]
#[derive(Debug)]
pub struct Route {
    pub(crate) inner: Arc<matterapi_core::Route>,
    /// The names as interned strings: looking them up in the caller's dict needs no hashing.
    names: Vec<(String, Py<PyString>)>,
}

#[pymethods]
impl Route {
    /// `raw`: its answers are kept as they come.
    #[new]
    #[pyo3(signature = (text, *, raw=false))]
    fn new(py: Python<'_>, text: &str, raw: bool) -> PyResult<Self> {
        let inner = matterapi_core::Route::parse(text).map_err(|e| errors::exception(py, &e))?;
        let inner = if raw { inner.raw() } else { inner };
        let names =
            inner.names().map(|name| (name.to_owned(), PyString::intern(py, name).unbind())).collect();
        Ok(Self { inner: Arc::new(inner), names })
    }

    /// Path and query for `values`, percent-encoded; raises what a call with them would raise.
    #[pyo3(name = "fill")]
    fn fill_py(&self, py: Python<'_>, values: &Bound<'_, PyDict>) -> PyResult<String> {
        self.fill(values).map_err(|refusal| refusal.into_exception(py, None))
    }

    /// Verb and path template.
    #[getter]
    fn label(&self) -> &str {
        self.inner.label()
    }

    fn __repr__(&self) -> String {
        format!("<Route {}>", self.inner.label())
    }
}

impl Route {
    pub(crate) fn fill(&self, values: &Bound<'_, PyDict>) -> Result<String, Refusal> {
        let py = values.py();
        let mut names = self.names.iter();
        let mut raised = None;
        let filled = self.inner.fill(|name| {
            // The core asks in the order of `names`; anything else would be a bug, not a wrong value.
            let Some((_, key)) = names.next().filter(|(own, _)| own == name) else { return Ok(None) };
            let found = values.get_item(key.bind(py)).map_err(Refusal::Raised);
            let value = found.and_then(|found| match found {
                Some(object) => convert::value(name, &object),
                None => Ok(None),
            });
            value.map_err(|refusal| match refusal {
                Refusal::Unusable(error) => error,
                Refusal::Raised(exception) => {
                    raised = Some(exception);
                    Error::new(ErrorKind::InvalidRequest, "it could not be read")
                }
            })
        });
        match raised {
            Some(exception) => Err(Refusal::Raised(exception)),
            None => Ok(filled?),
        }
    }
}
