//! A platform that ends, and another that takes up what its agents had set.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::time::Duration;
use std::sync::Mutex;
use std::vec;
use std::vec::Vec;

use super::{Keeper, StateEntry, StateKey, StateKind, Subject};
use crate::platform::{AgentId, EventOutcome, Link, Outcome, Platform, Space};
use crate::protocol::base::tests::identity;
use crate::protocol::sensor::platform::SensorServer;
use crate::protocol::sensor::tests::Fixed;
use crate::protocol::sensor::{V1, V3_1};
use crate::time::Time;
use crate::wire::{Header, MessageId, ProtocolId, Status};

const CONFIG_SET: u8 = 0xA;
const UPDATE_NOTIFY: u8 = 0xB;
const NEGOTIATE: u8 = 0x10;
const GRACE: Duration = Duration::from_secs(60);

/// What it was told, and when something that happened at once was over.
#[derive(Clone, Debug, Default)]
struct Notes(Arc<Mutex<Vec<Option<StateEntry>>>>);

impl Notes {
    fn take(&self) -> Vec<Option<StateEntry>> {
        core::mem::take(&mut self.0.lock().expect("one thread"))
    }
}

impl Keeper for Notes {
    fn changed(&mut self, entry: &StateEntry) {
        self.0.lock().expect("one thread").push(Some(*entry));
    }

    fn done(&mut self) {
        self.0.lock().expect("one thread").push(None);
    }
}

fn agent(index: usize) -> AgentId {
    AgentId::from_index(index).expect("small")
}

fn platform() -> Platform {
    Platform::builder(identity())
        .server(Box::new(SensorServer::new(Box::new(Fixed::new()))))
        .agent("vm1", &[])
        .agent("vm2", &[])
        .build()
        .expect("fits together")
}

fn link(name: u64) -> Link {
    Link::new(true).named(name)
}

fn ask(platform: &mut Platform, message: u8, params: &[u32]) -> Status {
    let header = Header::command(ProtocolId::SENSOR, MessageId(message), 0).word();
    let words = core::iter::once(&header).chain(params);
    let request: Vec<u8> = words.flat_map(|word| word.to_le_bytes()).collect();
    let mut reply = vec![0; 136];
    let outcome = platform.handle(Time::ZERO, agent(0), &request, &mut reply);
    assert!(matches!(outcome, Outcome::Reply(_)), "{outcome:?}");
    Status(i32::from_le_bytes(reply[4..8].try_into().expect("four")))
}

fn entries(platform: &Platform) -> Vec<StateEntry> {
    let mut entries = Vec::new();
    platform.state(&mut |entry| entries.push(*entry));
    entries
}

fn entry(subject: Subject, kind: StateKind, part: u16, value: Option<u64>) -> StateEntry {
    StateEntry { key: StateKey { subject, kind, part }, value, by: None }
}

fn sensor(kind: StateKind, value: Option<u64>) -> StateEntry {
    entry(Subject::Resource(Space::Sensor, 0), kind, 0, value)
}

fn events(platform: &mut Platform) -> usize {
    let mut buffer = [0; 136];
    (0..).take_while(|_| platform.poll_event(agent(0), &mut buffer) != EventOutcome::Empty).count()
}

#[test]
fn a_keeper_is_told_of_each_change_once_and_of_nothing_else() {
    let notes = Notes::default();
    let mut platform = platform();
    platform.connect(Time::ZERO, agent(0), link(7));
    platform.keep_with(Box::new(notes.clone()));
    assert_eq!(notes.take(), [], "what was before it came is not new");
    assert_eq!(ask(&mut platform, UPDATE_NOTIFY, &[0, 1]), Status::SUCCESS);
    assert_eq!(notes.take(), [Some(sensor(StateKind::NOTIFY, Some(1))), None]);
    assert_eq!(ask(&mut platform, UPDATE_NOTIFY, &[0, 1]), Status::SUCCESS);
    assert_ne!(ask(&mut platform, UPDATE_NOTIFY, &[0, 2]), Status::SUCCESS);
    assert_eq!(notes.take(), [], "the same again, and a refusal");
    assert_eq!(ask(&mut platform, NEGOTIATE, &[V1.0]), Status::SUCCESS);
    let version = entry(Subject::Agent(agent(0)), StateKind::VERSION, 0x15, Some(V1.0.into()));
    assert_eq!(notes.take(), [Some(version), None]);
    platform.disconnect(Time::ZERO, agent(0));
    let gone = [
        Some(entry(Subject::Agent(agent(0)), StateKind::CHANNEL, 0, None)),
        Some(StateEntry { value: None, ..version }),
        Some(sensor(StateKind::NOTIFY, None)),
        None,
    ];
    assert_eq!(notes.take(), gone);
}

