//! Agents that do what they like to a platform, and what each of them may expect of it.

use core::time::Duration;
use std::vec;
use std::vec::Vec;

use super::board::value_of;
use super::input::Input;
use super::platform_world::{LARGE, World, id};
use super::plausible;
use crate::platform::Link;
use crate::protocol::base;
use crate::protocol::base::wire::ErrorReport;
use crate::wire::{Header, I32, MessageId, ProtocolId, U32};

/// More would find nothing new, but takes the fuzzer long.
const MOST_STEPS: usize = 2000;
/// Commands, time, buffers for events and channels that come and go, in any order and from several agents.
///
/// Every command gets one answer, which is as the tables say; refusals are in the order of section 2.1. Delayed
/// responses come after their immediate one, oldest first, and all of them; notifications come to whoever is
/// subscribed, in the version that is spoken, and to nobody else. What waits is bounded, and the counters add up.
pub fn platform_ops(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let mut world = World::new(&mut input);
    for _ in 0..MOST_STEPS {
        if input.is_empty() {
            break;
        }
        world.step(&mut input);
        world.check();
    }
    world.settle();
}

impl World {
    fn step(&mut self, input: &mut Input<'_>) {
        let agent = input.below(self.agents.len());
        let room =
            |input: &mut Input<'_>| if input.chance(64) { input.below(LARGE) } else { LARGE };
        match input.below(18) {
            0..=5 => {
                let request = plausible::request(input);
                self.request(agent, &request, room(input));
            }
            6 => self.readings(agent, input),
            7 => self.subscribe(agent, input),
            8 => {
                let len = input.below(24);
                let request = input.bytes(len);
                self.request(agent, request, room(input));
            }
            9 => {
                let millis = input.byte().into();
                self.poll(self.now.after(Duration::from_millis(millis)));
            }
            10 => {
                let next = self.platform.next_deadline().unwrap_or(self.now);
                self.poll(next.max(self.now));
            }
            11 => self.poll_earlier(input),
            12 => {
                let room = room(input);
                self.event(agent, room);
            }
            13 => self.late(agent),
            14 => self.relink(agent, input),
            15 => self.reset(agent, input),
            16 => self.report(agent, input),
            _ => while self.event(agent, LARGE) {},
        }
    }

    fn ask(&mut self, agent: usize, message: u8, params: &[u32]) {
        let header = Header::command(ProtocolId::SENSOR, MessageId(message), 7).word();
        let words = core::iter::once(&header).chain(params);
        let request: Vec<u8> = words.flat_map(|word| word.to_le_bytes()).collect();
        self.request(agent, &request, LARGE);
    }

    /// Some readings at once, of the same sensors again and again.
    fn readings(&mut self, agent: usize, input: &mut Input<'_>) {
        for _ in 0..input.below(24) {
            let choice = u32::from(input.byte());
            self.ask(agent, 0x6, &[choice >> 1 & 7, choice & 1]);
        }
    }

    /// Subscribes to something, or ends a subscription, perhaps while notifications wait.
    fn subscribe(&mut self, agent: usize, input: &mut Input<'_>) {
        let expected = &self.agents[agent];
        let trips = expected.trips.iter().map(|sensor| (0x4, *sensor));
        let updates = expected.updates.iter().map(|sensor| (0xB, *sensor));
        let subscribed: Vec<(u8, u32)> = trips.chain(updates).collect();
        let end = input.chance(128) && !subscribed.is_empty();
        let (message, sensor) = if end {
            input.pick(&subscribed)
        } else {
            (input.pick(&[0x4, 0xB]), u32::from(input.byte() & 7))
        };
        self.ask(agent, message, &[sensor, u32::from(!end)]);
        if message == 0x4 && !end {
            // A trip point that is crossed all the time, both ways.
            let value = u32::try_from(value_of(usize::try_from(sensor).expect("small"), 0) + 1);
            self.ask(agent, 0x5, &[sensor, 3, value.expect("small"), 0]);
        }
    }

    /// An agent resets its own configuration.
    fn reset(&mut self, agent: usize, input: &mut Input<'_>) {
        let header = Header::command(ProtocolId::BASE, MessageId(0xB), 7).word();
        let flags = input.byte() & 1;
        let words = [header, id(agent).number(), flags.into()];
        self.request(agent, &words.map(u32::to_le_bytes).concat(), LARGE);
        let version = self.agents[agent].version(ProtocolId::BASE);
        assert!(version < base::V2 || !self.platform.has_event(id(agent)), "it was reset");
    }

    /// A channel ends, and perhaps another begins.
    fn relink(&mut self, agent: usize, input: &mut Input<'_>) {
        let link = input.pick(&[Some(true), None, Some(false), Some(true)]);
        match link {
            Some(p2a) => {
                let link = Link::new(p2a).apart(self.agents[agent].apart);
                self.platform.connect(self.now, id(agent), link);
            }
            None => self.platform.disconnect(self.now, id(agent)),
        }
        let tickets = core::mem::take(&mut self.agents[agent].tickets);
        self.agents[agent].connect(link);
        for ticket in tickets {
            let len = self.platform.take_reply(id(agent), ticket, &mut [0; LARGE]);
            assert_eq!(len, 0, "a ticket of an earlier life is worth nothing");
        }
        assert!(!self.platform.has_event(id(agent)));
        assert!(!self.event(agent, LARGE), "nothing is left of the earlier life");
    }

    fn report(&mut self, agent: usize, input: &mut Input<'_>) {
        let report = ErrorReport { header: U32::new(input.word()), status: I32::new(-8) };
        let reports = vec![report; input.below(20)];
        self.platform.report_errors(id(agent), input.chance(128), &reports);
    }
}
