//! What was asked of the server over the socket, until its reply: a state machine without I/O or a clock.
//!
//! Actions wait for a connection, go out in the order in which they were asked, and are matched with their replies
//! by number. A cut ends those that have gone out: whether the server has seen them nobody knows.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind};

/// Actions that may wait for their replies: more is a program that asks faster than the server answers.
pub const MOST_PENDING: usize = 64;

/// Bytes of a request: the server ends the socket for a larger one (`SocketMaxMessageSizeKb`, websocket_client.go).
pub const MAX_REQUEST: usize = 8192;

/// What the number of a request takes at most, with its key.
const MAX_NUMBER: usize = r#"{"seq":-9223372036854775808,"#.len();

/// Actions of plugins: the server hands them on and never answers (websocket_router.go).
const OF_PLUGIN: &str = "custom_";

/// What only the stream itself may ask: the server does not answer it on a socket that has its session.
const CHALLENGE: &str = "authentication_challenge";

/// An action, by which it is taken back.
pub type Ticket = u64;

/// What becomes of the actions when a connection or the stream ends: `who` asked, and whether it had gone out.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended<W> {
    /// Who waits for the reply.
    pub who: W,
    /// Whether the server may have seen it.
    pub sent: bool,
}

#[derive(Debug)]
enum State {
    /// To be sent: the request after its number.
    Waiting(String),
    Sent(i64),
}

#[derive(Debug)]
struct Pending<W> {
    state: State,
    is_answered: bool,
    who: W,
}

/// See the module. `W`: who waits for a reply.
#[derive(Debug)]
pub struct Actions<W> {
    pending: BTreeMap<Ticket, Pending<W>>,
    last: Ticket,
    has_ended: bool,
}

impl<W> Default for Actions<W> {
    fn default() -> Self {
        Self { pending: BTreeMap::new(), last: 0, has_ended: false }
    }
}

