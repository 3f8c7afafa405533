//! Which calls a catch-up makes, and what it says about what it cannot prove.

use super::*;
use crate::events::change::PAGE_SIZE;

const RANGE: Range = Range { since: 1_000, until: 9_000 };

struct Run {
    catch_up: CatchUp,
    known: BTreeSet<String>,
    ledger: Ledger,
    now: Instant,
}

impl Run {
    fn new(scope: Scope) -> Self {
        let now = Instant::now();
        let catch_up = CatchUp::new(scope, RANGE, Limits::default(), now);
        Self { catch_up, known: BTreeSet::new(), ledger: Ledger::starting(0), now }
    }

    /// In a channel whose answer about changes is full.
    fn full() -> (Self, Vec<Recovered>) {
        let mut run = Self::new(Scope::All);
        run.channels(&[("c", 5_000)]);
        run.query();
        let changes = (0..Limits::default().changes).map(|n| post(&format!("p{n}"), 2_000 + n as i64));
        let found = run.answer(Answer::Posts(page(changes.rev().collect())));
        (run, found)
    }

    fn query(&mut self) -> Query {
        match self.catch_up.next(self.now) {
            Step::Ask(query) => query,
            other => panic!("{other:?}"),
        }
    }

    fn answer(&mut self, answer: Answer) -> Vec<Recovered> {
        self.catch_up.answered(answer, &mut self.known, &mut self.ledger)
    }

    fn channels(&mut self, channels: &[(&str, i64)]) -> Vec<Recovered> {
        assert_eq!(self.query(), Query::Channels { archived_since: RANGE.since });
        let channels = channels.iter().map(|(id, last_post_at)| Channel {
            id: (*id).to_owned(),
            last_post_at: *last_post_at,
            ..Channel::default()
        });
        self.answer(Answer::Channels(channels.collect()))
    }
}

fn post(id: &str, create_at: i64) -> Post {
    Post { id: id.into(), create_at, update_at: create_at, ..Post::default() }
}

/// The newest first, as the server lists them.
fn page(posts: Vec<Post>) -> Page {
    let rows = posts.into_iter().map(|post| Row { post, text: String::new() }).collect();
    Page { rows, ..Page::default() }
}

fn changes(channel: &str) -> Query {
    Query::Changes { channel_id: channel.into(), since: RANGE.since }
}

fn gaps(found: &[Recovered]) -> Vec<(&str, GapKind)> {
    let gap = |each: &'_ Recovered| matches!(each, Recovered::Gap(_));
    let mut told = Vec::new();
    for each in found.iter().filter(|each| gap(each)) {
        if let Recovered::Gap(gap) = each {
            told.push((gap.channel_id.as_str(), gap.kind));
        }
    }
    told
}

fn news(found: &[Recovered]) -> Vec<(Kind, &str)> {
    let mut news = Vec::new();
    for each in found {
        if let Recovered::Post(kind, row) = each {
            news.push((*kind, row.post.id.as_str()));
        }
    }
    news
}

#[test]
fn channels_with_new_posts_come_first_and_all_come_twice() {
    let mut run = Run::new(Scope::All);
    for round in 0..2 {
        run.channels(&[("quiet", 500), ("busy", 5_000)]);
        for channel in ["busy", "quiet"] {
            assert_eq!(run.query(), changes(channel), "round {round}");
            run.answer(Answer::Posts(Page::default()));
        }
        if round == 0 {
            assert_eq!(run.catch_up.next(run.now), Step::Wait(run.now + REPLICA_LAG));
            run.now += REPLICA_LAG;
        }
    }
    assert_eq!(run.catch_up.next(run.now), Step::Done);
    assert_eq!(run.catch_up.counts(), Counts { channels: 2, calls: 6, ..Counts::default() });
}

#[test]
fn news_comes_in_the_order_in_which_it_happened() {
    let mut run = Run::new(Scope::All);
    run.channels(&[("c", 5_000)]);
    run.query();
    let deleted = Post { delete_at: 2_500, update_at: 2_500, ..post("old", 100) };
    let found = run.answer(Answer::Posts(page(vec![post("b", 3_000), post("a", 2_000), deleted])));
    assert_eq!(news(&found), [(Kind::Posted, "a"), (Kind::Deleted, "old"), (Kind::Posted, "b")]);
    assert_eq!(gaps(&found), []);
}

#[test]
fn a_full_answer_is_told_of_and_walked_from_before_the_first_new_post() {
    let (mut run, found) = Run::full();
    assert_eq!(gaps(&found), [("c", GapKind::Changes)]);
    // Not before p0: there may be more of its millisecond.
    let before = Query::Before { channel_id: "c".into(), post_id: Some("p1".into()) };
    assert_eq!(run.query(), before);
    let found =
        run.answer(Answer::Posts(page(vec![post("p0", 2_000), post("tie", 2_000), post("old", 900)])));
    assert_eq!(news(&found), [(Kind::Posted, "tie")]);
    assert_eq!(run.query(), Query::After { channel_id: "c".into(), post_id: "old".into() });
    let found = run.answer(Answer::Posts(Page { newer: Some(false), ..page(vec![post("p9", 2_009)]) }));
    assert_eq!(news(&found), []);
    assert!(matches!(run.catch_up.next(run.now), Step::Wait(_)));
}

