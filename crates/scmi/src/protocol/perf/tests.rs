//! Byte vectors worked by hand from section 8.2, and both ends against each other over virtual time.

mod asking;
mod sharing;

use alloc::boxed::Box;
use core::time::Duration;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::agent::{Event, LevelInfo, Limits as Seen, PerfDomains};
use super::platform::{Limits, PerfDomain, PerfLevel, PerfModel, PerfServer};
use super::wire::PowerUnit;
use super::{INFO, V1, V2, V3, V4};
use crate::agent::{CallError, Client};
use crate::platform::{AgentId, EventOutcome, Link, Outcome, Platform};
use crate::protocol::base::tests::identity;
use crate::protocol::testing::{Kit, agent as id, any_steps, bytes, every_command_has_its_length};
use crate::time::Time;
use crate::transport::Loopback;
use crate::wire::{MessageId, ProtocolId, Status, Version};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A cluster without indexes, an accelerator with them, one with many levels that can nothing, one that is broken.
#[derive(Debug)]
struct Bank {
    domains: Vec<PerfDomain>,
    heat: Vec<(Time, usize, Option<Limits>)>,
}

impl PerfModel for Bank {
    fn domains(&self) -> &[PerfDomain] {
        &self.domains
    }

    fn power_unit(&self) -> PowerUnit {
        PowerUnit::MICROWATT
    }

    fn may_set_level(&self, agent: AgentId, domain: usize) -> bool {
        domain != 2 || agent == id(0)
    }

    fn may_set_limits(&self, _agent: AgentId, domain: usize) -> bool {
        domain != 2
    }

    fn change(&mut self, _now: Time, domain: usize, _level: usize) -> Result<(), Status> {
        if domain == 3 { Err(Status::HARDWARE_ERROR) } else { Ok(()) }
    }

    fn take_limits(&mut self, now: Time) -> Option<(usize, Option<Limits>)> {
        let due = self.heat.iter().position(|(at, ..)| *at <= now)?;
        let (_, domain, limits) = self.heat.remove(due);
        Some((domain, limits))
    }

    fn next_deadline(&self) -> Option<Time> {
        self.heat.iter().map(|(at, ..)| *at).min()
    }
}

fn level(level: u32, cost: u32, micros: u64, khz: u32, index: u32) -> PerfLevel {
    PerfLevel {
        level,
        power_cost: cost,
        latency: Duration::from_micros(micros),
        frequency_khz: khz,
        index,
    }
}

fn bank() -> Bank {
    let cluster = PerfDomain {
        name: "the four big cores".into(),
        levels: vec![
            level(500, 70_500, 0, 500_000, 0),
            level(1000, 0, 0, 1_000_000, 0),
            level(1500, 900, 100_000, 1_500_000, 0),
        ],
        initial: 1,
        sustained_khz: 1_000_000,
        sustained_level: 1000,
        rate_limit_us: 250,
        indexed: false,
        limit_notifications: true,
        level_notifications: true,
    };
    let npu = PerfDomain {
        name: "npu".into(),
        levels: vec![
            level(10, 1, 2000, 333_333, 1),
            level(20, 2, 2000, 666_666, 5),
            level(40, 4, 2000, 1_000_001, 9),
        ],
        initial: 0,
        sustained_khz: 0,
        sustained_level: 0,
        rate_limit_us: 0,
        indexed: true,
        ..cluster.clone()
    };
    let many = PerfDomain {
        name: "bare".into(),
        levels: (1..=12).map(|n| level(n, 0, 0, 0, 0)).collect(),
        initial: 11,
        limit_notifications: false,
        level_notifications: false,
        indexed: false,
        ..npu.clone()
    };
    let broken = PerfDomain { name: "broken".into(), ..cluster.clone() };
    Bank { domains: vec![cluster, npu, many, broken], heat: vec![] }
}

fn server() -> Box<PerfServer> {
    Box::new(PerfServer::new(Box::new(bank())).expect("sound"))
}

fn newest() -> Kit {
    Kit::new(server(), &[V4, V4, V4], true)
}

#[test]
fn a_command_has_the_length_of_its_table_and_no_other() {
    every_command_has_its_length(&|| server());
}

