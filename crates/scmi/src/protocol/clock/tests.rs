//! Byte vectors worked by hand from section 8.3, and both ends against each other over virtual time.

mod asking;
mod leaving;
mod sharing;
mod views;

use alloc::boxed::Box;
use core::time::Duration;
use std::string::String;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::platform::{Clock, ClockModel, ClockServer, Rates};
use super::wire::{ExtendedType, Permissions};
use super::{V1, V2, V3};
use crate::platform::AgentId;
use crate::protocol::testing::{Kit, agent, any_steps, every_command_has_its_length, name};
use crate::time::Time;
use crate::wire::Status;

const MHZ: u64 = 1_000_000;
const MHZ_WORD: u32 = 1_000_000;

/// Clock 0 is a source of 24 or 48 MHz; 1 has everything, and gates 2, which divides it by two, cannot notify and
/// whose rate the second agent may not change; 3 is a range; 4 has 20 rates. Changes of 1 take 30 ms.
#[derive(Debug)]
struct Tree {
    clocks: Vec<Clock>,
    rates: Vec<u64>,
    on: Vec<bool>,
    parent: usize,
    duty: u32,
    /// At 500 ms the source drifts.
    drifted: bool,
}

impl Tree {
    fn new() -> Self {
        let source = Clock::new("source", Rates::List(vec![24 * MHZ, 48 * MHZ]));
        let full = Clock {
            parents: vec![0, 3],
            extended: vec![ExtendedType::DUTY_CYCLE, ExtendedType(0x81)],
            enable_delay: Duration::from_micros(1500),
            rate_change: Duration::from_millis(30),
            ..Clock::new("a clock with a long name", Rates::List(vec![10, 20, 40]))
        };
        let half = Clock {
            notifies_changes: false,
            notifies_requests: false,
            ..Clock::new("half", Rates::List(vec![5, 10, 20]))
        };
        let range =
            Clock::new("range", Rates::Range { lowest: MHZ, highest: 5_000_000_000, step: MHZ });
        let many = Clock::new("many", Rates::List((1..=20).collect()));
        Self {
            clocks: vec![source, full, half, range, many],
            rates: vec![24 * MHZ, 10, 5, MHZ, 1],
            on: vec![false; 5],
            parent: 0,
            duty: 50,
            drifted: false,
        }
    }
}

impl ClockModel for Tree {
    fn clocks(&self) -> &[Clock] {
        &self.clocks
    }
    fn rate(&self, clock: usize) -> u64 {
        if clock == 2 { self.rates[1] / 2 } else { self.rates[clock] }
    }
    fn set_rate(&mut self, _now: Time, clock: usize, rate: u64) -> Result<(), Status> {
        if clock == 4 && rate == 13 {
            return Err(Status::HARDWARE_ERROR);
        }
        if clock == 4 && rate == 14 {
            return Err(Status::BUSY);
        }
        self.rates[clock] = rate;
        Ok(())
    }
    fn enabled(&self, clock: usize) -> bool {
        self.on[clock] && (clock != 2 || self.on[1])
    }
    fn set_enabled(&mut self, _now: Time, clock: usize, enabled: bool) -> Result<(), Status> {
        assert_ne!(self.on[clock], enabled, "called for changes only");
        self.on[clock] = enabled;
        Ok(())
    }
    fn parent(&self, clock: usize) -> Option<usize> {
        (clock == 1).then_some(self.parent)
    }
    fn set_parent(&mut self, _now: Time, clock: usize, parent: usize) -> Result<(), Status> {
        assert_eq!(clock, 1);
        if self.rates[1] == 40 {
            return Err(Status::OUT_OF_RANGE);
        }
        self.parent = parent;
        Ok(())
    }
    fn extended(&self, _clock: usize, kind: ExtendedType) -> Result<u32, Status> {
        if kind == ExtendedType::DUTY_CYCLE { Ok(self.duty) } else { Ok(7) }
    }
    fn set_extended(
        &mut self,
        _now: Time,
        _clock: usize,
        kind: ExtendedType,
        value: u32,
    ) -> Result<(), Status> {
        if kind == ExtendedType::DUTY_CYCLE {
            self.duty = value;
        }
        Ok(())
    }
    fn permissions(&self, by: AgentId, clock: usize) -> Permissions {
        if by == agent(1) && clock == 2 { Permissions::NONE } else { Permissions::ALL }
    }
    fn poll(&mut self, now: Time) {
        self.drifted = now >= Time::from_millis(500);
        self.rates[0] = 48 * MHZ;
    }
    fn next_deadline(&self) -> Option<Time> {
        (!self.drifted).then(|| Time::from_millis(500))
    }
}

