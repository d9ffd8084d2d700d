//! Agents that see some of the clocks, under ids of their own.

use std::string::ToString;
use std::vec;

use super::{MHZ_WORD, server};
use crate::platform::{AgentSpec, Rights, Space};
use crate::protocol::clock::V3;
use crate::protocol::testing::Kit;
use crate::wire::Status;

/// Agent 0 sees all; agent 1 the clocks 4, 1 and 3, in this order; agent 2 the clock 1 alone, and may only look at it.
fn kit() -> Kit {
    let agents = vec![
        AgentSpec::new("all"),
        AgentSpec::new("some").sees(Space::Clock, &[4, 1, 3]),
        AgentSpec::new("one").sees(Space::Clock, &[1]).may(Space::Clock, 1, Rights::READ),
    ];
    Kit::with_agents(server(), V3, agents).expect("fits together")
}

#[test]
fn an_agent_has_ids_of_its_own() {
    let mut kit = kit();
    assert_eq!(kit.ask(1, 1, &[]), Ok(vec![16 << 16 | 3]));
    kit.ask(1, 5, &[0, 0, 20, 0]).expect("its clock 0");
    assert_eq!(kit.ask(0, 6, &[4]), Ok(vec![20, 0]), "is the platform's clock 4");
    for message in [3, 6, 8, 0xE, 0xF] {
        assert_eq!(kit.ask(1, message, &[3]), Err(Status::NOT_FOUND), "message {message:#x}");
    }
    kit.ask(1, 7, &[1, 1, 0]).expect("its clock 1");
    assert_eq!(kit.ask(2, 0xB, &[0, 0]), Ok(vec![0, 1, 0]), "is the other's clock 0");
}

#[test]
fn a_clock_whose_parents_are_hidden_has_no_choice() {
    let mut kit = kit();
    const PARENTS: u32 = 1 << 28;
    // The platform's clock 1 can have 0 and 3; of these agent 1 sees 3, as its clock 2.
    assert_eq!(kit.ask(0, 0xC, &[1, 0]), Ok(vec![2, 0, 3]));
    assert_eq!(kit.ask(1, 0xC, &[1, 0]), Ok(vec![1, 2]));
    assert_eq!(kit.ask(1, 0xC, &[1, 1]), Err(Status::OUT_OF_RANGE));
    // The one that it has is not to be seen until it has another one.
    assert_eq!(kit.ask(1, 0xE, &[1]), Err(Status::DENIED));
    assert_eq!(kit.ask(1, 0xD, &[1, 3]), Err(Status::NOT_FOUND));
    assert_eq!(kit.ask(1, 0xD, &[1, 0]), Err(Status::INVALID_PARAMETERS));
    kit.ask(1, 0xD, &[1, 2]).expect("can");
    assert_eq!(kit.ask(1, 0xE, &[1]), Ok(vec![2]));
    assert_eq!(kit.ask(0, 0xE, &[1]), Ok(vec![3]));
    // Agent 2 sees neither.
    let words = [0, 1, 2].map(|by| kit.ask(by, 3, &[u32::from(by < 2)]).map(|words| words[0]));
    assert_eq!(
        words.map(|word| word.map(|word| word & PARENTS)),
        [Ok(PARENTS), Ok(PARENTS), Ok(0)]
    );
    for (message, params) in [(0xC, &[0, 0][..]), (0xD, &[0, 0]), (0xE, &[0])] {
        assert_eq!(kit.ask(2, message, params), Err(Status::NOT_SUPPORTED));
    }
}

#[test]
fn who_may_only_look_is_denied_and_sees_the_clock_run() {
    let mut kit = kit();
    assert_eq!(kit.ask(2, 0xF, &[0]), Ok(vec![0]));
    assert_eq!(kit.ask(1, 0xF, &[1]), Ok(vec![7 << 29]));
    assert_eq!(kit.ask(2, 7, &[0, 1, 0]), Err(Status::DENIED));
    assert_eq!(kit.ask(2, 5, &[0, 0, 20, 0]), Err(Status::DENIED));
    assert_eq!(kit.ask(2, 7, &[0, 0x1_0003, 101]), Err(Status::DENIED), "not its value's fault");
    assert_eq!(kit.ask(2, 7, &[0, 0x2_0003, 1]), Err(Status::INVALID_PARAMETERS), "has no phase");
    kit.ask(0, 7, &[1, 1, 0]).expect("may");
    assert_eq!(kit.ask(2, 3, &[0]).map(|words| words[0] & 3), Ok(3), "restricted, and on");
    assert_eq!(kit.ask(1, 0xB, &[1, 0]), Ok(vec![0, 0, 0]), "who may switch it sees its own");
}

#[test]
fn events_and_delayed_responses_have_the_receivers_ids() {
    let mut kit = kit();
    for (by, clock) in [(0, 1), (1, 1), (2, 0), (0, 0), (0, 4)] {
        kit.ask(by, 9, &[clock, 1]).expect("can");
    }
    kit.ask(1, 5, &[1, 1, 40, 0]).expect("queued");
    kit.wait(30);
    assert_eq!(kit.events(0), [(0x300, vec![2, 1, 40, 0])]);
    assert_eq!(kit.events(1), [(0x205, vec![0, 1, 40, 0]), (0x300, vec![2, 1, 40, 0])]);
    assert_eq!(kit.events(2), [(0x300, vec![2, 0, 40, 0])]);
    // What they do not see does not happen for them.
    kit.ask(0, 5, &[0, 0, 48 * MHZ_WORD, 0]).expect("can");
    kit.ask(1, 5, &[0, 0, 2, 0]).expect("can");
    assert_eq!([1, 2].map(|by| kit.events(by).len()), [0, 0]);
    // An end of a subscription is of the clock that its owner calls so.
    kit.ask(0, 5, &[0, 1, 10, 0]).expect("can");
    kit.ask(2, 9, &[0, 0]).expect("can");
    assert_eq!(kit.events(2), []);
    assert_eq!(kit.events(1).len(), 1);
}

#[test]
fn a_list_must_be_of_clocks_that_there_are() {
    let cases: [(AgentSpec, &str); 4] = [
        (AgentSpec::new("a").sees(Space::Clock, &[5]), "agent \"a\", clock: there is no 5"),
        (AgentSpec::new("a").sees(Space::Clock, &[2, 2]), "agent \"a\", clock: 2 is there twice"),
        (AgentSpec::new("a").sees(Space::Sensor, &[0]), "agent \"a\", sensor: there is no 0"),
        (
            AgentSpec::new("a").may(Space::Clock, 9, Rights::READ),
            "agent \"a\", clock: there is no 9",
        ),
    ];
    for (agent, says) in cases {
        let error = Kit::with_agents(server(), V3, vec![agent]).map(|_| ()).expect_err("cannot be");
        assert_eq!(error.to_string(), says);
    }
}
