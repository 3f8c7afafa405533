//! A server for benchmarks: every answer is made before the first request and written from memory.
//!
//! `bench-server PAGES [--tls] [EVENTS [posted|mixed [RATE]]]` listens on a free port of 127.0.0.1, prints the port
//! on one line, and ends when its standard input does. `PAGES` is a folder with `user.json` and `posts.json`; with
//! `--tls` also with `chain.pem` and `key.pem`. Each websocket gets a hello and then `EVENTS` events (default
//! 50,000): posts, or a mixture in which every fourth is a post. They come as fast as the socket takes them, or
//! `RATE` in a second.

mod data;
mod http;
mod tls;
mod websocket;

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use http::{Answers, Reply, Request};
use tls::Stream;
use websocket::{EventStream, Kind};

const DEFAULT_EVENTS: u32 = 50_000;
const READ_SIZE: usize = 16 * 1024;

struct Server {
    answers: Answers,
    events: EventStream,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let pages = PathBuf::from(arguments.next().ok_or("the folder of the pages is missing")?);
    let acceptor = match arguments.next_if_eq("--tls") {
        Some(_) => Some(tls::acceptor(&pages)?),
        None => None,
    };
    let count = match arguments.next() {
        Some(text) => text.parse()?,
        None => DEFAULT_EVENTS,
    };
    let kind = match arguments.next().as_deref() {
        None | Some("posted") => Kind::Posted,
        Some("mixed") => Kind::Mixed,
        Some(other) => return Err(format!("no such kind of events: {other}").into()),
    };
    let pace = match arguments.next() {
        Some(rate) => Some(Duration::from_secs_f64(1.0 / rate.parse::<f64>()?)),
        None => None,
    };
    let server =
        Arc::new(Server { answers: Answers::read(&pages)?, events: EventStream::new(count, kind, pace) });
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    announce(listener.local_addr()?.port())?;
    std::thread::spawn(exit_with_stdin);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // A client that goes away in the middle is no failure of the server.
        let (server, acceptor) = (Arc::clone(&server), acceptor.clone());
        tokio::spawn(async move { serve(tls::accept(acceptor, stream).await?, &server).await });
    }
}

fn announce(port: u16) -> std::io::Result<()> {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{port}")?;
    stdout.flush()
}

/// Ends the process with the one that started it, however that one ended.
fn exit_with_stdin() {
    let mut rest = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut rest);
    std::process::exit(0);
}

async fn serve(mut stream: Stream, server: &Server) -> std::io::Result<()> {
    let mut buffer = Vec::with_capacity(READ_SIZE);
    loop {
        while let Some(request) = Request::parse(&buffer) {
            match server.answers.reply(&request) {
                Reply::Upgrade(key) => return server.events.serve(stream, key).await,
                Reply::Bytes(bytes) => stream.write_all(bytes).await?,
                Reply::Made(bytes) => stream.write_all(&bytes).await?,
            }
            stream.flush().await?;
            let length = request.length.min(buffer.len());
            buffer.drain(..length);
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
}
