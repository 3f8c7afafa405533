//! One attempt on the wire: what goes out, which connection it takes, how long it may last, what fails how.

use std::io::{Read, Write};

use matterapi_core::http::body::Body;
use matterapi_core::options::{Limits, Timeout, header_map};
use matterapi_core::{Error, ErrorKind, Options, Phase, Response, Secret};
use tokio::join;

use crate::support::*;

fn only(read: Option<u64>, write: Option<u64>) -> Timeout {
    let seconds = |limit: Option<u64>| limit.map(std::time::Duration::from_secs);
    Timeout { connect: seconds(Some(10)), read: seconds(read), write: seconds(write), pool: None }
}

/// What comes of a call that is answered with `bytes`, whereupon the server closes.
fn answered(bytes: &'static str) -> Result<Response, Error> {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let script = async { server.accept().await.reply(bytes).await };
        join!(client.get("/a"), script).0
    })
}

#[test]
fn headers_and_parameters_of_the_session_go_with_every_request() {
    run(async {
        let server = Server::start().await;
        let headers = header_map(&[("X-A".into(), "1".into()), ("X-A".into(), "2".into())]).unwrap();
        let params = Some(Secret::new("key=sesame+street"));
        let client = Client::new(Options { headers, params, ..server.options() });
        let script = async { server.accept().await.reply(ok("{}")).await };
        let (response, asked) = join!(client.get("/a"), script);
        assert_eq!(asked.line, "GET /a?key=sesame+street");
        assert_eq!(asked.header("x-a"), Some("1"));
        assert_eq!(asked.header("content-type"), None);
        let response = response.unwrap();
        assert_eq!(response.url, format!("{}/a", server.url()), "parameters are not shown");
        assert_eq!(response.request_headers.len(), 2);
    });
}

#[test]
fn a_small_body_goes_out_with_its_size_and_type() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let script = async { server.accept().await.reply(ok("{}")).await };
        let (_, asked) = join!(client.post("/a", Body::bytes("application/json", "{}")), script);
        assert_eq!((asked.line.as_str(), asked.text().as_str()), ("POST /a", "{}"));
        assert_eq!(asked.header("content-type"), Some("application/json"));
    });
}

#[test]
fn a_kept_connection_carries_the_next_call() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let script = async {
            let mut peer = server.accept().await;
            peer.reply(ok("1")).await;
            peer.reply(ok("2")).await;
        };
        let calls = async { (client.get("/a").await.unwrap(), client.get("/b").await.unwrap()) };
        let ((a, b), ()) = join!(calls, script);
        assert_eq!((&a.body[..], &b.body[..]), (&b"1"[..], &b"2"[..]));
    });
}

#[test]
fn a_kept_connection_that_dies_is_replaced_for_what_can_be_repeated() {
    for (verb, repeated) in
        [("GET", true), ("PUT", true), ("DELETE", true), ("POST", false), ("PATCH", false)]
    {
        run(async {
            let server = Server::start().await;
            let client = Client::new(server.options());
            let script = async {
                let mut peer = server.accept().await;
                peer.reply(ok("1")).await;
                // It takes the request and hangs up.
                peer.request().await;
                drop(peer);
                server.accept().await.reply(ok("2")).await
            };
            let calls = async {
                client.get("/a").await.unwrap();
                client.send(&format!("{verb} /b"), None).await
            };
            tokio::select! {
                biased;
                response = calls => {
                    assert!(!repeated, "{verb}");
                    let error = response.unwrap_err();
                    assert_eq!((error.kind(), error.sent()), (ErrorKind::Closed, true));
                }
                again = script => assert!(repeated && again.line.starts_with(verb), "{verb}"),
            }
        });
    }
}

#[test]
fn what_can_be_read_once_is_not_repeated() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let script = async {
            let mut peer = server.accept().await;
            peer.reply(ok("1")).await;
            peer.request().await;
        };
        let calls = async {
            client.get("/a").await.unwrap();
            client.send("PUT /b", Some(pieces(&["x"], false))).await
        };
        let (response, ()) = join!(calls, script);
        assert_eq!(response.unwrap_err().kind(), ErrorKind::Closed);
    });
}

#[test]
fn a_call_is_repeated_once_only() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let script = async {
            let (mut one, mut two) = join!(server.accept(), server.accept());
            join!(one.reply(ok("1")), two.reply(ok("2")));
            // Whichever it takes first, and then the other.
            let hang_up = async |mut peer: Peer| drop(peer.next().await);
            join!(hang_up(one), hang_up(two));
        };
        let calls = async {
            let (one, two) = join!(client.get("/a"), client.get("/b"));
            one.and(two).unwrap();
            client.get("/c").await
        };
        let (response, ()) = join!(calls, script);
        assert_eq!(response.unwrap_err().kind(), ErrorKind::Closed);
    });
}

#[test]
fn a_new_connection_that_dies_is_not_replaced() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let script = async {
            server.accept().await.request().await;
            server.accept().await
        };
        tokio::select! {
            error = client.get("/a") => assert_eq!(error.unwrap_err().kind(), ErrorKind::Closed),
            _ = script => panic!("it came again"),
        }
    });
}

#[test]
fn what_came_unasked_is_nobodys_response() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let script = async {
            let mut first = server.accept().await;
            first.reply(ok("1") + &ok("surplus")).await;
            server.accept().await.reply(ok("2")).await
        };
        let calls = async { (client.get("/a").await.unwrap(), client.get("/b").await.unwrap()) };
        let ((a, b), _) = join!(calls, script);
        assert_eq!((&a.body[..], &b.body[..]), (&b"1"[..], &b"2"[..]));
    });
}

