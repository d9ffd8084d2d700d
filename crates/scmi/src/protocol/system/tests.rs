//! Byte vectors worked by hand from section 8.1, and both ends against each other over virtual time.

mod views;

use alloc::boxed::Box;
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::agent::{Abilities, Event, SystemPower};
use super::platform::{Order, Request, System, SystemModel, SystemServer};
use super::wire::SystemState;
use super::{INFO, V1, V2, V2_1};
use crate::agent::{CallError, Client};
use crate::platform::{AgentId, EventOutcome, Link, Outcome, Platform};
use crate::protocol::base::tests::identity;
use crate::protocol::testing::{Kit, agent as id, any_steps, every_command_has_its_length};
use crate::time::Time;
use crate::transport::Loopback;
use crate::wire::{ProtocolId, Status};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const VENDOR: SystemState = SystemState(0x8000_0007);

/// A system that the first agent controls. What the operator wants is known by time; what agents want is noted.
#[derive(Debug)]
struct Machine {
    system: System,
    orders: Vec<(Time, Order)>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl SystemModel for Machine {
    fn system(&self) -> &System {
        &self.system
    }

    fn controls(&self, agent: AgentId) -> bool {
        agent == id(0)
    }

    /// The third agent is a system of its own.
    fn concerns(&self, _asking: AgentId, listening: AgentId) -> bool {
        listening != id(2)
    }

    fn request(&mut self, _now: Time, request: Request) -> Result<(), Status> {
        if request.state == SystemState::SUSPEND {
            return Err(Status::DENIED);
        }
        self.requests.lock().expect("alive").push(request);
        Ok(())
    }

    fn take_order(&mut self, now: Time) -> Option<Order> {
        let due = self.orders.iter().position(|(at, _)| *at <= now)?;
        Some(self.orders.remove(due).1)
    }

    fn next_deadline(&self) -> Option<Time> {
        self.orders.iter().map(|(at, _)| *at).min()
    }
}

fn machine() -> Machine {
    let system = System {
        warm_reset: true,
        suspend: true,
        vendor_states: vec![VENDOR],
        notifications: true,
        shutdown_timeout: ms(30_000),
    };
    let order = |to, state, graceful| Order { to, state, graceful, timeout: ms(5000) };
    let orders = vec![
        (Time::from_millis(10), order(Some(id(1)), SystemState::SHUTDOWN, true)),
        (Time::from_millis(20), order(None, SystemState::WARM_RESET, true)),
        (Time::from_millis(20), order(None, SystemState::SHUTDOWN, false)),
    ];
    Machine { system, orders, requests: Arc::default() }
}

fn server() -> Box<SystemServer> {
    Box::new(SystemServer::new(Box::new(machine())))
}

#[test]
fn a_command_has_the_length_of_its_table_and_no_other() {
    every_command_has_its_length(&|| server());
}

#[test]
fn attributes_say_what_the_system_can() {
    let mut kit = Kit::new(server(), &[V2_1], true);
    assert_eq!(kit.ask(0, 1, &[]), Ok(vec![0]));
    assert_eq!(kit.ask(0, 2, &[3]), Ok(vec![0xC000_0000]));
    assert_eq!(kit.ask(0, 2, &[4]), Ok(vec![0]));
    assert_eq!(kit.ask(0, 2, &[5]), Ok(vec![0]));
    let mut deaf = Kit::new(server(), &[V2_1], false);
    deaf.refused(&[(2, &[5], Status::NOT_FOUND), (5, &[1], Status::NOT_SUPPORTED)]);
    let system = System { notifications: false, suspend: false, ..machine().system };
    let silent = SystemServer::new(Box::new(Machine { system, ..machine() }));
    let mut silent = Kit::new(Box::new(silent), &[V2_1], true);
    assert_eq!(silent.ask(0, 2, &[3]), Ok(vec![0x8000_0000]));
    silent.refused(&[
        (2, &[5], Status::NOT_FOUND),
        (5, &[1], Status::NOT_FOUND),
        (3, &[0, 4], Status::INVALID_PARAMETERS),
    ]);
}

#[test]
fn what_cannot_be_is_refused_with_the_status_of_section_8_1() {
    let mut kit = Kit::new(server(), &[V2_1, V2_1], true);
    kit.refused(&[
        (1, &[0], Status::PROTOCOL_ERROR),
        (3, &[0], Status::PROTOCOL_ERROR),
        (3, &[0xF, 0], Status::INVALID_PARAMETERS),
        (3, &[0, 5], Status::INVALID_PARAMETERS),
        (3, &[0, 0x7FFF_FFFF], Status::INVALID_PARAMETERS),
        (3, &[0, 0x8000_0000], Status::INVALID_PARAMETERS),
        (3, &[0, 4], Status::DENIED),
        (4, &[0], Status::PROTOCOL_ERROR),
        (5, &[2], Status::INVALID_PARAMETERS),
        (5, &[], Status::PROTOCOL_ERROR),
        (6, &[], Status::NOT_FOUND),
    ]);
    // Who does not control the system learns so after the flags, before the state.
    assert_eq!(kit.ask(1, 3, &[2, 0]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(kit.ask(1, 3, &[0, 5]), Err(Status::NOT_SUPPORTED));
    assert_eq!(kit.ask(1, 4, &[]), Err(Status::NOT_SUPPORTED));
    assert_eq!(kit.ask(0, 4, &[]), Ok(vec![3]));
}

#[test]
fn a_request_reaches_the_operator_and_those_who_listen() {
    let machine = machine();
    let requests = machine.requests.clone();
    let server = Box::new(SystemServer::new(Box::new(machine)));
    let mut kit = Kit::new(server, &[V2_1, V1, V2_1], true);
    for agent in [0, 1, 2] {
        kit.ask(agent, 5, &[1]).expect("can");
    }
    assert_eq!(kit.ask(0, 3, &[1, 0]), Ok(vec![]));
    // Twelve bytes before version 2.0; nobody but the one that is asked about its own system hears of the third.
    assert_eq!(kit.events(0), [(0x300, vec![1, 1, 0, 30_000])]);
    assert_eq!(kit.events(1), [(0x300, vec![1, 1, 0])]);
    assert_eq!(kit.events(2), []);
    // The timeout is a graceful shutdown's alone, and powering up is never graceful.
    for (flags, state, told) in [(1, 1, 1), (0, 0, 0), (1, 3, 0), (0, VENDOR.0, 0)] {
        assert_eq!(kit.ask(0, 3, &[flags, state]), Ok(vec![]));
        assert_eq!(kit.events(0), [(0x300, vec![1, told, state, 0])]);
    }
    let noted: Vec<_> =
        requests.lock().expect("alive").iter().map(|one| (one.state.0, one.graceful)).collect();
    assert_eq!(noted, [(0, true), (1, true), (0, false), (3, false), (VENDOR.0, false)]);
    assert!(requests.lock().expect("alive").iter().all(|one| one.agent == id(0)));
    kit.ask(0, 5, &[0]).expect("can");
    kit.platform.disconnect(kit.now, id(1));
    kit.platform.connect(kit.now, id(1), Link::new(true));
    kit.ask(0, 3, &[1, 0]).expect("can");
    assert_eq!((kit.events(0), kit.events(1)), (vec![], vec![]));
}

#[test]
fn the_operator_s_orders_reach_the_agents_they_are_for() {
    let mut kit = Kit::new(server(), &[V2, V2_1, V1], true);
    for agent in [0, 1, 2] {
        kit.ask(agent, 5, &[1]).expect("can");
    }
    assert_eq!(kit.platform.next_deadline(), Some(Time::from_millis(10)));
    kit.wait(10);
    assert_eq!(kit.events(0), []);
    assert_eq!(kit.events(1), [(0x300, vec![0, 1, 0, 5000])]);
    kit.wait(10);
    let both = [(0x300, vec![0, 1, 2, 0]), (0x300, vec![0, 0, 0, 0])];
    assert_eq!((kit.events(0), kit.events(1)), (both.to_vec(), both.to_vec()));
    assert_eq!(kit.events(2), [(0x300, vec![0, 1, 2]), (0x300, vec![0, 0, 0])]);
    assert_eq!(kit.platform.next_deadline(), None);
}

#[test]
fn a_graceful_order_that_waits_is_not_replaced_by_a_forceful_one() {
    let mut kit = Kit::new(server(), &[V2_1], true);
    kit.ask(0, 5, &[1]).expect("can");
    kit.ask(0, 3, &[1, 0]).expect("can");
    kit.ask(0, 3, &[0, 0]).expect("can");
    assert_eq!(kit.events(0), [(0x300, vec![1, 1, 0, 30_000]), (0x300, vec![1, 0, 0, 0])]);
}

#[test]
fn what_waits_goes_with_its_subscription() {
    let mut kit = Kit::new(server(), &[V2_1, V2_1], true);
    for agent in [0, 1] {
        kit.ask(agent, 5, &[1]).expect("can");
    }
    kit.ask(0, 3, &[1, 0]).expect("can");
    kit.ask(0, 5, &[0]).expect("can");
    assert_eq!((kit.events(0), kit.events(1).len()), (vec![], 1));
}

#[test]
fn bytes_of_a_shutdown_are_as_section_8_1_says() {
    let mut kit = Kit::new(server(), &[V2_1], true);
    let mut reply = [0xEE; 8];
    // STATE_NOTIFY: message 5, protocol 0x12 << 10, token 5 << 18.
    let notify = [5, 0x48, 0x14, 0, 1, 0, 0, 0];
    assert_eq!(kit.platform.handle(kit.now, id(0), &notify, &mut reply), Outcome::Reply(8));
    let set = [3, 0x48, 0x14, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(kit.platform.handle(kit.now, id(0), &set, &mut reply), Outcome::Reply(8));
    assert_eq!(reply, [3, 0x48, 0x14, 0, 0, 0, 0, 0]);
    let mut event = [0; 136];
    assert_eq!(kit.platform.poll_event(id(0), &mut event), EventOutcome::Wrote(20));
    assert_eq!(event[..12], [0, 0x4B, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
    // 30,000 ms.
    assert_eq!(event[12..20], [0, 0, 0, 0, 0x30, 0x75, 0, 0]);
}

#[test]
fn an_agent_asks_and_listens() {
    for version in INFO.versions {
        let platform = Platform::builder(identity())
            .server(server())
            .agent("vm1", &[(ProtocolId::SYSTEM, *version)])
            .build();
        let mut channel = Loopback::new(platform.expect("fits"), id(0), Link::new(true));
        let mut client = Client::<16>::new(&mut channel);
        let mut system = SystemPower::open(&mut client).expect("there");
        assert_eq!(system.version(), *version);
        assert_eq!(system.abilities(), Ok(Abilities { warm_reset: true, suspend: true }));
        assert_eq!(system.state(), Ok(SystemState::POWER_UP));
        system.notify(true).expect("can");
        system.set_state(SystemState::SHUTDOWN, true).expect("controls it");
        let refused = system.set_state(SystemState(5), false);
        assert_eq!(refused, Err(CallError::Refused(Status::INVALID_PARAMETERS)));
        let expected = [
            Event {
                agent: 1,
                state: SystemState::SHUTDOWN,
                graceful: true,
                timeout_ms: (*version >= V2).then_some(30_000),
            },
            Event { agent: 0, state: SystemState::WARM_RESET, graceful: true, timeout_ms: None },
            Event { agent: 0, state: SystemState::SHUTDOWN, graceful: false, timeout_ms: None },
        ];
        for one in expected {
            let event = client.next_event(Time::from_millis(100)).expect("comes");
            assert_eq!(Event::parse(event.header(), event.payload()), Some(one));
        }
        assert_eq!(client.now(), Time::from_millis(20));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_commands_in_any_order_are_answered(steps in any_steps()) {
        Kit::new(server(), &[V2_1, V1], true).survive(&steps);
    }
}
