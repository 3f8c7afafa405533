//! The way to the server: local sockets, proxies, TLS.

use std::path::PathBuf;

use matterapi_core::options::{Cert, Check, Proxies, Roots, Verify};
use matterapi_core::{Error, ErrorKind, Options, Response, Secret};
use tokio::join;

use crate::support::*;

fn proxies(server: &Server, no_proxy: &str) -> Proxies {
    let url = || Some(Secret::new(format!("http://user:pass@{}", server.address)));
    Proxies { http: url(), https: url(), no_proxy: no_proxy.to_owned(), ..Proxies::default() }
}

#[cfg(unix)]
#[test]
fn a_local_socket_carries_calls() {
    run(async {
        let path = std::env::temp_dir().join(format!("matterapi-test-{}.socket", std::process::id()));
        let listener = tokio::net::UnixListener::bind(&path).unwrap();
        let url = format!("unix://{}", path.display());
        let client = Client::new(Options::new(&url, &url));
        let script = async { Peer::new(listener.accept().await.unwrap().0).reply(ok("here")).await };
        let (response, asked) = join!(client.get("/a"), script);
        std::fs::remove_file(&path).unwrap();
        let error = client.session.for_child().unwrap();
        let error = error.send(&error.transport().unwrap(), &request("GET /a", None)).await.unwrap_err();
        assert_eq!(response.unwrap().body, "here");
        assert_eq!((asked.line.as_str(), asked.header("host")), ("GET /a", Some("localhost")));
        assert_eq!(error.kind(), ErrorKind::Connect);
    });
}

#[test]
fn a_proxy_is_given_the_whole_url_and_its_own_credentials() {
    run(async {
        let proxy = Server::start().await;
        let options = Options::new("http://chat.example/mm", "ws://chat.example");
        let client = Client::new(Options { proxies: proxies(&proxy, ""), ..options });
        let script = async { proxy.accept().await.reply(ok("through")).await };
        let (response, asked) = join!(client.get("/a"), script);
        assert_eq!(response.unwrap().body, "through");
        assert_eq!(asked.line, "GET http://chat.example/mm/a");
        assert_eq!(asked.header("proxy-authorization"), Some("Basic dXNlcjpwYXNz"));
    });
}

#[test]
fn what_is_left_out_goes_directly() {
    run(async {
        let (proxy, server) = join!(Server::start(), Server::start());
        let client = Client::new(Options { proxies: proxies(&proxy, "127.0.0.1"), ..server.options() });
        let script = async { server.accept().await.reply(ok("directly")).await };
        let (response, asked) = join!(client.get("/a"), script);
        assert_eq!((response.unwrap().body.as_ref(), asked.line.as_str()), (&b"directly"[..], "GET /a"));
    });
}

#[test]
fn encrypted_calls_go_through_a_tunnel_which_sees_no_token() {
    run(async {
        let proxy = Server::start().await;
        let options = Options::new("https://localhost", "wss://localhost");
        let client = Client::new(Options { proxies: proxies(&proxy, ""), verify: trusting(), ..options });
        let script = async {
            let mut peer = proxy.accept().await;
            let asked = peer.reply("HTTP/1.1 200 OK\r\n\r\n").await;
            let stream = tls_acceptor().accept(peer.0.into_inner()).await.unwrap();
            Peer::new(stream).reply(ok("secret")).await;
            asked
        };
        let (response, asked) = join!(client.get("/a"), script);
        assert_eq!(response.unwrap().body, "secret");
        assert_eq!(asked.line, "CONNECT localhost:443");
        assert_eq!(asked.header("proxy-authorization"), Some("Basic dXNlcjpwYXNz"));
    });
}

#[test]
fn a_proxy_that_makes_no_tunnel_is_no_connection() {
    run(async {
        let proxy = Server::start().await;
        let options = Options::new("https://localhost", "wss://localhost");
        let client = Client::new(Options { proxies: proxies(&proxy, ""), ..options });
        let script = async { proxy.accept().await.reply(response("403 Forbidden", "", "no")).await };
        let error = join!(client.get("/a"), script).0.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Connect, false));
    });
}

