//! Where a server is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::error::{Error, ErrorKind};

/// A server's address: an `http` or `https` URL, reached over a local socket if there is one.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) url: Url,
    pub(crate) socket: Option<Arc<Path>>,
}

impl Address {
    /// The address that the option `url` names.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for what names none.
    pub(crate) fn of_url(text: &str) -> Result<Self, Error> {
        Self::parse(text, "url", ["http", "https"])
    }

    /// The address that the option `ws_url` names, with the scheme that its connection begins with.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for what names none.
    pub(crate) fn of_ws_url(text: &str) -> Result<Self, Error> {
        Self::parse(text, "ws_url", ["ws", "wss"])
    }

    fn parse(text: &str, option: &str, schemes: [&str; 2]) -> Result<Self, Error> {
        let refuse = |what: String| Error::new(ErrorKind::Config, format!("{option} {what}"));
        let url = Url::parse(text).map_err(|e| refuse(format!("is not valid: {e}")))?;
        if url.scheme() == "unix" {
            let socket = local_socket(&url)
                .ok_or_else(|| refuse("must be unix:// and the absolute path of a socket".to_owned()))?;
            if !cfg!(unix) {
                return Err(refuse("cannot be a local socket on this system".to_owned()));
            }
            let url = Url::parse("http://localhost/").map_err(|e| refuse(e.to_string()))?;
            return Ok(Self { url, socket: Some(socket.into()) });
        }
        if !schemes.contains(&url.scheme()) || url.host().is_none() {
            let [plain, secure] = schemes;
            return Err(refuse(format!("must start with {plain}:// or {secure}:// and name a host")));
        }
        Ok(Self { url: as_http(url), socket: None })
    }

    /// What the paths of a server's routes are appended to.
    pub(crate) fn base(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }
}

fn as_http(mut url: Url) -> Url {
    let scheme = if matches!(url.scheme(), "wss" | "https") { "https" } else { "http" };
    // Both are "special" schemes of the URL standard: one can always be put for the other.
    let _ = url.set_scheme(scheme);
    url
}

fn local_socket(url: &Url) -> Option<PathBuf> {
    if url.has_host() && url.host_str() != Some("") {
        return None;
    }
    let path = percent_decode_str(url.path()).decode_utf8().ok()?;
    (path.len() > 1 && !path.contains('\0')).then(|| PathBuf::from(path.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> String {
        Address::of_url(url).unwrap().base().to_owned()
    }

    #[test]
    fn sub_path_is_kept_and_trailing_slashes_are_not() {
        assert_eq!(base("https://h/mm//"), "https://h/mm");
    }

    #[test]
    fn names_of_any_script_are_written_as_the_wire_takes_them() {
        assert_eq!(base("https://bücher.example"), "https://xn--bcher-kva.example");
        assert_eq!(base("http://[::1]:80/"), "http://[::1]");
    }

    #[test]
    fn only_http_urls_with_a_host_are_taken() {
        for bad in
            ["ftp://h", "h", "http://", "file:///etc", "unix://host/a", "unix://", "unix:///", "ws://h"]
        {
            assert_eq!(Address::of_url(bad).unwrap_err().kind(), ErrorKind::Config, "{bad}");
        }
    }

    #[test]
    fn a_websocket_is_reached_as_its_http_twin() {
        assert_eq!(Address::of_ws_url("ws://h/a").unwrap().url.as_str(), "http://h/a");
        assert_eq!(Address::of_ws_url("wss://h").unwrap().url.as_str(), "https://h/");
        assert!(Address::of_ws_url("http://h").unwrap_err().to_string().starts_with("ws_url must start"));
    }

    #[cfg(unix)]
    #[test]
    fn a_local_socket_is_a_path() {
        let address = Address::of_url("unix:///var/tmp/a%20b.socket").unwrap();
        assert_eq!(address.socket.as_deref(), Some(Path::new("/var/tmp/a b.socket")));
        assert_eq!(address.base(), "http://localhost");
    }
}
