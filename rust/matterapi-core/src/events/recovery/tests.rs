//! What is due, what is proved, and until when.

use std::time::Duration;

use super::*;
use crate::events::catch_up::{Query, Step};

const SECOND: Duration = Duration::from_secs(1);

fn posted(id: &str, at: i64) -> String {
    format!(
        r#"{{"event": "posted", "data": {{"post": "{{\"id\":\"{id}\",\"create_at\":{at},\"update_at\":{at}}}"}}, "broadcast": {{"channel_id": "c1"}}, "seq": 1}}"#
    )
}

/// Connected at the server's time 100 s, nothing missed.
fn connected(now: Instant) -> Recovery {
    let mut recovery = Recovery::new(None);
    recovery.connected("me", false, now);
    recovery.answered(100_000, now);
    recovery
}

/// Carries a catch-up through against a server without channels; returns whether there was one.
fn catch_up(recovery: &mut Recovery, now: Instant) -> Option<(Scope, Range)> {
    let mut catch_up = recovery.start(false, now)?;
    let found = (catch_up.scope().clone(), catch_up.range());
    let mut now = now;
    loop {
        match catch_up.next(now) {
            Step::Ask(_) => drop(recovery.take(&mut catch_up, Answer::Channels(Vec::new()))),
            Step::Wait(until) => now = until,
            Step::Done => break,
        }
    }
    recovery.finish(&catch_up);
    Some(found)
}

#[test]
fn a_stream_begins_with_its_first_connection_and_has_nothing_to_catch_up() {
    let now = Instant::now();
    let mut recovery = Recovery::new(None);
    assert!(!recovery.has_work());
    recovery.connected("me", false, now);
    assert_eq!(recovery.answered(100_000, now), Some(90_000));
    assert!(!recovery.has_work());
}

#[test]
fn a_stream_that_goes_on_from_a_position_begins_with_a_catch_up_from_there() {
    let now = Instant::now();
    let mut recovery = Recovery::new(Some(40_000));
    assert!(!recovery.has_work(), "not before it is connected");
    recovery.connected("me", false, now);
    assert_eq!(recovery.answered(100_000, now), None, "it is behind");
    assert!(recovery.has_work());
    let range = Range { since: 40_000, until: 100_000 };
    assert_eq!(catch_up(&mut recovery, now), Some((Scope::All, range)));
}

#[test]
fn after_every_cut_what_came_since_is_fetched_once_the_server_has_answered() {
    let now = Instant::now();
    let mut recovery = connected(now);
    for _ in 0..2 {
        recovery.disconnected(now);
        assert!(!recovery.has_work());
        recovery.connected("me", false, now);
        assert!(!recovery.has_work(), "only its reply says that all before it has come");
        recovery.answered(200_000, now);
        assert!(recovery.has_work());
        let (scope, range) = catch_up(&mut recovery, now).unwrap();
        assert_eq!((scope, range.until), (Scope::All, 200_000));
        assert!(range.since == 90_000 || range.since == 190_000, "{range:?}");
    }
}

#[test]
fn a_cut_during_a_catch_up_is_followed_by_another() {
    let now = Instant::now();
    let mut recovery = connected(now);
    recovery.disconnected(now);
    recovery.answered(200_000, now);
    let first = recovery.start(false, now).unwrap();
    recovery.disconnected(now);
    recovery.answered(300_000, now);
    assert!(!recovery.has_work(), "one at a time");
    assert_eq!(recovery.finish(&first), None, "it is still behind");
    let range = Range { since: 190_000, until: 300_000 };
    assert_eq!(catch_up(&mut recovery, now), Some((Scope::All, range)));
}

#[test]
fn the_position_moves_with_what_comes_and_stands_while_something_is_missing() {
    let now = Instant::now();
    let mut recovery = connected(now);
    let moved = |recovery: &mut Recovery, after: Duration| {
        recovery.event("posted", posted("a", 1).as_bytes(), now + after).1
    };
    assert_eq!(moved(&mut recovery, SECOND / 2), None, "not with every event");
    assert_eq!(moved(&mut recovery, SECOND * 5), Some(95_000));
    recovery.disconnected(now);
    assert_eq!(moved(&mut recovery, SECOND * 20), None);
    assert_eq!(recovery.answered(130_000, now + SECOND * 30), None);
    let pending = recovery.start(false, now + SECOND * 30).unwrap();
    assert_eq!(moved(&mut recovery, SECOND * 40), None);
    assert_eq!(recovery.finish(&pending), Some(120_000));
}

#[test]
fn an_event_that_was_fetched_before_is_no_news() {
    let now = Instant::now();
    let mut recovery = connected(now);
    let frame = posted("a", 100_500);
    assert!(recovery.event("posted", frame.as_bytes(), now).0);
    assert!(!recovery.event("posted", frame.as_bytes(), now).0);
    assert!(recovery.event("typing", b"{}", now).0);
}

#[test]
fn a_new_channel_is_looked_into_from_shortly_before() {
    let now = Instant::now();
    let mut recovery = connected(now);
    let added = br#"{"event": "direct_added", "data": {}, "broadcast": {"channel_id": "c2"}, "seq": 1}"#;
    assert!(recovery.event("direct_added", added, now + SECOND * 50).0);
    assert!(recovery.has_work());
    let found = catch_up(&mut recovery, now + SECOND * 50);
    let range = Range { since: 140_000, until: 150_000 };
    assert_eq!(found, Some((Scope::Joined("c2".into()), range)));
    assert!(!recovery.has_work());
}

#[test]
fn a_check_looks_only_for_what_came_since_the_last_one() {
    let now = Instant::now();
    let mut recovery = connected(now);
    recovery.answered(400_000, now + SECOND * 300);
    let mut check = recovery.start(true, now + SECOND * 300).unwrap();
    assert_eq!((check.scope(), check.range().since), (&Scope::Check, 100_000));
    assert!(matches!(check.next(now), Step::Ask(Query::Channels { .. })));
    recovery.finish(&check);
    recovery.disconnected(now);
    assert!(recovery.start(true, now).is_none(), "there is no connection to check");
    recovery.answered(500_000, now + SECOND * 400);
    drop(catch_up(&mut recovery, now + SECOND * 400));
    let check = recovery.start(true, now + SECOND * 400).unwrap();
    assert_eq!(check.range().since, 390_000);
}

#[test]
fn what_is_remembered_does_not_grow_without_end() {
    let now = Instant::now();
    let mut recovery = connected(now);
    let count = MOST_REMEMBERED + 10;
    for number in 0..count {
        recovery.event("posted", posted(&number.to_string(), 100_001).as_bytes(), now);
    }
    assert_eq!(recovery.ledger.as_ref().unwrap().len(), count);
    recovery.answered(200_000, now + SECOND * 100);
    recovery.event("typing", b"{}", now + SECOND * 130);
    recovery.answered(230_000, now + SECOND * 130);
    assert!(recovery.ledger.as_ref().unwrap().is_empty());
}
