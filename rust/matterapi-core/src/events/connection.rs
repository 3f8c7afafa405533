//! What to do next about the connection: a state machine without I/O.
//!
//! The server answers 101 to a bad token, and also when its database is away; in both cases it closes
//! the socket 5 s later without a hello (web_conn.go, authTicker). So a socket that ends before hello
//! is checked over REST, and only two rejections by a healthy server end the stream.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff::Backoff;
use super::frame::Frame;
use crate::transport::AWAY;

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
pub enum Step {
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
pub enum Fate {
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
pub enum Due {
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
enum Phase {
    Closed,
    Silent { until: Instant },
    Live { since: Instant, ping_at: Instant, pending: Option<(i64, Instant)> },
}

impl Phase {
    /// The end of our patience with a server that owes us a word.
    fn answer_until(&mut self) -> Option<&mut Instant> {
        match self {
            Self::Silent { until } | Self::Live { pending: Some((_, until)), .. } => Some(until),
            _ => None,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Connection {
    backoff: Backoff,
    phase: Phase,
    rejections: u32,
    last_seq: i64,
}

impl Connection {
    /// A connection that was never open.
    pub fn new(backoff: Backoff) -> Self {
        Self { backoff, phase: Phase::Closed, rejections: 0, last_seq: 0 }
    }

    /// The upgrade succeeded.
    pub fn opened(&mut self, now: Instant) {
        self.phase = Phase::Silent { until: now + HELLO_WAIT };
    }

    /// Judges a frame of the open socket.
    pub fn frame(&mut self, frame: Frame, now: Instant) -> Fate {
        match (frame, &mut self.phase) {
            // Said again it changes nothing: an unanswered ping stays unanswered.
            (Frame::Hello { .. }, Phase::Live { .. }) => Fate::Consume,
            (Frame::Hello { server_version }, _) => {
                self.rejections = 0;
                self.phase = Phase::Live { since: now, ping_at: now + PING_EVERY, pending: None };
                Fate::Greet(server_version)
            }
            (Frame::Reply { seq: Some(seq), ok }, Phase::Live { pending, .. })
                if pending.is_some_and(|(own, _)| own == seq) =>
            {
                *pending = None;
                match ok {
                    true => Fate::Consume,
                    false => Fate::Abandon("the server no longer accepts this socket's session".to_owned()),
                }
            }
            // The server says hello first (web_conn.go, writePump); 0.5.0 took nothing before it for an event.
            (_, Phase::Silent { .. }) => Fate::Consume,
            _ => Fate::Deliver,
        }
    }

    /// The socket was not read for `pause`: that is no silence of the server's.
    pub fn paused(&mut self, pause: Duration) {
        if let Some(until) = self.phase.answer_until() {
            *until += pause;
        }
    }

    /// When [`Connection::due`] wants to be asked next.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Closed => None,
            Phase::Silent { until } => Some(*until),
            Phase::Live { pending: Some((_, until)), .. } => Some(*until),
            Phase::Live { ping_at, .. } => Some(*ping_at),
        }
    }

    /// Judges the open socket by the clock.
    pub fn due(&mut self, now: Instant) -> Due {
        if let Some(until) = self.phase.answer_until()
            && now.saturating_duration_since(*until) > AWAY
        {
            // What came while the process was suspended is to be read first.
            *until = now + AWAY;
        }
        match &mut self.phase {
            Phase::Silent { until } if *until <= now => {
                Due::Abandon("the server did not say hello".to_owned())
            }
            Phase::Live { pending: Some((_, until)), .. } if *until <= now => {
                Due::Abandon(format!("the server did not answer a ping within {} s", PING_WAIT.as_secs()))
            }
            Phase::Live { ping_at, pending, .. } if pending.is_none() && *ping_at <= now => {
                self.last_seq += 1;
                *pending = Some((self.last_seq, now + PING_WAIT));
                *ping_at = now + PING_EVERY;
                Due::Ping(format!(r#"{{"seq":{},"action":"ping"}}"#, self.last_seq))
            }
            _ => Due::Nothing,
        }
    }

    /// The open socket ended, or was abandoned. `jitter` is in `0.0..1.0`.
    pub fn ended(&mut self, reason: String, now: Instant, jitter: f64) -> Step {
        match std::mem::replace(&mut self.phase, Phase::Closed) {
            Phase::Silent { .. } => Step::Check(Duration::ZERO),
            Phase::Live { since, .. } => {
                if now - since >= HEALTHY_AFTER {
                    self.backoff.reset();
                }
                Step::Reconnect(self.backoff.next(jitter), reason)
            }
            Phase::Closed => Step::Reconnect(self.backoff.next(jitter), reason),
        }
    }

    /// The upgrade or the login before it was answered with 401.
    pub fn unauthorized(&mut self) -> Step {
        self.phase = Phase::Closed;
        Step::Check(Duration::ZERO)
    }

    /// The answer to [`Step::Check`]. `jitter` is in `0.0..1.0`.
    pub fn checked(&mut self, verdict: Verdict, jitter: f64) -> Step {
        match verdict {
            Verdict::Rejected => {
                self.rejections += 1;
                match self.rejections {
                    1 => Step::Check(RECHECK_AFTER),
                    _ => Step::Reject,
                }
            }
            Verdict::Accepted => {
                self.rejections = 0;
                Step::Reconnect(self.backoff.next(jitter), "the socket was closed before hello".to_owned())
            }
            Verdict::Undecided => {
                self.rejections = 0;
                let reason = "the server could not check the session: it may be without its database";
                Step::Reconnect(self.backoff.next(jitter), reason.to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn live(now: Instant) -> Connection {
        let mut connection = Connection::new(Backoff::new(None));
        connection.opened(now);
        let hello = Frame::Hello { server_version: "11".into() };
        assert_eq!(connection.frame(hello, now), Fate::Greet("11".into()));
        connection
    }

    fn waited(step: Step) -> Duration {
        match step {
            Step::Reconnect(wait, _) => wait,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_socket_that_ends_before_hello_is_checked_and_two_rejections_are_final() {
        let now = Instant::now();
        let mut connection = Connection::new(Backoff::new(None));
        connection.opened(now);
        assert_eq!(connection.ended("fin".into(), now, 1.0), Step::Check(Duration::ZERO));
        assert_eq!(connection.checked(Verdict::Rejected, 1.0), Step::Check(RECHECK_AFTER));
        assert_eq!(connection.checked(Verdict::Rejected, 1.0), Step::Reject);
    }

    #[test]
    fn a_server_without_its_database_is_waited_for_and_rejections_do_not_add_up() {
        let mut connection = Connection::new(Backoff::new(None));
        connection.unauthorized();
        connection.checked(Verdict::Rejected, 1.0);
        assert_eq!(waited(connection.checked(Verdict::Undecided, 1.0)), SECOND);
        assert_eq!(connection.checked(Verdict::Rejected, 1.0), Step::Check(RECHECK_AFTER));
        assert_eq!(waited(connection.checked(Verdict::Accepted, 1.0)), 2 * SECOND);
    }

    #[test]
    fn no_hello_in_time_abandons_the_socket() {
        let now = Instant::now();
        let mut connection = Connection::new(Backoff::new(None));
        connection.opened(now);
        assert_eq!(connection.due(now + HELLO_WAIT - SECOND), Due::Nothing);
        assert!(matches!(connection.due(now + HELLO_WAIT), Due::Abandon(_)));
    }

    #[test]
    fn pings_go_out_one_at_a_time_and_their_replies_reach_nobody() {
        let now = Instant::now();
        let mut connection = live(now);
        assert_eq!(connection.deadline(), Some(now + PING_EVERY));
        assert_eq!(connection.due(now + PING_EVERY), Due::Ping(r#"{"seq":1,"action":"ping"}"#.into()));
        assert_eq!(connection.due(now + PING_EVERY + SECOND), Due::Nothing);
        let reply = Frame::Reply { seq: Some(1), ok: true };
        assert_eq!(connection.frame(reply, now + PING_EVERY + SECOND), Fate::Consume);
        assert_eq!(connection.due(now + 2 * PING_EVERY), Due::Ping(r#"{"seq":2,"action":"ping"}"#.into()));
    }

    #[test]
    fn an_unanswered_or_refused_ping_abandons_the_socket() {
        let now = Instant::now();
        let mut connection = live(now);
        connection.due(now + PING_EVERY);
        assert!(matches!(connection.due(now + PING_EVERY + PING_WAIT), Due::Abandon(_)));
        let mut connection = live(now);
        connection.due(now + PING_EVERY);
        let refused = Frame::Reply { seq: Some(1), ok: false };
        assert!(matches!(connection.frame(refused, now + PING_EVERY), Fate::Abandon(_)));
    }

    #[test]
    fn other_peoples_replies_and_all_events_are_delivered() {
        let now = Instant::now();
        let mut connection = live(now);
        assert_eq!(connection.frame(Frame::Reply { seq: Some(9), ok: true }, now), Fate::Deliver);
        assert_eq!(connection.frame(Frame::Event, now), Fate::Deliver);
        assert_eq!(connection.frame(Frame::Unknown, now), Fate::Deliver);
    }

    #[test]
    fn nothing_before_hello_is_delivered_or_puts_off_the_deadline() {
        let now = Instant::now();
        let mut connection = Connection::new(Backoff::new(None));
        connection.opened(now);
        for frame in [Frame::Event, Frame::Unknown, Frame::Reply { seq: Some(1), ok: true }] {
            assert_eq!(connection.frame(frame, now + SECOND), Fate::Consume);
        }
        assert_eq!(connection.deadline(), Some(now + HELLO_WAIT));
    }

    #[test]
    fn a_second_hello_is_no_answer_to_a_ping() {
        let now = Instant::now();
        let mut connection = live(now);
        connection.due(now + PING_EVERY);
        let hello = Frame::Hello { server_version: "11".into() };
        assert_eq!(connection.frame(hello, now + PING_EVERY), Fate::Consume);
        assert!(matches!(connection.due(now + PING_EVERY + PING_WAIT), Due::Abandon(_)));
    }

    #[test]
    fn time_in_which_nothing_was_read_does_not_count() {
        let now = Instant::now();
        let mut connection = live(now);
        connection.paused(PING_WAIT);
        assert_eq!(connection.deadline(), Some(now + PING_EVERY), "pings need no answer to be sent");
        connection.due(now + PING_EVERY);
        connection.paused(60 * SECOND);
        assert_eq!(connection.deadline(), Some(now + PING_EVERY + PING_WAIT + 60 * SECOND));
    }

    #[test]
    fn after_a_suspension_there_is_a_second_to_read_what_came_meanwhile() {
        let now = Instant::now();
        let mut connection = live(now);
        connection.due(now + PING_EVERY);
        let awake = now + PING_EVERY + 600 * SECOND;
        assert_eq!(connection.due(awake), Due::Nothing);
        assert_eq!(connection.deadline(), Some(awake + AWAY));
        assert!(matches!(connection.due(awake + AWAY), Due::Abandon(_)));
    }

    #[test]
    fn a_minute_of_health_starts_the_backoff_over() {
        let now = Instant::now();
        let mut connection = live(now);
        assert_eq!(waited(connection.ended("cut".into(), now + SECOND, 1.0)), SECOND);
        connection.opened(now);
        connection.frame(Frame::Hello { server_version: String::new() }, now);
        assert_eq!(waited(connection.ended("cut".into(), now + SECOND, 1.0)), 2 * SECOND);
        connection.opened(now);
        connection.frame(Frame::Hello { server_version: String::new() }, now);
        assert_eq!(waited(connection.ended("cut".into(), now + HEALTHY_AFTER, 1.0)), SECOND);
    }
}
