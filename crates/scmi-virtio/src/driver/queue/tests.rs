//! The queue against devices that keep the rules, and one that does not.

use std::collections::BTreeMap;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::{AddError, Entry, Fault, Layout, Piece, Queue, Used};
use crate::driver::memory::{Dma, Shared};
use crate::driver::testing::{Heap, Ring};

/// Bytes of the memory's start that messages lie in; rings come after them.
const MESSAGES: usize = 0x1000;

struct Bench {
    memory: Heap,
    queue: Queue<Vec<Entry>>,
    ring: Ring,
}

impl Bench {
    fn new(size: u16, indirect: u16, event_idx: bool) -> Self {
        let layout = Layout::new(size, indirect, MESSAGES).expect("a queue");
        let memory = Heap::new(layout.end());
        let mut driver = memory.clone();
        let shared = Shared::new(&mut driver);
        let entries = vec![Entry::NEW; size.into()];
        let queue = Queue::new(&shared, entries, layout, event_idx).expect("fits");
        let rings = queue.rings(&shared).expect("inside");
        Self { ring: Ring::new(memory.clone(), rings, event_idx), memory, queue }
    }

    fn add(&mut self, readable: &[Piece], writable: &[Piece], token: u16) -> Result<(), AddError> {
        self.queue.add(&Shared::new(&mut self.memory), readable, writable, token)
    }

    /// A command with its usual two pieces.
    fn command(&mut self, token: u16) -> Result<(), AddError> {
        self.add(&[piece(0, 16)], &[piece(16, 32)], token)
    }

    fn pop(&mut self) -> Result<Option<Used>, Fault> {
        self.queue.pop(&Shared::new(&mut self.memory))
    }

    fn wants_kick(&mut self) -> bool {
        self.queue.wants_kick(&Shared::new(&mut self.memory))
    }
}

const fn piece(offset: usize, len: u32) -> Piece {
    Piece { offset, len }
}

const fn used(token: u16, len: u32) -> Option<Used> {
    Some(Used { token, len, cut: false })
}

#[test]
fn chains_go_and_come_back_in_any_order_through_every_size() {
    for (size, indirect) in [(2, 0), (2, 2), (4, 0), (4, 3), (256, 0), (256, 2), (1024, 2)] {
        for event_idx in [false, true] {
            let mut bench = Bench::new(size, indirect, event_idx);
            let most = if indirect == 0 { size / 2 } else { size };
            for round in 0..50_u16 {
                for token in 0..most {
                    bench.command(token).expect("room");
                }
                assert_eq!(bench.command(0), Err(AddError::Full));
                let mut chains: Vec<_> =
                    (0..most).map(|_| bench.ring.pop().expect("one")).collect();
                assert_eq!(bench.ring.pop(), None);
                let turn = usize::from(round) % chains.len();
                chains.rotate_left(turn);
                for chain in &chains {
                    assert_eq!((chain.readable.len(), chain.writable.len()), (1, 1));
                    bench.ring.complete(chain.head.into(), 32);
                }
                let back: Vec<_> = (0..most).map(|_| bench.pop().expect("whole")).collect();
                let mut expected: Vec<_> = (0..most).map(|token| used(token, 32)).collect();
                expected.rotate_left(turn);
                assert_eq!(back, expected, "size {size}, indirect {indirect}, round {round}");
                assert_eq!(bench.pop(), Ok(None));
                assert_eq!(bench.queue.in_flight(), 0);
            }
        }
    }
}

#[test]
fn a_chain_of_many_pieces_arrives_as_it_was_given() {
    for indirect in [0, 5] {
        let mut bench = Bench::new(8, indirect, true);
        let text = b"one message in two parts";
        Shared::new(&mut bench.memory).write(7, text).expect("room");
        bench
            .add(&[piece(7, 3), piece(10, 21)], &[piece(100, 1), piece(200, 9)], 77)
            .expect("room");
        let chain = bench.ring.pop().expect("one");
        assert_eq!(bench.ring.read(&chain), text);
        assert_eq!(chain.room(), 10);
        bench.ring.write(&chain, b"0123456789");
        bench.ring.complete(chain.head.into(), 10);
        assert_eq!(bench.pop(), Ok(used(77, 10)));
        let mut bytes = [0; 9];
        Shared::new(&mut bench.memory).read(200, &mut bytes).expect("inside");
        assert_eq!(&bytes, b"123456789");
    }
}

