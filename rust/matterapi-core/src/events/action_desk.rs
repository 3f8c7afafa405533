//! Where the program asks for [`actions`](super::actions), and the task that owns the socket finds them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use super::actions::{Actions, Ended, Ticket};
use crate::error::{Error, ErrorKind, Phase};
use crate::retry::WEBSOCKET;

/// The frame of a reply; nothing for an action that is never answered.
pub type Reply = Option<Bytes>;

type Waiter = oneshot::Sender<Result<Reply, Error>>;

/// See the module.
#[derive(Debug, Default)]
pub struct ActionDesk {
    actions: Mutex<Actions<Waiter>>,
    submitted: Notify,
}

impl ActionDesk {
    fn lock(&self) -> MutexGuard<'_, Actions<Waiter>> {
        self.actions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the action `name` with `data`, which is JSON, and waits for its reply for at most `limit`: for a
    /// connection, too, where there is none.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] for what is not sent; otherwise of the kind of what the reply did not come for.
    ///
    /// # Cancellation
    /// Dropping the future takes the action back, if it has not gone out.
    pub async fn ask(&self, name: &str, data: &str, limit: Duration) -> Result<Reply, Error> {
        let route: Arc<str> = format!("{WEBSOCKET} {name}").into();
        let (who, mut reply) = oneshot::channel();
        let ticket = self.lock().submit(name, data, who).map_err(|error| error.on(&route))?;
        let place = Place { desk: self, ticket };
        self.submitted.notify_one();
        let outcome = match timeout(limit, &mut reply).await {
            Ok(outcome) => outcome.unwrap_or_else(|_| Err(cut())),
            Err(_) => match place.give_up() {
                Some(sent) => Err(late(limit, sent)),
                // It came just now.
                None => reply.try_recv().unwrap_or_else(|_| Err(cut())),
            },
        };
        outcome.map_err(|error| error.on(&route))
    }

    /// Waits until something was asked for.
    pub(super) async fn submitted(&self) {
        self.submitted.notified().await;
    }

    /// The text frame to be sent next, under the next `number`.
    pub(super) fn next(&self, number: impl FnOnce() -> i64) -> Option<String> {
        let (text, done) = self.lock().next(number)?;
        if let Some(who) = done {
            let _ = who.send(Ok(None));
        }
        Some(text)
    }

    /// Whether `frame` answers an action: the reply to the request `seq`.
    pub(super) fn takes_reply(&self, seq: i64, frame: &Bytes) -> bool {
        let Some(who) = self.lock().reply(seq) else { return false };
        // A copy: see `Stream::frame`.
        let _ = who.send(Ok(Some(Bytes::copy_from_slice(frame))));
        true
    }

    /// The connection ended.
    pub(super) fn cut(&self) {
        tell(self.lock().cut());
    }

    /// The stream ended: nothing is taken any more.
    pub fn end(&self) {
        tell(self.lock().end());
    }
}

fn tell(ended: Vec<Ended<Waiter>>) {
    for Ended { who, sent } in ended {
        let _ = who.send(Err(match sent {
            true => cut(),
            false => Error::new(ErrorKind::Closed, "the event stream was ended before the action was sent"),
        }));
    }
}

fn cut() -> Error {
    Error::new(ErrorKind::Closed, "the connection ended before the reply came").after_sending()
}

fn late(limit: Duration, sent: bool) -> Error {
    let seconds = limit.as_secs_f64();
    match sent {
        true => Error::new(ErrorKind::Timeout(Phase::Read), format!("no reply within {seconds} s"))
            .after_sending(),
        false => Error::new(
            ErrorKind::Timeout(Phase::Connect),
            format!("no connection to send it on within {seconds} s"),
        ),
    }
}

/// A place in the table, which is left with the future.
struct Place<'a> {
    desk: &'a ActionDesk,
    ticket: Ticket,
}

impl Place<'_> {
    fn give_up(&self) -> Option<bool> {
        self.desk.lock().give_up(self.ticket)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.give_up();
    }
}