#[test]
fn attributes_say_what_each_version_and_channel_can() {
    let mut kit = Kit::new(server(), &[V4, V3, V2], true);
    assert_eq!(kit.ask(0, 1, &[]), Ok(vec![2 << 16 | 4, 0, 0, 0]));
    assert_eq!(kit.ask(1, 1, &[]), Ok(vec![2 << 16 | 4, 0, 0, 0]));
    // Microwatts came with 3.0.
    assert_eq!(kit.ask(2, 1, &[]), Ok(vec![1 << 16 | 4, 0, 0, 0]));
    let cluster = kit.ask(0, 3, &[0]).expect("there");
    // Both rights, both notifications, extended name.
    assert_eq!(cluster[..4], [0xF400_0000, 250, 1_000_000, 1000]);
    assert_eq!(bytes(&cluster[4..]), *b"the four big co\0");
    // Level indexing, from 4.0.
    assert_eq!(kit.ask(0, 3, &[1]).expect("there")[0], 0xF200_0000);
    assert_eq!(kit.ask(1, 3, &[1]).expect("there")[0], 0xF000_0000);
    assert_eq!(kit.ask(2, 3, &[0]).expect("there")[0], 0xF000_0000);
    // Only the first agent may set the level, nobody the limits.
    assert_eq!(kit.ask(0, 3, &[2]).expect("there")[0], 0x4000_0000);
    assert_eq!(kit.ask(1, 3, &[2]).expect("there")[0], 0);
    let name = kit.ask(0, 0xC, &[0]).expect("there");
    assert_eq!((name.len(), bytes(&name[1..])[..19] == *b"the four big cores\0"), (17, true));
    assert_eq!(kit.ask(2, 0xC, &[0]), Err(Status::NOT_FOUND));
    for message in 3..=0xC {
        assert_eq!(kit.ask(0, 2, &[message]), Ok(vec![0]), "{message}: no fast channel");
    }
    let mut old = Kit::new(server(), &[V1], true);
    assert_eq!(old.ask(0, 0xB, &[0, 7]), Err(Status::NOT_FOUND));
    let mut deaf = Kit::new(server(), &[V4], false);
    assert_eq!(deaf.ask(0, 3, &[0]).expect("there")[0], 0xC400_0000);
    deaf.refused(&[
        (2, &[9], Status::NOT_FOUND),
        (2, &[0xA], Status::NOT_FOUND),
        (9, &[0, 1], Status::NOT_SUPPORTED),
        (0xA, &[0, 1], Status::NOT_SUPPORTED),
    ]);
}

#[test]
fn level_entries_have_the_words_of_their_version() {
    let mut kit = Kit::new(server(), &[V4, V3, V2], true);
    assert_eq!(
        kit.ask(0, 4, &[0, 1]),
        Ok(vec![2, 1000, 0, 0, 1_000_000, 0, 1500, 900, 0xFFFF, 1_500_000, 0])
    );
    assert_eq!(
        kit.ask(0, 4, &[1, 0]),
        Ok(vec![3, 10, 1, 2000, 333_333, 1, 20, 2, 2000, 666_666, 5, 40, 4, 2000, 1_000_001, 9])
    );
    assert_eq!(kit.ask(1, 4, &[0, 0]), Ok(vec![3, 500, 70_500, 0, 1000, 0, 0, 1500, 900, 0xFFFF]));
    // Milliwatts; what costs something costs at least one.
    assert_eq!(kit.ask(2, 4, &[0, 0]), Ok(vec![3, 500, 70, 0, 1000, 0, 0, 1500, 1, 0xFFFF]));
}

#[test]
fn levels_are_paged_to_the_room() {
    let mut kit = Kit::new(server(), &[V4, V3], true);
    // 124 bytes of list: six of 20 bytes, ten of 12.
    let page = kit.ask(0, 4, &[2, 0]).expect("there");
    assert_eq!((page[0], page.len()), (6 << 16 | 6, 1 + 6 * 5));
    let page = kit.ask(0, 4, &[2, 6]).expect("there");
    assert_eq!((page[0], page[1]), (6, 7));
    let page = kit.ask(1, 4, &[2, 0]).expect("there");
    assert_eq!((page[0], page.len()), (2 << 16 | 10, 1 + 10 * 3));
    let page = kit.ask(1, 4, &[2, 10]).expect("there");
    assert_eq!((page[0], page[1]), (2, 11));
    // An index beyond, by version.
    assert_eq!(kit.ask(0, 4, &[2, 12]), Err(Status::OUT_OF_RANGE));
    assert_eq!(kit.ask(1, 4, &[2, 12]), Err(Status::INVALID_PARAMETERS));
    // Not even one fits; exactly one.
    let request = bytes(&[0x13 << 10 | 4, 2, 0]);
    for (room, len) in [(31, 8), (32, 32)] {
        let outcome = kit.platform.handle(kit.now, id(0), &request, &mut [0; 32][..room]);
        assert_eq!(outcome, Outcome::Reply(len));
    }
}

