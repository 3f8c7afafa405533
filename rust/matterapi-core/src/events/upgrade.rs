//! Opens a socket: dials, asks for the upgrade, follows redirects by the rules of every call.

use http::header::{CONNECTION, HOST, LOCATION, SEC_WEBSOCKET_EXTENSIONS, UPGRADE};
use http::{HeaderMap, Method};
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use url::Url;

use super::numbering::Resume;
use super::opening::{self, OpenFailure, Stage};
use super::websocket::{self, YieldingStream};
use crate::error::{Error, ErrorKind};
use crate::http::Session;
use crate::http::redirect::{self, Origin};
use crate::net::address::Address;
use crate::net::failure::{deepest, is_closed, rustls_error, tls_reason};
use crate::secrets::Secret;

const PATH: &str = "/api/v4/websocket";

pub(super) type Socket = WebSocketStream<YieldingStream>;
type UpgradeRefusal = Box<http::Response<Option<Vec<u8>>>>;

/// Opens a socket that goes on with the stream `resume`, if there is one.
pub(super) async fn open(
    session: &Session,
    resume: Option<&Resume>,
    stage: Stage,
) -> Result<Socket, OpenFailure> {
    let options = session.options();
    let mut to = session.dialer().websocket().clone();
    let path = format!("{}{PATH}", to.url.path().trim_end_matches('/'));
    to.url.set_path(&path);
    to.url.set_query(options.params.as_ref().map(Secret::expose));
    if let Some(resume) = resume {
        let number = resume.sequence_number.to_string();
        let pairs = [("connection_id", resume.connection_id.as_str()), ("sequence_number", &number)];
        to.url.query_pairs_mut().extend_pairs(pairs);
    }
    let mut same_server = true;
    let mut left = options.max_redirects;
    loop {
        let refusal = match upgrade(session, &to, same_server, stage).await? {
            Ok(socket) => return Ok(socket),
            Err(refusal) => refusal,
        };
        let from =
            Origin { method: &Method::GET, url: &to.url, same_server, local_socket: to.socket.is_some() };
        let hop =
            redirect::next(from, refusal.status(), refusal.headers()).filter(|_| options.max_redirects > 0);
        let Some(hop) = hop else {
            let target = target(&to.url, refusal.headers());
            return Err(opening::of_status(refusal.status().as_u16(), target.as_deref(), stage));
        };
        left = left
            .checked_sub(1)
            .ok_or_else(|| OpenFailure::Passing(redirect::too_many(options.max_redirects).to_string()))?;
        (to.url, same_server) = (hop.url, hop.same_server);
    }
}

/// Where a redirect leads, without what it may carry of ours.
fn target(from: &Url, headers: &HeaderMap) -> Option<String> {
    let mut url = from.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    let unnamed = url.set_username("").is_ok() && url.set_password(None).is_ok();
    unnamed.then(|| url.to_string())
}

/// A socket, or the response of a server that gives none.
async fn upgrade(
    session: &Session,
    to: &Address,
    same_server: bool,
    stage: Stage,
) -> Result<Result<Socket, UpgradeRefusal>, OpenFailure> {
    let io = session.dialer().dial(to).await.map_err(|e| opening::of_error(e, stage))?;
    // "http" -> "ws", "https" -> "wss"
    let mut request = to.url.as_str().replacen("http", "ws", 1).into_client_request().map_err(|e| {
        OpenFailure::Final(Error::new(ErrorKind::Config, format!("ws_url is not valid: {e}")))
    })?;
    let headers = request.headers_mut();
    for (name, value) in &session.websocket_headers(same_server) {
        match name {
            // What makes it an upgrade is not the caller's to set; and we know no extensions.
            &CONNECTION | &UPGRADE | &SEC_WEBSOCKET_EXTENSIONS => {}
            &HOST => drop(headers.insert(name, value.clone())),
            _ => drop(headers.append(name, value.clone())),
        }
    }
    match client_async_with_config(request, YieldingStream::new(io), Some(websocket::limits())).await {
        Ok((_, response)) if names_extension(response.headers()) => Err(opening::of_handshake(
            "the server uses an extension that was not asked for",
            Stage::Connected,
        )),
        Ok((socket, _)) => Ok(Ok(socket)),
        Err(WsError::Http(refusal)) => Ok(Err(refusal)),
        Err(e) => Err(unsecured(&e, stage).unwrap_or_else(|| {
            // Not what a websocket server answers: the address is wrong, or a proxy takes the upgrade away.
            let is_no_upgrade = matches!(
                &e,
                WsError::Protocol(
                    ProtocolError::WrongHttpVersion
                        | ProtocolError::MissingUpgradeWebSocketHeader
                        | ProtocolError::MissingConnectionUpgradeHeader
                )
            );
            opening::of_handshake(&reason(&e), if is_no_upgrade { stage } else { Stage::Connected })
        })),
    }
}

/// With TLS 1.3 the server judges our certificate only after the handshake.
fn unsecured(error: &WsError, stage: Stage) -> Option<OpenFailure> {
    let found = rustls_error(match error {
        WsError::Io(e) => e,
        _ => return None,
    })?;
    let error = Error::new(ErrorKind::Tls, format!("TLS failed: {}", tls_reason(found)));
    Some(opening::of_error(error, stage))
}

/// RFC 6455, section 4.1: what the client did not ask for fails the connection. Of subprotocols tungstenite
/// knows that by itself.
fn names_extension(headers: &HeaderMap) -> bool {
    headers.get_all(SEC_WEBSOCKET_EXTENSIONS).iter().any(|value| !value.as_bytes().trim_ascii().is_empty())
}

/// How a connection mostly ends: the server closes mostly without a Close frame.
const CUT: &str = "the connection was cut";

/// The same where it takes leave without a code.
pub(super) const CLOSED: &str = "closed by the server";

pub(super) fn reason(error: &WsError) -> String {
    match error {
        WsError::ConnectionClosed | WsError::AlreadyClosed => CLOSED.to_owned(),
        WsError::Io(e) if is_closed(e.kind()) => CUT.to_owned(),
        WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => CUT.to_owned(),
        other => deepest(other),
    }
}
