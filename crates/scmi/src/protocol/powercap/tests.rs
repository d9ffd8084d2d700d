//! Byte vectors worked by hand from section 8.9, and both ends against each other over virtual time.

mod asking;
mod leaving;
mod views;

use alloc::boxed::Box;
use core::time::Duration;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::agent::{Event, PowercapDomains};
use super::platform::{PowercapDomain, PowercapModel, PowercapServer, Steps};
use super::wire::{DomainFlags, PowerUnit};
use super::{INFO, V1, V2};
use crate::agent::{CallError, Client};
use crate::platform::{AgentId, EventOutcome, Link, Outcome, Platform};
use crate::protocol::base::tests::identity;
use crate::protocol::testing::{Kit, agent as id, any_steps, bytes, every_command_has_its_length};
use crate::time::Time;
use crate::transport::Loopback;
use crate::wire::{MessageId, ProtocolId, Status};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A whole board, a slow part of it, one that is only measured, and one that is broken.
#[derive(Debug)]
struct Bank(Vec<PowercapDomain>);

impl PowercapModel for Bank {
    fn domains(&self) -> &[PowercapDomain] {
        &self.0
    }

    /// What is only measured is the first agent's.
    fn may_set(&self, agent: AgentId, domain: usize) -> bool {
        domain != 2 || agent == id(0)
    }

    fn set_cap(&mut self, _now: Time, domain: usize, _cap: Option<u32>) -> Result<(), Status> {
        if domain == 3 { Err(Status::HARDWARE_ERROR) } else { Ok(()) }
    }

    /// As many units as the time has milliseconds, plus the interval's milliseconds.
    fn power(&mut self, now: Time, domain: usize, pai_us: u32) -> Result<u32, Status> {
        if domain == 3 {
            return Err(Status::HARDWARE_ERROR);
        }
        let millis = u32::try_from(now.as_nanos() / 1_000_000).expect("small");
        Ok(millis + pai_us / 1000)
    }
}

fn bank() -> Bank {
    let board = PowercapDomain {
        name: "the board as a whole".into(),
        unit: PowerUnit::MILLIWATT,
        cap: Steps { min: 1000, max: 9000, step: 300 },
        pai: Steps { min: 5000, max: 100_000, step: 5000 },
        initial_pai: 20_000,
        sustainable_power: 5000,
        accuracy: 1500,
        parent: None,
        monitoring: true,
        asynchronous: false,
        set_time: Duration::ZERO,
        cap_notifications: true,
        measurement_notifications: true,
    };
    let slow = PowercapDomain {
        name: "cpu".into(),
        unit: PowerUnit::MICROWATT,
        parent: Some(0),
        asynchronous: true,
        set_time: ms(30),
        monitoring: false,
        measurement_notifications: false,
        ..board.clone()
    };
    let measured = PowercapDomain {
        name: "io".into(),
        unit: PowerUnit::ABSTRACT,
        cap: Steps::fixed(7),
        pai: Steps::fixed(1000),
        initial_pai: 1000,
        parent: Some(1),
        cap_notifications: false,
        ..board.clone()
    };
    let broken = PowercapDomain {
        name: "broken".into(),
        measurement_notifications: false,
        cap_notifications: false,
        asynchronous: true,
        ..board.clone()
    };
    Bank(vec![board, slow, measured, broken])
}

fn server() -> Box<PowercapServer> {
    Box::new(PowercapServer::new(Box::new(bank())).expect("sound"))
}

fn newest() -> Kit {
    Kit::new(server(), &[V2, V2, V2], true)
}

#[test]
fn a_command_has_the_length_of_its_table_and_no_other() {
    every_command_has_its_length(&|| server());
}

