//! The bounded queue between the socket and the reader.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use super::catch_up::{Counts, Gap};
use super::counters::Counters;
use super::frame;
use super::overflow;
use super::recovery::Position;
use crate::clock;
use crate::error::Error;
use crate::text::one_line;

/// Frames kept before the socket is no longer read.
pub const MAX_FRAMES: usize = 1024;

/// Bytes kept before the socket is no longer read.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// What is fetched takes a part of the room, and leaves the other to what comes over the socket meanwhile.
const FETCHED_SHARE: usize = 2;

/// What an item takes beside its text: its entry in the queue, what the allocator needs.
const OVERHEAD: usize = 128;

/// Something worth a log line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The server said hello.
    Connected {
        /// Its version string.
        server_version: String,
    },
    /// There is a connection again, and the server's stream goes on where it was cut.
    Resumed,
    /// The connection ended, or could not be made; the next try comes after `wait`.
    Reconnecting {
        /// What happened.
        reason: String,
        /// Until the next try.
        wait: Duration,
    },
    /// Something could not be proved to have come.
    Gap(Gap),
    /// What was missed has been fetched; so much it was.
    CaughtUp(Counts),
    /// Whoever is done with all that came before may go on from here with another stream.
    Position(Position),
    /// The queue is full and the socket is not read for a while (said once per connection).
    Full {
        /// Items that wait.
        depth: usize,
        /// Bytes that they take.
        bytes: usize,
    },
}

impl Notice {
    /// The server said hello. Its text is kept as one short line.
    pub fn connected(server_version: &str) -> Self {
        Self::Connected { server_version: one_line(server_version) }
    }

    /// The next try to connect comes after `wait`. The text is kept as one short line.
    pub fn reconnecting(reason: &str, wait: Duration) -> Self {
        Self::Reconnecting { reason: one_line(reason), wait }
    }
}

/// What the socket hands over.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A text frame, as the server sent it, or as it would have sent what came by REST.
    Frame {
        /// Its text.
        text: Bytes,
        /// When it was received, in seconds since 1970 by this machine's clock.
        received_at: f64,
    },
    /// News about the connection.
    Notice(Notice),
}

impl Item {
    /// A frame that is received now.
    pub fn frame(text: Bytes) -> Self {
        Self::Frame { text, received_at: clock::seconds() }
    }

    fn size(&self) -> usize {
        let text = match self {
            Self::Frame { text, .. } => text.len(),
            Self::Notice(Notice::Connected { server_version }) => server_version.len(),
            Self::Notice(Notice::Reconnecting { reason, .. }) => reason.len(),
            Self::Notice(Notice::Gap(gap)) => gap.channel_id.len(),
            Self::Notice(
                Notice::Full { .. } | Notice::Resumed | Notice::CaughtUp(_) | Notice::Position(_),
            ) => 0,
        };
        text + OVERHEAD
    }
}