#[test]
fn an_address_that_no_proxy_can_reach_encrypted_is_refused_at_once() {
    run(async {
        let proxy = Server::start().await;
        let options = Options::new("https://[::1]", "wss://[::1]");
        let options = Options { proxies: proxies(&proxy, ""), ..options };
        let error = matterapi_core::http::Session::new(options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    });
}

/// Trusts the authority of the tests' certificate.
pub fn trusting() -> Verify {
    Verify { roots: Roots::Path(fixture("authority.pem")), ..Verify::default() }
}

/// What comes of a call to a server whose certificate is for `localhost`.
fn encrypted(host: &str, verify: Verify) -> Result<Response, Error> {
    run(async {
        let server = Server::start().await;
        let url = format!("https://{host}:{}", server.address.port());
        let client = Client::new(Options { url, verify, ..server.options() });
        let script = async {
            // The client may hang up in the handshake.
            if let Ok(stream) = tls_acceptor().accept(server.accept_raw().await).await {
                let mut peer = Peer::new(stream);
                if peer.next().await.is_some() {
                    peer.send(ok("{}")).await;
                }
            }
        };
        join!(client.get("/a"), script).0
    })
}

#[test]
fn a_certificate_is_checked_as_far_as_the_options_say() {
    let check = |check| Verify { check, ..trusting() };
    assert_eq!(encrypted("localhost", trusting()).unwrap().status, 200);
    assert_eq!(encrypted("127.0.0.1", check(Check::AnyName)).unwrap().status, 200);
    assert_eq!(
        encrypted("127.0.0.1", Verify { check: Check::Off, ..Verify::default() }).unwrap().status,
        200
    );
    for (host, verify) in [
        ("127.0.0.1", trusting()),
        ("localhost", Verify { roots: Roots::Bundled, ..Verify::default() }),
        ("localhost", Verify { roots: Roots::Bundled, check: Check::AnyName, ..Verify::default() }),
    ] {
        let error = encrypted(host, verify).unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Tls, false), "{host}");
        assert!(error.message().starts_with("the TLS handshake failed: invalid peer certificate"), "{error}");
    }
}

#[test]
fn versions_of_tls_that_are_off_are_not_spoken() {
    for (tls12, tls13) in [(true, false), (false, true)] {
        assert_eq!(encrypted("localhost", Verify { tls12, tls13, ..trusting() }).unwrap().status, 200);
    }
}

#[test]
fn a_plain_server_behind_an_encrypted_url_is_a_tls_failure() {
    run(async {
        let server = Server::start().await;
        let url = format!("https://{}", server.address);
        let client = Client::new(Options { url, verify: trusting(), ..server.options() });
        let script = async {
            let mut peer = server.accept().await;
            peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
            peer.closed().await;
        };
        let error = join!(client.get("/a"), script).0.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (ErrorKind::Tls, false));
    });
}

#[test]
fn files_that_are_no_certificates_are_named() {
    let certificate = fixture("server.pem");
    let key = fixture("server.key");
    let cert = |certificate: &PathBuf, key: &PathBuf| {
        let cert = Cert { certificate: certificate.clone(), key: key.clone(), password: None };
        let options = Options { cert: Some(cert), ..Options::new("http://h", "ws://h") };
        matterapi_core::http::Session::new(options).map(drop).map_err(|e| e.to_string())
    };
    assert_eq!(cert(&certificate, &key), Ok(()));
    for (certificate, key, file) in [
        (&key, &key, "server.key"),
        (&certificate, &certificate, "server.pem"),
        (&fixture("nothing.pem"), &key, "nothing.pem"),
    ] {
        let error = cert(certificate, key).unwrap_err();
        assert!(error.starts_with("cert: ") && error.ends_with(file), "{error}");
    }
}
