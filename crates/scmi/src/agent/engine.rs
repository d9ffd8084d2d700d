//! Many calls at once, without I/O.

use core::task::{Poll, Waker};

use super::counters::{Counters, count};
use super::error::CallError;
use super::events::{Event, Events};
use super::request::{Request, Timeouts, Transmit};
use super::slot::{Answered, CallId, Slot, Stage};
use super::wakers::{Waiting, Woken, register};
use crate::time::Time;
use crate::transport::SendError;
use crate::wire::{Header, MessageType, Writer};

/// The asking engine: `SLOTS` calls at once, each with `BYTES` for its command and as many for its answer, and
/// `EVENTS` notifications that wait to be taken.
///
/// Drive it so: [`Agent::start`] calls, give what [`Agent::poll_transmit`] says to the channel, give what comes
/// from the channel to [`Agent::handle_reply`] and [`Agent::handle_event`], call [`Agent::handle_timeout`] when
/// [`Agent::next_deadline`] has come, and take answers with [`Agent::poll`]. [`super::Link`] does all that.
///
/// A slot is free, queued, in flight, awaits its delayed response, or done; given up, it is *lost* until its buffer
/// comes back, and *owed* until its delayed response does. A slot that is lost or owed is not used, and neither is its
/// token: what comes late finds nobody.
// In this order what is small is reached by short instructions: firmware is small.
#[derive(Debug)]
#[repr(C)]
pub struct Agent<const SLOTS: usize = 16, const BYTES: usize = 136, const EVENTS: usize = 32> {
    next_token: u16,
    next_order: u32,
    life: u32,
    counters: Counters,
    reader: Option<Waker>,
    waiting: Waiting<SLOTS>,
    slots: [Slot<BYTES>; SLOTS],
    events: Events<EVENTS, BYTES>,
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
            next_order: 0,
            life: 0,
            counters: Counters::ZERO,
            waiting: Waiting::NOBODY,
            reader: None,
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
            return Err(CallError::too_large(bytes, BYTES));
        }
        let index = self.vacant(now);
        let token = if index.is_some() { self.token() } else { None };
        let (life, order) = (self.life, self.next_order);
        let (Some(index), Some(token)) = (index, token) else {
            return Err(CallError::no_slot(self.lost()));
        };
        let Some(slot) = self.slots.get_mut(index) else { return Err(CallError::no_slot(0)) };
        self.next_order = order.wrapping_add(1);
        let header = Header::command(request.protocol, request.message, token);
        let delayed = request.delayed.then_some(timeouts.delayed);
        slot.begin(header, delayed, now.after(timeouts.response));
        slot.tag = tag(index, SLOTS, slot.generation);
        slot.order = order;
        slot.room = room;
        let mut writer = Writer::new(&mut slot.request);
        // Checked above: it fits.
        let _fits = writer.put(&header.to_bytes()).and_then(|()| writer.put_bytes(request.params));
        slot.request_len = writer.len();
        let generation = slot.generation;
        Ok(CallId { slot: u16::try_from(index).unwrap_or(u16::MAX), generation, life })
    }

    /// A free slot; where there is none, that of the answer that has waited for its owner longest after its deadline.
    // There once: firmware is small.
    #[inline(never)]
    fn vacant(&mut self, now: Time) -> Option<usize> {
        let mut longest = now.as_nanos();
        let mut found = None;
        for (index, slot) in self.slots.iter().enumerate() {
            let until = slot.until.as_nanos();
            match slot.stage {
                Stage::Free => return Some(index),
                Stage::Done if until < longest || until == longest && found.is_none() => {
                    (longest, found) = (until, Some(index));
                }
                _ => {}
            }
        }
        self.slots.get_mut(found?)?.stage = Stage::Free;
        count(&mut self.counters.abandoned);
        found
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

    /// The next command for the channel, the one that was started first; from here on the channel has its buffer. Ask
    /// until there is none.
    pub fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        let mut oldest = u32::MAX;
        let mut first = None;
        for slot in &mut self.slots {
            let age = slot.order.wrapping_sub(self.next_order);
            if slot.stage == Stage::Queued && age <= oldest {
                (oldest, first) = (age, Some(slot));
            }
        }
        let slot = first?;
        slot.stage = Stage::InFlight;
        let bytes = slot.request.get(..slot.request_len)?;
        Some(Transmit { tag: slot.tag, bytes, room: slot.room, delayed: slot.delayed })
    }

    /// The channel did not take this one: it waits for the next [`Self::poll_transmit`], or is over if it was
    /// given up meanwhile.
    pub fn not_sent(&mut self, tag: u16) {
        self.unsent(tag, None);
    }

    /// The channel will never take this one: its call ends with `error`.
    pub fn refuse(&mut self, tag: u16, error: SendError) {
        self.unsent(tag, Some(error));
        self.waiting.change();
    }

    /// The channel did not take this one, and never will if that is said why.
    // There once: firmware is small.
    #[inline(never)]
    fn unsent(&mut self, tag: u16, never: Option<SendError>) {
        if let Some(slot) = self.by_tag(tag) {
            slot.take_back(never);
        }
    }

    fn by_tag(&mut self, tag: u16) -> Option<&mut Slot<BYTES>> {
        let index = usize::from(tag).checked_rem(SLOTS)?;
        self.slots.get_mut(index).filter(|slot| slot.tag == tag && slot.generation != 0)
    }

    /// A command's buffer came back with these bytes. More than there was room for are not looked at.
    pub fn handle_reply(&mut self, now: Time, tag: u16, bytes: &[u8]) {
        let mut cut = false;
        let answered = match self.by_tag(tag) {
            Some(slot) => {
                cut = bytes.len() > slot.room;
                slot.buffer_back(now, bytes.get(..slot.room).unwrap_or(bytes))
            }
            None => Answered::Unexpected,
        };
        if cut && answered != Answered::Unexpected {
            count(&mut self.counters.cut);
        }
        self.count(answered);
    }

    /// A message came that belongs to no buffer: a notification or a delayed response.
    pub fn handle_event(&mut self, bytes: &[u8]) {
        let Some((header, payload)) = Header::parse(bytes).zip(bytes.get(Header::BYTES..)) else {
            count(&mut self.counters.malformed);
            return;
        };
        match header.kind() {
            MessageType::NOTIFICATION => {
                if payload.len() > BYTES {
                    count(&mut self.counters.cut);
                }
                if self.events.push(header, payload) {
                    count(&mut self.counters.events_lost);
                }
            }
            MessageType::DELAYED_RESPONSE => {
                let slot = self
                    .slots
                    .iter_mut()
                    .find(|slot| slot.holds_token() && slot.header.delayed_response() == header);
                let answered = slot.map_or(Answered::Unexpected, |slot| slot.delayed_came(bytes));
                self.count(answered);
            }
            _ => count(&mut self.counters.malformed),
        }
    }

    fn count(&mut self, answered: Answered) {
        self.waiting.change();
        match answered {
            Answered::Progress => {}
            Answered::Spoiled => count(&mut self.counters.spoiled),
            Answered::Late => count(&mut self.counters.late),
            Answered::Unexpected => count(&mut self.counters.unexpected),
        }
    }

    /// Ends the calls whose time is over. Their slots stay lost until their buffers come back.
    pub fn handle_timeout(&mut self, now: Time) {
        for slot in &mut self.slots {
            if slot.goes_on() && slot.until <= now {
                slot.give_up();
                count(&mut self.counters.timed_out);
                self.waiting.change();
            }
        }
        if !self.waiting.is_empty() && self.vacant(now).is_some() {
            self.waiting.change();
        }
    }

    /// When [`Self::handle_timeout`] is wanted next.
    pub fn next_deadline(&self) -> Option<Time> {
        Some(self.due()).filter(|due| *due < Time::NEVER)
    }

    /// As [`Self::next_deadline`]; [`Time::NEVER`] for none.
    pub(super) fn due(&self) -> Time {
        let mut due = Time::NEVER;
        let waits = !self.waiting.is_empty();
        for slot in &self.slots {
            // Whoever waits for a slot gets that of an answer that nobody takes.
            if slot.goes_on() || waits && slot.stage == Stage::Done {
                due = due.min(slot.until);
            }
        }
        due
    }

    /// Whether a call has not ended yet.
    pub fn goes_on(&self, call: CallId) -> bool {
        let slot = self.slots.get(usize::from(call.slot));
        call.life == self.life
            && slot.is_some_and(|slot| slot.generation == call.generation && slot.goes_on())
    }

    /// How a call ended: its values, or why there are none; none while it goes on. The slot is free after
    /// that, unless its buffer is still out.
    pub fn poll(&mut self, call: CallId) -> Option<Result<&[u8], CallError>> {
        if call.life != self.life {
            return Some(Err(CallError::Channel(SendError::Closed)));
        }
        let slot = self.slots.get_mut(usize::from(call.slot))?;
        if slot.generation != call.generation {
            return Some(Err(CallError::TimedOut { delayed: false }));
        }
        match slot.stage {
            Stage::Queued | Stage::InFlight | Stage::AwaitsDelayed => None,
            Stage::Done => {
                slot.stage = Stage::Free;
                self.waiting.change();
                Some(slot.values())
            }
            lost => Some(Err(CallError::TimedOut { delayed: lost == Stage::Owed })),
        }
    }

    /// As [`Self::poll`]; while the call goes on `waker` is remembered, to be found in [`Self::take_woken`] when it
    /// has ended. A call has one waker, the last.
    pub fn poll_or_wake(&mut self, call: CallId, waker: &Waker) -> Poll<Result<&[u8], CallError>> {
        let mine = |slot: &&mut Slot<BYTES>| slot.generation == call.generation && slot.goes_on();
        let slot = self.slots.get_mut(usize::from(call.slot));
        if call.life == self.life
            && let Some(slot) = slot.filter(mine)
        {
            register(&mut slot.waker, waker);
            return Poll::Pending;
        }
        self.poll(call).map_or(Poll::Pending, Poll::Ready)
    }

    /// Gives a call up. What still comes for it is counted as late.
    pub fn forget(&mut self, call: CallId) {
        if call.life == self.life
            && let Some(slot) = self.slots.get_mut(usize::from(call.slot))
            && slot.generation == call.generation
        {
            slot.give_up();
            slot.waker = None;
            self.waiting.change();
        }
    }

    /// The notification that came first and was not taken yet.
    pub fn poll_event(&mut self) -> Option<Event<BYTES>> {
        self.events.pop()
    }

    /// As [`Self::poll_event`]; while there is none `waker` is remembered. There is one place for it: one task takes
    /// the notifications.
    pub fn poll_event_or_wake(&mut self, waker: &Waker) -> Poll<Event<BYTES>> {
        let event = self.events.pop();
        if event.is_none() {
            register(&mut self.reader, waker);
        }
        event.map_or(Poll::Pending, Poll::Ready)
    }

    /// Remembers a task that waits for a slot, or for a channel; it is woken at every change, to try again. There is
    /// room for as many as there are slots; whether there was.
    pub fn wait(&mut self, waker: &Waker) -> bool {
        self.waiting.add(waker)
    }

    /// Whom to wake, because their calls have ended, notifications have come, or what they wait for may be there. Ask
    /// after everything else that was done with the engine, and wake them when others can use it again.
    pub fn take_woken(&mut self) -> Woken<SLOTS> {
        let mut woken = Woken::NOBODY;
        for (slot, place) in self.slots.iter_mut().zip(&mut woken.calls) {
            if !slot.goes_on() {
                *place = slot.waker.take();
            }
        }
        woken.waiting = self.waiting.take();
        if !self.events.is_empty() {
            woken.events = self.reader.take();
        }
        woken
    }

    /// The channel has ended: nothing comes any more, all buffers are back. Calls that go on end with
    /// [`SendError::Closed`]; answers that have come can still be taken.
    pub fn close(&mut self) {
        for slot in &mut self.slots {
            if slot.close() {
                count(&mut self.counters.closed);
            }
        }
        self.waiting.change();
    }

    /// The channel was reset: all buffers are back, nothing will come any more. All slots are free; whoever still asks
    /// for a call learns [`SendError::Closed`]. Notifications that were not taken are dropped.
    pub fn reset(&mut self) {
        self.close();
        self.life = self.life.wrapping_add(1);
        for slot in &mut self.slots {
            slot.stage = Stage::Free;
        }
        self.drop_events();
    }

    pub(super) fn drop_events(&mut self) {
        let dropped = self.events.clear();
        self.counters.events_lost = self.counters.events_lost.wrapping_add(dropped);
    }

    /// The platform has dropped all delayed responses that it owed, as it does at RESET_AGENT_CONFIGURATION (section
    /// 6) and when another release of it was started. Calls that wait for one end as timed out, and slots whose
    /// buffers are back are free.
    pub fn nothing_is_owed(&mut self) {
        for slot in &mut self.slots {
            if slot.owe_nothing() {
                count(&mut self.counters.timed_out);
            }
        }
        self.waiting.change();
    }

    /// Slots of calls that were given up and whose buffer or delayed response has not come.
    pub fn lost(&self) -> usize {
        self.slots.iter().filter(|slot| slot.is_lost()).count()
    }

    /// Slots that hold an answer, or the news that there is none, that nobody has taken.
    pub fn untaken(&self) -> usize {
        self.slots.iter().filter(|slot| slot.stage == Stage::Done).count()
    }

    /// Slots that the next calls can have, those aside whose answers nobody takes.
    pub fn free(&self) -> usize {
        self.slots.iter().filter(|slot| slot.stage == Stage::Free).count()
    }

    /// What was dropped so far.
    pub const fn counters(&self) -> Counters {
        self.counters
    }
}

/// The name of a slot's buffer: its number and as much of its generation as fits into 16 bits.
fn tag(index: usize, slots: usize, generation: u32) -> u16 {
    let names = usize::from(u16::MAX).saturating_add(1);
    let laps = names.checked_div(slots).unwrap_or(1);
    let lap = usize::try_from(generation).unwrap_or(0).checked_rem(laps).unwrap_or(0);
    u16::try_from(lap.wrapping_mul(slots).wrapping_add(index)).unwrap_or(u16::MAX)
}