#[test]
fn attributes_say_what_each_domain_and_channel_can() {
    let mut kit = newest();
    assert_eq!(kit.ask(0, 1, &[]), Ok(vec![4]));
    let board = kit.ask(0, 3, &[0]).expect("there");
    // Both notifications, extended name, cap, monitoring, averaging interval; unit 2 in [24:23].
    assert_eq!((board.len(), board[0]), (14, 0xDF00_0000));
    assert_eq!(bytes(&board[1..5]), *b"the board as a \0");
    assert_eq!(board[5..], [5000, 100_000, 5000, 1000, 9000, 300, 5000, 1500, 0xFFFF_FFFF]);
    let slow = kit.ask(0, 3, &[1]).expect("there");
    // Cap notifications, asynchronous, cap, averaging interval; unit 1.
    assert_eq!((slow[0], slow[13]), (0xAA80_0000, 0));
    let measured = kit.ask(0, 3, &[2]).expect("there");
    assert_eq!(measured[0], 0x4400_0000);
    assert_eq!(measured[5..11], [1000, 1000, 0, 7, 7, 0]);
    assert_eq!(measured[13], 1);
    let name = kit.ask(0, 8, &[0]).expect("there");
    assert_eq!((name.len(), bytes(&name[1..])[..21] == *b"the board as a whole\0"), (17, true));
    for message in 3..=0xC {
        assert_eq!(kit.ask(0, 2, &[message]), Ok(vec![0]), "{message}: no fast channel");
    }
    let mut deaf = Kit::new(server(), &[V2], false);
    assert_eq!(deaf.ask(0, 3, &[0]).expect("there")[0], 0x1F00_0000);
    assert_eq!(deaf.ask(0, 3, &[1]).expect("there")[0], 0x0A80_0000);
    deaf.refused(&[
        (2, &[0xA], Status::NOT_FOUND),
        (2, &[0xB], Status::NOT_FOUND),
        (0xA, &[0, 1], Status::NOT_SUPPORTED),
        (0xB, &[0, 1, 0, 9], Status::NOT_SUPPORTED),
        (5, &[1, 2, 1000], Status::NOT_SUPPORTED),
        (5, &[1, 3, 1000], Status::NOT_SUPPORTED),
    ]);
}

#[test]
fn what_cannot_be_is_refused_with_the_status_of_section_8_9() {
    newest().refused(&[
        (1, &[0], Status::PROTOCOL_ERROR),
        (3, &[4], Status::NOT_FOUND),
        (4, &[4], Status::NOT_FOUND),
        (4, &[], Status::PROTOCOL_ERROR),
        (5, &[4, 4, 1], Status::NOT_FOUND),
        (5, &[2, 4, 1], Status::INVALID_PARAMETERS),
        (5, &[2, 0, 7], Status::NOT_SUPPORTED),
        (5, &[0, 2, 999], Status::NOT_SUPPORTED),
        (5, &[0, 0, 999], Status::INVALID_PARAMETERS),
        (5, &[0, 0, 9001], Status::INVALID_PARAMETERS),
        (5, &[0, 0], Status::PROTOCOL_ERROR),
        (5, &[3, 0, 1000], Status::HARDWARE_ERROR),
        (6, &[4], Status::NOT_FOUND),
        (7, &[4, 1, 5000], Status::NOT_FOUND),
        (7, &[2, 1, 1000], Status::INVALID_PARAMETERS),
        (7, &[2, 0, 1000], Status::NOT_SUPPORTED),
        (7, &[0, 0, 0], Status::INVALID_PARAMETERS),
        (7, &[0, 0, 100_001], Status::INVALID_PARAMETERS),
        (8, &[4], Status::NOT_FOUND),
        (9, &[4], Status::NOT_FOUND),
        (9, &[1], Status::NOT_SUPPORTED),
        (9, &[3], Status::HARDWARE_ERROR),
        (0xA, &[4, 1], Status::NOT_FOUND),
        (0xA, &[2, 2], Status::INVALID_PARAMETERS),
        (0xA, &[2, 1], Status::NOT_SUPPORTED),
        (0xB, &[4, 1, 0, 9], Status::NOT_FOUND),
        (0xB, &[1, 2, 0, 9], Status::INVALID_PARAMETERS),
        (0xB, &[1, 1, 9, 0], Status::NOT_SUPPORTED),
        (0xB, &[0, 1, 9, 8], Status::INVALID_PARAMETERS),
        (0xB, &[0, 1], Status::PROTOCOL_ERROR),
        (0xC, &[4, 5], Status::NOT_FOUND),
        (0xC, &[0, 0xD], Status::NOT_FOUND),
        (0xC, &[0, 5], Status::NOT_SUPPORTED),
        (0xD, &[], Status::NOT_FOUND),
    ]);
    // Before 2.0 a cap of 0 is just too low.
    let mut old = Kit::new(server(), &[V1], true);
    assert_eq!(old.ask(0, 5, &[0, 0, 0]), Err(Status::INVALID_PARAMETERS));
    // What the hardware refused has not happened.
    let mut kit = newest();
    assert_eq!(kit.ask(0, 5, &[3, 0, 1000]), Err(Status::HARDWARE_ERROR));
    assert_eq!(kit.ask(0, 4, &[3]), Ok(vec![0]));
}

/// Nobody but the first agent may.
#[derive(Debug)]
struct Private(Bank);

