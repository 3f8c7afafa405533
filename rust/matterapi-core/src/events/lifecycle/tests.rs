use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn hello(id: &str) -> Frame {
    Frame::Hello { server_version: "11".into(), connection_id: id.into(), user_id: "u".into() }
}

fn reply(seq: i64) -> Frame {
    Frame::Reply { seq: Some(seq), ok: true, server_time: None }
}

fn event(seq: i64) -> Frame {
    Frame::Event { seq: Some(seq) }
}

fn ping(seq: i64) -> String {
    format!(r#"{{"seq":{seq},"action":"ping"}}"#)
}

fn new(version: &str) -> Greeting {
    Greeting::New(version.into())
}

/// A connection whose hello and first reply are there.
fn live(now: Instant) -> Lifecycle {
    let mut lifecycle = Lifecycle::new(Backoff::new(None));
    assert_eq!(lifecycle.opened(now), ping(1));
    assert_eq!(lifecycle.on_frame(hello("c"), now), FrameAction::Greet(new("11")));
    assert_eq!(lifecycle.on_frame(reply(1), now), FrameAction::Answered);
    lifecycle
}

/// The same, cut after some events and connected again.
fn reopened(events: i64, now: Instant) -> Lifecycle {
    let mut lifecycle = live(now);
    for seq in 1..=events {
        assert_eq!(lifecycle.on_frame(event(seq), now), FrameAction::Deliver);
    }
    waited(lifecycle.ended("cut".into(), now, 1.0));
    assert_eq!(lifecycle.opened(now), ping(2));
    lifecycle
}

fn resumed_at(lifecycle: &Lifecycle) -> Option<i64> {
    lifecycle.resume().map(|resume| resume.sequence_number)
}

fn waited(action: Action) -> Duration {
    match action {
        Action::Reconnect(wait, _) => wait,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_socket_that_ends_before_hello_is_checked_and_two_rejections_are_final() {
    let now = Instant::now();
    let mut lifecycle = Lifecycle::new(Backoff::new(None));
    lifecycle.opened(now);
    assert_eq!(lifecycle.ended("fin".into(), now, 1.0), Action::Check(Duration::ZERO));
    assert_eq!(lifecycle.checked(Verdict::Rejected, 1.0), Action::Check(RECHECK_AFTER));
    assert_eq!(lifecycle.checked(Verdict::Rejected, 1.0), Action::Reject);
}

#[test]
fn a_server_without_its_database_is_waited_for_and_rejections_do_not_add_up() {
    let mut lifecycle = Lifecycle::new(Backoff::new(None));
    lifecycle.unauthorized();
    lifecycle.checked(Verdict::Rejected, 1.0);
    assert_eq!(waited(lifecycle.checked(Verdict::Undecided, 1.0)), SECOND);
    assert_eq!(lifecycle.checked(Verdict::Rejected, 1.0), Action::Check(RECHECK_AFTER));
    assert_eq!(waited(lifecycle.checked(Verdict::Accepted, 1.0)), 2 * SECOND);
}

#[test]
fn neither_hello_nor_a_reply_in_time_abandons_the_socket() {
    let now = Instant::now();
    let mut lifecycle = Lifecycle::new(Backoff::new(None));
    lifecycle.opened(now);
    assert_eq!(lifecycle.on_timer(now + HELLO_WAIT - SECOND), TimerAction::Nothing);
    assert!(matches!(lifecycle.on_timer(now + HELLO_WAIT), TimerAction::Abandon(_)));
}

#[test]
fn hello_does_not_replace_the_reply_to_the_first_ping() {
    let now = Instant::now();
    let mut lifecycle = Lifecycle::new(Backoff::new(None));
    lifecycle.opened(now);
    lifecycle.on_frame(hello("c"), now);
    assert_eq!(lifecycle.deadline(), Some(now + HELLO_WAIT));
    assert!(matches!(lifecycle.on_timer(now + HELLO_WAIT), TimerAction::Abandon(_)));
}

#[test]
fn pings_go_out_one_at_a_time_and_their_replies_reach_nobody() {
    let now = Instant::now();
    let mut lifecycle = live(now);
    assert_eq!(lifecycle.deadline(), Some(now + PING_EVERY));
    assert_eq!(lifecycle.on_timer(now + PING_EVERY), TimerAction::Ping(ping(2)));
    assert_eq!(lifecycle.on_timer(now + PING_EVERY + SECOND), TimerAction::Nothing);
    assert_eq!(lifecycle.on_frame(reply(2), now + PING_EVERY + SECOND), FrameAction::Answered);
    assert_eq!(lifecycle.deadline(), Some(now + 2 * PING_EVERY), "a reply brings no ping forward");
    assert_eq!(lifecycle.on_timer(now + 2 * PING_EVERY), TimerAction::Ping(ping(3)));
}

#[test]
fn an_unanswered_or_refused_ping_abandons_the_socket() {
    let now = Instant::now();
    let mut lifecycle = live(now);
    lifecycle.on_timer(now + PING_EVERY);
    assert!(matches!(lifecycle.on_timer(now + PING_EVERY + PING_WAIT), TimerAction::Abandon(_)));
    assert_eq!(resumed_at(&lifecycle), Some(1), "what is kept for a dead socket is asked for");
    let mut lifecycle = live(now);
    lifecycle.on_timer(now + PING_EVERY);
    let refused = Frame::Reply { seq: Some(2), ok: false, server_time: None };
    assert!(matches!(lifecycle.on_frame(refused, now + PING_EVERY), FrameAction::Abandon(_)));
    assert_eq!(resumed_at(&lifecycle), None, "a deaf socket has lost events without a gap");
}

#[test]
fn other_peoples_replies_and_what_is_no_event_are_delivered() {
    let now = Instant::now();
    let mut lifecycle = live(now);
    assert_eq!(lifecycle.on_frame(reply(9), now), FrameAction::Deliver);
    assert_eq!(lifecycle.on_frame(Frame::Event { seq: None }, now), FrameAction::Deliver);
    assert_eq!(lifecycle.on_frame(Frame::Unknown, now), FrameAction::Deliver);
}

#[test]
fn late_replies_to_own_requests_reach_nobody() {
    let now = Instant::now();
    let mut lifecycle = live(now);
    assert_eq!(lifecycle.next_request(), 2);
    assert_eq!(lifecycle.on_frame(reply(2), now), FrameAction::Consume);
    assert_eq!(lifecycle.on_frame(reply(1), now), FrameAction::Consume, "said twice");
    for foreign in [3, 0, -1] {
        assert_eq!(lifecycle.on_frame(reply(foreign), now), FrameAction::Deliver, "{foreign}");
    }
}

#[test]
fn requests_and_pings_have_one_row_of_numbers_which_no_cut_begins_anew() {
    let now = Instant::now();
    let mut lifecycle = live(now);
    assert_eq!((lifecycle.next_request(), lifecycle.next_request()), (2, 3));
    assert_eq!(lifecycle.on_timer(now + PING_EVERY), TimerAction::Ping(ping(4)));
    lifecycle.ended("cut".into(), now, 1.0);
    assert_eq!(lifecycle.opened(now), ping(5));
}

#[test]
fn a_request_may_be_sent_once_the_server_has_greeted() {
    let now = Instant::now();
    let mut lifecycle = Lifecycle::new(Backoff::new(None));
    assert!(!lifecycle.is_live());
    lifecycle.opened(now);
    assert!(!lifecycle.is_live());
    lifecycle.on_frame(hello("c"), now);
    assert!(lifecycle.is_live());
    lifecycle.ended("cut".into(), now, 1.0);
    assert!(!lifecycle.is_live());
}

#[test]
fn nothing_before_the_first_hello_is_delivered_or_puts_off_the_deadline() {
    let now = Instant::now();
    let mut lifecycle = Lifecycle::new(Backoff::new(None));
    lifecycle.opened(now);
    for frame in [event(1), Frame::Event { seq: None }, Frame::Unknown, reply(7)] {
        assert_eq!(lifecycle.on_frame(frame, now + SECOND), FrameAction::Consume);
    }
    assert_eq!(lifecycle.deadline(), Some(now + HELLO_WAIT));
}

#[test]
fn a_second_hello_of_the_same_stream_is_no_reply_to_a_ping() {
    let now = Instant::now();
    let mut lifecycle = live(now);
    lifecycle.on_timer(now + PING_EVERY);
    assert_eq!(lifecycle.on_frame(hello("c"), now + PING_EVERY), FrameAction::Consume);
    assert!(matches!(lifecycle.on_timer(now + PING_EVERY + PING_WAIT), TimerAction::Abandon(_)));
}

#[test]
fn a_hello_of_another_stream_is_greeted_and_numbers_anew() {
    let now = Instant::now();
    let mut lifecycle = live(now);
    lifecycle.on_frame(event(1), now);
    assert_eq!(lifecycle.on_frame(hello("d"), now), FrameAction::Greet(new("11")));
    assert_eq!(lifecycle.on_frame(event(1), now), FrameAction::Deliver);
    let resume = Resume { connection_id: "d".into(), sequence_number: 2 };
    assert_eq!(lifecycle.resume(), Some(&resume));
}

#[test]
fn after_a_cut_the_stream_goes_on_with_the_first_event_that_did_not_come() {
    let lifecycle = reopened(3, Instant::now());
    let resume = Resume { connection_id: "c".into(), sequence_number: 4 };
    assert_eq!(lifecycle.resume(), Some(&resume));
}

#[test]
fn a_reply_without_a_hello_before_it_says_that_the_stream_goes_on() {
    let now = Instant::now();
    let mut lifecycle = reopened(3, now);
    assert_eq!(lifecycle.on_frame(reply(2), now), FrameAction::Greet(Greeting::Resumed));
    assert_eq!(lifecycle.on_frame(event(4), now), FrameAction::Deliver);
}

#[test]
fn what_is_played_again_before_the_reply_says_so_too() {
    let now = Instant::now();
    let mut lifecycle = reopened(3, now);
    assert_eq!(lifecycle.on_frame(event(3), now), FrameAction::Consume);
    assert_eq!(lifecycle.on_frame(event(4), now), FrameAction::GreetAndDeliver(Greeting::Resumed));
    assert_eq!(lifecycle.on_frame(event(5), now), FrameAction::Deliver);
    assert_eq!(lifecycle.on_frame(reply(2), now), FrameAction::Answered);
}

#[test]
fn a_hello_after_a_cut_begins_a_new_stream() {
    let now = Instant::now();
    let mut lifecycle = reopened(3, now);
    assert_eq!(lifecycle.on_frame(hello("d"), now), FrameAction::Greet(new("11")));
    assert_eq!(lifecycle.on_frame(event(1), now), FrameAction::Deliver);
}

#[test]
fn replies_of_before_the_cut_answer_nothing() {
    let now = Instant::now();
    let mut lifecycle = reopened(3, now);
    assert_eq!(lifecycle.on_frame(reply(1), now), FrameAction::Consume);
    assert_eq!(lifecycle.deadline(), Some(now + HELLO_WAIT));
}

#[test]
fn a_gap_abandons_the_socket_and_goes_on_where_it_began() {
    let now = Instant::now();
    let mut lifecycle = live(now);
    lifecycle.on_frame(event(1), now);
    assert!(matches!(lifecycle.on_frame(event(4), now), FrameAction::Abandon(_)));
    assert_eq!(resumed_at(&lifecycle), Some(2));
}

#[test]
fn what_came_before_is_not_delivered_again() {
    let now = Instant::now();
    let mut lifecycle = live(now);
    lifecycle.on_frame(event(1), now);
    assert_eq!(lifecycle.on_frame(event(1), now), FrameAction::Consume);
    assert_eq!(lifecycle.on_frame(event(2), now), FrameAction::Deliver);
}

#[test]
fn a_stream_that_twice_ends_without_a_word_is_given_up() {
    let now = Instant::now();
    let mut lifecycle = reopened(3, now);
    lifecycle.ended("fin".into(), now, 1.0);
    assert_eq!(resumed_at(&lifecycle), Some(4), "the network may have cut it");
    lifecycle.opened(now);
    lifecycle.ended("fin".into(), now, 1.0);
    assert_eq!(resumed_at(&lifecycle), None);
}

#[test]
fn no_stream_outlives_a_rejection_or_another_session() {
    let now = Instant::now();
    let mut lifecycle = reopened(3, now);
    lifecycle.unauthorized();
    assert_eq!(resumed_at(&lifecycle), None);
    let mut lifecycle = reopened(3, now);
    lifecycle.checked(Verdict::Rejected, 1.0);
    assert_eq!(resumed_at(&lifecycle), None);
    let mut lifecycle = reopened(3, now);
    lifecycle.forget_stream();
    assert_eq!(resumed_at(&lifecycle), None);
}

#[test]
fn time_in_which_nothing_was_read_does_not_count() {
    let now = Instant::now();
    let mut lifecycle = live(now);
    lifecycle.paused(PING_WAIT);
    assert_eq!(lifecycle.deadline(), Some(now + PING_EVERY), "pings need no reply to be sent");
    lifecycle.on_timer(now + PING_EVERY);
    lifecycle.paused(60 * SECOND);
    assert_eq!(lifecycle.deadline(), Some(now + PING_EVERY + PING_WAIT + 60 * SECOND));
}

#[test]
fn after_a_suspension_there_is_a_second_to_read_what_came_meanwhile() {
    let now = Instant::now();
    let mut lifecycle = live(now);
    lifecycle.on_timer(now + PING_EVERY);
    let awake = now + PING_EVERY + 600 * SECOND;
    assert_eq!(lifecycle.on_timer(awake), TimerAction::Keep);
    assert_eq!(lifecycle.deadline(), Some(awake + SUSPENDED));
    assert!(matches!(lifecycle.on_timer(awake + SUSPENDED), TimerAction::Abandon(_)));
}

#[test]
fn a_call_every_four_minutes_keeps_the_stream_also_over_cuts() {
    let start = Instant::now();
    let mut lifecycle = live(start);
    let mut now = start;
    while now < start + KEEP_EVERY - SECOND {
        now += PING_EVERY;
        match lifecycle.on_timer(now) {
            TimerAction::Ping(_) => drop(lifecycle.on_frame(reply(lifecycle.last_request), now)),
            other => panic!("{other:?}"),
        }
    }
    lifecycle.ended("cut".into(), now, 1.0);
    lifecycle.opened(now);
    lifecycle.on_frame(hello("d"), now);
    lifecycle.on_frame(reply(lifecycle.last_request), now);
    assert_eq!(lifecycle.deadline(), Some(start + KEEP_EVERY));
    assert_eq!(lifecycle.on_timer(start + KEEP_EVERY), TimerAction::Keep);
    assert!(lifecycle.deadline() > Some(start + KEEP_EVERY));
}

#[test]
fn a_connection_starts_the_waits_over_unless_three_in_a_row_were_short() {
    let now = Instant::now();
    let mut lifecycle = live(now);
    for ceiling in [1, 1, 2, 4] {
        assert_eq!(waited(lifecycle.ended("cut".into(), now + SECOND, 1.0)), ceiling * SECOND);
        lifecycle.opened(now);
        lifecycle.on_frame(hello("d"), now);
    }
    assert_eq!(waited(lifecycle.ended("cut".into(), now + SHORT_LIFE, 1.0)), SECOND);
}
