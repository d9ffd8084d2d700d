//! Agents that share domains without having asked for them, and that see some of them under ids of their own.

use std::vec;

use super::{OFF, ON, V3_1, newest, server};
use crate::platform::{AgentSpec, Rights, Space};
use crate::protocol::testing::{Kit, agent as id};
use crate::wire::Status;

#[test]
fn a_late_clean_up_takes_nothing_from_who_has_found_it_on() {
    let mut kit = newest();
    // Two guests find the domain on, and do not ask for what is there. One cleans up behind itself.
    for guest in [0, 1] {
        assert_eq!(kit.ask(guest, 5, &[0]), Ok(vec![ON]));
    }
    assert_eq!(kit.ask(0, 4, &[0, 0, OFF]), Ok(vec![]));
    assert_eq!(kit.ask(1, 5, &[0]), Ok(vec![ON]));
    // It is off when the other one does so too, or goes.
    kit.ask(1, 4, &[0, 0, OFF]).expect("can");
    assert_eq!(kit.ask(2, 5, &[0]), Ok(vec![OFF]), "and who is told so holds nothing");
    kit.ask(0, 4, &[0, 0, ON]).expect("can");
    assert_eq!(kit.ask(2, 5, &[0]), Ok(vec![ON]));
    kit.ask(0, 4, &[0, 0, OFF]).expect("can");
    assert_eq!(kit.ask(0, 5, &[0]), Ok(vec![ON]), "found on when another had asked for it");
    kit.platform.disconnect(kit.now, id(2));
    kit.wait(1);
    assert_eq!(kit.ask(0, 5, &[0]), Ok(vec![OFF]));
}

#[test]
fn who_cannot_switch_a_domain_cannot_hold_it() {
    let reader = AgentSpec::new("reader").may(Space::PowerDomain, 0, Rights::READ);
    let agents = vec![AgentSpec::new("guest"), reader];
    let mut kit = Kit::with_agents(server(), V3_1, agents).expect("good");
    assert_eq!(kit.ask(1, 5, &[0]), Ok(vec![ON]));
    assert_eq!(kit.ask(1, 4, &[0, 0, ON]), Err(Status::DENIED));
    // Domain 3 is the first agent's, says the model.
    assert_eq!(kit.ask(1, 5, &[3]), Ok(vec![ON]));
    for (flags, domain) in [(0, 0), (1, 3)] {
        kit.ask(0, 4, &[flags, domain, OFF]).expect("can");
        assert_eq!(kit.ask(1, 5, &[domain]), Ok(vec![OFF]));
    }
}

#[test]
fn what_an_agent_holds_from_the_start_it_has_not_to_ask_for() {
    let agents =
        vec![AgentSpec::new("guest"), AgentSpec::new("holder").holds(Space::PowerDomain, 0)];
    let mut kit = Kit::with_agents(server(), V3_1, agents).expect("good");
    kit.wait(0);
    kit.ask(0, 4, &[0, 0, OFF]).expect("can");
    assert_eq!(kit.ask(0, 5, &[0]), Ok(vec![ON]));
    kit.ask(1, 4, &[0, 0, OFF]).expect("can");
    assert_eq!(kit.ask(0, 5, &[0]), Ok(vec![OFF]));
    kit.restart(1);
    kit.wait(0);
    assert_eq!(kit.ask(0, 5, &[0]), Ok(vec![ON]));
}

#[test]
fn an_agent_has_ids_of_its_own() {
    let some = AgentSpec::new("some").sees(Space::PowerDomain, &[1, 0]);
    let mut kit =
        Kit::with_agents(server(), V3_1, vec![AgentSpec::new("all"), some]).expect("good");
    assert_eq!(kit.ask(1, 1, &[]), Ok(vec![2, 0, 0, 0]));
    for message in [3, 5, 8] {
        assert_eq!(kit.ask(1, message, &[2]), Err(Status::NOT_FOUND), "message {message:#x}");
    }
    assert_eq!(kit.ask(1, 4, &[0, 2, OFF]), Err(Status::NOT_FOUND));
    for (by, domain) in [(0, 0), (0, 1), (0, 4), (1, 0), (1, 1)] {
        kit.ask(by, 6, &[domain, 1]).expect("can");
        kit.ask(by, 7, &[domain, 1]).expect("can");
    }
    // The platform's domain 1, which takes 5 ms: its answer, and an event for each by its own id.
    assert_eq!(kit.ask(1, 4, &[0, 0, OFF]), Ok(vec![]));
    assert_eq!(kit.events(0), [(0x300, vec![2, 1, OFF])]);
    assert_eq!(kit.events(1), [(0x300, vec![2, 0, OFF])]);
    // Whoever stands in the way is told by its own id too.
    kit.ask(1, 4, &[0, 1, ON]).expect("can");
    kit.ask(0, 4, &[0, 0, OFF]).expect("can");
    assert_eq!((kit.events(0), kit.events(1)), (vec![], vec![(0x301, vec![1, 1, OFF])]));
    // What is subscribed to under one id ends under it.
    kit.ask(1, 6, &[0, 0]).expect("can");
    kit.ask(0, 4, &[0, 1, ON]).expect("can");
    assert_eq!((kit.events(0), kit.events(1)), (vec![(0x300, vec![1, 1, ON])], vec![]));
}

#[test]
fn a_change_is_the_doing_of_who_made_it_necessary() {
    let mut kit = newest();
    kit.ask(2, 6, &[1, 1]).expect("can");
    // The slow one goes off while others speak of it: one asks for what is wanted already, one for what it is going to.
    kit.ask(0, 4, &[1, 1, OFF]).expect("can");
    kit.wait(1);
    kit.ask(1, 4, &[1, 1, ON]).expect("can");
    kit.ask(0, 4, &[1, 1, ON]).expect("can");
    kit.ask(0, 4, &[1, 1, OFF]).expect("can");
    kit.wait(5);
    assert_eq!(kit.events(2), [(0x300, vec![1, 1, OFF])]);
    kit.wait(20);
    assert_eq!(kit.events(2), [(0x300, vec![2, 1, ON])]);
}