#[test]
fn what_cannot_be_a_chain_is_refused_and_changes_nothing() {
    let mut bench = Bench::new(4, 0, false);
    let end = bench.memory.len();
    assert_eq!(bench.add(&[], &[], 0), Err(AddError::Pieces { pieces: 0 }));
    assert_eq!(bench.add(&[piece(0, 1); 5], &[], 0), Err(AddError::Pieces { pieces: 5 }));
    assert_eq!(bench.add(&[piece(end, 1)], &[], 0), Err(AddError::Outside));
    assert_eq!(bench.add(&[], &[piece(end - 1, 2)], 0), Err(AddError::Outside));
    assert_eq!(bench.add(&[piece(usize::MAX, 2)], &[], 0), Err(AddError::Outside));
    assert_eq!(bench.ring.pop(), None);
    bench.add(&[piece(0, 1); 3], &[], 1).expect("three of four");
    assert_eq!(bench.add(&[piece(0, 1); 2], &[], 2), Err(AddError::Full));
    bench.add(&[piece(0, 1)], &[], 3).expect("the fourth");
    let mut bench = Bench::new(4, 2, false);
    assert_eq!(bench.add(&[piece(0, 1); 3], &[], 0), Err(AddError::Pieces { pieces: 3 }));
}

#[test]
fn layouts_that_cannot_be_are_refused() {
    for size in [0, 3, 12, 32769, u16::MAX] {
        assert_eq!(Layout::new(size, 0, 0), None, "{size}");
    }
    assert_eq!(Layout::new(2, 0, usize::MAX), None);
    assert_eq!(Layout::new(32768, u16::MAX, usize::MAX - (1 << 30)), None);
    let layout = Layout::new(16, 2, 1).expect("a queue");
    assert_eq!(layout.offset(), 16);
    let mut small = Heap::new(layout.end() - 16);
    let shared = Shared::new(&mut small);
    assert!(Queue::new(&shared, [Entry::NEW; 16], layout, false).is_none(), "too little memory");
    let mut memory = Heap::new(layout.end());
    let shared = Shared::new(&mut memory);
    assert!(Queue::new(&shared, [Entry::NEW; 15], layout, false).is_none(), "too few entries");
    assert!(Queue::new(&shared, [Entry::NEW; 17], layout, false).is_some());
}

#[test]
fn the_parts_of_a_queue_lie_apart_and_aligned() {
    for size in [1, 2, 4, 64, 1024] {
        let layout = Layout::new(size, 3, 5).expect("a queue");
        let mut memory = Heap::new(layout.end());
        let rings = layout.rings(&Shared::new(&mut memory)).expect("inside");
        let count = u64::from(size);
        assert!(rings.descriptors.is_multiple_of(16));
        assert!(rings.available.is_multiple_of(2) && rings.used.is_multiple_of(4));
        assert!(rings.used >= rings.descriptors + 16 * count);
        assert!(rings.available >= rings.used + 6 + 8 * count);
        let behind = rings.available + 6 + 2 * count - rings.descriptors;
        let tables = u64::try_from(layout.table(0) - layout.offset()).expect("small");
        assert!(tables >= behind && layout.table(0).is_multiple_of(16));
        assert_eq!(layout.table(size - 1) + 3 * 16, layout.end());
    }
}

#[test]
fn a_device_is_kicked_when_it_wants_to_be() {
    for event_idx in [false, true] {
        let mut bench = Bench::new(8, 2, event_idx);
        bench.ring.ask_for_kick(true);
        assert!(!bench.wants_kick(), "nothing was added");
        bench.command(0).expect("room");
        bench.command(1).expect("room");
        assert!(bench.wants_kick());
        assert!(!bench.wants_kick(), "nothing was added since");
        bench.ring.ask_for_kick(false);
        bench.command(2).expect("room");
        assert!(!bench.wants_kick());
    }
}