/// What is taken from the queue at once.
#[derive(Debug)]
pub enum Batch {
    /// Items, at least one.
    Items(Vec<Item>),
    /// Nothing yet.
    Empty,
    /// The stream has ended and everything was taken; the error is handed out once.
    Ended(Option<Error>),
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    bytes: usize,
    end: Option<Option<Error>>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Queue {
    /// What went through it, and what did not.
    pub counters: Counters,
    state: Mutex<State>,
    filled: Condvar,
    filled_async: Notify,
    room: Notify,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Items that wait, and the bytes that they take.
    pub fn load(&self) -> (usize, usize) {
        let state = self.state();
        (state.items.len(), state.bytes)
    }

    /// That it is full, for whoever reads it.
    pub fn full(&self) -> Notice {
        let (depth, bytes) = self.load();
        Notice::Full { depth, bytes }
    }

    /// Appends `item` if there is room; gives it back otherwise.
    pub fn try_push(&self, item: Item) -> Result<(), Item> {
        self.try_push_within(1, item)
    }

    /// The same within the `share`-th part of the room.
    fn try_push_within(&self, share: usize, item: Item) -> Result<(), Item> {
        let mut state = self.state();
        let size = item.size();
        let full = state.items.len() >= MAX_FRAMES / share || state.bytes + size > MAX_BYTES / share;
        if full && !state.items.is_empty() {
            return Err(item);
        }
        let was_empty = state.items.is_empty();
        state.bytes += size;
        state.items.push_back(item);
        drop(state);
        if was_empty {
            self.wake_readers();
        }
        Ok(())
    }

    /// Appends `item`, waiting for room.
    ///
    /// # Cancellation
    /// The item is lost when the future is dropped before it is done.
    pub async fn push(&self, item: Item) {
        self.push_within(1, item).await;
    }

    /// Appends what was fetched, waiting for room; it leaves some to what comes over the socket.
    ///
    /// # Cancellation
    /// The item is lost when the future is dropped before it is done.
    pub async fn push_fetched(&self, item: Item) {
        self.push_within(FETCHED_SHARE, item).await;
    }

    async fn push_within(&self, share: usize, mut item: Item) {
        loop {
            let room = self.room.notified();
            match self.try_push_within(share, item) {
                Ok(()) => return,
                Err(back) => item = back,
            }
            room.await;
        }
    }

    /// Drops events of low value to make room for `item`, or `item` itself if it is of low value; both are counted.
    /// Gives it back if there is still no room.
    pub fn shed_for(&self, item: Item) -> Option<Item> {
        if is_of_low_value(&item) {
            self.counters.shed.add();
            return None;
        }
        let mut state = self.state();
        let before = state.items.len();
        state.items.retain(|item| !is_of_low_value(item));
        state.bytes = state.items.iter().map(Item::size).sum();
        let shed = before - state.items.len();
        drop(state);
        self.counters.shed.add_all(shed as u64);
        self.try_push(item).err()
    }

    /// Ends the stream after what is queued.
    pub fn end(&self, error: Option<Error>) {
        self.state().end.get_or_insert(error);
        self.wake_readers();
    }

    fn wake_readers(&self) {
        self.filled.notify_all();
        self.filled_async.notify_waiters();
    }

    /// Takes up to `max` items without waiting.
    pub fn take(&self, max: usize) -> Batch {
        self.take_locked(&mut self.state(), max)
    }

    fn take_locked(&self, state: &mut State, max: usize) -> Batch {
        if state.items.is_empty() {
            return match &mut state.end {
                Some(error) => Batch::Ended(error.take()),
                None => Batch::Empty,
            };
        }
        let count = state.items.len().min(max.max(1));
        let items: Vec<Item> = state.items.drain(..count).collect();
        state.bytes -= items.iter().map(Item::size).sum::<usize>();
        // All who wait: one of them may wait for more room than there is.
        self.room.notify_waiters();
        Batch::Items(items)
    }

    /// Takes up to `max` items, blocking the thread for at most `limit`.
    pub fn take_blocking(&self, max: usize, limit: Duration) -> Batch {
        let state = self.state();
        let (mut state, _) = self
            .filled
            .wait_timeout_while(state, limit, |s| s.items.is_empty() && s.end.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        self.take_locked(&mut state, max)
    }

    /// Takes up to `max` items, waiting for the first; never [`Batch::Empty`].
    pub async fn take_async(&self, max: usize) -> Batch {
        loop {
            self.filled().await;
            match self.take(max) {
                Batch::Empty => {}
                batch => return batch,
            }
        }
    }

    /// Waits until there is something to take, or the stream has ended.
    pub async fn filled(&self) {
        loop {
            let filled = self.filled_async.notified();
            tokio::pin!(filled);
            filled.as_mut().enable();
            {
                let state = self.state();
                if !state.items.is_empty() || state.end.is_some() {
                    return;
                }
            }
            filled.await;
        }
    }
}

fn is_of_low_value(item: &Item) -> bool {
    match item {
        Item::Frame { text, .. } => overflow::is_of_low_value(&frame::event_name(text)),
        Item::Notice(_) => false,
    }
}

#[cfg(test)]
mod tests;
