//! Carries out what [`lifecycle`](super::lifecycle) decides: the only file that talks to
//! tokio-tungstenite.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HOST, SEC_WEBSOCKET_EXTENSIONS, UPGRADE};
use http::{HeaderMap, Method};
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::backoff::Backoff;
use super::fetch::{self, Shared};
use super::filter::Filter;
use super::frame::{self, Frame};
use super::lifecycle::{Action, FrameAction, Greeting, Lifecycle, TimerAction, Verdict};
use super::queue::{Item, Notice, Queue};
use super::recovery::{Position, Recovery};
use super::session_check;
use super::websocket::{self, PacedSocket, Wake, YieldingStream};
use crate::clock;
use crate::error::{Error, ErrorKind};
use crate::http::redirect::{self, Origin};
use crate::http::{Session, Transport};
use crate::net::address::Address;
use crate::net::failure::{deepest, is_closed, rustls_error, tls_reason};
use crate::secrets::Secret;

const PATH: &str = "/api/v4/websocket";

/// How a stream behaves.
#[derive(Debug, Clone, Default)]
pub struct StreamOptions {
    /// Ceiling of every wait before a reconnect.
    pub longest_wait: Option<Duration>,
    /// Log in again before every reconnect.
    pub relogin: bool,
    /// Whether what was missed is fetched.
    pub catch_up: bool,
    /// Where a stream of before ended; nothing for one that begins with its first connection.
    pub position: Option<Position>,
    /// Which events the reader wants.
    pub filter: Filter,
}

type Socket = WebSocketStream<YieldingStream>;
type UpgradeRefusal = Box<http::Response<Option<Vec<u8>>>>;

/// Why no socket was opened.
enum OpenFailure {
    /// 401 on the upgrade or on the login before it.
    Unauthorized,
    /// Something that may pass.
    Passing(String),
    /// Something that will not.
    Final(Error),
}

/// Keeps a socket open and fills `queue` until the stream ends for good; then ends the queue.
///
/// # Cancellation
/// Dropping the future closes the socket.
pub async fn run(session: Arc<Session>, transport: Transport, options: StreamOptions, queue: Arc<Queue>) {
    let StreamOptions { longest_wait, relogin, catch_up, position, filter } = options;
    let filter = Arc::new(filter);
    let recovery = catch_up.then(|| Arc::new(Shared::new(Recovery::new(position))));
    let fetching = recovery.clone().map(|shared| {
        let (session, queue, filter) = (Arc::clone(&session), Arc::clone(&queue), Arc::clone(&filter));
        fetch::run(shared, session, transport.clone(), queue, filter)
    });
    let mut stream = Stream {
        session,
        transport,
        queue,
        filter,
        relogin,
        lifecycle: Lifecycle::new(Backoff::new(longest_wait)),
        recovery,
        own_id: String::new(),
        opened_once: false,
        token: None,
    };
    let fetching = async {
        match fetching {
            Some(fetching) => fetching.await,
            None => std::future::pending().await,
        }
    };
    let error = tokio::select! {
        error = stream.run() => error,
        never = fetching => match never {},
    };
    stream.queue.end(Some(error));
}

struct Stream {
    session: Arc<Session>,
    transport: Transport,
    queue: Arc<Queue>,
    filter: Arc<Filter>,
    /// Log in again before every reconnect.
    relogin: bool,
    lifecycle: Lifecycle,
    recovery: Option<Arc<Shared>>,
    /// The user whose stream it is, once the server has said it.
    own_id: String,
    opened_once: bool,
    /// The token of the last connection: the stream of another session is not gone on with.
    token: Option<Secret>,
}

