//! The other side is whoever it likes to be.

use core::cell::{Cell, RefCell};
use core::sync::atomic::Ordering;
use core::time::Duration;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;
use scmi::Time;
use scmi::agent::{CallError, CallerExt as _, Client, Timeouts};
use scmi::transport::{Channel as _, Received, SendError};
use scmi::wire::ProtocolId;

use super::rig::{Bell, Way, World, command, platform};
use crate::agent::{AgentEnd, Clock};
use crate::layout::word;
use crate::memory::Memory;
use crate::platform::{PlatformEnd, Served};
use crate::{Area, ChannelStatus};

/// Memory that says something else whenever it is asked, and remembers what was done to it.
struct Liar {
    words: usize,
    /// What it says, round and round.
    lies: Vec<u32>,
    told: Cell<usize>,
    reads: RefCell<Vec<u32>>,
    /// The last status that was read, and whether anything was written while that was not free.
    seen: Cell<ChannelStatus>,
    trespasses: Cell<u32>,
    last_status: Cell<Option<u32>>,
}

impl Liar {
    fn new(words: usize, lies: Vec<u32>) -> Self {
        Self {
            words,
            lies,
            told: Cell::new(0),
            reads: RefCell::new(vec![0; words]),
            seen: Cell::new(ChannelStatus::BUSY),
            trespasses: Cell::new(0),
            last_status: Cell::new(None),
        }
    }
}

impl Memory for &Liar {
    fn words(&self) -> usize {
        self.words
    }

    fn load(&self, word: usize) -> u32 {
        self.reads.borrow_mut()[word] += 1;
        let told = self.told.get();
        self.told.set(told.wrapping_add(1));
        let lie = self.lies[told % self.lies.len()];
        if word == word::STATUS {
            self.seen.set(ChannelStatus(lie));
        }
        lie
    }

    fn load_acquire(&self, word: usize) -> u32 {
        self.load(word)
    }

    fn store(&self, word: usize, value: u32) {
        assert!(word < self.words, "word {word} of {}", self.words);
        if !self.seen.get().is_free() {
            self.trespasses.set(self.trespasses.get() + 1);
        }
        if word == word::STATUS {
            self.last_status.set(Some(value));
        }
    }

    fn store_release(&self, word: usize, value: u32) {
        self.store(word, value);
    }
}

/// A clock that goes on while it is looked at: an agent that is given events without end does not sleep.
#[derive(Debug, Default)]
struct Ticks(Cell<Time>);

impl Clock for Ticks {
    fn now(&self) -> Time {
        self.0.set(self.0.get().after(Duration::from_micros(20)));
        self.0.get()
    }

    fn sleep(&mut self, _: Time) {
        self.0.set(self.0.get().after(Duration::from_millis(1)));
    }
}

/// Words as the areas have them, the likely ones more often.
fn lies() -> impl Strategy<Value = Vec<u32>> {
    let word = prop_oneof![
        4 => 0..4_u32,
        2 => 0..140_u32,
        1 => any::<u32>(),
    ];
    prop::collection::vec(word, 1..60)
}

