//! Rings filled at random.

use proptest::collection::vec;
use proptest::prelude::*;
use scmi_vhost::frontend::{Descriptor, Ram};

use crate::daemon::Daemon;
use crate::rawguest::{COMMANDS, EVENTS, RawGuest};

/// What a descriptor points at.
#[derive(Clone, Copy, Debug)]
enum Target {
    Request(u16),
    Room(u16),
    Table(u16),
    Anywhere(u64),
}

fn any_target() -> impl Strategy<Value = Target> {
    prop_oneof![
        4 => (0_u16..64).prop_map(Target::Request),
        4 => (0_u16..2048).prop_map(Target::Room),
        2 => (0_u16..32).prop_map(Target::Table),
        1 => prop_oneof![
            any::<u64>(),
            Just(Ram::BASE - 4),
            Just(Ram::BASE + (1 << 20) - 4),
        ]
        .prop_map(Target::Anywhere),
    ]
}

fn any_len() -> impl Strategy<Value = u32> {
    prop_oneof![6 => 0_u32..200, 2 => (0_u32..12).prop_map(|n| n * 16), 1 => any::<u32>()]
}

fn any_descriptor() -> impl Strategy<Value = (Target, u32, u16, u16)> {
    (
        any_target(),
        any_len(),
        prop_oneof![9 => 0_u16..8, 1 => any::<u16>()],
        prop_oneof![9 => 0_u16..18, 1 => any::<u16>()],
    )
}

#[derive(Clone, Debug)]
struct Case {
    descriptors: Vec<(Target, u32, u16, u16)>,
    tables: Vec<(Target, u32, u16, u16)>,
    heads: Vec<u16>,
    jump: Option<u16>,
    queue: usize,
}

fn any_case() -> impl Strategy<Value = Case> {
    (
        vec(any_descriptor(), 16),
        vec(any_descriptor(), 32),
        vec(prop_oneof![9 => 0_u16..16, 1 => any::<u16>()], 1..16),
        proptest::option::weighted(0.1, any::<u16>()),
        0_usize..2,
    )
        .prop_map(|(descriptors, tables, heads, jump, queue)| Case {
            descriptors,
            tables,
            heads,
            jump,
            queue,
        })
}

fn resolve(guest: &RawGuest, (target, len, flags, next): (Target, u32, u16, u16)) -> Descriptor {
    let start = match target {
        Target::Request(offset) => guest.request + u64::from(offset),
        Target::Room(offset) => guest.room + u64::from(offset),
        Target::Table(index) => guest.tables + 16 * u64::from(index),
        Target::Anywhere(address) => address,
    };
    Descriptor { start, len, flags, next }
}

/// Fills the rings as the case says and lets the device see it.
fn play(guest: &mut RawGuest, case: &Case) -> Vec<Descriptor> {
    let direct: Vec<_> = case.descriptors.iter().map(|one| resolve(guest, *one)).collect();
    let indirect: Vec<_> = case.tables.iter().map(|one| resolve(guest, *one)).collect();
    let queue = guest.queues[case.queue];
    for (index, descriptor) in (0..).zip(&direct) {
        queue.describe(&guest.ram, index, *descriptor).expect("ram");
    }
    let bytes: Vec<u8> = indirect.iter().flat_map(|one| one.to_bytes()).collect();
    guest.ram.write(guest.tables, &bytes).expect("ram");
    for head in &case.heads {
        guest.queues[case.queue].offer(&guest.ram, *head).expect("ram");
    }
    if let Some(jump) = case.jump {
        guest.queues[case.queue].set_available_index(&guest.ram, jump).expect("ram");
    }
    [direct, indirect].concat()
}

/// The places where the device may write: what some descriptor calls writable, and the used rings.
fn may_be_written(guest: &RawGuest, descriptors: &[Descriptor], at: u64) -> bool {
    let writable = descriptors.iter().any(|one| {
        one.flags & Descriptor::WRITE != 0 && at >= one.start && at - one.start < u64::from(one.len)
    });
    let used = guest.queues.iter().any(|queue| {
        let start = queue.placement().used;
        (start..start + 6 + 8 * u64::from(RawGuest::ENTRIES)).contains(&at)
    });
    writable || used
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the rings say: nothing is written but where a descriptor allows it, the VMM is answered, the
    /// thread comes to rest, and after a restart of the rings the guest is served again.
    #[test]
    fn any_rings_harm_nobody(cases in vec(any_case(), 1..4)) {
        let daemon = Daemon::start(1);
        let mut guest = RawGuest::start(daemon.socket(0));
        guest.check();
        for case in &cases {
            guest.reset_memory();
            let descriptors = play(&mut guest, case);
            let filled = guest.ram.snapshot();
            guest.kick(COMMANDS);
            guest.kick(EVENTS);
            guest.connection.settle().expect("the VMM is served");
            for index in [COMMANDS, EVENTS] {
                guest.connection.stop_ring(index).expect("stopped");
            }
            for (at, (old, new)) in (Ram::BASE..).zip(filled.iter().zip(guest.ram.snapshot())) {
                prop_assert!(*old == new || may_be_written(&guest, &descriptors, at), "at {at:#x}");
            }
            guest.restart();
            guest.check();
        }
    }
}
