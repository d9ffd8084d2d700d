//! The platform's rules, one by one.

use core::cell::RefCell;
use core::sync::atomic::Ordering;
use std::rc::Rc;
use std::vec;
use std::vec::Vec;

use scmi::Time;
use scmi::platform::{Outcome, Platform};
use scmi::wire::ProtocolId;

use super::rig::{Bell, Words, area, bytes, command, platform, put, words};
use crate::memory::Memory;
use crate::platform::{PlatformEnd, Served};
use crate::{Area, ChannelFlags, ChannelStatus, Line};

/// A platform's end alone; the test is the agent.
struct Alone {
    platform: Platform,
    end: PlatformEnd<Words, Bell>,
    bell: Bell,
    commands: Words,
    events: Words,
}

fn alone() -> Alone {
    let (commands, events) = (words(256, 0), words(256, 0));
    let (mut platform, id) = platform();
    let bell = Bell::default();
    let mut end = PlatformEnd::new(id, area(commands), bell.clone()).with_events(area(events));
    end.connect(Time::ZERO, &mut platform);
    Alone { platform, end, bell, commands, events }
}

impl Alone {
    /// Puts a command into the area and rings.
    fn ring(&mut self, bytes: &[u8], flags: ChannelFlags) -> Served {
        self.commands_area().write(bytes);
        self.commands_area().set_flags(flags);
        self.commands_area().give(ChannelStatus::BUSY);
        self.end.command(Time::ZERO, &mut self.platform)
    }

    fn commands_area(&self) -> Area<Words> {
        area(self.commands)
    }

    /// The answer that is in the area.
    fn answer(&self) -> Vec<u8> {
        let length = self.commands_area().length().expect("it has one");
        bytes(self.commands)[24..24 + length].to_vec()
    }

    fn poll(&mut self, milliseconds: u64) -> Served {
        self.end.poll(Time::from_millis(milliseconds), &mut self.platform)
    }
}

/// SENSOR_READING_GET of the thermometer, that is answered after a millisecond, or with a delayed response.
fn reading(delayed: bool) -> Vec<u8> {
    command(ProtocolId::SENSOR, 6, 9, &[0, delayed.into()])
}

fn status(answer: &[u8]) -> i32 {
    i32::from_le_bytes(answer[4..8].try_into().expect("four bytes"))
}

#[test]
fn both_areas_are_free_when_a_life_begins() {
    let alone = alone();
    for words in [alone.commands, alone.events] {
        let mut free = vec![0; 256];
        (free[4], free[20]) = (1, 4);
        assert_eq!(bytes(words), free);
    }
}

#[test]
fn a_ring_at_a_free_area_is_nothing() {
    let mut alone = alone();
    assert_eq!(alone.end.command(Time::ZERO, &mut alone.platform), Served::Nothing);
    assert_eq!((alone.end.counters().spurious, alone.end.counters().commands), (1, 0));
    assert_eq!(alone.bell.take(), []);
}

#[test]
fn who_asks_for_an_interrupt_gets_one_after_the_area() {
    let mut alone = alone();
    let request = command(ProtocolId::BASE, 0, 3, &[]);
    assert_eq!(alone.ring(&request, ChannelFlags::POLLING), Served::Answered);
    assert_eq!(alone.bell.take(), []);
    assert_eq!(alone.ring(&request, ChannelFlags::INTERRUPT), Served::Answered);
    assert_eq!(alone.bell.take(), [Line::Answer]);
    assert_eq!(alone.answer()[..4], request[..]);
    assert_eq!(status(&alone.answer()), 0);

    // When the doorbell is rung, the area has been given back.
    let memory = words(64, 0);
    let seen = Rc::new(RefCell::new(Vec::new()));
    let (mut platform, id) = platform();
    let bell = |line| {
        seen.borrow_mut().push((line, area(memory).status()));
        Ok(())
    };
    let mut end = PlatformEnd::new(id, area(memory), bell);
    end.connect(Time::ZERO, &mut platform);
    area(memory).write(&request);
    area(memory).set_flags(ChannelFlags::INTERRUPT);
    area(memory).give(ChannelStatus::BUSY);
    end.command(Time::ZERO, &mut platform);
    assert_eq!(*seen.borrow(), [(Line::Answer, ChannelStatus::FREE)]);
}