proptest! {
    #[test]
    fn an_agent_whose_memory_lies_stays_within_its_buffers(
        lies in lies(),
        other_lies in lies(),
        words in 8..40_usize,
        steps in prop::collection::vec((any::<bool>(), 0..200_usize, 0..200_usize), 1..60),
    ) {
        let (commands, events) = (Liar::new(words, lies), Liar::new(words, other_lies));
        let area = |memory| Area::new(memory).expect("large enough");
        let mut end = AgentEnd::new(area(&commands), Bell::default(), Ticks::default())
            .with_events(area(&events));
        let (mut in_flight, mut tag) = (None, 0);
        for (send, len, room) in steps {
            if send {
                tag += 1;
                match end.send(tag, &vec![0xA5; len], room) {
                    Ok(()) => prop_assert_eq!(in_flight.replace((tag, room)), None),
                    Err(SendError::TooLarge { bytes }) => {
                        let bytes = usize::from(bytes);
                        prop_assert!(bytes > words * 4 - 24 && bytes == len.max(room));
                    }
                    Err(SendError::Full) => {}
                    Err(error) => prop_assert!(false, "{error}"),
                }
            } else {
                let mut buffer = vec![0; len];
                match end.receive(&mut buffer) {
                    Some(Received::Reply { tag, len: came }) => {
                        let (sent, room) = in_flight.take().expect("one is in flight");
                        prop_assert!(tag == sent && came <= room && came <= len);
                    }
                    Some(Received::Event { len: came }) => prop_assert!(came <= len),
                    None => {}
                }
            }
            prop_assert_eq!(commands.trespasses.get(), 0, "it was not ours");
        }
    }

    #[test]
    fn an_agent_whose_memory_lies_has_an_end_of_every_call(lies in lies(), other in lies()) {
        let (commands, events) = (Liar::new(40, lies), Liar::new(40, other));
        let area = |memory| Area::new(memory).expect("large enough");
        let mut end = AgentEnd::new(area(&commands), Bell::default(), Ticks::default())
            .with_events(area(&events));
        let mut client: Client<'_> = Client::new(&mut end);
        client.set_timeouts(Timeouts::all(Duration::from_millis(5)));
        for _ in 0..10 {
            let before = client.now();
            let _whatever = client.protocol_version(ProtocolId::BASE);
            // A round of the engine may take 96 messages, each with a look at the clock.
            prop_assert!(client.now() <= before.after(Duration::from_millis(10)));
        }
    }

    #[test]
    fn a_platform_whose_memory_lies_reads_it_once_and_gives_it_back(
        lies in lies(),
        other_lies in lies(),
        words in 8..80_usize,
        rings in 1..30_usize,
    ) {
        let (commands, events) = (Liar::new(words, lies), Liar::new(words, other_lies));
        let area = |memory| Area::new(memory).expect("large enough");
        let (mut platform, id) = platform();
        let mut end =
            PlatformEnd::new(id, area(&commands), Bell::default()).with_events(area(&events));
        end.connect(Time::ZERO, &mut platform);
        events.trespasses.set(0);
        let mut now = Time::ZERO;
        for _ in 0..rings {
            commands.reads.borrow_mut().fill(0);
            commands.last_status.set(None);
            let served = end.command(now, &mut platform);
            prop_assert!(commands.reads.borrow().iter().all(|reads| *reads <= 1));
            let given_back = commands.last_status.get().map(ChannelStatus);
            match served {
                Served::Answered => {
                    prop_assert_eq!(given_back.map(ChannelStatus::is_free), Some(true));
                }
                Served::Later | Served::Nothing => prop_assert_eq!(given_back, None),
            }
            now = now.after(Duration::from_millis(1));
            end.poll(now, &mut platform);
            prop_assert!(!end.is_parked(), "a reading takes a millisecond");
        }
        prop_assert_eq!(events.trespasses.get(), 0);
    }

    /// Somebody writes into both areas whenever one of the ends is not looking.
    #[test]
    fn calls_between_honest_ends_over_memory_that_somebody_scribbles_into_end(
        scribbles in prop::collection::vec((any::<bool>(), 0..64_usize, any::<u32>()), 1..40),
    ) {
        let mut world = World::new(Way::After(Duration::from_millis(1)));
        let (commands, events) = (world.commands, world.events);
        let mut answered = 0;
        for (which, word, value) in scribbles {
            let memory = if which { commands } else { events };
            memory[word].store(value, Ordering::Relaxed);
            let mut client: Client<'_> = Client::new(&mut world.agent);
            client.set_timeouts(Timeouts::all(Duration::from_millis(5)));
            match client.protocol_version(ProtocolId::SENSOR) {
                Ok(version) => {
                    prop_assert_eq!(version.0, 0x3_0001);
                    answered += 1;
                }
                Err(CallError::TimedOut { .. }) => {}
                Err(error) => prop_assert!(false, "{error}"),
            }
            commands[word::STATUS].store(1_u32.to_le(), Ordering::Relaxed);
        }
        prop_assert!(answered > 0 || world.agent.counters().commands == 0);
    }

    #[test]
    fn any_command_is_answered_or_refused_and_the_next_one_too(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        flags in any::<u32>(),
    ) {
        let mut world = World::new(Way::Call);
        let mut room = [0; 232];
        world.commands[word::FLAGS].store(flags, Ordering::Relaxed);
        prop_assert_eq!(world.agent.send(1, &bytes, 232), Ok(()));
        world.agent.wait(Time::from_millis(5));
        world.agent.wait(Time::from_millis(5));
        let answer = world.agent.receive(&mut room);
        let Some(Received::Reply { tag: 1, len }) = answer else {
            return Err(TestCaseError::fail(std::format!("{answer:?}")));
        };
        prop_assert!(len == 0 && bytes.len() < 4 || room[..4] == bytes[..4]);
        let next = command(ProtocolId::BASE, 0, 1, &[]);
        prop_assert_eq!(world.agent.send(2, &next, 12), Ok(()));
        let mut answer = [0; 12];
        while let Some(Received::Event { .. }) = world.agent.receive(&mut answer) {}
        prop_assert_eq!(&answer[..4], &next[..]);
    }
}
