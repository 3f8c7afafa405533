//! The websocket: its way in, what it brings, and how it comes back.

use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use matterapi_core::auth::Credentials;
use matterapi_core::events::{self, Batch, Item, Notice, Queue, StreamOptions};
use matterapi_core::options::Proxies;
use matterapi_core::{Error, ErrorKind, Options, Secret};
use tokio::join;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, frame::coding::CloseCode};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::dial::trusting;
use crate::support::*;

const HELLO: &str = r#"{"event": "hello", "data": {"server_version": "11.2.0"}, "broadcast": {}, "seq": 0}"#;
const EVENT: &str = r#"{"event": "posted", "data": {}, "broadcast": {}, "seq": 1}"#;

type Socket = WebSocketStream<Box<dyn Stream>>;

fn with_token(server: &Server) -> Options {
    Options { auth: Credentials::Token(Secret::new("t")), ..server.options() }
}

/// A stream that runs beside a test.
struct Running {
    queue: Arc<Queue>,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    fn start(options: Options) -> Self {
        let client = Client::new(options);
        let queue = Arc::new(Queue::default());
        let task = events::run(
            client.session,
            client.transport,
            StreamOptions::default(),
            Arc::clone(&queue),
            Arc::default(),
        );
        Self { queue, task: tokio::spawn(task) }
    }

    async fn next(&self) -> Item {
        match self.queue.take_async(1).await {
            Batch::Items(mut items) => match items.remove(0) {
                // When it came is not the test's to know.
                Item::Frame { text, .. } => Item::Frame { text, received_at: 0.0 },
                notice => notice,
            },
            other => panic!("{other:?}"),
        }
    }

