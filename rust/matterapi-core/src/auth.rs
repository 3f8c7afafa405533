//! Who we are, decided without I/O: when to log in, and when a 401 means "log in again".

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::error::{Error, ErrorKind};
use crate::response::Response;
use crate::secrets::Secret;

/// The error id of a session that is over, or was refused as a CSRF attempt (web/handlers.go).
const SESSION_EXPIRED: &str = "api.context.session_expired.app_error";

/// Tokens that sessions of this process were given.
static TOKENS: AtomicU64 = AtomicU64::new(0);

/// How many tokens the sessions of this process were given so far: another number means that what
/// [`Session::tokens`](crate::http::Session::tokens) says may have changed.
pub fn tokens_given() -> u64 {
    TOKENS.load(Ordering::Acquire)
}

/// The token of a login's response.
///
/// # Errors
/// [`ErrorKind::Auth`] without one, or with what is none: a token is printable ASCII without spaces
/// (`NewId`, model/utils.go), and anything else comes from a proxy.
pub(crate) fn token_in(response: &Response) -> Result<Secret, Error> {
    let refuse = |why: &str| Err(Error::new(ErrorKind::Auth, why).after_sending());
    let header = response.headers.get("token").map(|value| value.to_str().unwrap_or("\0"));
    let Some(text) = header.filter(|text| !text.is_empty()).or_else(|| cookie_token(response)) else {
        return refuse("the login answer has no Token header: wrong URL, or a proxy that removes it");
    };
    match text {
        text if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Secret::new(text)),
        _ => refuse(
            "the Token header of the login answer holds no token: wrong URL, or a proxy that alters it",
        ),
    }
}

/// The same token in the cookie that browsers get (app/login.go, AttachSessionCookies): some proxies let only that
/// pass.
fn cookie_token(response: &Response) -> Option<&str> {
    let cookies = response.headers.get_all(header::SET_COOKIE).iter();
    let tokens = cookies.filter_map(|cookie| cookie.to_str().ok()?.strip_prefix("MMAUTHTOKEN="));
    tokens.filter_map(|rest| rest.split(';').next()).find(|token| !token.is_empty())
}

/// Asks for a fresh MFA code, once per login.
pub trait AskMfaCode: Send + Sync {
    /// The code, or why there is none.
    fn ask(&self) -> Pin<Box<dyn Future<Output = Result<Secret, String>> + Send + '_>>;
}

/// Where the MFA code of a login comes from.
#[derive(Clone)]
pub enum Mfa {
    /// No MFA.
    None,
    /// One code, good for one login.
    Static(Secret),
    /// A code is asked for at every login.
    Ask(Arc<dyn AskMfaCode>),
}

impl fmt::Debug for Mfa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Static(_) => "Static",
            Self::Ask(_) => "Ask",
        })
    }
}

/// How a session authenticates.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// It does not.
    None,
    /// A personal, bot or session token, used as it is.
    Token(Secret),
    /// A login makes the token.
    Password {
        /// User name or e-mail address.
        login_id: String,
        /// The password.
        password: Secret,
        /// The second factor.
        mfa: Mfa,
    },
}

/// The body of `POST /users/login`. The server reads the MFA code from `token` (api4/user.go, login).
#[derive(Serialize)]
struct LoginBody<'a> {
    login_id: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

/// A token and which login it came from: calls name the generation they used when it fails.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) header: Option<HeaderValue>,
    pub(crate) generation: u64,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Secret>,
    /// The one before, which responses that are still under way may speak of.
    previous: Option<Secret>,
    header: Option<HeaderValue>,
    generation: u64,
    static_code_spent: bool,
}

/// The login state of a session.
#[derive(Debug)]
pub(crate) struct Auth {
    credentials: Credentials,
    server_sees_a_cookie: bool,
    state: Mutex<State>,
    /// Held while one call logs in; the others wait for its result.
    pub(crate) login: tokio::sync::Mutex<()>,
}

