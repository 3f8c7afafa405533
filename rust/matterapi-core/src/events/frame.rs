//! What a frame of the server is, found out with as little reading as possible.

use std::borrow::Cow;

use serde::Deserialize;

/// A text frame, classified.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// The first event of a connection.
    Hello {
        /// The server's version string, empty when it sends none.
        server_version: String,
        /// The server's id of the stream, empty when it sends none.
        connection_id: String,
        /// The user whose stream it is, empty when the server does not say it.
        user_id: String,
    },
    /// An event.
    Event {
        /// Its number in the stream.
        seq: Option<i64>,
    },
    /// The answer to a request sent on this socket.
    Reply {
        /// The request it answers.
        seq: Option<i64>,
        /// Whether the status is `OK`.
        ok: bool,
        /// The server's clock, in ms: replies to pings say it.
        server_time: Option<i64>,
    },
    /// Not JSON of either kind.
    Unknown,
}

#[derive(Deserialize)]
struct Envelope {
    event: Option<String>,
    status: Option<String>,
    seq_reply: Option<i64>,
    data: Option<Data>,
    broadcast: Option<Broadcast>,
}

/// Of a hello and of the reply to a ping.
#[derive(Default, Deserialize)]
struct Data {
    server_version: Option<String>,
    connection_id: Option<String>,
    server_time: Option<i64>,
}

#[derive(Default, Deserialize)]
struct Broadcast {
    user_id: Option<String>,
}

impl Frame {
    /// Classifies `text`.
    ///
    /// The server writes the event's name first and its number last, in two byte forms
    /// (websocket_message.go): only `hello`, replies and surprises are parsed.
    pub fn of(text: &[u8]) -> Self {
        let name = name_on(text);
        if name.is_some_and(|name| !name.starts_with(b"hello\""))
            && let Some(seq) = last_number(text)
        {
            return Self::Event { seq: Some(seq) };
        }
        match serde_json::from_slice::<Envelope>(text) {
            Ok(Envelope { event: Some(name), data, broadcast, .. }) if name == "hello" => {
                let data = data.unwrap_or_default();
                Self::Hello {
                    server_version: data.server_version.unwrap_or_default(),
                    connection_id: data.connection_id.unwrap_or_default(),
                    user_id: broadcast.unwrap_or_default().user_id.unwrap_or_default(),
                }
            }
            Ok(Envelope { event: None, status: Some(status), seq_reply, data, .. }) => Self::Reply {
                seq: seq_reply,
                ok: status == "OK",
                server_time: data.and_then(|data| data.server_time),
            },
            _ if name.is_some_and(|name| name.starts_with(b"hello\"")) => Self::Hello {
                server_version: String::new(),
                connection_id: String::new(),
                user_id: String::new(),
            },
            _ => serde_json::from_slice::<EventOnly>(text)
                .map_or(Self::Unknown, |event| Self::Event { seq: event.seq.and_then(|seq| seq.as_i64()) }),
        }
    }
}

/// What follows the quote before the name, where the server writes it: first.
fn name_on(text: &[u8]) -> Option<&[u8]> {
    text.strip_prefix(b"{\"event\": \"").or_else(|| text.strip_prefix(b"{\"event\":\""))
}

/// The name of an event; empty for what has none.
pub fn event_name(text: &[u8]) -> Cow<'_, str> {
    if let Some(rest) = name_on(text)
        && let Some(name) = rest.split(|byte| *byte == b'"').next()
        && !name.contains(&b'\\')
        && let Ok(name) = std::str::from_utf8(name)
    {
        return Cow::Borrowed(name);
    }
    serde_json::from_slice::<EventOnly>(text).map_or(Cow::Borrowed(""), |event| Cow::Owned(event.name))
}

