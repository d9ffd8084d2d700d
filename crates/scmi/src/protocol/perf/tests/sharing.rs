//! Agents that see some of the domains, under ids of their own, and may do some things with them.

use std::vec;

use super::{V4, bank};
use crate::platform::{AgentSpec, Rights, Space};
use crate::protocol::perf::platform::PerfServer;
use crate::protocol::testing::{Kit, agent as id};
use crate::wire::Status;

/// Agent 0 sees all, and what it sets goes with it; agent 1 the domain 0 as its 1, whose limits it may set and no level.
fn kit() -> Kit {
    let server = PerfServer::new(std::boxed::Box::new(bank())).expect("sound");
    let some = AgentSpec::new("some").sees(Space::PerfDomain, &[1, 0]);
    let some = some.may(Space::PerfDomain, 0, Rights(Rights::LIMITS));
    let agents = vec![AgentSpec::new("all").restores(), some];
    Kit::with_agents(std::boxed::Box::new(server), V4, agents).expect("fits together")
}

#[test]
fn an_agent_has_ids_and_rights_of_its_own() {
    let mut kit = kit();
    assert_eq!(kit.ask(1, 1, &[]).map(|words| words[0] & 0xFFFF), Ok(2));
    for (message, params) in [(3, &[2][..]), (4, &[2, 0]), (6, &[2]), (8, &[2]), (0xC, &[2])] {
        assert_eq!(kit.ask(1, message, params), Err(Status::NOT_FOUND), "message {message:#x}");
    }
    let bits = |kit: &mut Kit, by, domain| kit.ask(by, 3, &[domain]).map(|words| words[0] >> 30);
    assert_eq!(bits(&mut kit, 0, 0), Ok(3));
    assert_eq!((bits(&mut kit, 1, 1), bits(&mut kit, 1, 0)), (Ok(2), Ok(3)), "limits, and all");
    assert_eq!(kit.ask(1, 7, &[1, 500]), Err(Status::DENIED));
    for (by, domain) in [(0, 0), (1, 1)] {
        for message in [9, 0xA] {
            kit.ask(by, message, &[domain, 1]).expect("can");
        }
    }
    // It pulls the level down, which is told to both by their own ids.
    kit.ask(1, 5, &[1, 500, 0]).expect("may");
    assert_eq!(kit.events(0), [(0x300, vec![2, 0, 500, 500]), (0x301, vec![2, 0, 500])]);
    assert_eq!(kit.events(1), [(0x300, vec![2, 1, 500, 500]), (0x301, vec![2, 1, 500])]);
}

#[test]
fn a_level_goes_back_when_who_set_it_goes() {
    let mut kit = kit();
    kit.ask(0, 7, &[0, 500]).expect("may");
    kit.ask(0, 7, &[1, 9]).expect("may");
    kit.ask(1, 7, &[0, 5]).expect("may");
    kit.ask(1, 0xA, &[1, 1]).expect("can");
    kit.wait(100);
    kit.platform.disconnect(kit.now, id(0));
    kit.wait(0);
    assert_eq!(kit.ask(1, 8, &[1]), Ok(vec![1000]), "as at start");
    assert_eq!(kit.events(1), [(0x301, vec![0, 1, 1000])]);
    assert_eq!(kit.ask(1, 8, &[0]), Ok(vec![5]), "set by another since");
}

#[test]
fn a_level_goes_back_as_far_as_limits_let_it() {
    let mut kit = kit();
    kit.ask(0, 7, &[0, 500]).expect("may");
    kit.ask(1, 5, &[1, 500, 0]).expect("may");
    kit.platform.disconnect(kit.now, id(0));
    kit.wait(0);
    assert_eq!(kit.ask(1, 8, &[1]), Ok(vec![500]));
}
