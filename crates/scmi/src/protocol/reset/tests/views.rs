//! Agents that see some of the domains, under ids of their own.

use std::vec;

use super::server;
use crate::platform::{AgentSpec, Rights, Space};
use crate::protocol::reset::V3_1;
use crate::protocol::testing::Kit;
use crate::wire::Status;

/// Agent 0 sees all; agent 1 the domains 2 and 0, in this order; agent 2 the domain 0 alone, and may only look at it; agent 3
/// none.
fn kit() -> Kit {
    let agents = vec![
        AgentSpec::new("all"),
        AgentSpec::new("some").sees(Space::ResetDomain, &[2, 0]),
        AgentSpec::new("one").sees(Space::ResetDomain, &[0]).may(
            Space::ResetDomain,
            0,
            Rights::READ,
        ),
        AgentSpec::new("none").sees(Space::ResetDomain, &[]),
    ];
    Kit::with_agents(server().0, V3_1, agents).expect("fits together")
}

#[test]
fn an_agent_has_ids_of_its_own() {
    let mut kit = kit();
    let counts = [0, 1, 2].map(|by| kit.ask(by, 1, &[]));
    assert_eq!(counts, [Ok(vec![3]), Ok(vec![2]), Ok(vec![1])]);
    assert_eq!(kit.ask(1, 3, &[1]), kit.ask(0, 3, &[0]));
    assert_eq!(kit.ask(1, 6, &[1]), kit.ask(0, 6, &[0]));
    for (message, params) in [(3, &[2][..]), (4, &[2, 0, 0]), (5, &[2, 1]), (6, &[2])] {
        assert_eq!(kit.ask(1, message, params), Err(Status::NOT_FOUND), "message {message:#x}");
    }
    for message in 0..=6 {
        assert_eq!(kit.ask(3, message, &[]), Err(Status::NOT_SUPPORTED), "message {message:#x}");
    }
    // A cycle of its domain 0 fails as one of the platform's domain 2 does.
    assert_eq!(kit.ask(1, 4, &[0, 1, 0]), Err(Status::HARDWARE_ERROR));
    assert_eq!(kit.ask(2, 4, &[0, 1, 0]), Err(Status::DENIED));
}

#[test]
fn events_and_delayed_responses_have_the_receivers_ids() {
    let mut kit = kit();
    for (by, domain) in [(0, 0), (1, 1), (2, 0), (0, 2)] {
        kit.ask(by, 5, &[domain, 1]).expect("can");
    }
    kit.ask(1, 4, &[1, 5, 0]).expect("asynchronous");
    kit.wait(2);
    assert_eq!(kit.events(0), [(0x300, vec![2, 0, 0])]);
    assert_eq!(kit.events(1), [(0x204, vec![0, 1]), (0x300, vec![2, 1, 0])]);
    assert_eq!(kit.events(2), [(0x300, vec![2, 0, 0])]);
    // What they do not see does not happen for them.
    kit.ask(0, 4, &[2, 2, 0]).expect("held");
    assert_eq!([0, 1, 2].map(|by| kit.events(by).len()), [1, 0, 0]);
    // An end of a subscription is of the domain that its owner calls so.
    kit.ask(0, 4, &[0, 1, 0]).expect("can");
    kit.ask(1, 5, &[1, 0]).expect("can");
    assert_eq!(kit.events(1), []);
}