impl Stream {
    /// Runs until there is an error that no new try can mend.
    async fn run(&mut self) -> Error {
        let mut action = Action::Connect;
        let mut rejection = None;
        loop {
            action = match action {
                Action::Connect => match self.open().await {
                    Ok(socket) => {
                        self.opened_once = true;
                        let ping = self.lifecycle.opened(Instant::now());
                        let reason = self.read(socket, ping).await;
                        if let Some(shared) = &self.recovery {
                            shared.lock().disconnected(Instant::now());
                        }
                        self.lifecycle.ended(reason, Instant::now(), fastrand::f64())
                    }
                    Err(OpenFailure::Unauthorized) => self.lifecycle.unauthorized(),
                    Err(OpenFailure::Passing(reason)) => {
                        self.lifecycle.ended(reason, Instant::now(), fastrand::f64())
                    }
                    Err(OpenFailure::Final(error)) => return error,
                },
                Action::Reconnect(wait, reason) => {
                    self.queue.push(Item::Notice(Notice::reconnecting(&reason, wait))).await;
                    sleep(wait).await;
                    Action::Connect
                }
                Action::Check(wait) => {
                    sleep(wait).await;
                    let verdict = match session_check::judge(&self.session, &self.transport).await {
                        Ok(verdict) => verdict,
                        Err(error) if matches!(error.kind(), ErrorKind::Auth) => return error,
                        Err(error) => {
                            rejection = Some(error);
                            Verdict::Rejected
                        }
                    };
                    self.lifecycle.checked(verdict, fastrand::f64())
                }
                Action::Reject => {
                    return rejection.unwrap_or_else(|| {
                        Error::new(ErrorKind::Auth, "the server rejected the credentials")
                    });
                }
            };
        }
    }

    /// Logs in if need be and opens a socket, each phase within the connect time-out.
    async fn open(&mut self) -> Result<Socket, OpenFailure> {
        let login = match self.relogin && self.opened_once {
            true => self.session.login_again(&self.transport).await,
            false => self.session.login(&self.transport).await,
        };
        login.map_err(|error| match error.kind() {
            ErrorKind::Refused if error.response().is_some_and(|r| r.status.as_u16() == 401) => {
                OpenFailure::Unauthorized
            }
            ErrorKind::Refused | ErrorKind::Auth | ErrorKind::Config => OpenFailure::Final(error),
            _ => self.passing(error),
        })?;
        let token = self.session.token();
        if token.as_ref().map(Secret::expose) != self.token.as_ref().map(Secret::expose) {
            self.lifecycle.forget_stream();
            self.token = token;
        }
        let limit = self.session.options().timeout.connect;
        let connect = self.connect();
        match limit {
            None => connect.await,
            Some(limit) => timeout(limit, connect).await.unwrap_or_else(|_| {
                let seconds = limit.as_secs_f64();
                Err(OpenFailure::Passing(format!("no websocket within {seconds} s")))
            }),
        }
    }

    /// A wrong certificate will not mend itself; before the first success it ends the stream.
    fn passing(&self, error: Error) -> OpenFailure {
        match error.kind() {
            ErrorKind::Tls if !self.opened_once => OpenFailure::Final(error),
            _ => OpenFailure::Passing(error.to_string()),
        }
    }

    /// Upgrades a connection; a redirect is followed by the rules of every call.
    async fn connect(&self) -> Result<Socket, OpenFailure> {
        let options = self.session.options();
        let mut to = self.session.dialer().websocket().clone();
        let path = format!("{}{PATH}", to.url.path().trim_end_matches('/'));
        to.url.set_path(&path);
        to.url.set_query(options.params.as_ref().map(Secret::expose));
        if let Some(resume) = self.lifecycle.resume() {
            let number = resume.sequence_number.to_string();
            let pairs = [("connection_id", resume.connection_id.as_str()), ("sequence_number", &number)];
            to.url.query_pairs_mut().extend_pairs(pairs);
        }
        let mut same_server = true;
        let mut left = options.max_redirects;
        loop {
            let refusal = match self.upgrade(&to, same_server).await? {
                Ok(socket) => return Ok(socket),
                Err(refusal) => refusal,
            };
            let from =
                Origin { method: &Method::GET, url: &to.url, same_server, local_socket: to.socket.is_some() };
            let hop = redirect::next(from, refusal.status(), refusal.headers())
                .filter(|_| options.max_redirects > 0);
            let Some(hop) = hop else {
                return Err(self.refused(refusal.status().as_u16()));
            };
            left = left
                .checked_sub(1)
                .ok_or_else(|| OpenFailure::Passing(redirect::too_many(options.max_redirects).to_string()))?;
            (to.url, same_server) = (hop.url, hop.same_server);
        }
    }

