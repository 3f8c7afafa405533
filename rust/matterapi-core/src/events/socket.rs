//! Carries out what [`lifecycle`](super::lifecycle) decides.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use super::action_desk::ActionDesk;
use super::backoff::Backoff;
use super::event::Event;
use super::fetch::{self, Shared};
use super::filter::Filter;
use super::frame::Frame;
use super::lifecycle::{Action, FrameAction, Greeting, Lifecycle, TimerAction, Verdict};
use super::opening::{self, OpenFailure, Stage};
use super::overflow::Overflow;
use super::queue::{Item, Notice, Queue};
use super::recovery::{Position, Recovery};
use super::session_check;
use super::shelf::Shelf;
use super::upgrade::{self, CLOSED, Socket, reason};
use super::websocket::{PacedSocket, Wake};
use crate::clock;
use crate::error::{Error, ErrorKind};
use crate::http::{Session, Transport};
use crate::secrets::Secret;

/// How a stream behaves.
#[derive(Debug, Clone, Default)]
pub struct StreamOptions {
    /// Ceiling of every wait before a reconnect.
    pub longest_wait: Option<Duration>,
    /// Log in again before every reconnect.
    pub relogin: bool,
    /// Whether what was missed is fetched.
    pub catch_up: bool,
    /// Where a stream of before ended; nothing for one that begins with its first connection.
    pub position: Option<Position>,
    /// Which events the reader wants.
    pub filter: Filter,
    /// What happens when they come faster than they are taken.
    pub overflow: Overflow,
    /// For so long what answers in a server's place is no sign of a wrong address: the server may be starting.
    pub wait_for_server: Duration,
}

/// Keeps a socket open, fills `queue` and carries out what `desk` is asked for until the stream ends for good; then
/// ends both.
///
/// # Cancellation
/// Dropping the future closes the socket, and ends neither.
pub async fn run(
    session: Arc<Session>,
    transport: Transport,
    options: StreamOptions,
    queue: Arc<Queue>,
    desk: Arc<ActionDesk>,
) {
    let StreamOptions { longest_wait, relogin, catch_up, position, filter, overflow, wait_for_server } =
        options;
    let recovery = (catch_up && filter.takes_posts())
        .then(|| Arc::new(Shared::new(Recovery::new(position).in_channels(filter.channels.clone()))));
    let filter = Arc::new(filter);
    let fetching = recovery.clone().map(|shared| {
        let (session, queue, filter) = (Arc::clone(&session), Arc::clone(&queue), Arc::clone(&filter));
        fetch::run(shared, session, transport.clone(), queue, filter)
    });
    let mut stream = Stream {
        session,
        transport,
        queue,
        desk,
        filter,
        overflow,
        relogin,
        lifecycle: Lifecycle::new(Backoff::new(longest_wait)),
        recovery,
        shelf: Shelf::default(),
        own_id: String::new(),
        opened_once: false,
        started: Instant::now(),
        wait_for_server,
        token: None,
    };
    let fetching = async {
        match fetching {
            Some(fetching) => fetching.await,
            None => std::future::pending().await,
        }
    };
    let error = tokio::select! {
        error = stream.run() => error,
        never = fetching => match never {},
    };
    stream.queue.end(Some(error));
    stream.desk.end();
}

struct Stream {
    session: Arc<Session>,
    transport: Transport,
    queue: Arc<Queue>,
    desk: Arc<ActionDesk>,
    filter: Arc<Filter>,
    overflow: Overflow,
    /// Log in again before every reconnect.
    relogin: bool,
    lifecycle: Lifecycle,
    recovery: Option<Arc<Shared>>,
    shelf: Shelf,
    /// The user whose stream it is, once the server has said it.
    own_id: String,
    opened_once: bool,
    started: Instant,
    wait_for_server: Duration,
    /// The token of the last connection: the stream of another session is not gone on with.
    token: Option<Secret>,
}

