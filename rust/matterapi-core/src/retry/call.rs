//! A call: how often it is sent again, after which failures and pauses.

use std::time::Duration;

use super::failure::{Decision, Failure, LONGEST_HINT, PENDING_POST};
use super::quota::{Fee, Quota};
use crate::error::{ErrorKind, Phase};

/// The ceiling of the first pause; that of each further one is twice as high, up to the highest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// The most that is added to a time that the server named: callers that it sent away together do not come
/// back together.
const SPREAD: Duration = Duration::from_millis(250);

/// How long the server remembers the key of a post is 30 s (app/post.go, pendingPostIDsCacheTTL); the rest is
/// for the way of the last attempt.
const KEY_LIVES: Duration = Duration::from_secs(25);

/// How much is done for a call.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policy {
    /// How often it is sent again, at most.
    pub retries: u32,
    /// How long all attempts and pauses together may take; `None` for ever.
    pub deadline: Option<Duration>,
}

/// What sending a call again may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// No harm: its method is idempotent.
    Safe,
    /// No harm for a while: the server recognises it by a key in its body.
    Keyed,
    /// Something that was done already, a second time.
    Unsafe,
    /// It cannot be sent again: its body can be read once only.
    Impossible,
}

/// A failure, as a repeat of the call is decided on.
#[derive(Debug, Clone, Copy)]
pub struct Failed<'a> {
    /// What failed.
    pub failure: Failure<'a>,
    /// Whether the server may have seen the call.
    pub sent: bool,
    /// The server said when to come again.
    pub hint: Option<Duration>,
    /// What attempts and pauses have taken so far.
    pub spent: Duration,
    /// How long ago the first attempt began.
    pub age: Duration,
}

/// Whether a request is sent again at once because its connection turned out to be dead.
///
/// RFC 9110, section 9.2.2: an idempotent request, once, before any byte of a response. No failure of the
/// server's, so it counts for nothing.
pub fn resend(attempts: u32, failure: Failure<'_>, safe: bool) -> bool {
    failure == Failure::StaleConnection && safe && attempts == 1
}

/// One call: what has become of it so far.
#[derive(Debug)]
pub struct CallRetries {
    policy: Policy,
    repeat: Repeat,
    /// Its method takes nothing from a server that has failed while it was at it.
    reads: bool,
    /// The server may have seen one of its attempts.
    seen: bool,
    retries: u32,
    fee: Option<Fee>,
}

impl CallRetries {
    /// A call of which nothing has been sent. `reads`: it is a GET or HEAD.
    pub fn new(policy: Policy, repeat: Repeat, reads: bool) -> Self {
        Self { policy, repeat, reads, seen: false, retries: 0, fee: None }
    }

    /// It was answered with what is no failure of the server's.
    #[inline]
    pub fn succeeded(&self, quota: &Quota) {
        quota.refund(self.fee);
    }

    /// Whether it is sent again after a failure. `jitter` is in `0.0..1.0`.
    pub fn failed(&mut self, failed: &Failed<'_>, jitter: f64, quota: &Quota) -> Decision {
        self.seen |= failed.sent;
        if self.retries >= self.policy.retries || !self.may_repeat(failed.failure) {
            return Decision::Stop;
        }
        let Some(pause) = self.pause(failed.hint, jitter) else { return Decision::Stop };
        let too_late =
            self.policy.deadline.is_some_and(|deadline| failed.spent.saturating_add(pause) >= deadline)
                || self.repeat == Repeat::Keyed && self.seen && failed.age.saturating_add(pause) >= KEY_LIVES;
        if too_late {
            return Decision::Stop;
        }
        let timed_out = matches!(failed.failure, Failure::Transport(ErrorKind::Timeout(_)));
        match quota.pay(timed_out) {
            None => Decision::Stop,
            fee => {
                self.fee = fee;
                self.retries += 1;
                Decision::Wait(pause)
            }
        }
    }

