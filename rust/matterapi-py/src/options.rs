//! From `matterapi.options.core_options.CoreOptions` to the core's options, which have the same names.

use std::path::PathBuf;
use std::sync::Arc;

use matterapi_core::auth::{Credentials, Mfa};
use matterapi_core::options::{Cert, Check, Limits, Options, Proxies, Roots, Timeout, Verify, header_map};
use matterapi_core::retry::Policy;
use matterapi_core::{Error, ErrorKind, Secret};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::convert::seconds;
use crate::errors::Refusal;
use crate::user_code::MfaCallable;

/// The attributes of a `CoreOptions`, named and explained there as in [`Options`].
#[derive(FromPyObject)]
pub(crate) struct CoreOptions<'py> {
    url: String,
    ws_url: String,
    auth: Option<Auth<'py>>,
    verify: VerifyOption,
    cert: Option<(PathBuf, PathBuf, Option<String>)>,
    proxies: (Option<String>, Option<String>, String, (bool, bool)),
    timeout: TimeoutOption,
    retries: u32,
    deadline: Option<f64>,
    max_calls_per_second: Option<f64>,
    limits: LimitsOption,
    http1: bool,
    http2: bool,
    headers: Vec<(String, String)>,
    params: String,
    max_redirects: usize,
    max_response_size: Option<u64>,
    max_json_size: Option<u64>,
}

#[derive(FromPyObject)]
enum Auth<'py> {
    Login { login_id: String, password: String, mfa_token: Option<Bound<'py, PyAny>> },
    Token { token: String },
}

#[derive(FromPyObject)]
struct TimeoutOption {
    connect: Option<f64>,
    read: Option<f64>,
    write: Option<f64>,
    pool: Option<f64>,
}

#[derive(FromPyObject)]
struct LimitsOption {
    max_connections: Option<usize>,
    max_keepalive_connections: Option<usize>,
    keepalive_expiry: Option<f64>,
}

#[derive(FromPyObject)]
struct VerifyOption {
    roots: RootsChoice,
    check: String,
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
        let (http, https, no_proxy, from_environment) = self.proxies;
        Ok(Options {
            url: self.url,
            ws_url: self.ws_url,
            auth: self.auth.map_or(Ok(Credentials::None), Auth::into_core)?,
            verify: self.verify.into_core()?,
            cert: self.cert.map(|(certificate, key, password)| Cert {
                certificate,
                key,
                password: password.map(Secret::new),
            }),
            proxies: Proxies {
                http: http.map(Secret::new),
                https: https.map(Secret::new),
                no_proxy,
                from_environment,
            },
            timeout: self.timeout.into_core()?,
            retry: Policy { retries: self.retries, deadline: seconds(self.deadline)? },
            max_calls_per_second: self.max_calls_per_second,
            limits: Limits {
                max_connections: self.limits.max_connections,
                max_keepalive_connections: self.limits.max_keepalive_connections,
                keepalive_expiry: seconds(self.limits.keepalive_expiry)?,
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

impl Auth<'_> {
    fn into_core(self) -> Result<Credentials, Refusal> {
        let (login_id, password, mfa_token) = match self {
            Self::Token { token } => return Ok(Credentials::Token(Secret::new(token))),
            Self::Login { login_id, password, mfa_token } => (login_id, password, mfa_token),
        };
        let mfa = match mfa_token {
            None => Mfa::None,
            Some(code) => match code.cast::<PyString>() {
                Ok(text) => Mfa::Static(Secret::new(text.to_string_lossy())),
                Err(_) => Mfa::Ask(Arc::new(MfaCallable::new(code).map_err(Refusal::Raised)?)),
            },
        };
        Ok(Credentials::Password { login_id, password: Secret::new(password), mfa })
    }
}

impl TimeoutOption {
    fn into_core(self) -> Result<Timeout, Error> {
        Ok(Timeout {
            connect: seconds(self.connect)?,
            read: seconds(self.read)?,
            write: seconds(self.write)?,
            pool: seconds(self.pool)?,
        })
    }
}

impl VerifyOption {
    fn into_core(self) -> Result<Verify, Error> {
        let unknown = |what: String| Err(Error::new(ErrorKind::Config, what));
        Ok(Verify {
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
        })
    }
}
