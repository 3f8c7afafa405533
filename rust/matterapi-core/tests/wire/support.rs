//! A server that does on each connection what a test says, and a client of it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use matterapi_core::auth::{Credentials, Mfa};
use matterapi_core::http::body::{Body, Chunks, Content, StreamedContent};
use matterapi_core::http::{Exchange, ExchangeEvent, OwnOptions, Request, Session, Transport, Watch};
use matterapi_core::{Error, Options, Response, Route, Secret};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Runs a test, which may take a minute: it hangs only when the code is broken.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    on(tokio::runtime::Builder::new_current_thread().enable_all(), Duration::from_secs(60), test)
}

/// Runs a test in which time passes only while all wait, and then at once. Names must not be looked up in it.
pub fn run_in_no_time<T>(test: impl Future<Output = T>) -> T {
    let hours = Duration::from_secs(4 * 3600);
    on(tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true), hours, test)
}

fn on<T>(runtime: &mut tokio::runtime::Builder, limit: Duration, test: impl Future<Output = T>) -> T {
    let runtime = runtime.build().unwrap();
    runtime.block_on(async { tokio::time::timeout(limit, test).await.expect("the test hangs") })
}

/// What a client asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Such as `GET /path`.
    pub line: String,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// One connection, seen from the server.
pub struct Peer(pub BufReader<Box<dyn Stream>>);

impl Peer {
    pub fn new(stream: impl Stream + 'static) -> Self {
        Self(BufReader::new(Box::new(stream)))
    }

    /// The next request, or `None` when the client closes the connection.
    pub async fn next(&mut self) -> Option<Asked> {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await.unwrap_or(0) == 0 {
                return None;
            }
            match line.trim_end() {
                "" => break,
                line => head.push(line.to_owned()),
            }
        }
        let line = head.remove(0);
        let headers: Vec<(String, String)> = head
            .iter()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let line = line.trim_end_matches(" HTTP/1.1").to_owned();
        let mut asked = Asked { line, headers, body: Vec::new() };
        if let Some(length) = asked.header("content-length") {
            asked.body = vec![0; length.parse().unwrap()];
            self.0.read_exact(&mut asked.body).await.ok()?;
        } else if asked.header("transfer-encoding").is_some() {
            asked.body = self.chunked().await?;
        }
        Some(asked)
    }

    async fn chunked(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.ok()?;
            let size = usize::from_str_radix(line.trim_end(), 16).ok()?;
            let mut chunk = vec![0; size + 2];
            self.0.read_exact(&mut chunk).await.ok()?;
            if size == 0 {
                return Some(body);
            }
            body.extend_from_slice(&chunk[..size]);
        }
    }

    /// The next request, which has to come.
    pub async fn request(&mut self) -> Asked {
        self.next().await.expect("the client closed the connection")
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// Takes a request and sends a response to it.
    pub async fn reply(&mut self, response: impl AsRef<[u8]>) -> Asked {
        let asked = self.request().await;
        self.send(response).await;
        asked
    }

    /// Waits until the client closes the connection, whatever it sends before.
    pub async fn closed(mut self) {
        let mut rest = Vec::new();
        // A reset is an end, too.
        let _ = self.0.read_to_end(&mut rest).await;
    }
}

/// A response with a body of known size.
pub fn response(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
}

pub fn ok(body: &str) -> String {
    response("200 OK", "", body)
}

