//! Byte vectors worked by hand from section 8.4, and both ends against each other over virtual time.

mod views;

use alloc::boxed::Box;
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::agent::{Event, Resets};
use super::platform::{ResetDomain, ResetModel, ResetServer};
use super::wire::ResetState;
use super::{INFO, V1, V2, V3, V3_1};
use crate::agent::{CallError, Client};
use crate::platform::AgentId;
use crate::protocol::testing::{
    Kit, agent, any_steps, every_command_has_its_length, loopback, name,
};
use crate::time::Time;
use crate::wire::Status;

/// What was done to the lines: when, which, and whether it was asserted.
type Log = Arc<Mutex<Vec<(u64, usize, bool)>>>;

/// Domain 0 can everything, in 2 ms, and has a state of its own; 1 is sync only, cannot notify, takes no time that is
/// known, and is not the second agent's; 2 never comes out of reset again.
#[derive(Debug)]
struct Lines {
    domains: Vec<ResetDomain>,
    log: Log,
}

impl Lines {
    fn new() -> (Self, Log) {
        let full = ResetDomain {
            latency: Duration::from_millis(2),
            own_states: vec![ResetState::own(5)],
            ..ResetDomain::new("a reset with a long name")
        };
        let plain = ResetDomain {
            latency_known: false,
            asynchronous: false,
            notifies: false,
            ..ResetDomain::new("plain")
        };
        let log = Log::default();
        (Self { domains: vec![full, plain, ResetDomain::new("broken")], log: log.clone() }, log)
    }
}

impl ResetModel for Lines {
    fn domains(&self) -> &[ResetDomain] {
        &self.domains
    }
    fn set_asserted(
        &mut self,
        now: Time,
        domain: usize,
        _state: ResetState,
        asserted: bool,
    ) -> Result<(), Status> {
        if domain == 2 && !asserted {
            return Err(Status::HARDWARE_ERROR);
        }
        self.log.lock().expect("whole").push((now.as_nanos() / 1_000_000, domain, asserted));
        Ok(())
    }
    fn allows(&self, by: AgentId, domain: usize) -> bool {
        by == agent(0) || domain != 1
    }
}

fn server() -> (Box<ResetServer>, Log) {
    let (lines, log) = Lines::new();
    (Box::new(ResetServer::new(Box::new(lines)).expect("a good description")), log)
}

fn newest() -> Kit {
    Kit::new(server().0, &[V3_1, V3_1], true)
}

#[test]
fn a_command_has_the_length_of_its_table_and_no_other() {
    every_command_has_its_length(&|| server().0);
}

#[test]
fn domains_are_described_as_their_version_has_it() {
    let mut kit = Kit::new(server().0, &[V1, V2, V3, V3_1], true);
    let long = name::<4>("a reset with a ");
    for (by, extended) in [(0, 0), (1, 0), (2, 1 << 29), (3, 1 << 29)] {
        assert_eq!(kit.ask(by, 1, &[]), Ok(vec![3]));
        let word = 1 << 31 | 1 << 30 | extended;
        assert_eq!(kit.ask(by, 3, &[0]), Ok([&[word, 2000], &long[..]].concat()));
    }
    let plain = name::<4>("plain");
    assert_eq!(kit.ask(0, 3, &[1]), Ok([&[0, u32::MAX], &plain[..]].concat()));
    let whole = name::<16>("a reset with a long name");
    assert_eq!(kit.ask(3, 6, &[0]), Ok([&[0], &whole[..]].concat()));
    let mut without = Kit::new(server().0, &[V3_1], false);
    assert_eq!(without.ask(0, 3, &[0]).map(|words| words[0]), Ok(1 << 29));
}

