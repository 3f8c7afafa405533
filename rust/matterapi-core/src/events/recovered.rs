//! News that came by REST, in the form of the server's events.

use serde::Serialize;

use super::change::{Channel, Kind, Row};

/// As the server sends it, without what only the live event knows, and with a mark.
#[derive(Serialize)]
struct Event<'a> {
    event: &'a str,
    data: Data<'a>,
    broadcast: Broadcast<'a>,
    seq: Option<i64>,
    recovered: bool,
}

/// The keys in the server's order. `posted` alone has those about the channel.
#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_type: Option<&'a str>,
    post: &'a str,
    /// Not known, but read by whoever handles `posted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_name: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Broadcast<'a> {
    omit_users: Option<()>,
    user_id: &'a str,
    channel_id: &'a str,
    team_id: &'a str,
    connection_id: &'a str,
    omit_connection_id: &'a str,
}

/// The text of the event that the server would have sent about `row`, a post of `channel`.
pub fn frame(kind: Kind, channel: &Channel, row: &Row) -> Vec<u8> {
    let only_posted = |value| (kind == Kind::Posted).then_some(value);
    let event = Event {
        event: kind.event(),
        data: Data {
            channel_display_name: only_posted(channel.display_name.as_str()),
            channel_name: only_posted(channel.name.as_str()),
            channel_type: only_posted(channel.kind.as_str()),
            post: &row.text,
            sender_name: (kind == Kind::Posted).then_some(None),
            team_id: only_posted(channel.team_id.as_str()),
        },
        broadcast: Broadcast {
            omit_users: None,
            user_id: "",
            channel_id: &channel.id,
            team_id: "",
            connection_id: "",
            omit_connection_id: "",
        },
        seq: None,
        recovered: true,
    };
    // Nothing in it can fail to be written.
    serde_json::to_vec(&event).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::post::Post;

    fn value(kind: Kind) -> serde_json::Value {
        let channel = Channel {
            id: "c1".into(),
            team_id: "t1".into(),
            kind: "O".into(),
            name: "town".into(),
            display_name: "Town \"Square\"".into(),
            last_post_at: 5,
        };
        let row = Row { post: Post::default(), text: r#"{"id":"p1","message":"\u003c"}"#.into() };
        serde_json::from_slice(&frame(kind, &channel, &row)).unwrap()
    }

    #[test]
    fn a_new_post_has_what_rest_knows_about_its_channel() {
        let event = value(Kind::Posted);
        assert_eq!(event["event"], "posted");
        assert_eq!(event["recovered"], true);
        assert_eq!(event["seq"], serde_json::Value::Null);
        assert_eq!(event["broadcast"]["channel_id"], "c1");
        assert_eq!(event["data"]["channel_display_name"], "Town \"Square\"");
        assert_eq!(event["data"]["channel_type"], "O");
        assert_eq!(event["data"]["team_id"], "t1");
        assert_eq!(event["data"]["post"], r#"{"id":"p1","message":"\u003c"}"#, "as the server wrote it");
        assert!(event["data"].as_object().unwrap().contains_key("sender_name"));
    }

    #[test]
    fn edits_and_deletions_have_the_post_alone() {
        for (kind, name) in [(Kind::Edited, "post_edited"), (Kind::Deleted, "post_deleted")] {
            let event = value(kind);
            assert_eq!(event["event"], name);
            assert_eq!(event["data"].as_object().unwrap().keys().collect::<Vec<_>>(), ["post"]);
        }
    }
}