/// The number at the end of an event, where the server writes it: `"seq": 5}` or `"seq":5}` and a line break.
fn last_number(text: &[u8]) -> Option<i64> {
    let text = text.strip_suffix(b"\n").unwrap_or(text).strip_suffix(b"}")?;
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (before, number) = text.split_at_checked(text.len().checked_sub(digits)?)?;
    let before = before.strip_suffix(b" ").unwrap_or(before);
    // Before the key is the end of `broadcast`: the key cannot be a part of a text, which ends in a quote.
    let before = before.strip_suffix(b"\"seq\":")?;
    let before = before.strip_suffix(b" ").unwrap_or(before).strip_suffix(b",")?;
    before.last().filter(|byte| matches!(byte, b'}' | b'l'))?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// An event whose other members surprised [`Envelope`].
#[derive(Deserialize)]
struct EventOnly {
    #[serde(rename = "event")]
    name: String,
    seq: Option<serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: i64) -> Frame {
        Frame::Event { seq: Some(seq) }
    }

    #[test]
    fn both_byte_forms_are_events_with_their_number() {
        assert_eq!(Frame::of(br#"{"event": "posted", "data": {}, "broadcast": {}, "seq": 5}"#), event(5));
        assert_eq!(Frame::of(b"{\"event\":\"posted\",\"data\":{},\"broadcast\":null,\"seq\":5}\n"), event(5));
    }

    #[test]
    fn no_text_of_a_user_is_taken_for_the_number() {
        // The frame ends in a text that looks like the end of a frame.
        for end in [r#", \"seq\": 7}"}"#, r#"},\"seq\":7}"}"#] {
            let text = format!(r#"{{"event": "posted", "seq": 5, "data": "{end}"#);
            assert_eq!(Frame::of(text.as_bytes()), event(5), "{text}");
        }
        assert_eq!(Frame::of(br#"{"event": "x", "data": {"seq": 7}}"#), Frame::Event { seq: None });
        assert_eq!(Frame::of(br#"{"event": "x", "data": {"a": {}, "seq": 7}}"#), Frame::Event { seq: None });
    }

    #[test]
    fn numbers_that_are_none_count_as_missing() {
        for seq in ["null", "\"5\"", "1.5", "99999999999999999999", "{}"] {
            let text = format!(r#"{{"event": "x", "data": {{}}, "broadcast": {{}}, "seq": {seq}}}"#);
            assert_eq!(Frame::of(text.as_bytes()), Frame::Event { seq: None }, "{text}");
        }
        assert_eq!(Frame::of(br#"{"event": "x", "data": {}, "broadcast": {}, "seq": -5}"#), event(-5));
    }

    #[test]
    fn hello_brings_the_server_version_and_the_id_of_the_stream() {
        let text = br#"{"event": "hello", "data": {"connection_id":"c","server_version":"11.2.0.1"}, "broadcast": {"user_id":"u"}, "seq": 0}"#;
        let hello = Frame::Hello {
            server_version: "11.2.0.1".into(),
            connection_id: "c".into(),
            user_id: "u".into(),
        };
        assert_eq!(Frame::of(text), hello);
        let bare = Frame::Hello {
            server_version: String::new(),
            connection_id: String::new(),
            user_id: String::new(),
        };
        assert_eq!(Frame::of(br#"{"event": "hello", "data": 5}"#), bare);
    }

    #[test]
    fn the_name_is_read_without_reading_the_rest() {
        assert_eq!(event_name(br#"{"event": "posted", "data": {}}"#), "posted");
        assert_eq!(event_name(br#"{"event":"custom_x","data":{}}"#), "custom_x");
        assert_eq!(event_name(br#"{"data":{},"event":"posted"}"#), "posted", "anywhere else, too");
        assert_eq!(event_name(br#"{"event": "p\u006fsted"}"#), "posted");
        assert_eq!(event_name(b""), "");
    }

    #[test]
    fn replies_carry_their_request_and_outcome() {
        assert_eq!(
            Frame::of(br#"{"status":"OK","seq_reply":3,"data":{"text":"pong","server_time":99}}"#),
            Frame::Reply { seq: Some(3), ok: true, server_time: Some(99) }
        );
        assert_eq!(
            Frame::of(br#"{"status":"FAIL","error":{"id":"x"}}"#),
            Frame::Reply { seq: None, ok: false, server_time: None }
        );
    }

    #[test]
    fn key_order_and_names_that_only_begin_alike_do_not_matter() {
        assert_eq!(Frame::of(br#"{"data":null,"seq":3,"event":"custom_x"}"#), event(3));
        assert_eq!(Frame::of(br#"{"data":"text","event":"custom_x"}"#), Frame::Event { seq: None });
        assert_eq!(Frame::of(br#"{"event": "hello_world", "data": {}, "seq": 4}"#), event(4));
        assert_eq!(Frame::of(b"not json"), Frame::Unknown);
    }
}
