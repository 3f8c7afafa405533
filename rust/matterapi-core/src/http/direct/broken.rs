//! Why an exchange on a connection came to nothing.

use std::fmt::Display;
use std::io;

use crate::error::{Error, ErrorKind};
use crate::http::failure::{broken_coding, of_exchange};
use crate::net::failure::{is_closed, rustls_error};

/// See the module. The texts are parts of sentences.
#[derive(Debug)]
pub(crate) enum Broken {
    /// What the system or TLS says.
    Io(io::Error),
    /// The connection ended too early.
    Ended(&'static str),
    /// What came is no HTTP/1.1.
    Malformed(&'static str),
    /// The content coding of the body cannot be undone.
    Coding(io::Error),
}

impl From<Broken> for Error {
    fn from(broken: Broken) -> Self {
        match broken {
            // By its kind: what TLS says of a missing goodbye wraps no error of its own.
            Broken::Io(e) if rustls_error(&e).is_none() && is_closed(e.kind()) => closed(e),
            Broken::Io(e) => of_exchange(&e),
            Broken::Ended(what) => closed(what),
            Broken::Malformed(what) => {
                Self::new(ErrorKind::Protocol, format!("the answer is not valid HTTP: {what}"))
            }
            Broken::Coding(e) => broken_coding(&e),
        }
    }
}

fn closed(what: impl Display) -> Error {
    Error::new(ErrorKind::Closed, format!("the server closed the connection: {what}"))
}
