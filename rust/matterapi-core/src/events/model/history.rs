//! A history: the steps that a server, its users, its faults and the client's program take.

use serde::Deserialize;

use super::client::Client;
use super::server::Server;

/// Where each step's chances come from. A step has its own, so that the others stay as they were when one is left out
/// of a history that fails.
pub(super) type Luck = u64;

pub(super) type History = Vec<(Luck, Step)>;

/// What can happen. Times in ms; channels are 0 to 2, and the user is no member of the last one at first.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// A post, in a thread if there is a first post to reply to.
    Post {
        channel: usize,
        thread: bool,
    },
    Edit,
    Delete,
    React,
    Typing,
    /// Many posts at once, some of them within one millisecond.
    Burst {
        channel: usize,
        posts: usize,
    },
    /// The socket is cut, which each side notices at once or much later.
    Cut {
        server: bool,
        client: bool,
    },
    /// The server is killed, and not there for a while.
    Restart {
        away: i64,
    },
    /// The program is killed, and goes on from its checkpoint after a while.
    Crash {
        away: i64,
    },
    /// A long absence, in which much happens.
    Away {
        ms: i64,
        changes: usize,
    },
    /// The next event takes a number and is never written.
    EncodeFailure,
    Join {
        channel: usize,
    },
    Leave {
        channel: usize,
    },
    /// How far replicas are behind from now on.
    Lag {
        ms: i64,
    },
    /// How long it takes from now on until the hub knows a connection.
    Busy {
        ms: i64,
    },
    /// Time goes by.
    Pass {
        ms: i64,
    },
    /// Time in which the client reads few frames at once.
    Slow {
        ms: i64,
    },
}

/// What is wrong at the end of a history, if anything is.
pub(super) fn run(history: &[(Luck, Step)]) -> Result<(), String> {
    let (mut server, mut client) = (Server::new(), Client::new());
    for (luck, step) in history {
        server.rng.seed(*luck);
        take(*step, &mut server, &mut client);
    }
    server.encode_failure = false;
    // Something comes after what failed to be written, which shows in the numbers.
    for channel in 0..3 {
        server.post(channel, false);
    }
    for _ in 0..10 {
        pass(&mut server, &mut client, 60_000, false);
        if client.open && !client.recovery.is_behind() {
            return client.verdict(&server);
        }
    }
    Err("it never catches up".to_owned())
}

fn take(step: Step, server: &mut Server, client: &mut Client) {
    match step {
        Step::Post { channel, thread } => server.post(channel, thread),
        Step::Edit => server.edit(),
        Step::Delete => server.delete(),
        Step::React => server.react(),
        Step::Typing => server.typing(),
        Step::Burst { channel, posts } => {
            for _ in 0..posts {
                server.post(channel, false);
                let between = server.rng.i64(0..2);
                server.advance(between);
            }
        }
        Step::Cut { server: noticed, client: ended } => {
            server.cut(noticed);
            if ended {
                client.ended(server, "cut".into());
            }
        }
        Step::Restart { away } => {
            server.restart();
            client.ended(server, "restart".into());
            client.connect_at += away;
        }
        // Whoever is killed before the next event can show that one was never written does not come to know of it
        // (docs/explanation/delivery.md, "Not promised").
        Step::Crash { .. } if server.has_failed => {}
        Step::Crash { away } => {
            let noticed = server.rng.bool();
            server.cut(noticed);
            client.crashed(server);
            client.connect_at += away;
        }
        Step::Away { ms, changes } => {
            let noticed = server.rng.bool();
            server.cut(noticed);
            client.ended(server, "away".into());
            client.connect_at += ms;
            for _ in 0..changes {
                match server.rng.u8(0..8) {
                    0 => server.edit(),
                    1 => server.delete(),
                    _ => {
                        let (channel, thread) = (server.rng.usize(0..3), server.rng.u8(0..4) == 0);
                        server.post(channel, thread);
                    }
                }
                let between = server.rng.i64(0..3_000);
                server.advance(between);
            }
        }
        Step::EncodeFailure => server.encode_failure = true,
        Step::Join { channel } => server.join(channel),
        Step::Leave { channel } => server.leave(channel),
        Step::Lag { ms } => server.replica_lag = ms,
        Step::Busy { ms } => server.registration = ms,
        Step::Pass { ms } => pass(server, client, ms, false),
        Step::Slow { ms } => pass(server, client, ms, true),
    }
}

/// Lets time go by, in which the client reads at its own pace.
fn pass(server: &mut Server, client: &mut Client, ms: i64, slow: bool) {
    let until = server.now + ms;
    while server.now < until {
        let tick = server.rng.i64(5..120).min(until - server.now);
        server.advance(tick);
        let reads = if slow || server.rng.u8(0..4) == 0 { server.rng.usize(0..5) } else { usize::MAX };
        client.tick(server, reads);
    }
}
