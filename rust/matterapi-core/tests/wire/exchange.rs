//! A call seen event by event.

use std::time::Duration;

use matterapi_core::http::body::{Body, CHUNK};
use matterapi_core::http::{ExchangeEvent, Watch};
use matterapi_core::retry::Policy;
use matterapi_core::{ErrorKind, Options};
use tokio::join;

use crate::support::*;

async fn events(exchange: &mut matterapi_core::http::Exchange) -> Vec<ExchangeEvent> {
    let mut events = Vec::new();
    loop {
        match exchange.next().await.unwrap() {
            ExchangeEvent::End => return events,
            event => events.push(event),
        }
    }
}

#[test]
fn an_upload_counts_its_bytes_and_then_has_a_response() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let size = 3 * CHUNK as u64 + 1;
        let body = Body::bytes("x/y", vec![b'x'; size as usize]);
        let mut exchange = client.exchange("POST /a", Some(body), false);
        let script = async { server.accept().await.reply(ok("{}")).await };
        let (events, asked) = join!(events(&mut exchange), script);
        assert_eq!(asked.body.len() as u64, size);
        let (last, sent) = events.split_last().unwrap();
        let sent: Vec<_> = sent
            .iter()
            .map(|event| match event {
                ExchangeEvent::Sent(bytes) => *bytes,
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(sent.is_sorted() && sent.last() == Some(&size), "{sent:?}");
        assert!(matches!(last, ExchangeEvent::Response(response) if &response.body[..] == b"{}"));
        assert!(matches!(exchange.next().await, Ok(ExchangeEvent::End)), "an end stays one");
    });
}

#[test]
fn a_small_body_is_counted_too() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let mut exchange = client.exchange("POST /a", Some(Body::bytes("x/y", "abc")), false);
        let script = async { server.accept().await.reply(ok("{}")).await };
        let (events, _) = join!(events(&mut exchange), script);
        assert!(matches!(events.first(), Some(ExchangeEvent::Sent(3))), "{events:?}");
    });
}

#[test]
fn further_attempts_are_told_of_before_they_are_made() {
    run(async {
        let server = Server::start().await;
        let policy = Policy { retries: 2, deadline: None };
        let client = Client::new(Options { retry: policy, ..server.options() });
        let watch = Watch { retries: true, ..Watch::default() };
        let mut exchange = client.watched("GET /a", None, watch);
        let busy =
            "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy";
        let script = async {
            server.accept().await.reply(busy).await;
            server.accept().await.request().await;
            server.accept().await.reply(ok("{}")).await;
        };
        let (events, ()) = join!(events(&mut exchange), script);
        let [ExchangeEvent::Retry(first), ExchangeEvent::Retry(second), ExchangeEvent::Response(_)] =
            &events[..]
        else {
            panic!("{events:?}")
        };
        assert_eq!((first.attempt, second.attempt), (1, 2));
        assert!(first.outcome.as_ref().is_ok_and(|response| &response.body[..] == b"busy"));
        assert!(first.pause <= Duration::from_millis(250), "{:?}", first.pause);
        let cut = second.outcome.as_ref().unwrap_err();
        assert_eq!((cut.kind(), cut.route()), (ErrorKind::Closed, Some("GET /a")));
        let counters = client.session.counters();
        let counted = [&counters.calls, &counters.attempts, &counters.retries].map(|counter| counter.get());
        assert_eq!(counted, [1, 3, 2]);
        assert_eq!(counters.bytes_received.get(), 2, "those of the answer that counts");
        assert_eq!(counters.failures(), Default::default());
    });
}

#[test]
fn a_response_in_pieces_has_its_head_first() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let mut exchange = client.exchange("GET /a", None, true);
        let script = async { server.accept().await.reply(ok("content")).await };
        let (events, asked) = join!(events(&mut exchange), script);
        assert_eq!(asked.header("accept-encoding"), Some("identity"));
        let [ExchangeEvent::Response(head), ExchangeEvent::Piece(piece)] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!((head.status.as_u16(), &head.body[..], &piece[..]), (200, &b""[..], &b"content"[..]));
    });
}

#[test]
fn an_error_comes_whole_also_where_pieces_were_asked_for() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let mut exchange = client.exchange("GET /a", None, true);
        let script = async { server.accept().await.reply(response("404 Not Found", "", "{}")).await };
        let (events, _) = join!(events(&mut exchange), script);
        let [ExchangeEvent::Response(response)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((response.status.as_u16(), &response.body[..]), (404, &b"{}"[..]));
    });
}

#[test]
fn limits_of_memory_are_none_of_pieces() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(Options { max_response_size: Some(10), ..server.options() });
        let mut exchange = client.exchange("GET /a", None, true);
        let script = async { server.accept().await.reply(ok(&"x".repeat(1000))).await };
        assert_eq!(join!(download(&mut exchange), script).0.unwrap().len(), 1000);
    });
}

#[test]
fn dropping_it_closes_its_connection() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let mut exchange = client.exchange("GET /a", None, true);
        let script = async {
            let mut peer = server.accept().await;
            peer.reply("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n").await;
            peer
        };
        let (head, peer) = join!(exchange.next(), script);
        assert!(matches!(head, Ok(ExchangeEvent::Response(_))));
        drop(exchange);
        peer.closed().await;
    });
}

#[test]
fn it_ends_with_its_failure() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let mut exchange = client.exchange("GET /a", None, false);
        let (error, _) = join!(exchange.next(), async { drop(server.accept().await) });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Closed);
        assert!(matches!(exchange.next().await, Ok(ExchangeEvent::End)));
    });
}

#[test]
fn it_holds_its_slot_until_it_is_dropped() {
    run(async {
        let server = Server::start().await;
        let limits = matterapi_core::options::Limits { max_connections: Some(1), ..Default::default() };
        let client = Client::new(Options { limits, ..server.options() });
        let mut exchange = client.exchange("GET /a", None, true);
        let script = async { server.accept().await.reply(ok("content")).await };
        let (head, _) = join!(exchange.next(), script);
        assert!(matches!(head, Ok(ExchangeEvent::Response(_))));
        assert!(client.session.free_slot().is_none());
        drop(exchange);
        assert!(client.session.free_slot().is_some());
    });
}