pub(crate) fn server() -> Box<ClockServer> {
    Box::new(ClockServer::new(Box::new(Tree::new())).expect("a good description"))
}

/// Two agents of the newest version.
fn newest() -> Kit {
    Kit::new(server(), &[V3, V3], true)
}

#[test]
fn a_command_has_the_length_of_its_table_and_no_other() {
    every_command_has_its_length(&|| server());
}

#[test]
fn attributes_count_clocks_and_asynchronous_changes() {
    assert_eq!(newest().ask(0, 1, &[]), Ok(vec![16 << 16 | 5]));
    assert_eq!(Kit::new(server(), &[V3], false).ask(0, 1, &[]), Ok(vec![5]));
}

#[test]
fn a_clock_is_described_as_its_version_has_it() {
    let mut kit = Kit::new(server(), &[V1, V2, V3], true);
    let long = name::<4>("a clock with a ");
    // Only version 2.0 knows of notifications and extended names, and the delay in microseconds.
    assert_eq!(kit.ask(0, 3, &[1]), Ok([&[0], &long[..]].concat()));
    let two = 1 << 31 | 1 << 30 | 1 << 29;
    assert_eq!(kit.ask(1, 3, &[1]), Ok([&[two], &long[..], &[1500]].concat()));
    let three = two | 1 << 28 | 1 << 27;
    assert_eq!(kit.ask(2, 3, &[1]), Ok([&[three], &long[..], &[1500]].concat()));
    let half = name::<4>("half");
    assert_eq!(kit.ask(2, 3, &[2]), Ok([&[0], &half[..], &[0]].concat()));
    // Restricted, for the second agent.
    assert_eq!(kit.ask(1, 3, &[2]).map(|words| words[0]), Ok(0));
    assert_eq!(newest().ask(1, 3, &[2]).map(|words| words[0]), Ok(1 << 1));
    // Without a way back no notification is offered.
    let mut without = Kit::new(server(), &[V3], false);
    assert_eq!(without.ask(0, 3, &[1]).map(|words| words[0]), Ok(1 << 29 | 1 << 28 | 1 << 27));
}

#[test]
fn rates_are_paged_and_a_range_is_a_triplet() {
    let mut kit = newest();
    assert_eq!(kit.ask(0, 4, &[1, 0]), Ok(vec![3, 10, 0, 20, 0, 40, 0]));
    assert_eq!(kit.ask(0, 4, &[1, 2]), Ok(vec![1, 40, 0]));
    // 5 GHz is 0x1_2A05_F200.
    let triplet = vec![1 << 12 | 3, MHZ_WORD, 0, 0x2A05_F200, 1, MHZ_WORD, 0];
    assert_eq!(kit.ask(0, 4, &[3, 9]), Ok(triplet));
    // 124 bytes hold fifteen.
    let page = kit.ask(0, 4, &[4, 0]).expect("answers");
    assert_eq!((page[0], page.len()), (5 << 16 | 15, 31));
    assert_eq!(kit.ask(0, 4, &[4, 15]).map(|page| page[..3].to_vec()), Ok(vec![5, 16, 0]));
}

