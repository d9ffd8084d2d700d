//! What becomes of each ring.

use scmi::Time;
use scmi::platform::{AgentId, EventOutcome, Link, Outcome, Platform, Ticket};
use scmi::wire::{Header, Status};

use super::counters::Counters;
use crate::area::Area;
use crate::count;
use crate::doorbell::{Doorbell, Line};
use crate::layout::{ChannelFlags, ChannelStatus};
use crate::memory::Memory;

/// What Linux sends and takes: header, status and 128 bytes.
const USUAL_BYTES: usize = 136;

/// A header and a status.
const STATUS_ONLY: usize = 8;

/// One agent's areas, from the platform's side: one for commands, and perhaps a second one for events.
///
/// `BYTES` is the most that a message can have here, also where the area has room for more. 136 is what Linux takes:
/// a longer answer would be cut there.
///
/// # The rules
///
/// - An area is looked at when its doorbell has rung, not before: agents (Linux among them) take the area first and
///   write the command after that.
/// - Flags, length and command are read once, into our own copy, then judged. What the agent writes later changes
///   nothing.
/// - A message whose length cannot be, or that the platform drops, gets the error bit, and the area is given back with
///   the rest of it untouched. A command that is longer than `BYTES` is answered with PROTOCOL_ERROR.
/// - The answer is written first, then the area marked free, then the agent rung if the command's flags asked for it.
/// - Events go out one at a time, the next when the agent has marked the area free; the answer to a command is out
///   before the events that follow from it. Until then they wait in the platform, which bounds them.
#[derive(Debug)]
pub struct PlatformEnd<M, D, const BYTES: usize = USUAL_BYTES> {
    commands: Area<M>,
    events: Option<Area<M>>,
    event_flags: ChannelFlags,
    doorbell: D,
    agent: AgentId,
    parked: Option<Parked>,
    request: [u8; BYTES],
    reply: [u8; BYTES],
    counters: Counters,
}

#[derive(Clone, Copy, Debug)]
struct Parked {
    ticket: Ticket,
    flags: ChannelFlags,
}

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// There was none.
    Nothing,
    /// The area is the agent's again.
    Answered,
    /// The answer comes later, from [`PlatformEnd::poll`]. An agent that takes the end of its `smc` for the end of its
    /// command (Linux does) must not go on before that, unless it has an interrupt for it (`a2p`).
    Later,
}

impl<M: Memory, D: Doorbell> PlatformEnd<M, D> {
    /// The end of an agent that sends commands through an area and cannot be sent events.
    pub fn new(agent: AgentId, commands: Area<M>, doorbell: D) -> Self {
        Self::sized(agent, commands, doorbell)
    }
}

impl<M: Memory, D: Doorbell, const BYTES: usize> PlatformEnd<M, D, BYTES> {
    const SIZES: () = assert!(BYTES >= STATUS_ONLY, "an answer has a header and a status");

    /// The same for messages of up to `BYTES`.
    pub fn sized(agent: AgentId, commands: Area<M>, doorbell: D) -> Self {
        let () = Self::SIZES;
        Self {
            commands,
            events: None,
            event_flags: ChannelFlags::POLLING,
            doorbell,
            agent,
            parked: None,
            request: [0; BYTES],
            reply: [0; BYTES],
            counters: Counters::default(),
        }
    }

    /// Sends notifications and delayed responses through a second area.
    #[must_use]
    pub fn with_events(mut self, events: Area<M>) -> Self {
        self.events = Some(events);
        self
    }

    /// Has the agent ring ([`Line::EventTaken`]) when it has taken an event: call [`Self::poll`] then. Otherwise call
    /// that now and then while [`Platform::has_event`] says so.
    #[must_use]
    pub const fn with_event_interrupts(mut self) -> Self {
        self.event_flags = ChannelFlags::INTERRUPT;
        self
    }

    /// Begins a life of the agent, and ends an earlier one: its channel comes to life in the platform, and both areas
    /// are free, with nothing in them. Call it before the agent runs, and when it was reset.
    pub fn connect(&mut self, now: Time, platform: &mut Platform) {
        platform.connect(now, self.agent, Link::new(self.events.is_some()));
        self.parked = None;
        for area in core::iter::once(&self.commands).chain(&self.events) {
            area.write(&[0; 4]);
            area.set_flags(ChannelFlags::POLLING);
            area.give(ChannelStatus::FREE);
        }
    }

    /// Ends the agent's life: its channel ends in the platform. Its memory is left alone.
    pub fn disconnect(&mut self, now: Time, platform: &mut Platform) {
        platform.disconnect(now, self.agent);
        self.parked = None;
    }

    /// Whose end it is.
    pub const fn agent(&self) -> AgentId {
        self.agent
    }

    /// What was seen so far.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The doorbell.
    pub const fn doorbell(&mut self) -> &mut D {
        &mut self.doorbell
    }

