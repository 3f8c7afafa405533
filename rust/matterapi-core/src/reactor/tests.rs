//! Reactors, driven as lanes and as loops drive them, with sockets on loopback.

use std::future::{Future, pending, poll_fn};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::*;

const LONG: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Lent {
    runtime: Option<Runtime>,
    asked: usize,
}

impl Lender for Lent {
    fn runtime(&mut self) -> io::Result<&Runtime> {
        self.asked += 1;
        let made = match self.runtime.take() {
            Some(runtime) => runtime,
            None => Builder::new_current_thread().enable_all().build()?,
        };
        Ok(self.runtime.insert(made))
    }
}

fn block_on<T>(reactor: &mut Reactor, future: impl Future<Output = T>) -> T {
    reactor.block_on(future, &mut Lent::default(), LONG, || Ok::<(), io::Error>(())).unwrap()
}

async fn sleep(duration: Duration) {
    sleep_until(current().unwrap(), Instant::now() + duration).await;
}

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (near, listener.accept().unwrap().0)
}

fn no_runtime() -> Spawn {
    Arc::new(|_| panic!("nothing here needs a runtime"))
}

#[test]
fn a_lane_waits_for_what_comes_over_a_socket() {
    let mut reactor = Reactor::new(None).unwrap();
    let (near, mut far) = pair();
    let mut socket = Socket::new(near, reactor.handle()).unwrap();
    let peer = std::thread::spawn(move || {
        let mut request = [0; 4];
        far.read_exact(&mut request).unwrap();
        far.write_all(b"pong and more").unwrap();
        request
    });
    let reply = block_on(&mut reactor, async {
        socket.write_all(b"ping").await.unwrap();
        let mut reply = Vec::new();
        socket.read_to_end(&mut reply).await.unwrap();
        reply
    });
    assert_eq!((&peer.join().unwrap(), reply.as_slice()), (b"ping", b"pong and more".as_slice()));
}

#[test]
fn more_than_the_system_takes_at_once_is_written_when_there_is_room() {
    let mut reactor = Reactor::new(None).unwrap();
    let (near, mut far) = pair();
    let mut socket = Socket::new(near, reactor.handle()).unwrap();
    let body = vec![7; 16 * 1024 * 1024];
    let peer = std::thread::spawn(move || {
        let mut all = Vec::new();
        far.read_to_end(&mut all).unwrap();
        all.len()
    });
    block_on(&mut reactor, async {
        socket.write_all(&body).await.unwrap();
        socket.shutdown().await.unwrap();
    });
    assert_eq!(peer.join().unwrap(), body.len());
}

#[test]
fn a_timer_ends_when_it_is_due_and_a_dropped_one_wakes_nobody() {
    let mut reactor = Reactor::new(None).unwrap();
    let handle = reactor.handle().clone();
    let due = Instant::now() + Duration::from_millis(3);
    block_on(&mut reactor, async {
        let mut far = std::pin::pin!(sleep(LONG));
        tokio::select! {
            () = &mut far => panic!("the far one first"),
            () = sleep_until(current().unwrap(), due) => {}
        }
    });
    assert!(Instant::now() >= due);
    assert_eq!(handle.timers().next(), None);
}

#[test]
fn another_thread_wakes_a_lane() {
    let mut reactor = Reactor::new(None).unwrap();
    let (sender, receiver) = oneshot::channel();
    let thread = std::thread::spawn(move || sender.send("woken"));
    assert_eq!(block_on(&mut reactor, receiver), Ok("woken"));
    thread.join().unwrap().unwrap();
}

#[test]
fn a_lane_ticks_as_long_as_it_waits_and_a_failed_tick_ends_it() {
    let mut reactor = Reactor::new(None).unwrap();
    let mut ticks = 0;
    let outcome = reactor.block_on(pending::<()>(), &mut Lent::default(), Duration::from_millis(1), || {
        ticks += 1;
        if ticks < 3 { Ok(()) } else { Err(io::Error::other("enough")) }
    });
    assert_eq!((ticks, outcome.unwrap_err().to_string()), (3, "enough".to_owned()));
}

