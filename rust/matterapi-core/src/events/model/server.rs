//! A Mattermost server as far as a stream depends on it: posts that are committed late, replicas that lag behind,
//! full answers without an order, and websocket connections that are gone on with as the real server does it
//! (web_conn.go, web_hub.go, post_store.go). Times in ms by its clock.

mod hub;

use std::collections::VecDeque;

use self::hub::{Connection, Line};

use crate::events::catch_up::{Answer, Query};
use crate::events::change::{Channel, Page, Row};
use crate::events::post::Post;

/// Smaller than the real ones, so that short histories reach them.
pub(super) const CHANGES: usize = 30;
pub(super) const PAGE: usize = 8;

pub(super) const ME: &str = "me";

/// A post and when its states were committed.
pub(super) struct Record {
    pub(super) states: Vec<(i64, Post)>,
}

impl Record {
    pub(super) fn newest(&self) -> &Post {
        &self.states[self.states.len() - 1].1
    }
}

struct Commit {
    at: i64,
    record: usize,
    post: Post,
    /// The event without its number, and when it is told.
    event: Option<(i64, String)>,
}

pub(super) struct Server {
    pub(super) now: i64,
    /// All chances.
    pub(super) rng: fastrand::Rng,
    pub(super) records: Vec<Record>,
    /// Id, since when the user is a member, last_post_at.
    pub(super) channels: Vec<(String, Option<i64>, i64)>,
    commits: Vec<Commit>,
    events: Vec<(i64, String, String)>,
    connections: Vec<Connection>,
    /// Frames on their way to the client.
    pub(super) wire: VecDeque<String>,
    made: usize,
    pub(super) replica_lag: i64,
    /// From the upgrade until the hub knows the connection.
    pub(super) registration: i64,
    /// The next event takes a number and is never written.
    pub(super) encode_failure: bool,
    /// An event was never written.
    pub(super) has_failed: bool,
}

fn frame(event: &str, data: &str, channel: &str) -> String {
    format!(
        r#"{{"event": "{event}", "data": {data}, "broadcast": {{"channel_id":"{channel}","user_id":""}}, "seq": "#
    )
}

impl Server {
    pub(super) fn new() -> Self {
        let channels = (0..3).map(|number| (format!("c{number}"), (number < 2).then_some(0), 0)).collect();
        Self {
            now: 1_000_000,
            rng: fastrand::Rng::with_seed(0),
            records: Vec::new(),
            channels,
            commits: Vec::new(),
            events: Vec::new(),
            connections: Vec::new(),
            wire: VecDeque::new(),
            made: 0,
            replica_lag: 0,
            registration: 0,
            encode_failure: false,
            has_failed: false,
        }
    }

    fn name(&mut self, letter: char) -> String {
        self.made += 1;
        format!("{letter}{}", self.made)
    }

