//! Byte vectors worked by hand from section 8.5, and both ends against each other over virtual time.

mod sharing;
mod views;

use alloc::boxed::Box;
use core::time::Duration;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::agent::{LevelInfo, Voltages};
use super::platform::{Levels, VoltageDomain, VoltageModel, VoltageServer};
use super::wire::{DomainWord, Mode};
use super::{INFO, V1, V2, V2_1};
use crate::agent::{CallError, Client};
use crate::platform::AgentId;
use crate::protocol::testing::{
    Kit, agent, any_steps, every_command_has_its_length, loopback, name,
};
use crate::time::Time;
use crate::wire::Status;

/// Domain 0 can everything, needs 3 ms for a level and 1 ms to come on, and has a mode below on; 1 is a negative rail,
/// on at start, never off and not the second agent's; 2 has 40 levels, and one of them fails.
#[derive(Debug)]
struct Rails {
    domains: Vec<VoltageDomain>,
    modes: Vec<Mode>,
    levels: Vec<i32>,
}

const IDLE: Mode = Mode::own(2);

impl Rails {
    fn new() -> Self {
        let full = VoltageDomain {
            modes: vec![IDLE, Mode::ON],
            enable_delay: Duration::from_millis(1),
            level_change: Duration::from_millis(3),
            ..VoltageDomain::new(
                "a rail with a long name",
                Levels::List(vec![800_000, 900_000, 1_000_000]),
            )
        };
        let rail = Levels::Range { lowest: -5_000_000, highest: -1_000_000, step: 500_000 };
        let negative = VoltageDomain {
            can_be_off: false,
            asynchronous: false,
            ..VoltageDomain::new("negative", rail)
        };
        let many = VoltageDomain::new("many", Levels::List((1..=40).collect()));
        Self {
            domains: vec![full, negative, many],
            modes: vec![Mode::OFF, Mode::ON, Mode::ON],
            levels: vec![800_000, -5_000_000, 1],
        }
    }
}

impl VoltageModel for Rails {
    fn domains(&self) -> &[VoltageDomain] {
        &self.domains
    }
    fn mode(&self, domain: usize) -> Mode {
        self.modes[domain]
    }
    fn set_mode(&mut self, _now: Time, domain: usize, mode: Mode) -> Result<(), Status> {
        assert_ne!(self.modes[domain], mode, "called for changes only");
        if domain == 2 && mode == Mode::ON {
            return Err(Status::HARDWARE_ERROR);
        }
        self.modes[domain] = mode;
        Ok(())
    }
    fn level(&self, domain: usize) -> i32 {
        self.levels[domain]
    }
    fn set_level(&mut self, _now: Time, domain: usize, level: i32) -> Result<(), Status> {
        if domain == 2 && level == 13 {
            return Err(Status::HARDWARE_ERROR);
        }
        self.levels[domain] = level;
        Ok(())
    }
    fn allows(&self, by: AgentId, domain: usize) -> bool {
        by == agent(0) || domain != 1
    }
}

fn server() -> Box<VoltageServer> {
    Box::new(VoltageServer::new(Box::new(Rails::new())).expect("a good description"))
}

fn newest() -> Kit {
    Kit::new(server(), &[V2_1, V2_1], true)
}

#[test]
fn a_command_has_the_length_of_its_table_and_no_other() {
    every_command_has_its_length(&|| server());
}

#[test]
fn domains_are_described_as_their_version_has_it() {
    let mut kit = Kit::new(server(), &[V1, V2, V2_1], true);
    let long = name::<4>("a rail with a l");
    for (by, word) in [(0, 0), (1, 3 << 30), (2, 3 << 30)] {
        assert_eq!(kit.ask(by, 1, &[]), Ok(vec![3]));
        assert_eq!(kit.ask(by, 3, &[0]), Ok([&[word], &long[..]].concat()));
    }
    assert_eq!(kit.ask(2, 3, &[1]), Ok([&[0], &name::<4>("negative")[..]].concat()));
    let whole = name::<16>("a rail with a long name");
    assert_eq!(kit.ask(2, 9, &[0]), Ok([&[0], &whole[..]].concat()));
    let mut without = Kit::new(server(), &[V2_1], false);
    assert_eq!(without.ask(0, 3, &[0]).map(|words| words[0]), Ok(1 << 30));
}

