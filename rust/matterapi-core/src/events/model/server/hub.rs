//! The hub: which connections the server knows, what it writes to them, and which it goes on with.

use std::collections::VecDeque;

use super::{ME, Server};
use crate::events::numbering::Resume;

const SEND_QUEUE: usize = 256;
const DEAD_QUEUE: usize = 128;

/// How long the server takes a connection for alive that nobody answers on.
const HALF_OPEN: i64 = 100_000;

#[derive(PartialEq)]
pub(super) enum Line {
    /// The client reads what is written.
    Open,
    /// Nobody does, and the server does not know until then.
    HalfOpen(i64),
    /// The server keeps it to be gone on with.
    Inactive,
}

pub(super) struct Connection {
    id: String,
    seq: i64,
    pub(super) line: Line,
    /// From when on the hub knows it.
    registered_at: i64,
    greeting: Option<String>,
    replies: Vec<i64>,
    send: VecDeque<String>,
    dead: VecDeque<(i64, String)>,
}

impl Server {
    /// What a connection gets when the hub has come to know it.
    pub(super) fn register(&mut self, now: i64) {
        for connection in &mut self.connections {
            if connection.line != Line::Open || connection.registered_at > now {
                continue;
            }
            self.wire.extend(connection.greeting.take());
            while let Some(text) = connection.send.pop_front() {
                write(connection, text, &mut self.wire);
            }
            for seq in connection.replies.drain(..) {
                let time = self.now;
                self.wire.push_back(format!(
                    r#"{{"status":"OK","data":{{"text":"pong","server_time":{time}}},"seq_reply":{seq}}}"#
                ));
            }
        }
    }

    pub(super) fn broadcast(&mut self, at: i64, channel: &str, text: &str) {
        let is_member = self.channels.iter().any(|(id, since, _)| id == channel && since.is_some());
        if !is_member {
            return;
        }
        let fails = std::mem::take(&mut self.encode_failure);
        let mut lost = Vec::new();
        for (index, connection) in self.connections.iter_mut().enumerate() {
            if connection.registered_at > at {
                continue; // Not in the hub: queued nowhere.
            }
            match connection.line {
                Line::Open if fails => {
                    connection.seq += 1;
                    self.has_failed = true;
                }
                Line::Open => write(connection, text.to_owned(), &mut self.wire),
                Line::HalfOpen(_) => write(connection, text.to_owned(), &mut VecDeque::new()),
                Line::Inactive if connection.send.len() >= SEND_QUEUE => lost.push(index),
                Line::Inactive => connection.send.push_back(text.to_owned()),
            }
        }
        for index in lost.into_iter().rev() {
            self.connections.remove(index);
        }
    }

    /// The upgrade of a socket.
    pub(in crate::events::model) fn connect(&mut self, resume: Option<&Resume>) {
        self.wire.clear();
        self.cut(true);
        let registered_at = self.now + self.registration;
        let found = resume.and_then(|resume| {
            self.connections
                .iter_mut()
                .find(|known| known.id == resume.connection_id && known.line == Line::Inactive)
        });
        if let (Some(connection), Some(resume)) = (found, resume) {
            connection.line = Line::Open;
            connection.registered_at = registered_at;
            let next = resume.sequence_number;
            let newest = connection.dead.back().map(|(seq, _)| *seq);
            if connection.dead.iter().any(|(seq, _)| *seq == next) {
                let again = connection.dead.iter().filter(|(seq, _)| *seq >= next);
                self.wire.extend(again.map(|(_, text)| text.clone()));
            } else if newest.is_some_and(|newest| newest != next - 1) {
                connection.dead.clear();
                connection.seq = 0;
                self.made += 1;
                connection.id = format!("x{}", self.made);
                connection.greeting = Some(hello(&connection.id));
            }
            return;
        }
        let id = self.name('x');
        let greeting = Some(hello(&id));
        self.connections.push(Connection {
            id,
            seq: 0,
            line: Line::Open,
            registered_at,
            greeting,
            replies: Vec::new(),
            send: VecDeque::new(),
            dead: VecDeque::new(),
        });
    }

    /// A ping of the client.
    pub(in crate::events::model) fn ping(&mut self, seq: i64) {
        let now = self.now;
        if let Some(connection) = self.connections.iter_mut().find(|known| known.line == Line::Open) {
            connection.replies.push(seq);
        }
        self.register(now);
    }

    /// The open socket is cut; what is on the wire is lost.
    pub(in crate::events::model) fn cut(&mut self, noticed: bool) {
        self.wire.clear();
        let until = self.now + HALF_OPEN;
        for connection in &mut self.connections {
            if connection.line == Line::Open {
                connection.line = if noticed { Line::Inactive } else { Line::HalfOpen(until) };
                connection.replies.clear();
            }
        }
    }

    /// All connections are forgotten, and so is what was to be told of what is written.
    pub(in crate::events::model) fn restart(&mut self) {
        self.wire.clear();
        self.connections.clear();
        self.events.clear();
        for commit in &mut self.commits {
            commit.event = None;
        }
    }
}

fn hello(id: &str) -> String {
    format!(
        r#"{{"event": "hello", "data": {{"connection_id":"{id}","server_version":"11"}}, "broadcast": {{"user_id":"{ME}"}}, "seq": 0}}"#
    )
}

fn write(connection: &mut Connection, text: String, wire: &mut VecDeque<String>) {
    connection.seq += 1;
    let text = format!("{text}{}}}", connection.seq);
    connection.dead.push_back((connection.seq, text.clone()));
    if connection.dead.len() > DEAD_QUEUE {
        connection.dead.pop_front();
    }
    wire.push_back(text);
}
