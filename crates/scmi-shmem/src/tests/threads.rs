//! Both ends on threads of their own, with the processor's real memory between them.

use core::sync::atomic::AtomicU32;
use core::time::Duration;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Instant;
use std::vec::Vec;

use scmi::Time;
use scmi::platform::Platform;
use scmi::transport::{Channel as _, Received};
use scmi::wire::{MessageType, ProtocolId};

use super::rig::{area, command, platform, words};
use crate::agent::{AgentEnd, Clock};
use crate::platform::PlatformEnd;
use crate::{Area, Line, Unheard};

const CALLS: u32 = 20_000;

/// Sleeps until the other side's doorbell, which remembers that it was rung.
struct RealTime {
    began: Instant,
    bell: Receiver<Line>,
}

impl RealTime {
    fn now(&self) -> Time {
        Time::ZERO.after(self.began.elapsed())
    }

    fn rung(&self, until: Option<Time>) -> Result<Line, RecvTimeoutError> {
        let most = until.map_or(Duration::from_secs(1), |until| until.since(self.now()));
        self.bell.recv_timeout(most)
    }
}

impl Clock for RealTime {
    fn now(&self) -> Time {
        self.now()
    }

    fn sleep(&mut self, until: Time) {
        let _which = self.rung(Some(until));
    }
}

fn bell(to: Sender<Line>) -> impl FnMut(Line) -> Result<(), Unheard> {
    move |line| to.send(line).map_err(|_| Unheard)
}

/// Serves until the agent has gone; how many commands there were.
fn serve(
    mut platform: Platform,
    mut end: PlatformEnd<&'static [AtomicU32], impl crate::Doorbell>,
    time: &RealTime,
) -> u64 {
    loop {
        match time.rung(platform.next_deadline()) {
            Ok(Line::Command) => drop(end.command(time.now(), &mut platform)),
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return end.counters().commands,
        }
        end.poll(time.now(), &mut platform);
    }
}

#[test]
fn every_answer_is_that_of_its_command_and_no_event_is_torn() {
    let (commands, events) = (words(256, 0), words(256, 0));
    let (mut platform, id) = platform();
    let (to_platform, at_platform) = channel();
    let (to_agent, at_agent) = channel();
    let began = Instant::now();
    let mut end = PlatformEnd::new(id, area(commands), bell(to_agent))
        .with_events(area(events))
        .with_event_interrupts();
    end.connect(Time::ZERO, &mut platform);
    let served =
        std::thread::spawn(move || serve(platform, end, &RealTime { began, bell: at_platform }));

    let areas: [Area<_>; 2] = [area(commands), area(events)];
    let [commands, events] = areas;
    let clock = RealTime { began, bell: at_agent };
    let mut agent =
        AgentEnd::new(commands, bell(to_platform), clock).with_events(events).with_interrupts();
    let mut came = Came::default();
    for (message, params) in [(0xB, [0, 1]), (0xA, [0, 1])] {
        let command = command(ProtocolId::SENSOR, message, 0, &params);
        came.exchange(&mut agent, &command);
    }
    for call in 0..CALLS {
        // DISCOVER_AGENT, of the agent itself, another, or none: answers of 28, 28 and 8 bytes.
        let (agent_id, len) = [(1, 28), (0, 28), (call + 2, 8)][call as usize % 3];
        let token = u16::try_from(call & 0x3FF).expect("ten bits");
        let command = command(ProtocolId::BASE, 7, token, &[agent_id]);
        let answer = came.exchange(&mut agent, &command);
        assert_eq!((&answer[..4], answer.len()), (&command[..4], len), "call {call}");
        if len > 8 {
            assert_eq!(answer[8..12], agent_id.to_le_bytes(), "call {call}");
        }
    }
    let counters = *agent.counters();
    drop(agent);
    assert_eq!(served.join().expect("it serves"), u64::from(CALLS) + 2);
    assert_eq!(counters.answers, u64::from(CALLS) + 2);
    assert_eq!((counters.bad_answers, counters.bad_events, counters.errors), (0, 0, 0));
    assert_eq!(counters.events, came.events);
    assert!(came.events > 0, "updates come every ten milliseconds");
}

#[derive(Default)]
struct Came {
    events: u64,
}

impl Came {
    /// Sends a command and waits for its answer; events on the way are counted and looked at.
    fn exchange(
        &mut self,
        agent: &mut AgentEnd<&'static [AtomicU32], impl crate::Doorbell, RealTime>,
        command: &[u8],
    ) -> Vec<u8> {
        agent.send(1, command, 136).expect("it is free");
        let mut buffer = [0; 136];
        loop {
            match agent.receive(&mut buffer) {
                Some(Received::Reply { tag, len }) => {
                    assert_eq!(tag, 1);
                    return buffer[..len].to_vec();
                }
                Some(Received::Event { len }) => {
                    let header = scmi::wire::Header::parse(&buffer).expect("it has one");
                    assert_eq!((len, header.kind()), (28, MessageType::NOTIFICATION));
                    assert_eq!(buffer[12..20], 21_500_u64.to_le_bytes());
                    self.events += 1;
                }
                None => agent.wait(agent.now().after(Duration::from_secs(10))),
            }
        }
    }
}
