//! Which events a reader wants: found out from the text of a frame, before anything is made of it.

use std::collections::HashSet;

use super::change::Kind;
use super::event::Event;

/// Some of the values of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only these; nothing for all. What has none of the kind is not among them.
    pub only: Option<HashSet<String>>,
    /// None of these.
    pub without: HashSet<String>,
}

impl Choice {
    /// Whether everything passes.
    fn is_open(&self) -> bool {
        self.only.is_none() && self.without.is_empty()
    }

    /// Whether `value` passes, which is empty where there is none.
    pub fn takes(&self, value: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(value)) && !self.without.contains(value)
    }
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Names of events.
    pub events: Choice,
    /// Ids of the channels that they are about.
    pub channels: Choice,
    /// Ids of the teams that they are about, as far as they say it.
    pub teams: Choice,
    /// Ids of the users who caused them.
    pub users: Choice,
    /// Leave out what happened to the user's own posts.
    pub not_own_posts: bool,
}

impl Filter {
    /// Whether any of the events passes that tell about posts, and so can be fetched when they were missed.
    pub fn takes_posts(&self) -> bool {
        [Kind::Posted, Kind::Edited, Kind::Deleted].into_iter().any(|kind| self.events.takes(kind.event()))
    }

    /// Whether `event` is wanted by the user `own_id`.
    pub fn takes(&self, event: &Event<'_>, own_id: &str) -> bool {
        if !self.events.takes(event.name()) {
            return false;
        }
        let is_open = [&self.channels, &self.teams, &self.users].into_iter().all(Choice::is_open);
        if is_open && !self.not_own_posts {
            return true;
        }
        let is_own = || !own_id.is_empty() && event.post().is_some_and(|post| post.user_id == own_id);
        (self.channels.is_open() || self.channels.takes(event.channel_id()))
            && (self.teams.is_open() || self.teams.takes(event.team_id()))
            && (self.users.is_open() || self.users.takes(event.user_id()))
            && !(self.not_own_posts && is_own())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ids: &[&str]) -> HashSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn only(ids: &[&str]) -> Choice {
        Choice { only: Some(set(ids)), ..Choice::default() }
    }

    fn without(ids: &[&str]) -> Choice {
        Choice { without: set(ids), ..Choice::default() }
    }

    const POSTED: &[u8] = br#"{"event": "posted", "data": {"team_id":"t1","post":"{\"user_id\":\"u1\",\"channel_id\":\"c1\"}"}, "broadcast": {"channel_id":"c1","team_id":""}, "seq": 1}"#;
    const TYPING: &[u8] =
        br#"{"event": "typing", "data": {"user_id":"u1"}, "broadcast": {"channel_id":"c1"}, "seq": 2}"#;
    const STATUS: &[u8] =
        br#"{"event": "status_change", "data": {"user_id":"u2"}, "broadcast": {"user_id":"u2"}, "seq": 3}"#;
    const REACTION: &[u8] = br#"{"event": "reaction_added", "data": {"reaction":"{\"user_id\":\"u1\"}"}, "broadcast": {"channel_id":"c1"}, "seq": 4}"#;

    /// Which of posted, typing, status_change and reaction_added pass.
    fn taken(filter: &Filter) -> [bool; 4] {
        [POSTED, TYPING, STATUS, REACTION].map(|frame| filter.takes(&Event::of(frame), "u1"))
    }

    #[test]
    fn without_conditions_all_events_pass() {
        assert_eq!(taken(&Filter::default()), [true; 4]);
    }

    #[test]
    fn what_is_fetched_after_a_cut_is_about_posts() {
        let events = |events| Filter { events, ..Filter::default() };
        assert!(Filter::default().takes_posts());
        assert!(events(only(&["typing", "post_deleted"])).takes_posts());
        assert!(!events(only(&["typing"])).takes_posts());
        assert!(!events(without(&["posted", "post_edited", "post_deleted"])).takes_posts());
    }

    #[test]
    fn each_condition_can_be_turned_round() {
        let events = |events| Filter { events, ..Filter::default() };
        assert_eq!(taken(&events(only(&["posted"]))), [true, false, false, false]);
        assert_eq!(taken(&events(without(&["posted"]))), [false, true, true, true]);
        let channels = |channels| Filter { channels, ..Filter::default() };
        assert_eq!(taken(&channels(only(&["c1"]))), [true, true, false, true]);
        assert_eq!(taken(&channels(without(&["c1"]))), [false, false, true, false]);
        let users = |users| Filter { users, ..Filter::default() };
        assert_eq!(taken(&users(only(&["u1"]))), [true, true, false, true]);
        assert_eq!(taken(&users(without(&["u2"]))), [true, true, false, true]);
        let teams = |teams| Filter { teams, ..Filter::default() };
        assert_eq!(taken(&teams(only(&["t1"]))), [true, false, false, false]);
        assert_eq!(taken(&teams(without(&["t1"]))), [false, true, true, true]);
    }

    #[test]
    fn own_posts_are_left_out_and_other_own_events_are_not() {
        let filter = Filter { not_own_posts: true, ..Filter::default() };
        assert_eq!(taken(&filter), [false, true, true, true]);
        assert!(filter.takes(&Event::of(POSTED), "u9"), "somebody else's");
        assert!(filter.takes(&Event::of(POSTED), ""), "nobody knows whose");
    }

    #[test]
    fn what_cannot_be_read_has_no_place_and_no_user() {
        for frame in [&b"no JSON"[..], br#"{"event":"posted","data":null}"#] {
            assert!(!Filter { channels: only(&["c1"]), ..Filter::default() }.takes(&Event::of(frame), "u1"));
            assert!(
                Filter { channels: without(&["c1"]), ..Filter::default() }.takes(&Event::of(frame), "u1")
            );
        }
    }
}
