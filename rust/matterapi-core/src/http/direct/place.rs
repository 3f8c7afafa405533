//! Where a request goes.

use std::borrow::Cow;

use url::{Position, Url};

use crate::error::{Error, ErrorKind};

/// A URL in its two parts.
pub(super) struct Place<'a> {
    /// Scheme, host and port.
    origin: Cow<'a, str>,
    /// Path and query, as they stand in the request.
    target: Cow<'a, str>,
}

impl<'a> Place<'a> {
    /// `home`: the origin that most URLs have. What follows it need not be read again, as long as reading it would
    /// change nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] for what is no URL.
    pub(super) fn of(url: &'a str, home: &'a str) -> Result<Self, Error> {
        if let Some(target) = url.strip_prefix(home).filter(|target| is_normal(target)) {
            return Ok(Self { origin: home.into(), target: target.into() });
        }
        let url = parse(url)?;
        let origin = url[..Position::BeforePath].to_owned().into();
        Ok(Self { origin, target: url[Position::BeforePath..Position::AfterQuery].to_owned().into() })
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// Host, and port where it is not that of the scheme.
    pub(super) fn host(&self) -> &str {
        self.origin.split_once("://").map_or("", |(_, host)| host)
    }

    /// The origin as a URL.
    pub(super) fn url(&self) -> Result<Url, Error> {
        parse(&self.origin)
    }
}

/// The origin of a server's address.
pub(super) fn origin_of(url: &Url) -> &str {
    &url[..Position::BeforePath]
}

fn parse(text: &str) -> Result<Url, Error> {
    Url::parse(text).map_err(|e| Error::new(ErrorKind::InvalidRequest, format!("the URL is not valid: {e}")))
}

/// Whether a path and query hold nothing that the URL standard has rewritten: bytes to be encoded, a fragment,
/// steps up.
fn is_normal(target: &str) -> bool {
    let bytes = target.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_~/?&=+,:@!$*();%.".contains(byte);
    let step = |pair: &[u8]| matches!(pair, [b'/', b'.']);
    let coded = |three: &[u8]| three.eq_ignore_ascii_case(b"%2e");
    bytes.first() == Some(&b'/')
        && bytes.iter().all(plain)
        && !bytes.windows(2).any(step)
        && !bytes.windows(3).any(coded)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "http://chat.example:8065";

    #[test]
    fn what_is_not_read_again_is_what_reading_it_again_would_give() {
        let mut dice = fastrand::Rng::with_seed(18);
        let signs = [
            "/", ".", "..", "%", "2e", "%2E", "?", "#", "a", "é", " ", "\\", "'", "\"", "&", "=", "|", "^",
            "<",
        ];
        for _ in 0..20_000 {
            let tail: String = (0..dice.usize(0..8)).map(|_| signs[dice.usize(0..signs.len())]).collect();
            let text = format!("{HOME}/api/v4/{tail}");
            let (place, url) = (Place::of(&text, HOME).unwrap(), Url::parse(&text).unwrap());
            assert_eq!(place.target(), &url[Position::BeforePath..Position::AfterQuery], "{text}");
            assert_eq!((place.origin(), place.host()), (HOME, "chat.example:8065"));
        }
    }

    #[test]
    fn another_server_is_no_home() {
        let place = Place::of("http://chat.example:80651/x", HOME).map(|place| place.origin().to_owned());
        assert!(place.is_err(), "there is no such port");
        let place = Place::of("https://chat.example/x?y=1#z", HOME).unwrap();
        assert_eq!(
            (place.origin(), place.host(), place.target()),
            ("https://chat.example", "chat.example", "/x?y=1")
        );
        assert_eq!(place.url().unwrap().as_str(), "https://chat.example/");
    }
}
