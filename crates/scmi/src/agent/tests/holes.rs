//! The three problems that the first transport for Linux left open, and that each is none here.

use core::cell::RefCell;
use core::task::{Poll, Waker};
use core::time::Duration;

use super::wire::{Bell, Wire, poll};
use crate::agent::{CallError, CallerExt, Client, Link, Request, Tasks, Timeouts};
use crate::protocol::base;
use crate::protocol::base::wire::DiscoverImplementationVersion;
use crate::time::Time;
use crate::transport::{Channel, SendError};
use crate::wire::{MessageId, ProtocolId, U32};

const READ: Request<'_> = Request {
    protocol: ProtocolId::SENSOR,
    message: MessageId(6),
    params: &[],
    values: 8,
    delayed: false,
};

/// First: the transfer of a call that timed out is used again, and the late answer lands in another call.
#[test]
fn a_late_answer_never_lands_in_a_call_that_came_after() {
    let wire = Wire::new();
    let mut link = Link::<_, 2, 32, 1>::new(wire.clone());
    let first = link.start(&READ, Timeouts::DEFAULT).expect("a slot is free");
    link.pump();
    let late = wire.sent().remove(0);
    wire.pass(Duration::from_secs(3));
    link.pump();
    assert_eq!(link.poll(first), Some(Err(CallError::TimedOut { delayed: false })));

    // Its slot, its buffer and its token are nobody's while the other side may write there.
    let second = link.start(&READ, Timeouts::DEFAULT).expect("the other slot is free");
    let none = link.start(&READ, Timeouts::DEFAULT);
    assert_eq!(none, Err(CallError::NoSlot { lost: 1 }));
    link.pump();
    let sent = wire.sent().remove(0);
    assert_ne!((sent.tag, sent.header().token()), (late.tag, late.header().token()));

    wire.answer(&late, &[1; 8]);
    link.pump();
    assert_eq!(link.poll(second), None, "it was the answer to another call");
    assert_eq!((link.agent().counters().late, link.agent().lost()), (1, 0));

    // The slot is used again now; the late answer comes once more, and again finds nobody.
    let third = link.start(&READ, Timeouts::DEFAULT).expect("it is back");
    link.pump();
    wire.answer(&late, &[1; 8]);
    link.pump();
    assert_eq!(link.poll(second), None);
    assert_eq!(link.poll(third), None);
    assert_eq!(link.agent().counters().unexpected, 1);
    wire.answer(&sent, &[2; 8]);
    link.pump();
    assert_eq!(link.poll(second), Some(Ok(&[2; 8][..])));
}

/// Second: messages come after a probe that failed, or after removal.
#[test]
fn what_comes_after_removal_finds_nobody() {
    let wire = Wire::new();
    let mut link = Link::<_, 2, 32, 2>::new(wire.clone());
    let call = link.start(&READ, Timeouts::DEFAULT).expect("a slot is free");
    link.pump();
    let sent = wire.sent().remove(0);

    // Removed: whoever waits learns it, not at its deadline but now.
    let removed = link.detach().expect("it was attached");
    let closed = CallError::Channel(SendError::Closed);
    assert_eq!(link.poll(call), Some(Err(closed)));
    assert_eq!(link.start(&READ, Timeouts::DEFAULT), Err(CallError::NoChannel));
    wire.answer(&sent, &[1; 8]);
    wire.event(&sent.header().delayed_response().word().to_le_bytes());
    assert_eq!(link.pump(), None);

    // A channel that gives what the life before left: it is counted, and is nobody's.
    link.attach(removed);
    let next = link.start(&READ, Timeouts::DEFAULT).expect("all slots are free");
    link.pump();
    assert_eq!(link.poll(next), None);
    assert_eq!((link.agent().counters().unexpected, link.agent().counters().closed), (2, 1));
    wire.answer(&wire.sent()[0], &[2; 8]);
    link.pump();
    assert_eq!(link.poll(next), Some(Ok(&[2; 8][..])));
}

/// Third: the transport may not be there when the driver starts.
#[test]
fn a_channel_may_come_late_go_away_and_come_back() {
    let (mut one, mut two) = (Wire::new(), Wire::new());
    let wires = [one.clone(), two.clone()];
    let mut client = Client::<4>::absent();
    assert_eq!(base::agent::discover(&mut client), Err(CallError::NoChannel));
    assert_eq!((client.now(), client.next_event(Time::NEVER)), (Time::ZERO, None));

    client.attach(&mut one);
    let version = |client: &mut Client<'_, 4>, wire: &Wire| {
        let call = client.start(&READ).expect("it has a channel");
        wire.answer(&wire.sent()[0], &[7; 4]);
        client.wait(call, Time::NEVER).map(|came| came.map(<[u8]>::to_vec))
    };
    assert_eq!(version(&mut client, &wires[0]), Some(Ok([7; 4].to_vec())));

    // It goes away while a call waits, which learns it at once.
    let call = client.start(&READ).expect("it has a channel");
    wires[0].close();
    let before = wires[0].now();
    let closed = CallError::Channel(SendError::Closed);
    assert_eq!(client.wait(call, Time::NEVER), Some(Err(closed)));
    assert_eq!(client.call(&DiscoverImplementationVersion), Err(closed));
    assert!(wires[0].now().since(before) < Duration::from_millis(1));

    client.attach(&mut two);
    assert_eq!(version(&mut client, &wires[1]), Some(Ok([7; 4].to_vec())));
}

#[test]
fn tasks_wait_for_a_channel_that_is_not_there_yet() {
    let wire = Wire::new();
    let tasks = Tasks::new(RefCell::new(Link::<_, 2, 32, 1>::absent()));
    let (bell, waker) = Bell::new();
    let mut attached = tasks.attached();
    assert!(poll(&mut attached, &waker).is_pending());
    let mut early = tasks.call(DiscoverImplementationVersion);
    assert_eq!(poll(&mut early, &waker), Poll::Ready(Err(CallError::NoChannel)));

    assert!(tasks.with(|link| link.attach(wire.clone())).expect("unlocked").is_none());
    assert_eq!(bell.rang(), 1);
    assert_eq!(poll(&mut attached, &waker), Poll::Ready(Ok(())));
    let mut call = tasks.call(DiscoverImplementationVersion);
    assert!(poll(&mut call, Waker::noop()).is_pending());
    wire.answer(&wire.sent()[0], &[5, 0, 0, 0]);
    assert_eq!(poll(&mut call, Waker::noop()), Poll::Ready(Ok(U32::new(5))));
}
