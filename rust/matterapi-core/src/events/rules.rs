//! The rules by which a stream loses nothing and brings nothing twice.
//!
//! Each has its place in the code, which names it. The model's tests (`model.rs`) turn one off at a time, to see
//! that they would notice its loss; outside of them all hold.

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub(super) enum Rule {
    /// The socket is connected first, then REST is asked: what happens in between comes twice, not never.
    SubscribeFirst,
    /// REST is asked only after the socket's reply to a ping: until then the server may not know the socket yet.
    Barrier,
    /// REST is asked after a stream of the server's has gone on, too: it leaves out what happens meanwhile.
    VerifyResumed,
    /// A catch-up begins earlier than what is known to have come: commits are late.
    Overlap,
    /// A catch-up goes through all channels twice: replicas are late.
    SecondRound,
    /// Where an answer is full, new posts are fetched page by page.
    Walk,
    /// The walk goes on from a post whose millisecond is complete.
    TieSafe,
    /// Where an answer is full, a notice tells of the edits and deletions that it may lack.
    LimitNotice,
    /// A gap in the numbers of the events ends the connection.
    SequenceCheck,
    /// What was handed over is remembered.
    Dedupe,
}

/// Whether the rule is in force.
#[cfg(not(test))]
pub(super) const fn holds(_: Rule) -> bool {
    true
}

#[cfg(test)]
pub(super) fn holds(rule: Rule) -> bool {
    OFF.get() != Some(rule)
}

#[cfg(test)]
thread_local! {
    /// The rule that is turned off on this thread.
    pub(super) static OFF: std::cell::Cell<Option<Rule>> = const { std::cell::Cell::new(None) };
}
