//! What it means that no socket was opened: whether to try again, to ask about the credentials, or to give up.
//!
//! Once a stream was connected, only the server's own verdict on the credentials ends it: a proxy without its server
//! answers with anything. At the very first connection the same answers say that the address is wrong.

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

/// Of a login or a connection that failed. `first`: there was no connection yet.
pub(super) fn of_error(error: Error, first: bool) -> OpenFailure {
    let Some(response) = error.response() else {
        return match error.kind() {
            // It is for the user to change: an option, or a code that cannot log in twice.
            ErrorKind::Config => OpenFailure::Final(error),
            ErrorKind::Auth if first || !error.sent() => OpenFailure::Final(error),
            // A wrong certificate does not mend itself, but a renewed one may be deployed in steps.
            ErrorKind::Tls if first => OpenFailure::Final(error),
            _ => OpenFailure::Passing(error.to_string()),
        };
    };
    let status = response.status.as_u16();
    let is_servers_own = response.error_id().is_some();
    match status {
        401 if first || is_servers_own => OpenFailure::Unauthorized,
        300..=499 if first && !matches!(status, 408 | 429) => OpenFailure::Final(error),
        _ => OpenFailure::Passing(format!("the login was answered with {status}")),
    }
}

/// Of an upgrade that was answered with another status than 101; `to` is where a redirect leads.
pub(super) fn of_status(status: u16, to: Option<&str>, first: bool) -> OpenFailure {
    let text = match to {
        Some(to) => format!("the websocket upgrade was redirected ({status}) to {to}"),
        None => format!("the server answered the websocket upgrade with {status}"),
    };
    match status {
        401 => OpenFailure::Unauthorized,
        200..=499 if first && !matches!(status, 408 | 429) => OpenFailure::Final(Error::new(
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
pub(super) fn of_handshake(reason: &str, first: bool) -> OpenFailure {
    let text = format!("the websocket handshake failed: {reason}");
    match first {
        true => OpenFailure::Final(Error::new(
            ErrorKind::Protocol,
            format!("{text}: check the url, and that a proxy in between lets websockets through"),
        )),
        false => OpenFailure::Passing(text),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use http::{HeaderMap, Method, StatusCode, Version};

    use super::*;
    use crate::response::Response;

    const OWN: &str = r#"{"id":"api.user.login.invalid","message":"no"}"#;
    const PAGE: &str = "<html>";

    fn login(status: u16, body: &'static str) -> Error {
        Error::refused(Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
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
            assert_eq!(name(&of_error(login(status, PAGE), false)), "wait", "{status}");
        }
        assert_eq!(name(&of_error(login(401, OWN), false)), "check");
        let no_token = Error::new(ErrorKind::Auth, "no Token header").after_sending();
        assert_eq!(name(&of_error(no_token, false)), "wait");
        assert_eq!(name(&of_error(Error::new(ErrorKind::Tls, "expired"), false)), "wait");
    }

    #[test]
    fn a_code_that_cannot_log_in_twice_ends_a_stream() {
        assert_eq!(name(&of_error(Error::new(ErrorKind::Auth, "static MFA code"), false)), "end");
        assert_eq!(name(&of_error(Error::new(ErrorKind::Config, "no"), false)), "end");
    }

    #[test]
    fn at_the_first_login_a_wrong_address_is_an_error_and_a_busy_server_is_waited_for() {
        for status in [301, 302, 400, 403, 404] {
            assert_eq!(name(&of_error(login(status, PAGE), true)), "end", "{status}");
        }
        for status in [408, 429, 500, 502, 503, 504] {
            assert_eq!(name(&of_error(login(status, PAGE), true)), "wait", "{status}");
        }
        assert_eq!(name(&of_error(login(401, OWN), true)), "check");
        let no_token = Error::new(ErrorKind::Auth, "no Token header").after_sending();
        assert_eq!(name(&of_error(no_token, true)), "end");
        assert_eq!(name(&of_error(Error::new(ErrorKind::Connect, "refused"), true)), "wait");
    }

    #[test]
    fn an_upgrade_is_judged_in_the_same_way() {
        for status in [200, 204, 301, 400, 403, 404, 418] {
            assert_eq!(name(&of_status(status, None, true)), "end", "{status}");
            assert_eq!(name(&of_status(status, None, false)), "wait", "{status}");
        }
        for status in [408, 429, 500, 502, 503, 504] {
            assert_eq!(name(&of_status(status, None, true)), "wait", "{status}");
        }
        assert_eq!(name(&of_status(401, None, false)), "check");
        assert_eq!(name(&of_handshake("HTTP/1.0", true)), "end");
        assert_eq!(name(&of_handshake("HTTP/1.0", false)), "wait");
    }

    #[test]
    fn a_redirect_is_told_with_its_target() {
        let OpenFailure::Final(error) = of_status(301, Some("https://chat.example"), true) else { panic!() };
        assert_eq!(
            error.message(),
            "the websocket upgrade was redirected (301) to https://chat.example: use that as url"
        );
    }
}
