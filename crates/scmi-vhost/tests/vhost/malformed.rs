//! Guests whose chains and rings make no sense. Each is followed by a good command.

use scmi_vhost::frontend::{Connection, Descriptor, Options, Placement, Ram};
use vmm_sys_util::eventfd::EventFd;

use crate::daemon::{Daemon, check};
use crate::rawguest::{COMMANDS, EVENTS, RawGuest};
use crate::{daemon, probe};

const NEXT: u16 = Descriptor::NEXT;
const WRITE: u16 = Descriptor::WRITE;
const INDIRECT: u16 = Descriptor::INDIRECT;

fn descriptor(start: u64, len: u32, flags: u16, next: u16) -> Descriptor {
    Descriptor { start, len, flags, next }
}

/// Offers a chain, expects it back with a used length, and expects that nothing else was written.
fn offer(guest: &mut RawGuest, what: &str, chain: &[Descriptor], used: u32) {
    guest.reset_memory();
    guest.offer(COMMANDS, chain);
    assert_eq!(guest.used(COMMANDS), (0, used), "{what}");
    assert!(guest.untouched_from(used as usize), "{what}: written beyond what was claimed");
    guest.check();
}

#[test]
fn chains_without_a_part_or_in_the_wrong_order_come_back_empty() {
    let daemon = Daemon::start(1);
    let mut guest = RawGuest::start(daemon.socket(0));
    let (request, room) = (guest.request, guest.room);
    offer(&mut guest, "no writable part", &[descriptor(request, 4, 0, 0)], 0);
    offer(&mut guest, "no readable part", &[descriptor(room, 64, WRITE, 0)], 0);
    let swapped = [descriptor(room, 64, WRITE | NEXT, 1), descriptor(request, 4, 0, 0)];
    offer(&mut guest, "writable before readable", &swapped, 0);
    let between = [
        descriptor(request, 4, NEXT, 1),
        descriptor(room, 64, WRITE | NEXT, 2),
        descriptor(request, 4, 0, 0),
    ];
    offer(&mut guest, "readable behind writable", &between, 0);
    let counters = daemon.counters(0);
    assert_eq!((counters.no_room, counters.no_request, counters.bad_order), (1, 1, 2));
}

#[test]
fn requests_and_rooms_of_the_wrong_size_are_answered_as_far_as_they_can_be() {
    let daemon = Daemon::start(1);
    let mut guest = RawGuest::start(daemon.socket(0));
    for len in 0..4 {
        let chain = [guest.readable(len), guest.writable(64)];
        offer(&mut guest, "no header", &chain, 0);
    }
    for len in [5, 8, 4096] {
        let chain = [guest.readable(len), guest.writable(64)];
        offer(&mut guest, "too many parameters", &chain, 8);
    }
    let chain = [guest.readable(4097), guest.writable(64)];
    offer(&mut guest, "longer than any message", &chain, 8);
    for room in [0, 4, 7] {
        let chain = [guest.readable(4), guest.writable(room)];
        offer(&mut guest, "no room for a status", &chain, 0);
    }
    for room in [8, 11] {
        let chain = [guest.readable(4), guest.writable(room)];
        offer(&mut guest, "no room for the answer", &chain, 8);
    }
    assert_eq!(daemon.counters(0).long_request, 1);
    assert_eq!(daemon.counters(0).short_request, 3);
}

#[test]
fn addresses_outside_the_memory_come_back_empty() {
    let daemon = Daemon::start(1);
    let mut guest = RawGuest::start(daemon.socket(0));
    let end = Ram::BASE + guest.ram.len();
    for start in [0, Ram::BASE - 1, end - 3, end, u64::MAX - 3, u64::MAX] {
        let chain = [descriptor(start, 4, NEXT, 1), guest.writable(64)];
        offer(&mut guest, "a request outside", &chain, 0);
        let chain = [guest.readable(4), descriptor(start, 12, WRITE, 0)];
        offer(&mut guest, "room outside", &chain, 0);
    }
    let chain = [guest.readable(4), descriptor(Ram::BASE, u32::MAX - 4, WRITE, 0)];
    offer(&mut guest, "room beyond the end", &chain, 0);
    let half = [
        guest.readable(4),
        descriptor(guest.room, 8, WRITE | NEXT, 2),
        descriptor(end, 8, WRITE, 0),
    ];
    offer(&mut guest, "room half outside", &half, 0);
    assert_eq!(daemon.counters(0).outside_memory, 14);
}