impl Auth {
    /// # Errors
    /// [`ErrorKind::Config`] for a token that cannot be a header value.
    pub(crate) fn new(credentials: Credentials, headers: &HeaderMap) -> Result<Self, Error> {
        let auth = Self {
            // The server prefers the cookie to our header (app/authentication.go), so a 401 then says
            // nothing about our token.
            server_sees_a_cookie: headers
                .get_all(header::COOKIE)
                .iter()
                .any(|v| v.as_bytes().windows(11).any(|w| w == b"MMAUTHTOKEN")),
            state: Mutex::default(),
            login: tokio::sync::Mutex::default(),
            credentials,
        };
        if let Credentials::Token(token) = &auth.credentials {
            auth.accept(token.clone())?;
        }
        Ok(auth)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to send now; `None` means that a login comes first.
    pub(crate) fn grant(&self) -> Option<Grant> {
        let state = self.state();
        let ready = state.header.is_some() || matches!(self.credentials, Credentials::None);
        ready.then(|| Grant { header: state.header.clone(), generation: state.generation })
    }

    /// The token in use.
    pub(crate) fn token(&self) -> Option<Secret> {
        self.state().token.clone()
    }

    /// The token in use and the one before it.
    pub(crate) fn tokens(&self) -> Vec<Secret> {
        let state = self.state();
        [&state.token, &state.previous].into_iter().flatten().cloned().collect()
    }

    /// The token in use, unless another thread holds the state: for a forked child.
    pub(crate) fn token_without_waiting(&self) -> Option<Secret> {
        self.state.try_lock().ok()?.token.clone()
    }

    /// A login made `token`.
    pub(crate) fn accept(&self, token: Secret) -> Result<(), Error> {
        let mut header = HeaderValue::from_str(&format!("Bearer {}", token.expose())).map_err(|_| {
            Error::new(ErrorKind::Config, "the token has characters that no header can carry")
        })?;
        header.set_sensitive(true);
        let mut state = self.state();
        state.previous = state.token.replace(token);
        state.header = Some(header);
        state.generation += 1;
        TOKENS.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// Whether a new login can mend a session that is over.
    pub(crate) fn is_renewable(&self) -> bool {
        matches!(self.credentials, Credentials::Password { .. }) && !self.server_sees_a_cookie
    }

    /// Whether `response` says that the session is over and a new login can mend it.
    pub(crate) fn is_expired(&self, response: &Response) -> bool {
        response.status == StatusCode::UNAUTHORIZED
            && self.is_renewable()
            && response.error_id().as_deref() == Some(SESSION_EXPIRED)
    }

    /// The JSON body of a login.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`] without a password, with a static MFA code used before, or without a code.
    pub(crate) async fn login_body(&self) -> Result<Vec<u8>, Error> {
        let Credentials::Password { login_id, password, mfa } = &self.credentials else {
            return Err(Error::new(ErrorKind::Auth, "logging in needs auth with login_id and password"));
        };
        let code = match mfa {
            Mfa::None => None,
            Mfa::Static(code) => {
                let spent = std::mem::replace(&mut self.state().static_code_spent, true);
                if spent {
                    return Err(Error::new(
                        ErrorKind::Auth,
                        "an MFA code given as text is good for one login, and a second one is needed: \
                         give mfa_token as a callable that returns a fresh code, or use a personal token",
                    ));
                }
                Some(code.clone())
            }
            Mfa::Ask(ask) => Some(ask.ask().await.map_err(|why| {
                Error::new(ErrorKind::Auth, format!("the mfa_token callable gave no code: {why}"))
            })?),
        };
        let body =
            LoginBody { login_id, password: password.expose(), token: code.as_ref().map(Secret::expose) };
        serde_json::to_vec(&body).map_err(|e| Error::new(ErrorKind::Auth, e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn password(mfa: Mfa) -> Credentials {
        Credentials::Password { login_id: "ann".into(), password: Secret::new("pw"), mfa }
    }

    fn response(status: u16, body: &str) -> Response {
        Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers: crate::Headers::default(),
            body: body.to_owned().into(),
            version: http::Version::HTTP_11,
            url: String::new(),
            method: http::Method::GET,
            request_headers: Arc::default(),
            elapsed: Duration::ZERO,
            received: 0,
        }
    }

    fn expired() -> Response {
        response(401, r#"{"id":"api.context.session_expired.app_error","status_code":401}"#)
    }

    #[test]
    fn a_token_is_sent_at_once_and_a_password_waits_for_its_login() {
        let auth = Auth::new(Credentials::Token(Secret::new("t")), &HeaderMap::new()).unwrap();
        assert_eq!(auth.grant().unwrap().header.unwrap(), "Bearer t");
        let auth = Auth::new(password(Mfa::None), &HeaderMap::new()).unwrap();
        assert!(auth.grant().is_none());
        auth.accept(Secret::new("s")).unwrap();
        assert_eq!(auth.grant().unwrap().generation, 1);
    }

    #[test]
    fn only_an_expired_password_session_asks_for_a_new_login() {
        let auth = Auth::new(password(Mfa::None), &HeaderMap::new()).unwrap();
        assert!(auth.is_expired(&expired()));
        assert!(!auth.is_expired(&response(401, r#"{"id":"api.user.login.x"}"#)));
        assert!(!auth.is_expired(&response(403, r#"{"id":"api.context.session_expired.app_error"}"#)));
        let token = Auth::new(Credentials::Token(Secret::new("t")), &HeaderMap::new()).unwrap();
        assert!(!token.is_expired(&expired()));
    }

    #[test]
    fn a_cookie_of_the_caller_makes_a_401_no_reason_to_log_in() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; MMAUTHTOKEN=x"));
        assert!(!Auth::new(password(Mfa::None), &headers).unwrap().is_expired(&expired()));
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn the_mfa_code_travels_under_the_key_token_and_a_static_one_only_once() {
        let auth = Auth::new(password(Mfa::Static(Secret::new("123456"))), &HeaderMap::new()).unwrap();
        let body = block_on(auth.login_body()).unwrap();
        assert_eq!(body, br#"{"login_id":"ann","password":"pw","token":"123456"}"#);
        let error = block_on(auth.login_body()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.to_string().contains("callable") && !error.to_string().contains("123456"));
    }

    #[test]
    fn the_token_before_is_remembered_and_every_new_one_counted() {
        let (auth, before) = (Auth::new(password(Mfa::None), &HeaderMap::new()).unwrap(), tokens_given());
        for token in ["first", "second", "third"] {
            auth.accept(Secret::new(token)).unwrap();
        }
        assert_eq!(auth.tokens(), [Secret::new("third"), Secret::new("second")]);
        assert!(tokens_given() >= before + 3);
    }

    #[test]
    fn only_what_can_be_a_token_is_taken_from_a_login() {
        let with = |value: &'static [u8]| {
            let mut response = response(200, "{}");
            response.headers.change(|map| {
                map.insert("token", http::HeaderValue::from_bytes(value).unwrap());
            });
            token_in(&response).map_err(|error| error.to_string())
        };
        assert_eq!(with(b"abc"), Ok(Secret::new("abc")));
        assert!(with(b"").unwrap_err().contains("no Token header"));
        for odd in [b"a b".as_slice(), b" ", b"a\tb", b"caf\xc3\xa9", b"a,\xff"] {
            assert!(with(odd).unwrap_err().contains("holds no token"), "{odd:?}");
        }
        assert!(token_in(&response(200, "{}")).is_err());
    }

    #[test]
    fn the_token_in_the_cookie_does_as_well() {
        let with = |cookies: &[&'static str]| {
            let mut response = response(200, "{}");
            for cookie in cookies {
                response.headers.change(|map| {
                    map.append("set-cookie", http::HeaderValue::from_static(cookie));
                });
            }
            token_in(&response).ok()
        };
        let expected = Some(Secret::new("abc"));
        assert_eq!(with(&["MMUSERID=u; Path=/", "MMAUTHTOKEN=abc; Path=/; HttpOnly"]), expected);
        assert_eq!(with(&["MMAUTHTOKEN=; Path=/"]), None);
        assert_eq!(with(&["XMMAUTHTOKEN=abc"]), None);
    }

    #[test]
    fn a_token_that_no_header_can_carry_is_refused_without_showing_it() {
        let error = Auth::new(Credentials::Token(Secret::new("a\nb")), &HeaderMap::new()).unwrap_err();
        assert!(!error.to_string().contains("a\n"), "{error}");
    }
}