/// What the server says when a session is over.
pub fn expired() -> String {
    response("401 Unauthorized", "", r#"{"id":"api.context.session_expired.app_error","status_code":401}"#)
}

/// The server's response to a login.
pub fn logged_in(token: &str) -> String {
    response("200 OK", &format!("Token: {token}\r\n"), "{}")
}

/// Accepts connections.
pub struct Server {
    listener: TcpListener,
    pub address: SocketAddr,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        Self { listener, address }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn ws_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Options of a client of this server.
    pub fn options(&self) -> Options {
        Options::new(self.url(), self.ws_url())
    }

    pub async fn accept(&self) -> Peer {
        Peer::new(self.accept_raw().await)
    }

    pub async fn accept_raw(&self) -> tokio::net::TcpStream {
        let (stream, _) = self.listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// Answers every request with what `answer` makes of it; returns what was asked so far.
    pub fn answering(self, answer: impl Fn(&Asked) -> String + Send + Sync + 'static) -> Asks {
        let asks = Asks::default();
        let (kept, answer) = (asks.clone(), Arc::new(answer));
        tokio::spawn(async move {
            loop {
                let mut peer = self.accept().await;
                let (kept, answer) = (kept.clone(), Arc::clone(&answer));
                tokio::spawn(async move {
                    while let Some(asked) = peer.next().await {
                        let response = answer(&asked);
                        kept.0.lock().unwrap().push(asked);
                        peer.send(response).await;
                    }
                });
            }
        });
        asks
    }
}

/// What was asked so far.
#[derive(Clone, Default)]
pub struct Asks(Arc<Mutex<Vec<Asked>>>);

impl Asks {
    pub fn all(&self) -> Vec<Asked> {
        self.0.lock().unwrap().clone()
    }

    pub fn count(&self, line: &str) -> usize {
        self.all().iter().filter(|asked| asked.line == line).count()
    }
}

/// A session and its connections on this runtime.
#[derive(Clone)]
pub struct Client {
    pub session: Arc<Session>,
    pub transport: Transport,
}

impl Client {
    pub fn new(options: Options) -> Self {
        let session = Arc::new(Session::new(options).unwrap());
        Self { transport: session.transport().unwrap(), session }
    }

    pub async fn send(&self, route: &str, body: Option<Body>) -> Result<Response, Error> {
        self.session.send(&self.transport, &request(route, body)).await
    }

    pub async fn get(&self, path: &str) -> Result<Response, Error> {
        self.send(&format!("GET {path}"), None).await
    }

    pub async fn post(&self, path: &str, body: Body) -> Result<Response, Error> {
        self.send(&format!("POST {path}"), Some(body)).await
    }

    /// A call to be followed event by event.
    pub fn exchange(&self, route: &str, body: Option<Body>, in_pieces: bool) -> Exchange {
        self.watched(route, body, Watch { pieces: in_pieces, progress: true, retries: false })
    }

    /// A call to be followed as far as `watch` says.
    pub fn watched(&self, route: &str, body: Option<Body>, watch: Watch) -> Exchange {
        let request = Arc::new(request(route, body));
        Exchange::new(Arc::clone(&self.session), self.transport.clone(), request, None, watch)
    }
}

pub fn request(route: &str, body: Option<Body>) -> Request {
    let route = Arc::new(Route::parse(route).unwrap());
    let target = route.fill(|_| Ok(None)).unwrap();
    Request { route, target, body, own: OwnOptions::none() }
}

/// What comes of a download: all of its pieces.
pub async fn download(exchange: &mut Exchange) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    loop {
        match exchange.next().await? {
            ExchangeEvent::Piece(piece) => all.extend_from_slice(&piece),
            ExchangeEvent::End => return Ok(all),
            ExchangeEvent::Response(response) => assert!(response.body.is_empty()),
            ExchangeEvent::Sent(_) | ExchangeEvent::Retry(_) => {}
        }
    }
}

pub fn password() -> Credentials {
    Credentials::Password { login_id: "ann".into(), password: Secret::new("pw"), mfa: Mfa::None }
}

/// Content that comes in pieces.
#[derive(Debug)]
pub struct Pieces {
    pub pieces: Vec<&'static str>,
    pub replayable: bool,
}

impl StreamedContent for Pieces {
    fn size(&self) -> Option<u64> {
        self.replayable.then(|| self.pieces.iter().map(|piece| piece.len() as u64).sum())
    }

    fn replayable(&self) -> bool {
        self.replayable
    }

    fn open(&self) -> io::Result<Chunks> {
        let pieces: Vec<_> =
            self.pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
        Ok(Box::pin(stream::iter(pieces)))
    }
}

/// A body that comes in pieces; without a known size if it can be read once only.
pub fn pieces(pieces: &[&'static str], replayable: bool) -> Body {
    let content = Pieces { pieces: pieces.to_vec(), replayable };
    Body {
        content_type: "text/plain".into(),
        contents: vec![Content::Streamed(Arc::new(content))],
        keyed: false,
    }
}

pub fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire/tls")).join(name)
}

/// The server's side of TLS, for the name `localhost`.
pub fn tls_acceptor() -> TlsAcceptor {
    let chain =
        CertificateDer::pem_file_iter(fixture("server.pem")).unwrap().collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
