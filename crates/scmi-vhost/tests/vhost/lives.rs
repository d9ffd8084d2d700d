//! Guests and VMMs that come and go.

use core::time::Duration;
use std::os::unix::net::UnixListener;
use std::thread;

use scmi::platform::{Keeper, StateEntry};
use scmi::protocol::base::wire::ErrorReport;
use scmi::transport::{Channel, Received};
use scmi::wire::{Header, I32, MessageId, ProtocolId, Status};
use scmi_vhost::backend::{BindError, Server};
use scmi_vhost::frontend::{Descriptor, Frontend, FrontendError, Options, Ram};
use vmm_sys_util::eventfd::{EFD_NONBLOCK, EventFd};

use crate::daemon::{
    Daemon, PATIENCE, agent, check, exchange, is_version, next, next_within, until, version_request,
};
use crate::probe;
use crate::rawguest::{COMMANDS, EVENTS, RawGuest};

/// Subscribes to Base's error events.
fn subscribe(guest: &mut Frontend) {
    let request = probe::request(ProtocolId::BASE, MessageId(8), 1, &1_u32.to_le_bytes());
    assert_eq!(exchange(guest, &request, 8)[4..], [0; 4]);
}

/// Has the platform send an error event to agent 0, if that is subscribed.
fn report(daemon: &Daemon) {
    let header = Header::command(ProtocolId::BASE, MessageId(0), 0);
    let report =
        ErrorReport { header: header.to_bytes(), status: I32::new(Status::GENERIC_ERROR.0) };
    daemon.hub.with(|_, platform| platform.report_errors(agent(0), false, &[report]));
}

fn gets_report(daemon: &Daemon, guest: &mut Frontend, patience: Duration) -> bool {
    report(daemon);
    matches!(next_within(guest, patience), Some((Received::Event { .. }, _)))
}

const LONG: Duration = PATIENCE;
const SHORT: Duration = Duration::from_millis(50);

#[test]
fn a_vmm_comes_back_fifty_times() {
    let daemon = Daemon::start(1);
    for round in 0..50 {
        let mut options = Options::default();
        options.p2a = round % 2 == 0;
        let mut guest = daemon.connect(0, options);
        check(&mut guest);
        if round % 3 == 0 {
            guest.pause().expect("stopped cleanly");
        }
    }
    assert_eq!(daemon.counters(0).answered, 50);
}

#[test]
fn a_vmm_that_was_killed_leaves_nothing_to_the_next_one_and_its_memory_stays_as_it_was() {
    let daemon = Daemon::start(1);
    let mut old = daemon.connect(0, Options::default());
    subscribe(&mut old);
    assert!(gets_report(&daemon, &mut old, LONG));
    // In flight when it dies: a late answer, a delayed response, and buffers for events.
    old.send(2, &probe::command(probe::LATE, 2, 20), 64).expect("send");
    exchange_token(&mut old, &probe::command(probe::DELAYED, 3, 20));
    let memory = Keep::of(&old);
    drop(old);

    let mut new = daemon.connect(0, Options::default());
    check(&mut new);
    memory.mark();
    report(&daemon);
    assert_eq!(next_within(&mut new, Duration::from_millis(60)), None, "subscriptions are gone");
    check(&mut new);
    memory.expect_marked();
    assert_eq!(daemon.counters(0).orphans, 0);
}

/// A guest's memory that outlives the guest: the same file, mapped again.
struct Keep(Ram);

impl Keep {
    const MARK: u8 = 0xD7;

    fn of(guest: &Frontend) -> Self {
        Self(guest.ram().share().expect("the same file"))
    }

    fn mark(&self) {
        self.0.fill(Self::MARK);
    }

    fn expect_marked(&self) {
        let place = self.0.snapshot().iter().position(|byte| *byte != Self::MARK);
        assert_eq!(place, None, "memory of an earlier life was written");
    }
}

/// Sends a command and takes the answer, leaving what comes later.
fn exchange_token(guest: &mut Frontend, request: &[u8]) {
    guest.send(9, request, 8).expect("send");
    let (received, _) = next(guest);
    assert_eq!(received, Received::Reply { tag: 9, len: 8 });
}