    /// A socket, or the response of a server that gives none.
    async fn upgrade(
        &self,
        to: &Address,
        same_server: bool,
    ) -> Result<Result<Socket, UpgradeRefusal>, OpenFailure> {
        let io = self.session.dialer().dial(to).await.map_err(|e| self.passing(e))?;
        // "http" -> "ws", "https" -> "wss"
        let mut request = to.url.as_str().replacen("http", "ws", 1).into_client_request().map_err(|e| {
            OpenFailure::Final(Error::new(ErrorKind::Config, format!("ws_url is not valid: {e}")))
        })?;
        let headers = request.headers_mut();
        for (name, value) in &self.session.websocket_headers(same_server) {
            match name {
                // What makes it an upgrade is not the caller's to set; and we know no extensions.
                &CONNECTION | &UPGRADE | &SEC_WEBSOCKET_EXTENSIONS => {}
                &HOST => drop(headers.insert(name, value.clone())),
                _ => drop(headers.append(name, value.clone())),
            }
        }
        match client_async_with_config(request, YieldingStream::new(io), Some(websocket::limits())).await {
            Ok((_, response)) if names_extension(response.headers()) => Err(OpenFailure::Passing(
                "the websocket handshake failed: the server uses an extension that was not asked for"
                    .to_owned(),
            )),
            Ok((socket, _)) => Ok(Ok(socket)),
            Err(WsError::Http(refusal)) => Ok(Err(refusal)),
            Err(e) => Err(self.unsecured(&e).unwrap_or_else(|| {
                OpenFailure::Passing(format!("the websocket handshake failed: {}", reason(&e)))
            })),
        }
    }

    /// With TLS 1.3 the server judges our certificate only after the handshake.
    fn unsecured(&self, error: &WsError) -> Option<OpenFailure> {
        let found = rustls_error(match error {
            WsError::Io(e) => e,
            _ => return None,
        })?;
        Some(self.passing(Error::new(ErrorKind::Tls, format!("TLS failed: {}", tls_reason(found)))))
    }

    /// The upgrade was answered with something else than 101.
    fn refused(&self, status: u16) -> OpenFailure {
        let text = format!("the server answered the websocket upgrade with {status}");
        match status {
            401 => OpenFailure::Unauthorized,
            300..=499 if !self.opened_once && !matches!(status, 408 | 429) => OpenFailure::Final(Error::new(
                ErrorKind::Protocol,
                format!("{text}: check the url, and that a proxy in between lets websockets through"),
            )),
            _ => OpenFailure::Passing(text),
        }
    }

    /// Reads `socket` to its end and says why it ended.
    ///
    /// `ping` is the first frame sent.
    async fn read(&mut self, socket: Socket, ping: String) -> String {
        let mut socket = PacedSocket::new(socket);
        socket.send(ping);
        let mut said_full = false;
        loop {
            let deadline = self.lifecycle.deadline().unwrap_or_else(Instant::now);
            let message = match socket.next(deadline).await {
                Wake::Message(message) => message,
                Wake::Deadline => match self.lifecycle.on_timer(Instant::now()) {
                    TimerAction::Nothing => continue,
                    TimerAction::Abandon(reason) => return reason,
                    TimerAction::Ping(text) => {
                        socket.send(text);
                        continue;
                    }
                    TimerAction::Keep => {
                        self.keep();
                        continue;
                    }
                },
            };
            let text: Bytes = match message {
                Some(Ok(Message::Text(text))) => text.into(),
                // As in 0.5.0; the server itself sends text only.
                Some(Ok(Message::Binary(bytes))) => bytes,
                Some(Ok(Message::Close(Some(frame)))) => {
                    return format!("closed by the server with code {}", u16::from(frame.code));
                }
                Some(Ok(Message::Close(None))) | None => return "closed by the server".to_owned(),
                Some(Ok(_)) => continue,
                Some(Err(e)) => return reason(&e),
            };
            let items = match self.frame(&text) {
                Ok(items) => items,
                Err(reason) => return reason,
            };
            for item in items.into_iter().flatten() {
                if let Err(item) = self.queue.try_push(item) {
                    let full = Instant::now();
                    if !std::mem::replace(&mut said_full, true) {
                        self.queue.push(Item::Notice(self.queue.full())).await;
                    }
                    self.queue.push(item).await;
                    self.lifecycle.paused(full.elapsed());
                }
            }
        }
    }