impl<W> Actions<W> {
    /// Asks for the action `name`; `data` is JSON. It goes out when [`Actions::next`] is asked.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`]: it cannot be sent, or too many wait already.
    pub fn submit(&mut self, name: &str, data: &str, who: W) -> Result<Ticket, Error> {
        let refuse = |why: String| Err(Error::new(ErrorKind::InvalidRequest, why));
        if self.has_ended {
            return refuse("the event stream has ended".to_owned());
        }
        if name.is_empty() || name == CHALLENGE {
            return refuse(format!("{name:?} is no action that can be asked for"));
        }
        if self.pending.len() >= MOST_PENDING {
            return refuse(format!("{MOST_PENDING} actions wait for their replies already"));
        }
        let name_text = serde_json::Value::from(name);
        let text = format!(r#""action":{name_text},"data":{data}}}"#);
        if text.len() + MAX_NUMBER > MAX_REQUEST {
            return refuse(format!(
                "the action is larger than the {MAX_REQUEST} bytes that the server takes"
            ));
        }
        self.last += 1;
        let is_answered = !name.starts_with(OF_PLUGIN);
        self.pending.insert(self.last, Pending { state: State::Waiting(text), is_answered, who });
        Ok(self.last)
    }

    /// The text frame to be sent next, under the next `number`; and who is done with that, as there is no reply.
    pub fn next(&mut self, number: impl FnOnce() -> i64) -> Option<(String, Option<W>)> {
        let (ticket, pending) =
            self.pending.iter_mut().find(|(_, pending)| matches!(pending.state, State::Waiting(_)))?;
        let (ticket, seq) = (*ticket, number());
        let State::Waiting(text) = std::mem::replace(&mut pending.state, State::Sent(seq)) else {
            return None;
        };
        let done = match pending.is_answered {
            true => None,
            false => self.pending.remove(&ticket).map(|pending| pending.who),
        };
        Some((format!(r#"{{"seq":{seq},{text}"#), done))
    }

    /// A reply to the request `seq` came; who waits for it, if anybody does.
    pub fn reply(&mut self, seq: i64) -> Option<W> {
        let is_it = |pending: &Pending<W>| matches!(pending.state, State::Sent(own) if own == seq);
        let ticket = *self.pending.iter().find(|(_, pending)| is_it(pending))?.0;
        self.pending.remove(&ticket).map(|pending| pending.who)
    }

    /// The connection ended: nothing that has gone out is answered any more; what has not waits for the next.
    pub fn cut(&mut self) -> Vec<Ended<W>> {
        self.take(|state| matches!(state, State::Sent(_)))
    }

    /// The stream ended, and with it everything.
    pub fn end(&mut self) -> Vec<Ended<W>> {
        self.has_ended = true;
        self.take(|_| true)
    }

    /// Nobody waits for it any more. Whether it had gone out; nothing if it was done with.
    pub fn give_up(&mut self, ticket: Ticket) -> Option<bool> {
        self.pending.remove(&ticket).map(|pending| matches!(pending.state, State::Sent(_)))
    }

    fn take(&mut self, wanted: impl Fn(&State) -> bool) -> Vec<Ended<W>> {
        let (taken, left) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition::<BTreeMap<_, _>, _>(|(_, pending)| wanted(&pending.state));
        self.pending = left;
        let ended =
            |pending: Pending<W>| Ended { sent: matches!(pending.state, State::Sent(_)), who: pending.who };
        taken.into_values().map(ended).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Who = &'static str;

    fn asked(actions: &mut Actions<Who>, who: Who) -> Ticket {
        actions.submit("ping", "null", who).unwrap()
    }

    fn refused(actions: &mut Actions<Who>, name: &str, data: &str) -> String {
        let error = actions.submit(name, data, "somebody").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        error.message().to_owned()
    }

    fn ended(who: Who, sent: bool) -> Ended<Who> {
        Ended { who, sent }
    }

    #[test]
    fn actions_go_out_in_order_each_once_and_replies_find_who_asked() {
        let mut actions = Actions::default();
        actions.submit("user_typing", r#"{"channel_id":"c"}"#, "first").unwrap();
        asked(&mut actions, "second");
        let text = r#"{"seq":7,"action":"user_typing","data":{"channel_id":"c"}}"#;
        assert_eq!(actions.next(|| 7), Some((text.to_owned(), None)));
        let text = r#"{"seq":9,"action":"ping","data":null}"#;
        assert_eq!(actions.next(|| 9), Some((text.to_owned(), None)));
        assert_eq!(actions.next(|| panic!("a number is used up")), None);
        assert_eq!(actions.reply(8), None, "somebody else's");
        assert_eq!(actions.reply(9), Some("second"));
        assert_eq!(actions.reply(7), Some("first"));
        assert_eq!(actions.reply(7), None, "said twice");
    }

    #[test]
    fn a_cut_ends_what_has_gone_out_and_the_rest_goes_out_later() {
        let mut actions = Actions::default();
        asked(&mut actions, "sent");
        actions.next(|| 1);
        asked(&mut actions, "waiting");
        assert_eq!(actions.cut(), [ended("sent", true)]);
        assert_eq!(actions.reply(1), None, "a reply of before the cut");
        assert!(actions.next(|| 2).is_some());
        assert_eq!(actions.reply(2), Some("waiting"));
    }

    #[test]
    fn the_end_of_the_stream_ends_all_and_nothing_is_taken_after_it() {
        let mut actions = Actions::default();
        asked(&mut actions, "sent");
        actions.next(|| 1);
        asked(&mut actions, "waiting");
        assert_eq!(actions.end(), [ended("sent", true), ended("waiting", false)]);
        assert_eq!(refused(&mut actions, "ping", "null"), "the event stream has ended");
    }

    #[test]
    fn what_nobody_waits_for_is_neither_sent_nor_answered() {
        let mut actions = Actions::default();
        let (sent, waiting) = (asked(&mut actions, "sent"), asked(&mut actions, "waiting"));
        actions.next(|| 1);
        assert_eq!(actions.give_up(sent), Some(true));
        assert_eq!(actions.give_up(waiting), Some(false));
        assert_eq!(actions.give_up(waiting), None);
        assert_eq!(actions.reply(1), None);
        assert_eq!(actions.next(|| 2), None);
        assert_eq!(actions.cut(), []);
    }

    #[test]
    fn actions_of_plugins_are_done_when_they_have_gone_out() {
        let mut actions = Actions::default();
        actions.submit("custom_poll_vote", "{}", "who").unwrap();
        let text = r#"{"seq":1,"action":"custom_poll_vote","data":{}}"#;
        assert_eq!(actions.next(|| 1), Some((text.to_owned(), Some("who"))));
        assert_eq!(actions.cut(), []);
    }

    #[test]
    fn no_more_wait_than_may() {
        let mut actions = Actions::default();
        for _ in 0..MOST_PENDING {
            asked(&mut actions, "who");
        }
        assert_eq!(refused(&mut actions, "ping", "null"), "64 actions wait for their replies already");
        actions.next(|| 1);
        assert_eq!(actions.reply(1), Some("who"));
        asked(&mut actions, "room again");
    }

    #[test]
    fn what_the_server_would_end_the_socket_for_is_refused() {
        let mut actions = Actions::default();
        let data = |size: usize| format!(r#""{}""#, "x".repeat(size));
        let largest = MAX_REQUEST - MAX_NUMBER - r#""action":"a","data":""}"#.len();
        actions.submit("a", &data(largest), "who").unwrap();
        let (text, _) = actions.next(|| i64::MIN).unwrap();
        assert_eq!(text.len(), MAX_REQUEST);
        assert!(refused(&mut actions, "a", &data(largest + 1)).contains("larger than the 8192 bytes"));
        assert!(refused(&mut actions, "", "null").contains("no action"));
        assert!(refused(&mut actions, CHALLENGE, "null").contains("no action"));
    }

    #[test]
    fn a_name_is_a_text_whatever_it_holds() {
        let mut actions = Actions::default();
        actions.submit("a\"b\\", "null", "who").unwrap();
        let text = r#"{"seq":1,"action":"a\"b\\","data":null}"#;
        assert_eq!(actions.next(|| 1), Some((text.to_owned(), None)));
    }
}