#[test]
fn a_driver_is_called_once_it_armed() {
    for event_idx in [false, true] {
        let mut bench = Bench::new(8, 2, event_idx);
        for token in 0..4 {
            bench.command(token).expect("room");
        }
        bench.queue.disarm(&Shared::new(&mut bench.memory));
        assert!(!bench.queue.arm(&Shared::new(&mut bench.memory)), "nothing has come");
        let chain = bench.ring.pop().expect("one");
        bench.ring.complete(chain.head.into(), 0);
        assert!(bench.ring.wants_call(0));
        assert!(bench.queue.arm(&Shared::new(&mut bench.memory)), "one has come");
        bench.pop().expect("whole").expect("one");
        bench.queue.disarm(&Shared::new(&mut bench.memory));
        for since in 1..3 {
            let chain = bench.ring.pop().expect("one");
            bench.ring.complete(chain.head.into(), 0);
            assert!(!bench.ring.wants_call(since));
        }
    }
}

#[test]
fn a_length_beyond_the_room_is_cut_and_told() {
    let mut bench = Bench::new(2, 0, false);
    for (claimed, len, cut) in [(32, 32, false), (33, 32, true), (u32::MAX, 32, true)] {
        bench.command(9).expect("room");
        let chain = bench.ring.pop().expect("one");
        bench.ring.complete(chain.head.into(), claimed);
        assert_eq!(bench.pop(), Ok(Some(Used { token: 9, len, cut })));
    }
}

/// A queue of four entries with two chains out, which the device broke, and how.
fn broken(by: impl FnOnce(&mut Ring, [u32; 2])) -> Bench {
    let mut bench = Bench::new(4, 0, false);
    bench.command(0).expect("room");
    bench.command(1).expect("room");
    let heads = [(); 2].map(|()| bench.ring.pop().expect("one").head.into());
    by(&mut bench.ring, heads);
    bench
}

#[track_caller]
fn expect_broken(mut bench: Bench, fault: Fault) {
    assert_eq!(bench.pop(), Err(fault));
    bench.ring.complete(0, 0);
    assert_eq!(bench.pop(), Err(fault), "it stays broken");
    assert_eq!(bench.queue.fault(), Some(fault));
    assert_eq!(bench.command(2), Err(AddError::Broken(fault)));
    assert!(!bench.wants_kick());
    assert!(!bench.queue.has_used(&Shared::new(&mut bench.memory)));
}

#[test]
fn a_device_that_gives_back_what_does_not_exist_breaks_the_queue() {
    for id in [4, 5, 0xFFFF, 0x1_0000, u32::MAX] {
        let bench = broken(|ring, _| ring.complete(id, 0));
        expect_broken(bench, Fault::Beyond { id, size: 4 });
    }
}

#[test]
fn a_device_that_gives_back_what_is_no_head_breaks_the_queue() {
    let bench = broken(|ring, [first, _]| ring.complete(first + 1, 0));
    expect_broken(bench, Fault::NotInFlight { id: 1 });
}

#[test]
fn a_device_that_gives_a_chain_back_twice_breaks_the_queue() {
    let mut bench = broken(|ring, [first, _]| {
        ring.complete(first, 8);
        ring.complete(first, 8);
    });
    assert_eq!(bench.pop(), Ok(used(0, 8)));
    expect_broken(bench, Fault::NotInFlight { id: 0 });
}

#[test]
fn an_index_that_runs_ahead_or_back_breaks_the_queue() {
    for (by, claimed) in [(3, 3), (4, 4), (0x8000, 0x8000), (u16::MAX, u16::MAX)] {
        let bench = broken(|ring, _| ring.move_index(by));
        expect_broken(bench, Fault::Jump { claimed, in_flight: 2 });
    }
}

/// What a hostile device, and the driver beside it, may do.
#[derive(Clone, Debug)]
enum Step {
    Add(u8, u8),
    Take,
    Complete(prop::sample::Index, u32),
    Repeat(prop::sample::Index),
    Invent(u32, u32),
    Jump(u16),
    Scribble(u16, Vec<u8>),
    Pop,
    Arm,
    Kick,
}

