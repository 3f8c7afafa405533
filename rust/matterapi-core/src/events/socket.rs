//! Carries out what [`connection`](super::connection) decides: the only file that talks to
//! tokio-tungstenite.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use url::{Host, Url};

use super::backoff::Backoff;
use super::connection::{Connection, Due, Fate, Step, Verdict};
use super::frame::Frame;
use super::queue::{Item, Notice, Queue};
use crate::error::{Error, Kind, Phase};
use crate::transport::{deepest, is_closed};
use crate::{Request, Route, Session, Transport};

const PATH: &str = "/api/v4/websocket";

/// Largest message and frame taken: the server never fragments, and a post with its props stays below.
const MAX_MESSAGE: usize = 8 * 1024 * 1024;

/// How a stream behaves.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Ceiling of the first waits before a reconnect.
    pub first_wait: Option<Duration>,
    /// Log in again before every reconnect.
    pub relogin: bool,
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}
type Socket = WebSocketStream<Box<dyn Io>>;

/// Why no socket was opened.
enum Unopened {
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
pub async fn run(session: Arc<Session>, transport: Transport, options: Options, queue: Arc<Queue>) {
    let backoff = Backoff::new(options.first_wait);
    let mut stream = Stream {
        session,
        transport,
        options,
        queue,
        connection: Connection::new(backoff),
        opened_once: false,
    };
    let error = stream.run().await;
    stream.queue.end(Some(error));
}

struct Stream {
    session: Arc<Session>,
    transport: Transport,
    options: Options,
    queue: Arc<Queue>,
    connection: Connection,
    opened_once: bool,
}

impl Stream {
    /// Runs until there is an error that no new try can mend.
    async fn run(&mut self) -> Error {
        let mut step = Step::Connect;
        let mut rejection = None;
        loop {
            step = match step {
                Step::Connect => match self.open().await {
                    Ok(socket) => {
                        self.opened_once = true;
                        self.connection.opened(Instant::now());
                        let reason = self.read(socket).await;
                        self.connection.ended(reason, Instant::now(), fastrand::f64())
                    }
                    Err(Unopened::Unauthorized) => self.connection.unauthorized(),
                    Err(Unopened::Passing(reason)) => {
                        self.connection.ended(reason, Instant::now(), fastrand::f64())
                    }
                    Err(Unopened::Final(error)) => return error,
                },
                Step::Reconnect(wait, reason) => {
                    self.queue.push(Item::Notice(Notice::Reconnecting { reason, wait })).await;
                    sleep(wait).await;
                    Step::Connect
                }
                Step::Check(wait) => {
                    sleep(wait).await;
                    let verdict = match self.check().await {
                        Ok(verdict) => verdict,
                        Err(error) if matches!(error.kind(), Kind::Auth) => return error,
                        Err(error) => {
                            rejection = Some(error);
                            Verdict::Rejected
                        }
                    };
                    self.connection.checked(verdict, fastrand::f64())
                }
                Step::Reject => {
                    return rejection
                        .unwrap_or_else(|| Error::new(Kind::Auth, "the server rejected the credentials"));
                }
            };
        }
    }

    /// Logs in if need be and opens a socket, each phase within the connect time-out.
    async fn open(&self) -> Result<Socket, Unopened> {
        let login = match self.options.relogin && self.opened_once {
            true => self.session.login_again(&self.transport).await,
            false => self.session.login(&self.transport).await,
        };
        login.map_err(|error| match error.kind() {
            Kind::Refused if error.response().is_some_and(|r| r.status.as_u16() == 401) => {
                Unopened::Unauthorized
            }
            Kind::Refused | Kind::Auth | Kind::Config => Unopened::Final(error),
            _ => self.passing(error),
        })?;
        let limit = self.session.config().timeouts.connect;
        let connect = self.connect();
        match limit {
            None => connect.await,
            Some(limit) => timeout(limit, connect).await.unwrap_or_else(|_| {
                let seconds = limit.as_secs_f64();
                Err(Unopened::Passing(format!("no websocket within {seconds} s")))
            }),
        }
    }

    /// A wrong certificate will not mend itself; before the first success it ends the stream.
    fn passing(&self, error: Error) -> Unopened {
        match error.kind() {
            Kind::Tls if !self.opened_once => Unopened::Final(error),
            _ => Unopened::Passing(error.to_string()),
        }
    }

    async fn connect(&self) -> Result<Socket, Unopened> {
        let config = self.session.config();
        let io = dial(&config.websocket, self.session.tls()).await.map_err(|e| self.passing(e))?;
        let url = format!("{}{PATH}", config.websocket.as_str().trim_end_matches('/'));
        let mut request = url
            .into_client_request()
            .map_err(|e| Unopened::Final(Error::new(Kind::Config, format!("ws_url is not valid: {e}"))))?;
        for (name, value) in &self.session.websocket_headers() {
            request.headers_mut().insert(name, value.clone());
        }
        let limits =
            WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
        match client_async_with_config(request, io, Some(limits)).await {
            Ok((socket, _)) => Ok(socket),
            Err(WsError::Http(answer)) => Err(self.refused(answer.status().as_u16())),
            Err(e) => Err(Unopened::Passing(format!("the websocket handshake failed: {}", reason(&e)))),
        }
    }

