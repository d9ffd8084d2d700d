//! Agents that see some of the pins, groups and functions, under ids of their own.

use std::vec;

use super::server;
use crate::platform::{AgentSpec, Device, Permit, Rights, Space};
use crate::protocol::pinctrl::V1;
use crate::protocol::testing::{Kit, agent, name};
use crate::wire::Status;

/// The flags of pins, groups and functions.
const PIN: u32 = 0;
const GROUP: u32 = 1;
const FUNCTION: u32 = 2;

/// Agent 0 sees all; agent 1 the pins 69, 2 and 3, the groups 1 and 0, the function 1 and then 0; agent 2 the pin 2, which it may
/// only look at, and no group; agent 3 groups alone.
fn kit() -> Kit {
    let agents = vec![
        AgentSpec::new("all"),
        AgentSpec::new("some")
            .sees(Space::Pin, &[69, 2, 3])
            .sees(Space::PinGroup, &[1, 0])
            .sees(Space::PinFunction, &[1, 0]),
        AgentSpec::new("one")
            .sees(Space::Pin, &[2])
            .sees(Space::PinGroup, &[])
            .sees(Space::PinFunction, &[0])
            .may(Space::Pin, 2, Rights::READ),
        AgentSpec::new("none").sees(Space::Pin, &[]),
    ];
    Kit::with_agents(server().0, V1, agents).expect("fits together")
}

#[test]
fn pins_groups_and_functions_are_each_agents_own() {
    let mut kit = kit();
    assert_eq!(kit.ask(1, 1, &[]), Ok(vec![2 << 16 | 3, 2]));
    assert_eq!(kit.ask(2, 1, &[]), Ok(vec![1, 1]));
    assert_eq!(kit.ask(3, 1, &[]), Err(Status::NOT_SUPPORTED), "without pins there is nothing");
    assert_eq!(kit.ask(1, 9, &[0, PIN]), Ok([&[0], &name::<16>("pin69")[..]].concat()));
    assert_eq!(kit.ask(1, 3, &[0, GROUP]), Ok([&[2], &name::<4>("i2c")[..]].concat()));
    // Of the pins 0, 1 and 2 it sees one.
    assert_eq!(kit.ask(1, 3, &[1, GROUP]), Ok([&[1], &name::<4>("uart")[..]].concat()));
    assert_eq!(kit.ask(1, 4, &[0, GROUP, 0]), Ok(vec![2, 2 << 16 | 1]));
    assert_eq!(kit.ask(1, 4, &[1, GROUP, 0]), Ok(vec![1, 1]));
    assert_eq!(kit.ask(1, 4, &[1, GROUP, 1]), Err(Status::OUT_OF_RANGE));
    // Function 1 of the platform is for the pins 0 and 69, function 0 for the groups 0 and 1.
    let gpio = 1 << 17 | 1 << 16 | 1;
    assert_eq!(kit.ask(1, 3, &[0, FUNCTION]), Ok([&[gpio], &name::<4>("gpio")[..]].concat()));
    assert_eq!(kit.ask(1, 4, &[0, FUNCTION, 0]), Ok(vec![1, 0]));
    assert_eq!(kit.ask(1, 4, &[1, FUNCTION, 0]), Ok(vec![2, 1]));
    assert_eq!(kit.ask(2, 3, &[0, FUNCTION]), Ok([&[0], &name::<4>("serial")[..]].concat()));
    for (message, params) in
        [(3, &[3, PIN][..]), (3, &[2, GROUP]), (3, &[2, FUNCTION]), (7, &[3, PIN])]
    {
        assert_eq!(kit.ask(1, message, params), Err(Status::NOT_FOUND), "message {message:#x}");
    }
}

#[test]
fn a_function_is_told_by_the_number_that_the_asking_agent_has_for_it() {
    let mut kit = kit();
    // Bit 10 sets a function; groups are selected by bit 0. Group 1 is the platform's group 0, function 1 its function 0.
    let get = 2 << 18 | GROUP << 16;
    kit.ask(1, 6, &[1, 1, 1 << 10 | GROUP]).expect("can");
    assert_eq!(kit.ask(0, 5, &[0, get]), Ok(vec![0, 0]));
    assert_eq!(kit.ask(1, 5, &[1, get]), Ok(vec![1, 0]));
    assert_eq!(kit.ask(1, 6, &[1, 2, 1 << 10 | GROUP]), Err(Status::NOT_FOUND));
}

#[test]
fn pins_are_held_by_whatever_number() {
    let mut kit = kit();
    kit.ask(1, 7, &[1, PIN]).expect("its pin 1");
    assert_eq!(kit.ask(0, 7, &[2, PIN]), Err(Status::IN_USE), "is the platform's pin 2");
    assert_eq!(kit.ask(2, 7, &[0, PIN]), Err(Status::DENIED));
    assert_eq!(kit.ask(0, 7, &[0, GROUP]), Err(Status::IN_USE));
    kit.ask(1, 8, &[1, PIN]).expect("held");
    kit.ask(0, 7, &[2, PIN]).expect("free");
    assert_eq!(kit.ask(1, 7, &[0, GROUP]), Err(Status::IN_USE));
}

#[test]
fn a_pin_that_was_taken_is_let_go_with_all_its_groups() {
    let agents = vec![AgentSpec::new("guest"), AgentSpec::new("other")];
    // Pin 2 is in both groups.
    let device = Device::new("phy").needs(Space::Pin, &[2]);
    let (server, released) = server();
    let mut kit = Kit::with_devices(server, V1, agents, vec![device]).expect("fits together");
    for (id, selector) in [(0, GROUP), (2, PIN), (5, PIN)] {
        kit.ask(0, 7, &[id, selector]).expect("free");
    }
    let permit = |allow| Permit { agent: agent(0), device: 0, protocol: None, allow };
    kit.platform.permit(kit.now, permit(false));
    assert_eq!(*released.lock().expect("whole"), [0, 1, 2], "and no other");
    kit.ask(1, 7, &[2, PIN]).expect("free");
    kit.ask(1, 7, &[0, GROUP]).expect("free");
    assert_eq!(kit.ask(1, 7, &[5, PIN]), Err(Status::IN_USE));
    for selector in [(2, PIN), (0, GROUP), (1, GROUP)] {
        assert_eq!(kit.ask(0, 7, &[selector.0, selector.1]), Err(Status::DENIED));
    }
    assert_eq!(kit.ask(0, 6, &[1, 0, 1 << 10 | GROUP]), Err(Status::DENIED));
    // The pin itself is there, but not to be looked at.
    assert_eq!(kit.ask(0, 3, &[2, PIN]), Err(Status::DENIED));
    assert_eq!(kit.ask(0, 4, &[1, GROUP, 0]), Ok(vec![2, 3 << 16 | 2]));
    kit.platform.permit(kit.now, permit(true));
    assert_eq!(kit.ask(0, 7, &[2, PIN]), Err(Status::IN_USE));
}
