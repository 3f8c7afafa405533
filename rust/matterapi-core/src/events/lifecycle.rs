//! The life of a stream's connections, from one to the next: a state machine without I/O.
//!
//! Every connection begins with a ping of ours. Its reply is a barrier: what the server writes to a stream
//! comes in order, so a reply without a hello before it says that the old stream goes on (websocket.go,
//! connectWebSocket; web_conn.go, writePump), and from then on nothing can be missed without a gap.
//!
//! The server answers 101 to a bad token, and also when its database is away; in both cases it closes
//! the socket 5 s later without a hello (web_conn.go, authTicker). So a socket that ends before hello
//! is checked over REST, and only two rejections by a healthy server end the stream.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff::Backoff;
use super::frame::Frame;
use super::numbering::{Numbering, Order, Resume};
use crate::clock::SUSPENDED;

/// A socket without hello after this time will not say it any more: the server gives up after 5 s.
pub const HELLO_WAIT: Duration = Duration::from_secs(10);

/// Between two app-level pings. The server's own protocol ping comes every 60 s and proves less: a
/// socket whose session was revoked still answers it.
pub const PING_EVERY: Duration = Duration::from_secs(30);

/// An unanswered ping after this time means a dead or deaf socket.
pub const PING_WAIT: Duration = Duration::from_secs(10);

/// Between the two checks that a rejection needs.
pub const RECHECK_AFTER: Duration = Duration::from_secs(5);

/// A connection that ends sooner after its hello is no sign of health.
pub const SHORT_LIFE: Duration = Duration::from_secs(5);

/// Short lives in a row with which the waits go on growing.
const MOST_SHORT_LIVES: u32 = 3;

/// Between two calls that keep the stream of a mere listener: the server gives up streams whose user did
/// nothing for 5 minutes, counted from the last call and not from the cut (web_hub.go, reapInterval).
pub const KEEP_EVERY: Duration = Duration::from_secs(240);

/// Tries to go on with a stream that ended without a word, after which the next one begins anew.
const MOST_SILENT_RESUMES: u32 = 2;

/// What to do next when no socket is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Open a socket now.
    Connect,
    /// Open a socket after this time; the text says why the last one ended.
    Reconnect(Duration, String),
    /// Ask the server over REST whether the credentials are good, after this time.
    Check(Duration),
    /// The credentials are rejected for good.
    Reject,
}

/// What became of the stream when a connection was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Greeting {
    /// The server began a new one; this is its version.
    New(String),
    /// The old one goes on.
    Resumed,
}

/// What to do with a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameAction {
    /// Hand it to the reader.
    Deliver,
    /// It was for us, or was there before.
    Consume,
    /// It answers our ping on a connection that was greeted before.
    Answered,
    /// It says that there is a connection.
    Greet(Greeting),
    /// The same, and it is to be handed to the reader: the old stream goes on with it.
    GreetAndDeliver(Greeting),
    /// The socket is of no use any more.
    Abandon(String),
}

/// What a timer asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimerAction {
    /// Nothing yet.
    Nothing,
    /// Send this text frame.
    Ping(String),
    /// Make a call, so that the server sees that the user is there.
    Keep,
    /// The socket is of no use any more.
    Abandon(String),
}

/// What the server said over REST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The credentials are good.
    Accepted,
    /// 401, from a server that calls itself healthy.
    Rejected,
    /// Nothing that decides.
    Undecided,
}

#[derive(Debug)]
enum State {
    Closed,
    /// Neither hello nor the reply to the first ping, whose number this is, has come.
    Silent {
        until: Instant,
        ping: i64,
    },
    Live {
        since: Instant,
        ping_at: Instant,
        pending: Option<(i64, Instant)>,
    },
}

