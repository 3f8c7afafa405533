//! What sockets, timers and wakers know of their reactor.

use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Instant;

use tokio::sync::oneshot;

use super::timers::Timers;

/// Runs a future on a runtime, or gives it back to nobody: it is dropped when there is none.
pub type Spawn = Arc<dyn Fn(Pin<Box<dyn Future<Output = ()> + Send>>) + Send + Sync>;

/// A future that nobody waits for.
pub(crate) type Adopted = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a reactor's own waker is known by.
pub(super) const WAKER: mio::Token = mio::Token(usize::MAX);

thread_local! {
    /// The reactor that this thread drives.
    static CURRENT: RefCell<Option<Handle>> = const { RefCell::new(None) };
}

/// A reactor as others know it.
#[derive(Clone)]
pub struct Handle(Arc<Shared>);

struct Shared {
    registry: mio::Registry,
    waker: mio::Waker,
    sources: Mutex<Sources>,
    timers: Mutex<Timers>,
    spawn: Option<Spawn>,
    /// What nobody waits for, to be driven beside the rest.
    adopted: Mutex<Vec<Adopted>>,
    /// How many want a runtime on the thread that drives the reactor.
    held: AtomicUsize,
    orphaned: AtomicBool,
}

#[derive(Default)]
struct Sources {
    all: Vec<Option<Arc<Source>>>,
    free: Vec<usize>,
}

impl Handle {
    pub(super) fn new(poll: &mio::Poll, spawn: Option<Spawn>) -> io::Result<Self> {
        Ok(Self(Arc::new(Shared {
            registry: poll.registry().try_clone()?,
            waker: mio::Waker::new(poll.registry(), WAKER)?,
            sources: Mutex::default(),
            timers: Mutex::default(),
            spawn,
            adopted: Mutex::default(),
            held: AtomicUsize::new(0),
            orphaned: AtomicBool::new(false),
        })))
    }

    /// Ends the wait of whoever drives the reactor, from any thread.
    pub fn interrupt(&self) {
        // It fails only where the poll set is gone, and with it who would wait.
        let _ = self.0.waker.wake();
    }

    /// Whether this thread drives the reactor right now.
    pub fn is_current(&self) -> bool {
        CURRENT.with_borrow(|current| current.as_ref().is_some_and(|it| it.is(self)))
    }

    /// Whether both are the same reactor's.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether the reactor is no more.
    pub fn is_orphaned(&self) -> bool {
        self.0.orphaned.load(Ordering::Relaxed)
    }

    pub(super) fn orphan(&self) {
        self.0.orphaned.store(true, Ordering::Relaxed);
    }

    /// Has a loop drive a future that nobody waits for; it begins when the loop goes on. Lanes never come to it.
    pub(crate) fn adopt(&self, future: Adopted) {
        lock(&self.0.adopted).push(future);
    }

    pub(super) fn take_adopted(&self) -> Vec<Adopted> {
        std::mem::take(&mut *lock(&self.0.adopted))
    }

