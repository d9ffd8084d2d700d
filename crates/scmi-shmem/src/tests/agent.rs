//! The agent's rules, one by one.

use core::time::Duration;

use scmi::Time;
use scmi::transport::{Channel as _, Received, SendError};
use scmi::wire::ProtocolId;

use super::rig::{Bell, Words, area, bytes, command, put, words};
use crate::agent::{AgentEnd, Clock};
use crate::{ChannelStatus, Line};

/// A clock that goes on by a millisecond a sleep.
#[derive(Debug, Default)]
struct Ticks {
    now: Time,
    sleeps: usize,
}

impl Clock for Ticks {
    fn now(&self) -> Time {
        self.now
    }

    fn sleep(&mut self, _: Time) {
        self.sleeps += 1;
        self.now = self.now.after(Duration::from_millis(1));
    }
}

/// An agent's end alone; the test is the platform.
struct Alone {
    end: AgentEnd<Words, Bell, Ticks>,
    bell: Bell,
    commands: Words,
    events: Words,
}

fn alone() -> Alone {
    let (commands, events) = (words(128, 0), words(128, 0));
    area(commands).give(ChannelStatus::FREE);
    area(events).give(ChannelStatus::FREE);
    let bell = Bell::default();
    let end =
        AgentEnd::new(area(commands), bell.clone(), Ticks::default()).with_events(area(events));
    Alone { end, bell, commands, events }
}

impl Alone {
    /// Answers what is in the area with bytes, as a platform that may lie about their number.
    fn answer(&self, length: u32, bytes: &[u8], status: ChannelStatus) {
        put(self.commands, 20, &length.to_le_bytes());
        put(self.commands, 24, bytes);
        area(self.commands).give(status);
    }

    fn notify(&self, length: u32, bytes: &[u8], flags: u32) {
        put(self.events, 16, &flags.to_le_bytes());
        put(self.events, 20, &length.to_le_bytes());
        put(self.events, 24, bytes);
        area(self.events).give(ChannelStatus::BUSY);
    }
}

fn request() -> std::vec::Vec<u8> {
    command(ProtocolId::BASE, 0, 1, &[])
}