impl State {
    /// Until when the server has to say what it owes us.
    fn reply_until(&mut self) -> Option<&mut Instant> {
        match self {
            Self::Silent { until, .. } | Self::Live { pending: Some((_, until)), .. } => Some(until),
            _ => None,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Lifecycle {
    backoff: Backoff,
    state: State,
    rejections: u32,
    /// Never the same twice, on no connection: replies of before a cut come after a resume.
    last_request: i64,
    numbering: Numbering,
    /// Whether the open socket was asked to go on with the stream.
    resuming: bool,
    silent_resumes: u32,
    short_lives: u32,
    keep_at: Option<Instant>,
}

impl Lifecycle {
    /// A connection that was never open.
    pub fn new(backoff: Backoff) -> Self {
        Self {
            backoff,
            state: State::Closed,
            rejections: 0,
            last_request: 0,
            numbering: Numbering::default(),
            resuming: false,
            silent_resumes: 0,
            short_lives: 0,
            keep_at: None,
        }
    }

    /// Where the next connection is to go on; nothing where it begins a new stream.
    pub fn resume(&self) -> Option<&Resume> {
        self.numbering.resume()
    }

    /// The next connection has another session than the last one, whose stream may have missed events
    /// without a gap (web_conn.go, shouldSendEvent): it begins a new one.
    pub fn forget_stream(&mut self) {
        self.numbering.forget();
    }

    /// The upgrade succeeded, and asked for what [`Lifecycle::resume`] said. Returns the text frame to send.
    pub fn opened(&mut self, now: Instant) -> String {
        self.resuming = self.resume().is_some();
        let (ping, text) = self.ping();
        self.state = State::Silent { until: now + HELLO_WAIT, ping };
        self.keep_at.get_or_insert(now + KEEP_EVERY);
        text
    }

    fn ping(&mut self) -> (i64, String) {
        let number = self.next_request();
        (number, format!(r#"{{"seq":{number},"action":"ping"}}"#))
    }

    /// The number of a request that is sent now.
    pub fn next_request(&mut self) -> i64 {
        self.last_request += 1;
        self.last_request
    }

    /// Whether the server has greeted the open socket: before that, it answers nothing else.
    pub fn is_live(&self) -> bool {
        matches!(self.state, State::Live { .. })
    }

    /// Judges a frame of the open socket.
    pub fn on_frame(&mut self, frame: Frame, now: Instant) -> FrameAction {
        match (frame, &mut self.state) {
            (Frame::Hello { connection_id, .. }, State::Live { .. })
                if self.numbering.resume().is_some_and(|stream| stream.connection_id == connection_id) =>
            {
                // Said again it changes nothing: an unanswered ping stays unanswered.
                FrameAction::Consume
            }
            (Frame::Hello { server_version, connection_id, .. }, State::Silent { ping, until }) => {
                let pending = Some((*ping, *until));
                self.numbering.begin(connection_id);
                self.live(now, pending);
                FrameAction::Greet(Greeting::New(server_version))
            }
            (Frame::Hello { server_version, connection_id, .. }, _) => {
                self.numbering.begin(connection_id);
                FrameAction::Greet(Greeting::New(server_version))
            }
            (Frame::Reply { seq: Some(seq), ok, .. }, State::Silent { ping, .. }) if *ping == seq => {
                if !ok {
                    return self.deaf();
                }
                if !self.resuming {
                    // A stream of its own the server begins with a hello, before it answers anything.
                    return FrameAction::Consume;
                }
                self.live(now, None);
                FrameAction::Greet(Greeting::Resumed)
            }
            (Frame::Reply { seq: Some(seq), ok, .. }, State::Live { pending, .. })
                if pending.is_some_and(|(own, _)| own == seq) =>
            {
                *pending = None;
                match ok {
                    true => FrameAction::Answered,
                    false => self.deaf(),
                }
            }
            (Frame::Event { seq: Some(seq) }, State::Silent { ping, until }) if self.resuming => {
                let pending = Some((*ping, *until));
                match self.order(Some(seq)) {
                    FrameAction::Deliver => {
                        self.live(now, pending);
                        FrameAction::GreetAndDeliver(Greeting::Resumed)
                    }
                    other => other,
                }
            }
            // The server says hello first (web_conn.go, writePump); 0.5.0 took nothing before it for an event.
            (_, State::Silent { .. }) => FrameAction::Consume,
            (Frame::Event { seq }, _) => self.order(seq),
            // To a request whose reply nobody waits for any more: one of before a cut, or given up.
            (Frame::Reply { seq: Some(seq), .. }, _) if (1..=self.last_request).contains(&seq) => {
                FrameAction::Consume
            }
            _ => FrameAction::Deliver,
        }
    }

    fn live(&mut self, now: Instant, pending: Option<(i64, Instant)>) {
        self.rejections = 0;
        self.silent_resumes = 0;
        self.state = State::Live { since: now, ping_at: now + PING_EVERY, pending };
    }

    fn order(&mut self, seq: Option<i64>) -> FrameAction {
        match self.numbering.judge(seq) {
            Order::Next => FrameAction::Deliver,
            Order::Again => FrameAction::Consume,
            Order::Gap { expected, came } => FrameAction::Abandon(format!(
                "events are missing: number {came} came where {expected} was due"
            )),
        }
    }

    /// The socket lives, but the server no longer accepts its session: what it sent since is lost to it.
    fn deaf(&mut self) -> FrameAction {
        self.numbering.forget();
        FrameAction::Abandon("the server no longer accepts this socket's session".to_owned())
    }

    /// The socket was not read for `pause`: that is no silence of the server's.
    pub fn paused(&mut self, pause: Duration) {
        if let Some(until) = self.state.reply_until() {
            *until += pause;
        }
    }

    /// When [`Lifecycle::on_timer`] wants to be asked next.
    pub fn deadline(&self) -> Option<Instant> {
        let own = match &self.state {
            State::Closed => return None,
            State::Silent { until, .. } => return Some(*until),
            State::Live { pending: Some((_, until)), .. } => *until,
            State::Live { ping_at, .. } => *ping_at,
        };
        Some(self.keep_at.map_or(own, |keep_at| keep_at.min(own)))
    }

    /// Judges the open socket by the clock.
    pub fn on_timer(&mut self, now: Instant) -> TimerAction {
        if let Some(until) = self.state.reply_until()
            && now.saturating_duration_since(*until) > SUSPENDED
        {
            // What came while the process was suspended is to be read first.
            *until = now + SUSPENDED;
        }
        match &self.state {
            State::Silent { until, .. } if *until <= now => {
                TimerAction::Abandon("the server did not say hello".to_owned())
            }
            State::Live { pending: Some((_, until)), .. } if *until <= now => TimerAction::Abandon(format!(
                "the server did not answer a ping within {} s",
                PING_WAIT.as_secs()
            )),
            State::Live { ping_at, pending: None, since } if *ping_at <= now => {
                let since = *since;
                let (number, text) = self.ping();
                self.state = State::Live {
                    since,
                    ping_at: now + PING_EVERY,
                    pending: Some((number, now + PING_WAIT)),
                };
                TimerAction::Ping(text)
            }
            State::Live { .. } if self.keep_at.is_some_and(|keep_at| keep_at <= now) => {
                self.keep_at = Some(now + KEEP_EVERY);
                TimerAction::Keep
            }
            _ => TimerAction::Nothing,
        }
    }

    /// The open socket ended, or was abandoned. `jitter` is in `0.0..1.0`.
    pub fn ended(&mut self, reason: String, now: Instant, jitter: f64) -> Action {
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Silent { .. } => {
                // Parameters that the server does not take end a socket without a word, as a bad token does.
                if self.resuming {
                    self.silent_resumes += 1;
                    if self.silent_resumes >= MOST_SILENT_RESUMES {
                        self.silent_resumes = 0;
                        self.numbering.forget();
                    }
                }
                Action::Check(Duration::ZERO)
            }
            State::Live { since, .. } => {
                self.short_lives = match now - since < SHORT_LIFE {
                    true => self.short_lives + 1,
                    false => 0,
                };
                if self.short_lives < MOST_SHORT_LIVES {
                    self.backoff.reset();
                }
                Action::Reconnect(self.backoff.next(jitter), reason)
            }
            State::Closed => Action::Reconnect(self.backoff.next(jitter), reason),
        }
    }

    /// The upgrade or the login before it was answered with 401.
    pub fn unauthorized(&mut self) -> Action {
        self.state = State::Closed;
        self.numbering.forget();
        Action::Check(Duration::ZERO)
    }

    /// The answer to [`Action::Check`]. `jitter` is in `0.0..1.0`.
    pub fn checked(&mut self, verdict: Verdict, jitter: f64) -> Action {
        match verdict {
            Verdict::Rejected => {
                self.numbering.forget();
                self.rejections += 1;
                match self.rejections {
                    1 => Action::Check(RECHECK_AFTER),
                    _ => Action::Reject,
                }
            }
            Verdict::Accepted => {
                self.rejections = 0;
                Action::Reconnect(self.backoff.next(jitter), "the socket was closed before hello".to_owned())
            }
            Verdict::Undecided => {
                self.rejections = 0;
                let reason = "the server could not check the session: it may be without its database";
                Action::Reconnect(self.backoff.next(jitter), reason.to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests;