#[test]
fn what_cannot_be_is_refused_with_the_status_of_section_8_2() {
    newest().refused(&[
        (1, &[0], Status::PROTOCOL_ERROR),
        (3, &[4], Status::NOT_FOUND),
        (4, &[4, 0], Status::NOT_FOUND),
        (4, &[0], Status::PROTOCOL_ERROR),
        (5, &[4, 1000, 500], Status::NOT_FOUND),
        (5, &[0, 1000], Status::PROTOCOL_ERROR),
        (5, &[2, 99, 0], Status::DENIED),
        (5, &[0, 0, 0], Status::OUT_OF_RANGE),
        (5, &[0, 1501, 500], Status::OUT_OF_RANGE),
        (5, &[0, 1500, 499], Status::OUT_OF_RANGE),
        (5, &[0, 500, 1000], Status::INVALID_PARAMETERS),
        // Not an index.
        (5, &[1, 40, 1], Status::OUT_OF_RANGE),
        (5, &[1, 1, 9], Status::INVALID_PARAMETERS),
        (6, &[4], Status::NOT_FOUND),
        (7, &[4, 500], Status::NOT_FOUND),
        (7, &[0, 499], Status::OUT_OF_RANGE),
        (7, &[0, 501], Status::OUT_OF_RANGE),
        (7, &[0, 1501], Status::OUT_OF_RANGE),
        (7, &[1, 40], Status::OUT_OF_RANGE),
        (7, &[1, 0], Status::OUT_OF_RANGE),
        (7, &[3, 500], Status::HARDWARE_ERROR),
        (8, &[4], Status::NOT_FOUND),
        (9, &[4, 1], Status::NOT_FOUND),
        (9, &[2, 0xFF], Status::INVALID_PARAMETERS),
        (9, &[2, 1], Status::NOT_SUPPORTED),
        (0xA, &[4, 1], Status::NOT_FOUND),
        (0xA, &[2, 2], Status::INVALID_PARAMETERS),
        (0xA, &[2, 1], Status::NOT_SUPPORTED),
        (0xB, &[4, 7], Status::NOT_FOUND),
        (0xB, &[0, 0xD], Status::NOT_FOUND),
        (0xB, &[0, 0x107], Status::NOT_FOUND),
        (0xB, &[0, 7], Status::NOT_SUPPORTED),
        (0xB, &[0, 0], Status::NOT_SUPPORTED),
        (0xB, &[0], Status::PROTOCOL_ERROR),
        (0xC, &[4], Status::NOT_FOUND),
        (0xD, &[], Status::NOT_FOUND),
    ]);
    let mut kit = Kit::new(server(), &[V4, V2], true);
    assert_eq!(kit.ask(1, 7, &[2, 99]), Err(Status::DENIED));
    // Before 3.0 a 0 is a level like any other, and there is no such level; NAME_GET came later.
    assert_eq!(kit.ask(1, 5, &[0, 1000, 0]), Err(Status::OUT_OF_RANGE));
    assert_eq!(kit.ask(1, 7, &[0, 0]), Err(Status::OUT_OF_RANGE));
    assert_eq!(kit.ask(1, 0xB, &[0, 0xC]), Err(Status::NOT_FOUND));
    // What the hardware refused has not happened.
    assert_eq!(kit.ask(0, 5, &[3, 500, 500]), Err(Status::HARDWARE_ERROR));
    assert_eq!(kit.ask(0, 6, &[3]), Ok(vec![1500, 500]));
    assert_eq!(kit.ask(0, 8, &[3]), Ok(vec![1000]));
}

#[test]
fn a_level_is_accepted_at_once_and_told_when_it_is_there() {
    let mut kit = newest();
    kit.ask(1, 0xA, &[0, 1]).expect("can");
    assert_eq!(kit.ask(0, 7, &[0, 1500]), Ok(vec![]));
    assert_eq!(kit.ask(0, 8, &[0]), Ok(vec![1500]));
    kit.wait(99);
    assert_eq!(kit.events(1), []);
    kit.wait(1);
    assert_eq!(kit.events(1), [(0x301, vec![1, 0, 1500])]);
    // The same level again is nothing new, and one that is left before it is reached was never there.
    kit.ask(0, 7, &[0, 1500]).expect("can");
    kit.ask(0, 7, &[0, 500]).expect("can");
    kit.ask(2, 7, &[0, 1500]).expect("can");
    kit.wait(50);
    kit.ask(2, 7, &[0, 1000]).expect("can");
    kit.wait(350);
    assert_eq!(kit.events(1), [(0x301, vec![3, 0, 1000])]);
}