impl PowercapModel for Private {
    fn domains(&self) -> &[PowercapDomain] {
        &self.0.0
    }
    fn may_set(&self, agent: AgentId, _domain: usize) -> bool {
        agent == id(0)
    }
    fn set_cap(&mut self, now: Time, domain: usize, cap: Option<u32>) -> Result<(), Status> {
        self.0.set_cap(now, domain, cap)
    }
    fn power(&mut self, now: Time, domain: usize, pai_us: u32) -> Result<u32, Status> {
        self.0.power(now, domain, pai_us)
    }
}

#[test]
fn who_may_not_is_denied_before_the_value_is_looked_at() {
    let server = PowercapServer::new(Box::new(Private(bank()))).expect("sound");
    let mut kit = Kit::new(Box::new(server), &[V2, V2], true);
    assert_eq!(kit.ask(0, 5, &[0, 0, 1000]), Ok(vec![]));
    assert_eq!(kit.ask(1, 5, &[0, 0, 1]), Err(Status::DENIED));
    assert_eq!(kit.ask(1, 5, &[0, 2, 1]), Err(Status::NOT_SUPPORTED));
    assert_eq!(kit.ask(1, 7, &[0, 0, 1]), Err(Status::DENIED));
    assert_eq!(kit.ask(1, 4, &[0]), Ok(vec![1000]));
}

#[test]
fn the_lowest_cap_of_all_agents_is_enforced() {
    let mut kit = Kit::new(server(), &[V2, V2, V1], true);
    for agent in [0, 1, 2] {
        kit.ask(agent, 0xA, &[0, 1]).expect("can");
    }
    let all = |kit: &mut Kit| [0, 1, 2].map(|agent| kit.events(agent));
    // No cap: 0, and before 2.0 the highest.
    assert_eq!((kit.ask(0, 4, &[0]), kit.ask(2, 4, &[0])), (Ok(vec![0]), Ok(vec![9000])));
    // 4000 is ten steps above the least, 4200 is not on a step.
    kit.ask(0, 5, &[0, 0, 4200]).expect("can");
    let told = (0x300, vec![1, 0, 4000, 20_000]);
    assert_eq!(all(&mut kit), [[told.clone()], [told.clone()], [told]]);
    kit.ask(1, 5, &[0, 0, 7000]).expect("can");
    assert_eq!(all(&mut kit), [[], [], []], "a higher one changes nothing");
    assert_eq!(kit.ask(1, 4, &[0]), Ok(vec![4000]));
    // Withdrawing one's own leaves the other's.
    kit.ask(0, 5, &[0, 0, 0]).expect("can");
    let told = (0x300, vec![1, 0, 7000, 20_000]);
    assert_eq!(all(&mut kit), [[told.clone()], [told.clone()], [told]]);
    kit.platform.disconnect(kit.now, id(1));
    kit.platform.poll(kit.now);
    assert_eq!(kit.events(0), [(0x300, vec![0, 0, 0, 20_000])], "the platform did it");
    assert_eq!(kit.events(2), [(0x300, vec![0, 0, 9000, 20_000])]);
    assert_eq!(kit.platform.next_deadline(), None);
}

#[test]
fn a_slow_cap_is_answered_late_or_with_a_delayed_response() {
    let mut kit = newest();
    let late = kit.send(0, 5, &[1, 0, 1300]).expect_err("late");
    // Without [1], [0] means nothing.
    let also = kit.send(0, 5, &[1, 1, 1600]).expect_err("late");
    assert_eq!(kit.ask(1, 5, &[1, 2, 1900]), Ok(vec![]));
    kit.wait(29);
    assert_eq!((kit.platform.poll_reply(id(0)), kit.events(1)), (None, vec![]));
    assert_eq!(kit.ask(0, 4, &[1]), Ok(vec![0]));
    kit.wait(1);
    assert_eq!(kit.platform.poll_reply(id(0)), Some(late));
    assert_eq!(kit.late(0, late), Ok(vec![]));
    assert_eq!(kit.platform.poll_reply(id(0)), Some(also));
    assert_eq!(kit.late(0, also), Ok(vec![]));
    // Type 2, the id of the command, status, domain, cap.
    assert_eq!(kit.events(1), [(0x205, vec![0, 1, 1900])]);
    assert_eq!(kit.ask(0, 4, &[1]), Ok(vec![1600]));
}

