//! The life of a stream's connections, from one to the next: a state machine without I/O.
//!
//! The server answers 101 to a bad token, and also when its database is away; in both cases it closes
//! the socket 5 s later without a hello (web_conn.go, authTicker). So a socket that ends before hello
//! is checked over REST, and only two rejections by a healthy server end the stream.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff::Backoff;
use super::frame::Frame;
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

/// Health that takes the backoff back to its start.
pub const HEALTHY_AFTER: Duration = Duration::from_secs(60);

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

/// What to do with a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameAction {
    /// Hand it to the reader.
    Deliver,
    /// It was for us.
    Consume,
    /// It was hello.
    Greet(String),
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
    Silent { until: Instant },
    Live { since: Instant, ping_at: Instant, pending: Option<(i64, Instant)> },
}

impl State {
    /// Until when the server has to say what it owes us.
    fn reply_until(&mut self) -> Option<&mut Instant> {
        match self {
            Self::Silent { until } | Self::Live { pending: Some((_, until)), .. } => Some(until),
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
    last_seq: i64,
}

impl Lifecycle {
    /// A connection that was never open.
    pub fn new(backoff: Backoff) -> Self {
        Self { backoff, state: State::Closed, rejections: 0, last_seq: 0 }
    }

    /// The upgrade succeeded.
    pub fn opened(&mut self, now: Instant) {
        self.state = State::Silent { until: now + HELLO_WAIT };
    }

    /// Judges a frame of the open socket.
    pub fn on_frame(&mut self, frame: Frame, now: Instant) -> FrameAction {
        match (frame, &mut self.state) {
            // Said again it changes nothing: an unanswered ping stays unanswered.
            (Frame::Hello { .. }, State::Live { .. }) => FrameAction::Consume,
            (Frame::Hello { server_version }, _) => {
                self.rejections = 0;
                self.state = State::Live { since: now, ping_at: now + PING_EVERY, pending: None };
                FrameAction::Greet(server_version)
            }
            (Frame::Reply { seq: Some(seq), ok }, State::Live { pending, .. })
                if pending.is_some_and(|(own, _)| own == seq) =>
            {
                *pending = None;
                match ok {
                    true => FrameAction::Consume,
                    false => {
                        FrameAction::Abandon("the server no longer accepts this socket's session".to_owned())
                    }
                }
            }
            // The server says hello first (web_conn.go, writePump); 0.5.0 took nothing before it for an event.
            (_, State::Silent { .. }) => FrameAction::Consume,
            _ => FrameAction::Deliver,
        }
    }

    /// The socket was not read for `pause`: that is no silence of the server's.
    pub fn paused(&mut self, pause: Duration) {
        if let Some(until) = self.state.reply_until() {
            *until += pause;
        }
    }

    /// When [`Lifecycle::on_timer`] wants to be asked next.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Closed => None,
            State::Silent { until } => Some(*until),
            State::Live { pending: Some((_, until)), .. } => Some(*until),
            State::Live { ping_at, .. } => Some(*ping_at),
        }
    }