#[test]
fn another_table_of_memory_is_used_from_then_on_and_the_old_one_is_left_alone() {
    let daemon = Daemon::start(1);
    let mut guest = RawGuest::start(daemon.socket(0));
    guest.check();
    // An event buffer and a late command are out while the memory is exchanged.
    guest.offer(EVENTS, &[Descriptor { start: guest.room, len: 64, flags: 2, next: 0 }]);
    guest.connection.settle().expect("settled");
    let other = guest.ram.copy().expect("memory");
    guest.connection.set_memory(&[&other]).expect("exchanged");
    guest.connection.settle().expect("settled");
    let old = core::mem::replace(&mut guest.ram, other);
    old.fill(0xD7);
    guest.check();
    guest.check();
    assert!(old.snapshot().iter().all(|byte| *byte == 0xD7));
}

#[test]
fn a_late_answer_survives_an_exchange_of_memory() {
    let daemon = Daemon::start(1);
    let mut guest = RawGuest::start(daemon.socket(0));
    guest.ram.write(guest.request, &probe::command(probe::LATE, 4, 40)).expect("ram");
    let (readable, writable) = (guest.readable(8), guest.writable(64));
    guest.offer(COMMANDS, &[readable, writable]);
    until("parked", || daemon.counters(0).deferred == 1);
    let other = guest.ram.copy().expect("memory");
    guest.connection.set_memory(&[&other]).expect("exchanged");
    guest.connection.settle().expect("settled");
    let old = core::mem::replace(&mut guest.ram, other);
    old.fill(0xD7);
    assert_eq!(guest.used(COMMANDS), (0, 12));
    assert_eq!(guest.answer(12)[8..], 40_u32.to_le_bytes());
    assert!(old.snapshot().iter().all(|byte| *byte == 0xD7));
}

#[test]
fn rings_that_the_new_memory_does_not_hold_stop_and_start_again_elsewhere() {
    let daemon = Daemon::start(1);
    let mut guest = RawGuest::start(daemon.socket(0));
    guest.check();
    let elsewhere = Ram::at(0x1000_0000, 1 << 20).expect("memory");
    guest.connection.set_memory(&[&elsewhere]).expect("accepted");
    guest.connection.settle().expect("still there");
    guest.reset_memory();
    let (readable, writable) = (guest.readable(4), guest.writable(12));
    guest.offer(COMMANDS, &[readable, writable]);
    guest.connection.settle().expect("still there");
    assert!(guest.untouched_from(0), "there is no ring to work");
    assert_eq!(daemon.counters(0).unusable_ring, 0, "and none is tried");
    guest.connection.set_memory(&[&guest.ram]).expect("accepted");
    assert_eq!(guest.used(COMMANDS), (0, 12));
}

#[test]
fn memory_comes_and_goes_region_by_region() {
    let daemon = Daemon::start(1);
    let mut options = Options::default();
    options.memory_slots = true;
    let mut guest = daemon.connect(0, options);
    check(&mut guest);
    let more = Ram::at(0x9000_0000, 1 << 16).expect("memory");
    guest.connection().add_memory(&more).expect("added");
    check(&mut guest);
    guest.connection().remove_memory(&more).expect("removed");
    check(&mut guest);
    guest.connection().remove_memory(&more).expect_err("not there any more");
    daemon.check(0);
}

#[test]
fn a_paused_guest_goes_on_with_its_subscriptions() {
    let daemon = Daemon::start(1);
    let mut guest = daemon.connect(0, Options::default());
    subscribe(&mut guest);
    for _ in 0..3 {
        let bases = guest.pause().expect("paused");
        guest.resume(bases).expect("resumed");
        check(&mut guest);
        assert!(gets_report(&daemon, &mut guest, LONG), "the subscription is the guest's");
    }
    let bases = guest.pause().expect("paused");
    report(&daemon);
    assert_eq!(next_within(&mut guest, SHORT), None, "a stopped ring is not touched");
    guest.resume(bases).expect("resumed");
    assert!(matches!(next(&mut guest).0, Received::Event { .. }), "kept for it meanwhile");
}

#[test]
fn a_ring_that_stops_gives_back_what_it_deferred() {
    let daemon = Daemon::start(1);
    let mut guest = daemon.connect(0, Options::default());
    guest.send(5, &probe::command(probe::LATE, 5, 60_000), 64).expect("send");
    check(&mut guest);
    let bases = guest.pause().expect("paused");
    let (received, answer) = next(&mut guest);
    assert_eq!(received, Received::Reply { tag: 5, len: 8 });
    assert_eq!(answer[4..], Status::COMMS_ERROR.0.to_le_bytes());
    guest.resume(bases).expect("resumed");
    check(&mut guest);
}

