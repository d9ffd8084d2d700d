//! Gates, extended values, notifications, and what is left of an agent that goes.

use core::time::Duration;
use std::vec;

use super::{MHZ_WORD, newest, server};
use crate::protocol::clock::{V1, V2, V3};
use crate::protocol::testing::{Kit, agent, bytes};
use crate::time::Time;
use crate::wire::Status;

#[test]
fn a_clock_is_on_while_any_agent_wants_it_on() {
    let mut kit = newest();
    // A disable without an enable is nothing; the model would protest.
    assert_eq!(kit.ask(0, 7, &[0, 0, 0]), Ok(vec![]));
    for by in [0, 0, 1] {
        assert_eq!(kit.ask(by, 7, &[0, 1, 0]), Ok(vec![]));
    }
    assert_eq!(kit.ask(0, 0xB, &[0, 0]), Ok(vec![0, 1, 0]));
    assert_eq!(kit.ask(0, 7, &[0, 0, 0]), Ok(vec![]));
    // Each agent sees what it wants itself.
    assert_eq!(kit.ask(0, 0xB, &[0, 0]), Ok(vec![0, 0, 0]));
    assert_eq!(kit.ask(0, 3, &[0]).map(|words| words[0] & 1), Ok(0));
    assert_eq!(kit.ask(1, 3, &[0]).map(|words| words[0] & 1), Ok(1));
    assert_eq!(kit.ask(1, 7, &[0, 0, 0]), Ok(vec![]));
    assert_eq!(kit.ask(1, 0xB, &[0, 0]), Ok(vec![0, 0, 0]));
}

#[test]
fn who_may_not_switch_a_clock_sees_whether_it_runs() {
    let mut kit = newest();
    assert_eq!(kit.ask(1, 7, &[2, 1, 0]), Err(Status::DENIED));
    assert_eq!(kit.ask(1, 5, &[0, 2, 5, 0]), Err(Status::DENIED));
    // Its bits, though, are looked at first.
    assert_eq!(kit.ask(1, 5, &[0x10, 2, 5, 0]), Err(Status::INVALID_PARAMETERS));
    kit.ask(0, 7, &[2, 1, 0]).expect("may");
    assert_eq!(kit.ask(1, 0xB, &[2, 0]), Ok(vec![0, 0, 0]), "its parent is off");
    kit.ask(0, 7, &[1, 1, 0]).expect("may");
    assert_eq!(kit.ask(1, 0xB, &[2, 0]), Ok(vec![0, 1, 0]));
    assert_eq!(kit.ask(1, 3, &[2]).map(|words| words[0]), Ok(1 << 1 | 1));
}

#[test]
fn a_first_enable_takes_its_delay() {
    let mut kit = newest();
    assert_eq!(kit.ask(0, 7, &[1, 1, 0]), Ok(vec![]));
    assert_eq!(kit.now.since(Time::ZERO), Duration::from_micros(1500));
    assert_eq!(kit.ask(1, 7, &[1, 1, 0]), Ok(vec![]));
    assert_eq!(kit.now.since(Time::ZERO), Duration::from_micros(1500));
    // Whoever comes while it is not stable waits for the rest of it.
    for by in [0, 1] {
        kit.ask(by, 7, &[1, 0, 0]).expect("can");
    }
    kit.send(0, 7, &[1, 1, 0]).expect_err("late");
    kit.wait(1);
    assert_eq!(kit.ask(1, 7, &[1, 1, 0]), Ok(vec![]));
    assert_eq!(kit.now.since(Time::ZERO), Duration::from_micros(3000));
}

#[test]
fn what_cannot_be_put_off_is_not_begun() {
    let mut kit = Kit::with_pending(server(), &[V3, V3], true, 1);
    let ticket = kit.send(0, 5, &[0, 1, 20, 0]).expect_err("late");
    assert_eq!(kit.ask(0, 5, &[1, 3, 2 * MHZ_WORD, 0]), Err(Status::BUSY));
    assert_eq!(kit.ask(0, 7, &[1, 1 << 16 | 1, 5]), Err(Status::BUSY));
    assert_eq!(kit.late(0, ticket), Ok(vec![]));
    assert_eq!(kit.ask(0, 6, &[3]), Ok(vec![MHZ_WORD, 0]));
    assert_eq!(kit.ask(0, 0xB, &[1, 1]), Ok(vec![0, 0, 50]));
}

#[test]
fn extended_values_are_set_with_and_without_the_gate() {
    let mut kit = newest();
    assert_eq!(kit.ask(0, 0xB, &[1, 1]), Ok(vec![0, 0, 50]));
    assert_eq!(kit.ask(0, 7, &[1, 1 << 16 | 3, 25]), Ok(vec![]));
    assert_eq!(kit.ask(0, 0xB, &[1, 1]), Ok(vec![0, 0, 25]));
    assert_eq!(kit.ask(0, 7, &[1, 1 << 16 | 1, 75]), Ok(vec![]));
    assert_eq!(kit.ask(0, 0xB, &[1, 1]), Ok(vec![0, 1, 75]));
    assert_eq!(kit.ask(0, 7, &[1, 0x81 << 16 | 3, 1000]), Ok(vec![]));
    assert_eq!(kit.ask(0, 0xB, &[1, 0x81]), Ok(vec![0, 1, 7]));
}

