//! From `matterapi.client.core_config.CoreConfig` to the core's settings.

use std::path::PathBuf;
use std::sync::Arc;

use matterapi_core::auth::{Credentials, Mfa};
use matterapi_core::{
    Check, Config, Error, Extras, Identity, Kind, Limits, MaxBody, Network, Proxies, Roots, Secret, Timeouts,
    Tls, Versions,
};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::convert::seconds;
use crate::errors::Refusal;
use crate::feeder::MfaCallable;

/// The attributes of a `CoreConfig`.
#[derive(FromPyObject)]
pub(crate) struct Settings<'py> {
    base_url: String,
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
    query: String,
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

impl Settings<'_> {
    /// # Errors
    /// [`Kind::Config`] for what the core cannot use.
    pub(crate) fn into_core(self) -> Result<Config, Refusal> {
        let (connections, idle, idle_time) = self.limits;
        let (http, https, no) = self.proxies;
        let network = Network {
            tls: self.tls.into_core()?,
            proxies: Proxies::new(http.as_deref(), https.as_deref(), &no)?,
            timeouts: Timeouts {
                connect: seconds(self.connect_timeout)?,
                read: seconds(self.read_timeout)?,
                write: seconds(self.write_timeout)?,
                pool: seconds(self.pool_timeout)?,
            },
            limits: Limits { connections, idle, idle_time: seconds(idle_time)? },
            versions: match (self.http1, self.http2) {
                (true, true) => Versions::Both,
                (false, true) => Versions::Two,
                _ => Versions::One,
            },
        };
        let credentials = match (self.login, self.token) {
            (Some(login), _) => login.into_core()?,
            (None, Some(token)) => Credentials::Token(Secret::new(token)),
            (None, None) => Credentials::None,
        };
        let extras = Extras {
            headers: self.headers,
            query: self.query,
            redirects: self.max_redirects,
            max_body: MaxBody { any: self.max_response_size, json: self.max_json_size },
        };
        Ok(Config::new(&self.base_url, &self.ws_url, credentials, network, extras)?)
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
    fn into_core(self) -> Result<Tls, Error> {
        Ok(Tls {
            roots: match self.roots {
                RootsChoice::Named(name) if name == "system" => Roots::System,
                RootsChoice::Named(name) if name == "bundled" => Roots::Bundled,
                RootsChoice::Named(name) => {
                    return Err(Error::new(Kind::Config, format!("there are no roots named {name:?}")));
                }
                RootsChoice::Certificates(list) => Roots::Der(list),
                RootsChoice::Path(path) => Roots::Path(path),
            },
            check: match self.check.as_str() {
                "full" => Check::Full,
                "any name" => Check::AnyName,
                "off" => Check::Off,
                other => return Err(Error::new(Kind::Config, format!("there is no check named {other:?}"))),
            },
            identity: self.identity.map(|(certificate, key, password)| Identity {
                certificate,
                key,
                password: password.map(Secret::new),
            }),
            tls12: self.tls12,
            tls13: self.tls13,
        })
    }
}
