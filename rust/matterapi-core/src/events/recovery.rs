//! What a stream knows about the posts behind it: what was handed over, until when all of it is proved, and what is
//! still to be fetched. Without I/O; [`catch_up`](super::catch_up) says what to fetch.
//!
//! Two tasks share it: the one that reads the socket, and the one that makes the calls (`fetch.rs`).

use std::collections::{BTreeSet, VecDeque};

use tokio::time::Instant;

use super::catch_up::{Answer, CatchUp, Range, Recovered, Scope};
use super::change::Change;
use super::event::Event;
use super::filter::Choice;
use super::ledger::Ledger;
use super::rules::{self, Rule};
use super::walk::Limits;

/// Ms by which a post may seem older than the hello that it came after: stamps are cut to whole milliseconds, and
/// so is the time since then.
const ROUNDING: i64 = 2;

/// How much earlier than the last moment that is known a catch-up begins, in ms: commits are late by less, and the
/// clocks of a cluster's nodes differ by less.
pub const OVERLAP: i64 = 10_000;

/// Posts remembered before what is proved is moved forward to keep the memory small.
const MOST_REMEMBERED: usize = 200_000;

/// Until when all is known, to go on from with another stream, in ms by the server's clock.
pub type Position = i64;

/// How often the position is told at most, in ms.
const TOLD_EVERY: i64 = 1_000;

/// See the module.
#[derive(Debug, Default)]
pub struct Recovery {
    ledger: Ledger,
    /// Whether the time is known at which the stream began: the server tells it with its first reply.
    begun: bool,
    /// When the server greeted the first connection: the stream begins then, also if it is cut before a reply.
    greeted_at: Option<Instant>,
    /// Whether that connection was cut before a reply.
    cut_early: bool,
    /// All that was committed before was handed over.
    position: Position,
    told: Position,
    /// The stamp of the last event, or when the last catch-up began: a later one may have failed on its way without
    /// a sign, which shows in the numbers of the next.
    heard: i64,
    /// All that was committed before was also looked for over REST, or was never promised.
    checked: Position,
    known_channels: BTreeSet<String>,
    own_id: String,
    /// The server's clock, and when it was read.
    clock: Option<(i64, Instant)>,
    /// There is no connection, or one whose first reply has not come yet.
    unverified: bool,
    /// A catch-up of all channels is to be made, of what was committed before.
    due: Option<i64>,
    running: bool,
    joined: VecDeque<String>,
    /// The channels that the reader wants to hear of.
    channels: Choice,
    limits: Limits,
}

impl Recovery {
    /// Of a stream that goes on from `position`, or begins with its first connection.
    pub fn new(position: Option<Position>) -> Self {
        let position = position.map(|position| position.max(1));
        Self {
            ledger: Ledger::starting(position.unwrap_or(0)),
            begun: position.is_some(),
            position: position.unwrap_or(0),
            told: position.unwrap_or(0),
            checked: position.unwrap_or(0),
            heard: position.unwrap_or(0).saturating_add(OVERLAP),
            unverified: true,
            ..Self::default()
        }
    }

    /// The same for some channels only.
    #[must_use]
    pub fn in_channels(self, channels: Choice) -> Self {
        Self { channels, ..self }
    }

    /// For a server that lists less at once than Mattermost does.
    #[cfg(test)]
    pub(super) fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The user whose stream it is; empty until the server has said it.
    pub fn own_id(&self) -> &str {
        &self.own_id
    }

    /// A socket is open at `now` whose user has this id, empty where the server did not say it; `resumed`: the
    /// server's stream goes on.
    pub fn connected(&mut self, own_id: &str, resumed: bool, now: Instant) {
        if !own_id.is_empty() {
            own_id.clone_into(&mut self.own_id);
        }
        self.greeted_at.get_or_insert(now);
        if self.begun && !rules::holds(Rule::Barrier) {
            if std::mem::take(&mut self.unverified) {
                self.due = Some(self.server_now(now));
            }
            return;
        }
        self.unverified = !self.begun || !resumed || rules::holds(Rule::VerifyResumed);
    }

    /// The socket ended at `now`: from then on events are missed.
    pub fn disconnected(&mut self, now: Instant) {
        self.unverified = true;
        self.cut_early |= !self.begun && self.greeted_at.is_some();
        if !rules::holds(Rule::SubscribeFirst) {
            self.due = Some(self.server_now(now));
        }
    }

    /// The server answered a ping of the open socket at `now`, and told the time. What was committed by then has
    /// been received: replies come after the events before them (web_hub.go). Returns the position if it moved.
    pub fn answered(&mut self, server_time: i64, now: Instant) -> Option<Position> {
        self.clock = Some((server_time, now));
        let begins = !std::mem::replace(&mut self.begun, true);
        if begins {
            let since = now.saturating_duration_since(self.greeted_at.unwrap_or(now)).as_millis();
            let begin = server_time.saturating_sub(i64::try_from(since).unwrap_or(i64::MAX));
            self.ledger.begin_at(begin.saturating_sub(ROUNDING));
            (self.checked, self.heard, self.position) = (begin, begin, begin.saturating_sub(OVERLAP));
        }
        let is_late = !begins || self.cut_early;
        if std::mem::take(&mut self.unverified) && is_late && rules::holds(Rule::SubscribeFirst) {
            self.due = Some(server_time);
        }
        self.forget();
        // Where it begins is always told: until then nothing is promised.
        self.reached(server_time).or(begins.then_some(self.position))
    }