#[test]
fn chains_that_do_not_end_come_back_empty() {
    let daemon = Daemon::start(1);
    let mut guest = RawGuest::start(daemon.socket(0));
    let (request, room) = (guest.request, guest.room);
    offer(&mut guest, "itself", &[descriptor(request, 4, NEXT, 0)], 0);
    offer(&mut guest, "itself, writable", &[descriptor(room, 4, NEXT | WRITE, 0)], 0);
    let circle = [descriptor(request, 4, NEXT, 1), descriptor(room, 4, NEXT | WRITE, 1)];
    offer(&mut guest, "a circle", &circle, 0);
    offer(&mut guest, "no such index", &[descriptor(request, 4, NEXT, 16)], 0);
    offer(&mut guest, "no such index at all", &[descriptor(request, 4, NEXT, u16::MAX)], 0);
    let huge = [descriptor(room, u32::MAX, NEXT, 1), descriptor(room, u32::MAX, WRITE, 0)];
    offer(&mut guest, "longer than 4 GiB", &huge, 0);
    daemon.expect_idle(0);
}

/// Writes a table to the place for tables.
fn table(guest: &RawGuest, descriptors: &[Descriptor]) {
    let bytes: Vec<u8> = descriptors.iter().flat_map(|entry| entry.to_bytes()).collect();
    guest.ram.write(guest.tables, &bytes).expect("ram");
}

#[test]
fn bad_indirect_tables_come_back_empty_and_good_ones_are_understood() {
    let daemon = Daemon::start(1);
    let mut guest = RawGuest::start(daemon.socket(0));
    let (tables, room) = (guest.tables, guest.room);
    let good = [guest.readable(4), guest.writable(12)];
    table(&guest, &good);
    offer(&mut guest, "a good table", &[descriptor(tables, 32, INDIRECT, 0)], 12);
    let after = [guest.readable(4), descriptor(tables + 16, 16, INDIRECT, 0)];
    offer(&mut guest, "a table behind a descriptor", &after, 12);
    for (what, len) in [("empty", 0), ("cut", 15), ("odd", 33), ("endless", u32::MAX - 15)] {
        offer(&mut guest, what, &[descriptor(tables, len, INDIRECT, 0)], 0);
    }
    for start in [0, u64::MAX - 15, Ram::BASE + guest.ram.len() - 8] {
        offer(&mut guest, "a table outside", &[descriptor(start, 32, INDIRECT, 0)], 0);
    }
    table(&guest, &[descriptor(tables + 16, 16, INDIRECT, 0), descriptor(room, 64, WRITE, 0)]);
    offer(&mut guest, "a table in a table", &[descriptor(tables, 16, INDIRECT, 0)], 0);
    table(&guest, &[guest.readable(4), descriptor(room, 12, WRITE | NEXT, 2)]);
    offer(&mut guest, "beyond its end", &[descriptor(tables, 32, INDIRECT, 0)], 0);
    table(&guest, &[descriptor(guest.request, 4, NEXT, 0)]);
    offer(&mut guest, "a circle", &[descriptor(tables, 16, INDIRECT, 0)], 0);
    for (parts, used) in [(16, 12), (17, 0), (40, 0)] {
        let mut long: Vec<_> =
            (1..=parts).map(|next| descriptor(room, 4, WRITE | NEXT, next)).collect();
        long[0] = guest.readable(4);
        long[1..].iter_mut().zip(0..).for_each(|(part, at)| part.start += 4 * at);
        long.last_mut().expect("some").flags = WRITE;
        table(&guest, &long);
        let whole = descriptor(tables, u32::from(parts) * 16, INDIRECT, 0);
        offer(&mut guest, "as many as entries, and more", &[whole], used);
    }
}

#[test]
fn a_head_that_is_none_is_skipped_and_one_that_comes_twice_comes_back_twice() {
    let daemon = Daemon::start(1);
    let mut guest = RawGuest::start(daemon.socket(0));
    for head in [16, 17, u16::MAX] {
        guest.queues[COMMANDS].offer(&guest.ram, head).expect("ram");
        guest.kick(COMMANDS);
        guest.check();
    }
    assert_eq!(daemon.counters(0).lost_entries, 3);
    guest.reset_memory();
    let chain = [guest.readable(4), guest.writable(12)];
    guest.offer(COMMANDS, &chain);
    guest.queues[COMMANDS].offer(&guest.ram, 0).expect("ram");
    guest.kick(COMMANDS);
    assert_eq!([guest.used(COMMANDS), guest.used(COMMANDS)], [(0, 12), (0, 12)]);
}