#[test]
fn an_agent_that_names_level_0_leaves_the_choice_to_the_platform() {
    let mut kit = newest();
    kit.ask(0, 7, &[0, 500]).expect("can");
    kit.ask(0, 7, &[0, 0]).expect("can");
    assert_eq!(kit.ask(0, 8, &[0]), Ok(vec![1000]), "the sustained one");
    kit.ask(0, 5, &[0, 500, 0]).expect("can");
    kit.ask(0, 7, &[0, 0]).expect("can");
    assert_eq!(kit.ask(0, 8, &[0]), Ok(vec![500]));
    kit.ask(0, 7, &[2, 3]).expect("can");
    kit.ask(0, 7, &[2, 0]).expect("can");
    assert_eq!(kit.ask(0, 8, &[2]), Ok(vec![12]), "the highest");
}

#[test]
fn bytes_of_a_change_are_as_section_8_2_says() {
    let mut kit = newest();
    let mut reply = [0xEE; 16];
    // NOTIFY_LIMITS: message 9, protocol 0x13 << 10, token 5 << 18.
    let notify = [9, 0x4C, 0x14, 0, 0, 0, 0, 0, 1, 0, 0, 0];
    assert_eq!(kit.platform.handle(kit.now, id(0), &notify, &mut reply), Outcome::Reply(8));
    // 1200 and 600: max first.
    let set = [5, 0x4C, 0x14, 0, 0, 0, 0, 0, 0xB0, 4, 0, 0, 0x58, 2, 0, 0];
    assert_eq!(kit.platform.handle(kit.now, id(0), &set, &mut reply), Outcome::Reply(8));
    let get = [6, 0x4C, 0x14, 0, 0, 0, 0, 0];
    assert_eq!(kit.platform.handle(kit.now, id(0), &get, &mut reply), Outcome::Reply(16));
    assert_eq!(reply, [6, 0x4C, 0x14, 0, 0, 0, 0, 0, 0xB0, 4, 0, 0, 0x58, 2, 0, 0]);
    let mut event = [0; 136];
    assert_eq!(kit.platform.poll_event(id(0), &mut event), EventOutcome::Wrote(20));
    assert_eq!(event[..12], [0, 0x4F, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(event[12..20], [0xB0, 4, 0, 0, 0x58, 2, 0, 0]);
}

#[test]
fn the_narrowest_limits_are_in_force_and_pull_the_level_inside() {
    let mut kit = newest();
    for message in [9, 0xA] {
        kit.ask(2, message, &[0, 1]).expect("can");
    }
    kit.ask(0, 5, &[0, 1400, 500]).expect("can");
    kit.ask(1, 5, &[0, 900, 0]).expect("can");
    assert_eq!(kit.ask(2, 6, &[0]), Ok(vec![900, 500]));
    assert_eq!(kit.ask(2, 8, &[0]), Ok(vec![500]));
    // The newest state wins; limits before the level that they change.
    assert_eq!(kit.events(2), [(0x300, vec![2, 0, 900, 500]), (0x301, vec![2, 0, 500])]);
    assert_eq!(kit.ask(0, 7, &[0, 1000]), Err(Status::OUT_OF_RANGE));
    // The second agent's maximum is lower than the first one's new minimum: the maximum counts.
    kit.ask(0, 5, &[0, 0, 1100]).expect("can");
    assert_eq!(kit.ask(2, 6, &[0]), Ok(vec![900, 900]));
    assert_eq!(kit.ask(2, 8, &[0]), Ok(vec![500]));
    // A wider limit of one's own does not widen the other's.
    kit.ask(1, 5, &[0, 1500, 500]).expect("can");
    assert_eq!(kit.ask(2, 6, &[0]), Ok(vec![1400, 1100]));
    kit.platform.disconnect(kit.now, id(0));
    kit.platform.poll(kit.now);
    assert_eq!(kit.ask(2, 6, &[0]), Ok(vec![1500, 500]));
    let events = kit.events(2);
    assert_eq!(events[0], (0x300, vec![0, 0, 1500, 500]), "the platform did it");
}

#[test]
fn what_waits_goes_with_its_subscription() {
    for (ended, left) in [(9, (0x301, vec![1, 0, 500])), (0xA, (0x300, vec![1, 0, 700, 500]))] {
        let mut kit = newest();
        for message in [9, 0xA] {
            kit.ask(0, message, &[0, 1]).expect("can");
        }
        kit.ask(0, 5, &[0, 700, 500]).expect("can");
        kit.ask(0, ended, &[0, 0]).expect("can");
        assert_eq!(kit.events(0), [left]);
    }
}

#[test]
fn limits_raise_a_level_too() {
    let mut kit = newest();
    kit.ask(0, 5, &[0, 1500, 1001]).expect("can");
    assert_eq!(kit.ask(0, 8, &[0]), Ok(vec![1500]));
}

#[test]
fn in_level_indexing_mode_each_agent_sees_what_its_version_names() {
    let mut kit = Kit::new(server(), &[V4, V3], true);
    for agent in [0, 1] {
        for message in [9, 0xA] {
            kit.ask(agent, message, &[1, 1]).expect("can");
        }
    }
    assert_eq!((kit.ask(0, 8, &[1]), kit.ask(1, 8, &[1])), (Ok(vec![1]), Ok(vec![10])));
    kit.ask(0, 7, &[1, 9]).expect("an index");
    kit.wait(2);
    assert_eq!((kit.ask(0, 8, &[1]), kit.ask(1, 8, &[1])), (Ok(vec![9]), Ok(vec![40])));
    assert_eq!(kit.events(0), [(0x301, vec![1, 1, 9])]);
    assert_eq!(kit.events(1), [(0x301, vec![1, 1, 40])]);
    // Limits between levels, as only levels can name them, are those of the levels inside.
    kit.ask(1, 5, &[1, 39, 11]).expect("levels");
    assert_eq!((kit.ask(0, 6, &[1]), kit.ask(1, 6, &[1])), (Ok(vec![5, 5]), Ok(vec![39, 11])));
    kit.wait(2);
    assert_eq!(kit.events(0), [(0x300, vec![2, 1, 5, 5]), (0x301, vec![2, 1, 5])]);
    assert_eq!(kit.events(1), [(0x300, vec![2, 1, 39, 11]), (0x301, vec![2, 1, 20])]);
    kit.ask(0, 5, &[1, 0, 5]).expect("indexes");
    assert_eq!(kit.ask(1, 6, &[1]), Ok(vec![39, 20]));
}

#[test]
fn the_platform_s_own_limits_count_as_anybody_s() {
    let limits = Limits { max: 700, min: 500 };
    let heat = vec![(Time::from_millis(10), 0, Some(limits)), (Time::from_millis(30), 0, None)];
    let model = Box::new(Bank { heat, ..bank() });
    let server = Box::new(PerfServer::new(model).expect("sound"));
    let mut kit = Kit::new(server, &[V4], true);
    kit.ask(0, 9, &[0, 1]).expect("can");
    assert_eq!(kit.platform.next_deadline(), Some(Time::from_millis(10)));
    kit.wait(20);
    assert_eq!(kit.events(0), [(0x300, vec![0, 0, 700, 500])]);
    assert_eq!((kit.ask(0, 6, &[0]), kit.ask(0, 8, &[0])), (Ok(vec![700, 500]), Ok(vec![500])));
    kit.wait(10);
    assert_eq!(kit.events(0), [(0x300, vec![0, 0, 1500, 500])]);
}

#[test]
fn descriptions_that_make_no_sense_are_refused() {
    let sound = bank().domains.remove(0);
    let [low, high] = [level(1, 0, 0, 0, 2), level(2, 0, 0, 0, 1)];
    let cases = [
        (PerfDomain { levels: vec![], ..sound.clone() }, "it has not 1 to 4095 levels"),
        (PerfDomain { levels: vec![high, low], ..sound.clone() }, "its levels do not rise"),
        (PerfDomain { levels: vec![low, low], ..sound.clone() }, "its levels do not rise"),
        (
            PerfDomain { levels: vec![low, high], indexed: true, ..sound.clone() },
            "the indexes of its levels do not rise",
        ),
        (PerfDomain { initial: 3, ..sound.clone() }, "it has no level at start"),
        (
            PerfDomain { rate_limit_us: 1 << 20, ..sound.clone() },
            "its rate limit has more than 20 bits",
        ),
        (
            PerfDomain { sustained_level: 999, ..sound.clone() },
            "its sustained frequency is no whole multiple of its sustained level",
        ),
    ];
    for (domain, what) in cases {
        let model = Bank { domains: vec![sound.clone(), domain], heat: vec![] };
        let bad = PerfServer::new(Box::new(model)).expect_err("makes no sense");
        assert_eq!(bad.to_string(), std::format!("performance domain 1: {what}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_commands_in_any_order_are_answered(steps in any_steps()) {
        Kit::new(server(), &[V4, V2], true).survive(&steps);
    }
}
