//! Which proxy stands before which server.

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use url::Url;

use crate::error::{Error, ErrorKind};
use crate::options::Proxies;
use crate::secrets::Secret;

/// Port of a SOCKS proxy whose URL names none (RFC 1928).
const SOCKS_PORT: u16 = 1080;

/// The proxies of a session, checked, in the forms that carry them out.
#[derive(Debug, Clone)]
pub(super) struct ProxyRules {
    http: Option<Secret>,
    https: Option<Secret>,
    no_proxy: String,
    from_environment: (bool, bool),
}

impl ProxyRules {
    /// # Errors
    /// [`ErrorKind::Config`] for what is no proxy; the message does not quote it, since it may hold a password.
    pub(super) fn new(proxies: &Proxies) -> Result<Self, Error> {
        let clean = |url: &Option<Secret>| url.as_ref().map(|url| clean(url.expose())).transpose();
        Ok(Self {
            http: clean(&proxies.http)?,
            https: clean(&proxies.https)?,
            no_proxy: proxies.no_proxy.clone(),
            from_environment: proxies.from_environment,
        })
    }

    /// Where the proxy for a URL of this scheme was given, in the words of whoever did.
    pub(super) fn origin(&self, scheme: &str) -> &'static str {
        let (http, https) = self.from_environment;
        match scheme {
            "https" | "wss" if https => "HTTPS_PROXY or ALL_PROXY",
            "http" | "ws" if http => "HTTP_PROXY or ALL_PROXY",
            _ => "the options",
        }
    }

    /// Whether a proxy itself is spoken to with TLS.
    pub(super) fn is_encrypted(&self) -> bool {
        [&self.http, &self.https].into_iter().flatten().any(|url| url.expose().starts_with("https:"))
    }

    /// The proxy for `destination`, an `http` or `https` URL.
    pub(super) fn matcher(&self) -> Matcher {
        let url = |url: &Option<Secret>| url.as_ref().map_or_else(String::new, |url| url.expose().to_owned());
        Matcher::builder().http(url(&self.http)).https(url(&self.https)).no(self.no_proxy.clone()).build()
    }

    /// The same rules for reqwest.
    pub(super) fn for_reqwest(&self) -> Result<Vec<reqwest::Proxy>, reqwest::Error> {
        let mut list = Vec::new();
        let no = reqwest::NoProxy::from_string(&self.no_proxy);
        if let Some(url) = &self.http {
            list.push(reqwest::Proxy::http(url.expose())?.no_proxy(no.clone()));
        }
        if let Some(url) = &self.https {
            list.push(reqwest::Proxy::https(url.expose())?.no_proxy(no));
        }
        Ok(list)
    }
}

/// How an intercepted connection is made.
pub(super) fn is_socks(intercept: &Intercept) -> bool {
    intercept.uri().scheme_str().is_some_and(|scheme| scheme.starts_with("socks"))
}

fn clean(text: &str) -> Result<Secret, Error> {
    let refuse = || {
        let what = "proxy: not a URL such as http://user:password@host:3128, https:// or socks5://";
        Error::new(ErrorKind::Config, what)
    };
    // As in httpx, the proxy looks up the name with either of the two.
    let text = text.replacen("socks5://", "socks5h://", 1);
    let mut url = Url::parse(&text).map_err(|_| refuse())?;
    let known = matches!(url.scheme(), "http" | "https" | "socks5h");
    if !known || url.host_str().is_none_or(str::is_empty) {
        return Err(refuse());
    }
    if url.scheme() == "socks5h" && url.port().is_none() {
        url.set_port(Some(SOCKS_PORT)).map_err(|()| refuse())?;
    }
    // What the matcher cannot read it leaves out, and the connection would be direct.
    let matcher = Matcher::builder().http(url.as_str().to_owned()).build();
    matcher.intercept(&Uri::from_static("http://h/")).ok_or_else(refuse)?;
    Ok(Secret::new(url.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(http: Option<&str>, https: Option<&str>, no_proxy: &str) -> Result<ProxyRules, Error> {
        let (http, https) = (http.map(Secret::new), https.map(Secret::new));
        ProxyRules::new(&Proxies { http, https, no_proxy: no_proxy.to_owned(), ..Proxies::default() })
    }

    fn proxy_of(rules: &ProxyRules, destination: &str) -> Option<String> {
        rules.matcher().intercept(&destination.parse().unwrap()).map(|found| found.uri().to_string())
    }

    #[test]
    fn a_proxy_serves_its_scheme_unless_the_host_is_left_out() {
        let rules = rules(Some("http://a:1"), Some("socks5://b"), "inner.example, 10.0.0.0/8").unwrap();
        assert_eq!(proxy_of(&rules, "http://h/").as_deref(), Some("http://a:1/"));
        assert_eq!(proxy_of(&rules, "https://h/").as_deref(), Some("socks5h://b:1080/"));
        for direct in ["https://inner.example/", "https://x.inner.example:8065/", "http://10.1.2.3/"] {
            assert_eq!(proxy_of(&rules, direct), None, "{direct}");
        }
        let all = self::rules(Some("http://a:1"), None, "*").unwrap();
        assert_eq!(proxy_of(&all, "http://h/"), None);
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_showing_it() {
        for bad in ["ftp://u:sesame@h", "u:sesame@h", "http://", "http://u:sesame@h:99999", "socks4://h"] {
            let error = rules(Some(bad), None, "").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{bad}");
            assert!(!error.to_string().contains("sesame"), "{error}");
        }
    }

    #[test]
    fn credentials_are_not_shown() {
        let rules = rules(Some("http://u:sesame@h"), None, "").unwrap();
        let shown = format!("{rules:?} {:?}", rules.matcher());
        assert!(!shown.contains("sesame"), "{shown}");
    }
}
