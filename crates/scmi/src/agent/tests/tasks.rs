//! Many tasks on one engine.

use core::cell::RefCell;
use core::task::{Poll, Waker};
use core::time::Duration;
use std::vec::Vec;

use super::wire::{Bell, Wire, message, poll};
use crate::agent::{CallError, Link, Lock, Tasks, Timeouts};
use crate::protocol::clock::wire::RateGet;
use crate::transport::SendError;
use crate::wire::{Header, MessageId, ProtocolId, Status, U64};

type Wired<const SLOTS: usize> = RefCell<Link<Wire, SLOTS, 136, 2>>;

fn wired<const SLOTS: usize>() -> (Wire, Tasks<Wired<SLOTS>>) {
    let wire = Wire::new();
    (wire.clone(), Tasks::new(RefCell::new(Link::new(wire))))
}

fn rate(clock: u32) -> RateGet {
    RateGet { clock: clock.into() }
}

/// What a test platform says of a clock.
fn rate_of(clock: u32) -> U64 {
    U64::new(u64::from(clock) * 1000)
}

#[test]
fn thirty_two_reads_at_once_share_eight_slots_and_end_out_of_order() {
    let (wire, tasks) = wired::<8>();
    let mut reads: Vec<_> = (0..32).map(|clock| (clock, tasks.call(rate(clock)))).collect();
    let mut ended = 0;
    let mut rounds = 0;
    // As if they were joined: one task, one waker.
    let (_, waker) = Bell::new();
    while !reads.is_empty() {
        reads.retain_mut(|(clock, read)| match poll(read, &waker) {
            Poll::Pending => true,
            Poll::Ready(came) => {
                assert_eq!(came, Ok(rate_of(*clock)));
                ended += 1;
                false
            }
        });
        let sent = wire.sent();
        assert!(sent.len() <= 8);
        for sent in sent.iter().rev() {
            let clock = sent.request[4].into();
            wire.answer(sent, zerocopy::IntoBytes::as_bytes(&rate_of(clock)));
        }
        rounds += 1;
        assert!(rounds < 20, "{ended} have ended");
    }
    assert_eq!(tasks.with(|link| link.agent().free()), Ok(8));
}

#[test]
fn each_task_is_woken_for_its_own_call_and_no_other() {
    let (wire, tasks) = wired::<4>();
    let ((one, one_waker), (two, two_waker)) = (Bell::new(), Bell::new());
    let (mut first, mut second) = (tasks.call(rate(1)), tasks.call(rate(2)));
    assert!(poll(&mut first, &one_waker).is_pending());
    assert!(poll(&mut second, &two_waker).is_pending());
    let sent = wire.sent();
    wire.answer(&sent[1], &[0; 8]);
    tasks.pump();
    assert_eq!((one.rang(), two.rang()), (0, 1));
    assert_eq!(poll(&mut second, &two_waker), Poll::Ready(Ok(0.into())));
    // The deadline of the other one comes: it is woken for that too.
    wire.pass(Duration::from_secs(3));
    assert_eq!(tasks.pump(), None);
    assert_eq!((one.rang(), two.rang()), (1, 0));
    let timed_out = CallError::TimedOut { delayed: false };
    assert_eq!(poll(&mut first, &one_waker), Poll::Ready(Err(timed_out)));
}

#[test]
fn a_dropped_future_gives_its_call_up_and_its_slot_is_free_when_the_buffer_is_back() {
    let (wire, tasks) = wired::<1>();
    let mut read = tasks.call(rate(1));
    assert!(poll(&mut read, Waker::noop()).is_pending());
    drop(read);
    let lost = CallError::NoSlot { lost: 1 };
    assert_eq!(poll(&mut tasks.call(rate(2)), Waker::noop()), Poll::Ready(Err(lost)));
    wire.answer(&wire.sent()[0], &[0; 8]);
    tasks.pump();
    assert_eq!(tasks.counters().map(|counters| counters.late), Ok(1));
    assert!(poll(&mut tasks.call(rate(3)), Waker::noop()).is_pending());
}

