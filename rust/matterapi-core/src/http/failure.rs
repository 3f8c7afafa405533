//! What a failed request means.

use std::error::Error as StdError;
use std::io;

use super::body::ContentError;
use super::progress::Progress;
use crate::error::{Error, ErrorKind};
use crate::net::failure::{causes, deepest, is_closed, rustls_error, tls_reason};
use crate::options::Timeout;

/// The typed failure behind a reqwest error, found by the types of its causes, not by its text.
///
/// `way`: host and port that the connection is made with.
pub(crate) fn classify(
    error: &reqwest::Error,
    timeout: &Timeout,
    progress: &Progress,
    way: impl FnOnce() -> String,
) -> Error {
    // A server that refuses the client's certificate says so in an alert before it closes.
    let kind = tls_failure(error).map_or_else(|| first_kind(error), |_| Some(ErrorKind::Tls));
    let what = deepest(error);
    if error.is_builder() {
        return Error::new(ErrorKind::InvalidRequest, format!("the request cannot be built: {what}"));
    }
    if kind == Some(ErrorKind::File) {
        return Error::new(ErrorKind::File, format!("the content to upload could not be read: {what}"))
            .after_sending();
    }
    if error.is_connect() {
        return match kind {
            _ if error.is_timeout() => timeout.no_connection(&way()),
            Some(ErrorKind::Tls) => {
                Error::new(ErrorKind::Tls, format!("the TLS handshake failed: {}", reason_of_tls(error)))
            }
            _ => Error::new(ErrorKind::Connect, format!("cannot connect to {}: {what}", way())),
        };
    }
    let error = match error.is_decode() && !is_transport(error) {
        true => broken_coding(error),
        false => of_exchange(error),
    };
    if progress.is_connecting() { error } else { error.after_sending() }
}

/// The failure of a connection that was there.
pub(crate) fn of_exchange(error: &(dyn StdError + 'static)) -> Error {
    let what = deepest(error);
    match tls_failure(error).map_or_else(|| first_kind(error), |_| Some(ErrorKind::Tls)) {
        Some(ErrorKind::Closed) => {
            Error::new(ErrorKind::Closed, format!("the server closed the connection: {what}"))
        }
        Some(ErrorKind::Tls) => Error::new(ErrorKind::Tls, format!("TLS failed: {}", reason_of_tls(error))),
        _ => Error::new(ErrorKind::Protocol, format!("the answer is not valid HTTP: {what}")),
    }
}

/// The content coding of a body cannot be undone.
pub(crate) fn broken_coding(error: &(dyn StdError + 'static)) -> Error {
    Error::new(ErrorKind::Decode, format!("the answer's coding is broken: {}", deepest(error)))
}

/// The reason of a failed handshake, with what may help.
fn reason_of_tls(error: &(dyn StdError + 'static)) -> String {
    tls_failure(error).map_or_else(|| deepest(error), tls_reason)
}

fn tls_failure<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    causes(error).find_map(rustls_error)
}

pub(crate) fn first_kind(error: &(dyn StdError + 'static)) -> Option<ErrorKind> {
    causes(error).find_map(kind_of)
}

/// Whether the connection failed, and not what was made of its bytes.
fn is_transport(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause.is::<hyper::Error>() || inner.is_some_and(|e| e.is::<hyper::Error>())
    })
}

fn kind_of(error: &(dyn StdError + 'static)) -> Option<ErrorKind> {
    if error.is::<ContentError>() {
        return Some(ErrorKind::File);
    }
    if error.is::<rustls::Error>() {
        return Some(ErrorKind::Tls);
    }
    if let Some(e) = error.downcast_ref::<hyper::Error>() {
        if e.is_incomplete_message() || e.is_canceled() || e.is_closed() || e.is_body_write_aborted() {
            return Some(ErrorKind::Closed);
        }
        if e.is_parse() {
            return Some(ErrorKind::Protocol);
        }
        // The connection ended inside a body, or was reset.
        if e.source().and_then(|cause| cause.downcast_ref::<io::Error>()).is_some_and(|e| is_closed(e.kind()))
        {
            return Some(ErrorKind::Closed);
        }
    }
    if let Some(e) = error.downcast_ref::<h2::Error>() {
        // A server that goes away says which requests it has taken; the others end with the connection.
        let untaken = e.is_go_away() || e.reason() == Some(h2::Reason::REFUSED_STREAM);
        return (untaken || e.is_io()).then_some(ErrorKind::Closed);
    }
    if let Some(e) = error.downcast_ref::<io::Error>() {
        if let Some(inner) = e.get_ref() {
            return kind_of(inner).or_else(|| inner.source().and_then(kind_of));
        }
        if is_closed(e.kind()) {
            return Some(ErrorKind::Closed);
        }
    }
    None
}
