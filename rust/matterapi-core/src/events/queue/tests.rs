use super::*;
use std::sync::Arc;

fn frame(size: usize) -> Item {
    Item::frame(vec![b'x'; size].into())
}

fn taken(queue: &Queue, max: usize) -> usize {
    match queue.take(max) {
        Batch::Items(items) => items.len(),
        _ => 0,
    }
}

#[test]
fn frames_and_bytes_are_both_bounded() {
    let queue = Queue::default();
    for _ in 0..MAX_FRAMES {
        queue.try_push(frame(1)).unwrap();
    }
    assert!(queue.try_push(frame(1)).is_err());
    assert_eq!(taken(&queue, MAX_FRAMES), MAX_FRAMES);
    queue.try_push(frame(MAX_BYTES)).unwrap();
    assert!(queue.try_push(frame(1)).is_err());
    assert_eq!(taken(&queue, 1), 1);
    queue.try_push(frame(1)).unwrap();
}

const FULL: Notice = Notice::Full { depth: 0, bytes: 0 };

#[test]
fn notices_count_by_their_texts_which_are_short() {
    let wait = Duration::ZERO;
    for notice in [Notice::connected("11.2"), Notice::reconnecting("cut", wait), FULL] {
        let queue = Queue::default();
        queue.try_push(frame(MAX_BYTES - OVERHEAD)).unwrap();
        assert!(queue.try_push(Item::Notice(notice)).is_err());
    }
    let long = "9".repeat(MAX_BYTES);
    for notice in [Notice::connected(&long), Notice::reconnecting(&long, wait)] {
        assert!(Item::Notice(notice).size() < 1024);
    }
}

#[test]
fn one_frame_beyond_the_byte_limit_still_passes_an_empty_queue() {
    let queue = Queue::default();
    queue.try_push(frame(MAX_BYTES + 1)).unwrap();
    assert_eq!(taken(&queue, 1), 1);
}

#[test]
fn what_is_queued_is_delivered_before_the_end_and_the_error_once() {
    let queue = Queue::default();
    queue.try_push(frame(1)).unwrap();
    queue.end(Some(Error::new(crate::error::ErrorKind::Auth, "no")));
    assert_eq!(taken(&queue, 10), 1);
    assert!(matches!(queue.take(10), Batch::Ended(Some(_))));
    assert!(matches!(queue.take(10), Batch::Ended(None)));
}

fn event(name: &str) -> Item {
    Item::frame(format!(r#"{{"event": "{name}", "data": {{}}}}"#).into())
}

fn filled_with(names: [&str; 2]) -> Queue {
    let queue = Queue::default();
    for number in 0..MAX_FRAMES {
        queue.try_push(event(names[number % 2])).unwrap();
    }
    queue
}

#[test]
fn events_of_low_value_make_room_and_the_others_stay_in_order() {
    let queue = filled_with(["posted", "typing"]);
    assert_eq!(queue.shed_for(event("status_change")), None, "itself of low value");
    assert_eq!((queue.counters.shed.get(), queue.load().0), (1, MAX_FRAMES));
    assert_eq!(queue.shed_for(event("post_edited")), None);
    assert_eq!((queue.counters.shed.get(), queue.load().0), (1 + 512, 512 + 1));
    let Batch::Items(items) = queue.take(MAX_FRAMES) else { panic!() };
    let names: Vec<_> = items
        .iter()
        .map(|item| match item {
            Item::Frame { text, .. } => frame::event_name(text).into_owned(),
            Item::Notice(_) => String::new(),
        })
        .collect();
    assert!(names[..512].iter().all(|name| name == "posted"));
    assert_eq!(names[512..], ["post_edited"]);
    assert_eq!(queue.load(), (0, 0), "the bytes of what was dropped, too");
}

#[test]
fn what_is_of_value_waits_for_room_and_notices_are_not_dropped() {
    let queue = filled_with(["posted", "reaction_added"]);
    assert!(queue.shed_for(event("posted")).is_some());
    assert!(queue.shed_for(Item::Notice(FULL)).is_some());
    assert_eq!((queue.counters.shed.get(), queue.load().0), (0, MAX_FRAMES));
}

#[test]
fn what_is_fetched_leaves_room_for_what_comes_meanwhile() {
    let queue = Queue::default();
    let fetched = async {
        for _ in 0..MAX_FRAMES {
            queue.push_fetched(frame(1)).await;
        }
    };
    let waker = std::task::Waker::noop();
    let mut cx = std::task::Context::from_waker(waker);
    let mut fetched = std::pin::pin!(fetched);
    assert!(fetched.as_mut().poll(&mut cx).is_pending());
    assert_eq!(queue.load().0, MAX_FRAMES / FETCHED_SHARE);
    for _ in 0..MAX_FRAMES / FETCHED_SHARE {
        queue.try_push(frame(1)).unwrap();
    }
    assert_eq!(taken(&queue, MAX_FRAMES / 2), MAX_FRAMES / 2);
    assert!(fetched.as_mut().poll(&mut cx).is_pending(), "still half full");
    assert_eq!(taken(&queue, MAX_FRAMES), MAX_FRAMES / 2);
    assert!(fetched.as_mut().poll(&mut cx).is_ready());
}

#[test]
fn a_writer_waits_for_room_and_keeps_the_order() {
    let queue = Arc::new(Queue::default());
    let writer = Arc::clone(&queue);
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for i in 0..3 * MAX_FRAMES {
                writer.push(Item::frame(i.to_string().into())).await;
            }
            writer.end(None);
        });
    });
    let mut seen = Vec::new();
    loop {
        match queue.take_blocking(100, Duration::from_secs(10)) {
            Batch::Items(items) => seen.extend(items),
            Batch::Ended(_) => break,
            Batch::Empty => panic!("nothing for 10 s"),
        }
    }
    thread.join().unwrap();
    let texts = seen.into_iter().map(|item| match item {
        Item::Frame { text, .. } => text,
        Item::Notice(notice) => panic!("{notice:?}"),
    });
    assert!(texts.eq((0..3 * MAX_FRAMES).map(|i| Bytes::from(i.to_string()))));
}
