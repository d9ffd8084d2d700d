//! Every order in which two processors may see each other's writes.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;
use std::vec::Vec;

use scmi::Time;
use scmi::transport::{Channel as _, Received};
use scmi::wire::ProtocolId;

use super::rig::{command, platform};
use crate::agent::{AgentEnd, Clock};
use crate::memory::Memory;
use crate::platform::{PlatformEnd, Served};
use crate::{Area, Line, Unheard};

/// Memory as weak as the language allows, but for what the ends ask for.
#[derive(Clone)]
struct Weak(Arc<Vec<AtomicU32>>);

impl Weak {
    fn new(words: usize) -> Self {
        Self(Arc::new((0..words).map(|_| AtomicU32::new(0)).collect()))
    }
}

impl Memory for Weak {
    fn words(&self) -> usize {
        self.0.len()
    }

    fn load(&self, word: usize) -> u32 {
        self.0[word].load(Ordering::Relaxed)
    }

    fn load_acquire(&self, word: usize) -> u32 {
        self.0[word].load(Ordering::Acquire)
    }

    fn store(&self, word: usize, value: u32) {
        self.0[word].store(value, Ordering::Relaxed);
    }

    fn store_release(&self, word: usize, value: u32) {
        self.0[word].store(value, Ordering::Release);
    }
}

struct Yields;

impl Clock for Yields {
    fn now(&self) -> Time {
        Time::ZERO
    }

    fn sleep(&mut self, _: Time) {
        thread::yield_now();
    }
}

/// Enough for a platform that answers, built without optimisation: at least 64 KiB.
const STACK: usize = 0x1_0000;

/// Nobody's doorbell orders anything here: both sides poll.
fn silent(_: Line) -> Result<(), Unheard> {
    Ok(())
}

#[test]
fn who_sees_the_status_sees_the_message() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let memory = Weak::new(9);
        // Coroutines have small stacks: it is set up on a real one.
        let (mut platform, id) = std::thread::spawn(platform).join().expect("a platform");
        let area = || Area::new(memory.clone()).expect("large enough");
        let mut end = PlatformEnd::<_, _, 12>::sized(id, area(), silent);
        end.connect(Time::ZERO, &mut platform);
        let mut agent = AgentEnd::new(area(), silent, Yields);
        let server = thread::Builder::new().stack_size(STACK).spawn(move || {
            while end.command(Time::ZERO, &mut platform) == Served::Nothing {
                thread::yield_now();
            }
            assert_eq!(end.counters().bad_length, 0, "it saw an old length");
        });
        let server = server.expect("a coroutine");
        let request = command(ProtocolId::BASE, 0, 5, &[]);
        agent.send(0, &request, 12).expect("it is free");
        let mut buffer = [0; 12];
        let answer = loop {
            match agent.receive(&mut buffer) {
                Some(answer) => break answer,
                None => agent.wait(Time::NEVER),
            }
        };
        assert_eq!(answer, Received::Reply { tag: 0, len: 12 });
        assert_eq!(buffer[..8], [request.as_slice(), &[0; 4]].concat());
        assert_eq!(buffer[8..], [1, 0, 2, 0], "the version of Base");
        server.join().expect("it serves");
    });
}

#[test]
fn an_event_is_seen_whole_and_the_next_is_not_written_over_it() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let memory = Weak::new(8);
        let area = || Area::new(memory.clone()).expect("large enough");
        area().give(crate::ChannelStatus::FREE);
        let ours = area();
        let sender = thread::spawn(move || {
            for event in [[1; 8], [2; 8]] {
                while !ours.status().is_free() {
                    thread::yield_now();
                }
                ours.write(&event);
                ours.give(crate::ChannelStatus::BUSY);
            }
        });
        let mut agent = AgentEnd::new(Area::new(Weak::new(8)).expect("large"), silent, Yields)
            .with_events(area());
        for expected in [[1; 8], [2; 8]] {
            let mut buffer = [0; 8];
            while agent.receive(&mut buffer).is_none() {
                thread::yield_now();
            }
            assert_eq!(buffer, expected);
        }
        sender.join().expect("it sends");
    });
}
