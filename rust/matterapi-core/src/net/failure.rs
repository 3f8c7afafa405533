//! What a failed connection means, found by the types of its causes, not by their texts.

use std::error::Error as StdError;
use std::io;

use rustls::{AlertDescription, InvalidMessage};

use crate::error::{Error, ErrorKind};

/// `error`, its cause, the cause of that, and so on.
pub(crate) fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&current| current.source())
}

/// The text of the innermost cause: the outer ones only say that something failed.
pub(crate) fn deepest(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().unwrap_or(error).to_string()
}

/// Whether the peer has gone.
pub(crate) fn is_closed(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof)
}

/// The failure of rustls that `error` is, or that it wraps as an I/O error: its `source` leaves that out.
pub(crate) fn rustls_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let wrapped = || error.downcast_ref::<io::Error>()?.get_ref();
    error.downcast_ref().or_else(|| rustls_error(wrapped()?))
}

/// What went wrong in TLS, and what may be missing where the peer's word for it is too short.
pub(crate) fn tls_reason(error: &rustls::Error) -> String {
    match error {
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::HandshakeFailure,
        ) => format!("{error}; a server that asks for a client certificate needs the option cert"),
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "the port does not speak TLS: is it one for http://?".to_owned()
        }
        other => other.to_string(),
    }
}

/// There is no connection to where `way` says.
pub(crate) fn not_connected(error: &(dyn StdError + 'static), way: &str) -> Error {
    Error::new(ErrorKind::Connect, format!("cannot connect to {way}: {}", deepest(error)))
}

/// There is one, and it could not be encrypted.
pub(crate) fn not_encrypted(error: &io::Error) -> Error {
    match rustls_error(error) {
        Some(e) => Error::new(ErrorKind::Tls, format!("the TLS handshake failed: {}", tls_reason(e))),
        None if is_closed(error.kind()) => {
            Error::new(ErrorKind::Closed, format!("closed in the TLS handshake: {error}"))
        }
        None => Error::new(ErrorKind::Tls, format!("the TLS handshake failed: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_client_certificate_is_hinted_at() {
        let alert = rustls::Error::AlertReceived(AlertDescription::CertificateRequired);
        assert!(tls_reason(&alert).contains("option cert"));
        assert!(!tls_reason(&rustls::Error::DecryptError).contains("option cert"));
    }

    #[test]
    fn a_failed_handshake_is_told_from_a_peer_that_hangs_up() {
        let wrapped = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError);
        assert_eq!(not_encrypted(&wrapped).kind(), ErrorKind::Tls);
        assert_eq!(not_encrypted(&io::ErrorKind::ConnectionReset.into()).kind(), ErrorKind::Closed);
        assert_eq!(not_encrypted(&io::ErrorKind::Other.into()).kind(), ErrorKind::Tls);
    }
}
