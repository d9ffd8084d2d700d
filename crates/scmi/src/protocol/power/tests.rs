//! Byte vectors worked by hand from section 7, and both ends against each other over virtual time.

mod asking;
mod sharing;

use alloc::boxed::Box;
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::agent::{Event, PowerDomains};
use super::platform::{PowerDomain, PowerModel, PowerServer, PowerStateInfo, Told};
use super::wire::{DomainFlags, PowerState};
use super::{INFO, V1, V2, V3, V3_1};
use crate::agent::{CallError, CallerExt, Client};
use crate::platform::{AgentId, Link, Outcome, Platform};
use crate::protocol::base::tests::identity;
use crate::protocol::testing::{Kit, agent as id, any_steps, bytes, every_command_has_its_length};
use crate::time::Time;
use crate::transport::Loopback;
use crate::wire::{MessageId, ProtocolId, Status, Version};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const ON: u32 = 0;
const OFF: u32 = 0x4000_0000;
const SLEEP: u32 = 0x0000_0001;

/// What was done to the hardware, in milliseconds: what, domain, state.
type Done = Arc<Mutex<Vec<(u64, &'static str, usize, u32)>>>;

/// A quick domain, a slow one with a long name, one of processors with three states, one that can nothing special,
/// one whose hardware is broken.
#[derive(Debug)]
struct Bank {
    domains: Vec<PowerDomain>,
    done: Done,
}

impl PowerModel for Bank {
    fn domains(&self) -> &[PowerDomain] {
        &self.domains
    }

    /// The last domain is the first agent's alone.
    fn may_set(&self, agent: AgentId, domain: usize) -> bool {
        domain != 3 || agent == id(0)
    }

    fn change(&mut self, now: Time, domain: usize, state: PowerState) -> Result<(), Status> {
        if domain == 4 {
            return Err(Status::HARDWARE_ERROR);
        }
        let millis = now.as_nanos() / 1_000_000;
        self.done.lock().expect("alive").push((millis, "change", domain, state.0));
        Ok(())
    }

    fn changed(&mut self, now: Time, domain: usize, state: PowerState) {
        let millis = now.as_nanos() / 1_000_000;
        self.done.lock().expect("alive").push((millis, "changed", domain, state.0));
    }
}

fn bank() -> Bank {
    let state = |state: u32, latency: u64| PowerStateInfo {
        state: PowerState(state),
        latency: ms(latency),
    };
    let quick = PowerDomain {
        told: Told::Actual,
        ..PowerDomain::device("gpu", Duration::ZERO, Duration::ZERO)
    };
    let slow = PowerDomain::device("the camera pipeline", ms(20), ms(5));
    let cluster = PowerDomain {
        processors: true,
        asynchronous: false,
        states: vec![state(ON, 0), state(SLEEP, 1), state(OFF, 10)],
        ..quick.clone()
    };
    let bare = PowerDomain {
        name: "bare".into(),
        synchronous: false,
        change_notifications: false,
        request_notifications: false,
        ..quick.clone()
    };
    let broken = PowerDomain { asynchronous: false, ..quick.clone() };
    Bank { domains: vec![quick, slow, cluster, bare, broken], done: Done::default() }
}

fn server() -> Box<PowerServer> {
    Box::new(PowerServer::new(Box::new(bank())).expect("sound"))
}

fn newest() -> Kit {
    Kit::new(server(), &[V3_1, V3_1, V3_1], true)
}

#[test]
fn a_command_has_the_length_of_its_table_and_no_other() {
    every_command_has_its_length(&|| server());
}

#[test]
fn attributes_say_what_each_version_and_channel_can() {
    let mut kit = Kit::new(server(), &[V3_1, V2, V1], true);
    assert_eq!(kit.ask(0, 1, &[]), Ok(vec![5, 0, 0, 0]));
    let quick = kit.ask(0, 3, &[0]).expect("there");
    // Changes, asynchronous, synchronous, requests.
    assert_eq!(quick[0], 0xF000_0000);
    assert_eq!(bytes(&quick[1..]), *b"gpu\0\0\0\0\0\0\0\0\0\0\0\0\0");
    let slow = kit.ask(0, 3, &[1]).expect("there");
    assert_eq!(slow[0], 0xF800_0000);
    assert_eq!(bytes(&slow[1..]), *b"the camera pipe\0");
    assert_eq!(kit.ask(0, 3, &[3]).expect("there")[0], 0x4000_0000);
    // Neither the bit of requests (2.1) nor that of extended names (3.0).
    assert_eq!(kit.ask(1, 3, &[1]).expect("there")[0], 0xE000_0000);
    assert_eq!(kit.ask(2, 3, &[1]).expect("there")[0], 0xE000_0000);
    let name = kit.ask(0, 8, &[1]).expect("there");
    assert_eq!((name.len(), name[0]), (17, 0));
    assert_eq!(bytes(&name[1..])[..20], *b"the camera pipeline\0");
    // What a version does not have is not there.
    assert_eq!(kit.ask(1, 8, &[1]), Err(Status::NOT_FOUND));
    assert_eq!(kit.ask(1, 7, &[1, 1]), Ok(vec![]));
    assert_eq!(kit.ask(2, 7, &[1, 1]), Err(Status::NOT_FOUND));
    for message in [3, 4, 5, 6, 7, 8] {
        assert_eq!(kit.ask(0, 2, &[message]), Ok(vec![0]), "{message}");
    }
    let mut deaf = Kit::new(server(), &[V3_1], false);
    assert_eq!(deaf.ask(0, 3, &[1]).expect("there")[0], 0x2800_0000);
    deaf.refused(&[
        (2, &[6], Status::NOT_FOUND),
        (2, &[7], Status::NOT_FOUND),
        (6, &[0, 1], Status::NOT_SUPPORTED),
        (7, &[0, 1], Status::NOT_SUPPORTED),
        (4, &[1, 0, OFF], Status::NOT_SUPPORTED),
    ]);
}

#[test]
fn what_cannot_be_is_refused_with_the_status_of_section_7() {
    newest().refused(&[
        (1, &[0], Status::PROTOCOL_ERROR),
        (3, &[5], Status::NOT_FOUND),
        (3, &[0xFFFF_FFFF], Status::NOT_FOUND),
        (3, &[], Status::PROTOCOL_ERROR),
        (4, &[0, 0], Status::PROTOCOL_ERROR),
        (4, &[0, 0, OFF, 0], Status::PROTOCOL_ERROR),
        // The id before the flags, the flags before the feature, the feature before the value.
        (4, &[2, 5, OFF], Status::NOT_FOUND),
        (4, &[2, 3, OFF], Status::INVALID_PARAMETERS),
        (4, &[0, 0, 0xFF00_0000], Status::INVALID_PARAMETERS),
        (4, &[0, 0, 1 << 28], Status::INVALID_PARAMETERS),
        (4, &[0, 3, 7], Status::NOT_SUPPORTED),
        (4, &[1, 4, OFF], Status::NOT_SUPPORTED),
        (4, &[0, 0, SLEEP], Status::INVALID_PARAMETERS),
        (4, &[0, 4, OFF], Status::HARDWARE_ERROR),
        (5, &[5], Status::NOT_FOUND),
        (6, &[5, 1], Status::NOT_FOUND),
        (6, &[3, 0xF], Status::INVALID_PARAMETERS),
        (6, &[3, 1], Status::NOT_SUPPORTED),
        (7, &[5, 1], Status::NOT_FOUND),
        (7, &[3, 2], Status::INVALID_PARAMETERS),
        (7, &[3, 0], Status::NOT_SUPPORTED),
        (8, &[5], Status::NOT_FOUND),
        (9, &[], Status::NOT_FOUND),
    ]);
    let mut kit = newest();
    assert_eq!(kit.ask(1, 4, &[1, 3, OFF]), Err(Status::DENIED));
    assert_eq!(kit.ask(1, 4, &[1, 3, SLEEP]), Err(Status::DENIED), "before the value");
    // A change that did not begin is not remembered as a wish.
    assert_eq!(kit.ask(0, 4, &[0, 4, OFF]), Err(Status::HARDWARE_ERROR));
    assert_eq!(kit.ask(0, 5, &[4]), Ok(vec![ON]));
    assert_eq!(kit.ask(0, 4, &[0, 4, ON]), Ok(vec![]));
}

#[test]
fn bytes_of_a_change_are_as_section_7_says() {
    let mut kit = newest();
    let mut reply = [0xEE; 12];
    // STATE_NOTIFY on domain 0: message 6, protocol 0x11 << 10, token 5 << 18.
    let notify = [6, 0x44, 0x14, 0, 0, 0, 0, 0, 1, 0, 0, 0];
    assert_eq!(kit.platform.handle(kit.now, id(0), &notify, &mut reply), Outcome::Reply(8));
    let set = [4, 0x44, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40];
    assert_eq!(kit.platform.handle(kit.now, id(0), &set, &mut reply), Outcome::Reply(8));
    assert_eq!(reply[..8], [4, 0x44, 0x14, 0, 0, 0, 0, 0]);
    let get = [5, 0x44, 0x14, 0, 0, 0, 0, 0];
    assert_eq!(kit.platform.handle(kit.now, id(0), &get, &mut reply), Outcome::Reply(12));
    assert_eq!(reply, [5, 0x44, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0x40]);
    let mut event = [0; 136];
    let wrote = kit.platform.poll_event(id(0), &mut event);
    assert_eq!(wrote, crate::platform::EventOutcome::Wrote(16));
    assert_eq!(event[..16], [0, 0x47, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40]);
}

#[test]
fn a_synchronous_change_is_answered_when_it_is_done() {
    let bank = bank();
    let done = bank.done.clone();
    let server = PowerServer::new(Box::new(bank)).expect("sound");
    let mut kit = Kit::new(Box::new(server), &[V3_1, V3_1], true);
    kit.ask(1, 6, &[1, 1]).expect("can");
    let off = kit.send(0, 4, &[0, 1, OFF]).expect_err("late");
    kit.wait(4);
    assert_eq!((kit.platform.poll_reply(id(0)), kit.events(1)), (None, vec![]));
    assert_eq!(kit.ask(0, 5, &[1]), Ok(vec![ON]));
    kit.wait(1);
    assert_eq!(kit.platform.poll_reply(id(0)), Some(off));
    assert_eq!(kit.late(0, off), Ok(vec![]));
    assert_eq!(kit.events(1), [(0x300, vec![1, 1, OFF])]);
    assert_eq!(kit.ask(1, 5, &[1]), Ok(vec![OFF]));
    assert_eq!(kit.ask(0, 4, &[0, 1, OFF]), Ok(vec![]), "it is there already");
    assert_eq!(kit.events(1), []);
    assert_eq!(*done.lock().expect("alive"), [(0, "change", 1, OFF), (5, "changed", 1, OFF)]);
}

#[test]
fn a_change_that_is_under_way_is_not_cut_short() {
    let mut kit = newest();
    let off = kit.send(0, 4, &[0, 1, OFF]).expect_err("late");
    kit.wait(2);
    // Off at 5 ms, on again 20 ms later.
    let on = kit.send(1, 4, &[0, 1, ON]).expect_err("late");
    kit.wait(22);
    assert_eq!(kit.platform.poll_reply(id(0)), Some(off));
    assert_eq!(kit.late(0, off), Ok(vec![]));
    assert_eq!(kit.platform.poll_reply(id(1)), None);
    assert_eq!(kit.ask(1, 5, &[1]), Ok(vec![OFF]));
    kit.wait(1);
    assert_eq!(kit.platform.poll_reply(id(1)), Some(on));
    assert_eq!(kit.late(1, on), Ok(vec![]));
    assert_eq!(kit.ask(1, 5, &[1]), Ok(vec![ON]));
}

#[test]
fn an_asynchronous_change_completes_by_an_event() {
    let mut kit = newest();
    kit.ask(0, 6, &[1, 1]).expect("can");
    assert_eq!(kit.ask(0, 4, &[1, 1, OFF]), Ok(vec![]));
    assert_eq!(kit.ask(0, 5, &[1]), Ok(vec![ON]));
    kit.wait(5);
    assert_eq!(kit.events(0), [(0x300, vec![1, 1, OFF])]);
    // Nothing changes, but the agent waits for it all the same.
    assert_eq!(kit.ask(0, 4, &[1, 1, OFF]), Ok(vec![]));
    assert_eq!(kit.events(0), [(0x300, vec![1, 1, OFF])]);
    kit.ask(0, 6, &[1, 0]).expect("can");
    assert_eq!(kit.ask(0, 4, &[1, 1, ON]), Ok(vec![]));
    kit.wait(20);
    assert_eq!((kit.events(0), kit.ask(0, 5, &[1])), (vec![], Ok(vec![ON])));
}

#[test]
fn processors_are_answered_before_their_state_changes() {
    let mut kit = newest();
    for flags in [0, 1] {
        kit.wait(100);
        assert_eq!(kit.ask(0, 4, &[flags, 2, OFF]), Ok(vec![]));
        assert_eq!(kit.ask(0, 5, &[2]), Ok(vec![ON]));
        kit.wait(10);
        assert_eq!(kit.ask(0, 5, &[2]), Ok(vec![OFF]));
        assert_eq!(kit.ask(0, 4, &[flags, 2, ON]), Ok(vec![]));
    }
}

#[test]
fn a_domain_is_off_only_when_no_agent_wants_it_on() {
    let mut kit = newest();
    for agent in [0, 1, 2] {
        kit.ask(agent, 6, &[0, 1]).expect("can");
        kit.ask(agent, 7, &[0, 1]).expect("can");
    }
    kit.ask(0, 4, &[0, 0, ON]).expect("can");
    kit.ask(1, 4, &[0, 0, ON]).expect("can");
    assert_eq!(kit.ask(1, 4, &[0, 0, OFF]), Ok(vec![]));
    // The real state; and the one who keeps it on learns what was asked for, and by whom.
    assert_eq!(kit.ask(1, 5, &[0]), Ok(vec![ON]));
    assert_eq!(kit.events(0), [(0x301, vec![2, 0, OFF])]);
    assert_eq!((kit.events(1), kit.events(2)), (vec![], vec![]));
    assert_eq!(kit.ask(0, 4, &[0, 0, OFF]), Ok(vec![]));
    for agent in [0, 1, 2] {
        assert_eq!(kit.events(agent), [(0x300, vec![1, 0, OFF])]);
    }
}

#[test]
fn the_shallowest_of_several_states_wins() {
    let mut kit = newest();
    kit.ask(0, 4, &[0, 2, OFF]).expect("can");
    kit.wait(10);
    kit.ask(1, 4, &[0, 2, SLEEP]).expect("can");
    kit.wait(10);
    assert_eq!(kit.ask(2, 5, &[2]), Ok(vec![SLEEP]));
    kit.ask(2, 4, &[0, 2, ON]).expect("can");
    assert_eq!(kit.ask(0, 5, &[2]), Ok(vec![ON]));
    kit.ask(2, 4, &[0, 2, OFF]).expect("can");
    kit.wait(10);
    assert_eq!(kit.ask(0, 5, &[2]), Ok(vec![SLEEP]));
}

#[test]
fn a_shared_domain_can_look_as_if_it_were_the_agent_s_own() {
    let mut kit = newest();
    kit.ask(0, 4, &[0, 1, ON]).expect("there already");
    assert_eq!(kit.ask(1, 4, &[0, 1, OFF]), Ok(vec![]), "nothing to wait for");
    assert_eq!((kit.ask(1, 5, &[1]), kit.ask(0, 5, &[1])), (Ok(vec![OFF]), Ok(vec![ON])));
    assert_eq!(kit.ask(2, 5, &[1]), Ok(vec![ON]));
}

#[test]
fn an_agent_that_goes_takes_its_votes_and_subscriptions_with_it() {
    let mut kit = newest();
    for agent in [0, 1] {
        kit.ask(agent, 6, &[0, 1]).expect("can");
    }
    kit.ask(0, 4, &[0, 0, ON]).expect("can");
    kit.ask(1, 4, &[0, 0, OFF]).expect("can");
    kit.platform.disconnect(kit.now, id(0));
    assert_eq!(kit.platform.next_deadline(), Some(Time::ZERO));
    kit.platform.poll(kit.now);
    assert_eq!(kit.ask(1, 5, &[0]), Ok(vec![OFF]));
    assert_eq!(kit.events(1), [(0x300, vec![0, 0, OFF])], "the platform did it");
    // Nobody wants anything any more: as at start.
    kit.platform.disconnect(kit.now, id(1));
    kit.platform.poll(kit.now);
    assert_eq!(kit.ask(2, 5, &[0]), Ok(vec![ON]));
    kit.platform.connect(kit.now, id(1), Link::new(true));
    kit.ask(2, 4, &[0, 0, OFF]).expect("can");
    assert_eq!(kit.events(1), []);
}

#[test]
fn what_cannot_be_put_off_does_not_begin() {
    let mut kit = newest();
    for _ in 0..crate::platform::Builder::PENDING {
        kit.send(0, 4, &[0, 1, OFF]).expect_err("late");
    }
    assert_eq!(kit.ask(0, 4, &[0, 1, ON]), Err(Status::BUSY));
    kit.wait(100);
    assert_eq!(kit.ask(1, 5, &[1]), Ok(vec![OFF]));
}

#[test]
fn what_waits_goes_with_its_subscription() {
    let mut kit = newest();
    kit.ask(0, 4, &[0, 0, ON]).expect("can");
    for domain in [0, 1] {
        for message in [6, 7] {
            kit.ask(0, message, &[domain, 1]).expect("can");
        }
    }
    kit.ask(1, 4, &[0, 0, OFF]).expect("can");
    kit.ask(0, 4, &[0, 0, OFF]).expect("can");
    kit.ask(0, 4, &[1, 1, OFF]).expect("can");
    kit.wait(5);
    kit.ask(0, 7, &[0, 0]).expect("can");
    kit.ask(0, 6, &[0, 0]).expect("can");
    assert_eq!(kit.events(0), [(0x300, vec![1, 1, OFF])], "the other domain's");
}

/// Hardware that stops working after its first change.
#[derive(Debug)]
struct Fragile(Vec<PowerDomain>, u32);

impl PowerModel for Fragile {
    fn domains(&self) -> &[PowerDomain] {
        &self.0
    }
    fn change(&mut self, _now: Time, _domain: usize, _state: PowerState) -> Result<(), Status> {
        self.1 += 1;
        if self.1 > 1 { Err(Status::HARDWARE_ERROR) } else { Ok(()) }
    }
}

#[test]
fn whoever_waits_for_a_change_learns_that_it_could_not_begin() {
    let model = Fragile(vec![PowerDomain::device("old", ms(1), ms(1))], 0);
    let server = Box::new(PowerServer::new(Box::new(model)).expect("sound"));
    let mut kit = Kit::new(server, &[V3_1], true);
    let off = kit.send(0, 4, &[0, 0, OFF]).expect_err("late");
    let on = kit.send(0, 4, &[0, 0, ON]).expect_err("late");
    kit.wait(5);
    assert_eq!(kit.platform.poll_reply(id(0)), Some(off));
    assert_eq!(kit.late(0, off), Ok(vec![]));
    assert_eq!(kit.platform.poll_reply(id(0)), Some(on));
    assert_eq!(kit.late(0, on), Err(Status::HARDWARE_ERROR));
    assert_eq!(kit.platform.next_deadline(), None, "and nobody tries for ever");
}

#[test]
fn descriptions_that_make_no_sense_are_refused() {
    let sound = PowerDomain::device("x", ms(0), ms(0));
    let off = sound.states[1];
    let cases = [
        (PowerDomain { states: vec![], ..sound.clone() }, "it has no state at start"),
        (PowerDomain { initial: 2, ..sound.clone() }, "it has no state at start"),
        (PowerDomain { states: vec![off, off], ..sound.clone() }, "a state is there twice"),
        (
            PowerDomain {
                states: vec![PowerStateInfo { state: PowerState(1 << 31), ..off }],
                ..sound.clone()
            },
            "a state has reserved bits",
        ),
    ];
    for (domain, what) in cases {
        let model = Bank { domains: vec![sound.clone(), domain], done: Done::default() };
        let bad = PowerServer::new(Box::new(model)).expect_err("makes no sense");
        assert_eq!((bad.id, bad.what), (1, what));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_commands_in_any_order_are_answered(steps in any_steps()) {
        Kit::new(server(), &[V3_1, V1], true).survive(&steps);
    }
}