#[test]
fn levels_are_paged_and_a_range_is_a_triplet() {
    let mut kit = newest();
    assert_eq!(kit.ask(0, 4, &[0, 0]), Ok(vec![3, 800_000, 900_000, 1_000_000]));
    assert_eq!(kit.ask(0, 4, &[0, 2]), Ok(vec![1, 1_000_000]));
    // -5,000,000 is 0xFFB3_B4C0, -1,000,000 is 0xFFF0_BDC0.
    let triplet = vec![1 << 12 | 3, 0xFFB3_B4C0, 0xFFF0_BDC0, 500_000];
    assert_eq!(kit.ask(0, 4, &[1, 7]), Ok(triplet));
    // 124 bytes hold 31.
    let page = kit.ask(0, 4, &[2, 0]).expect("answers");
    assert_eq!((page[0], page.len()), (9 << 16 | 31, 32));
    let rest = kit.ask(0, 4, &[2, 31]).expect("answers");
    assert_eq!((rest[0], rest[1], rest.len()), (9, 32, 10));
}

#[test]
fn what_cannot_be_is_refused_with_the_status_of_section_8_5() {
    newest().refused(&[
        (1, &[0], Status::PROTOCOL_ERROR),
        (3, &[3], Status::NOT_FOUND),
        (3, &[], Status::PROTOCOL_ERROR),
        (4, &[3, 0], Status::NOT_FOUND),
        (4, &[0, 3], Status::OUT_OF_RANGE),
        (5, &[3, 7], Status::NOT_FOUND),
        (5, &[3, 0x10], Status::NOT_FOUND),
        (5, &[0, 0x17], Status::INVALID_PARAMETERS),
        (5, &[0, 1], Status::INVALID_PARAMETERS),
        (5, &[0, 8], Status::INVALID_PARAMETERS),
        (5, &[1, 0], Status::NOT_SUPPORTED),
        (5, &[0], Status::PROTOCOL_ERROR),
        (6, &[3], Status::NOT_FOUND),
        (7, &[3, 0, 800_000], Status::NOT_FOUND),
        (7, &[0, 2, 1], Status::INVALID_PARAMETERS),
        (7, &[1, 1, 1], Status::NOT_SUPPORTED),
        (7, &[0, 0, 850_000], Status::INVALID_PARAMETERS),
        (7, &[0, 1, 700_000], Status::INVALID_PARAMETERS),
        // -1,500,001 is between two steps.
        (7, &[1, 0, 0xFFE9_1C9F], Status::INVALID_PARAMETERS),
        (7, &[0, 0], Status::PROTOCOL_ERROR),
        (7, &[2, 0, 13], Status::HARDWARE_ERROR),
        (8, &[3], Status::NOT_FOUND),
        (9, &[3], Status::NOT_FOUND),
        (0xA, &[], Status::NOT_FOUND),
    ]);
    // Version 1.0 has no flags and no long names.
    Kit::new(server(), &[V1], true).refused(&[
        (7, &[0, 1, 800_000], Status::INVALID_PARAMETERS),
        (9, &[0], Status::NOT_FOUND),
        (2, &[9], Status::NOT_FOUND),
    ]);
    Kit::new(server(), &[V2_1], false).refused(&[(7, &[0, 1, 800_000], Status::NOT_SUPPORTED)]);
    let mut kit = newest();
    assert_eq!(kit.ask(1, 5, &[1, 7]), Err(Status::DENIED));
    assert_eq!(kit.ask(1, 7, &[1, 0, 5]), Err(Status::DENIED));
}

