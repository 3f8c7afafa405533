//! What happened to posts, as the catch-up has to know it: from live events and from REST answers.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::event::Event;
use super::post::Post;

/// Posts asked for at once, the most that the server gives.
pub const PAGE_SIZE: usize = 200;

/// What happened to a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It was written.
    Posted,
    /// It was edited, pinned, or got or lost a reaction.
    Edited,
    /// It was deleted.
    Deleted,
}

impl Kind {
    /// The server's name of the event that tells of it.
    pub fn event(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Edited => "post_edited",
            Self::Deleted => "post_deleted",
        }
    }
}

/// What a live event says about a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<'e> {
    /// It is the news about a post.
    Post(Kind, &'e Post),
    /// A reaction was added or taken away, which changes a post's `update_at` as well.
    Reaction {
        /// The post.
        post_id: &'e str,
        /// When, by the server's clock.
        at: i64,
    },
    /// The user became a member of a channel.
    Joined {
        /// The channel.
        channel_id: &'e str,
    },
}

impl<'e> Change<'e> {
    /// Until when it shows that the server's events have come, in ms by the server's clock; 0 for not at all. What
    /// users get of a deletion does not say when it was.
    pub fn stamp(&self) -> i64 {
        match self {
            Self::Post(Kind::Posted | Kind::Edited, post) => post.latest(),
            Self::Reaction { at, .. } => *at,
            Self::Post(Kind::Deleted, _) | Self::Joined { .. } => 0,
        }
    }

    /// What `event` says; `None` for most events, and for what cannot be read. `own_id` is the user whose stream it is.
    pub fn of(event: &'e Event<'_>, own_id: &str) -> Option<Self> {
        let kind = match event.name() {
            "posted" => Kind::Posted,
            "post_edited" => Kind::Edited,
            "post_deleted" => Kind::Deleted,
            "reaction_added" | "reaction_removed" => {
                let reaction = event.subject().reaction.as_ref()?;
                return Some(Self::Reaction { post_id: &reaction.post_id, at: reaction.latest() });
            }
            "user_added" if event.subject().user_id != own_id => return None,
            "user_added" | "direct_added" | "group_added" => {
                let channel_id = &event.subject().broadcast.channel_id;
                return (!channel_id.is_empty()).then(|| Self::Joined { channel_id });
            }
            _ => return None,
        };
        let post = event.post()?;
        (!post.id.is_empty()).then_some(Self::Post(kind, post))
    }
}

/// A channel, as the list of the user's channels has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// The team, empty for direct and group messages.
    pub team_id: String,
    /// `O`, `P`, `D` or `G`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The name in links.
    pub name: String,
    /// The name for people.
    pub display_name: String,
    /// When the last post was written, edited or pinned; deletions and reactions do not count.
    pub last_post_at: i64,
}

/// A post of a REST answer, with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What the catch-up looks at.
    pub post: Post,
    /// The post as the server sent it: a JSON object.
    pub text: String,
}

/// A list of posts, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Those in the list's order.
    pub rows: Vec<Row>,
    /// Posts of the order that could not be read.
    pub unreadable: usize,
    /// Whether the server says that there are older ones; `None` where it does not say.
    pub older: Option<bool>,
    /// Whether the server says that there are newer ones.
    pub newer: Option<bool>,
}

#[derive(Deserialize)]
struct PostList {
    #[serde(default)]
    next_post_id: Option<String>,
    #[serde(default)]
    prev_post_id: Option<String>,
    #[serde(default)]
    order: Option<Vec<String>>,
    #[serde(default)]
    posts: Option<HashMap<String, Box<RawValue>>>,
}

impl Page {
    /// Reads the answer of a route that lists posts; `None` for what is no such list.
    pub fn read(body: &[u8]) -> Option<Self> {
        let list: PostList = serde_json::from_slice(body).ok()?;
        let mut posts = list.posts.unwrap_or_default();
        let is_some = |id: Option<String>| id.map(|id| !id.is_empty());
        let (older, newer) = (is_some(list.prev_post_id), is_some(list.next_post_id));
        let mut page = Self { older, newer, ..Self::default() };
        for id in list.order.unwrap_or_default() {
            let text = posts.remove(&id).map(|text| Box::<str>::from(text).into_string());
            let post = text.as_deref().and_then(|text| Post::read(text).ok());
            match (post, text) {
                (Some(post), Some(text)) if post.id == id => page.rows.push(Row { post, text }),
                _ => page.unreadable += 1,
            }
        }
        Some(page)
    }

