//! A download that is cut and goes on.

use matterapi_core::{Error, ErrorKind};
use tokio::join;

use crate::support::*;

/// A file of 10 bytes of which `sent` come before the cut.
fn cut(headers: &str, sent: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n{headers}\r\n{sent}")
}

fn rest(from: usize, headers: &str, body: &str) -> String {
    response("206 Partial Content", &format!("Content-Range: bytes {from}-9/10\r\n{headers}"), body)
}

/// What comes of a download answered with these in turn, each on a connection of its own; and what was asked.
fn downloaded(responses: Vec<String>) -> (Result<Vec<u8>, Error>, Vec<Asked>) {
    run_in_no_time(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let mut exchange = client.exchange("GET /file", None, true);
        let mut asked = Vec::new();
        let script = async {
            for response in responses {
                asked.push(server.accept().await.reply(response).await);
            }
            server.accept().await
        };
        let outcome = tokio::select! {
            outcome = download(&mut exchange) => outcome,
            _ = script => panic!("it came again"),
        };
        (outcome, asked)
    })
}

#[test]
fn the_rest_is_asked_for_of_the_same_version() {
    for (validator, expected) in [("ETag: \"v1\"\r\n", "\"v1\""), ("Last-Modified: then\r\n", "then")] {
        let (outcome, asked) = downloaded(vec![cut(validator, "0123"), rest(4, validator, "456789")]);
        assert_eq!(outcome.unwrap(), b"0123456789");
        assert_eq!(asked[0].header("range"), None);
        assert_eq!(asked[1].header("range"), Some("bytes=4-"));
        assert_eq!(asked[1].header("if-range"), Some(expected));
        assert_eq!(asked[1].header("accept-encoding"), Some("identity"));
    }
}

#[test]
fn a_weak_tag_tells_no_versions_apart() {
    let headers = "ETag: W/\"v1\"\r\n";
    let (outcome, asked) = downloaded(vec![cut(headers, "0123"), rest(4, headers, "456789")]);
    assert_eq!(outcome.unwrap(), b"0123456789");
    assert_eq!(asked[1].header("if-range"), None);
}

#[test]
fn another_version_another_range_or_the_whole_is_not_the_rest() {
    let v1 = "ETag: \"v1\"\r\n";
    let other_size =
        response("206 Partial Content", "Content-Range: bytes 4-9/11\r\nETag: \"v1\"\r\n", "456789");
    for other in [rest(4, "ETag: \"v2\"\r\n", "456789"), rest(3, v1, "3456789"), other_size, ok("0123456789")]
    {
        let (outcome, _) = downloaded(vec![cut(v1, "0123"), other.clone()]);
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.route()), (ErrorKind::Closed, Some("GET /file")), "{other}");
        assert!(error.message().contains("no such range of this version"), "{error}");
    }
}

#[test]
fn a_server_that_is_away_for_a_moment_is_waited_for() {
    let gone = response("502 Bad Gateway", "", "gone");
    let (outcome, _) = downloaded(vec![cut("", "0123"), gone.clone(), gone, rest(4, "", "456789")]);
    assert_eq!(outcome.unwrap(), b"0123456789");
}

#[test]
fn a_refusal_of_the_rest_is_final() {
    let (outcome, _) = downloaded(vec![cut("", "0123"), response("404 Not Found", "", "{}")]);
    let error = outcome.unwrap_err();
    assert!(error.message().ends_with("asked for the rest, the server answered 404 Not Found"), "{error}");
}

#[test]
fn cuts_without_headway_end_it_after_the_fourth() {
    let empty = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4-9/10\r\nContent-Length: 6\r\n\r\n";
    let mut responses = vec![cut("", "0123")];
    responses.extend(std::iter::repeat_n(empty.to_owned(), 4));
    let (outcome, asked) = downloaded(responses);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(asked.len(), 5);
}

#[test]
fn more_than_was_announced_is_refused() {
    let long =
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4-9/10\r\nContent-Length: 7\r\n\r\n456789X";
    let (outcome, _) = downloaded(vec![cut("", "0123"), long.to_owned()]);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Protocol);
}

#[test]
fn less_than_was_announced_is_not_taken_for_all() {
    let short = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4-9/10\r\nContent-Length: 2\r\n\r\n45";
    let (outcome, _) = downloaded(vec![cut("", "0123"), short.to_owned()]);
    let error = outcome.unwrap_err();
    assert_eq!(error.message(), "6 bytes came instead of the 10 announced");
}

#[test]
fn without_a_size_a_cut_is_the_end() {
    let (outcome, _) =
        downloaded(vec!["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n0\r\n".to_owned()]);
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Closed);
}

#[test]
fn what_no_repeat_can_help_is_final() {
    run_in_no_time(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let mut exchange = client.exchange("GET /file", None, true);
        let script = async {
            server.accept().await.reply(cut("", "0123")).await;
            server.accept().await.reply("no HTTP\r\n").await;
        };
        let (outcome, ()) = join!(download(&mut exchange), script);
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Protocol);
    });
}