#[test]
fn the_way_back_goes_on_until_what_was_known() {
    let (mut run, _) = Run::full();
    run.query();
    let newer = (0..PAGE_SIZE).map(|n| post(&format!("q{n}"), 1_500 + n as i64)).rev().collect();
    let found = run.answer(Answer::Posts(page(newer)));
    assert_eq!(news(&found), [], "it comes again on the way forward");
    assert_eq!(run.query(), Query::Before { channel_id: "c".into(), post_id: Some("q1".into()) });
    run.answer(Answer::Posts(page(vec![post("q0", 1_500), post("old", 900)])));
    assert_eq!(run.query(), Query::After { channel_id: "c".into(), post_id: "old".into() });
}

#[test]
fn more_posts_of_a_millisecond_than_a_page_holds_are_told_of() {
    let (mut run, _) = Run::full();
    run.query();
    let ties = (0..PAGE_SIZE).map(|n| post(&format!("t{n}"), 1_500)).collect();
    let found = run.answer(Answer::Posts(page(ties)));
    assert_eq!(gaps(&found), [("c", GapKind::Posts)]);
    assert_eq!(news(&found).len(), PAGE_SIZE);
}

#[test]
fn the_first_posts_of_a_channel_are_no_ties() {
    let (mut run, _) = Run::full();
    run.query();
    let first = Page { older: Some(false), newer: Some(true), ..page(vec![post("p0", 2_000)]) };
    assert_eq!(gaps(&run.answer(Answer::Posts(first))), []);
    assert_eq!(run.query(), Query::After { channel_id: "c".into(), post_id: "p0".into() });
}

#[test]
fn a_way_whose_post_is_gone_for_good_begins_anew_once() {
    let (mut run, _) = Run::full();
    run.query();
    run.answer(Answer::Posts(page(vec![post("p0", 2_000), post("old", 900)])));
    run.query();
    assert_eq!(gaps(&run.answer(Answer::Posts(Page::default()))), []);
    assert_eq!(run.query(), Query::Before { channel_id: "c".into(), post_id: None });
    let newest = Page { older: Some(true), ..page(vec![post("p9", 2_009), post("p8", 2_008)]) };
    run.answer(Answer::Posts(newest));
    run.query();
    assert_eq!(gaps(&run.answer(Answer::Posts(Page::default()))), [("c", GapKind::Posts)]);
}

#[test]
fn a_channel_that_was_left_is_told_of_once() {
    let mut run = Run::new(Scope::All);
    run.known = ["c".to_owned(), "gone".to_owned()].into();
    let found = run.channels(&[("c", 0)]);
    assert_eq!(gaps(&found), [("gone", GapKind::Left)]);
    run.query();
    assert_eq!(gaps(&run.answer(Answer::Refused)), [("c", GapKind::Left)]);
    run.now += REPLICA_LAG;
    run.channels(&[("c", 0)]);
    run.query();
    assert_eq!(gaps(&run.answer(Answer::Refused)), [], "not in each round");
}

#[test]
fn a_channel_whose_answers_cannot_be_read_is_told_of_and_a_list_asked_for_again() {
    let mut run = Run::new(Scope::All);
    for _ in 0..10 {
        run.query();
        assert_eq!(run.answer(Answer::Unreadable), []);
    }
    run.channels(&[("c", 0)]);
    for _ in 1..MOST_TRIES {
        assert_eq!(run.query(), changes("c"));
        assert_eq!(run.answer(Answer::Unreadable), []);
    }
    run.query();
    assert_eq!(gaps(&run.answer(Answer::Unreadable)), [("c", GapKind::Unreadable)]);
}

#[test]
fn posts_that_cannot_be_read_are_told_of() {
    let mut run = Run::new(Scope::All);
    run.channels(&[("c", 0)]);
    run.query();
    let found = run.answer(Answer::Posts(Page { unreadable: 1, ..page(vec![post("a", 2_000)]) }));
    assert_eq!(gaps(&found), [("c", GapKind::Unreadable)]);
    assert_eq!(news(&found), [(Kind::Posted, "a")]);
}

#[test]
fn a_check_looks_at_channels_with_new_posts_and_tells_of_nothing_missing() {
    let mut run = Run::new(Scope::Check);
    run.known.insert("gone".to_owned());
    assert_eq!(run.channels(&[("quiet", 500), ("busy", 5_000)]), []);
    assert_eq!(run.query(), changes("busy"));
    assert_eq!(run.answer(Answer::Refused), []);
    assert!(matches!(run.catch_up.next(run.now), Step::Wait(_)));
}

#[test]
fn a_new_channel_is_looked_at_alone() {
    let mut run = Run::new(Scope::Joined("new".into()));
    run.channels(&[("old", 5_000), ("new", 5_000)]);
    assert_eq!(run.query(), changes("new"));
    run.answer(Answer::Posts(Page::default()));
    assert!(matches!(run.catch_up.next(run.now), Step::Wait(_)));
}

#[test]
fn a_channel_that_nobody_wants_to_hear_of_is_not_asked_about() {
    let mut run = Run::new(Scope::All);
    let only = Some(["a".to_owned()].into());
    run.catch_up = run.catch_up.in_channels(Choice { only, ..Choice::default() });
    run.channels(&[("a", 5_000), ("b", 5_000)]);
    assert_eq!(run.query(), changes("a"));
    run.answer(Answer::Posts(Page::default()));
    assert!(matches!(run.catch_up.next(run.now), Step::Wait(_)));
    assert_eq!(run.known, ["a".to_owned()].into());
}