#[test]
fn bytes_of_a_delayed_response_are_as_section_8_9_says() {
    let mut kit = newest();
    // CAP_SET: message 5, protocol 0x18 << 10, token 5 << 18; domain 1, asynchronous, 4000.
    let set = [5, 0x60, 0x14, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0xA0, 0xF, 0, 0];
    let mut reply = [0xEE; 8];
    assert_eq!(kit.platform.handle(kit.now, id(0), &set, &mut reply), Outcome::Reply(8));
    assert_eq!(reply, [5, 0x60, 0x14, 0, 0, 0, 0, 0]);
    kit.wait(30);
    let mut event = [0; 136];
    assert_eq!(kit.platform.poll_event(id(0), &mut event), EventOutcome::Wrote(16));
    assert_eq!(event[..16], [5, 0x62, 0x14, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0xA0, 0xF, 0, 0]);
}

#[test]
fn a_cap_that_nobody_waits_for_comes_into_force_all_the_same() {
    let mut kit = newest();
    kit.ask(0, 0xA, &[1, 1]).expect("can");
    assert_eq!(kit.ask(0, 5, &[1, 3, 1300]), Ok(vec![]));
    kit.wait(30);
    assert_eq!(kit.events(0), [(0x300, vec![1, 1, 1300, 20_000])]);
    // A newer one replaces one that still waits; an agent that goes takes it along.
    kit.ask(0, 5, &[1, 3, 1600]).expect("can");
    kit.wait(10);
    kit.ask(0, 5, &[1, 3, 0]).expect("can");
    kit.wait(29);
    assert_eq!(kit.events(0), []);
    kit.wait(1);
    assert_eq!(kit.events(0), [(0x300, vec![1, 1, 0, 20_000])]);
    kit.ask(1, 5, &[1, 3, 1600]).expect("can");
    kit.platform.disconnect(kit.now, id(1));
    kit.wait(130);
    assert_eq!(kit.events(0), []);
    assert_eq!(kit.platform.next_deadline(), None);
}

/// Linux enables and disables a cap so, and takes what it reads right after for the outcome.
#[test]
fn who_does_not_wait_for_a_cap_reads_what_it_will_be() {
    let mut kit = newest();
    kit.ask(0, 5, &[1, 3, 1600]).expect("can");
    assert_eq!((kit.ask(0, 4, &[1]), kit.ask(1, 4, &[1])), (Ok(vec![1600]), Ok(vec![0])));
    kit.wait(30);
    kit.ask(1, 5, &[1, 3, 1300]).expect("can");
    assert_eq!((kit.ask(0, 4, &[1]), kit.ask(1, 4, &[1])), (Ok(vec![1600]), Ok(vec![1300])));
    kit.wait(30);
    // One's own is withdrawn, and another agent's stays.
    kit.ask(0, 5, &[1, 3, 0]).expect("can");
    assert_eq!(kit.ask(0, 4, &[1]), Ok(vec![1300]));
    kit.ask(1, 5, &[1, 3, 0]).expect("can");
    assert_eq!((kit.ask(0, 4, &[1]), kit.ask(1, 4, &[1])), (Ok(vec![1300]), Ok(vec![1600])));
    kit.wait(30);
    assert_eq!((kit.ask(0, 4, &[1]), kit.ask(1, 4, &[1])), (Ok(vec![0]), Ok(vec![0])));
}

#[test]
fn a_refused_asynchronous_cap_says_so_in_its_delayed_response() {
    let mut kit = newest();
    assert_eq!(kit.ask(0, 5, &[3, 2, 1000]), Ok(vec![]));
    kit.platform.poll(kit.now);
    // HARDWARE_ERROR, -9, and nothing after it.
    assert_eq!(kit.events(0), [(0x205, vec![0xFFFF_FFF7])]);
    for _ in 0..PowercapServer::MAX_ASYNC {
        kit.ask(0, 5, &[1, 2, 1000]).expect("queued");
    }
    assert_eq!(kit.ask(0, 5, &[1, 2, 1000]), Err(Status::BUSY));
    assert_eq!(kit.ask(1, 5, &[1, 2, 1000]), Ok(vec![]), "an agent fills its own queue only");
}

#[test]
fn the_averaging_interval_is_the_domain_s() {
    let mut kit = newest();
    kit.ask(1, 0xA, &[0, 1]).expect("can");
    assert_eq!(kit.ask(0, 6, &[0]), Ok(vec![20_000]));
    // Not on a step: the one below.
    assert_eq!(kit.ask(0, 7, &[0, 0, 52_000]), Ok(vec![]));
    assert_eq!(kit.ask(1, 6, &[0]), Ok(vec![50_000]));
    assert_eq!(kit.events(1), [(0x300, vec![1, 0, 0, 50_000])]);
    assert_eq!(kit.ask(0, 7, &[0, 0, 50_000]), Ok(vec![]));
    assert_eq!(kit.events(1), []);
    // 0 ms and an interval of 50 ms.
    assert_eq!(kit.ask(0, 9, &[0]), Ok(vec![50, 50_000]));
    assert_eq!(kit.ask(0, 6, &[2]), Ok(vec![1000]));
}

