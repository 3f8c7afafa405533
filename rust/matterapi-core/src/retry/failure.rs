//! What may fail, what is decided about it, and what a program is told of it.

use std::time::Duration;

use http::Method;

use crate::error::{Error, ErrorKind, Phase};

/// The server still works on the same post (app/post.go, deduplicateCreatePost).
pub(super) const PENDING_POST: &str = "api.post.deduplicate_create_post.pending";

/// The longest time that a server may ask us to wait: a call that has to wait longer fails and says so.
pub const LONGEST_HINT: Duration = Duration::from_secs(60);

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The failure is the outcome.
    Stop,
    /// Try again after this time.
    Wait(Duration),
}

/// Why an attempt did not bring what it should, as far as a repeat depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure<'a> {
    /// A connection that had been used before was closed before it brought a byte of a response.
    StaleConnection,
    /// There is no response, or not all of it.
    Transport(ErrorKind),
    /// A response that is an error.
    Status {
        /// The HTTP status.
        status: u16,
        /// The server's name of the error, empty if it has none.
        error_id: &'a str,
    },
    /// The server took all of an upload, and does not have it.
    Unfinished,
}

/// Whether the same call may succeed later without doing something twice.
///
/// `safe`: its method is idempotent, or the server would recognise the repeat, or none of it was sent.
pub fn is_retryable(failure: Failure<'_>, safe: bool) -> bool {
    match failure {
        Failure::Status { status, error_id } => match status {
            // Refused before anything was done.
            408 | 429 | 503 => true,
            502 | 504 | 520..=524 => safe,
            _ => error_id == PENDING_POST,
        },
        Failure::Transport(ErrorKind::Connect | ErrorKind::Timeout(_) | ErrorKind::Closed)
        | Failure::StaleConnection => safe,
        Failure::Transport(_) | Failure::Unfinished => false,
    }
}

/// Whether nobody can say if the call was done: it may have been, and the answer was lost.
pub fn is_ambiguous(failure: Failure<'_>, safe: bool) -> bool {
    !safe
        && match failure {
            Failure::Status { status, .. } => matches!(status, 502 | 504 | 520 | 524),
            Failure::Transport(kind) => {
                matches!(
                    kind,
                    ErrorKind::Closed | ErrorKind::Protocol | ErrorKind::Decode | ErrorKind::Memory
                ) || matches!(kind, ErrorKind::Timeout(Phase::Read | Phase::Write))
            }
            Failure::StaleConnection => true,
            Failure::Unfinished => false,
        }
}

/// In the place of a verb where something was asked over the websocket.
pub const WEBSOCKET: &str = "websocket";

/// Whether a method may be repeated without harm (RFC 9110, section 9.2.2). Of the actions of the websocket that the
/// server answers none does harm.
pub fn is_idempotent(verb: &str) -> bool {
    verb == WEBSOCKET || Method::from_bytes(verb.as_bytes()).is_ok_and(|verb| verb.is_idempotent())
}

/// [`is_retryable`] for a call that brought no response.
pub fn is_retryable_error(error: &Error) -> bool {
    is_retryable(Failure::Transport(error.kind()), is_safe(error))
}

/// [`is_ambiguous`] for a call that brought no response.
pub fn is_ambiguous_error(error: &Error) -> bool {
    is_ambiguous(Failure::Transport(error.kind()), is_safe(error))
}

fn is_safe(error: &Error) -> bool {
    !error.sent() || error.route().and_then(|route| route.split(' ').next()).is_some_and(is_idempotent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Failure<'static> {
        Failure::Status { status, error_id: "" }
    }

    #[test]
    fn a_program_may_repeat_what_can_pass_and_was_not_done() {
        for code in [408, 429, 503] {
            assert!(is_retryable(status(code), false), "{code}");
            assert!(!is_ambiguous(status(code), false), "{code}");
        }
        for code in [502, 504, 520, 524] {
            assert!(is_retryable(status(code), true) && !is_retryable(status(code), false), "{code}");
            assert!(is_ambiguous(status(code), false) && !is_ambiguous(status(code), true), "{code}");
        }
        for code in [400, 401, 403, 404, 409, 500, 501] {
            assert!(!is_retryable(status(code), true) && !is_ambiguous(status(code), false), "{code}");
        }
        assert!(is_retryable(Failure::Status { status: 500, error_id: PENDING_POST }, false));
        for kind in [ErrorKind::Connect, ErrorKind::Closed, ErrorKind::Timeout(Phase::Pool)] {
            assert!(is_retryable(Failure::Transport(kind), true), "{kind:?}");
            assert!(!is_retryable(Failure::Transport(kind), false), "{kind:?}");
        }
        for kind in [ErrorKind::Tls, ErrorKind::Protocol, ErrorKind::Config, ErrorKind::Decode] {
            assert!(!is_retryable(Failure::Transport(kind), true), "{kind:?}");
        }
    }

    #[test]
    fn what_may_have_been_done_is_ambiguous() {
        for kind in [
            ErrorKind::Closed,
            ErrorKind::Protocol,
            ErrorKind::Timeout(Phase::Read),
            ErrorKind::Timeout(Phase::Write),
        ] {
            assert!(is_ambiguous(Failure::Transport(kind), false), "{kind:?}");
            assert!(!is_ambiguous(Failure::Transport(kind), true), "{kind:?}");
        }
        for kind in [ErrorKind::Connect, ErrorKind::Tls, ErrorKind::Timeout(Phase::Pool)] {
            assert!(!is_ambiguous(Failure::Transport(kind), false), "{kind:?}");
        }
    }

    #[test]
    fn a_call_without_a_response_may_be_repeated_if_it_was_not_sent_or_is_idempotent() {
        for (verb, idempotent) in
            [("GET", true), ("PUT", true), ("DELETE", true), ("POST", false), ("PATCH", false)]
        {
            let error = || Error::new(ErrorKind::Closed, "gone").on(&format!("{verb} /x").into());
            assert!(is_retryable_error(&error()) && !is_ambiguous_error(&error()), "{verb}");
            assert_eq!(is_retryable_error(&error().after_sending()), idempotent, "{verb}");
            assert_eq!(is_ambiguous_error(&error().after_sending()), !idempotent, "{verb}");
        }
        let action = Error::new(ErrorKind::Closed, "cut").on(&"websocket ping".into()).after_sending();
        assert!(is_retryable_error(&action) && !is_ambiguous_error(&action));
        assert!(!is_retryable_error(&Error::new(ErrorKind::Closed, "gone").after_sending()));
        assert!(!is_retryable_error(&Error::new(ErrorKind::Tls, "no").on(&"GET /x".into())));
    }
}
