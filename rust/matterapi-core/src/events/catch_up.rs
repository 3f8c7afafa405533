//! What was missed, fetched over REST: which calls to make, and what their answers mean. Without I/O.
//!
//! A catch-up goes through all channels of the user twice, the second time when a server's replicas have had
//! time to follow. In each channel it asks for what changed since a time. That answer holds 1,000 posts at
//! most, and which ones is not said (post_store.go, GetPostsSince): where it is full, new posts are fetched page by
//! page ([`walk`](super::walk)), and about edits and deletions a notice says that they could not be proved.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::change::{Channel, Kind, Page, Row};
use super::filter::Choice;
use super::ledger::Ledger;
use super::post::Post;
use super::rules::{self, Rule};
use super::walk::{self, GapKind, Limits, Walk};

/// From the beginning of the first round to that of the second: replicas are not further behind.
pub const REPLICA_LAG: Duration = Duration::from_secs(5);

/// How often a call is repeated whose answer is no list of posts.
const MOST_TRIES: u32 = 3;

/// A REST call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// The user's channels, those that were archived after this time as well.
    Channels {
        /// ms by the server's clock.
        archived_since: i64,
    },
    /// What changed in a channel.
    Changes {
        /// The channel.
        channel_id: String,
        /// ms by the server's clock.
        since: i64,
    },
    /// The newest posts, or those before one.
    Before {
        /// The channel.
        channel_id: String,
        /// The post, which is not among them.
        post_id: Option<String>,
    },
    /// The first posts after one.
    After {
        /// The channel.
        channel_id: String,
        /// The post, which is not among them.
        post_id: String,
    },
}

/// What a call brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The channels.
    Channels(Vec<Channel>),
    /// Posts.
    Posts(Page),
    /// 403 or 404: not this user's any more.
    Refused,
    /// A body that is not what was asked for.
    Unreadable,
}

/// See [`GapKind`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The channel.
    pub channel_id: String,
    /// From when, in ms by the server's clock.
    pub since: i64,
    /// Until when.
    pub until: i64,
    /// What is not proved.
    pub kind: GapKind,
}

/// What an answer brought that was missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    /// News about a post.
    Post(Kind, Row),
    /// See [`Gap`].
    Gap(Gap),
}

/// How much a catch-up brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// New posts.
    pub posted: u64,
    /// Edited ones.
    pub edited: u64,
    /// Deleted ones.
    pub deleted: u64,
    /// Notices of what could not be proved.
    pub gaps: u64,
    /// Channels looked at.
    pub channels: u64,
    /// REST calls that were answered.
    pub calls: u64,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Make this call, and give its answer to [`CatchUp::answered`].
    Ask(Query),
    /// Wait until then.
    Wait(Instant),
    /// Nothing is left.
    Done,
}

/// What a catch-up is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// All that was committed before is known, in ms by the server's clock.
    pub since: i64,
    /// When it began: what is committed later comes live.
    pub until: i64,
}

/// Where a catch-up looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere: deletions and reactions leave no mark on a channel.
    All,
    /// Where there are new posts: of a stream that was never cut, to find what the server itself failed to send.
    /// Nothing is promised, so nothing is missing that a notice could tell of.
    Check,
    /// In the channel that the user has just come into.
    Joined(String),
}

#[derive(Debug)]
enum Stage {
    /// The list of channels is asked for.
    List,
    /// One channel after the other.
    Channels,
    /// Between the rounds.
    Pause,
    Done,
}

/// See the module.
#[derive(Debug)]
pub struct CatchUp {
    range: Range,
    stage: Stage,
    second_round: bool,
    second_round_at: Instant,
    todo: VecDeque<Channel>,
    current: Option<(Channel, Walk)>,
    /// Channels that a notice of the kind was given about: once is enough for both rounds.
    told: BTreeSet<(String, GapKind)>,
    unreadable: u32,
    counts: Counts,
    scope: Scope,
    /// The channels that the reader wants to hear of.
    channels: Choice,
    limits: Limits,
}

impl CatchUp {
    /// A catch-up that begins at `now`.
    pub fn new(scope: Scope, range: Range, limits: Limits, now: Instant) -> Self {
        Self {
            range,
            stage: Stage::List,
            second_round: !rules::holds(Rule::SecondRound),
            second_round_at: now + REPLICA_LAG,
            todo: VecDeque::new(),
            current: None,
            told: BTreeSet::new(),
            unreadable: 0,
            counts: Counts::default(),
            scope,
            channels: Choice::default(),
            limits,
        }
    }

    /// The same for some channels only.
    #[must_use]
    pub fn in_channels(self, channels: Choice) -> Self {
        Self { channels, ..self }
    }

    /// Where it looks.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What it is about.
    pub fn range(&self) -> Range {
        self.range
    }

    /// How much it has brought so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The channel being looked at.
    pub fn channel(&self) -> Option<&Channel> {
        self.current.as_ref().map(|(channel, _)| channel)
    }