    /// What a frame brings for the queue, or why the socket is of no use any more.
    fn frame(&mut self, text: &Bytes) -> Result<[Option<Item>; 3], String> {
        let frame = Frame::of(text);
        let now = Instant::now();
        let server_time = match &frame {
            Frame::Reply { server_time, .. } => Some(server_time.unwrap_or_else(clock::milliseconds)),
            _ => None,
        };
        if let Frame::Hello { user_id, .. } = &frame
            && !user_id.is_empty()
        {
            self.own_id.clone_from(user_id);
        }
        let (greeting, is_event) = match self.lifecycle.on_frame(frame, now) {
            FrameAction::Deliver => (None, true),
            FrameAction::Consume => return Ok([None, None, None]),
            FrameAction::Answered => (None, false),
            FrameAction::Greet(greeting) => (Some(greeting), false),
            FrameAction::GreetAndDeliver(greeting) => (Some(greeting), true),
            FrameAction::Abandon(reason) => return Err(reason),
        };
        let name = if is_event { frame::event_name(text) } else { Cow::Borrowed("") };
        let mut is_news = is_event;
        let mut position = None;
        if let Some(shared) = &self.recovery {
            let mut recovery = shared.lock();
            if let Some(greeting) = &greeting {
                recovery.connected(&self.own_id, *greeting == Greeting::Resumed, now);
            }
            if is_event {
                (is_news, position) = recovery.event(&name, text, now);
            } else if let Some(server_time) = server_time {
                position = recovery.answered(server_time, now);
            }
            drop(recovery);
            shared.wake();
        }
        is_news = is_news && self.filter.takes(&name, text, &self.own_id);
        // A copy: the frame itself keeps alive all that was read with it, up to a few MiB.
        let event = is_news.then(|| Item::frame(Bytes::copy_from_slice(text)));
        let position = position.map(|position| Item::Notice(Notice::Position(position)));
        Ok([greeting.map(|greeting| noticed(&greeting)), event, position])
    }

    /// Makes a call for the server to see; what comes of it is nobody's concern.
    fn keep(&self) {
        let (session, transport) = (Arc::clone(&self.session), self.transport.clone());
        tokio::spawn(async move { session_check::show(&session, &transport).await });
    }
}

fn noticed(greeting: &Greeting) -> Item {
    Item::Notice(match greeting {
        Greeting::New(server_version) => Notice::connected(server_version),
        Greeting::Resumed => Notice::Resumed,
    })
}

/// RFC 6455, section 4.1: what the client did not ask for fails the connection. Of subprotocols tungstenite
/// knows that by itself.
fn names_extension(headers: &HeaderMap) -> bool {
    headers.get_all(SEC_WEBSOCKET_EXTENSIONS).iter().any(|value| !value.as_bytes().trim_ascii().is_empty())
}

/// How a connection mostly ends: the server closes mostly without a Close frame.
const CUT: &str = "the connection was cut";

fn reason(error: &WsError) -> String {
    match error {
        WsError::ConnectionClosed | WsError::AlreadyClosed => "closed by the server".to_owned(),
        WsError::Io(e) if is_closed(e.kind()) => CUT.to_owned(),
        WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => CUT.to_owned(),
        other => deepest(other),
    }
}
