//! What it means that no socket was opened: whether to try again, to ask about the credentials, or to give up.
//!
//! Once a stream was connected, only the server's own verdict on the credentials ends it: a proxy without its server
//! answers with anything. At the very first connection the same answers say that the address is wrong, unless the
//! program has said that the server may still be starting.

use std::time::Duration;

use crate::error::{Error, ErrorKind};

/// Why no socket was opened.
#[derive(Debug)]
pub(super) enum OpenFailure {
    /// The server rejected the credentials, which is to be checked.
    Unauthorized,
    /// Something that may pass.
    Passing(String),
    /// Something that will not.
    Final(Error),
}

/// How far a stream has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// There was no connection yet: where something else answers, the address is wrong.
    First,
    /// Nor here, but what answers may be a proxy whose server is starting.
    Starting,
    /// There was a connection.
    Connected,
}

impl Stage {
    /// Of a stream that began `since` ago. `wait_for_server`: for how long its server may be starting.
    pub(super) fn of(was_connected: bool, since: Duration, wait_for_server: Duration) -> Self {
        match was_connected {
            true => Self::Connected,
            false if since < wait_for_server => Self::Starting,
            false => Self::First,
        }
    }
}

/// Of a login or a connection that failed.
pub(super) fn of_error(error: Error, stage: Stage) -> OpenFailure {
    let first = stage == Stage::First;
    let Some(response) = error.response() else {
        return match error.kind() {
            // It is for the user to change: an option, or a code that cannot log in twice.
            ErrorKind::Config => OpenFailure::Final(error),
            ErrorKind::Auth if first || !error.sent() => OpenFailure::Final(error),
            // A wrong certificate does not mend itself, but a renewed one may be deployed in steps.
            ErrorKind::Tls if stage != Stage::Connected => OpenFailure::Final(error),
            _ => OpenFailure::Passing(error.to_string()),
        };
    };
    let status = response.status.as_u16();
    let is_servers_own = response.error_id().is_some();
    let is_final = first || stage == Stage::Starting && is_servers_own;
    match status {
        401 if first || is_servers_own => OpenFailure::Unauthorized,
        300..=499 if is_final && !matches!(status, 408 | 429) => OpenFailure::Final(error),
        _ => OpenFailure::Passing(format!("the login was answered with {status}")),
    }
}

/// Of an upgrade that was answered with another status than 101; `to` is where a redirect leads.
pub(super) fn of_status(status: u16, to: Option<&str>, stage: Stage) -> OpenFailure {
    let text = match to {
        Some(to) => format!("the websocket upgrade was redirected ({status}) to {to}"),
        None => format!("the server answered the websocket upgrade with {status}"),
    };
    match status {
        401 => OpenFailure::Unauthorized,
        200..=499 if stage == Stage::First && !matches!(status, 408 | 429) => OpenFailure::Final(Error::new(
            ErrorKind::Protocol,
            match to {
                Some(_) => format!("{text}: use that as url"),
                None => {
                    format!("{text}: check the url, and that a proxy in between lets websockets through")
                }
            },
        )),
        _ => OpenFailure::Passing(text),
    }
}