#[test]
fn who_comes_back_goes_on_and_who_begins_anew_has_nothing() {
    let mut first = platform();
    first.connect(Time::ZERO, agent(0), link(7));
    assert_eq!(ask(&mut first, UPDATE_NOTIFY, &[0, 1]), Status::SUCCESS);
    assert_eq!(ask(&mut first, NEGOTIATE, &[V3_1.0]), Status::SUCCESS);
    let kept = entries(&first);

    let mut second = platform();
    assert_eq!(second.restore(Time::ZERO, &kept, GRACE), Ok(0));
    assert_eq!(entries(&second), kept);
    assert!(!second.is_connected(agent(0)));
    assert!(!second.resume(agent(0), link(8)), "another channel");
    assert!(!second.resume(agent(1), link(0)), "it was not there");
    assert!(second.resume(agent(0), link(7)));
    assert!(second.is_connected(agent(0)));
    second.poll(Time::from_millis(100_000));
    assert!(events(&mut second) > 0, "it is told what it subscribed to");

    second.connect(Time::ZERO, agent(0), link(7));
    let only = [entry(Subject::Agent(agent(0)), StateKind::CHANNEL, 0, Some(7))];
    assert_eq!(entries(&second), only, "a channel that begins anew");
}

#[test]
fn who_does_not_come_back_in_time_has_gone() {
    let mut first = platform();
    first.connect(Time::ZERO, agent(0), link(7));
    assert_eq!(ask(&mut first, UPDATE_NOTIFY, &[0, 1]), Status::SUCCESS);
    // What a sensor is set to stays when its agent goes, unless the agent restores.
    assert_eq!(ask(&mut first, CONFIG_SET, &[0, 0]), Status::SUCCESS);
    assert_eq!(ask(&mut first, CONFIG_SET, &[0, 1]), Status::SUCCESS);
    let kept = entries(&first);
    let mut second = platform();
    assert_eq!(second.restore(Time::ZERO, &kept, GRACE), Ok(0));
    let end = Time::ZERO.after(GRACE);
    assert!(second.next_deadline().is_some_and(|due| due <= end));
    second.poll(Time::from_nanos(end.as_nanos() - 1));
    assert_eq!(entries(&second), kept);
    second.poll(end);
    let left: Vec<StateKind> = entries(&second).iter().map(|entry| entry.key.kind).collect();
    assert_eq!(left, [StateKind::CONFIG]);
    assert!(!second.resume(agent(0), link(7)), "too late");
}

#[test]
fn the_end_of_a_platform_is_not_the_going_of_its_agents() {
    let notes = Notes::default();
    let mut platform = platform();
    platform.connect(Time::ZERO, agent(0), link(7));
    assert_eq!(ask(&mut platform, UPDATE_NOTIFY, &[0, 1]), Status::SUCCESS);
    let kept = entries(&platform);
    platform.keep_with(Box::new(notes.clone()));
    platform.part(Time::ZERO, agent(0));
    assert!(!platform.is_connected(agent(0)));
    assert_eq!(
        (notes.take(), entries(&platform)),
        (Vec::new(), Vec::new()),
        "as it was when it began to be kept"
    );
    let mut again = self::platform();
    assert_eq!(again.restore(Time::ZERO, &kept, GRACE), Ok(0));
    // Without a keeper nobody would know; so it has gone.
    again.part(Time::ZERO, agent(0));
    assert_eq!(entries(&again), []);
}

#[test]
fn what_cannot_be_of_a_platform_is_refused_and_nothing_is_changed() {
    let far = AgentId::from_index(2).expect("small");
    let good = sensor(StateKind::NOTIFY, Some(1));
    let bad = [
        entry(Subject::Agent(far), StateKind::CHANNEL, 0, Some(1)),
        entry(Subject::Agent(agent(0)), StateKind::VERSION, 0x15, Some(0x7_0000)),
        entry(Subject::Agent(agent(0)), StateKind::VERSION, 0x14, Some(0x1_0000)),
        entry(Subject::Agent(agent(0)), StateKind::RATE, 0, Some(1)),
        entry(Subject::Resource(Space::Sensor, 900), StateKind::NOTIFY, 0, Some(1)),
        entry(Subject::Resource(Space::Clock, 0), StateKind::NOTIFY, 0, Some(1)),
        entry(Subject::Resource(Space::Sensor, 0), StateKind::NOTIFY, 2, Some(1)),
        sensor(StateKind::NOTIFY, Some(2)),
        sensor(StateKind::CONFIG, Some(4)),
        sensor(StateKind(200), Some(0)),
        StateEntry { by: Some(far), ..good },
    ];
    for bad in bad {
        let mut platform = platform();
        let refused = platform.restore(Time::ZERO, &[good, bad], GRACE);
        assert_eq!(refused.map_err(|why| why.entry), Err(bad));
        assert_eq!(entries(&platform), []);
    }
}
