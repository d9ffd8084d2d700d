//! The engine without a channel: what is given to it, in the order that hurts.

use core::time::Duration;

use super::{Agent, CallError, CallId, Malformed, Request, Timeouts};
use crate::time::Time;
use crate::wire::{Header, MessageId, ProtocolId, Status};

type Small = Agent<1, 32, 2>;

const TIMEOUTS: Timeouts =
    Timeouts { response: Duration::from_secs(1), delayed: Duration::from_secs(1) };

/// An engine with one slot whose command is with the channel.
fn in_flight(delayed: bool) -> (Small, CallId, Header) {
    let mut agent = Small::new();
    let request = Request {
        protocol: ProtocolId::SENSOR,
        message: MessageId(6),
        params: &[],
        values: 16,
        delayed,
    };
    let call = agent.start(Time::ZERO, &request, TIMEOUTS).expect("a slot is free");
    let header = Header::parse(agent.poll_transmit().expect("queued").bytes).expect("a header");
    (agent, call, header)
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
        let (mut agent, call, header) = in_flight(true);
        agent.handle_event(&response(header.delayed_response(), status, 7));
        assert_eq!(agent.poll(call), None, "the buffer is still out");
        agent.handle_reply(Time::ZERO, 0, &response(header, Status::SUCCESS, 0));
        assert_eq!(agent.poll(call), Some(expected.map_err(CallError::Refused)));
        assert_eq!((agent.lost(), agent.counters()), (0, super::Counters::default()));
    }
}

#[test]
fn a_command_that_was_given_up_before_the_channel_refused_it_is_not_lost() {
    let (mut agent, call, _) = in_flight(true);
    agent.forget(call);
    assert_eq!(agent.lost(), 1);
    agent.not_sent(0);
    assert_eq!((agent.lost(), agent.poll_transmit().is_none()), (0, true));
}

#[test]
fn nothing_is_owed_after_an_answer_that_makes_no_sense() {
    for given_up in [false, true] {
        let (mut agent, call, header) = in_flight(true);
        if given_up {
            agent.forget(call);
        }
        // A platform that drops a command gives its buffer back empty.
        agent.handle_reply(Time::ZERO, 0, &[]);
        let ended = agent.poll(call).map(|ended| ended.map(<[u8]>::len));
        let sent = header.word();
        let expected = match given_up {
            false => CallError::Malformed(Malformed::Header { sent, came: 0 }),
            true => CallError::TimedOut { delayed: false },
        };
        assert_eq!(ended, Some(Err(expected)));
        assert_eq!(agent.lost(), 0, "given up: {given_up}");
    }
}