#[test]
fn a_level_takes_its_time_and_is_answered_late_or_delayed() {
    let mut kit = newest();
    let ticket = kit.send(0, 7, &[0, 0, 900_000]).expect_err("late");
    assert_eq!(kit.ask(1, 7, &[0, 0, 800_000]), Err(Status::BUSY));
    assert_eq!(kit.ask(1, 8, &[0]), Ok(vec![800_000]));
    assert_eq!(kit.late(0, ticket), Ok(vec![]));
    assert_eq!((kit.now, kit.ask(0, 8, &[0])), (Time::from_millis(3), Ok(vec![900_000])));
    assert_eq!(kit.ask(0, 7, &[0, 1, 1_000_000]), Ok(vec![]));
    kit.wait(3);
    assert_eq!(kit.events(0), [(0x207, vec![0, 0, 1_000_000])]);
    // A negative one, at once; and one that fails late.
    assert_eq!(kit.ask(0, 7, &[1, 0, 0xFFF0_BDC0]), Ok(vec![]));
    assert_eq!(kit.ask(0, 8, &[1]), Ok(vec![0xFFF0_BDC0]));
    assert_eq!(kit.ask(0, 7, &[2, 1, 13]), Ok(vec![]));
    kit.wait(0);
    assert_eq!(kit.events(0), [(0x207, vec![Status::HARDWARE_ERROR.0.cast_unsigned()])]);
}

#[test]
fn a_domain_is_in_the_strongest_mode_that_any_agent_wants() {
    let mut kit = newest();
    assert_eq!(kit.ask(0, 6, &[0]), Ok(vec![0]));
    assert_eq!(kit.ask(0, 5, &[0, 10]), Ok(vec![]));
    assert_eq!(kit.now, Time::from_millis(1), "it takes a while to come on");
    assert_eq!(kit.ask(0, 6, &[0]), Ok(vec![10]));
    // For who has not asked it is off, or Linux would not ask.
    assert_eq!(kit.ask(1, 6, &[0]), Ok(vec![0]));
    assert_eq!(kit.ask(1, 5, &[0, 7]), Ok(vec![]));
    assert_eq!(kit.now, Time::from_millis(1), "but not to change between modes");
    for by in [0, 1] {
        assert_eq!(kit.ask(by, 6, &[0]), Ok(vec![7]));
    }
    assert_eq!(kit.ask(1, 5, &[0, 0]), Ok(vec![]));
    assert_eq!(kit.ask(1, 6, &[0]), Ok(vec![0]));
    assert_eq!(kit.ask(0, 6, &[0]), Ok(vec![10]));
    assert_eq!(kit.ask(0, 5, &[0, 0]), Ok(vec![]));
    assert_eq!(kit.ask(0, 5, &[0, 0]), Ok(vec![]), "again");
    assert_eq!(kit.ask(0, 6, &[0]), Ok(vec![0]));
    // Two that come at once wait for it together.
    let ticket = kit.send(0, 5, &[0, 7]).expect_err("late");
    assert_eq!(kit.ask(1, 5, &[0, 7]), Ok(vec![]));
    assert_eq!(kit.late(0, ticket), Ok(vec![]));
    assert_eq!(kit.now, Time::from_millis(2));
}

#[test]
fn what_cannot_be_put_off_is_not_begun() {
    let mut kit = Kit::with_pending(server(), &[V2_1], true, 1);
    let ticket = kit.send(0, 7, &[0, 0, 900_000]).expect_err("late");
    assert_eq!(kit.ask(0, 7, &[2, 1, 5]), Err(Status::BUSY));
    assert_eq!(kit.ask(0, 5, &[0, 7]), Err(Status::BUSY));
    assert_eq!(kit.late(0, ticket), Ok(vec![]));
    assert_eq!(kit.ask(0, 8, &[2]), Ok(vec![1]));
    assert_eq!(kit.ask(0, 6, &[0]), Ok(vec![0]));
}

#[test]
fn what_was_on_at_start_can_be_switched_off_and_a_refusal_leaves_no_trace() {
    let mut kit = newest();
    assert_eq!(kit.ask(0, 6, &[2]), Ok(vec![7]));
    assert_eq!(kit.ask(0, 5, &[2, 0]), Ok(vec![]));
    assert_eq!(kit.ask(0, 5, &[2, 7]), Err(Status::HARDWARE_ERROR));
    assert_eq!(kit.ask(0, 6, &[2]), Ok(vec![0]));
    // Had the wish been remembered, this would be a change.
    assert_eq!(kit.ask(1, 5, &[2, 0]), Ok(vec![]));
}