impl Stream {
    /// Runs until there is an error that no new try can mend.
    async fn run(&mut self) -> Error {
        let mut action = Action::Connect;
        let mut rejection = None;
        loop {
            action = match action {
                Action::Connect => match self.open().await {
                    Ok(socket) => {
                        self.opened_once = true;
                        let ping = self.lifecycle.opened(Instant::now());
                        let outcome = self.read(socket, ping).await;
                        self.desk.cut();
                        let reason = match outcome {
                            Ok(reason) => reason,
                            Err(error) => return error,
                        };
                        if let Some(shared) = &self.recovery {
                            shared.lock().disconnected(Instant::now());
                        }
                        self.lifecycle.ended(reason, Instant::now(), fastrand::f64())
                    }
                    Err(OpenFailure::Unauthorized) => self.lifecycle.unauthorized(),
                    Err(OpenFailure::Passing(reason)) => {
                        self.lifecycle.ended(reason, Instant::now(), fastrand::f64())
                    }
                    Err(OpenFailure::Final(error)) => return error,
                },
                Action::Reconnect(wait, reason) => {
                    self.queue.push(Item::Notice(Notice::reconnecting(&reason, wait))).await;
                    sleep(wait).await;
                    Action::Connect
                }
                Action::Check(wait) => {
                    sleep(wait).await;
                    let verdict = match session_check::judge(&self.session, &self.transport).await {
                        Ok(verdict) => verdict,
                        Err(error) if matches!(error.kind(), ErrorKind::Auth) => return error,
                        Err(error) => {
                            rejection = Some(error);
                            Verdict::Rejected
                        }
                    };
                    self.lifecycle.checked(verdict, fastrand::f64())
                }
                Action::Reject => {
                    return rejection.unwrap_or_else(|| {
                        Error::new(ErrorKind::Auth, "the server rejected the credentials")
                    });
                }
            };
        }
    }

    /// Logs in if need be and opens a socket, each phase within the connect time-out.
    async fn open(&mut self) -> Result<Socket, OpenFailure> {
        let login = match self.relogin && self.opened_once {
            true => self.session.login_again(&self.transport).await,
            false => self.session.login(&self.transport).await,
        };
        let stage = Stage::of(self.opened_once, self.started.elapsed(), self.wait_for_server);
        login.map_err(|error| opening::of_error(error, stage))?;
        let token = self.session.token();
        if token.as_ref().map(Secret::expose) != self.token.as_ref().map(Secret::expose) {
            self.lifecycle.forget_stream();
            self.token = token;
        }
        let limit = self.session.options().timeout.connect;
        let connect = upgrade::open(&self.session, self.lifecycle.resume(), stage);
        match limit {
            None => connect.await,
            Some(limit) => timeout(limit, connect).await.unwrap_or_else(|_| {
                let seconds = limit.as_secs_f64();
                Err(OpenFailure::Passing(format!("no websocket within {seconds} s")))
            }),
        }
    }

    /// Reads `socket` to its end and says why it ended.
    ///
    /// `ping` is the first frame sent.
    ///
    /// # Errors
    /// What ends the stream.
    async fn read(&mut self, socket: Socket, ping: String) -> Result<String, Error> {
        let mut socket = PacedSocket::new(socket);
        socket.send(ping);
        let mut said_full = false;
        loop {
            let mut may_send = self.lifecycle.is_live() && !socket.has_unsent();
            if may_send && let Some(text) = self.desk.next(|| self.lifecycle.next_request()) {
                socket.send(text);
                may_send = false;
            }
            let deadline = self.lifecycle.deadline().unwrap_or_else(Instant::now);
            let wake = tokio::select! {
                biased;
                wake = socket.next(deadline) => wake,
                () = self.desk.submitted(), if may_send => continue,
            };
            let message = match wake {
                Wake::Message(message) => message,
                Wake::Sent => continue,
                Wake::Deadline => match self.lifecycle.on_timer(Instant::now()) {
                    TimerAction::Nothing => continue,
                    TimerAction::Abandon(reason) => return Ok(reason),
                    TimerAction::Ping(text) => {
                        socket.send(text);
                        continue;
                    }
                    TimerAction::Keep => {
                        self.keep();
                        continue;
                    }
                },
            };
            let text: Bytes = match message {
                Some(Ok(Message::Text(text))) => text.into(),
                // As in 0.5.0; the server itself sends text only.
                Some(Ok(Message::Binary(bytes))) => bytes,
                Some(Ok(Message::Close(frame))) => {
                    socket.answer_close();
                    return Ok(match frame {
                        Some(frame) => format!("closed by the server with code {}", u16::from(frame.code)),
                        None => CLOSED.to_owned(),
                    });
                }
                None => return Ok(CLOSED.to_owned()),
                Some(Ok(_)) => continue,
                Some(Err(e)) => {
                    socket.refuse(&e);
                    return Ok(reason(&e));
                }
            };
            let items = match self.frame(&text) {
                Ok(items) => items,
                Err(reason) => return Ok(reason),
            };
            for item in items.into_iter().flatten() {
                if let Err(item) = self.queue.try_push(item) {
                    self.overflow(item, &mut said_full).await?;
                }
            }
        }
    }