    /// The upgrade was answered with something else than 101.
    fn refused(&self, status: u16) -> Unopened {
        let text = format!("the server answered the websocket upgrade with {status}");
        match status {
            401 => Unopened::Unauthorized,
            400..=499 if !self.opened_once && !matches!(status, 408 | 429) => Unopened::Final(Error::new(
                Kind::Protocol,
                format!("{text}: check the url, and that a proxy in between lets websockets through"),
            )),
            _ => Unopened::Passing(text),
        }
    }

    /// Reads `socket` to its end and says why it ended.
    async fn read(&mut self, mut socket: Socket) -> String {
        let mut said_full = false;
        loop {
            let deadline = self.connection.deadline().unwrap_or_else(Instant::now);
            let message = tokio::select! {
                biased;
                message = socket.next() => message,
                () = sleep_until(deadline) => match self.connection.due(Instant::now()) {
                    Due::Nothing => continue,
                    Due::Abandon(reason) => return reason,
                    Due::Ping(text) => match socket.send(Message::text(text)).await {
                        Ok(()) => continue,
                        Err(e) => return reason(&e),
                    },
                },
            };
            let text: Bytes = match message {
                Some(Ok(Message::Text(text))) => text.into(),
                Some(Ok(Message::Close(Some(frame)))) => {
                    return format!("closed by the server with code {}", u16::from(frame.code));
                }
                Some(Ok(Message::Close(None))) | None => return "closed by the server".to_owned(),
                Some(Ok(_)) => continue,
                Some(Err(e)) => return reason(&e),
            };
            let item = match self.connection.frame(Frame::of(&text), Instant::now()) {
                Fate::Deliver => Item::Frame(text),
                Fate::Consume => continue,
                Fate::Greet(server_version) => Item::Notice(Notice::Connected { server_version }),
                Fate::Abandon(reason) => return reason,
            };
            if let Err(item) = self.queue.try_push(item) {
                if !std::mem::replace(&mut said_full, true) {
                    self.queue.push(Item::Notice(Notice::Full)).await;
                }
                self.queue.push(item).await;
            }
        }
    }

    /// Asks whether the credentials are good. A rejection by a healthy server is the error.
    async fn check(&self) -> Result<Verdict, Error> {
        let rejection = match self.get("GET /api/v4/users/me").await {
            Ok(answer) if answer.status.is_success() => return Ok(Verdict::Accepted),
            Ok(answer) if answer.status.as_u16() == 401 => {
                Error::refused(answer).on(&"GET /api/v4/users/me".into())
            }
            Ok(_) => return Ok(Verdict::Undecided),
            Err(error) => match error.response() {
                Some(answer) if answer.status.as_u16() == 401 => error,
                _ if error.kind() == Kind::Auth => return Err(error),
                _ => return Ok(Verdict::Undecided),
            },
        };
        match self.is_healthy().await {
            true => Err(rejection),
            false => Ok(Verdict::Undecided),
        }
    }

    /// `?get_server_status=true` answers 500 with `database_status: UNHEALTHY` without the database.
    async fn is_healthy(&self) -> bool {
        match self.get("GET /api/v4/system/ping?get_server_status=true").await {
            Ok(answer) => {
                let unhealthy = answer.body.windows(11).any(|window| window == b"\"UNHEALTHY\"");
                answer.status.is_success() && !unhealthy
            }
            Err(_) => false,
        }
    }

    async fn get(&self, route: &str) -> Result<crate::Response, Error> {
        let route = Arc::new(Route::parse(route)?);
        let target = route.fill(|_| Ok(None))?;
        self.session.send(&self.transport, &Request { route, target, body: None }).await
    }
}

/// Opens the connection that the websocket runs on.
async fn dial(url: &Url, tls: &rustls::ClientConfig) -> Result<Box<dyn Io>, Error> {
    let host = match url.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => return Err(Error::new(Kind::Config, "ws_url names no host")),
    };
    let port = url.port_or_known_default().unwrap_or(80);
    let tcp = TcpStream::connect((host.as_str(), port)).await.map_err(|e| match e.kind() {
        std::io::ErrorKind::TimedOut => Error::new(Kind::Timeout(Phase::Connect), e.to_string()),
        _ => Error::new(Kind::Connect, format!("cannot connect: {e}")),
    })?;
    // Our frames are small and rare: none should wait for another.
    tcp.set_nodelay(true).map_err(|e| Error::new(Kind::Connect, e.to_string()))?;
    if url.scheme() == "ws" {
        return Ok(Box::new(tcp));
    }
    let name = ServerName::try_from(host).map_err(|_| {
        Error::new(Kind::Config, "the host of ws_url cannot be checked against a certificate")
    })?;
    let connector = TlsConnector::from(Arc::new(tls.clone()));
    let stream = connector.connect(name, tcp).await.map_err(|e| match is_closed(e.kind()) {
        true => Error::new(Kind::Closed, format!("closed in the TLS handshake: {e}")),
        false => Error::new(Kind::Tls, format!("the TLS handshake failed: {e}")),
    })?;
    Ok(Box::new(stream))
}

/// The usual end of a connection: the server closes without a Close frame at most occasions.
const CUT: &str = "the connection was cut";

fn reason(error: &WsError) -> String {
    match error {
        WsError::ConnectionClosed | WsError::AlreadyClosed => "closed by the server".to_owned(),
        WsError::Io(e) if is_closed(e.kind()) => CUT.to_owned(),
        WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => CUT.to_owned(),
        other => deepest(other),
    }
}
