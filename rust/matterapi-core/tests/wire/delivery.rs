//! Redirects: where a call goes next, with what, and when it goes nowhere.

use matterapi_core::auth::Credentials;
use matterapi_core::http::body::Body;
use matterapi_core::options::header_map;
use matterapi_core::{ErrorKind, Options, Secret};
use tokio::join;

use crate::support::*;

fn following(server: &Server) -> Options {
    Options {
        max_redirects: 3,
        auth: Credentials::Token(Secret::new("t")),
        headers: header_map(&[("Cookie".into(), "a=b".into()), ("User-Agent".into(), "x".into())]).unwrap(),
        ..server.options()
    }
}

fn redirect(status: &str, to: &str) -> String {
    response(status, &format!("Location: {to}\r\n"), "moved")
}

#[test]
fn a_get_is_followed_on_its_server_with_all_it_had() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(following(&server));
        let script = async {
            // On one connection: the redirect's body was read to its end.
            let mut peer = server.accept().await;
            peer.reply(redirect("302 Found", "/b")).await;
            peer.reply(ok("there")).await
        };
        let (response, asked) = join!(client.get("/a"), script);
        assert_eq!((&response.unwrap().body[..], asked.line.as_str()), (&b"there"[..], "GET /b"));
        assert_eq!(asked.header("authorization"), Some("Bearer t"));
        assert_eq!(asked.header("cookie"), Some("a=b"));
    });
}

#[test]
fn elsewhere_it_says_nothing_about_us() {
    run(async {
        let (server, other) = join!(Server::start(), Server::start());
        let client = Client::new(following(&server));
        let script = async {
            server
                .accept()
                .await
                .reply(redirect("307 Temporary Redirect", &format!("{}/b", other.url())))
                .await;
            let mut peer = other.accept().await;
            let asked = peer.reply(redirect("302 Found", &format!("{}/c", server.url()))).await;
            let back = server.accept().await.reply(ok("there")).await;
            (asked, back)
        };
        let (response, (asked, back)) = join!(client.get("/a"), script);
        assert_eq!(response.unwrap().status, 200);
        for asked in [asked, back] {
            assert_eq!((asked.header("authorization"), asked.header("cookie")), (None, None), "{asked:?}");
            assert_eq!(asked.header("user-agent"), Some("x"));
        }
    });
}

#[test]
fn what_writes_goes_on_only_where_its_meaning_stays() {
    run(async {
        for (status, follows) in
            [("307 X", true), ("308 X", true), ("301 X", false), ("302 X", false), ("303 X", false)]
        {
            let server = Server::start().await;
            let client = Client::new(following(&server));
            let asks = server.answering(move |asked| match asked.line == "POST /a" {
                true => redirect(status, "/b"),
                false => ok("{}"),
            });
            let response = client.post("/a", Body::bytes("x/y", "text")).await.unwrap();
            assert_eq!(response.status == 200, follows, "{status}");
            assert_eq!(asks.count("POST /b"), usize::from(follows), "{status}");
            assert_eq!(asks.count("GET /b"), 0);
            assert!(asks.all().iter().all(|asked| asked.text() == "text"));
        }
    });
}

#[test]
fn what_can_be_read_once_stays_where_it_went() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(following(&server));
        server.answering(|_| redirect("307 X", "/b"));
        let response = client.post("/a", pieces(&["x"], false)).await.unwrap();
        assert_eq!(response.status, 307);
    });
}

#[test]
fn a_chain_ends_at_its_limit() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(following(&server));
        let asks = server.answering(|_| redirect("302 Found", "/a"));
        let error = client.get("/a").await.unwrap_err();
        assert_eq!((error.kind(), asks.count("GET /a")), (ErrorKind::Protocol, 4));
        assert_eq!(error.message(), "more than 3 redirects one after the other");
    });
}

#[test]
fn without_the_option_a_redirect_is_the_response() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(Options { max_redirects: 0, ..following(&server) });
        let asks = server.answering(|_| redirect("302 Found", "/b"));
        assert_eq!(client.get("/a").await.unwrap().status, 302);
        assert_eq!(asks.all().len(), 1);
    });
}

#[test]
fn a_hop_that_fails_does_not_send_the_first_request_again() {
    run(async {
        let server = Server::start().await;
        let client = Client::new(following(&server));
        let script = async {
            let mut peer = server.accept().await;
            peer.reply(ok("1")).await;
            peer.reply(redirect("302 Found", "/b")).await;
            peer.request().await;
            drop(peer);
            server.accept().await
        };
        let calls = async {
            client.get("/kept").await.unwrap();
            client.get("/a").await
        };
        tokio::select! {
            error = calls => assert_eq!(error.unwrap_err().kind(), ErrorKind::Closed),
            _ = script => panic!("it came again"),
        }
    });
}
