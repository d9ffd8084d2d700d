//! Byte vectors worked by hand from section 6, and both ends against each other.

mod permissions;

use alloc::boxed::Box;
use std::string::String;
use std::vec::Vec;

use super::agent::{self, Event};
use super::platform::Identity;
use super::wire::ErrorReport;
use super::{V1, V2, V2_1};
use crate::agent::{CallError, CallerExt, Client};
use crate::platform::{AgentId, AgentSpec, Link, Outcome, Platform, Space};
use crate::protocol::sensor::platform::SensorServer;
use crate::protocol::sensor::tests::Fixed;
use crate::time::Time;
use crate::transport::{Channel, Loopback};
use crate::wire::{Header, I32, MessageId, ProtocolId, Status, U32};

pub(crate) fn identity() -> Identity {
    Identity { vendor: "acme".into(), sub_vendor: "demo".into(), implementation_version: 0x10203 }
}

fn platform() -> Platform {
    Platform::builder(identity())
        .server(Box::new(SensorServer::new(Box::new(Fixed::new()))))
        .agent("vm1", &[])
        .agent("old", &[(ProtocolId::BASE, V1)])
        .build()
        .expect("fits together")
}

fn id(index: usize) -> AgentId {
    AgentId::from_index(index).expect("small")
}

/// One exchange in bytes, with room for 136 bytes of answer.
fn bytes(platform: &mut Platform, agent: usize, request: &[u8]) -> Vec<u8> {
    let mut reply = [0xEE; 136];
    match platform.handle(Time::ZERO, id(agent), request, &mut reply) {
        Outcome::Reply(len) => reply[..len].to_vec(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn answers_look_as_section_6_says() {
    let mut platform = platform();
    platform.connect(Time::ZERO, id(0), Link::new(true));
    // Header: message | protocol 0x10 << 10 | token 1 << 18.
    let ask = |message: u8, params: &[u8]| [&[message, 0x40, 4, 0], params].concat();
    let cases: [(u8, &[u8], &[u8]); 11] = [
        (0, &[], &[1, 0, 2, 0]),
        (1, &[], &[1, 2, 0, 0]),
        (2, &[8, 0, 0, 0], &[0, 0, 0, 0]),
        (3, &[], b"acme\0\0\0\0\0\0\0\0\0\0\0\0"),
        (4, &[], b"demo\0\0\0\0\0\0\0\0\0\0\0\0"),
        (5, &[], &[3, 2, 1, 0]),
        (6, &[0, 0, 0, 0], &[1, 0, 0, 0, 0x15, 0, 0, 0]),
        (6, &[1, 0, 0, 0], &[0, 0, 0, 0]),
        (7, &[0, 0, 0, 0], b"\0\0\0\0platform\0\0\0\0\0\0\0\0"),
        (7, &[0xFF, 0xFF, 0xFF, 0xFF], b"\x01\0\0\0vm1\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        (8, &[1, 0, 0, 0], &[]),
    ];
    for (message, params, values) in cases {
        let request = ask(message, params);
        let expected = [&request[..4], &[0; 4], values].concat();
        assert_eq!(bytes(&mut platform, 0, &request), expected, "message {message}");
    }
}

#[test]
fn refusals_are_the_status_alone_in_the_order_of_section_2_1() {
    let mut platform = platform();
    platform.connect(Time::ZERO, id(0), Link::new(true));
    let cases: [(&[u8], i8); 12] = [
        // A type that is not a command's, reserved header bits with it.
        (&[0, 0x42, 0, 0], -10),
        (&[0, 0x43, 0, 0xF0], -10),
        // A protocol that is not there.
        (&[0, 0x44, 0, 0], -1),
        // Messages that are not there.
        (&[0x3F, 0x40, 0, 0], -4),
        (&[2, 0x40, 0, 0, 0x3F, 0, 0, 0], -4),
        (&[2, 0x40, 0, 0, 0, 1, 0, 0], -4),
        (&[9, 0x40, 0, 0], -4),
        // Lengths.
        (&[0, 0x40, 0, 0, 1], -10),
        (&[6, 0x40, 0, 0], -10),
        // Values.
        (&[6, 0x40, 0, 0, 2, 0, 0, 0], -2),
        (&[7, 0x40, 0, 0, 3, 0, 0, 0], -4),
        (&[8, 0x40, 0, 0, 0xF, 0, 0, 0], -2),
    ];
    for (request, status) in cases {
        let expected = [&request[..4], &i32::from(status).to_le_bytes()].concat();
        assert_eq!(bytes(&mut platform, 0, request), expected, "{request:x?}");
    }
}

#[test]
fn a_protocol_in_which_an_agent_has_nothing_is_not_there() {
    let clock = crate::protocol::clock::tests::server;
    let mut platform = Platform::builder(identity())
        .server(Box::new(SensorServer::new(Box::new(Fixed::new()))))
        .server(clock())
        .agent_as(AgentSpec::new("both"))
        .agent_as(AgentSpec::new("clocks").sees(Space::Sensor, &[]))
        .agent_as(AgentSpec::new("none").sees(Space::Sensor, &[]).sees(Space::Clock, &[]))
        .build()
        .expect("fits together");
    let sensor = [0_u8, 0x54, 0, 0];
    let answers = [0, 1, 2].map(|agent| {
        platform.connect(Time::ZERO, id(agent), Link::new(true));
        [&[1, 0x40, 0, 0][..], &[6, 0x40, 0, 0, 0, 0, 0, 0], &sensor]
            .map(|request| bytes(&mut platform, agent, request)[4..].to_vec())
    });
    let not_there = (-1_i32).to_le_bytes().to_vec();
    let expected: [[&[u8]; 3]; 3] = [
        [
            &[0, 0, 0, 0, 2, 3, 0, 0],
            &[0, 0, 0, 0, 2, 0, 0, 0, 0x14, 0x15, 0, 0],
            &[0, 0, 0, 0, 1, 0, 3, 0],
        ],
        [&[0, 0, 0, 0, 1, 3, 0, 0], &[0, 0, 0, 0, 1, 0, 0, 0, 0x14, 0, 0, 0], &not_there],
        [&[0, 0, 0, 0, 0, 3, 0, 0], &[0, 0, 0, 0, 0, 0, 0, 0], &not_there],
    ];
    assert_eq!(answers, expected);
    // Not even a message that no protocol has, nor what is no list of its own.
    assert_eq!(bytes(&mut platform, 2, &[0x3F, 0x54, 0, 0])[4..], not_there);
    let skip = |skip: u8| [6, 0x40, 0, 0, skip, 0, 0, 0];
    assert_eq!(bytes(&mut platform, 1, &skip(1))[4..], [0; 8]);
    assert_eq!(bytes(&mut platform, 1, &skip(2))[4..], (-2_i32).to_le_bytes());
}

#[test]
fn version_1_names_agents_without_their_id() {
    let mut platform = platform();
    platform.connect(Time::ZERO, id(1), Link::new(true));
    assert_eq!(bytes(&mut platform, 1, &[0, 0x40, 0, 0])[8..], [0, 0, 1, 0]);
    assert_eq!(
        bytes(&mut platform, 1, &[7, 0x40, 0, 0, 1, 0, 0, 0])[8..],
        *b"vm1\0\0\0\0\0\0\0\0\0\0\0\0\0"
    );
    // Negotiation came later than version 1.0.
    assert_eq!(
        bytes(&mut platform, 1, &[0x10, 0x40, 0, 0, 0, 0, 1, 0])[4..],
        (-4_i32).to_le_bytes()
    );
}

#[test]
fn an_agent_learns_who_the_platform_is() {
    let mut channel = Loopback::new(platform(), id(0), Link::new(true));
    let mut client = Client::<16>::new(&mut channel);
    let found = agent::discover(&mut client).expect("answers");
    assert_eq!(found.version, V2_1);
    assert_eq!((found.vendor.as_str(), found.sub_vendor.as_str()), ("acme", "demo"));
    assert_eq!((found.protocols, found.agents, found.implementation_version), (1, 2, 0x10203));
    let mut ids = Vec::new();
    agent::protocols(&mut client, &mut |id| ids.push(id)).expect("answers");
    assert_eq!(ids, [ProtocolId::SENSOR]);
    let names: Vec<String> = (0..=2)
        .map(|n| agent::agent(&mut client, found.version, n).expect("there").name.as_str().into())
        .collect();
    assert_eq!(names, ["platform", "vm1", "old"]);
}

#[test]
fn a_version_can_be_negotiated_down_and_up_again() {
    let mut channel = Loopback::new(platform(), id(0), Link::new(true));
    let mut client = Client::<16>::new(&mut channel);
    for version in [V2, V1, V2_1] {
        client.negotiate(ProtocolId::BASE, version).expect("spoken");
        assert_eq!(client.protocol_version(ProtocolId::BASE), Ok(version));
    }
    let too_new = client.negotiate(ProtocolId::BASE, crate::wire::Version::new(3, 0));
    assert_eq!(too_new, Err(CallError::Refused(Status::NOT_SUPPORTED)));
}

#[test]
fn errors_are_reported_to_whoever_asked() {
    let mut channel = Loopback::new(platform(), id(0), Link::new(true));
    let report = ErrorReport { header: U32::new(0x1234), status: I32::new(-8) };
    channel.platform().report_errors(id(0), true, &[report]);
    assert_eq!(Client::<16>::new(&mut channel).next_event(Time::from_millis(1)), None);
    agent::notify_errors(&mut Client::<16>::new(&mut channel), true).expect("P2A");
    channel.platform().report_errors(id(0), true, &[report]);
    let event = Client::<16>::new(&mut channel).next_event(Time::from_millis(2)).expect("sent");
    let event = Event::parse(event.header(), event.payload()).expect("parses");
    assert_eq!((event.agent, event.fatal), (1, true));
    assert_eq!(event.reports().collect::<Vec<_>>(), [report]);
}

#[test]
fn a_command_without_room_for_its_answer_is_an_error_that_is_reported() {
    let mut channel = Loopback::new(platform(), id(0), Link::new(true));
    let send = |channel: &mut Loopback, token: u16| {
        let header = Header::command(ProtocolId::BASE, MessageId(3), token);
        let command = header.word().to_le_bytes();
        let sent = channel.platform().handle(Time::ZERO, id(0), &command, &mut [0; 7]);
        assert_eq!(sent, Outcome::Dropped);
        ErrorReport { header: U32::new(header.word()), status: I32::new(-7) }
    };
    send(&mut channel, 1);
    agent::notify_errors(&mut Client::<16>::new(&mut channel), true).expect("P2A");
    let reports = [2, 3].map(|token| send(&mut channel, token));
    let mut client = Client::<16>::new(&mut channel);
    for report in reports {
        let event = client.next_event(Time::from_millis(1)).expect("sent");
        let event = Event::parse(event.header(), event.payload()).expect("parses");
        assert_eq!((event.agent, event.fatal), (1, false));
        assert_eq!(event.reports().collect::<Vec<_>>(), [report]);
    }
    assert_eq!(client.next_event(Time::from_millis(2)), None, "not of the time before it asked");
}

#[test]
fn without_a_way_back_no_notification_is_offered() {
    let mut channel = Loopback::new(platform(), id(0), Link::new(false));
    let mut client = Client::<16>::new(&mut channel);
    let attributes = client.message_attributes(ProtocolId::BASE, MessageId(8));
    assert_eq!(attributes, Err(CallError::Refused(Status::NOT_FOUND)));
    let notify = agent::notify_errors(&mut client, true);
    assert_eq!(notify, Err(CallError::Refused(Status::NOT_SUPPORTED)));
}

#[test]
fn an_agent_resets_itself_and_nobody_else() {
    let mut channel = Loopback::new(platform(), id(0), Link::new(true));
    let mut client = Client::<16>::new(&mut channel);
    agent::notify_errors(&mut client, true).expect("P2A");
    client.negotiate(ProtocolId::BASE, V2).expect("spoken");
    agent::reset_agent_configuration(&mut client, 1, false).expect("itself");
    assert_eq!(client.protocol_version(ProtocolId::BASE), Ok(V2_1));
    let other = agent::reset_agent_configuration(&mut client, 2, false);
    assert_eq!(other, Err(CallError::Refused(Status::DENIED)));
    let nobody = agent::reset_agent_configuration(&mut client, 3, false);
    assert_eq!(nobody, Err(CallError::Refused(Status::NOT_FOUND)));
    channel.platform().report_errors(id(0), false, &[]);
    assert_eq!(Client::<16>::new(&mut channel).next_event(Time::from_millis(1)), None);
    let _ = channel.now();
}

#[test]
fn a_buffer_without_room_is_given_back_empty() {
    let mut platform = platform();
    platform.connect(Time::ZERO, id(0), Link::new(true));
    for room in 0..8 {
        let mut reply = [0xEE; 8];
        let outcome = platform.handle(Time::ZERO, id(0), &[0, 0x40, 0, 0], &mut reply[..room]);
        assert_eq!((outcome, reply), (Outcome::Dropped, [0xEE; 8]));
    }
    let mut reply = [0xEE; 11];
    let outcome = platform.handle(Time::ZERO, id(0), &[0, 0x40, 0, 0], &mut reply);
    assert_eq!(outcome, Outcome::Reply(8));
    // COMMS_ERROR: the answer could not be carried.
    assert_eq!(reply, [0, 0x40, 0, 0, 0xF9, 0xFF, 0xFF, 0xFF, 0xEE, 0xEE, 0xEE]);
    let counters = platform.counters(id(0)).expect("there");
    assert_eq!((counters.no_room, counters.too_large), (8, 1));
}
