//! What a stream has done so far, in numbers.

use crate::counter::Counter;

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