#[test]
fn power_that_leaves_the_thresholds_is_told_once() {
    let mut kit = newest();
    // Power is the time in milliseconds and 20; it is looked at every 20 ms.
    kit.ask(0, 0xB, &[0, 1, 0, 79]).expect("can");
    kit.ask(1, 0xB, &[0, 1, 41, 1000]).expect("can");
    kit.wait(59);
    assert_eq!(kit.events(0), []);
    // At 20 ms it was 40.
    assert_eq!(kit.events(1), [(0x301, vec![0, 0, 40])]);
    kit.wait(141);
    assert_eq!(kit.events(0), [(0x301, vec![0, 0, 80])]);
    assert_eq!(kit.events(1), []);
    // New thresholds begin anew.
    kit.ask(0, 0xB, &[0, 1, 0, 10]).expect("can");
    kit.wait(20);
    assert_eq!(kit.events(0), [(0x301, vec![0, 0, 240])]);
    kit.ask(0, 0xB, &[0, 0, 9, 0]).expect("thresholds mean nothing then");
    assert!(kit.platform.next_deadline().is_some());
    kit.platform.disconnect(kit.now, id(1));
    assert_eq!(kit.platform.next_deadline(), None, "nobody has thresholds any more");
}

#[test]
fn what_waits_goes_with_its_subscription() {
    let cap = (0x300, vec![1, 0, 1000, 20_000]);
    for (ended, left) in [(0xA, (0x301, vec![0, 0, 40])), (0xB, cap)] {
        let mut kit = newest();
        kit.ask(0, 0xA, &[0, 1]).expect("can");
        kit.ask(0, 0xB, &[0, 1, 0, 1]).expect("can");
        kit.ask(0, 5, &[0, 0, 1000]).expect("can");
        kit.wait(20);
        let params: &[u32] = if ended == 0xA { &[0, 0] } else { &[0, 0, 0, 0] };
        kit.ask(0, ended, params).expect("can");
        assert_eq!(kit.events(0), [left]);
    }
}

#[test]
fn a_short_averaging_interval_does_not_keep_the_platform_awake() {
    let mut kit = newest();
    kit.ask(0, 0xB, &[2, 1, 0, 5]).expect("can");
    assert_eq!(kit.platform.next_deadline(), Some(Time::from_millis(10)));
    kit.wait(10);
    assert_eq!(kit.events(0), [(0x301, vec![0, 2, 11])]);
}

#[test]
fn descriptions_that_make_no_sense_are_refused() {
    let sound = bank().0.remove(0);
    let with = |change: &dyn Fn(&mut PowercapDomain)| {
        let mut domain = sound.clone();
        change(&mut domain);
        domain
    };
    let cases: [(PowercapDomain, &str); 10] = [
        (with(&|d| d.cap.min = 0), "its caps have a 0, or go backwards"),
        (with(&|d| d.cap.max = 1), "its caps have a 0, or go backwards"),
        (with(&|d| d.cap.step = 0), "its caps have a 0, or go backwards"),
        (with(&|d| d.pai.step = 0), "its averaging intervals have a 0, or go backwards"),
        (with(&|d| d.initial_pai = 1), "its averaging interval at start is none that can be set"),
        (
            with(&|d| {
                d.cap = Steps::fixed(5);
                d.monitoring = false;
            }),
            "it can neither be capped nor measured",
        ),
        (with(&|d| d.monitoring = false), "it tells measurements and has none"),
        (with(&|d| d.parent = Some(1)), "it is part of itself"),
        (with(&|d| d.parent = Some(4)), "it is part of a domain that is not there"),
        (with(&|d| d.parent = Some(2)), "it is part of domains that are part of each other"),
    ];
    for (domain, what) in cases {
        let [a, b] = [2, 3].map(|other| with(&|d| d.parent = Some(5 - other)));
        // Of the two after it, each is part of the other.
        let alone = what == "it is part of domains that are part of each other";
        let rest = if alone { vec![a, b] } else { vec![sound.clone(), sound.clone()] };
        let domains = [vec![sound.clone(), domain], rest].concat();
        let bad = PowercapServer::new(Box::new(Bank(domains))).expect_err("makes no sense");
        assert_eq!((bad.id, bad.what), (1, what));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_commands_in_any_order_are_answered(steps in any_steps()) {
        Kit::new(server(), &[V2, V1], true).survive(&steps);
    }
}