#[test]
fn what_came_unasked_while_nobody_looked_is_nobodys_response() {
    // A server on a thread of its own: between two calls the client's runtime stands still.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (idle, is_idle) = std::sync::mpsc::channel();
    let (sent, is_sent) = std::sync::mpsc::channel();
    let server = std::thread::spawn(move || {
        let mut first = listener.accept().unwrap().0;
        read_head(&mut first);
        first.write_all(ok("1").as_bytes()).unwrap();
        is_idle.recv().unwrap();
        first.write_all(ok("surplus").as_bytes()).unwrap();
        sent.send(()).unwrap();
        let mut second = listener.accept().unwrap().0;
        read_head(&mut second);
        second.write_all(ok("2").as_bytes()).unwrap();
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = Client::new(Options::new(&url, "ws://h"));
    assert_eq!(runtime.block_on(client.get("/a")).unwrap().body, "1");
    idle.send(()).unwrap();
    is_sent.recv().unwrap();
    assert_eq!(runtime.block_on(client.get("/b")).unwrap().body, "2");
    server.join().unwrap();
}

fn read_head(stream: &mut std::net::TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
}

#[test]
fn no_more_connections_are_kept_than_may_be() {
    run(async {
        let server = Server::start().await;
        let limits = Limits { max_keepalive_connections: Some(0), ..Limits::default() };
        let client = Client::new(Options { limits, ..server.options() });
        let script = async {
            for body in ["1", "2"] {
                let mut peer = server.accept().await;
                peer.reply(ok(body)).await;
                peer.closed().await;
            }
        };
        let calls = async { client.get("/a").await.and(client.get("/b").await) };
        assert_eq!(join!(calls, script).0.unwrap().body, "2");
    });
}

#[test]
fn silence_is_a_read_time_out() {
    run_in_no_time(async {
        let server = Server::start().await;
        let client = Client::new(Options { timeout: only(Some(7), Some(3)), ..server.options() });
        let script = async {
            let mut peer = server.accept().await;
            peer.request().await;
            peer.closed().await;
        };
        let (response, ()) = join!(client.get("/a"), script);
        let error = response.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Timeout(Phase::Read), true));
        assert_eq!(error.message(), "the server sent nothing within 7 s");
    });
}

#[test]
fn a_server_that_takes_no_more_of_a_body_is_a_write_time_out() {
    run_in_no_time(async {
        let server = Server::start().await;
        let client = Client::new(Options { timeout: only(Some(100), Some(3)), ..server.options() });
        let call = client.post("/a", Body::bytes("x/y", vec![0; 64 * 1024 * 1024]));
        let (response, _peer) = join!(call, server.accept());
        assert_eq!(response.unwrap_err().kind(), ErrorKind::Timeout(Phase::Write));
    });
}

#[test]
fn a_handshake_that_does_not_come_is_a_connect_time_out() {
    run_in_no_time(async {
        let server = Server::start().await;
        let url = format!("https://{}", server.address);
        let options = Options { url, timeout: only(None, None), ..server.options() };
        let client = Client::new(options);
        let (response, _peer) = join!(client.get("/a"), server.accept());
        let error = response.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Timeout(Phase::Connect), false));
    });
}

#[test]
fn without_time_outs_a_call_lasts_as_long_as_it_takes() {
    run_in_no_time(async {
        let server = Server::start().await;
        let client = Client::new(Options { timeout: only(None, None), ..server.options() });
        let script = async {
            let mut peer = server.accept().await;
            peer.request().await;
            tokio::time::sleep(std::time::Duration::from_secs(3000)).await;
            peer.send(ok("{}")).await;
        };
        assert_eq!(join!(client.get("/a"), script).0.unwrap().status, 200);
    });
}

#[test]
fn a_server_that_is_not_there_was_not_asked() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        drop(server);
        let error = client.get("/a").await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Connect, false));
    });
}

#[test]
fn what_is_no_http_or_has_two_meanings_is_a_protocol_error() {
    for bytes in [
        "SSH-2.0-OpenSSH_9.6\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-2/9\r\nContent-Length: 3\r\n\r\nabc",
    ] {
        let error = answered(bytes).unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Protocol, true), "{bytes}");
    }
}

#[test]
fn a_connection_that_ends_in_a_head_was_closed() {
    let error = answered("HTTP/1.1 200 OK\r\nContent-Le").unwrap_err();
    assert_eq!((error.kind(), error.sent()), (ErrorKind::Closed, true));
}

#[test]
fn content_that_cannot_be_read_is_a_file_error() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let mut body = pieces(&["abc"], true);
        let short = matterapi_core::http::body::Content::Streamed(std::sync::Arc::new(Longer));
        body.contents.push(short);
        let script = async { server.accept().await.next().await };
        let (response, _) = join!(client.post("/a", body), script);
        let error = response.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::File);
        assert!(error.message().contains("became shorter"), "{error}");
    });
}

/// Content that is shorter than it says.
#[derive(Debug)]
struct Longer;

impl matterapi_core::http::body::StreamedContent for Longer {
    fn size(&self) -> Option<u64> {
        Some(10)
    }

    fn replayable(&self) -> bool {
        true
    }

    fn open(&self) -> std::io::Result<matterapi_core::http::body::Chunks> {
        Ok(Box::pin(futures_util::stream::empty()))
    }
}