#[test]
fn a_new_driver_inherits_nothing() {
    let daemon = Daemon::start(1);
    let mut guest = daemon.connect(0, Options::default());
    subscribe(&mut guest);
    guest.pause().expect("stopped");
    // The same VMM starts fresh rings in the same memory.
    let guest = guest.reboot().expect("started");
    let mut guest = guest;
    check(&mut guest);
    assert!(!gets_report(&daemon, &mut guest, SHORT), "the subscription died with the old driver");
    subscribe(&mut guest);
    assert!(gets_report(&daemon, &mut guest, LONG));
}

#[test]
fn a_reset_device_starts_from_nothing() {
    let daemon = Daemon::start(1);
    let mut guest = daemon.connect(0, Options::default());
    subscribe(&mut guest);
    let memory = Keep::of(&guest);
    let features = guest.connection().features();
    guest.connection().reset_device().expect("reset");
    memory.mark();
    report(&daemon);
    guest.connection().settle().expect("settled");
    memory.expect_marked();
    guest.connection().set_features(features).expect("features");
    let mut guest = guest.reboot().expect("started");
    check(&mut guest);
    assert!(!gets_report(&daemon, &mut guest, SHORT));
}

#[test]
fn rings_restart_from_their_base() {
    let daemon = Daemon::start(1);
    let mut guest = RawGuest::start(daemon.socket(0));
    for round in 1..40_u16 {
        guest.check();
        let base = guest.connection.stop_ring(COMMANDS).expect("stopped");
        assert_eq!(base, round, "commands taken so far");
        // Offered while nobody looks.
        guest.start_ring(COMMANDS, base);
    }
    let base = guest.connection.stop_ring(COMMANDS).expect("stopped");
    guest.reset_memory();
    let (readable, writable) = (guest.readable(4), guest.writable(12));
    guest.offer(COMMANDS, &[readable, writable]);
    guest.connection.settle().expect("settled");
    assert!(guest.untouched_from(0), "a stopped ring was worked");
    guest.start_ring(COMMANDS, base);
    assert_eq!(guest.used(COMMANDS), (0, 12), "found although the kick came too early");
}

#[test]
fn a_disabled_ring_rests_until_it_is_enabled() {
    let daemon = Daemon::start(1);
    let mut guest = RawGuest::start(daemon.socket(0));
    guest.connection.enable_ring(COMMANDS, false).expect("disabled");
    guest.reset_memory();
    let (readable, writable) = (guest.readable(4), guest.writable(12));
    guest.offer(COMMANDS, &[readable, writable]);
    guest.connection.settle().expect("settled");
    assert!(guest.untouched_from(0));
    guest.connection.enable_ring(COMMANDS, true).expect("enabled");
    assert_eq!(guest.used(COMMANDS), (0, 12));
}

#[test]
fn another_kick_takes_the_place_of_the_first() {
    let daemon = Daemon::start(1);
    let mut guest = RawGuest::start(daemon.socket(0));
    for _ in 0..20 {
        guest.check();
        let kick = EventFd::new(EFD_NONBLOCK).expect("eventfd");
        guest.connection.set_kick(COMMANDS, &kick).expect("exchanged");
        // The old one is no longer listened to, but must not disturb.
        guest.kick(COMMANDS);
        guest.kicks[COMMANDS] = kick;
    }
    guest.check();
}

#[test]
fn another_call_is_rung_for_what_may_have_gone_unnoticed() {
    let daemon = Daemon::start(1);
    let mut guest = RawGuest::start(daemon.socket(0));
    guest.check();
    let call = EventFd::new(EFD_NONBLOCK).expect("eventfd");
    guest.connection.set_call(COMMANDS, &call).expect("exchanged");
    guest.connection.settle().expect("settled");
    assert_eq!(call.read().expect("rung"), 1);
}

#[test]
fn the_platform_forgets_a_guest_that_left() {
    let daemon = Daemon::start(1);
    let mut guest = daemon.connect(0, Options::default());
    subscribe(&mut guest);
    drop(guest);
    until("no event waits for it", || {
        report(&daemon);
        daemon.hub.with(|_, platform| !platform.has_event(agent(0)))
    });
}

#[test]
fn a_second_vmm_waits_for_the_first_to_leave() {
    let daemon = Daemon::start(1);
    let mut first = daemon.connect(0, Options::default());
    let mut impatient = Options::default();
    impatient.patience = Duration::from_millis(100);
    let refused = Frontend::connect(daemon.socket(0), impatient);
    assert!(matches!(refused, Err(FrontendError::Silent { .. })), "{refused:?}");
    check(&mut first);
    let path = daemon.socket(0);
    let second = thread::spawn(move || Frontend::connect(path, Options::default()));
    check(&mut first);
    drop(first);
    let mut second = second.join().expect("no panic").expect("its turn");
    check(&mut second);
}