/// Of an answer to the upgrade that is none: another protocol, a missing or wrong header.
pub(super) fn of_handshake(reason: &str, stage: Stage) -> OpenFailure {
    let text = format!("the websocket handshake failed: {reason}");
    match stage {
        Stage::First => OpenFailure::Final(Error::new(
            ErrorKind::Protocol,
            format!("{text}: check the url, and that a proxy in between lets websockets through"),
        )),
        Stage::Starting | Stage::Connected => OpenFailure::Passing(text),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use http::{Method, StatusCode, Version};

    use super::*;
    use crate::response::Response;

    const OWN: &str = r#"{"id":"api.user.login.invalid","message":"no"}"#;
    const PAGE: &str = "<html>";

    fn login(status: u16, body: &'static str) -> Error {
        Error::refused(Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers: crate::Headers::default(),
            body: body.into(),
            version: Version::HTTP_11,
            url: String::new(),
            method: Method::POST,
            request_headers: Arc::default(),
            elapsed: Duration::ZERO,
            received: 0,
        })
    }

    fn name(failure: &OpenFailure) -> &'static str {
        match failure {
            OpenFailure::Unauthorized => "check",
            OpenFailure::Passing(_) => "wait",
            OpenFailure::Final(_) => "end",
        }
    }

    #[test]
    fn what_answers_a_login_in_the_life_of_a_stream_ends_nothing_by_itself() {
        for status in [301, 302, 400, 403, 404, 408, 429, 500, 502, 503, 504, 401] {
            assert_eq!(name(&of_error(login(status, PAGE), Stage::Connected)), "wait", "{status}");
        }
        assert_eq!(name(&of_error(login(401, OWN), Stage::Connected)), "check");
        let no_token = Error::new(ErrorKind::Auth, "no Token header").after_sending();
        assert_eq!(name(&of_error(no_token, Stage::Connected)), "wait");
        assert_eq!(name(&of_error(Error::new(ErrorKind::Tls, "expired"), Stage::Connected)), "wait");
    }

    #[test]
    fn a_code_that_cannot_log_in_twice_ends_a_stream() {
        assert_eq!(name(&of_error(Error::new(ErrorKind::Auth, "static MFA code"), Stage::Connected)), "end");
        assert_eq!(name(&of_error(Error::new(ErrorKind::Config, "no"), Stage::Connected)), "end");
    }

    #[test]
    fn at_the_first_login_a_wrong_address_is_an_error_and_a_busy_server_is_waited_for() {
        for status in [301, 302, 400, 403, 404] {
            assert_eq!(name(&of_error(login(status, PAGE), Stage::First)), "end", "{status}");
        }
        for status in [408, 429, 500, 502, 503, 504] {
            assert_eq!(name(&of_error(login(status, PAGE), Stage::First)), "wait", "{status}");
        }
        assert_eq!(name(&of_error(login(401, OWN), Stage::First)), "check");
        let no_token = Error::new(ErrorKind::Auth, "no Token header").after_sending();
        assert_eq!(name(&of_error(no_token, Stage::First)), "end");
        assert_eq!(name(&of_error(Error::new(ErrorKind::Connect, "refused"), Stage::First)), "wait");
    }

    #[test]
    fn an_upgrade_is_judged_in_the_same_way() {
        for status in [200, 204, 301, 400, 403, 404, 418] {
            assert_eq!(name(&of_status(status, None, Stage::First)), "end", "{status}");
            assert_eq!(name(&of_status(status, None, Stage::Connected)), "wait", "{status}");
        }
        for status in [408, 429, 500, 502, 503, 504] {
            assert_eq!(name(&of_status(status, None, Stage::First)), "wait", "{status}");
        }
        assert_eq!(name(&of_status(401, None, Stage::Connected)), "check");
        assert_eq!(name(&of_handshake("HTTP/1.0", Stage::First)), "end");
        assert_eq!(name(&of_handshake("HTTP/1.0", Stage::Connected)), "wait");
    }

    #[test]
    fn a_server_may_be_starting_for_as_long_as_is_said_and_until_it_was_there() {
        let second = Duration::from_secs(1);
        assert_eq!(Stage::of(false, Duration::ZERO, Duration::ZERO), Stage::First);
        assert_eq!(Stage::of(false, second, 2 * second), Stage::Starting);
        assert_eq!(Stage::of(false, 2 * second, 2 * second), Stage::First);
        assert_eq!(Stage::of(true, second, 2 * second), Stage::Connected);
    }

    #[test]
    fn what_answers_in_the_place_of_a_server_that_is_starting_is_waited_for() {
        for status in [200, 301, 400, 401, 403, 404, 429, 500, 502, 503] {
            assert_eq!(name(&of_error(login(status, PAGE), Stage::Starting)), "wait", "{status}");
        }
        for status in [200, 301, 400, 403, 404, 502, 503] {
            assert_eq!(name(&of_status(status, None, Stage::Starting)), "wait", "{status}");
        }
        assert_eq!(name(&of_handshake("HTTP/1.0", Stage::Starting)), "wait");
        let no_token = Error::new(ErrorKind::Auth, "no Token header").after_sending();
        assert_eq!(name(&of_error(no_token, Stage::Starting)), "wait");
    }

    #[test]
    fn what_the_server_itself_says_and_what_is_for_the_user_to_change_is_not() {
        for status in [400, 403, 404] {
            assert_eq!(name(&of_error(login(status, OWN), Stage::Starting)), "end", "{status}");
        }
        assert_eq!(name(&of_error(login(401, OWN), Stage::Starting)), "check");
        assert_eq!(name(&of_status(401, None, Stage::Starting)), "check");
        for kind in [ErrorKind::Tls, ErrorKind::Config, ErrorKind::Auth] {
            assert_eq!(name(&of_error(Error::new(kind, "no"), Stage::Starting)), "end", "{kind:?}");
        }
    }

    #[test]
    fn a_redirect_is_told_with_its_target() {
        let OpenFailure::Final(error) = of_status(301, Some("https://chat.example"), Stage::First) else {
            panic!()
        };
        assert_eq!(
            error.message(),
            "the websocket upgrade was redirected (301) to https://chat.example: use that as url"
        );
    }
}