    fn commit(&mut self, record: usize, post: Post, kind: Option<&str>) {
        let at = self.now + self.rng.i64(0..80);
        let event = kind.map(|kind| {
            // What users get of a deletion does not say when it was.
            let delete_at = if kind == "post_deleted" { 0 } else { post.delete_at };
            let text = format!(
                r#"{{\"id\":\"{}\",\"channel_id\":\"{}\",\"root_id\":\"{}\",\"create_at\":{},\"update_at\":{},\"edit_at\":{},\"delete_at\":{delete_at}}}"#,
                post.id, post.channel_id, post.root_id, post.create_at, post.update_at, post.edit_at
            );
            (
                at + self.rng.i64(0..30),
                frame(kind, &format!(r#"{{"post": "{text}"}}"#), &post.channel_id),
            )
        });
        self.commits.push(Commit { at, record, post, event });
    }

    /// Writes a post, in a thread if there is a first post to reply to.
    pub(super) fn post(&mut self, channel: usize, in_thread: bool) {
        let channel_id = self.channels[channel].0.clone();
        let roots: Vec<usize> = (0..self.records.len())
            .filter(|index| {
                let post = self.records[*index].newest();
                post.channel_id == channel_id
                    && post.root_id.is_empty()
                    && post.original_id.is_empty()
                    && post.delete_at == 0
            })
            .collect();
        let root = in_thread.then(|| self.rng.choice(&roots).copied()).flatten();
        let id = self.name('p');
        let now = self.now;
        let root_id = root.map_or(String::new(), |root| self.records[root].newest().id.clone());
        let post = Post {
            id,
            channel_id,
            root_id,
            create_at: now,
            update_at: now,
            user_id: "u".into(),
            ..Post::default()
        };
        self.records.push(Record { states: Vec::new() });
        // Its newest state is known before it is committed, so that later changes build on it.
        let record = self.records.len() - 1;
        self.records[record].states.push((i64::MAX, post.clone()));
        self.channels[channel].2 = now;
        self.commit(record, post, Some("posted"));
        if let Some(root) = root {
            let bumped = Post { update_at: now, ..self.records[root].newest().clone() };
            self.change(root, bumped, None);
        }
    }

    fn change(&mut self, record: usize, post: Post, kind: Option<&str>) {
        self.records[record].states.push((i64::MAX, post.clone()));
        self.commit(record, post, kind);
    }

    /// One of the posts that can still change.
    fn pick(&mut self) -> Option<usize> {
        let alive: Vec<usize> = (0..self.records.len())
            .filter(|index| {
                let post = self.records[*index].newest();
                post.original_id.is_empty() && post.delete_at == 0
            })
            .collect();
        self.rng.choice(&alive).copied()
    }

    pub(super) fn edit(&mut self) {
        let Some(record) = self.pick() else { return };
        let old = self.records[record].newest().clone();
        let former = Post {
            id: self.name('h'),
            original_id: old.id.clone(),
            delete_at: self.now,
            update_at: self.now,
            ..old.clone()
        };
        self.records.push(Record { states: vec![(i64::MAX, former.clone())] });
        self.commit(self.records.len() - 1, former, None);
        let edited = Post { update_at: self.now, edit_at: self.now, ..old };
        self.change(record, edited, Some("post_edited"));
    }

    pub(super) fn delete(&mut self) {
        let Some(record) = self.pick() else { return };
        let deleted =
            Post { update_at: self.now, delete_at: self.now, ..self.records[record].newest().clone() };
        self.change(record, deleted, Some("post_deleted"));
    }

    pub(super) fn react(&mut self) {
        let Some(record) = self.pick() else { return };
        let post = self.records[record].newest().clone();
        let at = self.now;
        let data = format!(
            r#"{{"reaction": "{{\"post_id\":\"{}\",\"create_at\":{at},\"update_at\":{at}}}"}}"#,
            post.id
        );
        self.events.push((
            at + 80,
            post.channel_id.clone(),
            frame("reaction_added", &data, &post.channel_id),
        ));
        let update_at = at + self.rng.i64(0..20);
        self.change(record, Post { update_at, ..post }, None);
    }

    pub(super) fn typing(&mut self) {
        self.events.push((self.now, "c0".into(), frame("typing", "{}", "c0")));
    }

    pub(super) fn join(&mut self, channel: usize) {
        let (id, since, _) = &mut self.channels[channel];
        if since.is_none() {
            *since = Some(self.now);
            let data = format!(r#"{{"user_id": "{ME}"}}"#);
            self.events.push((self.now, id.clone(), frame("user_added", &data, id)));
        }
    }

    pub(super) fn leave(&mut self, channel: usize) {
        self.channels[channel].1 = None;
    }

    /// Moves the clock, and does what is due.
    pub(super) fn advance(&mut self, by: i64) {
        self.now += by;
        let now = self.now;
        let (due, rest) = std::mem::take(&mut self.commits).into_iter().partition(|commit| commit.at <= now);
        self.commits = rest;
        let due: Vec<Commit> = due;
        for commit in due {
            let states = &mut self.records[commit.record].states;
            if let Some(state) = states.iter_mut().find(|(at, post)| *at == i64::MAX && *post == commit.post)
            {
                state.0 = commit.at;
            }
            if let Some((at, text)) = commit.event {
                self.events.push((at, commit.post.channel_id, text));
            }
        }
        let (mut due, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.events).into_iter().partition(|(at, ..)| *at <= now);
        self.events = rest;
        due.sort_by_key(|(at, ..)| *at);
        for (at, channel, text) in due {
            self.register(at);
            self.broadcast(at, &channel, &text);
        }
        self.register(now);
        for connection in &mut self.connections {
            if matches!(connection.line, Line::HalfOpen(until) if until <= now) {
                connection.line = Line::Inactive;
            }
        }
    }

    /// Answers a REST call from a replica.
    pub(super) fn rest(&mut self, query: &Query) -> Answer {
        let at = self.now - self.replica_lag;
        let member =
            |channel: &str| self.channels.iter().any(|(id, since, _)| id == channel && since.is_some());
        let posts = |channel: &str| -> Vec<Post> {
            let visible = self.records.iter().filter_map(|record| {
                record
                    .states
                    .iter()
                    .rev()
                    .find(|(committed, _)| *committed <= at)
                    .map(|(_, post)| post.clone())
            });
            visible.filter(|post| post.channel_id == channel).collect()
        };
        let page = |mut posts: Vec<Post>, older: bool, newer: bool| {
            posts.sort_by_key(|post| std::cmp::Reverse(post.create_at));
            let rows = posts.into_iter().map(|post| Row { post, text: String::new() }).collect();
            Answer::Posts(Page { rows, unreadable: 0, older: Some(older), newer: Some(newer) })
        };
        match query {
            Query::Channels { .. } => Answer::Channels(
                self.channels
                    .iter()
                    .filter(|(_, since, _)| since.is_some())
                    .map(|(id, _, last)| Channel {
                        id: id.clone(),
                        last_post_at: *last,
                        ..Channel::default()
                    })
                    .collect(),
            ),
            Query::Changes { channel_id, .. }
            | Query::Before { channel_id, .. }
            | Query::After { channel_id, .. }
                if !member(channel_id) =>
            {
                Answer::Refused
            }
            Query::Changes { channel_id, since } => {
                let mut found: Vec<Post> =
                    posts(channel_id).into_iter().filter(|post| post.update_at > *since).collect();
                self.rng.shuffle(&mut found);
                found.truncate(CHANGES);
                page(found, false, false)
            }
            Query::Before { channel_id, post_id } => {
                let mut all = posts(channel_id);
                let limit = match post_id {
                    Some(id) => all.iter().find(|post| post.id == *id).map(|post| post.create_at),
                    None => Some(i64::MAX),
                };
                all.retain(|post| post.delete_at == 0 && limit.is_some_and(|limit| post.create_at < limit));
                all.sort_by_key(|post| std::cmp::Reverse(post.create_at));
                let older = all.len() > PAGE;
                all.truncate(PAGE);
                page(all, older, true)
            }
            Query::After { channel_id, post_id } => {
                let mut all = posts(channel_id);
                let limit = all.iter().find(|post| post.id == *post_id).map(|post| post.create_at);
                all.retain(|post| post.delete_at == 0 && limit.is_some_and(|limit| post.create_at > limit));
                all.sort_by_key(|post| post.create_at);
                let newer = all.len() > PAGE;
                all.truncate(PAGE);
                page(all, true, newer)
            }
        }
    }
}