#[test]
fn a_runtime_is_lent_for_as_long_as_it_is_wanted() {
    let mut reactor = Reactor::new(None).unwrap();
    let mut lent = Lent::default();
    let future = async {
        assert!(tokio::runtime::Handle::try_current().is_err());
        let held = HeldRuntime::new().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        // The reactor's own timers go on meanwhile.
        sleep(Duration::from_millis(1)).await;
        drop(held);
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            if tokio::runtime::Handle::try_current().is_ok() { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        on_runtime(async { tokio::runtime::Handle::try_current().is_ok() }).await
    };
    let output = reactor.block_on(future, &mut lent, LONG, || Ok::<(), io::Error>(()));
    assert_eq!(output.unwrap(), Some(true));
    assert!(lent.asked >= 2);
    assert!(!reactor.handle().wants_runtime());
}

#[test]
fn who_is_polled_twice_before_a_runtime_is_there_waits_for_it() {
    let mut reactor = Reactor::new(None).unwrap();
    let output = block_on(&mut reactor, async {
        let mut asking = std::pin::pin!(on_runtime(async { tokio::runtime::Handle::try_current().is_ok() }));
        for _ in 0..2 {
            assert!(std::future::poll_fn(|cx| Poll::Ready(asking.as_mut().poll(cx))).await.is_pending());
        }
        asking.await
    });
    assert_eq!(output, Some(true));
}

#[test]
fn a_loop_goes_on_with_tasks_whose_sockets_are_ready() {
    let mut tasks = Tasks::new(no_runtime()).unwrap();
    let done = Arc::new(AtomicUsize::new(0));
    let mut peers = Vec::new();
    for _ in 0..10 {
        let (near, far) = pair();
        let mut socket = Socket::new(near, tasks.handle()).unwrap();
        let done = Arc::clone(&done);
        tasks.start(
            0,
            Box::pin(async move {
                socket.write_all(b"?").await.unwrap();
                done.fetch_add(usize::from(socket.read_u8().await.unwrap()), Ordering::Relaxed);
            }),
        );
        peers.push(far);
    }
    tasks.turn().unwrap();
    assert_eq!(done.load(Ordering::Relaxed), 0);
    for (number, far) in (1..).zip(&mut peers) {
        far.read_exact(&mut [0]).unwrap();
        far.write_all(&[number]).unwrap();
    }
    let start = Instant::now();
    while done.load(Ordering::Relaxed) < 55 && start.elapsed() < LONG {
        tasks.turn().unwrap();
    }
    assert_eq!(done.load(Ordering::Relaxed), 55);
}

#[test]
fn a_task_of_a_loop_says_when_it_wants_to_be_woken() {
    let mut tasks = Tasks::new(no_runtime()).unwrap();
    let done = Arc::new(AtomicUsize::new(0));
    let noted = Arc::clone(&done);
    let start = Instant::now();
    tasks.start(
        0,
        Box::pin(async move {
            sleep(Duration::from_millis(3)).await;
            noted.fetch_add(1, Ordering::Relaxed);
        }),
    );
    let due = tasks.next_timer().unwrap();
    assert!(due > start && due < start + LONG);
    while done.load(Ordering::Relaxed) == 0 && start.elapsed() < LONG {
        tasks.turn().unwrap();
    }
    assert!(Instant::now() >= due);
    assert_eq!(tasks.next_timer(), None);
}

#[test]
fn tasks_bring_their_outputs_by_their_numbers_and_places_are_used_again() {
    let mut tasks = Tasks::new(no_runtime()).unwrap();
    let (sender, receiver) = oneshot::channel::<u32>();
    let waiting = tasks.start(1, Box::pin(async move { receiver.await.unwrap_or_default() }));
    let ready = tasks.start(2, Box::pin(async { 20 }));
    assert_eq!((tasks.take_done(), waiting == ready), (vec![(2, Some(20))], false));
    // A late or wrong word does not end another's task.
    tasks.drop_task(waiting, 2);
    let dead = tasks.start(3, Box::pin(async { panic!("it dies") }));
    assert_eq!((tasks.take_done(), dead), (vec![(3, None)], ready));
    sender.send(10).unwrap();
    tasks.turn().unwrap();
    assert!(tasks.is_any_done());
    assert_eq!(tasks.take_done(), [(1, Some(10))]);
}

#[test]
fn what_a_task_leaves_behind_is_driven_on_without_a_number() {
    let mut tasks = Tasks::new(no_runtime()).unwrap();
    let (sender, receiver) = oneshot::channel::<u32>();
    let seen = Arc::new(AtomicUsize::new(0));
    let (handle, noted) = (tasks.handle().clone(), Arc::clone(&seen));
    let leaving = async move {
        handle
            .adopt(Box::pin(async move { noted.store(receiver.await.unwrap() as usize, Ordering::Relaxed) }));
        handle.adopt(Box::pin(async { panic!("it dies alone") }));
    };
    tasks.start(5, Box::pin(leaving));
    assert_eq!(tasks.take_done(), [(5, Some(()))]);
    sender.send(18).unwrap();
    tasks.turn().unwrap();
    assert_eq!((seen.load(Ordering::Relaxed), tasks.take_done()), (18, vec![]));
}

#[test]
fn a_task_that_is_dropped_ends_at_once() {
    let mut tasks = Tasks::new(no_runtime()).unwrap();
    let (sender, receiver) = oneshot::channel::<()>();
    let place = tasks.start(7, Box::pin(async move { receiver.await.is_ok() }));
    tasks.drop_task(place, 7);
    assert!(sender.is_closed());
    tasks.turn().unwrap();
    assert_eq!(tasks.take_done(), []);
}

#[cfg(unix)]
#[test]
fn the_descriptor_becomes_readable_when_another_thread_wakes_a_task() {
    use std::os::fd::AsRawFd;

    let mut tasks = Tasks::new(no_runtime()).unwrap();
    let (sender, receiver) = oneshot::channel::<()>();
    let done = Arc::new(AtomicUsize::new(0));
    let noted = Arc::clone(&done);
    tasks.start(
        0,
        Box::pin(async move {
            receiver.await.unwrap();
            noted.fetch_add(1, Ordering::Relaxed);
        }),
    );
    let mut outer = mio::Poll::new().unwrap();
    let descriptor = tasks.as_raw_fd();
    outer
        .registry()
        .register(&mut mio::unix::SourceFd(&descriptor), mio::Token(0), mio::Interest::READABLE)
        .unwrap();
    std::thread::spawn(move || sender.send(())).join().unwrap().unwrap();
    let mut events = mio::Events::with_capacity(1);
    outer.poll(&mut events, Some(LONG)).unwrap();
    assert_eq!(events.iter().count(), 1);
    tasks.turn().unwrap();
    assert_eq!(done.load(Ordering::Relaxed), 1);
}

#[test]
fn a_reactor_that_is_gone_says_so() {
    let reactor = Reactor::new(None).unwrap();
    let handle = reactor.handle().clone();
    assert!(!handle.is_orphaned());
    drop(reactor);
    assert!(handle.is_orphaned());
    handle.interrupt();
}
