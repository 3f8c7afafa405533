//! A call seen event by event: how far its body has gone out, then its response, then that one's pieces.

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::HeaderMap;
use tokio::sync::{mpsc, watch};

use super::body::BytesSent;
use super::call::{CallOptions, Delivered};
use super::download::{Download, identity_coding};
use super::pool::PoolSlot;
use super::request::Request;
use super::retry_watch::{Retry, RetryWatch};
use super::session::Session;
use super::transport::Transport;
use crate::error::Error;
use crate::response::Response;

/// What comes next in an [`Exchange`].
#[derive(Debug)]
pub enum ExchangeEvent {
    /// So many bytes of the body were handed to the connection. Fewer than before: it is sent again.
    Sent(u64),
    /// An attempt failed, and a further one follows.
    Retry(Box<Retry>),
    /// The response; without its body if that follows in pieces.
    Response(Response),
    /// A piece of the response's body.
    Piece(Bytes),
    /// Nothing follows.
    End,
}

/// What is wanted to be seen of a call beside its response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Watch {
    /// The body of a 2xx response in pieces: it is not collected, but asked for without content coding, and
    /// continued when it is cut.
    pub pieces: bool,
    /// How far its body has gone out. Such a call may take as long as it moves.
    pub progress: bool,
    /// Its further attempts.
    pub retries: bool,
}

type Opened = (Box<Response>, Option<Box<Download>>);
type Opening = Pin<Box<dyn Future<Output = Result<Opened, Error>> + Send>>;

enum Stage {
    Opening(Opening),
    Head(Box<Response>, Option<Box<Download>>),
    Reading(Box<Download>),
    Over,
}

/// See the module. Dropping it gives up the call and closes its connection.
pub struct Exchange {
    stage: Stage,
    sent: watch::Receiver<u64>,
    retries: mpsc::UnboundedReceiver<Retry>,
}

impl Exchange {
    /// A call of which nothing has been sent. Without a `slot` it waits for one.
    pub fn new(
        session: Arc<Session>,
        transport: Transport,
        request: Arc<Request>,
        slot: Option<PoolSlot>,
        watch: Watch,
    ) -> Self {
        let (bytes_sent, sent) = watch::channel(0);
        let (retry_watch, retries) = mpsc::unbounded_channel();
        let reports = Reports {
            bytes_sent: watch.progress.then_some(bytes_sent),
            retries: watch.retries.then_some(retry_watch),
        };
        let opening = Box::pin(open(session, transport, request, slot, reports, watch.pieces));
        Self { stage: Stage::Opening(opening), sent, retries }
    }

    /// Waits for the next event; after an error or [`ExchangeEvent::End`] that is `End`.
    ///
    /// # Errors
    /// As [`Session::send`].
    ///
    /// # Cancellation
    /// Dropping the future loses nothing; dropping the exchange ends the call.
    pub async fn next(&mut self) -> Result<ExchangeEvent, Error> {
        let event = self.event().await;
        if event.is_err() {
            self.stage = Stage::Over;
        }
        event
    }

    async fn event(&mut self) -> Result<ExchangeEvent, Error> {
        loop {
            match &mut self.stage {
                Stage::Opening(opening) => {
                    tokio::select! {
                        // The response first: progress without a pause would hide it, and its time limits.
                        biased;
                        Some(retry) = self.retries.recv() => return Ok(ExchangeEvent::Retry(Box::new(retry))),
                        reply = opening => {
                            if let Ok(retry) = self.retries.try_recv() {
                                self.stage = Stage::Opening(Box::pin(ready(reply)));
                                return Ok(ExchangeEvent::Retry(Box::new(retry)));
                            }
                            let (response, download) = reply?;
                            self.stage = Stage::Head(response, download);
                            if let Some(Ok(())) = self.sent.changed().now_or_never() {
                                return Ok(self.sent());
                            }
                        }
                        Ok(()) = self.sent.changed() => return Ok(self.sent()),
                    }
                }
                Stage::Head(..) => {
                    if let Stage::Head(response, download) = std::mem::replace(&mut self.stage, Stage::Over) {
                        self.stage = download.map_or(Stage::Over, Stage::Reading);
                        return Ok(ExchangeEvent::Response(*response));
                    }
                }
                Stage::Reading(download) => {
                    if let Some(piece) = download.piece().await? {
                        return Ok(ExchangeEvent::Piece(piece));
                    }
                    self.stage = Stage::Over;
                }
                Stage::Over => return Ok(ExchangeEvent::End),
            }
        }
    }

    fn sent(&mut self) -> ExchangeEvent {
        ExchangeEvent::Sent(*self.sent.borrow_and_update())
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exchange")
    }
}

/// Where the call tells what is watched.
struct Reports {
    bytes_sent: Option<BytesSent>,
    retries: Option<RetryWatch>,
}

async fn open(
    session: Arc<Session>,
    transport: Transport,
    request: Arc<Request>,
    mut slot: Option<PoolSlot>,
    reports: Reports,
    in_pieces: bool,
) -> Result<Opened, Error> {
    let headers = if in_pieces { identity_coding() } else { HeaderMap::new() };
    let options = CallOptions {
        headers,
        bytes_sent: reports.bytes_sent.as_ref(),
        retries: reports.retries.as_ref(),
        ..CallOptions::default()
    };
    if !in_pieces {
        let response = session.whole(&mut slot, &transport, &request, &options).await?;
        return Ok((Box::new(response), None));
    }
    Ok(match session.open(&mut slot, &transport, &request, options).await? {
        Delivered::Read(response) => (Box::new(response), None),
        Delivered::Open(response) => {
            let head = Box::new(response.head());
            let response = Box::new(response);
            (head, Some(Box::new(Download::new(session, transport, request, response, slot))))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::task::Poll;

    fn response() -> Response {
        Response {
            status: http::StatusCode::OK,
            headers: crate::Headers::default(),
            body: Bytes::new(),
            version: http::Version::HTTP_11,
            url: String::new(),
            method: http::Method::POST,
            request_headers: Arc::default(),
            elapsed: std::time::Duration::ZERO,
            received: 0,
        }
    }

    #[test]
    fn progress_without_a_pause_hides_no_response() {
        let (bytes_sent, sent) = watch::channel(0);
        let mut polls = 0;
        let opening = Box::pin(poll_fn(move |cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            if polls < 3 { Poll::Pending } else { Poll::Ready(Ok((Box::new(response()), None))) }
        }));
        let (_, retries) = mpsc::unbounded_channel();
        let mut exchange = Exchange { stage: Stage::Opening(opening), sent, retries };
        let events = (1..).map(|bytes| {
            bytes_sent.send_replace(bytes);
            exchange.next().now_or_never().unwrap().unwrap()
        });
        let kinds: Vec<bool> =
            events.take(4).map(|event| matches!(event, ExchangeEvent::Response(_))).collect();
        assert_eq!(kinds, [false, false, false, true], "the last progress is reported once");
    }
}
