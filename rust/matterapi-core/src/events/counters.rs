//! What a stream has done so far, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that several threads count up.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// So many more.
    pub fn add_all(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// How many there were.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Counters {
    /// Events that came over the socket.
    pub received: Counter,
    /// Events that were fetched because they had been missed.
    pub recovered: Counter,
    /// Events of the socket that had been handed over already.
    pub duplicates: Counter,
    /// Events of either kind that the reader does not want.
    pub filtered: Counter,
    /// Events of low value that were dropped because the queue was full.
    pub shed: Counter,
    /// Notices of what could not be proved.
    pub gaps: Counter,
    /// Connections that the server greeted.
    pub connections: Counter,
    /// Those of them on which it went on with the stream of before.
    pub resumed: Counter,
}
