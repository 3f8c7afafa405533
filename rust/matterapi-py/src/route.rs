//! A compiled route, filled from a Python dict.

use std::sync::Arc;

use matterapi_core::Error;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::{convert, errors};

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
    #[new]
    fn new(py: Python<'_>, text: &str) -> PyResult<Self> {
        let inner = matterapi_core::Route::parse(text).map_err(|e| errors::exception(py, &e))?;
        let names =
            inner.names().map(|name| (name.to_owned(), PyString::intern(py, name).unbind())).collect();
        Ok(Self { inner: Arc::new(inner), names })
    }

    /// Path and query for `values`, percent-encoded; raises what a call with them would raise.
    #[pyo3(name = "fill")]
    fn fill_py(&self, py: Python<'_>, values: &Bound<'_, PyDict>) -> PyResult<String> {
        self.fill(values).map_err(|e| errors::exception(py, &e))
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
    pub(crate) fn fill(&self, values: &Bound<'_, PyDict>) -> Result<String, Error> {
        let py = values.py();
        let mut names = self.names.iter();
        self.inner.fill(|name| {
            // The core asks in the order of `names`; anything else would be a bug, not a wrong value.
            match names.next() {
                Some((own, key)) if own == name => convert::value(name, values.get_item(key.bind(py))),
                _ => Ok(None),
            }
        })
    }
}
