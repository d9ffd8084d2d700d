//! A device that delays, drops, repeats, reorders, lies about lengths, completes what it never had, jumps, writes where it
//! likes, and answers after its reset.

use std::collections::BTreeMap;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;
use scmi::transport::{Channel, Received, SendError};

use super::{Bench, next};
use crate::driver::testing::{Chain, Ring};
use crate::driver::{Dma, Life, Options};

#[derive(Clone, Debug)]
enum Step {
    Send(usize, usize),
    Receive,
    /// The device takes what there is, and answers nothing.
    Take,
    /// It answers one of those that it has, in any order, with this many bytes and this claim.
    Answer(prop::sample::Index, u16, i16),
    Event(u16, i16),
    Repeat(prop::sample::Index),
    Invent(bool, u32, u32),
    Jump(bool, u16),
    Scribble(u32, Vec<u8>),
    /// It completes something by the rings of an earlier life.
    Late(prop::sample::Index),
    NeedsReset,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        30 => (4_usize..=136, 0_usize..=136).prop_map(|(len, room)| Step::Send(len, room)),
        30 => Just(Step::Receive),
        20 => Just(Step::Take),
        30 => (index(), 0_u16..=136, -20_i16..20).prop_map(|(i, l, lie)| Step::Answer(i, l, lie)),
        10 => (0_u16..=136, -20_i16..20).prop_map(|(len, lie)| Step::Event(len, lie)),
        1 => index().prop_map(Step::Repeat),
        1 => (any::<bool>(), prop_oneof![0_u32..20, any::<u32>()], any::<u32>())
            .prop_map(|(queue, id, len)| Step::Invent(queue, id, len)),
        1 => (any::<bool>(), any::<u16>()).prop_map(|(queue, by)| Step::Jump(queue, by)),
        1 => (any::<u32>(), prop::collection::vec(any::<u8>(), 1..64))
            .prop_map(|(at, bytes)| Step::Scribble(at, bytes)),
        2 => index().prop_map(Step::Late),
        1 => Just(Step::NeedsReset),
        3 => Just(Step::Restart),
    ]
}

/// What the test knows of both sides.
struct World {
    bench: Bench,
    driver: super::TestDriver,
    /// By tag: the room for the answer.
    out: BTreeMap<u16, usize>,
    done: Vec<u16>,
    /// Rings and chains of earlier lives.
    old: Vec<(Ring, Chain)>,
    tag: u16,
    /// Whether the device wrote over what it would have to read.
    confused: bool,
    abandoned: u64,
}

impl World {
    fn new(entries: [u16; 2], options: Options) -> Self {
        let bench = Bench::with_queues(entries);
        bench.script.0.borrow_mut().hold = true;
        let driver = bench.driver_with(options);
        let (out, done, old) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { bench, driver, out, done, old, tag: 0, confused: false, abandoned: 0 }
    }

    fn play(&mut self, step: &Step) {
        match step {
            Step::Send(len, room) => self.send(*len, *room),
            Step::Receive => self.receive(),
            Step::Take if !self.confused => self.bench.run(),
            Step::Restart => self.restart(),
            Step::NeedsReset => {
                self.bench.machine.get_mut().trouble(crate::driver::Status::NEEDS_RESET);
                self.driver.interrupt();
            }
            Step::Late(which) if !self.old.is_empty() => {
                let which = which.index(self.old.len());
                let (ring, chain) = &mut self.old[which];
                ring.write(chain, &[0xEE; 136]);
                ring.complete(chain.head.into(), 136);
                self.confused = true;
            }
            Step::Take | Step::Late(_) => {}
            device => self.misbehave(device),
        }
        let (in_flight, expected) = (usize::from(self.driver.in_flight()), self.out.len());
        assert_eq!(in_flight, expected, "after {step:?}");
        assert_eq!(self.driver.counters().abandoned, self.abandoned);
    }