fn steps(hostile: bool) -> impl Strategy<Value = Vec<Step>> {
    let honest = prop_oneof![
        4 => (0_u8..4, 0_u8..4).prop_map(|(r, w)| Step::Add(r, w)),
        4 => Just(Step::Take),
        4 => (any::<prop::sample::Index>(), 0_u32..80).prop_map(|(i, l)| Step::Complete(i, l)),
        4 => Just(Step::Pop),
        1 => Just(Step::Arm),
        1 => Just(Step::Kick),
    ];
    let mischief = prop_oneof![
        any::<prop::sample::Index>().prop_map(Step::Repeat),
        (prop_oneof![0_u32..16, any::<u32>()], any::<u32>())
            .prop_map(|(id, l)| Step::Invent(id, l)),
        any::<u16>().prop_map(Step::Jump),
        (any::<u16>(), prop::collection::vec(any::<u8>(), 1..32))
            .prop_map(|(at, bytes)| Step::Scribble(at, bytes)),
    ];
    let odds = u32::from(hostile);
    let step = prop_oneof![20 => honest, odds => mischief];
    prop::collection::vec(step, 0..300)
}

/// Plays the steps. Whatever the device does, a token comes back at most once for each time it was given, with
/// no more bytes than it had room for.
fn play(size: u16, indirect: u16, event_idx: bool, steps: &[Step]) -> Bench {
    let mut bench = Bench::new(size, indirect, event_idx);
    let mut out = BTreeMap::new();
    let (mut taken, mut done, mut next) = (Vec::new(), Vec::new(), 0_u16);
    let mut honest = true;
    for step in steps {
        match step {
            Step::Add(readable, writable) => {
                let pieces = [piece(0, 20); 3];
                let [r, w] = [*readable, *writable].map(|n| &pieces[..usize::from(n.min(3))]);
                if bench.add(r, w, next).is_ok() {
                    let room = u32::from(*writable).min(3) * 20;
                    assert!(out.insert(next, room).is_none(), "a token went twice");
                    next = next.wrapping_add(1);
                }
            }
            // With honest devices only: others wrote over what they would read.
            Step::Take if honest => taken.extend(bench.ring.pop()),
            Step::Complete(which, len) if honest && !taken.is_empty() => {
                let chain = taken.swap_remove(which.index(taken.len()));
                let room = u32::try_from(chain.room()).expect("small");
                bench.ring.complete(chain.head.into(), (*len).min(room));
                done.push(chain.head);
            }
            Step::Repeat(which) if !done.is_empty() => {
                bench.ring.complete(done[which.index(done.len())].into(), 8);
                honest = false;
            }
            Step::Invent(id, len) => {
                bench.ring.complete(*id, *len);
                honest = false;
            }
            Step::Jump(by) => {
                bench.ring.move_index(*by);
                honest = false;
            }
            Step::Scribble(at, bytes) => {
                bench.ring.scribble(usize::from(*at), bytes);
                honest = false;
            }
            Step::Pop => match bench.pop() {
                Ok(Some(used)) => {
                    let room = out.remove(&used.token).expect("a token that was out");
                    assert!(used.len <= room);
                    assert!(!honest || !used.cut);
                }
                Ok(None) => {}
                Err(fault) => {
                    assert!(!honest, "an honest device was called broken: {fault}");
                    assert_eq!(bench.queue.fault(), Some(fault));
                }
            },
            Step::Arm => {
                bench.queue.arm(&Shared::new(&mut bench.memory));
                bench.queue.disarm(&Shared::new(&mut bench.memory));
            }
            Step::Kick => {
                bench.wants_kick();
            }
            Step::Take | Step::Complete(..) | Step::Repeat(_) => {}
        }
        assert_eq!(usize::from(bench.queue.in_flight()), out.len(), "after {step:?}");
    }
    bench
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_honest_device_is_never_called_broken(
        size in 0_u32..5, indirect in prop_oneof![Just(0_u16), Just(6)], event_idx: bool, steps in steps(false),
    ) {
        play(2 << size, indirect, event_idx, &steps);
    }

    #[test]
    fn a_hostile_device_gets_no_token_twice(
        size in 0_u32..5, indirect in prop_oneof![Just(0_u16), Just(6)], event_idx: bool, steps in steps(true),
    ) {
        play(2 << size, indirect, event_idx, &steps);
    }
}
