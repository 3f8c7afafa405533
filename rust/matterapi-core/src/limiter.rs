//! How fast a session may call: what the server says of its rate limit, followed before it has to refuse.
//!
//! Without a limit the server sends no `X-RateLimit-*` headers, and nothing here is ever waited for. With one
//! it says with every response how many calls are left of a burst and in how many seconds it will be full
//! again (app/ratelimit.go; its own default is 10 calls a second, in bursts of 100). Our own count goes on from
//! the first response at the server's rate, within what each further response says of when it was handled.
//! After a 429 everybody waits until the server wants to be asked again.
//!
//! A cap of the caller's own holds whatever the server says.
//!
//! [`Limiter`] has no clock and does no I/O; `http/admission.rs` waits, and sees to it that who comes first goes
//! first.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

use crate::retry;

/// Calls a second where a server refused one and never said how many it takes: its own default.
const USUAL_RATE: f64 = 10.0;

/// The wait after a 429 that does not say how long.
const UNSAID: Duration = Duration::from_secs(1);

/// The longest wait for everybody; a call that is told to wait longer fails (see [`retry`]).
const LONGEST: Duration = retry::LONGEST_HINT;

/// The lowest rate that is believed: nobody waits for one turn longer than for a server that refused a call.
const SLOWEST: f64 = 1.0 / 60.0;

/// A limit of which nothing was heard for so long is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(120);

/// Fewer calls than that say nothing of the rate: the server counts whole seconds.
const ENOUGH: f64 = 10.0;

/// What is known of a server's limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    /// Calls in a burst, as the server last said.
    pub limit: Option<u64>,
    /// Calls left of it now, by our count.
    pub remaining: u64,
    /// Calls a second that are kept to.
    pub rate: f64,
    /// How long the next call would wait.
    pub wait: Duration,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Limiter {
    bucket: Option<Bucket>,
    cap: Option<Cap>,
}

/// The calls that one response says nothing of, or perhaps: it does not say when it was made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Others {
    /// Those that are under way.
    pub unanswered: usize,
    /// Those that were answered while this one was under way; they may have been handled behind it.
    pub overtaking: usize,
}

#[derive(Debug)]
struct Bucket {
    limit: Option<u64>,
    /// What could be sent at once, at `at`; below zero where more is on its way than the server has room for.
    tokens: f64,
    at: Instant,
    /// Tokens a second.
    rate: f64,
    /// Whether `rate` was seen, not assumed.
    measured: bool,
    held_until: Option<Instant>,
    heard: Instant,
}

impl Limiter {
    /// A limiter that lets `most` calls a second go at most, and as many at once; `None`: as many as may be.
    pub fn capped(most: Option<f64>) -> Self {
        Self { bucket: None, cap: most.map(Cap::new) }
    }

    /// Whether anybody has to ask [`Limiter::take`].
    pub fn is_engaged(&self) -> bool {
        self.bucket.is_some() || self.cap.is_some()
    }

    /// Lets a call go at `now` (zero), or says when to ask again.
    pub fn take(&mut self, now: Instant) -> Duration {
        if !self.bucket.as_ref().is_some_and(|bucket| bucket.is_fresh(now)) {
            self.bucket = None;
        }
        let of_server = self.bucket.as_ref().map_or(Duration::ZERO, |bucket| bucket.wait(now));
        let wait = self.cap.as_ref().map_or(Duration::ZERO, |cap| cap.wait(now)).max(of_server);
        if wait.is_zero() {
            if let Some(bucket) = &mut self.bucket {
                bucket.fill(now);
                bucket.tokens -= 1.0;
            }
            if let Some(cap) = &mut self.cap {
                cap.spend(now);
            }
        }
        wait
    }