    fn send(&mut self, len: usize, room: usize) {
        let request = vec![self.tag.to_le_bytes()[0]; len];
        match self.driver.send(self.tag, &request, room) {
            Ok(()) => {
                assert_eq!(self.driver.life(), Life::Running);
                self.out.insert(self.tag, room);
            }
            Err(SendError::Full) => assert!(self.out.len() >= self.driver.limits().in_flight),
            Err(error) => {
                assert_eq!(error, SendError::Closed);
                assert_ne!(self.driver.life(), Life::Running);
            }
        }
        self.tag = self.tag.wrapping_add(1);
    }

    /// Whatever came: a tag that was out, once, and no more bytes than there was room for.
    fn receive(&mut self) {
        match next(&mut self.driver) {
            Some((Received::Reply { tag, len }, bytes)) => {
                let room = self.out.remove(&tag).expect("a tag that was out");
                assert!(len <= room);
                if !self.confused {
                    assert!(bytes[..len].iter().all(|byte| *byte == 0x5A || *byte == 0));
                }
            }
            Some((Received::Event { len }, _)) => assert!((1..=136).contains(&len)),
            None => {}
        }
    }

    fn restart(&mut self) {
        let script = self.bench.script.0.borrow();
        let held: Vec<Chain> = script.held.clone();
        drop(script);
        if let Some(ring) = self.bench.machine.get().rings[0].clone() {
            self.old.extend(held.into_iter().map(|chain| (ring.clone(), chain)));
        }
        self.driver.start().expect("it says that it was reset, and starts");
        self.abandoned += u64::try_from(self.out.len()).expect("few");
        self.out.clear();
        self.done.clear();
        self.confused = false;
    }

    fn misbehave(&mut self, step: &Step) {
        let mut script = self.bench.script.0.borrow_mut();
        let mut machine = self.bench.machine.get_mut();
        let [Some(commands), Some(events)] = &mut machine.rings else { return };
        let claim = |len: u16, lie: i16| u32::from(len.saturating_add_signed(lie));
        match step {
            Step::Answer(which, len, lie) if !script.held.is_empty() => {
                let which = which.index(script.held.len());
                let chain = script.held.swap_remove(which);
                commands.write(&chain, &[0x5A; 136][..usize::from(*len)]);
                commands.complete(chain.head.into(), claim(*len, *lie));
                self.done.push(chain.head);
            }
            Step::Event(len, lie) if !script.buffers.is_empty() => {
                let chain = script.buffers.remove(0);
                events.write(&chain, &[0x77; 136][..usize::from(*len)]);
                events.complete(chain.head.into(), claim(*len, *lie));
            }
            Step::Repeat(which) if !self.done.is_empty() => {
                let which = which.index(self.done.len());
                commands.complete(self.done[which].into(), 8);
                self.confused = true;
            }
            Step::Invent(queue, id, len) => {
                if *queue { events } else { commands }.complete(*id, *len);
                self.confused = true;
            }
            Step::Jump(queue, by) => {
                if *queue { events } else { commands }.move_index(*by);
                self.confused = true;
            }
            Step::Scribble(at, bytes) => {
                let at = usize::try_from(*at).expect("64 bits") % self.bench.memory.len();
                commands.scribble(at, bytes);
                self.confused = true;
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever it does: each tag comes back at most once and only while it is out, never longer than its room;
    /// nothing is lost from the books; and a restart makes all slots free again.
    #[test]
    fn a_hostile_device_can_do_no_more_than_close_the_channel(
        entries in 0_u32..5, event_entries in 0_u32..5, indirect: bool, event_idx: bool,
        steps in prop::collection::vec(step(), 0..400),
    ) {
        let options = Options { indirect, event_idx, ..Options::DEFAULT };
        let mut world = World::new([2 << entries, 2 << event_entries], options);
        for step in &steps {
            world.play(step);
        }
        world.restart();
        let most = world.driver.limits().in_flight;
        for _ in 0..most {
            world.send(8, 8);
        }
        assert_eq!(world.out.len(), most, "every slot is free after a restart");
    }
}