#[test]
fn a_length_that_cannot_be_is_an_error_that_costs_nothing() {
    for length in [0, 3, 233, u32::MAX] {
        let mut alone = alone();
        put(alone.commands, 20, &length.to_le_bytes());
        put(alone.commands, 16, &[1, 0, 0, 0]);
        area(alone.commands).give(ChannelStatus::BUSY);
        assert_eq!(alone.end.command(Time::ZERO, &mut alone.platform), Served::Answered);
        let error = ChannelStatus::FREE.with(ChannelStatus::ERROR);
        assert_eq!(alone.commands_area().status(), error, "{length}");
        assert_eq!(alone.bell.take(), [Line::Answer]);
        let id = alone.end.agent();
        assert_eq!(alone.platform.counters(id).map(|counters| counters.commands), Some(0));
        // The next one is served.
        let served = alone.ring(&command(ProtocolId::BASE, 0, 3, &[]), ChannelFlags::POLLING);
        assert_eq!((served, status(&alone.answer())), (Served::Answered, 0));
        assert_eq!(alone.commands_area().status(), ChannelStatus::FREE);
    }
}

#[test]
fn a_command_that_is_longer_than_any_is_a_protocol_error() {
    let mut alone = alone();
    let mut long = command(ProtocolId::BASE, 0, 3, &[]);
    long.resize(140, 0);
    assert_eq!(alone.ring(&long, ChannelFlags::POLLING), Served::Answered);
    assert_eq!((alone.answer().len(), status(&alone.answer())), (8, -10));
    assert_eq!(alone.answer()[..4], long[..4]);
    assert_eq!(alone.end.counters().long_commands, 1);
}

#[test]
fn a_late_answer_keeps_the_area_and_a_second_ring_is_nothing() {
    let mut alone = alone();
    assert_eq!(alone.ring(&reading(false), ChannelFlags::INTERRUPT), Served::Later);
    assert!(alone.end.is_parked() && !alone.commands_area().status().is_free());
    assert_eq!(alone.end.command(Time::ZERO, &mut alone.platform), Served::Nothing);
    assert_eq!(alone.poll(0), Served::Later);
    // Whatever the agent makes of its flags meanwhile.
    area(alone.commands).set_flags(ChannelFlags::POLLING);
    assert_eq!(alone.platform.next_deadline(), Some(Time::from_millis(1)));
    assert_eq!(alone.poll(1), Served::Answered);
    assert!(!alone.end.is_parked() && alone.commands_area().status().is_free());
    assert_eq!(alone.bell.take(), [Line::Answer]);
    assert_eq!(alone.answer()[..4], reading(false)[..4]);
    assert_eq!(alone.answer()[8..12], 21_500_u32.to_le_bytes());
    let counters = alone.end.counters();
    assert_eq!((counters.deferred, counters.spurious, counters.commands), (1, 1, 1));
}

#[test]
fn a_late_answer_of_an_earlier_life_is_nobodys() {
    let mut alone = alone();
    alone.ring(&reading(false), ChannelFlags::INTERRUPT);
    alone.end.connect(Time::ZERO, &mut alone.platform);
    assert!(alone.commands_area().status().is_free());
    assert_eq!(alone.poll(5), Served::Nothing);
    assert_eq!(alone.bell.take(), []);
    // Nor is one that somebody else asked for in the agent's name.
    let id = alone.end.agent();
    let outcome = alone.platform.handle(Time::ZERO, id, &reading(false), &mut [0; 136]);
    assert!(matches!(outcome, Outcome::Later(_)));
    let before = bytes(alone.commands);
    assert_eq!(alone.poll(9), Served::Nothing);
    assert_eq!((bytes(alone.commands), alone.end.counters().orphans), (before, 1));
}