    /// Whether a command waits for its answer.
    pub const fn is_parked(&self) -> bool {
        self.parked.is_some()
    }

    /// The agent's doorbell rang ([`Line::Command`]): answers the command that is there. Harmless when there is none.
    ///
    /// Call [`Self::poll`] after it, for events, and have the ends of other agents do so that
    /// [`Platform::poll_woken`] names.
    pub fn command(&mut self, now: Time, platform: &mut Platform) -> Served {
        if self.parked.is_some() || self.commands.status().is_free() {
            count(&mut self.counters.spurious);
            return Served::Nothing;
        }
        count(&mut self.counters.commands);
        let flags = self.commands.flags();
        let Some(length) = self.commands.length() else {
            count(&mut self.counters.bad_length);
            return self.refuse(flags);
        };
        let request = self.request.get_mut(..length.min(BYTES)).unwrap_or_default();
        self.commands.read(request);
        if length > BYTES {
            count(&mut self.counters.long_commands);
            return self.status_only(flags, Status::PROTOCOL_ERROR);
        }
        let room = self.reply.get_mut(..self.commands.max_message().min(BYTES)).unwrap_or_default();
        match platform.handle(now, self.agent, request, room) {
            Outcome::Reply(len) => self.answer(flags, len),
            Outcome::Later(ticket) => {
                count(&mut self.counters.deferred);
                self.parked = Some(Parked { ticket, flags });
                Served::Later
            }
            Outcome::Dropped => {
                count(&mut self.counters.refused);
                self.refuse(flags)
            }
        }
    }

    /// Does what is due: the answer to a command that waits, then events while the agent takes them. Call it when
    /// [`Platform::next_deadline`] has come, after [`Self::command`], when [`Platform::poll_woken`] names the agent,
    /// and when it has taken an event ([`Line::EventTaken`]); earlier is harmless.
    ///
    /// [`Served::Answered`] where a command that waited was answered, [`Served::Later`] where one goes on waiting.
    pub fn poll(&mut self, now: Time, platform: &mut Platform) -> Served {
        platform.poll(now);
        let served = self.late_answer(platform);
        self.send_events(platform);
        served
    }

    fn late_answer(&mut self, platform: &mut Platform) -> Served {
        let mut served = Served::Nothing;
        while let Some(ticket) = platform.poll_reply(self.agent) {
            let room = self.commands.max_message().min(BYTES);
            let room = self.reply.get_mut(..room).unwrap_or_default();
            let len = platform.take_reply(self.agent, ticket, room);
            match self.parked.take_if(|parked| parked.ticket == ticket) {
                Some(parked) => served = self.answer(parked.flags, len),
                None => count(&mut self.counters.orphans),
            }
        }
        if self.parked.is_some() { Served::Later } else { served }
    }

    /// Events, one at a time, as long as the agent takes them at once. No new ones come meanwhile, so it ends.
    fn send_events(&mut self, platform: &mut Platform) {
        while let Some(events) = &self.events
            && platform.has_event(self.agent)
            && events.status().is_free()
        {
            let room = events.max_message().min(BYTES);
            let room = self.reply.get_mut(..room).unwrap_or_default();
            // Both an area and a reply have room for a status, so that no event is too large for good.
            let EventOutcome::Wrote(len) = platform.poll_event(self.agent, room) else { return };
            events.write(room.get(..len).unwrap_or(room));
            events.set_flags(self.event_flags);
            events.give(ChannelStatus::BUSY);
            count(&mut self.counters.events);
            self.ring(Line::Event);
        }
    }

    /// Gives the area back with the first `len` bytes of the reply.
    fn answer(&mut self, flags: ChannelFlags, len: usize) -> Served {
        self.commands.write(self.reply.get(..len).unwrap_or(&self.reply));
        self.give_back(flags, ChannelStatus::FREE)
    }

    /// Gives the area back with the command's header and a status.
    fn status_only(&mut self, flags: ChannelFlags, status: Status) -> Served {
        let header = Header::parse(&self.request).map_or(0, Header::word);
        let [a, b, c, d] = header.to_le_bytes();
        let [e, f, g, h] = status.0.to_le_bytes();
        let answer: [u8; STATUS_ONLY] = [a, b, c, d, e, f, g, h];
        self.commands.write(&answer);
        self.give_back(flags, ChannelStatus::FREE)
    }

    /// Gives the area back as one that holds nothing of sense.
    fn refuse(&mut self, flags: ChannelFlags) -> Served {
        self.give_back(flags, ChannelStatus::FREE.with(ChannelStatus::ERROR))
    }

    fn give_back(&mut self, flags: ChannelFlags, status: ChannelStatus) -> Served {
        self.commands.give(status);
        if flags.wants_interrupt() {
            self.ring(Line::Answer);
        }
        Served::Answered
    }

    fn ring(&mut self, line: Line) {
        if self.doorbell.ring(line).is_err() {
            count(&mut self.counters.unheard);
        }
    }
}