#[test]
fn a_frontend_gives_up_on_a_silent_listener_and_on_none() {
    let directory = tempfile::tempdir().expect("tempdir");
    let path = directory.path().join("silent.sock");
    let mut options = Options::default();
    options.patience = Duration::from_millis(50);
    let missing = Frontend::connect(&path, options);
    assert!(matches!(missing, Err(FrontendError::Connect { .. })), "{missing:?}");
    let _listener = UnixListener::bind(&path).expect("bind");
    let silent = Frontend::connect(&path, options);
    assert!(matches!(silent, Err(FrontendError::Silent { .. })), "{silent:?}");
}

#[test]
fn a_channel_whose_device_has_gone_says_so() {
    let daemon = Daemon::start(1);
    let mut guest = daemon.connect(0, Options::default());
    check(&mut guest);
    drop(daemon);
    let give_up = guest.now().after(LONG);
    while !guest.is_closed() {
        assert!(guest.now() < give_up, "never noticed");
        guest.wait(give_up);
    }
    let refused = guest.send(1, &version_request(1), 12);
    assert_eq!(refused, Err(scmi::transport::SendError::Closed));
    assert_eq!(guest.receive(&mut [0; 64]), None);
}

#[test]
fn two_servers_do_not_share_a_socket_or_an_agent() {
    let daemon = Daemon::start(1);
    daemon.check(0);
    let taken = Server::bind(daemon.socket(0));
    assert!(matches!(taken, Err(BindError::InUse { .. })), "{taken:?}");
    let directory = tempfile::tempdir().expect("tempdir");
    let server = Server::bind(directory.path().join("other.sock")).expect("bind");
    let stop = scmi_vhost::backend::Stop::new().expect("eventfd");
    server.serve(&daemon.hub, agent(0), &stop).expect_err("the agent is being served");
    server.serve(&daemon.hub, agent(7), &stop).expect_err("there is no such agent");
    daemon.check(0);
}

#[test]
fn events_of_an_earlier_life_do_not_reach_the_next() {
    let daemon = Daemon::start(2);
    let mut options = Options::default();
    options.event_buffers = 0;
    let mut deaf = daemon.connect(0, options);
    exchange(&mut deaf, &probe::command(probe::DELAYED, 1, 0), 8);
    let mut other = daemon.connect(1, Options::default());
    exchange(&mut other, &probe::command(probe::NOTIFY, 1, 0), 8);
    drop(deaf);
    let mut guest = daemon.connect(0, Options::default());
    let request = version_request(3);
    guest.send(3, &request, 12).expect("send");
    let (received, answer) = next(&mut guest);
    assert_eq!(received, Received::Reply { tag: 3, len: 12 });
    assert!(is_version(&request, &answer));
    assert_eq!(next_within(&mut guest, SHORT), None);
}

#[test]
fn a_guest_goes_on_with_its_subscriptions_when_the_platform_is_started_anew() {
    let first = Daemon::start(1);
    first.hub.with(|_, platform| platform.keep_with(Box::new(Nobody)));
    let mut guest = first.connect(0, Options::default());
    subscribe(&mut guest);
    let mut kept = Vec::new();
    first.hub.with(|_, platform| platform.state(&mut |entry| kept.push(*entry)));
    let restore =
        |daemon: &Daemon| daemon.hub.with(|now, platform| platform.restore(now, &kept, PATIENCE));
    // The end of a platform that is kept takes nothing from its agents.
    first.end(0);
    let second = Daemon::start(1);
    assert_eq!(restore(&second), Ok(0));
    guest.reconnect(second.socket(0)).expect("the same rings");
    check(&mut guest);
    assert!(gets_report(&second, &mut guest, LONG), "the subscription is the guest's");
    drop(guest);

    let third = Daemon::start(1);
    assert_eq!(restore(&third), Ok(0));
    let mut other = third.connect(0, Options::default());
    check(&mut other);
    assert!(!gets_report(&third, &mut other, SHORT), "a driver that begins anew inherits nothing");
}

/// Keeps nothing, but is there.
#[derive(Debug)]
struct Nobody;

impl Keeper for Nobody {
    fn changed(&mut self, _: &StateEntry) {}

    fn done(&mut self) {}
}
