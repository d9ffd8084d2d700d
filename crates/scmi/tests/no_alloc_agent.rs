//! No memory is taken from an allocator by an agent, whichever front it has.

#![cfg(feature = "agent")]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, RefCell};
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::alloc::System;

use scmi::Time;
use scmi::agent::{CallError, CallerExt, Client, Link, Tasks};
use scmi::protocol::clock::agent::{Clocks, RateInfo};
use scmi::protocol::clock::wire::{RateGet, Rounding};
use scmi::transport::{Channel, Limits, Received, SendError};
use scmi::wire::{Header, MessageId, MessageType, ProtocolId};

thread_local! {
    /// Pieces of memory that this thread has asked for.
    static TAKEN: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, with a count.
struct Counting;

// SAFETY: every call is passed on to `System` as it came, and counting allocates nothing: the counter is initialised at
// compile time and has no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        TAKEN.set(TAKEN.get() + 1);
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the memory came from `System`, by `alloc` with this layout.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Answers everything with the same words, a notification in between.
#[derive(Default)]
struct Words {
    waiting: Option<(u16, u32)>,
    now: Time,
    asked: u32,
}

impl Channel for Words {
    fn send(&mut self, tag: u16, request: &[u8], _: usize) -> Result<(), SendError> {
        if self.waiting.is_some() {
            return Err(SendError::Full);
        }
        let header = Header::parse(request).expect("a header");
        self.waiting = Some((tag, header.word()));
        self.asked += 1;
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        let mut put = |words: &[u32]| {
            for (to, word) in buffer.chunks_mut(4).zip(words) {
                to.copy_from_slice(&word.to_le_bytes());
            }
            4 * words.len()
        };
        if self.asked.is_multiple_of(5) {
            self.asked += 1;
            let header = Header::notification(ProtocolId::CLOCK, MessageId(0)).word();
            return Some(Received::Event { len: put(&[header, 0, 1, 2, 3]) });
        }
        // The counts are of one clock, or of a list with one entry.
        let (tag, header) = self.waiting.take()?;
        Some(Received::Reply { tag, len: put(&[header, 0, 1, 24_000_000, 0, 0, 0, 0, 0, 0]) })
    }

    fn now(&self) -> Time {
        self.now
    }

    fn wait(&mut self, until: Time) {
        self.now = until;
    }

    fn limits(&self) -> Limits {
        Limits { in_flight: 1, max_message: 136, p2a: true }
    }
}

async fn use_clocks(tasks: &Tasks<RefCell<Link<Words>>>) -> Result<(), CallError> {
    let mut clocks = Clocks::open_on(tasks).await?;
    let mut rates = 0;
    clocks.rates(0, &mut |rate| rates += u64::from(matches!(rate, RateInfo::One(_)))).await?;
    clocks.set_rate(0, 24_000_000, Rounding::Down).await?;
    clocks.set_enabled(0, true).await?;
    // Two at once; the second one waits for the channel.
    let mut one = pin!(tasks.call(RateGet { clock: 0.into() }));
    let mut two = pin!(tasks.call(RateGet { clock: 1.into() }));
    let mut ended = [false; 2];
    core::future::poll_fn(|context| {
        ended[0] = ended[0] || one.as_mut().poll(context).is_ready();
        ended[1] = ended[1] || two.as_mut().poll(context).is_ready();
        if ended == [true; 2] { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let dropped = tasks.call(RateGet { clock: 2.into() });
    drop(dropped);
    assert_eq!(rates, 1);
    Ok(())
}

#[test]
fn an_agent_allocates_nothing_on_either_front() {
    let warm = Box::new(1);
    assert!(TAKEN.get() > 0, "the count counts: {warm}");
    let before = TAKEN.get();

    let tasks = Tasks::new(RefCell::new(Link::new(Words::default())));
    for _ in 0..100 {
        let mut all = pin!(use_clocks(&tasks));
        let mut polls = 0;
        let ended = loop {
            if let Poll::Ready(ended) = all.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                break ended;
            }
            polls += 1;
            assert!(polls < 100, "it does not end");
            tasks.pump();
        };
        assert_eq!(ended, Ok(()));
        let mut events = tasks.events();
        while let Poll::Ready(event) = events.poll_next(&mut Context::from_waker(Waker::noop())) {
            assert_eq!(event.map(|event| event.header().kind()), Ok(MessageType::NOTIFICATION));
        }
    }

    let mut channel = Words::default();
    let mut client = Client::<4>::new(&mut channel);
    for _ in 0..100 {
        let mut clocks = Clocks::open(&mut client).expect("it answers");
        clocks.rates(0, &mut |_| ()).expect("it answers");
        clocks.set_rate(0, 24_000_000, Rounding::Down).expect("it answers");
        client.call(&RateGet { clock: 0.into() }).expect("it answers");
        while client.next_event(Time::ZERO).is_some() {}
    }
    assert_eq!(TAKEN.get(), before);
}
