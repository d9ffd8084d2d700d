//! Agents that share domains without having asked for them, and that see some of them under ids of their own.

use std::vec;

use super::{V2_1, newest, server};
use crate::platform::{AgentSpec, Rights, Space};
use crate::protocol::testing::Kit;
use crate::time::Time;
use crate::wire::Status;

#[test]
fn a_late_clean_up_takes_nothing_from_who_has_found_it_on() {
    let mut kit = newest();
    // One guest finds the domain on, and does not ask for what is there; another cleans up what it does not use.
    assert_eq!(kit.ask(0, 6, &[2]), Ok(vec![7]));
    assert_eq!(kit.ask(1, 5, &[2, 0]), Ok(vec![]));
    assert_eq!(kit.ask(0, 6, &[2]), Ok(vec![7]));
    assert_eq!(kit.ask(1, 6, &[2]), Ok(vec![0]), "it has said that it wants it off");
    // It is off when nobody wants it any more.
    kit.restart(0);
    assert_eq!(kit.ask(0, 6, &[2]), Ok(vec![0]));
}

#[test]
fn with_the_last_word_a_domain_is_as_at_start() {
    let mut kit = newest();
    kit.ask(0, 5, &[0, 10]).expect("can");
    kit.restart(0);
    assert_eq!(kit.ask(0, 6, &[0]), Ok(vec![0]), "off at start");
    // Who goes without a word leaves no trace.
    kit.ask(0, 6, &[2]).expect("on");
    kit.restart(0);
    assert_eq!(kit.ask(0, 6, &[2]), Ok(vec![7]));
}

#[test]
fn what_is_held_from_the_start_stays_on() {
    let holder = AgentSpec::new("holder").holds(Space::VoltageDomain, 0).restores();
    let mut kit =
        Kit::with_agents(server(), V2_1, vec![holder, AgentSpec::new("other")]).expect("good");
    assert_eq!(kit.ask(0, 6, &[0]), Ok(vec![7]));
    kit.ask(1, 5, &[0, 10]).expect("can");
    kit.ask(1, 5, &[0, 0]).expect("can");
    assert_eq!(kit.ask(0, 6, &[0]), Ok(vec![7]));
    // What it sets goes with it, a change that is under way too.
    kit.ask(0, 7, &[2, 0, 5]).expect("can");
    kit.ask(0, 7, &[0, 1, 900_000]).expect("queued");
    kit.restart(0);
    kit.wait(3);
    assert_eq!((kit.ask(1, 8, &[0]), kit.ask(1, 8, &[2])), (Ok(vec![800_000]), Ok(vec![1])));
}

#[test]
fn an_agent_has_ids_and_rights_of_its_own() {
    let some = AgentSpec::new("some").sees(Space::VoltageDomain, &[2, 0]);
    let some = some.may(Space::VoltageDomain, 2, Rights(Rights::VALUE));
    let mut kit =
        Kit::with_agents(server(), V2_1, vec![AgentSpec::new("all"), some]).expect("good");
    assert_eq!(kit.ask(1, 1, &[]), Ok(vec![2]));
    for (message, params) in [(3, &[2][..]), (4, &[2, 0]), (6, &[2]), (8, &[2]), (9, &[2])] {
        assert_eq!(kit.ask(1, message, params), Err(Status::NOT_FOUND), "message {message:#x}");
    }
    assert_eq!(kit.ask(1, 7, &[0, 0, 9]), Ok(vec![]));
    assert_eq!(kit.ask(0, 8, &[2]), Ok(vec![9]));
    assert_eq!(kit.ask(1, 5, &[0, 0]), Err(Status::DENIED));
    assert_eq!(kit.ask(1, 7, &[1, 1, 900_000]), Ok(vec![]));
    kit.wait(3);
    assert_eq!(kit.events(1), [(0x207, vec![0, 1, 900_000])]);
    assert_eq!(kit.ask(0, 8, &[0]), Ok(vec![900_000]));
    // Who may not switch it sees how it is, and holds nothing.
    assert_eq!(kit.ask(1, 6, &[0]), Ok(vec![7]));
    kit.ask(0, 5, &[2, 0]).expect("can");
    assert_eq!(kit.ask(1, 6, &[0]), Ok(vec![0]));
}

#[test]
fn what_came_on_by_itself_is_stable_only_when_its_delay_is_over() {
    // Held from the moment that an agent comes, or on again because the last word was taken back.
    let agents =
        vec![AgentSpec::new("guest"), AgentSpec::new("holder").holds(Space::VoltageDomain, 0)];
    let mut kit = Kit::with_agents(server(), V2_1, agents).expect("good");
    let ticket = kit.send(0, 5, &[0, 7]).expect_err("it came on just now");
    assert_eq!((kit.late(0, ticket), kit.now), (Ok(vec![]), Time::from_millis(1)));
    assert_eq!(kit.send(0, 5, &[0, 7]), Ok(Ok(vec![])), "it is stable");
}
