//! Agents that see some of the domains, under ids of their own.

use std::vec;

use super::server;
use crate::platform::{AgentSpec, Rights, Space};
use crate::protocol::testing::Kit;
use crate::protocol::voltage::V2_1;
use crate::wire::Status;

/// Agent 0 sees all; agent 1 the domains 2 and 0, in this order; agent 2 the domain 0 alone, which it may switch but give no
/// level; agent 3 none.
fn kit() -> Kit {
    let agents = vec![
        AgentSpec::new("all"),
        AgentSpec::new("some").sees(Space::VoltageDomain, &[2, 0]),
        AgentSpec::new("one").sees(Space::VoltageDomain, &[0]).may(
            Space::VoltageDomain,
            0,
            Rights(Rights::STATE),
        ),
        AgentSpec::new("none").sees(Space::VoltageDomain, &[]),
    ];
    Kit::with_agents(server(), V2_1, agents).expect("fits together")
}

#[test]
fn an_agent_has_ids_of_its_own() {
    let mut kit = kit();
    let counts = [0, 1, 2].map(|by| kit.ask(by, 1, &[]));
    assert_eq!(counts, [Ok(vec![3]), Ok(vec![2]), Ok(vec![1])]);
    for (message, params) in [(3, &[1][..]), (4, &[1, 0]), (8, &[1]), (9, &[1])] {
        let mine = [&[0], &params[1..]].concat();
        assert_eq!(kit.ask(1, message, params), kit.ask(0, message, &mine), "message {message:#x}");
    }
    let cases: [(u8, &[u32]); 7] = [
        (3, &[2]),
        (4, &[2, 0]),
        (5, &[2, 0]),
        (6, &[2]),
        (7, &[2, 0, 900_000]),
        (8, &[2]),
        (9, &[2]),
    ];
    for (message, params) in cases {
        assert_eq!(kit.ask(1, message, params), Err(Status::NOT_FOUND), "message {message:#x}");
    }
    for message in 0..=9 {
        assert_eq!(kit.ask(3, message, &[]), Err(Status::NOT_SUPPORTED), "message {message:#x}");
    }
}

#[test]
fn rights_and_votes_are_of_what_each_calls_its_own() {
    let mut kit = kit();
    assert_eq!(kit.ask(2, 7, &[0, 0, 900_000]), Err(Status::DENIED));
    kit.ask(2, 5, &[0, 7]).expect("may switch it");
    kit.ask(1, 5, &[1, 7]).expect("may switch it");
    // The late cleanup of one takes nothing from the other.
    kit.ask(2, 5, &[0, 0]).expect("may switch it");
    assert_eq!(kit.ask(1, 6, &[1]), Ok(vec![7]));
    kit.ask(1, 7, &[1, 1, 900_000]).expect("asynchronous");
    kit.wait(3);
    assert_eq!(kit.events(1), [(0x207, vec![0, 1, 900_000])]);
    assert_eq!([0, 2].map(|by| kit.ask(by, 8, &[0])), [Ok(vec![900_000]), Ok(vec![900_000])]);
}