#[test]
fn what_cannot_be_is_refused_with_the_status_of_section_8_3() {
    newest().refused(&[
        (1, &[0], Status::PROTOCOL_ERROR),
        (2, &[0x11], Status::NOT_FOUND),
        (3, &[5], Status::NOT_FOUND),
        (3, &[], Status::PROTOCOL_ERROR),
        (4, &[5, 0], Status::NOT_FOUND),
        (4, &[1, 3], Status::OUT_OF_RANGE),
        (4, &[1], Status::PROTOCOL_ERROR),
        (5, &[0, 5, 10, 0], Status::NOT_FOUND),
        // The id before the flags, the flags before the value.
        (5, &[0xFF, 5, 9, 0], Status::NOT_FOUND),
        (5, &[0xFF, 1, 9, 0], Status::INVALID_PARAMETERS),
        (5, &[0, 1, 9, 0], Status::INVALID_PARAMETERS),
        (5, &[0, 1, 10, 1], Status::INVALID_PARAMETERS),
        (5, &[0, 1, 10], Status::PROTOCOL_ERROR),
        (6, &[5], Status::NOT_FOUND),
        (7, &[5, 1, 0], Status::NOT_FOUND),
        (7, &[0, 2, 0], Status::INVALID_PARAMETERS),
        (7, &[0, 3, 0], Status::INVALID_PARAMETERS),
        (7, &[0, 0xF, 0], Status::INVALID_PARAMETERS),
        (7, &[0, 1 << 8, 0], Status::INVALID_PARAMETERS),
        (7, &[0, 1 << 16 | 3, 50], Status::INVALID_PARAMETERS),
        (7, &[1, 1 << 16 | 3, 101], Status::INVALID_PARAMETERS),
        (7, &[1, 2 << 16 | 3, 90], Status::INVALID_PARAMETERS),
        (7, &[0, 1, 0, 0], Status::PROTOCOL_ERROR),
        (7, &[0], Status::PROTOCOL_ERROR),
        (7, &[0, 2], Status::INVALID_PARAMETERS),
        (8, &[5], Status::NOT_FOUND),
        (9, &[5, 1], Status::NOT_FOUND),
        (9, &[2, 0xF], Status::INVALID_PARAMETERS),
        (9, &[2, 1], Status::NOT_SUPPORTED),
        (0xA, &[5, 1], Status::NOT_FOUND),
        (0xA, &[2, 2], Status::INVALID_PARAMETERS),
        (0xA, &[2, 1], Status::NOT_SUPPORTED),
        (0xB, &[5, 0], Status::NOT_FOUND),
        (0xB, &[1, 1 << 8], Status::INVALID_PARAMETERS),
        (0xB, &[1, 2], Status::INVALID_PARAMETERS),
        (0xC, &[5, 0], Status::NOT_FOUND),
        (0xC, &[0, 0], Status::NOT_SUPPORTED),
        (0xC, &[1, 2], Status::OUT_OF_RANGE),
        (0xD, &[5, 0], Status::NOT_FOUND),
        (0xD, &[1, 5], Status::NOT_FOUND),
        (0xD, &[0, 1], Status::NOT_SUPPORTED),
        (0xD, &[1, 2], Status::INVALID_PARAMETERS),
        (0xE, &[5], Status::NOT_FOUND),
        (0xE, &[0], Status::NOT_SUPPORTED),
        (0xF, &[5], Status::NOT_FOUND),
        (0x11, &[], Status::NOT_FOUND),
    ]);
    // Messages of later versions are not there.
    Kit::new(server(), &[V1], true).refused(&[
        (7, &[0, 3], Status::INVALID_PARAMETERS),
        (7, &[0, 1, 0], Status::PROTOCOL_ERROR),
        (8, &[1], Status::NOT_FOUND),
        (9, &[1, 1], Status::NOT_FOUND),
        (0xB, &[1, 0], Status::NOT_FOUND),
        (0xF, &[1], Status::NOT_FOUND),
        (2, &[0xB], Status::NOT_FOUND),
        (0x10, &[0x10000], Status::NOT_FOUND),
    ]);
    // What needs a way back is not supported without one.
    Kit::new(server(), &[V3], false).refused(&[
        (5, &[1, 0, 24 * MHZ_WORD, 0], Status::NOT_SUPPORTED),
        (9, &[1, 1], Status::NOT_SUPPORTED),
        (0xA, &[1, 1], Status::NOT_SUPPORTED),
        (2, &[9], Status::NOT_FOUND),
    ]);
}

#[test]
fn names_permissions_and_parents_are_listed() {
    let mut kit = newest();
    let long = [&[0], &name::<16>("a clock with a long name")[..]].concat();
    assert_eq!(kit.ask(0, 8, &[1]), Ok(long));
    assert_eq!(kit.ask(0, 0xF, &[2]), Ok(vec![7 << 29]));
    assert_eq!(kit.ask(1, 0xF, &[2]), Ok(vec![0]));
    assert_eq!(kit.ask(0, 0xC, &[1, 0]), Ok(vec![2, 0, 3]));
    assert_eq!(kit.ask(0, 0xC, &[1, 1]), Ok(vec![1, 3]));
    assert_eq!(kit.ask(0, 0xE, &[1]), Ok(vec![0]));
    assert_eq!(kit.ask(0, 0xD, &[1, 3]), Ok(vec![]));
    assert_eq!(kit.ask(0, 0xE, &[1]), Ok(vec![3]));
    kit.ask(0, 5, &[0, 1, 40, 0]).expect("can");
    assert_eq!(kit.ask(0, 0xD, &[1, 0]), Err(Status::OUT_OF_RANGE));
}

#[test]
fn rates_are_rounded_as_asked() {
    let mut kit = newest();
    for (flags, wanted, rate) in
        [(0, 39, 20), (4, 21, 40), (8, 29, 20), (8 | 4, 31, 40), (2, 25, 20), (0, 10, 10)]
    {
        kit.ask(0, 5, &[flags, 1, wanted, 0]).expect("in the range");
        assert_eq!(kit.ask(0, 6, &[1]), Ok(vec![rate, 0]), "{flags:#x} {wanted}");
    }
    kit.ask(0, 5, &[0, 3, 0x2A05_F1FF, 1]).expect("in the range");
    assert_eq!(kit.ask(0, 6, &[3]), Ok(vec![0x29F6_AFC0, 1]));
}

