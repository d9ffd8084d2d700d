//! Many calls at once, without I/O.

use core::time::Duration;

use super::error::CallError;
use super::events::{Event, Events};
use super::slot::{Answered, CallId, Slot, State};
use crate::time::{Time, earliest};
use crate::wire::{Header, MessageId, MessageType, ProtocolId, Writer};

/// The asking engine: `SLOTS` calls at once, each with `BYTES` for its command and as many for its answer, and
/// `EVENTS` notifications that wait to be taken.
///
/// Drive it so: [`Agent::start`] calls, give what [`Agent::poll_transmit`] says to the channel, give what comes
/// from the channel to [`Agent::handle_reply`] and [`Agent::handle_event`], call [`Agent::handle_timeout`] when
/// [`Agent::next_deadline`] has come, and take answers with [`Agent::poll`].
#[derive(Debug)]
pub struct Agent<const SLOTS: usize = 16, const BYTES: usize = 136, const EVENTS: usize = 32> {
    slots: [Slot<BYTES>; SLOTS],
    events: Events<EVENTS, BYTES>,
    next_token: u16,
    counters: Counters,
}

/// What an agent wants of a platform.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Which protocol.
    pub protocol: ProtocolId,
    /// Which of its messages.
    pub message: MessageId,
    /// The parameters.
    pub params: &'a [u8],
    /// Most bytes of values that are expected after the status.
    pub values: usize,
    /// Whether the values come with a delayed response.
    pub delayed: bool,
}

/// How long an agent waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the response to a command.
    pub response: Duration,
    /// For a delayed response, after the immediate one.
    pub delayed: Duration,
}

impl Default for Timeouts {
    /// 2 s for a response, and 2 s for a delayed one, as Linux waits for it.
    fn default() -> Self {
        Self { response: Duration::from_secs(2), delayed: Duration::from_secs(2) }
    }
}

/// A command for the channel.
#[derive(Clone, Copy, Debug)]
pub struct Transmit<'a> {
    /// Names the buffer.
    pub tag: u16,
    /// The command.
    pub bytes: &'a [u8],
    /// Room for the answer, header and status included.
    pub room: usize,
    /// Whether a delayed response is to follow the answer.
    pub delayed: bool,
}

/// What an agent dropped, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Answers to calls that had been given up.
    pub late: u64,
    /// Answers that nobody had asked for: unknown buffers, unknown tokens, a second answer.
    pub unexpected: u64,
    /// Messages too short for a header, or of a type that has no business there.
    pub malformed: u64,
    /// Notifications that nobody took in time.
    pub events_lost: u64,
}

