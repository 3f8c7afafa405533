//! A client without sockets and clocks: what decides is the crate's own.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;

use super::server::{CHANGES, ME, PAGE, Server};
use crate::events::backoff::Backoff;
use crate::events::catch_up::{CatchUp, Gap, Recovered, Step};
use crate::events::change::{Change, Kind};
use crate::events::event::Event;
use crate::events::frame::Frame;
use crate::events::lifecycle::{Action, FrameAction, Greeting, Lifecycle, TimerAction, Verdict};
use crate::events::post::Post;
use crate::events::recovery::{OVERLAP, Position, Recovery};
use crate::events::rules::{self, Rule};
use crate::events::walk::{GapKind, Limits};

pub(super) struct Client {
    began: Instant,
    lifecycle: Lifecycle,
    pub(super) recovery: Recovery,
    pub(super) open: bool,
    pub(super) connect_at: i64,
    catch_up: Option<CatchUp>,
    /// When the stream began, by the server's clock.
    since: Option<i64>,
    /// What was handed over, in order.
    log: Vec<Handed>,
    /// The positions that were told, and the length of the log then: what a checkpoint knows.
    positions: Vec<(Position, usize)>,
    /// What this process brought: kind, id, and of edits `update_at`.
    seen: HashSet<(Kind, String, i64)>,
    twice: Option<String>,
}

/// What the program was given.
enum Handed {
    /// The kind, the id, and the time of the last edit.
    Post(Kind, String, i64),
    Gap(Gap),
}

fn recovery(position: Option<Position>) -> Recovery {
    Recovery::new(position).with_limits(Limits { changes: CHANGES, page: PAGE })
}

impl Client {
    pub(super) fn new() -> Self {
        let began = Instant::now();
        Self {
            began,
            lifecycle: Lifecycle::new(Backoff::new(None)),
            recovery: recovery(None),
            open: false,
            connect_at: 0,
            catch_up: None,
            since: None,
            log: Vec::new(),
            positions: Vec::new(),
            seen: HashSet::new(),
            twice: None,
        }
    }

    fn instant(&self, server: &Server) -> Instant {
        self.began + Duration::from_millis(u64::try_from(server.now).unwrap())
    }

    fn take(&mut self, kind: Kind, post: &Post) {
        let revision = if kind == Kind::Edited { post.update_at } else { 0 };
        if !self.seen.insert((kind, post.id.clone(), revision)) {
            self.twice.get_or_insert_with(|| format!("{kind:?} {} twice", post.id));
        }
        self.log.push(Handed::Post(kind, post.id.clone(), post.edit_at));
    }

    fn told(&mut self, position: Option<Position>) {
        self.positions.extend(position.map(|position| (position, self.log.len())));
    }

    /// Goes on with whatever can be done now; `reads` frames at most.
    pub(super) fn tick(&mut self, server: &mut Server, reads: usize) {
        let now = self.instant(server);
        if !self.open && self.connect_at <= server.now {
            let resume = self.lifecycle.resume().cloned();
            server.connect(resume.as_ref());
            self.open = true;
            let ping = self.lifecycle.opened(now);
            self.send(server, &ping);
            if !rules::holds(Rule::Barrier) {
                self.recovery.connected(ME, false, now);
            }
        }
        for _ in 0..reads {
            if !self.open {
                break;
            }
            let Some(text) = server.wire.pop_front() else { break };
            self.frame(server, &text, now);
        }
        if self.open && self.lifecycle.deadline().is_some_and(|deadline| deadline <= now) {
            match self.lifecycle.on_timer(now) {
                TimerAction::Ping(text) => self.send(server, &text),
                TimerAction::Abandon(reason) => {
                    server.cut(true);
                    self.ended(server, reason);
                }
                TimerAction::Nothing | TimerAction::Keep => {}
            }
        }
        for _ in 0..server.rng.usize(0..4) {
            self.call(server, now);
        }
    }

    fn send(&self, server: &mut Server, ping: &str) {
        let seq = ping.split([':', ',']).nth(1).unwrap().parse().unwrap();
        server.ping(seq);
    }

    fn frame(&mut self, server: &mut Server, text: &str, now: Instant) {
        let frame = Frame::of(text.as_bytes());
        let server_time = match frame {
            Frame::Reply { server_time, .. } => server_time,
            _ => None,
        };
        let (greeting, is_event) = match self.lifecycle.on_frame(frame, now) {
            FrameAction::Deliver => (None, true),
            FrameAction::Consume => return,
            FrameAction::Answered => (None, false),
            FrameAction::Greet(greeting) => (Some(greeting), false),
            FrameAction::GreetAndDeliver(greeting) => (Some(greeting), true),
            FrameAction::Abandon(reason) => {
                server.cut(true);
                return self.ended(server, reason);
            }
        };
        if let Some(greeting) = greeting {
            self.recovery.connected(ME, greeting == Greeting::Resumed, now);
        }
        if is_event {
            let event = Event::of(text.as_bytes());
            let (is_news, position) = self.recovery.event(&event, now);
            if is_news && let Some(Change::Post(kind, post)) = Change::of(&event, ME) {
                self.take(kind, post);
            }
            self.told(position);
        } else if let Some(server_time) = server_time {
            self.since.get_or_insert(server_time);
            let position = self.recovery.answered(server_time, now);
            self.told(position);
        }
    }

