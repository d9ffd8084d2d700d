//! A device that delays, drops, repeats, reorders, lies about lengths, completes what it never had, jumps, writes where it
//! likes, and answers after its reset.

use std::collections::BTreeMap;
use std::vec;
use std::vec::Vec;

use scmi::transport::{Channel, Received, SendError};

use super::input::Input;
use crate::driver::testing::{Bench, Chain, Ring, TestDriver, next};
use crate::driver::{Life, Options, Status};

/// A driver, a hostile device, and any operations of both. Whatever the device does: each tag comes back at most once and
/// only while it is out, never longer than its room and never with older bytes; nothing is lost from the books;
/// and a restart makes all slots free again.
pub fn driver_ops(bytes: &[u8]) {
    let mut input = Input(bytes);
    let entries = [2 << input.below(5), 2 << input.below(5)];
    let flags = input.byte();
    let (indirect, event_idx) = (flags & 1 != 0, flags & 2 != 0);
    let options = Options { indirect, event_idx, ..Options::DEFAULT };
    let mut world = World::new(entries, options);
    while !input.is_empty() {
        world.step(&mut input);
        world.check();
    }
    world.restart();
    let most = world.driver.limits().in_flight;
    for _ in 0..most {
        world.send(8, 8);
    }
    assert_eq!(world.out.len(), most, "every slot is free after a restart");
}

/// What the test knows of both sides.
struct World {
    bench: Bench,
    driver: TestDriver,
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

    fn step(&mut self, input: &mut Input<'_>) {
        match input.below(32) {
            0..=7 => self.send(4 + input.below(133), input.below(137)),
            8..=14 => self.receive(),
            15..=18 if !self.confused => self.bench.run(),
            19..=25 => self.answer(input),
            26 | 27 => self.event(input),
            28 => self.lie(input),
            29 => self.late(input),
            30 => self.restart(),
            31 if input.below(4) == 0 => {
                self.bench.machine.get_mut().trouble(Status::NEEDS_RESET);
                self.driver.interrupt();
            }
            _ => {}
        }
    }

    fn check(&self) {
        assert_eq!(usize::from(self.driver.in_flight()), self.out.len());
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
                self.expect_new(&bytes[..len]);
            }
            Some((Received::Event { len }, bytes)) => {
                assert!((1..=136).contains(&len));
                self.expect_new(&bytes[..len]);
            }
            None => {}
        }
    }

    /// Nothing but what the device wrote to this buffer, and zeros where it wrote nothing.
    fn expect_new(&self, bytes: &[u8]) {
        assert!(self.confused || bytes.iter().all(|byte| matches!(byte, 0 | 0x5A)), "{bytes:x?}");
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

    /// It answers one of those that it has, in any order, with some bytes and a claim of about as many.
    fn answer(&mut self, input: &mut Input<'_>) {
        let mut script = self.bench.script.0.borrow_mut();
        let mut machine = self.bench.machine.get_mut();
        let [Some(commands), _] = &mut machine.rings else { return };
        if script.held.is_empty() {
            return;
        }
        let which = input.below(script.held.len());
        let chain = script.held.swap_remove(which);
        let len = input.below(137);
        commands.write(&chain, &[0x5A; 136][..len]);
        commands.complete(chain.head.into(), claim(len, input.byte()));
        self.done.push(chain.head);
    }

    fn event(&self, input: &mut Input<'_>) {
        let mut script = self.bench.script.0.borrow_mut();
        let mut machine = self.bench.machine.get_mut();
        let [_, Some(events)] = &mut machine.rings else { return };
        if script.buffers.is_empty() {
            return;
        }
        let chain = script.buffers.remove(0);
        let len = input.below(137);
        events.write(&chain, &[0x5A; 136][..len]);
        events.complete(chain.head.into(), claim(len, input.byte()));
    }

    /// It writes what no device may write.
    fn lie(&mut self, input: &mut Input<'_>) {
        let mut machine = self.bench.machine.get_mut();
        let [Some(commands), Some(events)] = &mut machine.rings else { return };
        let ring = if input.below(2) == 0 { commands } else { events };
        match input.below(5) {
            0 if !self.done.is_empty() => {
                let which = input.below(self.done.len().min(256));
                ring.complete(self.done[which].into(), 8);
            }
            1 => ring.complete(u32::try_from(input.below(20)).unwrap_or(0), input.word()),
            2 => ring.complete(input.word(), input.word()),
            3 => ring.move_index(input.half()),
            4 => {
                let at = usize::try_from(input.word()).expect("64 bits");
                let count = input.below(64);
                ring.scribble(at, input.bytes(count));
            }
            _ => return,
        }
        self.confused = true;
    }

    /// It answers something of an earlier life, by the rings of that life.
    fn late(&mut self, input: &mut Input<'_>) {
        if self.old.is_empty() {
            return;
        }
        let which = input.below(self.old.len().min(256));
        let (ring, chain) = &mut self.old[which];
        ring.write(chain, &[0xEE; 136]);
        ring.complete(chain.head.into(), 136);
        self.confused = true;
    }
}

/// A claim of about so many bytes: the right one for half of the bytes that choose.
fn claim(len: usize, choice: u8) -> u32 {
    let len = u32::try_from(len).expect("small");
    let more = u32::from(choice & 0x1F);
    match choice >> 5 {
        4 | 5 => len + more,
        6 => len.saturating_sub(more),
        7 => u32::MAX - more,
        _ => len,
    }
}