    /// Takes note of a response, which came at `now`.
    pub fn answered(&mut self, status: u16, headers: &HeaderMap, others: Others, now: Instant) {
        let number = |name: &str| -> Option<u64> { headers.get(name)?.to_str().ok()?.trim().parse().ok() };
        let limit = number("x-ratelimit-limit");
        let left = number("x-ratelimit-remaining");
        if status != 429 && (limit.is_none() || left.is_none()) {
            return;
        }
        let bucket = self.bucket.get_or_insert_with(|| Bucket::new(now));
        bucket.fill(now);
        bucket.heard = now;
        if let (Some(limit), Some(left)) = (limit, left) {
            let is_first = bucket.limit.replace(limit).is_none();
            bucket.measure(limit, left, headers);
            // All the others may have been handled behind this one, or before it.
            let least = left as f64 - (others.unanswered + others.overtaking) as f64;
            bucket.tokens = if is_first { least } else { bucket.tokens.clamp(least, left as f64) };
        }
        if status == 429 {
            let wait = retry::hint(headers).unwrap_or(UNSAID).min(LONGEST);
            let until = now + wait;
            bucket.held_until = Some(bucket.held_until.map_or(until, |known| known.max(until)));
            // For the one that comes first then.
            bucket.tokens = 1.0;
        }
    }

    /// What is known at `now`; `None` without a limit of the server's.
    pub fn state(&self, now: Instant) -> Option<RateLimit> {
        let bucket = self.bucket.as_ref().filter(|bucket| bucket.is_fresh(now))?;
        let (tokens, wait) = (bucket.tokens_at(now), bucket.wait(now));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not below zero, and small"
        )]
        let remaining = if wait.is_zero() { tokens.max(0.0) as u64 } else { 0 };
        Some(RateLimit { limit: bucket.limit, remaining, rate: bucket.rate, wait })
    }
}

impl Bucket {
    fn new(now: Instant) -> Self {
        Self {
            limit: None,
            tokens: 0.0,
            at: now,
            rate: USUAL_RATE,
            measured: false,
            held_until: None,
            heard: now,
        }
    }

    fn is_fresh(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.heard) < FORGOTTEN
    }

    fn tokens_at(&self, now: Instant) -> f64 {
        // While the server holds everybody it fills nothing that we may count on.
        let from = self.held_until.map_or(self.at, |held| held.max(self.at));
        let most = self.limit.map_or(self.rate.max(1.0), |limit| limit as f64);
        let filled = self.tokens + now.saturating_duration_since(from).as_secs_f64() * self.rate;
        filled.min(most.max(self.tokens))
    }

    fn fill(&mut self, now: Instant) {
        self.tokens = self.tokens_at(now);
        self.at = now;
    }

    /// How long until there is a token.
    fn wait(&self, now: Instant) -> Duration {
        let held = self.held_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let missing = (1.0 - self.tokens_at(now)).max(0.0);
        held.max(Duration::try_from_secs_f64(missing / self.rate).unwrap_or(LONGEST))
    }

    /// Learns the rate: what is missing of a burst comes back within the time that the server says, rounded
    /// up to whole seconds, so that this is the least that it can be. The most of what was seen comes nearest.
    fn measure(&mut self, limit: u64, left: u64, headers: &HeaderMap) {
        let missing = limit.saturating_sub(left) as f64;
        let reset = headers
            .get("x-ratelimit-reset")
            .and_then(|value| value.to_str().ok()?.trim().parse::<f64>().ok());
        let Some(reset) = reset.filter(|reset| *reset >= 1.0 && *reset < 1e9) else { return };
        if missing < ENOUGH.min(limit as f64 - 1.0).max(1.0) {
            return;
        }
        let rate = (missing / reset).max(SLOWEST);
        self.rate = if self.measured { self.rate.max(rate) } else { rate };
        self.measured = true;
    }
}

/// The caller's own limit.
#[derive(Debug)]
struct Cap {
    /// Calls a second.
    rate: f64,
    tokens: f64,
    at: Option<Instant>,
}

