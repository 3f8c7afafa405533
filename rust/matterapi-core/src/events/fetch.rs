//! Makes the calls of a [`catch_up`](super::catch_up), and puts what they bring into the stream's queue.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::backoff::Backoff;
use super::budget::Budget;
use super::catch_up::{Answer, CatchUp, Query, Recovered, Step};
use super::change::{self, PAGE_SIZE, Page};
use super::event::Event;
use super::filter::Filter;
use super::queue::{Item, Notice, Queue};
use super::recovered;
use super::recovery::Recovery;
use crate::error::{Error, ErrorKind};
use crate::http::{OwnOptions, Request, Session, Transport};
use crate::response::Response;
use crate::route::{Route, Value};

/// Between two looks for what the server itself failed to send.
const CHECK_EVERY: Duration = Duration::from_secs(300);

/// The longest wait after a call that brought nothing: the socket may be back long before.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

const CHANNELS: &str = "GET /api/v4/users/me/channels{?last_delete_at,include_deleted}";
const CHANGES: &str = "GET /api/v4/channels/{channel_id}/posts{?since,skipFetchThreads}";
const PAGES: &str = "GET /api/v4/channels/{channel_id}/posts{?before,after,per_page,skipFetchThreads}";

/// A [`Recovery`] that two tasks share, and the sign that there is work.
#[derive(Debug)]
pub(super) struct Shared {
    recovery: Mutex<Recovery>,
    work: Notify,
}

