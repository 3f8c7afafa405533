//! What the stream looks at in posts and reactions: read from their JSON texts without making anything of the rest.

use super::members::{each_member, number, text, while_members};
use crate::json::{Fault, Scanner, Scratch, Token};

/// Part of a post. Times in milliseconds by the server's clock, 0 for never.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// How many members of a post are looked at.
    const MEMBERS: u32 = 9;

    /// Reads a post.
    ///
    /// # Errors
    /// [`Fault`]: it is no JSON object, or one of these members is of another type.
    pub fn read(json: &str) -> Result<Self, Fault> {
        let mut post = Self::default();
        let mut scanner = Scanner::new(json);
        each_member(&mut scanner, |key, scanner| post.member(key, scanner).map(drop))?;
        scanner.finish()?;
        Ok(post)
    }

    /// Reads a post up to the last of these members: the server writes them first (model/post.go).
    fn of_head(scanner: &mut Scanner<'_>) -> Option<Self> {
        let mut post = Self::default();
        let mut left = Self::MEMBERS;
        let had_all = while_members(scanner, |key, scanner| {
            left -= u32::from(post.member(key, scanner)?);
            Ok(left > 0)
        });
        had_all.is_ok_and(|had_all| had_all).then_some(post)
    }

    /// Reads a post from a JSON string that begins byte for byte as the server writes one (model/post.go). Nothing is
    /// undone or copied for that but the ids.
    fn as_written(string: &str) -> Option<Self> {
        let mut rest = string.strip_prefix(r#""{"#)?;
        let rest = &mut rest;
        let mut post = Self {
            id: written_id(rest, r#"\"id\":\""#)?,
            create_at: written_time(rest, r#",\"create_at\":"#)?,
            update_at: written_time(rest, r#",\"update_at\":"#)?,
            edit_at: written_time(rest, r#",\"edit_at\":"#)?,
            delete_at: written_time(rest, r#",\"delete_at\":"#)?,
            ..Self::default()
        };
        let [pinned, not] = [r#",\"is_pinned\":true"#, r#",\"is_pinned\":false"#];
        *rest = rest.strip_prefix(not).or_else(|| rest.strip_prefix(pinned))?;
        post.user_id = written_id(rest, r#",\"user_id\":\""#)?;
        post.channel_id = written_id(rest, r#",\"channel_id\":\""#)?;
        post.root_id = written_id(rest, r#",\"root_id\":\""#)?;
        post.original_id = written_id(rest, r#",\"original_id\":\""#)?;
        Some(post)
    }

    /// Reads a post from the JSON string that comes next. Nothing where there is none, or null.
    ///
    /// Mostly its head is all that is read: a post is long, and every event about one comes this way.
    pub(super) fn in_string(scanner: &mut Scanner<'_>) -> Option<Self> {
        if scanner.peek() != Ok(Token::String) {
            return None;
        }
        if let Some(post) = Self::as_written(scanner.rest()) {
            return Some(post);
        }
        let head = scanner.enter().ok().and_then(|mut text| Self::of_head(&mut text));
        head.or_else(|| Self::read(scanner.string(&mut Scratch::default()).ok()?).ok())
    }

    /// Reads the value of a member; whether it is one that is looked at.
    fn member(&mut self, key: &str, scanner: &mut Scanner<'_>) -> Result<bool, Fault> {
        match key {
            "id" => text(scanner, &mut self.id),
            "channel_id" => text(scanner, &mut self.channel_id),
            "user_id" => text(scanner, &mut self.user_id),
            "root_id" => text(scanner, &mut self.root_id),
            "original_id" => text(scanner, &mut self.original_id),
            "create_at" => number(scanner, &mut self.create_at),
            "update_at" => number(scanner, &mut self.update_at),
            "edit_at" => number(scanner, &mut self.edit_at),
            "delete_at" => number(scanner, &mut self.delete_at),
            _ => return scanner.pass().map(|()| false),
        }
        .map(|()| true)
    }

    /// The last time that it says anything about.
    pub fn latest(&self) -> i64 {
        self.create_at.max(self.update_at).max(self.edit_at).max(self.delete_at)
    }
}

/// Reads an id of letters and digits behind its key, and the quote after it.
fn written_id(rest: &mut &str, key: &str) -> Option<String> {
    let value = rest.strip_prefix(key)?;
    let length = value.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (id, end) = value.split_at_checked(length)?;
    *rest = end.strip_prefix(r#"\""#)?;
    Some(id.to_owned())
}

/// Reads a time behind its key; what follows it is for whoever reads on.
fn written_time(rest: &mut &str, key: &str) -> Option<i64> {
    let value = rest.strip_prefix(key)?;
    let length = value.bytes().take_while(u8::is_ascii_digit).count();
    let (time, end) = value.split_at_checked(length)?;
    // That is no JSON.
    if time.len() > 1 && time.starts_with('0') {
        return None;
    }
    *rest = end;
    time.parse().ok()
}

/// Part of a reaction. Times as in [`Post`].
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reaction {
    /// The post that it is a reaction to.
    pub post_id: String,
    /// The post's channel; empty where the server does not say it.
    pub channel_id: String,
    /// Whose reaction it is.
    pub user_id: String,
    create_at: i64,
    update_at: i64,
    delete_at: i64,
}

impl Reaction {
    /// Reads a reaction.
    ///
    /// # Errors
    /// [`Fault`]: it is no JSON object, or one of these members is of another type.
    pub fn read(json: &str) -> Result<Self, Fault> {
        let mut reaction = Self::default();
        let mut scanner = Scanner::new(json);
        each_member(&mut scanner, |key, scanner| match key {
            "post_id" => text(scanner, &mut reaction.post_id),
            "channel_id" => text(scanner, &mut reaction.channel_id),
            "user_id" => text(scanner, &mut reaction.user_id),
            "create_at" => number(scanner, &mut reaction.create_at),
            "update_at" => number(scanner, &mut reaction.update_at),
            "delete_at" => number(scanner, &mut reaction.delete_at),
            _ => scanner.pass(),
        })?;
        scanner.finish()?;
        Ok(reaction)
    }

    /// The last time that it says anything about.
    pub fn latest(&self) -> i64 {
        self.create_at.max(self.update_at).max(self.delete_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(json: &str) -> String {
        serde_json::to_string(json).unwrap()
    }

    const WHOLE: &str = r#"{"id":"p1","create_at":1,"update_at":2,"edit_at":3,"delete_at":4,"is_pinned":false,"user_id":"u1","channel_id":"c1","root_id":"r1","original_id":"o1","message":"a \"b\"","props":{"id":"x"}}"#;

    fn whole() -> Post {
        Post {
            id: "p1".into(),
            channel_id: "c1".into(),
            user_id: "u1".into(),
            root_id: "r1".into(),
            original_id: "o1".into(),
            create_at: 1,
            update_at: 2,
            edit_at: 3,
            delete_at: 4,
        }
    }

    fn in_string(text: &str) -> Option<Post> {
        Post::in_string(&mut Scanner::new(text))
    }

    fn head(string: &str) -> Option<Post> {
        Post::of_head(&mut Scanner::new(string).enter().ok()?)
    }

    #[test]
    fn a_post_is_read_as_itself_and_out_of_a_string() {
        assert_eq!(Post::read(WHOLE), Ok(whole()));
        assert_eq!(in_string(&escaped(WHOLE)), Some(whole()));
    }

    #[test]
    fn a_post_as_the_server_writes_it_is_the_same_without_undoing_its_escapes() {
        let string = escaped(WHOLE);
        assert_eq!(Post::as_written(&string), Some(whole()));
        assert_eq!(Post::as_written(&escaped(&WHOLE.replace("false", "true"))), Some(whole()));
        // Cut anywhere, and with every byte another one, it says the same as the way for all others, or nothing.
        for end in 0..string.len() {
            let found = Post::as_written(&string[..end]);
            assert!(found.is_none_or(|found| Some(found) == head(&string)), "{end}");
            for byte in ["0", "9", "x", "\"", "\\", ",", "-", "."] {
                let changed = format!("{}{byte}{}", &string[..end], &string[end + 1..]);
                if let Some(found) = Post::as_written(&changed) {
                    assert_eq!(Some(found), head(&changed), "{changed}");
                }
            }
        }
    }

    #[test]
    fn its_head_is_enough_where_it_is_as_the_server_writes_it() {
        let string = escaped(WHOLE);
        assert_eq!(head(&string), Some(whole()));
        let cut = string.find("message").unwrap();
        assert_eq!(in_string(&string[..cut]), Some(whole()), "what follows is not read");
    }

    #[test]
    fn a_head_that_is_cut_anywhere_says_nothing_or_the_same() {
        let string = escaped(WHOLE);
        for end in 1..string.len() {
            let found = head(&string[..end]);
            assert!(found.is_none_or(|found| found == whole()), "{end}");
        }
    }

    #[test]
    fn what_comes_late_or_with_escapes_is_read_from_the_whole() {
        let late = WHOLE.replacen(
            r#""id":"p1","#,
            &format!(r#""props":{{"long":"{}"}},"id":"p1","#, "x".repeat(512)),
            1,
        );
        let foreign = WHOLE.replacen("p1", r"p\u0031", 1);
        let backslash = WHOLE.replacen(r#""id""#, r#""file":"\\","id""#, 1);
        for json in [late, foreign, backslash] {
            assert_eq!(in_string(&escaped(&json)), Some(whole()), "{json}");
        }
        let none = Post { original_id: String::new(), ..whole() };
        assert_eq!(in_string(&escaped(&WHOLE.replace(r#""original_id":"o1","#, ""))), Some(none));
    }

    #[test]
    fn what_is_no_post_is_none() {
        for text in [
            "5",
            "null",
            "",
            r#""no json""#,
            r#""{\"id\":5}""#,
            r#""{\"create_at\":\"x\"}""#,
            r#""{\"id\":\"a\"} x""#,
        ] {
            assert_eq!(in_string(text), None, "{text}");
        }
        assert_eq!(in_string(r#""{\"id\":null,\"edit_at\":null}""#), Some(Post::default()));
    }
}
