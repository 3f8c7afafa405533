//! From the core's error to a Python exception: one function.

use matterapi_core::{Error, Kind, Phase};
use pyo3::prelude::*;

use crate::names;
use crate::response::RawResponse;

/// The exception for `error`. The classes live in Python; `kind` picks one there.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    let response = error.response().cloned().map(RawResponse::new);
    let arguments = (kind_name(error.kind()), error.message(), error.route(), error.sent(), response);
    match names::core_error(py).and_then(|core_error| core_error.call1(arguments)) {
        Ok(exception) => PyErr::from_value(exception),
        Err(e) => e,
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Config => "config",
        Kind::InvalidRequest => "invalid_request",
        Kind::Connect => "connect",
        Kind::Tls => "tls",
        Kind::Timeout(Phase::Connect) => "connect_timeout",
        Kind::Timeout(Phase::Read) => "read_timeout",
        Kind::Timeout(Phase::Write) => "write_timeout",
        Kind::Timeout(Phase::Pool) => "pool_timeout",
        Kind::Protocol => "protocol",
        Kind::Closed => "closed",
        Kind::Decode => "decode",
        Kind::Auth => "auth",
        Kind::Refused => "refused",
        Kind::File => "file",
    }
}