impl<const SLOTS: usize, const BYTES: usize, const EVENTS: usize> Default
    for Agent<SLOTS, BYTES, EVENTS>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const SLOTS: usize, const BYTES: usize, const EVENTS: usize> Agent<SLOTS, BYTES, EVENTS> {
    const SIZES: () = assert!(
        SLOTS > 0 && SLOTS <= 512 && BYTES >= 12 && EVENTS > 0,
        "tokens have 10 bits, and half of them may be lost"
    );

    /// An engine with all slots free.
    pub const fn new() -> Self {
        let () = Self::SIZES;
        Self {
            slots: [const { Slot::NEW }; SLOTS],
            events: Events::new(),
            next_token: 0,
            counters: Counters { late: 0, unexpected: 0, malformed: 0, events_lost: 0 },
        }
    }

    /// Takes a call in. Its bytes are copied; give them to the channel with [`Self::poll_transmit`].
    ///
    /// # Errors
    /// [`CallError::NoSlot`] and [`CallError::TooLarge`].
    pub fn start(
        &mut self,
        now: Time,
        request: &Request<'_>,
        timeouts: Timeouts,
    ) -> Result<CallId, CallError> {
        let command = Header::BYTES.saturating_add(request.params.len());
        let room = request.values.saturating_add(8);
        let bytes = command.max(room);
        if bytes > BYTES {
            return Err(CallError::TooLarge { bytes, most: BYTES });
        }
        let free = self.slots.iter().position(|slot| slot.state == State::Free);
        let lost = self.lost();
        let (Some(index), Some(token)) = (free, self.token()) else {
            return Err(CallError::NoSlot { lost });
        };
        let Some(slot) = self.slots.get_mut(index) else {
            return Err(CallError::NoSlot { lost });
        };
        let header = Header::command(request.protocol, request.message, token);
        let delayed = request.delayed.then_some(timeouts.delayed);
        slot.begin(header, delayed, now.after(timeouts.response));
        slot.room = room;
        let mut writer = Writer::new(&mut slot.request);
        // Checked above: it fits.
        let _fits = writer.put(&header.to_bytes()).and_then(|()| writer.put_bytes(request.params));
        slot.request_len = writer.len();
        let generation = slot.generation;
        Ok(CallId { slot: u16::try_from(index).unwrap_or(u16::MAX), generation })
    }

    /// The token of the next call, if no call holds it; `[9:0]` count. Where others may have commands in flight on
    /// the same way, somewhere in the range is better than its begin.
    pub const fn set_next_token(&mut self, token: u16) {
        self.next_token = token;
    }

    /// A token that no call holds: tokens go round, so that one comes back as late as can be.
    fn token(&mut self) -> Option<u16> {
        for _ in 0..=Header::TOKEN_MASK {
            let token = self.next_token & Header::TOKEN_MASK;
            self.next_token = token.wrapping_add(1);
            if !self.slots.iter().any(|slot| slot.holds_token() && slot.header.token() == token) {
                return Some(token);
            }
        }
        None
    }

    /// The next command for the channel; from here on the channel has its buffer. Ask until there is none.
    pub fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        let queued = |slot: &Slot<BYTES>| matches!(slot.state, State::Queued { .. });
        let index = self.slots.iter().position(queued)?;
        let slot = self.slots.get_mut(index)?;
        let State::Queued { deadline } = slot.state else { return None };
        slot.state = State::InFlight { deadline };
        let bytes = slot.request.get(..slot.request_len)?;
        let (room, delayed) = (slot.room, slot.delayed.is_some());
        Some(Transmit { tag: u16::try_from(index).ok()?, bytes, room, delayed })
    }

    /// The channel did not take this one: it waits for the next [`Self::poll_transmit`], or is over if it was
    /// given up meanwhile.
    pub fn not_sent(&mut self, tag: u16) {
        if let Some(slot) = self.slots.get_mut(usize::from(tag)) {
            slot.take_back();
        }
    }

    /// A command's buffer came back with these bytes.
    pub fn handle_reply(&mut self, now: Time, tag: u16, bytes: &[u8]) {
        let answered = match self.slots.get_mut(usize::from(tag)) {
            Some(slot) => slot.buffer_back(now, bytes),
            None => Answered::Unexpected,
        };
        self.count(answered);
    }

    /// A message came that belongs to no buffer: a notification or a delayed response.
    pub fn handle_event(&mut self, bytes: &[u8]) {
        let Some((header, payload)) = Header::parse(bytes).zip(bytes.get(Header::BYTES..)) else {
            self.counters.malformed = self.counters.malformed.wrapping_add(1);
            return;
        };
        match header.kind() {
            MessageType::NOTIFICATION => {
                let lost = self.events.push(header, payload);
                self.counters.events_lost = self.counters.events_lost.wrapping_add(u64::from(lost));
            }
            MessageType::DELAYED_RESPONSE => {
                let slot = self
                    .slots
                    .iter_mut()
                    .find(|slot| slot.holds_token() && slot.header.delayed_response() == header);
                let answered = slot.map_or(Answered::Unexpected, |slot| slot.delayed_came(bytes));
                self.count(answered);
            }
            _ => self.counters.malformed = self.counters.malformed.wrapping_add(1),
        }
    }

    fn count(&mut self, answered: Answered) {
        let counter = match answered {
            Answered::Progress => return,
            Answered::Late => &mut self.counters.late,
            Answered::Unexpected => &mut self.counters.unexpected,
        };
        *counter = counter.wrapping_add(1);
    }

    /// Ends the calls whose time is over. Their slots stay lost until their buffers come back.
    pub fn handle_timeout(&mut self, now: Time) {
        for slot in &mut self.slots {
            if slot.deadline().is_some_and(|deadline| deadline <= now) {
                slot.give_up();
            }
        }
    }

    /// When [`Self::handle_timeout`] is wanted next.
    pub fn next_deadline(&self) -> Option<Time> {
        self.slots.iter().map(Slot::deadline).fold(None, earliest)
    }

    /// How a call ended: its values, or why there are none; none while it goes on. The slot is free after
    /// that, unless its buffer is still out.
    pub fn poll(&mut self, call: CallId) -> Option<Result<&[u8], CallError>> {
        let slot = self.slots.get_mut(usize::from(call.slot))?;
        if slot.generation != call.generation {
            return Some(Err(CallError::TimedOut { delayed: false }));
        }
        match slot.state {
            State::Queued { .. } | State::InFlight { .. } | State::AwaitsDelayed { .. } => None,
            State::Done(result) => {
                slot.state = State::Free;
                Some(result.map(|()| slot.values()))
            }
            State::Lost { .. } | State::Free => Some(Err(CallError::TimedOut { delayed: false })),
            State::Owed => Some(Err(CallError::TimedOut { delayed: true })),
        }
    }

    /// Gives a call up. What still comes for it is counted as late.
    pub fn forget(&mut self, call: CallId) {
        if let Some(slot) = self.slots.get_mut(usize::from(call.slot))
            && slot.generation == call.generation
        {
            slot.give_up();
        }
    }

    /// The notification that came first and was not taken yet.
    pub fn poll_event(&mut self) -> Option<Event<BYTES>> {
        self.events.pop()
    }

    /// The channel was reset: all buffers are back, nothing will come any more. Calls in flight have failed.
    pub fn reset(&mut self) {
        for slot in &mut self.slots {
            slot.state = State::Free;
        }
        self.events.clear();
    }

    /// Slots of calls that were given up and whose buffer or delayed response has not come.
    pub fn lost(&self) -> usize {
        let lost = |slot: &&Slot<BYTES>| matches!(slot.state, State::Lost { .. } | State::Owed);
        self.slots.iter().filter(lost).count()
    }

    /// What was dropped so far.
    pub const fn counters(&self) -> Counters {
        self.counters
    }
}
