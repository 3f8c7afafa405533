//! What a frame of the server is, found out with as little reading as possible.

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
    },
    /// Not JSON of either kind.
    Unknown,
}

#[derive(Deserialize)]
struct Envelope {
    event: Option<String>,
    status: Option<String>,
    seq_reply: Option<i64>,
    data: Option<HelloData>,
}

#[derive(Default, Deserialize)]
struct HelloData {
    server_version: Option<String>,
    connection_id: Option<String>,
}

impl Frame {
    /// Classifies `text`.
    ///
    /// The server writes the event's name first and its number last, in two byte forms
    /// (websocket_message.go): only `hello`, replies and surprises are parsed.
    pub fn of(text: &[u8]) -> Self {
        let name = text.strip_prefix(b"{\"event\": \"").or_else(|| text.strip_prefix(b"{\"event\":\""));
        if name.is_some_and(|name| !name.starts_with(b"hello\""))
            && let Some(seq) = last_number(text)
        {
            return Self::Event { seq: Some(seq) };
        }
        match serde_json::from_slice::<Envelope>(text) {
            Ok(Envelope { event: Some(name), data, .. }) if name == "hello" => {
                let data = data.unwrap_or_default();
                Self::Hello {
                    server_version: data.server_version.unwrap_or_default(),
                    connection_id: data.connection_id.unwrap_or_default(),
                }
            }
            Ok(Envelope { event: None, status: Some(status), seq_reply, .. }) => {
                Self::Reply { seq: seq_reply, ok: status == "OK" }
            }
            _ if name.is_some_and(|name| name.starts_with(b"hello\"")) => {
                Self::Hello { server_version: String::new(), connection_id: String::new() }
            }
            _ => serde_json::from_slice::<EventOnly>(text)
                .map_or(Self::Unknown, |event| Self::Event { seq: event.seq.and_then(|seq| seq.as_i64()) }),
        }
    }
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
    _event: String,
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
        let text = br#"{"event": "hello", "data": {"connection_id":"c","server_version":"11.2.0.1"}, "broadcast": {}, "seq": 0}"#;
        let hello = Frame::Hello { server_version: "11.2.0.1".into(), connection_id: "c".into() };
        assert_eq!(Frame::of(text), hello);
        let bare = Frame::Hello { server_version: String::new(), connection_id: String::new() };
        assert_eq!(Frame::of(br#"{"event": "hello", "data": 5}"#), bare);
    }

    #[test]
    fn replies_carry_their_request_and_outcome() {
        assert_eq!(
            Frame::of(br#"{"status":"OK","seq_reply":3,"data":{"text":"pong"}}"#),
            Frame::Reply { seq: Some(3), ok: true }
        );
        assert_eq!(
            Frame::of(br#"{"status":"FAIL","error":{"id":"x"}}"#),
            Frame::Reply { seq: None, ok: false }
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
