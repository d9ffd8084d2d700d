//! One command at a time.

use scmi::Time;
use scmi::transport::{Channel, Limits, Received, SendError};

use super::clock::Clock;
use super::counters::Counters;
use crate::area::Area;
use crate::count;
use crate::doorbell::{Doorbell, Line};
use crate::layout::{ChannelFlags, ChannelStatus};
use crate::memory::Memory;

/// An agent's end of its areas: one for commands, and perhaps a second one for events.
///
/// # The rules
///
/// - A command is in flight from [`send`](Channel::send) until its answer is taken with
///   [`receive`](Channel::receive); a second one is [`SendError::Full`] meanwhile. An agent that gives a call up
///   changes nothing here: the area is the platform's until the platform marks it free.
/// - The area is touched only while it is free; also at first: who starts while the platform is still busy with a
///   command of an earlier life has to wait.
/// - The answer is copied once, cut to the room that its command had. One with a length that cannot be comes as an
///   empty answer, and so does an area that came back with its error bit set; the engine above says what is wrong.
/// - An event is copied once, and its area marked free, before it is looked at.
#[derive(Debug)]
pub struct AgentEnd<M, D, C> {
    commands: Area<M>,
    events: Option<Area<M>>,
    doorbell: D,
    clock: C,
    flags: ChannelFlags,
    max_message: usize,
    state: State,
    counters: Counters,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// The platform has the area, or has given it back and nobody has looked.
    InFlight {
        tag: u16,
        room: usize,
    },
}

impl<M: Memory, D: Doorbell, C: Clock> AgentEnd<M, D, C> {
    /// An end that sends commands through an area, has no way for events, and polls for answers.
    pub fn new(commands: Area<M>, doorbell: D, clock: C) -> Self {
        let max_message = commands.max_message();
        Self {
            commands,
            events: None,
            doorbell,
            clock,
            flags: ChannelFlags::POLLING,
            max_message,
            state: State::Idle,
            counters: Counters::default(),
        }
    }

    /// Takes notifications and delayed responses from a second area.
    #[must_use]
    pub fn with_events(mut self, events: Area<M>) -> Self {
        self.events = Some(events);
        self
    }

    /// Has the platform ring when a command is done; [`Clock::sleep`] has to hear of it.
    #[must_use]
    pub const fn with_interrupts(mut self) -> Self {
        self.flags = ChannelFlags::INTERRUPT;
        self
    }

    /// Sends and expects no message of more than so many bytes, its header included, if the area has room for more:
    /// what a device tree says in `arm,max-msg-size`, and 4 for the header and 4 for the status.
    #[must_use]
    pub fn with_max_message(mut self, bytes: usize) -> Self {
        self.max_message = self.max_message.min(bytes);
        self
    }

    /// What was seen so far.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The doorbell.
    pub const fn doorbell(&mut self) -> &mut D {
        &mut self.doorbell
    }

    /// The clock.
    pub const fn clock(&mut self) -> &mut C {
        &mut self.clock
    }

    /// Forgets the command in flight, if there is one: its answer will not be told of. The area can be used again
    /// when the platform has given it back. For an engine that was reset as well.
    pub const fn forget(&mut self) {
        self.state = State::Idle;
    }

    /// Whether [`receive`](Channel::receive) would find something.
    fn is_ready(&self) -> bool {
        let answered = self.state != State::Idle && self.commands.status().is_free();
        answered || self.events.as_ref().is_some_and(|events| !events.status().is_free())
    }

    /// The answer to the command in flight, once the area is back.
    fn answer(&mut self, buffer: &mut [u8]) -> Option<Received> {
        let State::InFlight { tag, room } = self.state else { return None };
        let status = self.commands.status();
        if !status.is_free() {
            return None;
        }
        self.state = State::Idle;
        if status.is_error() {
            count(&mut self.counters.errors);
            return Some(Received::Reply { tag, len: 0 });
        }
        let Some(length) = self.commands.length() else {
            count(&mut self.counters.bad_answers);
            return Some(Received::Reply { tag, len: 0 });
        };
        count(&mut self.counters.answers);
        if length > room {
            count(&mut self.counters.long_answers);
        }
        let len = length.min(room).min(buffer.len());
        self.commands.read(buffer.get_mut(..len).unwrap_or_default());
        Some(Received::Reply { tag, len })
    }

    /// The event in the second area. Looks once: whoever gives nonsense and is back at once gets no second look.
    fn event(&mut self, buffer: &mut [u8]) -> Option<Received> {
        let events = self.events.as_ref()?;
        if events.status().is_free() {
            return None;
        }
        let wants_to_know = events.flags().wants_interrupt();
        let len = events.length().map(|length| length.min(self.max_message).min(buffer.len()));
        if let Some(buffer) = len.and_then(|len| buffer.get_mut(..len)) {
            events.read(buffer);
        }
        events.give(ChannelStatus::FREE);
        if wants_to_know {
            // If nobody hears it, nobody waits for it.
            let _heard = self.doorbell.ring(Line::EventTaken);
        }
        count(match len {
            Some(_) => &mut self.counters.events,
            None => &mut self.counters.bad_events,
        });
        len.map(|len| Received::Event { len })
    }
}

impl<M: Memory, D: Doorbell, C: Clock> Channel for AgentEnd<M, D, C> {
    fn send(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        let bytes = request.len().max(room);
        if bytes > self.max_message {
            return Err(SendError::too_large(bytes));
        }
        if self.state != State::Idle || !self.commands.status().is_free() {
            return Err(SendError::Full);
        }
        self.commands.write(request);
        self.commands.set_flags(self.flags);
        self.commands.give(ChannelStatus::BUSY);
        if self.doorbell.ring(Line::Command).is_err() {
            self.commands.give(ChannelStatus::FREE);
            count(&mut self.counters.unheard);
            return Err(SendError::Closed);
        }
        self.state = State::InFlight { tag, room };
        count(&mut self.counters.commands);
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        match self.answer(buffer) {
            Some(answer) => Some(answer),
            None => self.event(buffer),
        }
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn wait(&mut self, until: Time) {
        if !self.is_ready() {
            self.clock.sleep(until);
        }
    }

    fn limits(&self) -> Limits {
        Limits { in_flight: 1, max_message: self.max_message, p2a: self.events.is_some() }
    }
}