    /// Full jitter below a ceiling that doubles, or what the server asks for; `None` if that is too long.
    fn pause(&self, hint: Option<Duration>, jitter: f64) -> Option<Duration> {
        let jitter = jitter.clamp(0.0, 1.0);
        match hint {
            Some(hint) if hint > LONGEST_HINT => None,
            Some(hint) => Some(hint + SPREAD.mul_f64(jitter)),
            None => {
                let ceiling = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(self.retries));
                Some(ceiling.min(LONGEST_PAUSE).mul_f64(jitter))
            }
        }
    }

    fn may_repeat(&self, failure: Failure<'_>) -> bool {
        let harmless = match self.repeat {
            Repeat::Impossible => return false,
            Repeat::Safe | Repeat::Keyed => true,
            Repeat::Unsafe => !self.seen,
        };
        match failure {
            // The limiter stands before everything else (app/ratelimit.go).
            Failure::Status { status: 429, .. } => true,
            Failure::Status { error_id: PENDING_POST, .. } => true,
            Failure::Status { status: 500, .. } => self.reads,
            Failure::Status { status: 408 | 502..=504 | 520..=524, .. } => harmless,
            Failure::Status { .. } | Failure::Unfinished => false,
            Failure::Transport(kind) => match kind {
                ErrorKind::Connect | ErrorKind::Closed => harmless,
                ErrorKind::Timeout(Phase::Connect | Phase::Read | Phase::Write) => harmless,
                _ => false,
            },
            Failure::StaleConnection => harmless,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUT: Failure<'_> = Failure::Transport(ErrorKind::Closed);
    const POLICY: Policy = Policy { retries: 2, deadline: Some(Duration::from_secs(60)) };

    fn status(status: u16) -> Failure<'static> {
        Failure::Status { status, error_id: "" }
    }

    fn at_once(failure: Failure<'_>) -> Failed<'_> {
        Failed { failure, sent: true, hint: None, spent: Duration::ZERO, age: Duration::ZERO }
    }

    fn call(repeat: Repeat) -> CallRetries {
        CallRetries::new(POLICY, repeat, true)
    }

    /// What is decided about the first failure of a call that was sent.
    fn first(repeat: Repeat, failure: Failure<'_>) -> bool {
        call(repeat).failed(&at_once(failure), 0.0, &Quota::default()) != Decision::Stop
    }

    #[test]
    fn a_request_is_sent_again_once_on_a_dead_connection_and_only_if_that_does_no_harm() {
        assert!(resend(1, Failure::StaleConnection, true));
        assert!(!resend(2, Failure::StaleConnection, true));
        assert!(!resend(1, Failure::StaleConnection, false));
        for failure in [CUT, status(429), status(503), Failure::Unfinished] {
            assert!(!resend(1, failure, true), "{failure:?}");
        }
    }

    #[test]
    fn what_passes_is_repeated_where_that_does_no_harm() {
        let passing = [
            status(408),
            status(502),
            status(503),
            status(504),
            status(520),
            status(524),
            CUT,
            Failure::StaleConnection,
            Failure::Transport(ErrorKind::Connect),
            Failure::Transport(ErrorKind::Timeout(Phase::Connect)),
            Failure::Transport(ErrorKind::Timeout(Phase::Read)),
            Failure::Transport(ErrorKind::Timeout(Phase::Write)),
        ];
        for failure in passing {
            assert!(first(Repeat::Safe, failure) && first(Repeat::Keyed, failure), "{failure:?}");
            assert!(!first(Repeat::Unsafe, failure) && !first(Repeat::Impossible, failure), "{failure:?}");
        }
    }

    #[test]
    fn what_does_not_pass_is_not_repeated() {
        for code in [400, 401, 403, 404, 409, 413, 501, 505, 525] {
            assert!(!first(Repeat::Safe, status(code)), "{code}");
        }
        for kind in [
            ErrorKind::Tls,
            ErrorKind::Protocol,
            ErrorKind::Decode,
            ErrorKind::Auth,
            ErrorKind::File,
            ErrorKind::Config,
            ErrorKind::Memory,
            ErrorKind::Timeout(Phase::Pool),
        ] {
            assert!(!first(Repeat::Safe, Failure::Transport(kind)), "{kind:?}");
        }
    }

    #[test]
    fn what_the_limiter_refused_and_what_was_not_sent_was_not_done() {
        assert!(first(Repeat::Unsafe, status(429)) && !first(Repeat::Impossible, status(429)));
        let quota = Quota::default();
        let mut call = call(Repeat::Unsafe);
        let unsent = Failed { sent: false, ..at_once(CUT) };
        assert_ne!(call.failed(&unsent, 0.0, &quota), Decision::Stop);
        assert_ne!(call.failed(&at_once(status(429)), 0.0, &quota), Decision::Stop);
    }

    #[test]
    fn a_server_error_is_repeated_for_who_only_reads() {
        assert!(first(Repeat::Safe, status(500)));
        let mut writes = CallRetries::new(POLICY, Repeat::Safe, false);
        let decision = writes.failed(&at_once(status(500)), 0.0, &Quota::default());
        assert_eq!(decision, Decision::Stop);
        let pending = Failure::Status { status: 500, error_id: PENDING_POST };
        assert!(first(Repeat::Keyed, pending));
    }

    #[test]
    fn pauses_double_up_to_eight_seconds_and_end_with_the_retries() {
        let policy = Policy { retries: 7, deadline: None };
        let mut call = CallRetries::new(policy, Repeat::Safe, true);
        let quota = Quota::default();
        let mut pauses = Vec::new();
        while let Decision::Wait(pause) = call.failed(&at_once(CUT), 1.0, &quota) {
            pauses.push(pause.as_millis());
        }
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 8000, 8000]);
        let half = CallRetries::new(policy, Repeat::Safe, true).pause(None, 0.5);
        assert_eq!(half, Some(Duration::from_millis(250)));
    }

    #[test]
    fn a_hint_is_kept_to_with_a_little_spread_unless_it_is_too_long() {
        let pause = |hint: u64, jitter| call(Repeat::Safe).pause(Some(Duration::from_secs(hint)), jitter);
        assert_eq!(pause(2, 0.0), Some(Duration::from_secs(2)));
        assert_eq!(pause(2, 1.0), Some(Duration::from_millis(2250)));
        assert_eq!(pause(60, 0.0), Some(Duration::from_secs(60)));
        assert_eq!(pause(61, 0.0), None);
    }

    #[test]
    fn no_attempt_begins_behind_the_deadline() {
        let failed = |spent, hint| {
            let (spent, hint) = (Duration::from_secs(spent), Some(Duration::from_secs(hint)));
            let failed = Failed { spent, hint, ..at_once(status(503)) };
            call(Repeat::Safe).failed(&failed, 0.0, &Quota::default())
        };
        assert_eq!(failed(30, 29), Decision::Wait(Duration::from_secs(29)));
        assert_eq!(failed(30, 30), Decision::Stop);
        assert_eq!(failed(61, 0), Decision::Stop);
    }

    #[test]
    fn a_key_is_trusted_for_25_seconds() {
        let failed = |age, sent| {
            let failed = Failed { age: Duration::from_secs(age), sent, ..at_once(CUT) };
            call(Repeat::Keyed).failed(&failed, 0.0, &Quota::default())
        };
        assert_ne!(failed(24, true), Decision::Stop);
        assert_eq!(failed(25, true), Decision::Stop);
        assert_ne!(failed(25, false), Decision::Stop, "the server has not seen it");
    }

    #[test]
    fn without_quota_the_first_failure_is_the_last() {
        let quota = Quota::default();
        let fail = |call: &mut CallRetries| call.failed(&at_once(CUT), 0.0, &quota);
        let affordable = (0..1000).take_while(|_| fail(&mut call(Repeat::Safe)) != Decision::Stop).count();
        assert_eq!(affordable, 100);
        for _ in 0..5 {
            call(Repeat::Safe).succeeded(&quota);
        }
        assert_ne!(fail(&mut call(Repeat::Safe)), Decision::Stop);
    }

    #[test]
    fn zero_retries_are_none() {
        let mut call = CallRetries::new(Policy { retries: 0, deadline: None }, Repeat::Safe, true);
        assert_eq!(call.failed(&at_once(CUT), 0.0, &Quota::default()), Decision::Stop);
    }
}