    /// There is no room for `item`. `said_full`: whether the reader was told so on this connection.
    async fn overflow(&mut self, item: Item, said_full: &mut bool) -> Result<(), Error> {
        let left = match self.overflow {
            Overflow::Pause => Some(item),
            Overflow::Shed => self.queue.shed_for(item),
            Overflow::Raise => {
                let (depth, bytes) = self.queue.load();
                let text = format!("{depth} events ({bytes} bytes) wait already, and more came");
                return Err(Error::new(ErrorKind::QueueFull, text));
            }
        };
        let Some(item) = left else { return Ok(()) };
        let full = Instant::now();
        if !std::mem::replace(said_full, true) {
            self.queue.push(Item::Notice(self.queue.full())).await;
        }
        self.queue.push(item).await;
        self.lifecycle.paused(full.elapsed());
        Ok(())
    }

    /// What a frame brings for the queue, or why the socket is of no use any more.
    fn frame(&mut self, text: &Bytes) -> Result<[Option<Item>; 3], String> {
        let frame = Frame::of(text);
        if let Frame::Reply { seq: Some(seq), .. } = frame
            && self.desk.takes_reply(seq, text)
        {
            return Ok([None, None, None]);
        }
        let now = Instant::now();
        let server_time = match &frame {
            Frame::Reply { server_time, .. } => Some(server_time.unwrap_or_else(clock::milliseconds)),
            _ => None,
        };
        if let Frame::Hello { user_id, .. } = &frame
            && !user_id.is_empty()
        {
            self.own_id.clone_from(user_id);
        }
        let (greeting, is_event) = match self.lifecycle.on_frame(frame, now) {
            FrameAction::Deliver => (None, true),
            FrameAction::Consume => return Ok([None, None, None]),
            FrameAction::Answered => (None, false),
            FrameAction::Greet(greeting) => (Some(greeting), false),
            FrameAction::GreetAndDeliver(greeting) => (Some(greeting), true),
            FrameAction::Abandon(reason) => return Err(reason),
        };
        let event = is_event.then(|| Event::of(text));
        let mut is_news = is_event;
        let mut position = None;
        if let Some(shared) = &self.recovery {
            let mut recovery = shared.lock();
            if let Some(greeting) = &greeting {
                recovery.connected(&self.own_id, *greeting == Greeting::Resumed, now);
            }
            if let Some(event) = &event {
                (is_news, position) = recovery.event(event, now);
            } else if let Some(server_time) = server_time {
                position = recovery.answered(server_time, now);
            }
            shared.wake(&recovery);
        }
        let counters = &self.queue.counters;
        if let Some(greeting) = &greeting {
            counters.connections.add();
            if *greeting == Greeting::Resumed {
                counters.resumed.add();
            }
        }
        if let Some(event) = &event {
            counters.received.add();
            if !is_news {
                counters.duplicates.add();
            } else if !self.filter.takes(event, &self.own_id) {
                counters.filtered.add();
                is_news = false;
            }
        }
        let item = is_news.then(|| Item::frame(self.shelf.keep(text)));
        let position = position.map(|position| Item::Notice(Notice::Position(position)));
        Ok([greeting.map(|greeting| noticed(&greeting)), item, position])
    }

    /// Makes a call for the server to see; what comes of it is nobody's concern.
    fn keep(&self) {
        let (session, transport) = (Arc::clone(&self.session), self.transport.clone());
        tokio::spawn(async move { session_check::show(&session, &transport).await });
    }
}

fn noticed(greeting: &Greeting) -> Item {
    Item::Notice(match greeting {
        Greeting::New(server_version) => Notice::connected(server_version),
        Greeting::Resumed => Notice::Resumed,
    })
}
