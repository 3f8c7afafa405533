//! An event of the server as the stream judges it, before anything is made of it.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::frame::event_name;
use super::members::{each_member, expect, find, is_null, text};
use super::post::{Post, Reaction};
use crate::json::{Fault, Scanner, Scratch, Token};

/// See the module. Its text is read once, if at all.
#[derive(Debug)]
pub struct Event<'a> {
    name: Cow<'a, str>,
    text: &'a [u8],
    post: OnceCell<Option<Post>>,
    subject: OnceCell<Subject>,
}

impl<'a> Event<'a> {
    /// The event in the text of a frame.
    pub fn of(text: &'a [u8]) -> Self {
        Self { name: event_name(text), text, post: OnceCell::new(), subject: OnceCell::new() }
    }

    /// Its name; empty for what has none.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The post inside; nothing where there is none, or none that can be read. What follows what is looked at in it is
    /// not judged.
    pub fn post(&self) -> Option<&Post> {
        let read = || {
            let mut scanner = Scanner::new(simdutf8::basic::from_utf8(self.text).ok()?);
            let found = find(&mut scanner, "data").ok()? && find(&mut scanner, "post").ok()?;
            found.then(|| Post::in_string(&mut scanner)).flatten()
        };
        self.post.get_or_init(read).as_ref()
    }

    /// What else it is about; nothing where the text cannot be read.
    pub fn subject(&self) -> &Subject {
        self.subject.get_or_init(|| {
            let text = simdutf8::basic::from_utf8(self.text).ok();
            text.and_then(|text| Subject::read(text).ok()).unwrap_or_default()
        })
    }

    /// The channel that it is about; empty where nothing says it.
    pub fn channel_id(&self) -> &str {
        let subject = self.subject();
        let inner = || self.inner(|post| &post.channel_id, |reaction| &reaction.channel_id);
        first(&subject.broadcast.channel_id, &subject.data.channel_id).unwrap_or_else(inner)
    }

    /// The team that it is about.
    pub fn team_id(&self) -> &str {
        let subject = self.subject();
        first(&subject.broadcast.team_id, &subject.data.team_id).unwrap_or_default()
    }

    /// The user who caused it.
    pub fn user_id(&self) -> &str {
        let inner = self.inner(|post| &post.user_id, |reaction| &reaction.user_id);
        first(inner, &self.subject().user_id).unwrap_or_default()
    }

    /// Something that posts and reactions have.
    fn inner(&self, of_post: fn(&Post) -> &str, of_reaction: fn(&Reaction) -> &str) -> &str {
        let reaction = || self.subject().reaction.as_ref().map(of_reaction);
        self.post().map(of_post).or_else(reaction).unwrap_or_default()
    }
}

/// The first that is not empty.
fn first<'a>(one: &'a str, other: &'a str) -> Option<&'a str> {
    [one, other].into_iter().find(|id| !id.is_empty())
}

/// Where something happened. Ids are empty where the server does not say them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The channel.
    pub channel_id: String,
    /// The team.
    pub team_id: String,
}

/// What an event is about beside a post, as far as it decides what becomes of the event.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Who gets it.
    pub broadcast: Place,
    /// What its data say of it.
    pub data: Place,
    /// The user that its data name.
    pub user_id: String,
    /// The reaction inside.
    pub reaction: Option<Reaction>,
}

impl Subject {
    fn read(frame: &str) -> Result<Self, Fault> {
        let mut found = Self::default();
        let mut scanner = Scanner::new(frame);
        each_member(&mut scanner, |key, scanner| match key {
            "data" => found.read_data(scanner),
            "broadcast" => found.read_broadcast(scanner),
            _ => scanner.pass(),
        })?;
        scanner.finish()?;
        Ok(found)
    }

    fn read_data(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Fault> {
        if is_null(scanner)? {
            return Ok(());
        }
        each_member(scanner, |key, scanner| match key {
            "channel_id" => text(scanner, &mut self.data.channel_id),
            "team_id" => text(scanner, &mut self.data.team_id),
            "user_id" => text(scanner, &mut self.user_id),
            "reaction" => inner(scanner, |json| self.reaction = Reaction::read(json).ok()),
            _ => scanner.pass(),
        })
    }

    fn read_broadcast(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Fault> {
        if is_null(scanner)? {
            return Ok(());
        }
        each_member(scanner, |key, scanner| match key {
            "channel_id" => text(scanner, &mut self.broadcast.channel_id),
            "team_id" => text(scanner, &mut self.broadcast.team_id),
            _ => scanner.pass(),
        })
    }
}

/// Hands the JSON in the string that comes next to `read`.
fn inner(scanner: &mut Scanner<'_>, read: impl FnOnce(&str)) -> Result<(), Fault> {
    if is_null(scanner)? {
        return Ok(());
    }
    expect(scanner, Token::String)?;
    let mut scratch = Scratch::default();
    read(scanner.string(&mut scratch)?);
    Ok(())
}

#[cfg(test)]
mod tests;