#[test]
fn an_index_that_jumps_stops_the_ring_until_it_makes_sense_again() {
    let daemon = Daemon::start(2);
    let mut guest = RawGuest::start(daemon.socket(0));
    let mut other = daemon.connect(1, Options::default());
    guest.check();
    let index = guest.queues[COMMANDS].available_index();
    for jump in [17, 1000, 32768, u16::MAX] {
        let wrong = index.wrapping_add(jump);
        guest.queues[COMMANDS].set_available_index(&guest.ram, wrong).expect("ram");
        guest.kick(COMMANDS);
        check(&mut other);
        guest.connection.settle().expect("the VMM is served");
        daemon.expect_idle(0);
    }
    assert!(daemon.counters(0).unusable_ring > 0);
    guest.queues[COMMANDS].set_available_index(&guest.ram, index).expect("ram");
    guest.check();

    let wrong = index.wrapping_add(1000);
    guest.queues[COMMANDS].set_available_index(&guest.ram, wrong).expect("ram");
    guest.kick(COMMANDS);
    let base = guest.connection.stop_ring(COMMANDS).expect("stopped");
    guest.queues[COMMANDS].set_available_index(&guest.ram, base).expect("ram");
    guest.start_ring(COMMANDS, base);
    guest.check();
}

#[test]
fn bad_event_buffers_come_back_empty_and_the_event_waits_for_a_good_one() {
    let daemon = Daemon::start(2);
    let mut guest = RawGuest::start(daemon.socket(0));
    guest.check();
    let (request, room, end) = (guest.request, guest.room, Ram::BASE + guest.ram.len());
    let bad = [
        descriptor(request, 64, 0, 0),
        descriptor(room, 64, WRITE | NEXT, 0),
        descriptor(room, 64, WRITE | NEXT, 99),
        descriptor(end, 64, WRITE, 0),
        descriptor(room, 0, WRITE, 0),
        descriptor(room, 3, WRITE, 0),
        descriptor(0, 64, INDIRECT, 0),
    ];
    let mut other = daemon.connect(1, Options::default());
    for buffer in bad {
        guest.reset_memory();
        guest.offer(EVENTS, &[buffer]);
        guest.connection.settle().expect("settled");
        assert!(guest.queues[EVENTS].pop(&guest.ram).expect("ram").is_none(), "taken ahead");
        daemon::exchange(&mut other, &probe::command(probe::NOTIFY, 1, 0), 8);
        assert_eq!(guest.used(EVENTS), (0, 0), "{buffer:?}");
        assert!(guest.untouched_from(0));
        guest.offer(EVENTS, &[descriptor(room, 64, WRITE, 0)]);
        assert_eq!(guest.used(EVENTS), (0, 8), "{buffer:?}");
        assert!(guest.untouched_from(8));
        guest.check();
    }
    daemon.expect_idle(0);
}

#[test]
fn rings_outside_the_memory_end_the_connection_and_nothing_else() {
    let daemon = Daemon::start(2);
    let mut other = daemon.connect(1, Options::default());
    let end = Ram::BASE + (1 << 20);
    for (descriptors, available, used) in [
        (0, Ram::BASE, Ram::BASE),
        (Ram::BASE, end - 4, Ram::BASE),
        (Ram::BASE, Ram::BASE, end - 8),
        (u64::MAX, u64::MAX, u64::MAX),
    ] {
        let mut connection = Connection::open(daemon.socket(0), &Options::default()).expect("open");
        let ram = Ram::new(1 << 20).expect("ram");
        connection.set_memory(&[&ram]).expect("memory");
        let placement = Placement { entries: 16, base: 0, descriptors, available, used };
        let fd = || EventFd::new(0).expect("eventfd");
        connection.start_ring(0, &placement, &ram, &fd(), &fd()).expect_err("refused");
        check(&mut other);
        daemon.check(0);
    }
}

fn fill_rings_that_overlap(daemon: &Daemon, offset: u64, expect: bool) {
    let mut connection = Connection::open(daemon.socket(0), &Options::default()).expect("open");
    let ram = Ram::new(1 << 20).expect("ram");
    connection.set_memory(&[&ram]).expect("memory");
    let at = Ram::BASE + offset;
    let placement = Placement { entries: 16, base: 0, descriptors: at, available: at, used: at };
    let [kick, call] = [(); 2].map(|()| EventFd::new(0).expect("eventfd"));
    let started = connection.start_ring(0, &placement, &ram, &kick, &call);
    assert_eq!(started.is_ok(), expect, "at {offset}: {started:?}");
    if started.is_err() {
        return;
    }
    for byte in [0, 1, 2, 0xFF] {
        ram.fill(byte);
        kick.write(1).expect("kick");
        connection.settle().expect("the VMM is served");
    }
    daemon.expect_idle(0);
}

#[test]
fn rings_that_lie_askew_or_on_top_of_each_other_harm_nobody() {
    let daemon = Daemon::start(2);
    let mut other = daemon.connect(1, Options::default());
    for offset in [0, 1, 2, 4, 8, 16] {
        fill_rings_that_overlap(&daemon, offset, offset % 16 == 0);
        check(&mut other);
    }
    daemon.check(0);
}
