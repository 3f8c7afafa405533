//! From the core's error to a Python exception: one function; and what may come instead of one.

use std::fmt;
use std::sync::Arc;

use matterapi_core::{Error, ErrorKind, Phase, retry};
use pyo3::exceptions::{
    PyAttributeError, PyMemoryError, PyOSError, PyTimeoutError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;

use crate::names;
use crate::raw_response::RawResponse;

/// The exception for `error`. The classes live in Python; `kind` picks one there.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    if error.kind() == ErrorKind::Memory {
        return PyMemoryError::new_err(error.to_string());
    }
    let response = error.response().cloned().map(RawResponse::new);
    let (retryable, ambiguous) = (retry::is_retryable_error(error), retry::is_ambiguous_error(error));
    let arguments = (kind_name(error.kind()), error.message(), error.route(), retryable, ambiguous, response);
    match names::core_error(py).and_then(|core_error| core_error.call1(arguments)) {
        Ok(exception) => PyErr::from_value(exception),
        Err(e) => e,
    }
}

/// Why an argument is not taken.
pub(crate) enum Refusal {
    /// It cannot be used.
    Unusable(Error),
    /// Code of the caller's, or a signal's, raised what is none of our business.
    Raised(PyErr),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Unusable(error)
    }
}

impl Refusal {
    /// For an exception met while an argument was read: those that say that it is not what it should be are
    /// an error of this kind, all others pass on.
    pub(crate) fn of(py: Python<'_>, raised: PyErr, kind: ErrorKind, what: impl fmt::Display) -> Self {
        let is_judgement = raised.is_instance_of::<PyValueError>(py)
            || raised.is_instance_of::<PyTypeError>(py)
            || raised.is_instance_of::<PyAttributeError>(py)
            || raised.is_instance_of::<PyOSError>(py) && !raised.is_instance_of::<PyTimeoutError>(py);
        match is_judgement {
            true => Self::Unusable(Error::new(kind, format!("{what}: {raised}"))),
            false => Self::Raised(raised),
        }
    }

    /// The exception, on a route if it is known.
    pub(crate) fn into_exception(self, py: Python<'_>, route: Option<&Arc<str>>) -> PyErr {
        match self {
            Self::Unusable(error) => match route {
                Some(route) => exception(py, &error.on(route)),
                None => exception(py, &error),
            },
            Self::Raised(raised) => raised,
        }
    }
}

/// The kinds of errors by the names that Python knows them under.
const KINDS: [(ErrorKind, &str); 16] = [
    (ErrorKind::Config, "config"),
    (ErrorKind::InvalidRequest, "invalid_request"),
    (ErrorKind::Connect, "connect"),
    (ErrorKind::Tls, "tls"),
    (ErrorKind::Timeout(Phase::Connect), "connect_timeout"),
    (ErrorKind::Timeout(Phase::Read), "read_timeout"),
    (ErrorKind::Timeout(Phase::Write), "write_timeout"),
    (ErrorKind::Timeout(Phase::Pool), "pool_timeout"),
    (ErrorKind::Protocol, "protocol"),
    (ErrorKind::Closed, "closed"),
    (ErrorKind::Decode, "decode"),
    (ErrorKind::Auth, "auth"),
    (ErrorKind::Refused, "refused"),
    (ErrorKind::File, "file"),
    (ErrorKind::Memory, "memory"),
    (ErrorKind::QueueFull, "queue_full"),
];

/// The name that Python knows a kind under.
pub(crate) fn kind_name(kind: ErrorKind) -> &'static str {
    KINDS.iter().find(|(own, _)| *own == kind).map_or("", |(_, name)| name)
}

/// The kind that Python knows under this name.
pub(crate) fn kind_of(name: &str) -> PyResult<ErrorKind> {
    let found = KINDS.iter().find(|(_, own)| *own == name).map(|(kind, _)| *kind);
    found.ok_or_else(|| PyValueError::new_err(format!("there is no kind of error named {name:?}")))
}