impl Cap {
    fn new(rate: f64) -> Self {
        Self { rate, tokens: rate.max(1.0), at: None }
    }

    fn tokens_at(&self, now: Instant) -> f64 {
        let since = self.at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        (self.tokens + since.as_secs_f64() * self.rate).min(self.rate.max(1.0))
    }

    fn wait(&self, now: Instant) -> Duration {
        let missing = (1.0 - self.tokens_at(now)).max(0.0);
        Duration::try_from_secs_f64(missing / self.rate).unwrap_or(LONGEST).min(LONGEST)
    }

    fn spend(&mut self, now: Instant) {
        self.tokens = self.tokens_at(now) - 1.0;
        self.at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Others = Others { unanswered: 0, overtaking: 0 };

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        fields.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn limits(limit: u32, left: u32, reset: u32) -> HeaderMap {
        headers(&[
            ("x-ratelimit-limit", &limit.to_string()),
            ("x-ratelimit-remaining", &left.to_string()),
            ("x-ratelimit-reset", &reset.to_string()),
        ])
    }

    fn seconds(duration: Duration) -> f64 {
        (duration.as_secs_f64() * 1000.0).round() / 1000.0
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        let mut limiter = Limiter::default();
        let now = Instant::now();
        limiter.answered(200, &HeaderMap::new(), NONE, now);
        limiter.answered(500, &headers(&[("retry-after", "9")]), NONE, now);
        assert!(!limiter.is_engaged());
        assert_eq!(limiter.take(now), Duration::ZERO);
        assert_eq!(limiter.state(now), None);
    }

    #[test]
    fn what_is_left_of_a_burst_goes_out_at_once_and_the_rest_at_the_rate() {
        let mut limiter = Limiter::default();
        let now = Instant::now();
        limiter.answered(200, &limits(101, 2, 10), NONE, now);
        let waits: Vec<f64> = (0..4).map(|_| seconds(limiter.take(now))).collect();
        assert_eq!(waits, [0.0, 0.0, 0.101, 0.101], "99 came back within 10 s");
        let later = now + Duration::from_millis(102);
        assert_eq!(limiter.take(later), Duration::ZERO);
        assert!(limiter.take(later) > Duration::ZERO);
    }

    #[test]
    fn calls_under_way_have_their_share_already() {
        let mut limiter = Limiter::default();
        let now = Instant::now();
        limiter.answered(200, &limits(101, 50, 5), Others { unanswered: 50, ..NONE }, now);
        assert!(limiter.take(now) > Duration::ZERO);
    }

    #[test]
    fn an_answer_that_was_overtaken_says_nothing_of_now() {
        let mut limiter = Limiter::default();
        let now = Instant::now();
        limiter.answered(200, &limits(101, 0, 10), NONE, now);
        limiter.answered(200, &limits(101, 39, 6), Others { unanswered: 0, overtaking: 40 }, now);
        assert!(limiter.take(now) > Duration::ZERO, "it was made before 40 others, or behind them");
    }

    #[test]
    fn what_others_use_of_the_limit_is_seen() {
        let mut limiter = Limiter::default();
        let now = Instant::now();
        limiter.answered(200, &limits(101, 90, 2), NONE, now);
        limiter.answered(200, &limits(101, 1, 10), NONE, now);
        assert_eq!(limiter.take(now), Duration::ZERO);
        assert!(limiter.take(now) > Duration::ZERO);
    }

    #[test]
    fn an_own_cap_holds_without_a_limit_and_with_a_higher_or_lower_one() {
        let now = Instant::now();
        for (left, at_once) in [(None, 5), (Some(90), 5), (Some(2), 2)] {
            let mut limiter = Limiter::capped(Some(5.0));
            assert!(limiter.is_engaged());
            if let Some(left) = left {
                limiter.answered(200, &limits(101, left, 9), NONE, now);
            }
            let gone = (0..20).filter(|_| limiter.take(now).is_zero()).count();
            assert_eq!(gone, at_once, "{left:?}");
        }
        let mut slow = Limiter::capped(Some(0.5));
        assert_eq!(slow.take(now), Duration::ZERO);
        assert_eq!(seconds(slow.take(now)), 2.0);
        assert_eq!(slow.take(now + Duration::from_secs(2)), Duration::ZERO);
        assert_eq!(slow.state(now), None, "the server has none");
    }

    #[test]
    fn after_a_refusal_everybody_waits_and_then_goes_at_the_rate() {
        let mut limiter = Limiter::default();
        let now = Instant::now();
        assert_eq!(limiter.take(now), Duration::ZERO);
        limiter.answered(429, &headers(&[("retry-after", "3")]), NONE, now);
        assert_eq!(seconds(limiter.take(now)), 3.0);
        let later = now + Duration::from_secs(2);
        limiter.answered(429, &headers(&[("retry-after", "0")]), NONE, later);
        assert_eq!(seconds(limiter.take(later)), 1.0, "a shorter hint does not shorten it");
        let then = now + Duration::from_secs(3);
        assert_eq!(limiter.take(then), Duration::ZERO);
        assert_eq!(seconds(limiter.take(then)), 0.1);
    }

    #[test]
    fn a_refusal_without_a_usable_hint_holds_for_a_second_and_no_hint_for_more_than_a_minute() {
        for (hint, expected) in [(None, 1.0), (Some("soon"), 1.0), (Some("86400"), 60.0)] {
            let mut limiter = Limiter::default();
            let now = Instant::now();
            let fields: Vec<_> = hint.into_iter().map(|hint| ("retry-after", hint)).collect();
            limiter.answered(429, &headers(&fields), NONE, now);
            assert_eq!(seconds(limiter.take(now)), expected, "{hint:?}");
        }
    }

    #[test]
    fn a_server_that_names_a_time_far_away_holds_nobody_for_more_than_a_minute() {
        let mut limiter = Limiter::default();
        let now = Instant::now();
        limiter.answered(200, &limits(101, 0, 999_999_999), NONE, now);
        assert_eq!(seconds(limiter.take(now)), 60.0);
        assert_eq!(limiter.state(now).map(|state| seconds(state.wait)), Some(60.0));
    }

    #[test]
    fn the_rate_is_the_most_that_was_seen() {
        let mut limiter = Limiter::default();
        let now = Instant::now();
        let mut rate = |limit, left, reset| {
            limiter.answered(200, &limits(limit, left, reset), NONE, now);
            limiter.state(now).unwrap().rate
        };
        assert_eq!(rate(101, 100, 1), USUAL_RATE, "one call says nothing of the rate");
        assert_eq!(rate(101, 81, 5), 4.0);
        assert_eq!(rate(101, 61, 5), 8.0);
        assert_eq!(rate(101, 81, 5), 8.0);
    }

    #[test]
    fn time_fills_the_bucket_and_never_over_its_size() {
        let mut limiter = Limiter::default();
        let now = Instant::now();
        limiter.answered(200, &limits(11, 0, 1), NONE, now);
        let later = now + Duration::from_secs(100);
        let at_once = (0..100).take_while(|_| limiter.take(later).is_zero()).count();
        assert_eq!(at_once, 11);
    }

    #[test]
    fn a_limit_that_nobody_speaks_of_any_more_is_forgotten() {
        let mut limiter = Limiter::default();
        let now = Instant::now();
        limiter.answered(200, &limits(101, 5, 10), NONE, now);
        let state = limiter.state(now).unwrap();
        assert_eq!((state.limit, state.remaining, state.wait), (Some(101), 5, Duration::ZERO));
        assert_eq!(limiter.state(now + FORGOTTEN), None);
        assert_eq!(limiter.take(now + FORGOTTEN), Duration::ZERO);
        assert!(!limiter.is_engaged());
    }
}