    /// `event` was read at `now`: as with replies, what was committed before its stamp has been received. Whether it
    /// is news, or was handed over already; and the position if it moved.
    ///
    /// Its stamp counts, not when it was read: it may have waited for a reader that paused.
    pub fn event(&mut self, event: &Event<'_>, now: Instant) -> (bool, Option<Position>) {
        let change = Change::of(event, &self.own_id);
        if let Some(Change::Joined { channel_id }) = &change {
            self.joined.push_back((*channel_id).to_owned());
        }
        let Some(change) = change else { return (true, None) };
        let server_now = self.server_now(now);
        let is_news = self.ledger.live(&change, server_now) || !rules::holds(Rule::Dedupe);
        // An import may stamp posts with any time.
        let stamp = change.stamp().min(server_now);
        if !self.is_behind() {
            self.heard = self.heard.max(stamp);
        }
        (is_news, self.reached(stamp))
    }

    /// The position after what was committed at `server_time` has come. It is behind by the overlap: commits are
    /// late, and clocks differ.
    fn reached(&mut self, server_time: i64) -> Option<Position> {
        if self.is_behind() {
            return None;
        }
        self.position = self.position.max(server_time.saturating_sub(overlap()));
        if self.position - self.told < TOLD_EVERY {
            return None;
        }
        self.told = self.position;
        Some(self.position)
    }

    /// From when on something may be missing after a cut.
    fn missing_since(&self) -> i64 {
        self.position.min(self.heard.saturating_sub(overlap()))
    }

    /// Whether something is still to be fetched.
    pub(super) fn is_behind(&self) -> bool {
        self.unverified || self.running || self.due.is_some() || !self.joined.is_empty()
    }

    /// The server's clock at `now`, in ms; 0 before it was read.
    fn server_now(&self, now: Instant) -> i64 {
        self.clock.map_or(0, |(time, read)| {
            let since = now.saturating_duration_since(read).as_millis();
            time.saturating_add(i64::try_from(since).unwrap_or(i64::MAX))
        })
    }

    /// Whether [`Recovery::start`] has something to start.
    pub fn has_work(&self) -> bool {
        !self.running && (self.due.is_some() || !self.joined.is_empty())
    }

    /// The catch-up to be made next, if any. `check`: if there is nothing that has to be made, one of what is
    /// believed to be complete.
    pub fn start(&mut self, check: bool, now: Instant) -> Option<CatchUp> {
        if self.running || !self.begun {
            return None;
        }
        let server_now = self.server_now(now);
        let (scope, since, until) = if let Some(until) = self.due.take() {
            // It goes through the new channels, too.
            self.joined.clear();
            (Scope::All, self.missing_since(), until)
        } else if let Some(channel_id) = self.joined.pop_front() {
            (Scope::Joined(channel_id), self.position, server_now)
        } else if check && !self.unverified {
            (Scope::Check, self.checked, server_now)
        } else {
            return None;
        };
        self.running = true;
        Some(CatchUp::new(scope, Range { since, until }, self.limits, now).in_channels(self.channels.clone()))
    }

    /// Takes an answer for `catch_up`; returns what was missed.
    pub fn take(&mut self, catch_up: &mut CatchUp, answer: Answer) -> Vec<Recovered> {
        catch_up.answered(answer, &mut self.known_channels, &mut self.ledger)
    }

    /// `catch_up` is done, and all that it brought handed over. Returns the position if it moved.
    pub fn finish(&mut self, catch_up: &CatchUp) -> Option<Position> {
        self.running = false;
        let until = catch_up.range().until;
        match catch_up.scope() {
            Scope::All => {
                // Whether or not there was another cut since: that is the next one's range.
                self.position = self.position.max(until.saturating_sub(overlap()));
                self.heard = self.heard.max(until);
                self.reached(until)
            }
            Scope::Check => {
                self.checked = self.checked.max(until.saturating_sub(OVERLAP));
                None
            }
            Scope::Joined(_) => None,
        }
    }

    fn forget(&mut self) {
        if self.ledger.len() > MOST_REMEMBERED {
            // The next check proves less, which is about what the server itself failed to send.
            self.checked = self.checked.max(self.position);
        }
        let needed = self.position.min(self.checked).min(self.heard);
        self.ledger.forget_before(needed.saturating_sub(2 * OVERLAP));
    }
}

fn overlap() -> i64 {
    if rules::holds(Rule::Overlap) { OVERLAP } else { 0 }
}

#[cfg(test)]
mod tests;
