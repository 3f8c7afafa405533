//! One login for all calls that wait for it.

use std::sync::atomic::{AtomicUsize, Ordering};

use matterapi_core::{ErrorKind, Options};
use tokio::join;

use crate::support::*;

const LOGIN: &str = "POST /api/v4/users/login";

fn with_password(server: &Server) -> Options {
    Options { auth: password(), ..server.options() }
}

/// Gives out the tokens `token1`, `token2`, ...; whoever comes with one of the first `bad` is expired.
fn rotating(bad: usize) -> impl Fn(&Asked) -> String + Send + Sync + 'static {
    let logins = AtomicUsize::new(0);
    move |asked| {
        if asked.line == LOGIN {
            return logged_in(&format!("token{}", logins.fetch_add(1, Ordering::Relaxed) + 1));
        }
        let token = asked.header("authorization").unwrap().trim_start_matches("Bearer token");
        match token.parse::<usize>().unwrap() <= bad {
            true => expired(),
            false => ok("{}"),
        }
    }
}

#[test]
fn a_login_comes_first_and_its_token_goes_with_every_call() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(with_password(&server));
        let asks = server.answering(rotating(0));
        assert_eq!(client.get("/a").await.unwrap().status, 200);
        assert_eq!(client.get("/b").await.unwrap().status, 200);
        let asked = asks.all();
        let lines: Vec<_> = asked.iter().map(|asked| asked.line.as_str()).collect();
        assert_eq!(lines, [LOGIN, "GET /a", "GET /b"]);
        assert_eq!(asked[0].text(), r#"{"login_id":"ann","password":"pw"}"#);
        assert_eq!(asked[0].header("authorization"), None);
        assert_eq!(asked[2].header("authorization"), Some("Bearer token1"));
    });
}

#[test]
fn concurrent_first_calls_share_one_login() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(with_password(&server));
        let asks = server.answering(rotating(0));
        let (a, b, c) = join!(client.get("/a"), client.get("/b"), client.get("/c"));
        assert!([a, b, c].into_iter().all(|response| response.unwrap().status == 200));
        assert_eq!(asks.count(LOGIN), 1);
    });
}

#[test]
fn concurrent_calls_of_an_expired_session_log_in_once() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(with_password(&server));
        let asks = server.answering(rotating(1));
        client.session.login(&client.transport).await.unwrap();
        let (a, b, c) = join!(client.get("/a"), client.get("/b"), client.get("/c"));
        assert!([a, b, c].into_iter().all(|response| response.unwrap().status == 200));
        assert_eq!(asks.count(LOGIN), 2);
        assert_eq!(["GET /a", "GET /b", "GET /c"].map(|line| asks.count(line)), [2, 2, 2]);
        assert_eq!(client.session.token().unwrap().expose(), "token2");
    });
}

#[test]
fn a_session_that_expires_again_at_once_is_the_outcome() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(with_password(&server));
        let asks = server.answering(rotating(5));
        let response = client.get("/a").await.unwrap();
        assert_eq!(response.status, 401);
        assert_eq!(response.error_id().as_deref(), Some("api.context.session_expired.app_error"));
        assert_eq!((asks.count(LOGIN), asks.count("GET /a")), (2, 2));
    });
}

#[test]
fn another_401_is_handed_over_whole_and_no_reason_to_log_in() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(with_password(&server));
        let asks = server.answering(|asked| match asked.line == LOGIN {
            true => logged_in("t"),
            false => response("401 Unauthorized", "", r#"{"id":"api.other"}"#),
        });
        let response = client.get("/a").await.unwrap();
        assert_eq!(response.error_id().as_deref(), Some("api.other"));
        assert_eq!(asks.count(LOGIN), 1);
    });
}

#[test]
fn a_body_that_can_be_read_once_is_not_sent_with_the_new_token() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(with_password(&server));
        let asks = server.answering(rotating(1));
        let error = client.post("/a", pieces(&["x"], false)).await.unwrap_err();
        assert_eq!((error.kind(), error.route()), (ErrorKind::Auth, Some("POST /a")));
        assert_eq!(asks.count("POST /a"), 1);
        assert_eq!(client.post("/a", pieces(&["x"], true)).await.unwrap().status, 200);
    });
}

#[test]
fn a_refused_login_fails_the_call_with_the_servers_response() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(with_password(&server));
        server.answering(|_| response("401 Unauthorized", "", r#"{"id":"api.user.login.invalid"}"#));
        let error = client.get("/a").await.unwrap_err();
        assert_eq!((error.kind(), error.route()), (ErrorKind::Refused, Some(LOGIN)));
        assert_eq!(error.response().unwrap().error_id().as_deref(), Some("api.user.login.invalid"));
    });
}

#[test]
fn a_login_is_not_repeated_on_its_own() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(with_password(&server));
        let call = client.get("/a");
        let script = async {
            drop((server.accept().await).request().await);
            server.accept().await
        };
        tokio::select! {
            error = call => assert_eq!(error.unwrap_err().kind(), ErrorKind::Closed),
            _ = script => panic!("it came again"),
        }
    });
}

#[test]
fn the_response_to_a_login_is_small() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(with_password(&server));
        server.answering(|_| response("200 OK", "Token: t\r\n", &" ".repeat(1024 * 1024 + 1)));
        let error = client.get("/a").await.unwrap_err();
        assert_eq!((error.kind(), error.route()), (ErrorKind::Decode, Some(LOGIN)));
    });
}

#[test]
fn a_forked_child_keeps_the_token_and_shares_no_connection() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(with_password(&server));
        let asks = server.answering(rotating(0));
        client.get("/a").await.unwrap();
        let child = client.session.for_child().unwrap();
        let response = child.send(&child.transport().unwrap(), &request("GET /b", None)).await.unwrap();
        assert_eq!(response.status, 200);
        assert_eq!(asks.count(LOGIN), 1);
        assert_eq!(asks.all().last().unwrap().header("authorization"), Some("Bearer token1"));
    });
}
