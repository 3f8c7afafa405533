//! What a frame of the server is, found out with as little reading as possible.

use serde::Deserialize;

/// A text frame, classified.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// The first event of a connection.
    Hello {
        /// The server's version string, empty when it sends none.
        server_version: String,
    },
    /// An event.
    Event,
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

#[derive(Deserialize)]
struct HelloData {
    server_version: Option<String>,
}

impl Frame {
    /// Classifies `text`.
    ///
    /// The server writes the event's name first, in two byte forms (websocket_message.go): only
    /// `hello`, replies and surprises are parsed.
    pub fn of(text: &[u8]) -> Self {
        let name = text.strip_prefix(b"{\"event\": \"").or_else(|| text.strip_prefix(b"{\"event\":\""));
        if name.is_some_and(|name| !name.starts_with(b"hello\"")) {
            return Self::Event;
        }
        match serde_json::from_slice::<Envelope>(text) {
            Ok(Envelope { event: Some(name), data, .. }) if name == "hello" => {
                Self::Hello { server_version: data.and_then(|d| d.server_version).unwrap_or_default() }
            }
            Ok(Envelope { event: Some(_), .. }) => Self::Event,
            Ok(Envelope { status: Some(status), seq_reply, .. }) => {
                Self::Reply { seq: seq_reply, ok: status == "OK" }
            }
            _ if name.is_some() => Self::Hello { server_version: String::new() },
            _ => serde_json::from_slice::<EventOnly>(text).map_or(Self::Unknown, |_| Self::Event),
        }
    }
}

/// An event whose other members surprised [`Envelope`].
#[derive(Deserialize)]
struct EventOnly {
    #[serde(rename = "event")]
    _event: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_byte_forms_are_events() {
        assert_eq!(Frame::of(br#"{"event": "posted", "data": {}, "broadcast": {}, "seq": 5}"#), Frame::Event);
        assert_eq!(Frame::of(b"{\"event\":\"posted\",\"data\":{},\"seq\":5}\n"), Frame::Event);
    }

    #[test]
    fn hello_brings_the_server_version() {
        let text = br#"{"event": "hello", "data": {"connection_id":"c","server_version":"11.2.0.1"}, "broadcast": {}, "seq": 0}"#;
        assert_eq!(Frame::of(text), Frame::Hello { server_version: "11.2.0.1".into() });
        assert_eq!(
            Frame::of(br#"{"event": "hello", "data": 5}"#),
            Frame::Hello { server_version: String::new() }
        );
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
        assert_eq!(Frame::of(br#"{"data":null,"event":"custom_x"}"#), Frame::Event);
        assert_eq!(Frame::of(br#"{"data":"text","event":"custom_x"}"#), Frame::Event);
        assert_eq!(Frame::of(br#"{"event": "hello_world", "data": {}}"#), Frame::Event);
        assert_eq!(Frame::of(b"not json"), Frame::Unknown);
    }
}