#[test]
fn two_words_of_config_mean_what_they_meant_before() {
    for version in [V1, V2, V3] {
        let mut kit = Kit::new(server(), &[version], true);
        kit.lenient = true;
        assert_eq!(kit.ask(0, 7, &[0, 1]), Ok(vec![]), "{version}");
        assert_eq!(kit.ask(0, 3, &[0]).map(|words| words[0] & 1), Ok(1));
        assert_eq!(kit.ask(0, 7, &[0, 0]), Ok(vec![]));
        assert_eq!(kit.ask(0, 3, &[0]).map(|words| words[0] & 1), Ok(0));
    }
}

#[test]
fn subscribers_are_told_of_rates_that_changed_and_by_whom() {
    let mut kit = newest();
    for clock in [0, 1] {
        kit.ask(0, 9, &[clock, 1]).expect("can");
        kit.ask(0, 9, &[clock, 1]).expect("again");
    }
    kit.ask(1, 9, &[1, 1]).expect("can");
    kit.ask(1, 5, &[0, 1, 40, 0]).expect("can");
    for by in [0, 1] {
        assert_eq!(kit.events(by), [(0x300, vec![2, 1, 40, 0])]);
    }
    kit.ask(1, 5, &[0, 1, 40, 0]).expect("can");
    assert_eq!(kit.events(0), [], "it was so before");
    // What the model does by itself is the platform's doing.
    kit.wait(1000);
    assert_eq!(kit.events(0), [(0x300, vec![0, 0, 48 * MHZ_WORD, 0])]);
    kit.ask(0, 9, &[1, 0]).expect("can");
    kit.ask(1, 5, &[0, 1, 10, 0]).expect("can");
    assert_eq!(kit.events(0), []);
    // What still waits when the subscription ends is not wanted.
    kit.ask(1, 9, &[1, 0]).expect("can");
    assert_eq!(kit.events(1), []);
}

#[test]
fn subscribers_are_told_of_rates_that_were_asked_for_in_vain() {
    let mut kit = newest();
    for by in [0, 1] {
        kit.ask(by, 0xA, &[4, 1]).expect("can");
    }
    assert_eq!(kit.ask(1, 5, &[0, 4, 14, 0]), Err(Status::BUSY));
    assert_eq!(kit.events(0), [(0x301, vec![2, 4, 14, 0])]);
    assert_eq!(kit.events(1), [], "who asked knows");
    assert_eq!(kit.ask(1, 5, &[0, 4, 14, 0]), Err(Status::BUSY));
    kit.ask(0, 0xA, &[4, 0]).expect("can");
    assert_eq!(kit.ask(1, 5, &[0, 4, 14, 0]), Err(Status::BUSY));
    assert_eq!(kit.events(0), []);
}

#[test]
fn an_agent_that_goes_gives_back_what_it_held() {
    let mut kit = newest();
    for by in [0, 1] {
        kit.ask(by, 7, &[0, 1, 0]).expect("can");
    }
    kit.ask(0, 7, &[3, 1, 0]).expect("can");
    kit.ask(0, 9, &[1, 1]).expect("can");
    kit.ask(0, 5, &[1, 1, 20, 0]).expect("can");
    kit.restart(0);
    assert_eq!(kit.ask(0, 0xB, &[0, 0]), Ok(vec![0, 0, 0]));
    assert_eq!(kit.ask(1, 0xB, &[0, 0]), Ok(vec![0, 1, 0]));
    // The model protests if the one was switched off, or the other was not: each is off when it is switched on.
    kit.ask(1, 7, &[3, 1, 0]).expect("can");
    kit.ask(1, 7, &[0, 0, 0]).expect("can");
    // What the hardware had begun it ends; nobody is told.
    kit.wait(30);
    assert_eq!(kit.ask(1, 6, &[1]), Ok(vec![20, 0]));
    assert_eq!(kit.events(0), []);
}

#[test]
fn what_a_command_has_begun_ends_after_a_reset_of_the_configuration() {
    let mut kit = newest();
    let ticket = kit.send(0, 5, &[0, 1, 20, 0]).expect_err("late");
    // Base, RESET_AGENT_CONFIGURATION of agent 1.
    let reset = bytes(&[0x10 << 10 | 0xB, 1, 0]);
    kit.platform.handle(kit.now, agent(0), &reset, &mut [0; 8]);
    assert_eq!(kit.late(0, ticket), Err(Status::GENERIC_ERROR), "at once");
    assert_eq!((kit.now, kit.ask(0, 6, &[1])), (Time::ZERO, Ok(vec![10, 0])));
    kit.wait(30);
    assert_eq!(kit.ask(0, 6, &[1]), Ok(vec![20, 0]), "the hardware forgets nothing");
}
