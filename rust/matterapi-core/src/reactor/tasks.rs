//! Many futures, driven whenever the reactor's descriptor is readable.

use std::fmt;
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use super::handle::{Adopted, Handle, Spawn, lock};
use super::poll::{Alarm, Reactor};

type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What is driven.
enum Driven<T> {
    /// And its number.
    Task(u64, Task<T>),
    Adopted(Adopted),
}

/// Futures on a reactor that an event loop drives. Places, wakers and lists are used again: beginning a future costs
/// no memory but its own.
pub struct Tasks<T> {
    reactor: Reactor,
    places: Vec<Place<T>>,
    free: Vec<usize>,
    woken: Arc<Woken>,
    turn: Vec<usize>,
    done: Vec<(u64, Option<T>)>,
}

/// Where a future is until it is done.
struct Place<T> {
    driven: Option<Driven<T>>,
    alarm: Arc<PlaceAlarm>,
    waker: Waker,
}

/// The places whose futures want to go on.
struct Woken {
    places: Mutex<Vec<usize>>,
    alarm: Arc<Alarm>,
}

struct PlaceAlarm {
    place: usize,
    /// Whether it is among the woken already.
    rung: AtomicBool,
    woken: Arc<Woken>,
}

impl Wake for PlaceAlarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            lock(&self.woken.places).push(self.place);
            self.woken.alarm.wake_by_ref();
        }
    }
}

impl<T> Tasks<T> {
    /// # Errors
    /// As [`Reactor::new`].
    pub fn new(spawn: Spawn) -> io::Result<Self> {
        let reactor = Reactor::new(Some(spawn))?;
        let woken = Arc::new(Woken { places: Mutex::default(), alarm: Arc::clone(&reactor.alarm) });
        let (places, free, turn, done) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Ok(Self { reactor, places, free, woken, turn, done })
    }

    /// The reactor.
    pub fn handle(&self) -> &Handle {
        self.reactor.handle()
    }

    /// Begins a future under a number: it runs as far as it comes without waiting. Returns its place.
    pub fn start(&mut self, number: u64, task: Task<T>) -> usize {
        let _entered = self.reactor.enter();
        let place = self.put(Driven::Task(number, task));
        self.go_on_with(place);
        self.run();
        place
    }

    fn put(&mut self, driven: Driven<T>) -> usize {
        let place = self.free.pop().unwrap_or_else(|| {
            let (place, woken) = (self.places.len(), Arc::clone(&self.woken));
            let alarm = Arc::new(PlaceAlarm { place, rung: AtomicBool::new(false), woken });
            let waker = Waker::from(Arc::clone(&alarm));
            self.places.push(Place { driven: None, alarm, waker });
            place
        });
        if let Some(free) = self.places.get_mut(place) {
            free.driven = Some(driven);
        }
        place
    }

    /// Drops a future, if the place is still its own.
    pub fn drop_task(&mut self, place: usize, number: u64) {
        let _entered = self.reactor.enter();
        let is_it = |driven: &mut Driven<T>| matches!(driven, Driven::Task(known, _) if *known == number);
        let task = self.places.get_mut(place).and_then(|place| place.driven.take_if(is_it));
        if task.is_some() {
            self.free.push(place);
        }
        drop(task);
        self.run();
    }

    /// Looks at the sockets and the time, without waiting, and goes on with who waited for them.
    ///
    /// # Errors
    /// What the system says of the sockets.
    pub fn turn(&mut self) -> io::Result<()> {
        let _entered = self.reactor.enter();
        self.reactor.look(std::time::Duration::ZERO)?;
        self.run();
        Ok(())
    }

    /// What futures have brought since this was last asked, by their numbers; nothing for one that panicked.
    pub fn take_done(&mut self) -> Vec<(u64, Option<T>)> {
        std::mem::take(&mut self.done)
    }

    /// Whether one of them is done.
    pub fn is_any_done(&self) -> bool {
        !self.done.is_empty()
    }

    /// When somebody wants to be woken next, at the earliest.
    pub fn next_timer(&self) -> Option<Instant> {
        self.reactor.handle().timers().next()
    }

    fn run(&mut self) {
        loop {
            for adopted in self.reactor.handle.take_adopted() {
                let place = self.put(Driven::Adopted(adopted));
                self.go_on_with(place);
            }
            if !self.reactor.alarm.take() {
                return;
            }
            let mut turn = std::mem::take(&mut self.turn);
            std::mem::swap(&mut turn, &mut lock(&self.woken.places));
            for place in turn.drain(..) {
                self.go_on_with(place);
            }
            self.turn = turn;
        }
    }

    fn go_on_with(&mut self, number: usize) {
        let Some(place) = self.places.get_mut(number) else { return };
        place.alarm.rung.store(false, Ordering::Release);
        let Some(driven) = &mut place.driven else { return };
        let mut cx = Context::from_waker(&place.waker);
        let poll = || match driven {
            Driven::Task(number, task) => task.as_mut().poll(&mut cx).map(|output| Some((*number, output))),
            Driven::Adopted(future) => future.as_mut().poll(&mut cx).map(|()| None),
        };
        // Whoever waits for it has to learn that it died.
        let output = match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(output)) => output.map(|(number, output)| (number, Some(output))),
            Err(_) => match driven {
                Driven::Task(number, _) => Some((*number, None)),
                Driven::Adopted(_) => None,
            },
        };
        self.done.extend(output);
        let driven = place.driven.take();
        self.free.push(number);
        drop(driven);
    }
}

impl<T> fmt::Debug for Tasks<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks")
            .field("running", &(self.places.len() - self.free.len()))
            .finish_non_exhaustive()
    }
}

#[cfg(unix)]
impl<T> std::os::fd::AsRawFd for Tasks<T> {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.reactor.as_raw_fd()
    }
}