    /// What to do next.
    pub fn next(&mut self, now: Instant) -> Step {
        loop {
            match self.stage {
                Stage::List => return Step::Ask(Query::Channels { archived_since: self.range.since }),
                Stage::Channels => {
                    if self.current.is_none() {
                        self.current = self.todo.pop_front().map(|channel| (channel, Walk::Changes));
                        self.unreadable = 0;
                    }
                    match &self.current {
                        Some((channel, walk)) => return Step::Ask(self.query(&channel.id, walk)),
                        None if self.second_round => self.stage = Stage::Done,
                        None => self.stage = Stage::Pause,
                    }
                }
                Stage::Pause if now < self.second_round_at => return Step::Wait(self.second_round_at),
                Stage::Pause => {
                    self.second_round = true;
                    self.stage = Stage::List;
                }
                Stage::Done => return Step::Done,
            }
        }
    }

    fn query(&self, channel_id: &str, walk: &Walk) -> Query {
        let channel_id = channel_id.to_owned();
        match walk {
            Walk::Changes => Query::Changes { channel_id, since: self.range.since },
            Walk::Back { from, .. } => Query::Before { channel_id, post_id: from.clone() },
            Walk::Forward { from, .. } => Query::After { channel_id, post_id: from.clone() },
        }
    }

    /// Takes the answer to the call that [`CatchUp::next`] asked for. Returns what was missed, in order. `known`
    /// are the channels of the last catch-up, and become those of this one.
    pub fn answered(
        &mut self,
        answer: Answer,
        known: &mut BTreeSet<String>,
        ledger: &mut Ledger,
    ) -> Vec<Recovered> {
        self.counts.calls += 1;
        match answer {
            Answer::Channels(channels) => self.listed(channels, known),
            Answer::Posts(page) => self.page(page, ledger),
            Answer::Refused => self.give_up(GapKind::Left),
            Answer::Unreadable => {
                self.unreadable += 1;
                match self.unreadable >= MOST_TRIES {
                    true => self.give_up(GapKind::Unreadable),
                    false => Vec::new(),
                }
            }
        }
    }

    fn listed(&mut self, mut channels: Vec<Channel>, known: &mut BTreeSet<String>) -> Vec<Recovered> {
        self.stage = Stage::Channels;
        self.unreadable = 0;
        channels.retain(|channel| self.channels.takes(&channel.id));
        let now: BTreeSet<String> = channels.iter().map(|channel| channel.id.clone()).collect();
        let mut gaps = Vec::new();
        if self.scope == Scope::All {
            for channel_id in known.difference(&now) {
                gaps.extend(self.gap(channel_id.clone(), GapKind::Left));
            }
            *known = now;
        }
        channels.retain(|channel| match &self.scope {
            Scope::All => true,
            Scope::Check => channel.last_post_at > self.range.since,
            Scope::Joined(joined) => channel.id == *joined,
        });
        // New posts first: most users wait for these.
        channels.sort_by_key(|channel| channel.last_post_at <= self.range.since);
        if self.counts.channels == 0 {
            self.counts.channels = channels.len() as u64;
        }
        self.todo = channels.into();
        gaps
    }

    fn page(&mut self, page: Page, ledger: &mut Ledger) -> Vec<Recovered> {
        self.unreadable = 0;
        let Some((channel, walk)) = self.current.take() else { return Vec::new() };
        let mut found = Vec::new();
        if page.unreadable > 0 {
            found.extend(self.gap(channel.id.clone(), GapKind::Unreadable));
        }
        let (next, unproved) = walk::step(&walk, &page, self.range.since, self.limits);
        if let Some(kind) = unproved {
            found.extend(self.gap(channel.id.clone(), kind));
        }
        // On the way back pages only show where to begin: they come again on the way forward.
        let comes_again = matches!((&walk, &next), (Walk::Back { .. }, Some(Walk::Back { .. })));
        if !comes_again || unproved.is_some() {
            found.extend(self.news(page, ledger));
        }
        self.current = next.map(|walk| (channel, walk));
        found
    }

    fn news(&mut self, page: Page, ledger: &mut Ledger) -> Vec<Recovered> {
        let mut news: Vec<(i64, Kind, Row)> = Vec::new();
        for row in page.rows {
            if let Some(kind) = ledger.row(&row.post, self.range.since) {
                news.push((happened(kind, &row.post), kind, row));
            }
        }
        news.sort_by_key(|(time, kind, _)| (*time, *kind));
        for (_, kind, _) in &news {
            match kind {
                Kind::Posted => self.counts.posted += 1,
                Kind::Edited => self.counts.edited += 1,
                Kind::Deleted => self.counts.deleted += 1,
            }
        }
        news.into_iter().map(|(_, kind, row)| Recovered::Post(kind, row)).collect()
    }

    /// Leaves the channel. Without a list of channels there is nothing to leave: it is asked for again.
    fn give_up(&mut self, kind: GapKind) -> Vec<Recovered> {
        let Some((channel, _)) = self.current.take() else { return Vec::new() };
        self.gap(channel.id, kind).into_iter().collect()
    }

    fn gap(&mut self, channel_id: String, kind: GapKind) -> Option<Recovered> {
        if self.scope == Scope::Check || !self.told.insert((channel_id.clone(), kind)) {
            return None;
        }
        self.counts.gaps += 1;
        let Range { since, until } = self.range;
        Some(Recovered::Gap(Gap { channel_id, since, until, kind }))
    }
}

/// When the news about a post happened.
fn happened(kind: Kind, post: &Post) -> i64 {
    match kind {
        Kind::Posted => post.create_at,
        Kind::Edited => post.update_at,
        Kind::Deleted => post.delete_at,
    }
}

#[cfg(test)]
mod tests;