    /// Posts that the server put into the list.
    pub fn count(&self) -> usize {
        self.rows.len() + self.unreadable
    }

    /// Whether there are older posts; a page that is not full is the last one.
    pub fn has_older(&self) -> bool {
        self.older.unwrap_or(self.count() >= PAGE_SIZE)
    }

    /// As [`Page::has_older`], for newer posts.
    pub fn has_newer(&self) -> bool {
        self.newer.unwrap_or(self.count() >= PAGE_SIZE)
    }
}

/// Reads the answer of a route that lists channels; `None` for what is no such list.
pub fn channels(body: &[u8]) -> Option<Vec<Channel>> {
    serde_json::from_slice(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(event: &str, data: &str) -> String {
        format!(r#"{{"event": "{event}", "data": {data}, "broadcast": {{"channel_id": "c1"}}, "seq": 3}}"#)
    }

    #[test]
    fn an_event_about_a_post_brings_the_post_inside_it() {
        let data = r#"{"post": "{\"id\":\"p1\",\"create_at\":5,\"update_at\":7,\"message\":\"\\u003c\"}"}"#;
        for (name, kind) in
            [("posted", Kind::Posted), ("post_edited", Kind::Edited), ("post_deleted", Kind::Deleted)]
        {
            let post = Post { id: "p1".into(), create_at: 5, update_at: 7, ..Post::default() };
            let frame = frame(name, data);
            assert_eq!(Change::of(&Event::of(frame.as_bytes()), "me"), Some(Change::Post(kind, &post)));
        }
    }

    #[test]
    fn reactions_tell_when_they_changed_their_post() {
        let data = r#"{"reaction": "{\"post_id\":\"p1\",\"create_at\":5,\"update_at\":9,\"delete_at\":0}"}"#;
        let frame = frame("reaction_added", data);
        let change = Some(Change::Reaction { post_id: "p1", at: 9 });
        assert_eq!(Change::of(&Event::of(frame.as_bytes()), "me"), change);
    }

    #[test]
    fn only_the_users_own_way_into_a_channel_counts() {
        let data = |user: &str| format!(r#"{{"user_id": "{user}"}}"#);
        for (name, data, joins) in [
            ("user_added", data("me"), true),
            ("user_added", data("other"), false),
            ("direct_added", "{}".to_owned(), true),
            ("group_added", "{}".to_owned(), true),
            // What is no reaction says nothing about channels either.
            ("reaction_added", data("me"), false),
        ] {
            let frame = frame(name, &data);
            let joined = joins.then_some(Change::Joined { channel_id: "c1" });
            assert_eq!(Change::of(&Event::of(frame.as_bytes()), "me"), joined, "{frame}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_no_change() {
        let mut frames: Vec<_> =
            ["null", "{}", r#"{"post": null}"#, r#"{"post": "no json"}"#, r#"{"post": "{}"}"#]
                .map(|data| frame("posted", data))
                .into();
        frames.extend([frame("typing", "{}"), "no json".to_owned(), r#"{"event": "posted", no"#.to_owned()]);
        for frame in frames {
            assert_eq!(Change::of(&Event::of(frame.as_bytes()), "me"), None, "{frame}");
        }
    }

    #[test]
    fn a_list_has_its_posts_in_order_and_leaves_out_roots_beside_it() {
        let body =
            br#"{"order":["b","a"],"posts":{"a":{"id":"a","x":[1, 2]},"b":{"id":"b"},"root":{"id":"root"}}}"#;
        let page = Page::read(body).unwrap();
        let ids: Vec<_> = page.rows.iter().map(|row| row.post.id.as_str()).collect();
        assert_eq!(ids, ["b", "a"]);
        assert_eq!(page.rows.last().unwrap().text, r#"{"id":"a","x":[1, 2]}"#, "as the server wrote it");
    }

    #[test]
    fn posts_that_cannot_be_read_are_counted() {
        let body = br#"{"order":["a","b","c"],"posts":{"a":{"id":"a","create_at":"x"},"b":{"id":"other"}}}"#;
        let page = Page::read(body).unwrap();
        assert_eq!((page.rows.len(), page.unreadable, page.count()), (0, 3, 3));
        assert_eq!(Page::read(br#"{"order":null,"posts":null}"#), Some(Page::default()));
        let ends = Page::read(br#"{"order":[],"posts":{},"next_post_id":"","prev_post_id":"a"}"#).unwrap();
        assert_eq!((ends.has_newer(), ends.has_older()), (false, true));
        assert_eq!(Page::read(b"<html>"), None);
    }
}
