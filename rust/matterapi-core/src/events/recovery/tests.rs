//! What is due, what is proved, and until when.

use std::time::Duration;

use super::*;
use crate::events::catch_up::{Query, Step};
use crate::events::change::{Channel, Page, Row};
use crate::events::post::Post;

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
    let moved = |recovery: &mut Recovery, id: &str, at: i64| {
        recovery.event(&Event::of(posted(id, at).as_bytes()), now + SECOND * 60).1
    };
    assert_eq!(moved(&mut recovery, "a", 100_500), None, "not with every event");
    assert_eq!(moved(&mut recovery, "b", 105_000), Some(95_000));
    assert_eq!(
        moved(&mut recovery, "c", 999_000),
        Some(150_000),
        "no stamp moves it beyond the server's clock"
    );
    recovery.disconnected(now);
    assert_eq!(moved(&mut recovery, "d", 158_000), None);
    assert_eq!(recovery.answered(170_000, now + SECOND * 70), None);
    let pending = recovery.start(false, now + SECOND * 70).unwrap();
    assert_eq!(moved(&mut recovery, "e", 171_000), None);
    assert_eq!(recovery.finish(&pending), Some(160_000));
}

/// What a checkpoint cannot know (docs/explanation/delivery.md, "Not promised"), and this process does.
#[test]
fn the_position_goes_past_an_event_that_was_never_written_but_a_catch_up_begins_before_it() {
    let now = Instant::now();
    let mut recovery = connected(now);
    let later = now + 60 * SECOND;
    assert_eq!(recovery.answered(160_000, later), Some(150_000));
    // The number of the next event shows that one is missing, which ends the connection.
    recovery.disconnected(later);
    recovery.connected("me", true, later);
    recovery.answered(160_000, later);
    let range = Range { since: 90_000, until: 160_000 };
    assert_eq!(catch_up(&mut recovery, later), Some((Scope::All, range)));
}

#[test]
fn a_reader_that_pauses_does_not_move_the_position_by_its_pause() {
    let now = Instant::now();
    let mut recovery = connected(now);
    let (is_news, position) = recovery.event(&Event::of(posted("a", 100_100).as_bytes()), now + SECOND * 30);
    assert_eq!((is_news, position), (true, None), "written a moment after the connection, read much later");
    recovery.event(&Event::of(br#"{"event":"typing"}"#), now + SECOND * 30);
    recovery.disconnected(now + SECOND * 30);
    recovery.answered(131_000, now + SECOND * 31);
    let (_, range) = catch_up(&mut recovery, now + SECOND * 31).unwrap();
    assert_eq!(range.since, 90_100, "from before what was read");
}

#[test]
fn a_stream_begins_when_it_is_greeted_also_if_it_is_cut_before_the_first_reply() {
    let now = Instant::now();
    let mut recovery = Recovery::new(None);
    recovery.connected("me", false, now);
    assert!(recovery.event(&Event::of(posted("live", 100_010).as_bytes()), now).0);
    recovery.disconnected(now);
    recovery.connected("me", false, now + SECOND * 4);
    let position = recovery.answered(105_000, now + SECOND * 5);
    assert_eq!(position, Some(90_000), "where another stream would have to go on from");
    let mut pending = recovery.start(false, now + SECOND * 5).unwrap();
    assert_eq!(pending.range(), Range { since: 90_000, until: 105_000 });
    let row = |id: &str, at: i64| {
        let post = Post { id: id.into(), create_at: at, update_at: at, ..Post::default() };
        Row { post, text: String::new() }
    };
    recovery.take(&mut pending, Answer::Channels(vec![Channel { id: "c1".into(), ..Channel::default() }]));
    pending.next(now);
    let rows = vec![row("missed", 102_000), row("live", 100_010), row("before", 99_990)];
    let found = recovery.take(&mut pending, Answer::Posts(Page { rows, ..Page::default() }));
    let ids = found.iter().map(|each| match each {
        Recovered::Post(_, row) => row.post.id.as_str(),
        Recovered::Gap(_) => "a gap",
    });
    assert_eq!(ids.collect::<Vec<_>>(), ["missed"]);
}

#[test]
fn no_post_is_taken_for_older_than_the_hello_because_times_are_cut_to_milliseconds() {
    let now = Instant::now();
    let mut recovery = Recovery::new(None);
    recovery.connected("me", false, now);
    recovery.disconnected(now);
    let later = now + Duration::from_micros(5_000_900);
    recovery.connected("me", false, later);
    recovery.answered(105_000, later);
    let mut pending = recovery.start(false, later).unwrap();
    recovery.take(&mut pending, Answer::Channels(vec![Channel { id: "c1".into(), ..Channel::default() }]));
    pending.next(later);
    // The hello came at some time from 99,999.1 to 100,000.1 of the server's clock.
    let rows = [("later", 100_001), ("same", 100_000), ("cut", 99_999), ("before", 99_990)];
    let rows = rows.map(|(id, at)| {
        let post = Post { id: id.into(), create_at: at, update_at: at, ..Post::default() };
        Row { post, text: String::new() }
    });
    let found = recovery.take(&mut pending, Answer::Posts(Page { rows: rows.into(), ..Page::default() }));
    let mut ids: Vec<_> = found
        .iter()
        .map(|each| match each {
            Recovered::Post(_, row) => row.post.id.as_str(),
            Recovered::Gap(_) => "a gap",
        })
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, ["cut", "later", "same"]);
}

#[test]
fn an_event_that_was_fetched_before_is_no_news() {
    let now = Instant::now();
    let mut recovery = connected(now);
    let frame = posted("a", 100_500);
    assert!(recovery.event(&Event::of(frame.as_bytes()), now).0);
    assert!(!recovery.event(&Event::of(frame.as_bytes()), now).0);
    assert!(recovery.event(&Event::of(br#"{"event":"typing"}"#), now).0);
}

#[test]
fn a_new_channel_is_looked_into_from_where_the_stream_stands() {
    let now = Instant::now();
    let mut recovery = connected(now);
    recovery.answered(145_000, now + SECOND * 45);
    let added = br#"{"event": "direct_added", "data": {}, "broadcast": {"channel_id": "c2"}, "seq": 1}"#;
    assert!(recovery.event(&Event::of(added), now + SECOND * 50).0);
    assert!(recovery.has_work());
    let found = catch_up(&mut recovery, now + SECOND * 50);
    let range = Range { since: 135_000, until: 150_000 };
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
        recovery.event(&Event::of(posted(&number.to_string(), 100_001).as_bytes()), now);
    }
    assert_eq!(recovery.ledger.len(), count);
    recovery.answered(200_000, now + SECOND * 100);
    recovery.event(&Event::of(posted("late", 229_000).as_bytes()), now + SECOND * 130);
    recovery.answered(230_000, now + SECOND * 130);
    assert_eq!(recovery.ledger.len(), 1);
}