impl Shared {
    pub(super) fn new(recovery: Recovery) -> Self {
        Self { recovery: Mutex::new(recovery), work: Notify::new() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Recovery> {
        self.recovery.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the task that makes the calls, if there is work for it.
    pub(super) fn wake(&self, recovery: &Recovery) {
        if recovery.has_work() {
            self.work.notify_one();
        }
    }
}

/// Catches up whenever it is due, for as long as the stream lives.
///
/// # Cancellation
/// What was fetched and not yet queued is lost, and with it the stream.
pub(super) async fn run(
    shared: Arc<Shared>,
    session: Arc<Session>,
    transport: Transport,
    queue: Arc<Queue>,
    filter: Arc<Filter>,
) -> Infallible {
    let Ok(routes) = Routes::new() else { return std::future::pending().await };
    let mut fetcher = Fetcher {
        shared,
        session,
        transport,
        queue,
        filter,
        routes,
        budget: Budget::new(Instant::now()),
        backoff: Backoff::new(Some(LONGEST_PAUSE)),
    };
    let mut check_at = Instant::now() + CHECK_EVERY;
    loop {
        let is_late = timeout_at(check_at, fetcher.shared.work.notified()).await.is_err();
        if is_late {
            check_at = Instant::now() + CHECK_EVERY;
        }
        let mut check = is_late;
        loop {
            let next = fetcher.shared.lock().start(std::mem::take(&mut check), Instant::now());
            let Some(catch_up) = next else { break };
            fetcher.carry_out(catch_up).await;
        }
    }
}

struct Routes {
    channels: Arc<Route>,
    changes: Arc<Route>,
    pages: Arc<Route>,
}

impl Routes {
    fn new() -> Result<Self, Error> {
        Ok(Self {
            channels: Arc::new(Route::parse(CHANNELS)?),
            changes: Arc::new(Route::parse(CHANGES)?),
            pages: Arc::new(Route::parse(PAGES)?),
        })
    }

    fn request(&self, query: &Query) -> Result<Request, Error> {
        let text = |text: &str| Value::Text(text.to_owned().into());
        let (route, values) = match query {
            Query::Channels { archived_since } => (
                &self.channels,
                vec![
                    ("include_deleted", text("true")),
                    ("last_delete_at", text(&archived_since.to_string())),
                ],
            ),
            Query::Changes { channel_id, since } => {
                (&self.changes, vec![("channel_id", text(channel_id)), ("since", text(&since.to_string()))])
            }
            Query::Before { channel_id, post_id } => (
                &self.pages,
                [("channel_id", text(channel_id))]
                    .into_iter()
                    .chain(post_id.iter().map(|id| ("before", text(id))))
                    .collect(),
            ),
            Query::After { channel_id, post_id } => {
                (&self.pages, vec![("channel_id", text(channel_id)), ("after", text(post_id))])
            }
        };
        let target = route.fill(|name| {
            Ok(match name {
                "per_page" => Some(text(&PAGE_SIZE.to_string())),
                "skipFetchThreads" => Some(text("true")),
                _ => values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()),
            })
        })?;
        Ok(Request { route: Arc::clone(route), target, body: None, own: OwnOptions::none() })
    }
}

struct Fetcher {
    shared: Arc<Shared>,
    session: Arc<Session>,
    transport: Transport,
    queue: Arc<Queue>,
    filter: Arc<Filter>,
    routes: Routes,
    budget: Budget,
    backoff: Backoff,
}

impl Fetcher {
    async fn carry_out(&mut self, mut catch_up: CatchUp) {
        loop {
            let query = match catch_up.next(Instant::now()) {
                Step::Ask(query) => query,
                Step::Wait(until) => {
                    sleep_until(until).await;
                    continue;
                }
                Step::Done => break,
            };
            let channel = catch_up.channel().cloned().unwrap_or_default();
            let answer = self.ask(&query).await;
            let found = self.shared.lock().take(&mut catch_up, answer);
            for each in found {
                let item = match each {
                    Recovered::Post(kind, row) => {
                        let frame = recovered::frame(kind, &channel, &row);
                        let own_id = self.shared.lock().own_id().to_owned();
                        self.queue.counters.recovered.add();
                        if !self.filter.takes(&Event::of(&frame), &own_id) {
                            self.queue.counters.filtered.add();
                            continue;
                        }
                        Item::frame(frame.into())
                    }
                    Recovered::Gap(gap) => {
                        self.queue.counters.gaps.add();
                        Item::Notice(Notice::Gap(gap))
                    }
                };
                self.queue.push_fetched(item).await;
            }
        }
        self.queue.push_fetched(Item::Notice(Notice::CaughtUp(catch_up.counts()))).await;
        let position = self.shared.lock().finish(&catch_up);
        if let Some(position) = position {
            self.queue.push_fetched(Item::Notice(Notice::Position(position))).await;
        }
    }

    /// Asks until there is an answer: a server that is down, busy or without its database has none yet.
    async fn ask(&mut self, query: &Query) -> Answer {
        loop {
            sleep_until(self.budget.next()).await;
            let outcome = match self.routes.request(query) {
                Ok(request) => self.session.send_once(&self.transport, &request).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(response) => {
                    let now = Instant::now();
                    self.budget.answered(response.status.as_u16(), &response.headers, now);
                    match read(query, &response) {
                        Some(Answer::Unreadable) => {
                            self.pause().await;
                            return Answer::Unreadable;
                        }
                        Some(answer) => {
                            self.backoff.reset();
                            return answer;
                        }
                        // Its own waits are the server's to say.
                        None if response.status.as_u16() == 429 => {}
                        None => self.pause().await,
                    }
                }
                Err(error) if is_unreadable(&error) => {
                    self.pause().await;
                    return Answer::Unreadable;
                }
                Err(_) => {
                    self.budget.answered(0, &HeaderMap::new(), Instant::now());
                    self.pause().await;
                }
            }
        }
    }

    async fn pause(&mut self) {
        tokio::time::sleep(self.backoff.next(fastrand::f64())).await;
    }
}

/// What a response says; `None` when it says nothing yet.
fn read(query: &Query, response: &Response) -> Option<Answer> {
    match response.status.as_u16() {
        200..=299 => Some(match query {
            Query::Channels { .. } => {
                change::channels(&response.body).map_or(Answer::Unreadable, Answer::Channels)
            }
            _ => Page::read(&response.body).map_or(Answer::Unreadable, Answer::Posts),
        }),
        // Of the channel list no status but a good one says anything.
        403 | 404 if !matches!(query, Query::Channels { .. }) && response.error_id().is_some() => {
            Some(Answer::Refused)
        }
        _ => None,
    }
}

/// There was an answer, and it was larger than may be, or packed badly.
fn is_unreadable(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Decode | ErrorKind::Memory)
}