    pub(super) fn ended(&mut self, server: &mut Server, reason: String) {
        let (now, jitter) = (self.instant(server), server.rng.f64());
        self.open = false;
        self.recovery.disconnected(now);
        let wait = match self.lifecycle.ended(reason, now, jitter) {
            Action::Reconnect(wait, _) => wait,
            _ => match self.lifecycle.checked(Verdict::Accepted, jitter) {
                Action::Reconnect(wait, _) => wait,
                other => panic!("{other:?}"),
            },
        };
        self.connect_at = server.now + i64::try_from(wait.as_millis()).unwrap();
    }

    /// The process is killed, and another one goes on from the checkpoint: from one of the last positions that were
    /// told. What was handed over since is lost with the process.
    pub(super) fn crashed(&mut self, server: &mut Server) {
        let newer = server.rng.usize(0..3).min(self.positions.len().saturating_sub(1));
        self.positions.truncate(self.positions.len() - newer);
        let (position, done) = self.positions.last().copied().unzip();
        self.log.truncate(done.unwrap_or_default());
        *self = Self {
            began: self.began,
            connect_at: server.now,
            recovery: recovery(position),
            since: self.since,
            log: std::mem::take(&mut self.log),
            positions: std::mem::take(&mut self.positions),
            twice: self.twice.take(),
            ..Self::new()
        };
    }

    /// Makes the next REST call, if one is due.
    fn call(&mut self, server: &mut Server, now: Instant) {
        if self.catch_up.is_none() {
            self.catch_up = self.recovery.start(false, now);
        }
        let Some(mut catch_up) = self.catch_up.take() else { return };
        match catch_up.next(now) {
            Step::Ask(query) => {
                let answer = server.rest(&query);
                for found in self.recovery.take(&mut catch_up, answer) {
                    match found {
                        Recovered::Post(kind, row) => self.take(kind, &row.post),
                        Recovered::Gap(gap) => self.log.push(Handed::Gap(gap)),
                    }
                }
            }
            Step::Wait(_) => {}
            Step::Done => {
                let position = self.recovery.finish(&catch_up);
                return self.told(position);
            }
        }
        self.catch_up = Some(catch_up);
    }

    /// What is wrong with what was handed over, if anything is.
    pub(super) fn verdict(&self, server: &Server) -> Result<(), String> {
        if let Some(twice) = &self.twice {
            return Err(format!("DUPLICATE: {twice}"));
        }
        let begin = self.since.unwrap_or(i64::MAX);
        let brought = Brought::of(&self.log);
        for record in &server.records {
            let post = record.newest();
            let since = server
                .channels
                .iter()
                .find(|(id, ..)| *id == post.channel_id)
                .and_then(|(_, since, _)| *since);
            let Some(since) = since.map(|since| since.max(begin)) else { continue };
            if !post.original_id.is_empty() {
                continue;
            }
            if let Some(lost) = brought.lacks(post, since) {
                return Err(format!("LOST {lost} {post:?}, gaps {:?}", brought.gaps));
            }
        }
        Ok(())
    }
}

/// All that was handed over.
#[derive(Default)]
struct Brought<'a> {
    kinds: HashSet<(Kind, &'a str)>,
    /// The newest edit.
    edits: HashMap<&'a str, i64>,
    gaps: Vec<&'a Gap>,
}

impl<'a> Brought<'a> {
    fn of(log: &'a [Handed]) -> Self {
        let mut brought = Self::default();
        for handed in log {
            match handed {
                Handed::Gap(gap) => brought.gaps.push(gap),
                Handed::Post(kind, id, edit_at) => {
                    brought.kinds.insert((*kind, id));
                    let newest = brought.edits.entry(id).or_default();
                    *newest = (*newest).max(*edit_at);
                }
            }
        }
        brought
    }

    /// What of a post should have come since then, and neither did nor was told of as missing.
    fn lacks(&self, post: &Post, since: i64) -> Option<&'static str> {
        let has = |kind| self.kinds.contains(&(kind, post.id.as_str()));
        let is_due = |at: i64, kind| {
            let is_told = self.gaps.iter().any(|gap| {
                gap.channel_id == post.channel_id
                    && (gap.kind == kind || gap.kind == GapKind::Left)
                    && gap.since < at
                    && at <= gap.until + OVERLAP
            });
            at > since && !is_told
        };
        if post.delete_at > 0 {
            return (!has(Kind::Deleted) && is_due(post.delete_at, GapKind::Changes)).then_some("DELETION");
        }
        if !has(Kind::Posted) && is_due(post.create_at, GapKind::Posts) {
            return Some("POST");
        }
        let edit = self.edits.get(post.id.as_str()).copied().unwrap_or_default();
        (edit < post.edit_at && is_due(post.edit_at, GapKind::Changes)).then_some("REVISION")
    }
}