#[test]
fn a_slow_change_is_answered_late_or_by_a_delayed_response() {
    let mut kit = newest();
    let ticket = kit.send(0, 5, &[0, 1, 20, 0]).expect_err("late");
    kit.wait(29);
    assert_eq!(kit.ask(0, 6, &[1]), Ok(vec![10, 0]));
    assert_eq!(kit.late(0, ticket), Ok(vec![]));
    assert_eq!(kit.now, Time::from_millis(30));
    assert_eq!(kit.ask(0, 6, &[1]), Ok(vec![20, 0]));
    assert_eq!(kit.ask(0, 5, &[1, 1, 45, 0]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(kit.ask(0, 5, &[1, 1, 40, 0]), Ok(vec![]));
    // One change of a clock at a time, whoever asks; other clocks do not mind.
    assert_eq!(kit.ask(1, 5, &[0, 1, 10, 0]), Err(Status::BUSY));
    assert_eq!(kit.ask(1, 5, &[0, 3, MHZ_WORD * 2, 0]), Ok(vec![]));
    kit.wait(30);
    assert_eq!(kit.events(0), [(0x205, vec![0, 1, 40, 0])]);
    assert_eq!(kit.events(1), []);
    // Flag 1: done, but nobody is told.
    assert_eq!(kit.ask(0, 5, &[3, 1, 10, 0]), Ok(vec![]));
    kit.wait(30);
    assert_eq!(kit.ask(0, 6, &[1]), Ok(vec![10, 0]));
    assert_eq!(kit.events(0), []);
}

#[test]
fn a_change_that_fails_late_says_so() {
    let mut kit = newest();
    assert_eq!(kit.ask(0, 5, &[0, 4, 13, 0]), Err(Status::HARDWARE_ERROR));
    assert_eq!(kit.ask(0, 5, &[1, 4, 13, 0]), Ok(vec![]));
    kit.wait(0);
    assert_eq!(kit.events(0), [(0x205, vec![Status::HARDWARE_ERROR.0.cast_unsigned()])]);
}

#[test]
fn only_so_many_asynchronous_changes_wait() {
    let slow = |index: u32| Clock {
        rate_change: Duration::from_millis(1),
        ..Clock::new(&std::format!("c{index}"), Rates::List(vec![1, 2]))
    };
    let clocks: Vec<Clock> = (0..20).map(slow).collect();
    let tree = Tree { rates: vec![1; 20], on: vec![false; 20], clocks, ..Tree::new() };
    let server = ClockServer::new(Box::new(tree)).expect("a good description");
    let mut kit = Kit::new(Box::new(server), &[V3, V3], true);
    for clock in 0..16 {
        // Those without a delayed response count too.
        kit.ask(0, 5, &[1 | (clock & 1) << 1, clock, 2, 0]).expect("queued");
    }
    assert_eq!(kit.ask(0, 5, &[1, 16, 2, 0]), Err(Status::BUSY));
    assert_eq!(kit.ask(0, 5, &[3, 16, 2, 0]), Err(Status::BUSY));
    assert_eq!(kit.ask(1, 5, &[1, 16, 2, 0]), Ok(vec![]));
    kit.wait(1);
    assert_eq!(kit.ask(0, 5, &[1, 16, 1, 0]), Ok(vec![]));
}

#[test]
fn a_description_that_cannot_be_is_refused() {
    let good = || Tree::new().clocks[1].clone();
    let cases = [
        (Clock { name: String::new(), ..good() }, "its name"),
        (Clock { rates: Rates::List(vec![2, 1]), ..good() }, "ascending"),
        (Clock { parents: vec![5], ..good() }, "no other clock"),
        (Clock { parents: vec![1], ..good() }, "no other clock"),
        (Clock { parents: vec![0; 256], ..good() }, "255 parents"),
        (Clock { extended: vec![ExtendedType(3)], ..good() }, "reserved"),
    ];
    for (clock, says) in cases {
        let mut tree = Tree::new();
        tree.clocks[1] = clock;
        let error = ClockServer::new(Box::new(tree)).map(|_| ()).expect_err("cannot be");
        assert_eq!((error.kind, error.id), ("clock", 1));
        assert!(std::format!("{error}").contains(says), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_commands_in_any_order_are_answered(steps in any_steps()) {
        Kit::new(server(), &[V3, V2], true).survive(&steps);
    }
}