#[test]
fn events_go_out_one_at_a_time() {
    let mut alone = alone();
    for _ in 0..2 {
        alone.ring(&reading(true), ChannelFlags::POLLING);
        assert_eq!(status(&alone.answer()), 0);
    }
    alone.poll(1);
    assert_eq!((alone.end.counters().events, alone.bell.take()), (1, vec![Line::Event]));
    // The type of a delayed response, and no interrupt wanted.
    assert_eq!((bytes(alone.events)[25] & 3, bytes(alone.events)[16]), (2, 0));
    alone.poll(2);
    assert_eq!(alone.end.counters().events, 1, "the first one was not taken");
    area(alone.events).give(ChannelStatus::FREE);
    alone.poll(3);
    assert_eq!((alone.end.counters().events, alone.bell.take()), (2, vec![Line::Event]));
}

#[test]
fn without_a_second_area_there_is_no_way_back() {
    let memory = words(256, 0);
    let (mut platform, id) = platform();
    let mut end = PlatformEnd::new(id, area(memory), Bell::default());
    end.connect(Time::ZERO, &mut platform);
    area(memory).write(&reading(true));
    area(memory).give(ChannelStatus::BUSY);
    assert_eq!(end.command(Time::ZERO, &mut platform), Served::Answered);
    // NOT_SUPPORTED
    assert_eq!(bytes(memory)[28..32], (-1_i32).to_le_bytes());
}

#[test]
fn a_ring_that_nobody_hears_changes_nothing() {
    let mut alone = alone();
    alone.end.doorbell().broken = true;
    alone.ring(&command(ProtocolId::BASE, 0, 3, &[]), ChannelFlags::INTERRUPT);
    assert_eq!((status(&alone.answer()), alone.end.counters().unheard), (0, 1));
}

#[test]
fn the_smallest_area_has_room_for_every_refusal() {
    let memory = words(32, 0);
    let (mut platform, id) = platform();
    let mut end = PlatformEnd::<_, _, 8>::sized(id, area(memory), Bell::default());
    end.connect(Time::ZERO, &mut platform);
    area(memory).write(&command(ProtocolId::BASE, 0, 3, &[]));
    area(memory).give(ChannelStatus::BUSY);
    assert_eq!(end.command(Time::ZERO, &mut platform), Served::Answered);
    // COMMS_ERROR: the version would not fit.
    assert_eq!(bytes(memory)[20..32], [8, 0, 0, 0, 0, 0x40, 0x0C, 0, 0xF9, 0xFF, 0xFF, 0xFF]);
}

/// Memory that counts how often each of its words was read.
struct Counted {
    words: Words,
    reads: RefCell<Vec<u32>>,
}

impl Memory for &Counted {
    fn words(&self) -> usize {
        self.words.len()
    }

    fn load(&self, word: usize) -> u32 {
        self.reads.borrow_mut()[word] += 1;
        self.words[word].load(Ordering::Relaxed)
    }

    fn load_acquire(&self, word: usize) -> u32 {
        self.load(word)
    }

    fn store(&self, word: usize, value: u32) {
        self.words[word].store(value, Ordering::Relaxed);
    }

    fn store_release(&self, word: usize, value: u32) {
        self.store(word, value);
    }
}

#[test]
fn every_word_of_a_command_is_read_once() {
    let counted = Counted { words: words(256, 0), reads: RefCell::new(vec![0; 64]) };
    let (mut platform, id) = platform();
    let mut end = PlatformEnd::new(id, Area::new(&counted).expect("large enough"), Bell::default());
    end.connect(Time::ZERO, &mut platform);
    let request = reading(false);
    area(counted.words).write(&request);
    area(counted.words).give(ChannelStatus::BUSY);
    counted.reads.borrow_mut().fill(0);
    end.command(Time::ZERO, &mut platform);
    end.poll(Time::from_millis(1), &mut platform);
    let read: Vec<usize> = (0..64).filter(|word| counted.reads.borrow()[*word] != 0).collect();
    // Status, flags, length and the three words of the command.
    assert_eq!(read, [1, 4, 5, 6, 7, 8]);
    assert!(counted.reads.borrow().iter().all(|reads| *reads <= 1));
}
