//! What happened to posts, as the catch-up has to know it: from live events and from REST answers.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

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

/// What the catch-up looks at in a post. Times in milliseconds by the server's clock, 0 for never.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Post {
    /// Its id.
    pub id: String,
    /// Its channel.
    pub channel_id: String,
    /// Who wrote it.
    pub user_id: String,
    /// The first post of its thread, empty outside threads.
    pub root_id: String,
    /// Of a row of the edit history, the post that it is a former state of; empty for posts.
    pub original_id: String,
    /// When it was written.
    pub create_at: i64,
    /// When it changed last: edits, pins, reactions, replies to it.
    pub update_at: i64,
    /// When its text was edited last.
    pub edit_at: i64,
    /// When it was deleted.
    pub delete_at: i64,
}

impl Post {
    /// The last time that it says anything about.
    pub fn latest(&self) -> i64 {
        self.create_at.max(self.update_at).max(self.edit_at).max(self.delete_at)
    }
}

/// What a live event says about a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is the news about a post.
    Post(Kind, Box<Post>),
    /// A reaction was added or taken away, which changes a post's `update_at` as well.
    Reaction {
        /// The post.
        post_id: String,
        /// When, by the server's clock.
        at: i64,
    },
    /// The user became a member of a channel.
    Joined {
        /// The channel.
        channel_id: String,
    },
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default)]
    data: Option<Data<'a>>,
    #[serde(borrow, default)]
    broadcast: Option<Broadcast<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, default)]
    post: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    reaction: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    user_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Broadcast<'a> {
    #[serde(borrow, default)]
    channel_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Reaction {
    post_id: String,
    create_at: i64,
    update_at: i64,
    delete_at: i64,
}

impl Change {
    /// Until when it shows that the server's events have come, in ms by the server's clock; 0 for not at all. What
    /// users get of a deletion does not say when it was.
    pub fn stamp(&self) -> i64 {
        match self {
            Self::Post(Kind::Posted | Kind::Edited, post) => post.latest(),
            Self::Reaction { at, .. } => *at,
            Self::Post(Kind::Deleted, _) | Self::Joined { .. } => 0,
        }
    }

    /// What the event `name` with the text `frame` says; `None` for most events, and for what cannot be read.
    /// `own_id` is the user whose stream it is.
    pub fn of(name: &str, frame: &[u8], own_id: &str) -> Option<Self> {
        let kind = match name {
            "posted" => Some(Kind::Posted),
            "post_edited" => Some(Kind::Edited),
            "post_deleted" => Some(Kind::Deleted),
            "reaction_added" | "reaction_removed" | "user_added" | "direct_added" | "group_added" => None,
            _ => return None,
        };
        let event: Event<'_> = serde_json::from_slice(frame).ok()?;
        let data = event.data;
        if let Some(kind) = kind {
            let post: Post = serde_json::from_str(&data?.post?).ok()?;
            return (!post.id.is_empty()).then(|| Self::Post(kind, Box::new(post)));
        }
        if let Some(text) = data.as_ref().and_then(|data| data.reaction.as_ref()) {
            let reaction: Reaction = serde_json::from_str(text).ok()?;
            let at = reaction.create_at.max(reaction.update_at).max(reaction.delete_at);
            return Some(Self::Reaction { post_id: reaction.post_id, at });
        }
        if name == "user_added" && data?.user_id? != own_id {
            return None;
        }
        let channel_id = event.broadcast?.channel_id?.into_owned();
        (!channel_id.is_empty()).then_some(Self::Joined { channel_id })
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
            let post = text.as_deref().and_then(|text| serde_json::from_str::<Post>(text).ok());
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
            let change = Change::of(name, frame(name, data).as_bytes(), "me");
            assert_eq!(change, Some(Change::Post(kind, Box::new(post))));
        }
    }

    #[test]
    fn reactions_tell_when_they_changed_their_post() {
        let data = r#"{"reaction": "{\"post_id\":\"p1\",\"create_at\":5,\"update_at\":9,\"delete_at\":0}"}"#;
        let change = Change::of("reaction_added", frame("reaction_added", data).as_bytes(), "me");
        assert_eq!(change, Some(Change::Reaction { post_id: "p1".into(), at: 9 }));
    }

    #[test]
    fn only_the_users_own_way_into_a_channel_counts() {
        let joined = Some(Change::Joined { channel_id: "c1".into() });
        let added = |user: &str| frame("user_added", &format!(r#"{{"user_id": "{user}"}}"#));
        assert_eq!(Change::of("user_added", added("me").as_bytes(), "me"), joined);
        assert_eq!(Change::of("user_added", added("other").as_bytes(), "me"), None);
        assert_eq!(Change::of("direct_added", frame("direct_added", "{}").as_bytes(), "me"), joined);
    }

    #[test]
    fn what_cannot_be_read_is_no_change() {
        for data in ["null", "{}", r#"{"post": null}"#, r#"{"post": "no json"}"#, r#"{"post": "{}"}"#] {
            assert_eq!(Change::of("posted", frame("posted", data).as_bytes(), "me"), None, "{data}");
        }
        assert_eq!(Change::of("typing", frame("typing", "{}").as_bytes(), "me"), None);
        assert_eq!(Change::of("posted", b"no json", "me"), None);
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
