//! From `matterapi.client.core_config.CoreConfig` to the core's options, which have the same names.

use std::path::PathBuf;
use std::sync::Arc;

use matterapi_core::auth::{Credentials, Mfa};
use matterapi_core::options::{Cert, Check, Limits, Options, Proxies, Roots, Timeout, Verify, header_map};
use matterapi_core::{Error, ErrorKind, Secret};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::convert::seconds;
use crate::errors::Refusal;
use crate::user_code::MfaCallable;

/// The attributes of a `CoreConfig`.
#[derive(FromPyObject)]
pub(crate) struct CoreOptions<'py> {
    #[pyo3(attribute("base_url"))]
    url: String,
    ws_url: String,
    token: Option<String>,
    login: Option<Login<'py>>,
    tls: TlsSettings,
    connect_timeout: Option<f64>,
    read_timeout: Option<f64>,
    write_timeout: Option<f64>,
    pool_timeout: Option<f64>,
    limits: (Option<usize>, Option<usize>, Option<f64>),
    http1: bool,
    http2: bool,
    proxies: (Option<String>, Option<String>, String),
    headers: Vec<(String, String)>,
    #[pyo3(attribute("query"))]
    params: String,
    max_redirects: usize,
    max_response_size: Option<u64>,
    max_json_size: Option<u64>,
}

#[derive(FromPyObject)]
struct Login<'py> {
    login_id: String,
    password: String,
    mfa_token: Option<Bound<'py, PyAny>>,
}

#[derive(FromPyObject)]
struct TlsSettings {
    roots: RootsChoice,
    check: String,
    identity: Option<(PathBuf, PathBuf, Option<String>)>,
    tls12: bool,
    tls13: bool,
}

#[derive(FromPyObject)]
enum RootsChoice {
    /// `"system"` or `"bundled"`.
    Named(String),
    Certificates(Vec<Vec<u8>>),
    Path(PathBuf),
}

impl CoreOptions<'_> {
    /// # Errors
    /// [`ErrorKind::Config`] for what the core cannot use.
    pub(crate) fn into_core(self) -> Result<Options, Refusal> {
        let (max_connections, max_keepalive_connections, keepalive_expiry) = self.limits;
        let (http, https, no_proxy) = self.proxies;
        let (verify, cert) = self.tls.into_core()?;
        Ok(Options {
            url: self.url,
            ws_url: self.ws_url,
            auth: match (self.login, self.token) {
                (Some(login), _) => login.into_core()?,
                (None, Some(token)) => Credentials::Token(Secret::new(token)),
                (None, None) => Credentials::None,
            },
            verify,
            cert,
            proxies: Proxies { http: http.map(Secret::new), https: https.map(Secret::new), no_proxy },
            timeout: Timeout {
                connect: seconds(self.connect_timeout)?,
                read: seconds(self.read_timeout)?,
                write: seconds(self.write_timeout)?,
                pool: seconds(self.pool_timeout)?,
            },
            limits: Limits {
                max_connections,
                max_keepalive_connections,
                keepalive_expiry: seconds(keepalive_expiry)?,
            },
            http1: self.http1,
            http2: self.http2,
            headers: header_map(&self.headers)?,
            params: Some(self.params).filter(|params| !params.is_empty()).map(Secret::new),
            max_redirects: self.max_redirects,
            max_response_size: self.max_response_size,
            max_json_size: self.max_json_size,
        })
    }
}

impl Login<'_> {
    fn into_core(self) -> Result<Credentials, Refusal> {
        let mfa = match self.mfa_token {
            None => Mfa::None,
            Some(code) => match code.cast::<PyString>() {
                Ok(text) => Mfa::Static(Secret::new(text.to_string_lossy())),
                Err(_) => Mfa::Ask(Arc::new(MfaCallable::new(code).map_err(Refusal::Raised)?)),
            },
        };
        Ok(Credentials::Password { login_id: self.login_id, password: Secret::new(self.password), mfa })
    }
}

impl TlsSettings {
    fn into_core(self) -> Result<(Verify, Option<Cert>), Error> {
        let unknown = |what: String| Err(Error::new(ErrorKind::Config, what));
        let verify = Verify {
            roots: match self.roots {
                RootsChoice::Named(name) if name == "system" => Roots::System,
                RootsChoice::Named(name) if name == "bundled" => Roots::Bundled,
                RootsChoice::Named(name) => return unknown(format!("there are no roots named {name:?}")),
                RootsChoice::Certificates(list) => Roots::Der(list),
                RootsChoice::Path(path) => Roots::Path(path),
            },
            check: match self.check.as_str() {
                "full" => Check::Full,
                "any name" => Check::AnyName,
                "off" => Check::Off,
                other => return unknown(format!("there is no check named {other:?}")),
            },
            tls12: self.tls12,
            tls13: self.tls13,
        };
        let cert = self.identity.map(|(certificate, key, password)| Cert {
            certificate,
            key,
            password: password.map(Secret::new),
        });
        Ok((verify, cert))
    }
}
