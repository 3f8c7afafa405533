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
use crate::events::recovery::{OVERLAP, Recovery};
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
    /// What was handed over: kind, id, update_at.
    seen: HashSet<(Kind, String, i64)>,
    /// The newest edit handed over.
    edits: HashMap<String, i64>,
    gaps: Vec<Gap>,
    twice: Option<String>,
}

impl Client {
    pub(super) fn new() -> Self {
        let began = Instant::now();
        Self {
            began,
            lifecycle: Lifecycle::new(Backoff::new(None)),
            recovery: Recovery::new(None).with_limits(Limits { changes: CHANGES, page: PAGE }),
            open: false,
            connect_at: 0,
            catch_up: None,
            since: None,
            seen: HashSet::new(),
            edits: HashMap::new(),
            gaps: Vec::new(),
            twice: None,
        }
    }

    fn instant(&self, server: &Server) -> Instant {
        self.began + Duration::from_millis(u64::try_from(server.now).unwrap())
    }

    fn take(&mut self, kind: Kind, post: &Post) {
        let is_again = match kind {
            Kind::Posted | Kind::Deleted => {
                self.seen.iter().any(|(known, id, _)| *known == kind && *id == post.id)
            }
            Kind::Edited => false,
        };
        if !self.seen.insert((kind, post.id.clone(), post.update_at)) || is_again {
            self.twice.get_or_insert_with(|| format!("{kind:?} {} twice", post.id));
        }
        let newest = self.edits.entry(post.id.clone()).or_default();
        *newest = post.edit_at.max(*newest);
    }

    /// Goes on with whatever can be done now; `reads` frames at most.
    pub(super) fn tick(&mut self, server: &mut Server, reads: usize, calls: usize, jitter: f64) {
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
            self.frame(server, &text, now, jitter);
        }
        if self.open && self.lifecycle.deadline().is_some_and(|deadline| deadline <= now) {
            match self.lifecycle.on_timer(now) {
                TimerAction::Ping(text) => self.send(server, &text),
                TimerAction::Abandon(reason) => {
                    server.cut(true);
                    self.ended(server, reason, jitter);
                }
                TimerAction::Nothing | TimerAction::Keep => {}
            }
        }
        for _ in 0..calls {
            self.call(server, now);
        }
    }

    fn send(&self, server: &mut Server, ping: &str) {
        let seq = ping.split([':', ',']).nth(1).unwrap().parse().unwrap();
        server.ping(seq);
    }

    fn frame(&mut self, server: &mut Server, text: &str, now: Instant, jitter: f64) {
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
                return self.ended(server, reason, jitter);
            }
        };
        if let Some(greeting) = greeting {
            self.recovery.connected(ME, greeting == Greeting::Resumed, now);
        }
        if is_event {
            let event = Event::of(text.as_bytes());
            if self.recovery.event(&event, now).0
                && let Some(Change::Post(kind, post)) = Change::of(&event, ME)
            {
                self.take(kind, post);
            }
        } else if let Some(server_time) = server_time {
            self.since.get_or_insert(server_time);
            self.recovery.answered(server_time, now);
        }
    }

    pub(super) fn ended(&mut self, server: &Server, reason: String, jitter: f64) {
        let now = self.instant(server);
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
                        Recovered::Gap(gap) => self.gaps.push(gap),
                    }
                }
            }
            Step::Wait(_) => {}
            Step::Done => {
                self.recovery.finish(&catch_up);
                return;
            }
        }
        self.catch_up = Some(catch_up);
    }

    fn noticed(&self, channel: &str, at: i64, kinds: &[GapKind]) -> bool {
        self.gaps.iter().any(|gap| {
            gap.channel_id == channel
                && kinds.contains(&gap.kind)
                && gap.since < at
                && at <= gap.until + OVERLAP
        })
    }

    /// What is wrong with what was handed over, if anything is.
    pub(super) fn verdict(&self, server: &Server) -> Result<(), String> {
        if let Some(twice) = &self.twice {
            return Err(format!("DUPLICATE: {twice}"));
        }
        let begin = self.since.unwrap_or(i64::MAX);
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
            let has = |kind| self.seen.iter().any(|(known, id, _)| *known == kind && *id == post.id);
            let is_deleted = post.delete_at > since;
            let is_told = |at: i64, kinds: &[GapKind]| self.noticed(&post.channel_id, at, kinds);
            if post.create_at > since
                && !has(Kind::Posted)
                && post.delete_at == 0
                && !is_told(post.create_at, &[GapKind::Posts, GapKind::Left])
            {
                return Err(format!("LOST POST {post:?}, gaps {:?}", self.gaps));
            }
            if is_deleted
                && !has(Kind::Deleted)
                && !is_told(post.delete_at, &[GapKind::Changes, GapKind::Left])
            {
                return Err(format!("LOST DELETION {post:?}, gaps {:?}", self.gaps));
            }
            let edit = self.edits.get(&post.id).copied().unwrap_or_default();
            if post.delete_at == 0
                && post.edit_at > since
                && edit < post.edit_at
                && !is_told(post.edit_at, &[GapKind::Changes, GapKind::Left])
            {
                return Err(format!("LOST REVISION {post:?}, gaps {:?}", self.gaps));
            }
        }
        Ok(())
    }
}
