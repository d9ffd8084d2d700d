//! Agents that see some of the sensors, under ids of their own, and may do some things with them.

use alloc::boxed::Box;
use std::vec;
use std::vec::Vec;

use super::Fixed;
use crate::platform::{AgentSpec, Device, Permit, Rights, Space};
use crate::protocol::sensor::INFO;
use crate::protocol::sensor::platform::SensorServer;
use crate::protocol::testing::{Kit, agent};
use crate::wire::Status;

/// Agent 0 sees all, and what it sets goes with it; agent 1 the sensors 3, 2 and 0, the last to look at only; agent 2 the
/// one that cannot be read asynchronously.
fn kit() -> Kit {
    let server = SensorServer::new(Box::new(Fixed::new()));
    let some = AgentSpec::new("some").sees(Space::Sensor, &[3, 2, 0]);
    let some = some.may(Space::Sensor, 0, Rights::READ);
    let plain = AgentSpec::new("plain").sees(Space::Sensor, &[1]);
    let agents = vec![AgentSpec::new("all").restores(), some, plain];
    Kit::with_agents(Box::new(server), INFO.newest(), agents).expect("fits together")
}

#[test]
fn an_agent_has_ids_of_its_own() {
    let mut kit = kit();
    assert_eq!(kit.ask(1, 1, &[]), Ok(vec![16 << 16 | 3, 0, 0, 0]));
    assert_eq!(kit.ask(2, 1, &[]), Ok(vec![1, 0, 0, 0]));
    // Which one it is, is told by the list: the first page ends before the one with everything, 7 words each.
    let name = |words: &[u32], at: usize| words[at + 3].to_le_bytes();
    let page = kit.ask(1, 3, &[0]).expect("answers");
    assert_eq!((page[0], page[1], page[8]), (3, 0, 1));
    assert_eq!((name(&page, 1), name(&page, 8), name(&page, 15)), (*b"acce", *b"slow", *b"a te"));
    let rest = kit.ask(1, 3, &[2]).expect("answers");
    assert_eq!((rest[0], rest[1], name(&rest, 1)), (1, 2, *b"a te"));
    assert_eq!(kit.ask(1, 3, &[3]), Err(Status::INVALID_PARAMETERS));
    for (message, params) in [(6, &[3, 0][..]), (9, &[3]), (8, &[3, 0]), (0xC, &[3]), (7, &[3, 0])]
    {
        assert_eq!(kit.ask(1, message, params), Err(Status::NOT_FOUND), "message {message:#x}");
    }
    assert_eq!(kit.ask(1, 7, &[0, 0]).map(|words| words[0]), Ok(1 << 26 | 2), "it has axes");
}

#[test]
fn events_and_delayed_readings_have_the_receivers_ids() {
    let mut kit = kit();
    kit.ask(1, 6, &[1, 1]).expect("asynchronous");
    kit.wait(40);
    assert_eq!(kit.events(1), [(0x206, vec![0, 1, 40, 0, 0, 0])]);
    for (by, sensor) in [(0, 0), (1, 2)] {
        kit.ask(by, 0xB, &[sensor, 1]).expect("can");
        kit.ask(by, 4, &[sensor, 1]).expect("can");
    }
    kit.ask(0, 5, &[0, 1 << 4 | 1, 100, 0]).expect("may");
    kit.wait(100);
    assert_eq!(
        kit.events(0),
        [(0x301, vec![0, 0, 140, 0, 0, 0]), (0x300, vec![0, 0, 1 << 16 | 1])]
    );
    assert_eq!(
        kit.events(1),
        [(0x301, vec![0, 2, 140, 0, 0, 0]), (0x300, vec![0, 2, 1 << 16 | 1])]
    );
    kit.wait(100);
    kit.ask(1, 0xB, &[2, 0]).expect("can");
    assert_eq!((kit.events(0).len(), kit.events(1)), (1, vec![]));
}

#[test]
fn who_may_only_look_sets_nothing_up() {
    let mut kit = kit();
    let config = kit.ask(1, 9, &[2]).expect("may")[0];
    assert_eq!(kit.ask(1, 0xA, &[2, config]), Err(Status::DENIED));
    assert_eq!(kit.ask(1, 5, &[2, 1, 100, 0]), Err(Status::DENIED));
    // What is wrong with the command is told first.
    assert_eq!(kit.ask(1, 0xA, &[2, 1 << 2]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(kit.ask(0, 0xA, &[0, config]), Ok(vec![]));
}

#[test]
fn a_sensor_is_set_up_as_at_start_when_who_did_it_goes() {
    let mut kit = kit();
    let config = kit.ask(0, 9, &[0]).expect("there")[0];
    kit.ask(0, 0xA, &[0, 0]).expect("off");
    kit.ask(0, 0xA, &[2, 0]).expect("off");
    kit.ask(1, 0xA, &[1, 0]).expect("off too");
    assert_eq!(kit.ask(1, 6, &[2, 0]), Err(Status::PROTOCOL_ERROR));
    kit.restart(0);
    assert_eq!(kit.ask(0, 9, &[0]), Ok(vec![config]));
    assert_eq!(kit.ask(1, 6, &[2, 0]).map(|words| words.len()), Ok(4));
    assert_eq!(kit.ask(1, 6, &[1, 0]), Err(Status::PROTOCOL_ERROR), "set by another since");
}

#[test]
fn the_configuration_and_each_trip_point_go_back_by_themselves() {
    let server = SensorServer::new(Box::new(Fixed::new()));
    let agents = vec![AgentSpec::new("goes").restores(), AgentSpec::new("stays")];
    let mut kit = Kit::with_agents(Box::new(server), INFO.newest(), agents).expect("fits together");
    kit.ask(0, 0xA, &[0, 0]).expect("off");
    kit.ask(0, 5, &[0, 2, 50, 0]).expect("may");
    kit.ask(1, 5, &[0, 1 << 4 | 1, 100, 0]).expect("may");
    kit.restart(0);
    assert_eq!(kit.ask(1, 6, &[0, 0]).map(|words| words.len()), Ok(4), "on, as at start");
    let server: &SensorServer = kit.platform.server().expect("there");
    let trips: Vec<usize> = server.trip_points(0).map(|(number, ..)| number).collect();
    assert_eq!(trips, [1], "set by another");
    // And who set a trip point last takes nothing else with it.
    kit.ask(1, 0xA, &[0, 0]).expect("off");
    kit.ask(0, 5, &[0, 2, 50, 0]).expect("may");
    kit.restart(0);
    assert_eq!(kit.ask(1, 6, &[0, 0]), Err(Status::PROTOCOL_ERROR), "off, as another has set it");
}

#[test]
fn a_reading_that_is_on_its_way_when_its_sensor_is_taken_does_not_come() {
    let server = SensorServer::new(Box::new(Fixed::new()));
    let device = Device::new("board").needs(Space::Sensor, &[2]);
    let agents = vec![AgentSpec::new("guest")];
    let kit = Kit::with_devices(Box::new(server), INFO.newest(), agents, vec![device]);
    let mut kit = kit.expect("fits together");
    assert_eq!(kit.ask(0, 6, &[2, 1]), Ok(vec![]));
    let ticket = kit.send(0, 6, &[2, 0]).expect_err("it is slow");
    let permit = Permit { agent: agent(0), device: 0, protocol: None, allow: false };
    kit.platform.permit(kit.now, permit);
    assert_eq!(kit.late(0, ticket), Err(Status::DENIED));
    assert_eq!(kit.events(0), [(0x206, vec![Status::DENIED.0.cast_unsigned()])]);
}
