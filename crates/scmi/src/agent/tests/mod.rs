//! The engine without a channel: what is given to it, in the order that hurts.

mod client;
mod holes;
mod tasks;
#[cfg(feature = "platform")]
mod typed;
mod wire;

use core::time::Duration;

use super::{Agent, CallError, CallId, Counters, Malformed, Request, Timeouts};
use crate::time::Time;
use crate::wire::{Header, MessageId, ProtocolId, Status};

type Small = Agent<1, 32, 2>;

const TIMEOUTS: Timeouts = Timeouts::all(Duration::from_secs(1));

const READ: Request<'_> = Request {
    protocol: ProtocolId::SENSOR,
    message: MessageId(6),
    params: &[],
    values: 16,
    delayed: false,
};

/// An engine with one slot whose command is with the channel, in the buffer of the tag.
fn in_flight(delayed: bool) -> (Small, CallId, u16, Header) {
    let mut agent = Small::new();
    let request = Request { delayed, ..READ };
    let call = agent.start(Time::ZERO, &request, TIMEOUTS).expect("a slot is free");
    let transmit = agent.poll_transmit().expect("queued");
    let (tag, header) = (transmit.tag, Header::parse(transmit.bytes).expect("a header"));
    (agent, call, tag, header)
}

fn response(header: Header, status: Status, value: u8) -> [u8; 9] {
    let mut bytes = [value; 9];
    bytes[..4].copy_from_slice(&header.word().to_le_bytes());
    bytes[4..8].copy_from_slice(&status.0.to_le_bytes());
    bytes
}

#[test]
fn a_delayed_response_that_overtakes_the_immediate_one_is_kept_whatever_its_status() {
    let ends =
        [(Status::SUCCESS, Ok(&[7][..])), (Status::HARDWARE_ERROR, Err(Status::HARDWARE_ERROR))];
    for (status, expected) in ends {
        let (mut agent, call, tag, header) = in_flight(true);
        agent.handle_event(&response(header.delayed_response(), status, 7));
        assert_eq!(agent.poll(call), None, "the buffer is still out");
        agent.handle_reply(Time::ZERO, tag, &response(header, Status::SUCCESS, 0));
        assert_eq!(agent.poll(call), Some(expected.map_err(CallError::Refused)));
        assert_eq!((agent.lost(), agent.counters()), (0, Counters::default()));
    }
}

#[test]
fn a_command_that_was_given_up_before_the_channel_refused_it_is_not_lost() {
    let (mut agent, call, tag, _) = in_flight(true);
    agent.forget(call);
    assert_eq!(agent.lost(), 1);
    agent.not_sent(tag);
    assert_eq!((agent.lost(), agent.poll_transmit().is_none()), (0, true));
}

#[test]
fn nothing_is_owed_after_an_answer_that_makes_no_sense() {
    for given_up in [false, true] {
        let (mut agent, call, tag, _) = in_flight(true);
        if given_up {
            agent.forget(call);
        }
        // A platform that drops a command gives its buffer back empty.
        agent.handle_reply(Time::ZERO, tag, &[]);
        let ended = agent.poll(call).map(|ended| ended.map(<[u8]>::len));
        let expected = match given_up {
            false => CallError::Malformed(Malformed::Header { came: 0 }),
            true => CallError::TimedOut { delayed: false },
        };
        assert_eq!(ended, Some(Err(expected)));
        assert_eq!(agent.lost(), 0, "given up: {given_up}");
    }
}

#[test]
fn nothing_is_owed_any_more_when_the_platform_says_so() {
    let (mut agent, call, tag, header) = in_flight(true);
    agent.handle_reply(Time::ZERO, tag, &response(header, Status::SUCCESS, 0));
    agent.forget(call);
    let next = Request { delayed: true, ..READ };
    assert_eq!(agent.start(Time::ZERO, &next, TIMEOUTS), Err(CallError::NoSlot { lost: 1 }));
    agent.nothing_is_owed();
    assert_eq!(agent.lost(), 0);

    // One that still waits for its delayed response waits in vain.
    let call = agent.start(Time::ZERO, &next, TIMEOUTS).expect("it is free");
    let transmit = agent.poll_transmit().expect("queued");
    let (tag, header) = (transmit.tag, Header::parse(transmit.bytes).expect("a header"));
    agent.handle_reply(Time::ZERO, tag, &response(header, Status::SUCCESS, 0));
    assert_eq!(agent.poll(call), None);
    agent.nothing_is_owed();
    assert_eq!(agent.poll(call), Some(Err(CallError::TimedOut { delayed: true })));
    agent.handle_event(&response(header.delayed_response(), Status::SUCCESS, 7));
    assert_eq!((agent.counters().unexpected, agent.free()), (1, 1));
}

#[test]
fn a_delayed_response_has_its_own_deadline_from_the_immediate_one_on() {
    let (mut agent, call, tag, header) = in_flight(true);
    let late = Time::from_millis(900);
    agent.handle_reply(late, tag, &response(header, Status::SUCCESS, 0));
    assert_eq!(agent.next_deadline(), Some(Time::from_millis(1900)));
    agent.handle_timeout(Time::from_millis(1899));
    assert_eq!(agent.poll(call), None);
    agent.handle_timeout(Time::from_millis(1900));
    assert_eq!(agent.poll(call), Some(Err(CallError::TimedOut { delayed: true })));
    // It is owed: neither the slot nor the token is used before it came.
    assert_eq!(agent.lost(), 1);
    agent.handle_event(&response(header.delayed_response(), Status::SUCCESS, 7));
    assert_eq!((agent.lost(), agent.counters().late, agent.counters().timed_out), (0, 1, 1));
}
