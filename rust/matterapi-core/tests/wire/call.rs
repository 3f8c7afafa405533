//! The upper steps of a call: its slot of the pool, its token, its route in errors.

use std::time::Duration;

use matterapi_core::auth::Credentials;
use matterapi_core::options::{Limits, Timeout, header_map};
use matterapi_core::{ErrorKind, Options, Phase, Secret};
use tokio::join;

use crate::support::*;

fn one_connection(server: &Server) -> Options {
    Options { limits: Limits { max_connections: Some(1), ..Limits::default() }, ..server.options() }
}

#[test]
fn a_token_is_sent_unless_the_options_have_a_header_of_their_own() {
    run(async {
        let server = Server::start().await;
        let with_token = Options { auth: Credentials::Token(Secret::new("t")), ..server.options() };
        let headers = header_map(&[("Authorization".into(), "Basic x".into())]).unwrap();
        let with_header = Options { headers, ..with_token.clone() };
        let asks = server.answering(|_| ok("{}"));
        for options in [with_token, with_header] {
            let response = Client::new(options).get("/a").await.unwrap();
            assert!(!response.request_headers.contains_key("authorization") || asks.all().len() == 2);
        }
        let sent: Vec<_> =
            asks.all().iter().map(|asked| asked.header("authorization").map(str::to_owned)).collect();
        assert_eq!(sent, [Some("Bearer t".to_owned()), Some("Basic x".to_owned())]);
    });
}

#[test]
fn a_call_waits_for_a_slot_and_no_longer_than_the_pool_time_out() {
    run_in_no_time(async {
        let server = Server::start().await;
        let client = Client::new(one_connection(&server));
        server.answering(|_| ok("{}"));
        let slot = client.session.slot().await.unwrap();
        assert!(client.session.free_slot().is_none());
        let error = client.get("/a").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Pool));
        assert_eq!((error.route(), error.sent()), (Some("GET /a"), false));
        let release = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(slot);
        };
        let (response, ()) = join!(client.get("/a"), release);
        assert_eq!(response.unwrap().status, 200);
    });
}

#[test]
fn without_a_pool_time_out_a_call_waits_as_long_as_it_takes() {
    run_in_no_time(async {
        let server = Server::start().await;
        let timeout = Timeout { pool: None, ..Timeout::default() };
        let client = Client::new(Options { timeout, ..one_connection(&server) });
        server.answering(|_| ok("{}"));
        let slot = client.session.slot().await.unwrap();
        let release = async {
            tokio::time::sleep(Duration::from_secs(600)).await;
            drop(slot);
        };
        let (response, ()) = join!(client.get("/a"), release);
        assert_eq!(response.unwrap().status, 200);
    });
}

#[test]
fn calls_at_once_use_no_more_connections_than_there_may_be() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(one_connection(&server));
        let script = async {
            let mut peer = server.accept().await;
            for _ in 0..3 {
                peer.reply(ok("{}")).await;
            }
            server.accept().await
        };
        let calls = async { join!(client.get("/a"), client.get("/b"), client.get("/c")) };
        tokio::select! {
            (a, b, c) = calls => assert!([a, b, c].iter().all(Result::is_ok)),
            _ = script => panic!("a second connection was made"),
        }
    });
}

#[test]
fn every_failure_names_its_route() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(server.options());
        let script = async {
            let peer = server.accept().await;
            drop(peer);
        };
        let (error, ()) = join!(client.get("/api/v4/x"), script);
        assert_eq!(error.unwrap_err().route(), Some("GET /api/v4/x"));
    });
}