    /// Judges the open socket by the clock.
    pub fn on_timer(&mut self, now: Instant) -> TimerAction {
        if let Some(until) = self.state.reply_until()
            && now.saturating_duration_since(*until) > SUSPENDED
        {
            // What came while the process was suspended is to be read first.
            *until = now + SUSPENDED;
        }
        match &mut self.state {
            State::Silent { until } if *until <= now => {
                TimerAction::Abandon("the server did not say hello".to_owned())
            }
            State::Live { pending: Some((_, until)), .. } if *until <= now => TimerAction::Abandon(format!(
                "the server did not answer a ping within {} s",
                PING_WAIT.as_secs()
            )),
            State::Live { ping_at, pending, .. } if pending.is_none() && *ping_at <= now => {
                self.last_seq += 1;
                *pending = Some((self.last_seq, now + PING_WAIT));
                *ping_at = now + PING_EVERY;
                TimerAction::Ping(format!(r#"{{"seq":{},"action":"ping"}}"#, self.last_seq))
            }
            _ => TimerAction::Nothing,
        }
    }

    /// The open socket ended, or was abandoned. `jitter` is in `0.0..1.0`.
    pub fn ended(&mut self, reason: String, now: Instant, jitter: f64) -> Action {
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Silent { .. } => Action::Check(Duration::ZERO),
            State::Live { since, .. } => {
                if now - since >= HEALTHY_AFTER {
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
        Action::Check(Duration::ZERO)
    }

    /// The answer to [`Action::Check`]. `jitter` is in `0.0..1.0`.
    pub fn checked(&mut self, verdict: Verdict, jitter: f64) -> Action {
        match verdict {
            Verdict::Rejected => {
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
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn live(now: Instant) -> Lifecycle {
        let mut lifecycle = Lifecycle::new(Backoff::new(None));
        lifecycle.opened(now);
        let hello = Frame::Hello { server_version: "11".into() };
        assert_eq!(lifecycle.on_frame(hello, now), FrameAction::Greet("11".into()));
        lifecycle
    }

    fn waited(action: Action) -> Duration {
        match action {
            Action::Reconnect(wait, _) => wait,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_socket_that_ends_before_hello_is_checked_and_two_rejections_are_final() {
        let now = Instant::now();
        let mut lifecycle = Lifecycle::new(Backoff::new(None));
        lifecycle.opened(now);
        assert_eq!(lifecycle.ended("fin".into(), now, 1.0), Action::Check(Duration::ZERO));
        assert_eq!(lifecycle.checked(Verdict::Rejected, 1.0), Action::Check(RECHECK_AFTER));
        assert_eq!(lifecycle.checked(Verdict::Rejected, 1.0), Action::Reject);
    }

    #[test]
    fn a_server_without_its_database_is_waited_for_and_rejections_do_not_add_up() {
        let mut lifecycle = Lifecycle::new(Backoff::new(None));
        lifecycle.unauthorized();
        lifecycle.checked(Verdict::Rejected, 1.0);
        assert_eq!(waited(lifecycle.checked(Verdict::Undecided, 1.0)), SECOND);
        assert_eq!(lifecycle.checked(Verdict::Rejected, 1.0), Action::Check(RECHECK_AFTER));
        assert_eq!(waited(lifecycle.checked(Verdict::Accepted, 1.0)), 2 * SECOND);
    }

    #[test]
    fn no_hello_in_time_abandons_the_socket() {
        let now = Instant::now();
        let mut lifecycle = Lifecycle::new(Backoff::new(None));
        lifecycle.opened(now);
        assert_eq!(lifecycle.on_timer(now + HELLO_WAIT - SECOND), TimerAction::Nothing);
        assert!(matches!(lifecycle.on_timer(now + HELLO_WAIT), TimerAction::Abandon(_)));
    }

    #[test]
    fn pings_go_out_one_at_a_time_and_their_replies_reach_nobody() {
        let now = Instant::now();
        let mut lifecycle = live(now);
        assert_eq!(lifecycle.deadline(), Some(now + PING_EVERY));
        assert_eq!(
            lifecycle.on_timer(now + PING_EVERY),
            TimerAction::Ping(r#"{"seq":1,"action":"ping"}"#.into())
        );
        assert_eq!(lifecycle.on_timer(now + PING_EVERY + SECOND), TimerAction::Nothing);
        let reply = Frame::Reply { seq: Some(1), ok: true };
        assert_eq!(lifecycle.on_frame(reply, now + PING_EVERY + SECOND), FrameAction::Consume);
        assert_eq!(lifecycle.deadline(), Some(now + 2 * PING_EVERY), "a reply brings no ping forward");
        assert_eq!(
            lifecycle.on_timer(now + 2 * PING_EVERY),
            TimerAction::Ping(r#"{"seq":2,"action":"ping"}"#.into())
        );
    }

    #[test]
    fn an_unanswered_or_refused_ping_abandons_the_socket() {
        let now = Instant::now();
        let mut lifecycle = live(now);
        lifecycle.on_timer(now + PING_EVERY);
        assert!(matches!(lifecycle.on_timer(now + PING_EVERY + PING_WAIT), TimerAction::Abandon(_)));
        let mut lifecycle = live(now);
        lifecycle.on_timer(now + PING_EVERY);
        let refused = Frame::Reply { seq: Some(1), ok: false };
        assert!(matches!(lifecycle.on_frame(refused, now + PING_EVERY), FrameAction::Abandon(_)));
    }

    #[test]
    fn other_peoples_replies_and_all_events_are_delivered() {
        let now = Instant::now();
        let mut lifecycle = live(now);
        assert_eq!(lifecycle.on_frame(Frame::Reply { seq: Some(9), ok: true }, now), FrameAction::Deliver);
        assert_eq!(lifecycle.on_frame(Frame::Event, now), FrameAction::Deliver);
        assert_eq!(lifecycle.on_frame(Frame::Unknown, now), FrameAction::Deliver);
    }

    #[test]
    fn nothing_before_hello_is_delivered_or_puts_off_the_deadline() {
        let now = Instant::now();
        let mut lifecycle = Lifecycle::new(Backoff::new(None));
        lifecycle.opened(now);
        for frame in [Frame::Event, Frame::Unknown, Frame::Reply { seq: Some(1), ok: true }] {
            assert_eq!(lifecycle.on_frame(frame, now + SECOND), FrameAction::Consume);
        }
        assert_eq!(lifecycle.deadline(), Some(now + HELLO_WAIT));
    }

    #[test]
    fn a_second_hello_is_no_answer_to_a_ping() {
        let now = Instant::now();
        let mut lifecycle = live(now);
        lifecycle.on_timer(now + PING_EVERY);
        let hello = Frame::Hello { server_version: "11".into() };
        assert_eq!(lifecycle.on_frame(hello, now + PING_EVERY), FrameAction::Consume);
        assert!(matches!(lifecycle.on_timer(now + PING_EVERY + PING_WAIT), TimerAction::Abandon(_)));
    }

    #[test]
    fn time_in_which_nothing_was_read_does_not_count() {
        let now = Instant::now();
        let mut lifecycle = live(now);
        lifecycle.paused(PING_WAIT);
        assert_eq!(lifecycle.deadline(), Some(now + PING_EVERY), "pings need no answer to be sent");
        lifecycle.on_timer(now + PING_EVERY);
        lifecycle.paused(60 * SECOND);
        assert_eq!(lifecycle.deadline(), Some(now + PING_EVERY + PING_WAIT + 60 * SECOND));
    }

    #[test]
    fn after_a_suspension_there_is_a_second_to_read_what_came_meanwhile() {
        let now = Instant::now();
        let mut lifecycle = live(now);
        lifecycle.on_timer(now + PING_EVERY);
        let awake = now + PING_EVERY + 600 * SECOND;
        assert_eq!(lifecycle.on_timer(awake), TimerAction::Nothing);
        assert_eq!(lifecycle.deadline(), Some(awake + SUSPENDED));
        assert!(matches!(lifecycle.on_timer(awake + SUSPENDED), TimerAction::Abandon(_)));
    }

    #[test]
    fn a_minute_of_health_starts_the_backoff_over() {
        let now = Instant::now();
        let mut lifecycle = live(now);
        assert_eq!(waited(lifecycle.ended("cut".into(), now + SECOND, 1.0)), SECOND);
        lifecycle.opened(now);
        lifecycle.on_frame(Frame::Hello { server_version: String::new() }, now);
        assert_eq!(waited(lifecycle.ended("cut".into(), now + SECOND, 1.0)), 2 * SECOND);
        lifecycle.opened(now);
        lifecycle.on_frame(Frame::Hello { server_version: String::new() }, now);
        assert_eq!(waited(lifecycle.ended("cut".into(), now + HEALTHY_AFTER, 1.0)), SECOND);
    }
}