#[test]
fn one_command_at_a_time() {
    let mut alone = alone();
    assert_eq!(alone.end.limits().in_flight, 1);
    assert_eq!(alone.end.send(7, &request(), 12), Ok(()));
    assert_eq!(alone.end.send(8, &request(), 12), Err(SendError::Full));
    assert_eq!(alone.end.receive(&mut [0; 12]), None);
    alone.answer(8, &[1, 2, 3, 4, 5, 6, 7, 8], ChannelStatus::FREE);
    // The answer has to be taken first: a command now would be written over it.
    assert_eq!(alone.end.send(8, &request(), 12), Err(SendError::Full));
    let mut buffer = [0; 12];
    assert_eq!(alone.end.receive(&mut buffer), Some(Received::Reply { tag: 7, len: 8 }));
    assert_eq!(buffer[..8], [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(alone.end.receive(&mut buffer), None, "it comes once");
    assert_eq!(alone.end.send(8, &request(), 12), Ok(()));
    assert_eq!(alone.bell.take(), [Line::Command; 2]);
}

#[test]
fn an_area_that_is_not_free_is_not_touched() {
    let mut alone = alone();
    area(alone.commands).give(ChannelStatus::BUSY);
    let before = bytes(alone.commands);
    assert_eq!(alone.end.send(0, &request(), 12), Err(SendError::Full));
    // Neither is one that the platform gave the error bit but did not give back.
    area(alone.commands).give(ChannelStatus::ERROR);
    assert_eq!(alone.end.send(0, &request(), 12), Err(SendError::Full));
    area(alone.commands).give(ChannelStatus::BUSY);
    assert_eq!(bytes(alone.commands), before);
    assert_eq!(alone.bell.take(), []);
    // What an earlier life is answered is nobody's.
    alone.answer(8, &[0; 8], ChannelStatus::FREE);
    assert_eq!(alone.end.receive(&mut [0; 12]), None);
    assert_eq!(alone.end.send(0, &request(), 12), Ok(()));
}

#[test]
fn a_command_that_was_forgotten_keeps_the_area_until_it_is_given_back() {
    let mut alone = alone();
    alone.end.send(1, &request(), 12).expect("it is free");
    alone.end.forget();
    assert_eq!(alone.end.send(2, &request(), 12), Err(SendError::Full));
    alone.answer(8, &[0; 8], ChannelStatus::FREE);
    assert_eq!(alone.end.receive(&mut [0; 12]), None);
    assert_eq!(alone.end.send(2, &request(), 12), Ok(()));
}

#[test]
fn an_error_is_an_empty_answer_and_cleared_by_the_next_command() {
    let mut alone = alone();
    alone.end.send(1, &request(), 12).expect("it is free");
    alone.answer(12, &[0; 12], ChannelStatus::FREE.with(ChannelStatus::ERROR));
    assert_eq!(alone.end.receive(&mut [0; 12]), Some(Received::Reply { tag: 1, len: 0 }));
    assert_eq!((alone.end.counters().errors, alone.end.counters().answers), (1, 0));
    assert_eq!(alone.end.send(2, &request(), 12), Ok(()));
    assert_eq!(area(alone.commands).status(), ChannelStatus::BUSY);
}

#[test]
fn a_length_that_cannot_be_is_an_empty_answer() {
    for (number, length) in (1..).zip([0, 3, 105, u32::MAX]) {
        let mut alone = alone();
        alone.end.send(number, &request(), 12).expect("it is free");
        alone.answer(length, &[0; 12], ChannelStatus::FREE);
        let empty = Received::Reply { tag: number, len: 0 };
        assert_eq!(alone.end.receive(&mut [0; 136]), Some(empty), "{length}");
        assert_eq!(alone.end.counters().bad_answers, 1, "{length}");
    }
}

#[test]
fn an_answer_is_cut_to_the_room_of_its_command_and_to_the_buffer() {
    let mut alone = alone();
    for (room, buffer) in [(12, 136), (104, 12)] {
        alone.end.send(1, &request(), room).expect("it is free");
        alone.answer(104, &[7; 104], ChannelStatus::FREE);
        let mut buffer = std::vec![0; buffer];
        let cut = Received::Reply { tag: 1, len: 12 };
        assert_eq!(alone.end.receive(&mut buffer), Some(cut));
        assert!(buffer[..12].iter().all(|byte| *byte == 7));
        assert!(buffer[12..].iter().all(|byte| *byte == 0));
    }
    assert_eq!(alone.end.counters().long_answers, 1);
}

#[test]
fn what_does_not_fit_into_the_area_is_not_sent() {
    let mut alone = alone();
    let large = Err(SendError::TooLarge { bytes: 105 });
    assert_eq!(alone.end.send(0, &[0; 105], 12), large);
    assert_eq!(alone.end.send(0, &request(), 105), large);
    assert_eq!(alone.end.send(0, &[0; 104], 104), Ok(()));
    let mut end = alone.end.with_max_message(40);
    assert_eq!(end.limits().max_message, 40);
    assert_eq!(end.send(0, &[0; 41], 12), Err(SendError::TooLarge { bytes: 41 }));
}

#[test]
fn what_nobody_hears_is_taken_back() {
    let mut alone = alone();
    alone.end.doorbell().broken = true;
    assert_eq!(alone.end.send(0, &request(), 12), Err(SendError::Closed));
    assert!(area(alone.commands).status().is_free());
    assert_eq!((alone.end.counters().unheard, alone.end.counters().commands), (1, 0));
    alone.end.doorbell().broken = false;
    assert_eq!(alone.end.send(0, &request(), 12), Ok(()));
}

#[test]
fn flags_say_whether_to_interrupt() {
    let mut alone = alone();
    alone.end.send(0, &request(), 12).expect("it is free");
    assert_eq!(bytes(alone.commands)[16..20], [0; 4]);
    alone.answer(8, &[0; 8], ChannelStatus::FREE);
    alone.end.receive(&mut [0; 12]).expect("it was answered");
    let mut end = alone.end.with_interrupts();
    end.send(0, &request(), 12).expect("it is free");
    assert_eq!(bytes(alone.commands)[16..20], [1, 0, 0, 0]);
}

#[test]
fn an_event_is_given_back_before_it_is_looked_at() {
    let mut alone = alone();
    alone.notify(12, &[5; 12], 0);
    let mut buffer = [0; 136];
    assert_eq!(alone.end.receive(&mut buffer), Some(Received::Event { len: 12 }));
    assert_eq!(buffer[..12], [5; 12]);
    assert_eq!(area(alone.events).status(), ChannelStatus::FREE);
    assert_eq!(alone.end.receive(&mut buffer), None);
    assert_eq!(alone.bell.take(), [], "nobody wanted to know");
    alone.notify(4, &[5; 4], 1);
    assert_eq!(alone.end.receive(&mut buffer[..2]), Some(Received::Event { len: 2 }));
    assert_eq!(alone.bell.take(), [Line::EventTaken]);
}

#[test]
fn an_event_with_a_length_that_cannot_be_is_given_back_unread() {
    let mut alone = alone();
    for length in [0, 3, 105, u32::MAX] {
        alone.notify(length, &[5; 12], 1);
        assert_eq!(alone.end.receive(&mut [0; 136]), None);
        assert_eq!(area(alone.events).status(), ChannelStatus::FREE);
    }
    assert_eq!((alone.end.counters().bad_events, alone.end.counters().events), (4, 0));
    assert_eq!(alone.bell.take(), [Line::EventTaken; 4]);
}

#[test]
fn nobody_sleeps_over_what_has_come() {
    let mut alone = alone();
    alone.end.wait(Time::NEVER);
    assert_eq!(alone.end.clock().sleeps, 1);
    alone.notify(12, &[5; 12], 0);
    alone.end.wait(Time::NEVER);
    assert_eq!(alone.end.clock().sleeps, 1);
    alone.end.receive(&mut [0; 12]).expect("it came");
    alone.end.send(0, &request(), 12).expect("it is free");
    alone.end.wait(Time::NEVER);
    assert_eq!(alone.end.clock().sleeps, 2);
    alone.answer(8, &[0; 8], ChannelStatus::FREE);
    alone.end.wait(Time::NEVER);
    assert_eq!(alone.end.clock().sleeps, 2);
}
