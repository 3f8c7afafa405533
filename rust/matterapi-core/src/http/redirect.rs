//! Whether a response that points elsewhere is followed, decided without I/O.

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

use crate::error::{Error, ErrorKind};

/// How long the body of a redirect is read so that its connection can carry the next request; then another
/// connection is cheaper.
pub(crate) const BODY_WAIT: Duration = Duration::from_secs(1);

/// Where the next request goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) url: Url,
    /// It stays with the server that the session belongs to: credentials may go along.
    pub(crate) same_server: bool,
}

/// What a request is, as far as following goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) method: &'a Method,
    pub(crate) url: &'a Url,
    /// It went to the session's own server, and every one before it too.
    pub(crate) same_server: bool,
    /// There is no other way than the session's own: a local socket.
    pub(crate) local_socket: bool,
}

/// The next request, or `None` when the response is to be taken as it is.
///
/// Never from https to http, never to another scheme. What is not a GET or HEAD goes on only with
/// 307 and 308, whose meaning is "the same again there", and only on the same server; 301, 302 and 303 would make a
/// GET of it, which is not what the caller asked for.
pub(crate) fn next(from: Origin<'_>, status: StatusCode, headers: &HeaderMap) -> Option<Hop> {
    let repeats = matches!(status.as_u16(), 307 | 308);
    if !repeats && !matches!(status.as_u16(), 301..=303) {
        return None;
    }
    let mut url = from.url.join(headers.get(header::LOCATION)?.to_str().ok()?).ok()?;
    // A websocket's URL begins as this one.
    let _ = match url.scheme() {
        "ws" => url.set_scheme("http"),
        "wss" => url.set_scheme("https"),
        _ => Ok(()),
    };
    let safe = *from.method == Method::GET || *from.method == Method::HEAD;
    let same_server = from.same_server && url.origin() == from.url.origin();
    let allowed = matches!(url.scheme(), "http" | "https")
        && !(from.url.scheme() == "https" && url.scheme() == "http")
        && (safe || (repeats && same_server))
        && (same_server || !from.local_socket);
    // Whoever wrote the answer does not choose whom we log in as.
    let unnamed = url.set_username("").is_ok() && url.set_password(None).is_ok();
    url.set_fragment(None);
    (allowed && unnamed).then_some(Hop { url, same_server })
}

/// The end of a chain that is longer than the session follows.
pub(crate) fn too_many(limit: usize) -> Error {
    Error::new(ErrorKind::Protocol, format!("more than {limit} redirects one after the other"))
        .after_sending()
}

/// Of the session's header fields those that say nothing about its user.
pub(crate) fn anonymous(headers: &HeaderMap) -> HeaderMap {
    const KEPT: [http::HeaderName; 3] = [header::USER_AGENT, header::ACCEPT, header::ACCEPT_LANGUAGE];
    headers
        .iter()
        .filter(|(name, _)| KEPT.contains(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn follow(method: &Method, from: &str, status: u16, to: &str) -> Option<(String, bool)> {
        let mut headers = HeaderMap::new();
        headers.insert(header::LOCATION, HeaderValue::from_str(to).unwrap());
        let url = Url::parse(from).unwrap();
        let from = Origin { method, url: &url, same_server: true, local_socket: false };
        next(from, StatusCode::from_u16(status).unwrap(), &headers)
            .map(|hop| (hop.url.into(), hop.same_server))
    }

    #[test]
    fn a_get_is_followed_with_credentials_on_the_same_server_and_without_elsewhere() {
        for status in [301, 302, 303, 307, 308] {
            for (to, url, same_server) in [
                ("/b", "https://h/b", true),
                ("https://h:443/b", "https://h/b", true),
                ("https://h:8443/b", "https://h:8443/b", false),
                ("//other/b", "https://other/b", false),
                ("https://u:p@h/b#c", "https://h/b", true),
                ("wss://h/b", "https://h/b", true),
            ] {
                let expected = Some((url.to_owned(), same_server));
                assert_eq!(follow(&Method::GET, "https://h/a", status, to), expected, "{status} {to}");
            }
        }
    }

    #[test]
    fn encryption_is_never_given_up_and_no_other_scheme_is_taken() {
        for to in
            ["http://h/b", "http://other/", "ws://h/b", "file:///etc/passwd", "javascript:1", "http://["]
        {
            assert_eq!(follow(&Method::GET, "https://h/a", 302, to), None, "{to}");
        }
        assert!(!follow(&Method::GET, "http://h/a", 302, "https://h/a").unwrap().1);
    }

    #[test]
    fn what_writes_is_repeated_on_the_same_server_only_and_never_turned_into_a_get() {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            for status in [301, 302, 303] {
                assert_eq!(follow(&method, "https://h/a", status, "/b"), None, "{method} {status}");
            }
            for status in [307, 308] {
                assert_eq!(follow(&method, "https://h/a", status, "https://other/b"), None);
                assert!(follow(&method, "https://h/a", status, "/b").unwrap().1);
            }
        }
    }

    #[test]
    fn what_has_left_the_server_does_not_come_back_and_a_local_socket_is_not_left() {
        let url = Url::parse("https://h/a").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::LOCATION, HeaderValue::from_static("https://h/b"));
        let away = Origin { method: &Method::GET, url: &url, same_server: false, local_socket: false };
        assert!(!next(away, StatusCode::FOUND, &headers).unwrap().same_server);
        headers.insert(header::LOCATION, HeaderValue::from_static("https://other/b"));
        let bound = Origin { same_server: true, local_socket: true, ..away };
        assert_eq!(next(bound, StatusCode::FOUND, &headers), None);
    }

    #[test]
    fn only_a_redirect_with_a_target_is_one() {
        assert_eq!(follow(&Method::GET, "https://h/a", 304, "/b"), None);
        assert_eq!(follow(&Method::GET, "https://h/a", 200, "/b"), None);
        let url = Url::parse("https://h/a").unwrap();
        let from = Origin { method: &Method::GET, url: &url, same_server: true, local_socket: false };
        assert_eq!(next(from, StatusCode::FOUND, &HeaderMap::new()), None);
    }
}