#[test]
fn what_cannot_be_is_refused_with_the_status_of_section_8_4() {
    newest().refused(&[
        (1, &[0], Status::PROTOCOL_ERROR),
        (3, &[3], Status::NOT_FOUND),
        (3, &[], Status::PROTOCOL_ERROR),
        (4, &[3, 0xF8, 1], Status::NOT_FOUND),
        (4, &[0, 0xF8, 0], Status::INVALID_PARAMETERS),
        // Asynchronous, but not autonomous; on a domain that can, and on one that cannot.
        (4, &[0, 4, 0], Status::INVALID_PARAMETERS),
        (4, &[1, 6, 0], Status::INVALID_PARAMETERS),
        (4, &[1, 5, 0], Status::NOT_SUPPORTED),
        (4, &[1, 5, 7], Status::NOT_SUPPORTED),
        (4, &[0, 1, 1], Status::INVALID_PARAMETERS),
        (4, &[0, 2, 0x7FFF_FFFF], Status::INVALID_PARAMETERS),
        (4, &[0, 0, 1], Status::INVALID_PARAMETERS),
        (4, &[0, 1, 1 << 31 | 4], Status::INVALID_PARAMETERS),
        (4, &[1, 1, 1 << 31 | 5], Status::INVALID_PARAMETERS),
        (4, &[0, 1], Status::PROTOCOL_ERROR),
        (4, &[2, 1, 0], Status::HARDWARE_ERROR),
        (5, &[3, 1], Status::NOT_FOUND),
        (5, &[1, 0xF], Status::INVALID_PARAMETERS),
        (5, &[1, 1], Status::NOT_SUPPORTED),
        (6, &[3], Status::NOT_FOUND),
        (7, &[], Status::NOT_FOUND),
    ]);
    Kit::new(server().0, &[V2], true)
        .refused(&[(6, &[0], Status::NOT_FOUND), (2, &[6], Status::NOT_FOUND)]);
    Kit::new(server().0, &[V3_1], false).refused(&[
        (4, &[0, 5, 0], Status::NOT_SUPPORTED),
        (5, &[0, 1], Status::NOT_SUPPORTED),
        (2, &[5], Status::NOT_FOUND),
    ]);
    let mut kit = newest();
    assert_eq!(kit.ask(1, 4, &[1, 1, 0]), Err(Status::DENIED));
    assert_eq!(kit.ask(1, 4, &[1, 1, 1]), Err(Status::DENIED));
    assert_eq!(kit.ask(1, 4, &[1, 8, 0]), Err(Status::INVALID_PARAMETERS));
}

#[test]
fn a_cycle_takes_its_time_and_is_answered_at_its_end() {
    let (server, log) = server();
    let mut kit = Kit::new(server, &[V3_1, V3_1], true);
    let ticket = kit.send(0, 4, &[0, 1, 0]).expect_err("late");
    assert_eq!(*log.lock().expect("whole"), [(0, 0, true)]);
    // Nothing else until it ends, not even letting go.
    for flags in [0, 1, 2, 5] {
        assert_eq!(kit.ask(1, 4, &[0, flags, 0]), Err(Status::BUSY));
    }
    assert_eq!(kit.ask(0, 4, &[1, 1, 0]), Ok(vec![]));
    assert_eq!(kit.late(0, ticket), Ok(vec![]));
    assert_eq!(kit.now, Time::from_millis(2));
    let seen = [(0, 0, true), (0, 1, true), (0, 1, false), (2, 0, false)];
    assert_eq!(*log.lock().expect("whole"), seen);
    assert_eq!(kit.ask(0, 4, &[0, 5, 1 << 31 | 5]), Ok(vec![]));
    kit.wait(1);
    assert_eq!(kit.events(0), []);
    kit.wait(1);
    assert_eq!(kit.events(0), [(0x204, vec![0, 0])]);
    // One that fails at its end says so.
    assert_eq!(kit.ask(0, 4, &[2, 5, 0]), Ok(vec![]));
    kit.wait(0);
    assert_eq!(kit.events(0), [(0x204, vec![Status::HARDWARE_ERROR.0.cast_unsigned()])]);
}

#[test]
fn a_line_is_held_until_it_is_let_go() {
    let (server, log) = server();
    let mut kit = Kit::new(server, &[V3_1, V3_1], true);
    kit.ask(0, 4, &[0, 2, 0]).expect("can");
    kit.wait(10);
    kit.restart(0);
    assert_eq!(*log.lock().expect("whole"), [(0, 0, true)]);
    kit.ask(0, 4, &[0, 0, 0]).expect("can");
    assert_eq!(*log.lock().expect("whole"), [(0, 0, true), (10, 0, false)]);
}

