//! Agents that see some of the domains, under ids of their own.

use std::vec;

use super::server;
use crate::platform::{AgentSpec, Rights, Space};
use crate::protocol::powercap::V2;
use crate::protocol::testing::Kit;
use crate::wire::Status;

const ROOT: u32 = 0xFFFF_FFFF;

/// Agent 0 sees all; agent 1 the domains 2, 1 and 3, in this order; agent 2 the domains 2 and 0, and may set the averaging
/// interval of the latter only; agent 3 none.
fn kit() -> Kit {
    let agents = vec![
        AgentSpec::new("all"),
        AgentSpec::new("some").sees(Space::PowerCap, &[2, 1, 3]),
        AgentSpec::new("few").sees(Space::PowerCap, &[2, 0]).may(
            Space::PowerCap,
            0,
            Rights(Rights::LIMITS),
        ),
        AgentSpec::new("none").sees(Space::PowerCap, &[]),
    ];
    Kit::with_agents(server(), V2, agents).expect("fits together")
}

#[test]
fn an_agent_has_ids_of_its_own() {
    let mut kit = kit();
    let counts = [0, 1, 2].map(|by| kit.ask(by, 1, &[]));
    assert_eq!(counts, [Ok(vec![4]), Ok(vec![3]), Ok(vec![2])]);
    assert_eq!(kit.ask(2, 8, &[1]), kit.ask(0, 8, &[0]));
    let cases: [(u8, &[u32]); 9] = [
        (3, &[2]),
        (4, &[2]),
        (5, &[2, 0, 1000]),
        (6, &[2]),
        (7, &[2, 0, 5000]),
        (8, &[2]),
        (9, &[2]),
        (0xA, &[2, 1]),
        (0xB, &[2, 1, 0, 9]),
    ];
    for (message, params) in cases {
        assert_eq!(kit.ask(2, message, params), Err(Status::NOT_FOUND), "message {message:#x}");
        assert_eq!(kit.ask(3, message, params), Err(Status::NOT_SUPPORTED), "{message:#x}");
    }
}

#[test]
fn a_parent_is_the_nearest_that_is_seen() {
    let mut kit = kit();
    let mut parent = |by, id| kit.ask(by, 3, &[id]).map(|words| words[13]);
    assert_eq!([0, 1, 2, 3].map(|id| parent(0, id)), [Ok(ROOT), Ok(0), Ok(1), Ok(ROOT)]);
    assert_eq!([0, 1, 2].map(|id| parent(1, id)), [Ok(1), Ok(ROOT), Ok(ROOT)]);
    assert_eq!([0, 1].map(|id| parent(2, id)), [Ok(1), Ok(ROOT)], "the one between is hidden");
}

#[test]
fn the_lowest_cap_is_in_force_whatever_each_calls_the_domain() {
    let mut kit = kit();
    for (by, domain) in [(0, 1), (1, 1), (0, 0), (2, 1)] {
        kit.ask(by, 0xA, &[domain, 1]).expect("can");
    }
    assert_eq!(kit.ask(2, 5, &[1, 0, 4000]), Err(Status::DENIED));
    kit.ask(2, 7, &[1, 0, 5000]).expect("may");
    assert_eq!(kit.events(0), [(0x300, vec![3, 0, 0, 5000])]);
    assert_eq!(kit.events(2), [(0x300, vec![3, 1, 0, 5000])]);
    kit.ask(0, 5, &[1, 0, 8000]).expect("can");
    kit.ask(1, 5, &[1, 2, 4000]).expect("asynchronous");
    kit.wait(30);
    let changed = |domain, cap, agent| (0x300, vec![agent, domain, cap, 20_000]);
    assert_eq!(kit.events(1), [(0x205, vec![0, 1, 4000]), changed(1, 4000, 2)]);
    assert_eq!(kit.events(0), [changed(1, 4000, 2)]);
    assert_eq!(kit.events(2), []);
    assert_eq!(kit.ask(0, 4, &[1]), Ok(vec![4000]));
}