    /// Why the connection ended.
    async fn reconnecting(&self) -> String {
        match self.next().await {
            Item::Notice(Notice::Reconnecting { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    /// What ends the stream; notices before it are left out.
    async fn end(&self) -> Error {
        loop {
            match self.queue.take_async(1).await {
                Batch::Ended(error) => return error.unwrap(),
                Batch::Items(items) => assert!(matches!(items[..], [Item::Notice(_)]), "{items:?}"),
                Batch::Empty => {}
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn frame(text: &str) -> Item {
    Item::Frame { text: Bytes::copy_from_slice(text.as_bytes()), received_at: 0.0 }
}

/// Takes the upgrade, with these header fields in the response.
async fn upgrade(mut peer: Peer, headers: &str) -> (Asked, Socket) {
    let asked = peer.request().await;
    let accept = derive_accept_key(asked.header("sec-websocket-key").unwrap().as_bytes());
    let head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    peer.send(format!("{head}Sec-WebSocket-Accept: {accept}\r\n{headers}\r\n")).await;
    (asked, WebSocketStream::from_raw_socket(peer.0.into_inner(), Role::Server, None).await)
}

async fn accept(server: &Server) -> (Asked, Socket) {
    upgrade(server.accept().await, "").await
}

async fn say(socket: &mut Socket, text: &str) {
    socket.send(Message::text(text)).await.unwrap();
}

async fn heard(socket: &mut Socket) -> String {
    socket.next().await.unwrap().unwrap().into_text().unwrap().to_string()
}

#[test]
fn a_stream_comes_with_its_token_says_hello_and_hands_over_events_in_order() {
    run(async {
        let server = Server::start().await;
        let params = Some(Secret::new("key=sesame"));
        let stream = Running::start(Options { params, ..with_token(&server) });
        let (asked, mut socket) = accept(&server).await;
        assert_eq!(asked.line, "GET /api/v4/websocket?key=sesame");
        assert_eq!(asked.header("authorization"), Some("Bearer t"));
        say(&mut socket, EVENT).await;
        say(&mut socket, HELLO).await;
        for number in 1..=2000 {
            say(&mut socket, &EVENT.replace("1}", &format!("{number}}}"))).await;
        }
        assert_eq!(stream.next().await, Item::Notice(Notice::connected("11.2.0")), "no event before hello");
        let mut number = 1;
        while number <= 2000 {
            match stream.next().await {
                Item::Notice(Notice::Full { .. }) => {}
                item => {
                    assert_eq!(item, frame(&EVENT.replace("1}", &format!("{number}}}"))));
                    number += 1;
                }
            }
        }
    });
}

#[test]
fn a_websocket_over_tls_checks_its_server() {
    run(async {
        let server = Server::start().await;
        let ws_url = format!("wss://localhost:{}", server.address.port());
        let stream =
            Running::start(Options { ws_url: ws_url.clone(), verify: trusting(), ..with_token(&server) });
        let tls = tls_acceptor().accept(server.accept_raw().await).await.unwrap();
        let (_, mut socket) = upgrade(Peer::new(tls), "").await;
        say(&mut socket, HELLO).await;
        assert_eq!(stream.next().await, Item::Notice(Notice::connected("11.2.0")));
        let stream = Running::start(Options { ws_url, ..with_token(&server) });
        let acceptor = tls_acceptor();
        let (error, handshake) =
            join!(stream.end(), async { acceptor.accept(server.accept_raw().await).await });
        assert_eq!(error.kind(), ErrorKind::Tls, "a wrong certificate does not mend itself");
        assert!(handshake.is_err());
    });
}

#[test]
fn a_proxy_makes_a_tunnel_also_for_a_plain_websocket() {
    run(async {
        let proxy = Server::start().await;
        let http = Some(Secret::new(format!("http://user:pass@{}", proxy.address)));
        let proxies = Proxies { http, ..Proxies::default() };
        let stream =
            Running::start(Options { proxies, ..Options::new("http://chat.example", "ws://chat.example") });
        let mut peer = proxy.accept().await;
        let asked = peer.reply("HTTP/1.1 200 OK\r\n\r\n").await;
        assert_eq!(asked.line, "CONNECT chat.example:80");
        assert_eq!(asked.header("proxy-authorization"), Some("Basic dXNlcjpwYXNz"));
        let (asked, mut socket) = upgrade(peer, "").await;
        assert_eq!(
            (asked.line.as_str(), asked.header("host")),
            ("GET /api/v4/websocket", Some("chat.example"))
        );
        say(&mut socket, HELLO).await;
        assert_eq!(stream.next().await, Item::Notice(Notice::connected("11.2.0")));
    });
}

#[test]
fn a_close_or_a_cut_is_followed_by_another_connection() {
    run_in_no_time(async {
        let server = Server::start().await;
        let stream = Running::start(with_token(&server));
        for (close, reason) in
            [(true, "closed by the server with code 1001"), (false, "the connection was cut")]
        {
            let (_, mut socket) = accept(&server).await;
            say(&mut socket, HELLO).await;
            assert_eq!(stream.next().await, Item::Notice(Notice::connected("11.2.0")));
            if close {
                let frame = CloseFrame { code: CloseCode::Away, reason: "".into() };
                socket.close(Some(frame)).await.unwrap();
            }
            drop(socket);
            assert_eq!(stream.reconnecting().await, reason);
        }
        let (_, mut socket) = accept(&server).await;
        say(&mut socket, HELLO).await;
        assert_eq!(stream.next().await, Item::Notice(Notice::connected("11.2.0")));
    });
}

#[test]
fn pings_are_answered_and_replies_to_our_own_reach_nobody() {
    run_in_no_time(async {
        let server = Server::start().await;
        let stream = Running::start(with_token(&server));
        let (_, mut socket) = accept(&server).await;
        say(&mut socket, HELLO).await;
        let ping = |seq| format!(r#"{{"seq":{seq},"action":"ping"}}"#);
        assert_eq!(heard(&mut socket).await, ping(1), "at once: its reply says what became of the stream");
        socket.send(Message::Ping(Bytes::from_static(b"x"))).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::Pong(Bytes::from_static(b"x")));
        for seq in 1..4 {
            if seq > 1 {
                assert_eq!(heard(&mut socket).await, ping(seq));
            }
            say(&mut socket, &format!(r#"{{"status":"OK","seq_reply":{seq},"data":{{"text":"pong"}}}}"#))
                .await;
        }
        say(&mut socket, EVENT).await;
        assert_eq!(stream.next().await, Item::Notice(Notice::connected("11.2.0")));
        assert_eq!(stream.next().await, frame(EVENT));
        // The next one finds no answer.
        assert_eq!(stream.reconnecting().await, "the server did not answer a ping within 10 s");
    });
}

#[test]
fn a_socket_without_hello_is_checked_and_two_rejections_end_the_stream() {
    run_in_no_time(async {
        let server = Server::start().await;
        let stream = Running::start(with_token(&server));
        let script = async {
            drop(accept(&server).await);
            let asks = server.answering(|asked| match asked.line.as_str() {
                "GET /api/v4/users/me" => response("401 Unauthorized", "", r#"{"id":"api.context.invalid"}"#),
                "GET /api/v4/system/ping?get_server_status=true" => ok(r#"{"database_status":"OK"}"#),
                other => panic!("{other}"),
            });
            let error = stream.end().await;
            (error, asks)
        };
        let (error, asks) = script.await;
        assert_eq!((error.kind(), error.response().unwrap().status.as_u16()), (ErrorKind::Refused, 401));
        assert_eq!(asks.count("GET /api/v4/users/me"), 2);
    });
}

#[test]
fn a_server_without_its_database_is_waited_for() {
    run_in_no_time(async {
        let server = Server::start().await;
        let stream = Running::start(with_token(&server));
        drop(accept(&server).await);
        let mut peer = server.accept().await;
        peer.reply(response("401 Unauthorized", "", "{}")).await;
        let asked = peer.reply(response("500 X", "", r#"{"database_status":"UNHEALTHY"}"#)).await;
        assert_eq!(asked.line, "GET /api/v4/system/ping?get_server_status=true");
        tokio::select! {
            reason = stream.reconnecting() => assert!(reason.contains("without its database"), "{reason}"),
            asked = peer.next() => panic!("its word on the credentials was taken: {asked:?}"),
        }
        let (_, mut socket) = accept(&server).await;
        say(&mut socket, HELLO).await;
        assert_eq!(stream.next().await, Item::Notice(Notice::connected("11.2.0")));
    });
}

#[test]
fn an_upgrade_that_is_refused_for_good_ends_the_stream() {
    run(async {
        let server = Server::start().await;
        let stream = Running::start(with_token(&server));
        server.accept().await.reply(response("404 Not Found", "", "no")).await;
        let error = stream.end().await;
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(error.message().starts_with("the server answered the websocket upgrade with 404"), "{error}");
    });
}

#[test]
fn an_upgrade_that_is_refused_for_now_is_tried_again() {
    run_in_no_time(async {
        let server = Server::start().await;
        let stream = Running::start(with_token(&server));
        for status in ["429 X", "503 X"] {
            server.accept().await.reply(response(status, "", "later")).await;
            assert!(
                stream.reconnecting().await.starts_with("the server answered the websocket upgrade with")
            );
        }
        let (_, mut socket) = accept(&server).await;
        say(&mut socket, HELLO).await;
        assert_eq!(stream.next().await, Item::Notice(Notice::connected("11.2.0")));
    });
}

#[test]
fn a_redirected_upgrade_is_followed_without_the_token_elsewhere() {
    run(async {
        let (server, other) = join!(Server::start(), Server::start());
        let stream = Running::start(Options { max_redirects: 1, ..with_token(&server) });
        let to = format!("Location: {}/ws\r\n", other.ws_url());
        server.accept().await.reply(response("302 Found", &to, "")).await;
        let (asked, mut socket) = accept(&other).await;
        assert_eq!((asked.line.as_str(), asked.header("authorization")), ("GET /ws", None));
        say(&mut socket, HELLO).await;
        assert_eq!(stream.next().await, Item::Notice(Notice::connected("11.2.0")));
    });
}

#[test]
fn an_extension_that_nobody_asked_for_fails_the_handshake() {
    run_in_no_time(async {
        let server = Server::start().await;
        let stream = Running::start(with_token(&server));
        let (asked, _) =
            upgrade(server.accept().await, "Sec-WebSocket-Extensions: permessage-deflate\r\n").await;
        assert_eq!(asked.header("sec-websocket-extensions"), None);
        assert!(stream.reconnecting().await.contains("an extension that was not asked for"));
    });
}

#[test]
fn a_message_of_more_than_8_mib_is_not_taken() {
    run_in_no_time(async {
        let server = Server::start().await;
        let stream = Running::start(with_token(&server));
        let (_, mut socket) = accept(&server).await;
        say(&mut socket, HELLO).await;
        assert_eq!(stream.next().await, Item::Notice(Notice::connected("11.2.0")));
        // It may hang up before it has all of it.
        let _ = socket.send(Message::text("x".repeat(8 * 1024 * 1024 + 1))).await;
        assert!(stream.reconnecting().await.contains("too long"));
    });
}

#[test]
fn dropping_a_stream_closes_its_socket() {
    run(async {
        let server = Server::start().await;
        let stream = Running::start(with_token(&server));
        let (_, mut socket) = accept(&server).await;
        say(&mut socket, HELLO).await;
        assert_eq!(stream.next().await, Item::Notice(Notice::connected("11.2.0")));
        heard(&mut socket).await;
        drop(stream);
        assert!(!matches!(socket.next().await, Some(Ok(_))));
    });
}
