//! The body of a response: how much of it is taken, in which coding, and at what pace it has to come.

use std::time::Duration;

use matterapi_core::http::{OwnOptions, Request};
use matterapi_core::options::Timeout;
use matterapi_core::{Error, ErrorKind, Options, Phase, Response, Route, Secret};
use tokio::join;
use tokio::time::sleep;

use crate::support::*;

/// `{"id":"zipped"}`
const ZIPPED: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 202, 76, 81, 178, 82, 170, 202, 44, 40, 72, 77, 81, 170, 5, 0,
    207, 140, 11, 151, 15, 0, 0, 0,
];

/// What comes of a call with these options that is answered with `bytes`, whereupon the server closes.
async fn answered(
    options: impl Fn(Options) -> Options,
    raw: bool,
    bytes: Vec<u8>,
) -> Result<Response, Error> {
    let server = Server::start().await;
    let client = Client::new(options(server.options()));
    let route = Route::parse("GET /a").unwrap();
    let route = std::sync::Arc::new(if raw { route.raw() } else { route });
    let request = Request { route, target: "/a".to_owned(), body: None, own: OwnOptions::none() };
    let script = async { server.accept().await.reply(bytes).await };
    join!(client.session.send(&client.transport, &request), script).0
}

fn limited(any: u64, json: u64) -> impl Fn(Options) -> Options {
    move |options| Options { max_response_size: Some(any), max_json_size: Some(json), ..options }
}

#[test]
fn a_response_may_have_as_many_bytes_as_its_limit_and_not_one_more() {
    run(async {
        let in_chunks = |size: usize| {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n";
            format!("{head}{:x}\r\n{}\r\n0\r\n\r\n", size - 1, " ".repeat(size - 1))
        };
        for (raw, limit, named) in [(false, 100, "max_json_size"), (true, 200, "max_response_size")] {
            for (size, passes) in [(limit, true), (limit + 1, false)] {
                for text in [ok(&" ".repeat(size)), in_chunks(size)] {
                    let outcome = answered(limited(200, 100), raw, text.into()).await;
                    match outcome {
                        Ok(response) => assert!(passes && response.received == size as u64, "{size}"),
                        Err(e) => {
                            assert!(!passes && e.message().contains(named), "{size}: {e}");
                            assert_eq!((e.kind(), e.sent()), (ErrorKind::Decode, true));
                        }
                    }
                }
            }
        }
    });
}

#[test]
fn an_error_is_json_wherever_it_comes() {
    run(async {
        let text = response("500 Internal Server Error", "", &" ".repeat(101));
        let error = answered(limited(200, 100), true, text.into()).await.unwrap_err();
        assert!(error.message().contains("max_json_size"), "{error}");
    });
}

#[test]
fn gzip_is_undone_and_counted_as_it_becomes() {
    run(async {
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked";
        let mut bytes = format!("{head}\r\n\r\n{:x}\r\n", ZIPPED.len()).into_bytes();
        bytes.extend(ZIPPED);
        bytes.extend(b"\r\n0\r\n\r\n");
        let response = answered(|options| options, false, bytes.clone()).await.unwrap();
        assert_eq!((&response.body[..], response.received), (&br#"{"id":"zipped"}"#[..], 15));
        let error = answered(limited(14, 14), false, bytes).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
    });
}

#[test]
fn a_coding_that_is_broken_or_was_not_asked_for_is_named() {
    run(async {
        for (coding, kind) in [("gzip", ErrorKind::Decode), ("br", ErrorKind::Decode)] {
            let text = response("200 OK", &format!("Content-Encoding: {coding}\r\n"), "no such thing");
            let error = answered(|options| options, false, text.into()).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{coding}");
            assert!(error.message().contains("coding"), "{error}");
        }
    });
}

#[test]
fn a_body_that_is_cut_is_no_body() {
    run(async {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        ] {
            let error = answered(|options| options, false, text.into()).await.unwrap_err();
            assert_eq!((error.kind(), error.sent()), (ErrorKind::Closed, true), "{text}");
        }
    });
}

#[test]
fn parameters_of_the_session_are_not_shown_in_where_a_response_points() {
    run(async {
        let with_params = |options| Options { params: Some(Secret::new("key=sesame1234")), ..options };
        let text = response("302 Found", "Location: /login?back=%2Fa%3Fkey%3Dsesame1234\r\n", "");
        let response = answered(with_params, false, text.into()).await.unwrap();
        assert!(!format!("{:?}", response.headers).contains("sesame"), "{:?}", response.headers);
    });
}

/// What comes of a body of which `bytes` come every other second, `count` times.
fn dripped(bytes: &'static str, count: usize) -> Result<Response, Error> {
    run_in_no_time(async {
        let server = Server::start().await;
        let timeout = Timeout { read: Some(Duration::from_secs(10)), ..Timeout::default() };
        let client = Client::new(Options { timeout, ..server.options() });
        let script = async {
            let mut peer = server.accept().await;
            let size = bytes.len() * count;
            peer.reply(format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n")).await;
            for _ in 0..count {
                sleep(Duration::from_secs(2)).await;
                // It may have hung up.
                if tokio::io::AsyncWriteExt::write_all(&mut peer.0, bytes.as_bytes()).await.is_err() {
                    break;
                }
                let _ = tokio::io::AsyncWriteExt::flush(&mut peer.0).await;
            }
        };
        join!(client.get("/a"), script).0
    })
}

#[test]
fn a_body_that_drips_is_a_read_time_out_and_a_slow_one_is_not() {
    let error = dripped(" ", 60).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (ErrorKind::Timeout(Phase::Read), true));
    assert!(error.message().contains("less than one a second"), "{error}");
    assert_eq!(dripped("   ", 60).unwrap().received, 180);
}

#[test]
fn a_body_that_stops_is_a_read_time_out() {
    run_in_no_time(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let script = async {
            let mut peer = server.accept().await;
            peer.reply(format!("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{}", " ".repeat(800))).await;
            peer.closed().await;
        };
        let error = join!(client.get("/a"), script).0.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Read));
        assert_eq!(error.message(), "the server sent nothing within 10 s");
    });
}