    pub(super) fn timers(&self) -> MutexGuard<'_, Timers> {
        lock(&self.0.timers)
    }

    /// Wakes all who waited for a time that has come.
    pub(super) fn fire_timers(&self) {
        // Unlocked again before anybody is woken.
        let due = self.timers().due(Instant::now());
        due.into_iter().for_each(Waker::wake);
    }

    /// Whether somebody wants a runtime to be lent.
    pub(crate) fn wants_runtime(&self) -> bool {
        self.0.held.load(Ordering::Relaxed) > 0
    }

    pub(super) fn register(&self, io: &mut mio::net::TcpStream) -> io::Result<(usize, Arc<Source>)> {
        let source = Arc::<Source>::default();
        let key = {
            let mut sources = lock(&self.0.sources);
            let key = sources.free.pop().unwrap_or_else(|| {
                sources.all.push(None);
                sources.all.len() - 1
            });
            if let Some(place) = sources.all.get_mut(key) {
                *place = Some(Arc::clone(&source));
            }
            key
        };
        let interest = mio::Interest::READABLE | mio::Interest::WRITABLE;
        match self.0.registry.register(io, mio::Token(key), interest) {
            Ok(()) => Ok((key, source)),
            Err(e) => {
                self.forget(key);
                Err(e)
            }
        }
    }

    pub(super) fn deregister(&self, key: usize, io: &mut mio::net::TcpStream) {
        // Closing the socket does the same where this fails.
        let _ = self.0.registry.deregister(io);
        self.forget(key);
    }

    fn forget(&self, key: usize) {
        let mut sources = lock(&self.0.sources);
        if let Some(place) = sources.all.get_mut(key) {
            *place = None;
            sources.free.push(key);
        }
    }

    pub(super) fn ready(&self, token: mio::Token, ready: Ready) {
        let source = lock(&self.0.sources).all.get(token.0).cloned().flatten();
        if let Some(source) = source {
            source.set_ready(ready);
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle")
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The reactor that this thread drives; `None` on a thread of a runtime.
pub(crate) fn current() -> Option<Handle> {
    CURRENT.with_borrow(Clone::clone)
}

/// As long as it lives, this thread drives the reactor.
pub(super) struct Entered(Option<Handle>);

impl Entered {
    pub(super) fn new(handle: Handle) -> Self {
        Self(CURRENT.replace(Some(handle)))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// As long as it lives, whoever drives the reactor lends a runtime to its future.
#[derive(Debug)]
pub(crate) struct HeldRuntime(Handle);

impl HeldRuntime {
    /// `None` where there is a runtime anyway.
    pub(crate) async fn new() -> Option<Self> {
        let handle = current()?;
        handle.0.held.fetch_add(1, Ordering::Relaxed);
        let held = Self(handle);
        // Whoever drives the reactor polls again within the runtime; who else polls meanwhile waits on.
        poll_fn(|_| match tokio::runtime::Handle::try_current() {
            Ok(_) => Poll::Ready(()),
            Err(_) => Poll::Pending,
        })
        .await;
        Some(held)
    }
}

impl Drop for HeldRuntime {
    fn drop(&mut self) {
        self.0.0.held.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs what only a runtime can do; `None` when the runtime has ended.
///
/// # Cancellation
/// Dropping it drops `future`.
pub(crate) async fn on_runtime<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    let spawn = current().and_then(|handle| handle.0.spawn.clone());
    let Some(spawn) = spawn else {
        let _held = HeldRuntime::new().await;
        return Some(future.await);
    };
    let (mut sender, receiver) = oneshot::channel();
    spawn(Box::pin(async move {
        tokio::select! {
            output = future => drop(sender.send(output)),
            () = sender.closed() => {}
        }
    }));
    receiver.await.ok()
}

/// What has happened to a socket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready {
    readable: bool,
    writable: bool,
    /// Nothing comes after what is there to be read.
    ended: bool,
}

impl Ready {
    pub(super) fn of(event: &mio::event::Event) -> Self {
        let ended = event.is_read_closed() || event.is_error();
        Self {
            readable: event.is_readable() || ended,
            writable: event.is_writable() || event.is_write_closed() || event.is_error(),
            ended,
        }
    }
}

/// What is known of a socket, and who waits for it.
#[derive(Debug, Default)]
pub(super) struct Source(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    readable: bool,
    writable: bool,
    ended: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Source {
    fn set_ready(&self, ready: Ready) {
        let (reader, writer) = {
            let mut it = lock(&self.0);
            it.readable |= ready.readable;
            it.writable |= ready.writable;
            it.ended |= ready.ended;
            (it.reader.take_if(|_| ready.readable), it.writer.take_if(|_| ready.writable))
        };
        for waker in [reader, writer].into_iter().flatten() {
            waker.wake();
        }
    }

    /// The next read asks the system, whatever is known.
    pub(super) fn expect_readable(&self) {
        lock(&self.0).readable = true;
    }

    /// Notes who waits to read, unless there may be something.
    pub(super) fn poll_readable(&self, waker: &Waker) -> bool {
        let mut it = lock(&self.0);
        if !it.readable {
            note(&mut it.reader, waker);
        }
        it.readable
    }

    /// Notes who waits to write, unless there may be room.
    pub(super) fn poll_writable(&self, waker: &Waker) -> bool {
        let mut it = lock(&self.0);
        if !it.writable {
            note(&mut it.writer, waker);
        }
        it.writable
    }

    /// All that was there has been read: the system tells of more.
    pub(super) fn drained(&self) {
        let mut it = lock(&self.0);
        it.readable = it.ended;
    }

    /// There was nothing to read.
    pub(super) fn not_readable(&self) {
        lock(&self.0).readable = false;
    }

    pub(super) fn not_writable(&self) {
        lock(&self.0).writable = false;
    }
}

fn note(place: &mut Option<Waker>, waker: &Waker) {
    match place {
        Some(known) => known.clone_from(waker),
        None => *place = Some(waker.clone()),
    }
}