#[test]
fn subscribers_are_told_who_reset_a_domain() {
    let mut kit = newest();
    kit.ask(0, 5, &[0, 1]).expect("can");
    kit.ask(1, 4, &[0, 2, 1 << 31 | 5]).expect("can");
    assert_eq!(kit.events(0), [(0x300, vec![2, 0, 1 << 31 | 5])]);
    kit.ask(1, 4, &[0, 0, 0]).expect("can");
    assert_eq!(kit.events(0), [], "letting go is no reset");
    kit.ask(0, 4, &[0, 5, 0]).expect("can");
    kit.wait(2);
    assert_eq!(kit.events(0), [(0x204, vec![0, 0]), (0x300, vec![1, 0, 0])]);
    kit.ask(1, 4, &[0, 1, 0]).expect("can");
    kit.ask(0, 5, &[0, 0]).expect("can");
    kit.ask(1, 4, &[0, 1, 0]).expect("can");
    assert_eq!(kit.events(0), []);
}

#[test]
fn what_cannot_be_put_off_is_not_begun() {
    let (server, log) = server();
    let mut kit = Kit::with_pending(server, &[V3_1], true, 1);
    let ticket = kit.send(0, 4, &[0, 1, 0]).expect_err("late");
    assert_eq!(kit.ask(0, 4, &[2, 5, 0]), Err(Status::BUSY));
    assert_eq!(kit.late(0, ticket), Ok(vec![]));
    assert_eq!(*log.lock().expect("whole"), [(0, 0, true), (2, 0, false)]);
}

#[test]
fn a_cycle_ends_though_its_agent_is_gone() {
    let (server, log) = server();
    let mut kit = Kit::new(server, &[V3_1], true);
    kit.ask(0, 5, &[0, 1]).expect("can");
    kit.ask(0, 4, &[0, 5, 0]).expect("can");
    kit.restart(0);
    kit.wait(2);
    assert_eq!(kit.events(0), []);
    assert_eq!(*log.lock().expect("whole"), [(0, 0, true), (2, 0, false)]);
    kit.ask(0, 4, &[0, 1, 0]).expect("can again");
    assert_eq!(kit.events(0), [], "the subscription went");
}

#[test]
fn a_description_that_cannot_be_is_refused() {
    let (mut lines, _) = Lines::new();
    lines.domains[2].own_states = vec![ResetState(7)];
    let error = ResetServer::new(Box::new(lines)).map(|_| ()).expect_err("cannot be");
    assert_eq!((error.kind, error.id), ("reset domain", 2));
}

#[test]
fn an_agent_finds_and_uses_what_the_platform_has() {
    for version in INFO.versions {
        let mut channel = loopback(server().0, *version, true);
        let mut client = Client::<16>::new(&mut channel);
        let mut resets = Resets::open(&mut client).expect("there");
        assert_eq!((resets.version(), resets.count()), (*version, 3));
        let infos: Vec<_> = (0..3).map(|id| resets.info(id).expect("there")).collect();
        assert_eq!(
            infos.iter().map(|info| info.latency).collect::<Vec<_>>(),
            [Some(2000), None, Some(0)]
        );
        let long = if *version < V3 { "a reset with a " } else { "a reset with a long name" };
        assert_eq!(resets.name(&infos[0]).expect("has one").as_str(), long);
        resets.notify(0, true).expect("can");
        resets.reset(0, ResetState::COLD).expect("can");
        resets.reset_async(0, ResetState::own(5)).expect("can");
        resets.assert(1, ResetState::COLD).expect("can");
        resets.deassert(1, ResetState::COLD).expect("can");
        let refused = resets.reset_async(1, ResetState::COLD);
        assert_eq!(refused, Err(CallError::Refused(Status::NOT_SUPPORTED)));
        let failed = resets.reset_async(2, ResetState::COLD);
        assert_eq!(failed, Err(CallError::Refused(Status::HARDWARE_ERROR)));
        assert_eq!(client.now(), Time::from_millis(4));
        let mut seen = Vec::new();
        while let Some(event) = client.next_event(Time::from_millis(5)) {
            seen.extend(Event::parse(event.header(), event.payload()));
        }
        let issued = |state| Event::Issued { agent: 1, domain: 0, state };
        assert_eq!(seen, [issued(ResetState::COLD), issued(ResetState::own(5))]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_commands_in_any_order_are_answered(steps in any_steps()) {
        Kit::new(server().0, &[V3_1, V1], true).survive(&steps);
    }
}