#[test]
fn a_forgotten_future_keeps_its_slot_until_its_deadline_and_no_longer() {
    let (wire, tasks) = wired::<1>();
    let mut read = tasks.call(rate(1));
    assert!(poll(&mut read, Waker::noop()).is_pending());
    core::mem::forget(read);
    wire.answer(&wire.sent()[0], &[0; 8]);
    tasks.pump();
    assert_eq!(tasks.with(|link| link.agent().untaken()), Ok(1), "it can be seen");
    // The next one waits for the slot, is told when to ask again, and then gets it.
    let (bell, waker) = Bell::new();
    let mut next = tasks.call(rate(2));
    assert!(poll(&mut next, &waker).is_pending());
    assert!(wire.sent().is_empty());
    assert!(tasks.pump().is_some(), "there is a deadline");
    wire.pass(Duration::from_secs(3));
    tasks.pump();
    assert_eq!(bell.rang(), 1);
    assert!(poll(&mut next, &waker).is_pending());
    wire.answer(&wire.sent()[0], &[0; 8]);
    assert_eq!(poll(&mut next, &waker), Poll::Ready(Ok(0.into())));
    assert_eq!(tasks.counters().map(|counters| counters.abandoned), Ok(1));
}

#[test]
fn slots_that_are_lost_are_seen_and_a_reset_frees_them() {
    let (wire, tasks) = wired::<2>();
    for clock in 0..2 {
        let mut read = tasks.call(rate(clock));
        assert!(poll(&mut read, Waker::noop()).is_pending());
        core::mem::forget(read);
    }
    wire.pass(Duration::from_secs(3));
    tasks.pump();
    let lost = CallError::NoSlot { lost: 2 };
    assert_eq!(poll(&mut tasks.call(rate(2)), Waker::noop()), Poll::Ready(Err(lost)));
    tasks.with(Link::reset).expect("free");
    let old = wire.sent();
    let mut read = tasks.call(rate(3));
    assert!(poll(&mut read, Waker::noop()).is_pending());
    // What the old life still sends finds nobody.
    old.iter().for_each(|sent| wire.answer(sent, &[0xAA; 8]));
    assert!(poll(&mut read, Waker::noop()).is_pending());
    assert_eq!(tasks.counters().map(|counters| counters.unexpected), Ok(2));
    wire.answer(&wire.sent()[0], &[0; 8]);
    assert_eq!(poll(&mut read, Waker::noop()), Poll::Ready(Ok(0.into())));
}

#[test]
fn notifications_are_a_stream_that_says_what_was_missed() {
    let (wire, tasks) = wired::<2>();
    let (bell, waker) = Bell::new();
    let mut events = tasks.events();
    assert!(poll(&mut events.next(), &waker).is_pending());
    let header = Header::notification(ProtocolId::CLOCK, MessageId(0));
    for byte in 0..5 {
        wire.event(&message(header, Status(byte), &[]));
    }
    tasks.pump();
    assert_eq!(bell.rang(), 1);
    let mut next = || match poll(&mut events.next(), &waker) {
        Poll::Ready(Ok(event)) => Some((event.payload()[0], event.missed())),
        _ => None,
    };
    assert_eq!([next(), next(), next()], [Some((3, 3)), Some((4, 0)), None]);
    assert_eq!(tasks.counters().map(|counters| counters.events_lost), Ok(3));
}

#[test]
fn a_call_inside_the_lock_is_refused_and_does_not_hang() {
    let (_, tasks) = wired::<2>();
    let mut inside = tasks.call(rate(1));
    let polled = tasks.lock().with(|_| poll(&mut inside, Waker::noop()));
    assert_eq!(polled, Some(Poll::Ready(Err(CallError::Locked))));
}

#[test]
fn each_call_can_have_its_own_deadline() {
    let (wire, tasks) = wired::<2>();
    let short = Timeouts::all(Duration::from_millis(5));
    let (mut one, mut two) = (tasks.call(rate(1)).within(short), tasks.call(rate(2)));
    assert!(poll(&mut one, Waker::noop()).is_pending());
    assert!(poll(&mut two, Waker::noop()).is_pending());
    wire.pass(Duration::from_millis(6));
    let timed_out = CallError::TimedOut { delayed: false };
    assert_eq!(poll(&mut one, Waker::noop()), Poll::Ready(Err(timed_out)));
    assert!(poll(&mut two, Waker::noop()).is_pending());
    wire.close();
    let closed = CallError::Channel(SendError::Closed);
    assert_eq!(poll(&mut two, Waker::noop()), Poll::Ready(Err(closed)));
}