#[test]
fn an_agent_that_goes_no_longer_keeps_a_domain_on() {
    let mut kit = newest();
    kit.ask(0, 5, &[0, 7]).expect("can");
    kit.ask(1, 5, &[0, 10]).expect("can");
    kit.ask(0, 5, &[1, 7]).expect("can");
    assert_eq!(kit.ask(1, 6, &[1]), Ok(vec![7]), "nobody can lose one that cannot be off");
    kit.ask(0, 7, &[0, 1, 900_000]).expect("can");
    kit.restart(0);
    assert_eq!(kit.ask(1, 6, &[0]), Ok(vec![10]));
    kit.wait(3);
    assert_eq!(kit.events(0), []);
    assert_eq!(kit.ask(1, 8, &[0]), Ok(vec![900_000]), "a level stays as it was set");
    kit.restart(1);
    assert_eq!(kit.ask(0, 6, &[0]), Ok(vec![0]));
    assert_eq!(kit.ask(0, 6, &[1]), Ok(vec![7]), "one that cannot be off stays on");
}

#[test]
fn a_description_that_cannot_be_is_refused() {
    let good = || Rails::new().domains[0].clone();
    let cases = [
        (VoltageDomain { name: "n".repeat(64), ..good() }, "its name"),
        (VoltageDomain { levels: Levels::List(vec![]), ..good() }, "no levels"),
        (VoltageDomain { modes: vec![Mode::OFF], ..good() }, "off, reserved or none"),
        (VoltageDomain { modes: vec![Mode(3)], ..good() }, "off, reserved or none"),
        (VoltageDomain { modes: vec![Mode::ON, Mode::ON], ..good() }, "twice"),
        (VoltageDomain { modes: vec![], ..good() }, "no mode"),
    ];
    for (domain, says) in cases {
        let mut rails = Rails::new();
        rails.domains[2] = domain;
        let error = VoltageServer::new(Box::new(rails)).map(|_| ()).expect_err("cannot be");
        assert_eq!((error.kind, error.id), ("voltage domain", 2));
        assert!(std::format!("{error}").contains(says), "{error}");
    }
}

#[test]
fn an_agent_finds_and_uses_what_the_platform_has() {
    for version in INFO.versions {
        let mut channel = loopback(server(), *version, true);
        let mut client = Client::<16>::new(&mut channel);
        let mut voltages = Voltages::open(&mut client).expect("there");
        assert_eq!((voltages.version(), voltages.count()), (*version, 3));
        let info = voltages.info(0).expect("there");
        let long = if *version < V2 { "a rail with a l" } else { "a rail with a long name" };
        assert_eq!(voltages.name(&info).expect("has one").as_str(), long);
        assert_eq!(info.attributes.has(DomainWord::ASYNC), *version >= V2);
        let mut levels = Vec::new();
        voltages.levels(2, &mut |level| levels.push(level)).expect("lists");
        assert_eq!(levels, (1..=40).map(LevelInfo::One).collect::<Vec<_>>());
        voltages.levels(1, &mut |level| levels.push(level)).expect("lists");
        let range = LevelInfo::Range { lowest: -5_000_000, highest: -1_000_000, step: 500_000 };
        assert_eq!(levels.last(), Some(&range));
        voltages.set_mode(0, Mode::ON).expect("can");
        assert_eq!(voltages.mode(0), Ok(Mode::ON));
        voltages.set_level(1, -1_500_000).expect("can");
        assert_eq!(voltages.level(1), Ok(-1_500_000));
        let asynchronous = voltages.set_level_async(0, 900_000);
        if *version < V2 {
            let refused = Err(CallError::Refused(Status::INVALID_PARAMETERS));
            assert_eq!(asynchronous, refused);
        } else {
            assert_eq!(asynchronous, Ok(900_000));
            assert_eq!(client.now(), Time::from_millis(4));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_commands_in_any_order_are_answered(steps in any_steps()) {
        Kit::new(server(), &[V2_1, V1], true).survive(&steps);
    }
}
