//! What is read of the head and the tail of a frame is what a whole reading finds.

use std::borrow::Cow;

use fastrand::Rng;
use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::events::frame::Frame;

/// Frames in both forms of the server, hello, replies, and some whose texts look like the frame around them.
fn frames() -> Vec<Vec<u8>> {
    let post = |message: &str| {
        let post = serde_json::json!({"message": message, "props": {"id": "x", "seq": 9}, "type": ""});
        let head = r#"{"id":"p1","create_at":11,"update_at":12,"edit_at":0,"delete_at":0,"is_pinned":false,"user_id":"u1","channel_id":"c1","root_id":"","original_id":"","#;
        serde_json::to_string(&format!("{head}{}", &post.to_string()[1..])).unwrap()
    };
    let mut frames = Vec::new();
    for message in ["hello", "a \"b\" \\ \n \u{e9}\u{1f600}", r#"","seq":7}"#, &"long ".repeat(150)] {
        let post = post(message);
        for name in ["posted", "post_edited", "post_deleted"] {
            let broadcast = r#"{"omit_users":null,"user_id":"","channel_id":"c1","team_id":""}"#;
            frames.push(format!(r#"{{"event": "{name}", "data": {{"channel_name":"n","post":{post},"team_id":"t1"}}, "broadcast": {broadcast}, "seq": 17}}"#));
            frames.push(format!(
                "{{\"event\":\"{name}\",\"data\":{{\"post\":{post}}},\"broadcast\":{broadcast},\"seq\":18}}\n"
            ));
        }
    }
    frames.extend(
        [
            r#"{"event": "typing", "data": {"user_id":"u1"}, "broadcast": {"channel_id":"c1"}, "seq": 3}"#,
            r#"{"event": "reaction_added", "data": {"reaction":"{\"post_id\":\"p1\",\"create_at\":5}"}, "broadcast": null, "seq": 4}"#,
            r#"{"event": "hello", "data": {"connection_id":"c","server_version":"11.2"}, "broadcast": {"user_id":"u1"}, "seq": 0}"#,
            r#"{"status":"OK","seq_reply":3,"data":{"server_time":99}}"#,
        ]
        .map(str::to_owned),
    );
    frames.into_iter().map(String::into_bytes).collect()
}

/// A frame with some of its bytes changed, left out, repeated, or taken from another.
fn mutated(rng: &mut Rng, frame: &[u8], other: &[u8]) -> Vec<u8> {
    let mut text = frame.to_vec();
    for _ in 0..rng.usize(1..4) {
        if text.is_empty() {
            break;
        }
        let at = rng.usize(..text.len());
        let end = (at + rng.usize(1..12)).min(text.len());
        match rng.u8(..5) {
            0 => text[at] = *rng.choice(br#"{}[]":,\n0123456789 eu"#).unwrap(),
            1 => text[at] = rng.u8(..),
            2 => drop(text.drain(at..end)),
            3 => {
                let again = text[at..end].to_vec();
                let _ = text.splice(at..at, again).count();
            }
            _ => {
                let from = rng.usize(..other.len());
                let part = other[from..(from + rng.usize(1..40)).min(other.len())].to_vec();
                let _ = text.splice(at..end, part).count();
            }
        }
    }
    text
}

#[derive(Deserialize)]
struct Whole<'a> {
    event: String,
    #[serde(default)]
    seq: Option<Value>,
    #[serde(borrow, default)]
    data: Option<WholeData<'a>>,
}

#[derive(Deserialize)]
struct WholeData<'a> {
    #[serde(borrow, default)]
    post: Option<Cow<'a, str>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WholePost {
    id: String,
    channel_id: String,
    user_id: String,
    root_id: String,
    original_id: String,
    create_at: i64,
    update_at: i64,
    edit_at: i64,
    delete_at: i64,
}

impl From<WholePost> for Post {
    fn from(whole: WholePost) -> Self {
        let WholePost { id, channel_id, user_id, root_id, original_id, .. } = whole;
        let WholePost { create_at, update_at, edit_at, delete_at, .. } = whole;
        Self { id, channel_id, user_id, root_id, original_id, create_at, update_at, edit_at, delete_at }
    }
}

#[test]
fn what_is_read_of_a_hundred_thousand_damaged_frames_is_what_a_whole_reading_finds() {
    let frames = frames();
    let mut rng = Rng::with_seed(1);
    let (mut events, mut posts) = (0, 0);
    for number in 0..100_000 {
        let frame = &frames[rng.usize(..frames.len())];
        let other = &frames[rng.usize(..frames.len())];
        // Some as they are.
        let text = if number % 50 == 0 { frame.clone() } else { mutated(&mut rng, frame, other) };
        // The socket refuses such texts.
        if std::str::from_utf8(&text).is_err() {
            continue;
        }
        // What comes twice, or is of a wrong type, is nobody's: serde refuses it.
        let Ok(whole) = serde_json::from_slice::<Whole<'_>>(&text) else { continue };
        let shown = String::from_utf8_lossy(&text);
        events += 1;
        let event = Event::of(&text);
        assert_eq!(event.name(), whole.event, "{shown}");
        if whole.event != "hello" {
            let seq = whole.seq.and_then(|seq| seq.as_i64());
            assert_eq!(Frame::of(&text), Frame::Event { seq }, "{shown}");
        }
        let inner = whole.data.and_then(|data| data.post);
        let Some(inner) = inner else {
            assert_eq!(event.post(), None, "{shown}");
            continue;
        };
        if let Ok(post) = serde_json::from_str::<WholePost>(&inner) {
            posts += 1;
            assert_eq!(event.post(), Some(&post.into()), "{shown}");
        }
    }
    assert!(events > 20_000 && posts > 10_000, "{events} {posts}");
}

#[test]
fn what_is_said_elsewhere_in_the_frame_is_found_there() {
    let frame = br#"{"event": "x", "data": {"channel_id":"c1","team_id":"t1","user_id":"u1","post":null}, "broadcast": {"channel_id":"","team_id":"t2"}}"#;
    let event = Event::of(frame);
    assert_eq!((event.channel_id(), event.team_id(), event.user_id()), ("c1", "t2", "u1"));
    for frame in [
        &b"no JSON"[..],
        br#"{"event": "x", "data": 5}"#,
        b"\xff",
        br#"{"event": "x", "data": {"user_id": 5}}"#,
    ] {
        let event = Event::of(frame);
        assert_eq!((event.channel_id(), event.team_id(), event.user_id()), ("", "", ""));
        assert_eq!(event.post(), None);
    }
}
