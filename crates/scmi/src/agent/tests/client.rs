//! The front that waits.

use core::time::Duration;

use super::wire::Wire;
use crate::agent::{CallError, CallerExt, Client, Timeouts};
use crate::protocol::base::wire::DiscoverImplementationVersion;
use crate::transport::{Channel, SendError};

const VERSION: DiscoverImplementationVersion = DiscoverImplementationVersion;

#[test]
fn polling_has_its_own_deadline_and_does_not_wait_for_an_interrupt() {
    let mut wire = Wire::new();
    let other = wire.clone();
    let mut client = Client::<4>::new(&mut wire);
    let (response, polling) = (Duration::from_secs(9), Duration::from_micros(10));
    client.set_timeouts(Timeouts { response, polling, ..Timeouts::DEFAULT });
    let timed_out = CallError::TimedOut { delayed: false };

    let before = other.now();
    assert_eq!(client.polling().call(&VERSION), Err(timed_out));
    let took = other.now().since(before);
    assert!(took >= polling && took < 2 * polling, "{took:?}");
    assert_eq!(other.waits(), 0);

    let before = other.now();
    assert_eq!(client.call(&VERSION), Err(timed_out));
    assert!(other.now().since(before) >= response);
    assert!(other.waits() > 0);

    let before = other.now();
    let short = Timeouts::all(Duration::from_millis(3));
    assert_eq!(client.within(short).call(&VERSION), Err(timed_out));
    let took = other.now().since(before);
    assert!(took >= short.response && took < 2 * short.response, "{took:?}");
}

/// A length that the other side made up shows it nothing, and nothing of other messages.
#[test]
fn claimed_lengths_read_as_zeros_at_most() {
    let mut wire = Wire::new();
    let other = wire.clone();
    let mut client = Client::<4>::new(&mut wire);
    let call = client.start(&super::READ).expect("a slot is free");
    let sent = other.sent().remove(0);
    // 500 bytes are claimed; 136 fit, of which 24 are the room that was offered.
    let mut answer = super::wire::message(sent.header(), crate::wire::Status::SUCCESS, &[9; 4]);
    answer.resize(500, 0xEE);
    other.reply(sent.tag, &answer);
    let came = client.wait(call, client.now());
    assert_eq!(came, Some(Ok(&[[9; 4], [0xEE; 4], [0xEE; 4], [0xEE; 4]].concat()[..])));
    assert_eq!(client.agent().counters().cut, 1);
}

#[test]
fn a_command_that_the_channel_never_takes_ends_with_its_reason() {
    let mut wire = Wire::new();
    wire.close();
    let mut client = Client::<1>::new(&mut wire);
    for _ in 0..3 {
        let closed = CallError::Channel(SendError::Closed);
        assert_eq!(client.call(&VERSION), Err(closed), "and its slot is free again");
    }
    assert_eq!(client.agent().free(), 1);
}
