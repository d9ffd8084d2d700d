//! The driver as an agent's channel.

use scmi::Time;
use scmi::transport::{Channel, Limits, Received, SendError};

use super::clock::Clock;
use super::counters::{Counters, count};
use super::error::{StartError, Trouble};
use super::life::Life;
use super::memory::{Dma, Shared};
use super::options::Options;
use super::queue::{AddError, Piece};
use super::queues::Queues;
use super::transport::{Interrupts, Transport};
use crate::ids::{COMMAND_QUEUE, EVENT_QUEUE};

/// An SCMI device, driven: a [`Channel`] for an agent.
///
/// `T` carries its registers, `M` is the memory that both share, `C` the time. Its queues have at most `COMMANDS` and
/// `EVENTS` entries; of the commands as many can be in flight where the device knows indirect descriptors, and
/// half as many where it does not. [`Options::memory`] says how much memory that takes.
///
/// Messages lie in shared memory of the driver's own, and are copied. So nothing of the caller's is ever with the
/// device: a call that is given up, dropped or forgotten leaves a buffer that comes back or does not, and
/// is not used before it does or the device was reset.
///
/// A device that is not there yet, is stopped, or got into trouble is a closed channel;
/// [`start`](Self::start) opens it. Dropping the driver resets the device. If the device does not say that
/// it was reset, the memory is forgotten and not dropped.
#[derive(Debug)]
pub struct Driver<T, M, C, const COMMANDS: usize = 64, const EVENTS: usize = 64>
where
    T: Transport,
    M: Dma,
    C: Clock,
{
    pub(super) transport: T,
    /// There until the driver is dropped.
    pub(super) memory: Option<M>,
    pub(super) clock: C,
    pub(super) options: Options,
    pub(super) life: Life,
    /// Those of this life, or of the last one.
    pub(super) queues: Queues<COMMANDS, EVENTS>,
    pub(super) counters: Counters,
}

impl<T, M, C, const COMMANDS: usize, const EVENTS: usize> Driver<T, M, C, COMMANDS, EVENTS>
where
    T: Transport,
    M: Dma,
    C: Clock,
{
    /// A driver whose device was not started yet. Nothing is touched.
    pub const fn stopped(transport: T, memory: M, clock: C, options: Options) -> Self {
        Self {
            transport,
            memory: Some(memory),
            clock,
            options,
            life: Life::Stopped,
            queues: const { Queues::none() },
            counters: Counters {
                starts: 0,
                commands: 0,
                replies: 0,
                events: 0,
                kicks: 0,
                cut: 0,
                empty_events: 0,
                troubles: 0,
                abandoned: 0,
                late: 0,
            },
        }
    }

    /// A driver whose device runs.
    ///
    /// # Errors
    /// [`StartError`] says why it does not.
    pub fn new(transport: T, memory: M, clock: C, options: Options) -> Result<Self, StartError> {
        let mut driver = Self::stopped(transport, memory, clock, options);
        driver.start()?;
        Ok(driver)
    }

    /// Where the device is.
    pub const fn life(&self) -> Life {
        self.life
    }

    /// What happened so far.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// Commands that are with the device.
    pub fn in_flight(&self) -> u16 {
        match self.life {
            Life::Stopped => 0,
            _ => self.queues.commands.in_flight(),
        }
    }

    /// What carries the registers.
    pub const fn transport(&mut self) -> &mut T {
        &mut self.transport
    }

    /// The device interrupted, or may have: reads why and ends its interrupt, and asks for the device's status if it
    /// changed. Messages are taken by [`receive`](Channel::receive). For one's own loop; [`wait`](Channel::wait) does
    /// it by itself.
    pub fn interrupt(&mut self) -> Interrupts {
        let interrupts = self.transport.take_interrupts();
        if interrupts.configuration() {
            self.look();
        }
        interrupts
    }

    /// Asks for an interrupt at the next message; whether one has come already. For one's own loop.
    pub fn arm(&mut self) -> bool {
        let Some(shared) = shared(&mut self.memory, self.life) else { return false };
        let commands = self.queues.commands.arm(&shared);
        let events = &mut self.queues.events.queue;
        commands | (!events.is_none() && events.arm(&shared))
    }

    /// Asks for no more interrupts.
    pub fn disarm(&mut self) {
        let Some(shared) = shared(&mut self.memory, self.life) else { return };
        self.queues.commands.disarm(&shared);
        self.queues.events.queue.disarm(&shared);
    }

    /// Whether a message has come.
    fn has_message(&mut self) -> bool {
        shared(&mut self.memory, self.life)
            .is_some_and(|shared| self.queues.commands.has_used(&shared))
            || self.has_event()
    }

    fn has_event(&mut self) -> bool {
        shared(&mut self.memory, self.life)
            .is_some_and(|shared| self.queues.events.queue.has_used(&shared))
    }

    /// Tells the device of what was added to a queue, if it wants to know.
    pub(super) fn kick(&mut self, index: u16) {
        let Some(shared) = shared(&mut self.memory, self.life) else { return };
        let wanted = if index == COMMAND_QUEUE {
            self.queues.commands.wants_kick(&shared)
        } else {
            self.queues.events.queue.wants_kick(&shared)
        };
        if wanted {
            self.transport.notify(index);
            count(&mut self.counters.kicks);
        }
    }

    fn receive_reply(&mut self, buffer: &mut [u8]) -> Option<Received> {
        let shared = shared(&mut self.memory, self.life)?;
        let Some(used) = self.queues.commands.next(&shared) else {
            self.see_faults();
            return None;
        };
        let slots = &self.queues.slots;
        let (tag, place) = (slots.tag(used.token)?, slots.place(used.token));
        let len = copy(&shared, place.answer, used.len, buffer)?;
        count(&mut self.counters.replies);
        if used.cut {
            count(&mut self.counters.cut);
        }
        Some(Received::Reply { tag, len })
    }

    /// A queue that broke ends it all.
    #[inline(never)]
    fn see_faults(&mut self) {
        if let Some(fault) = self.queues.commands.fault() {
            self.get_into(Trouble::Commands(fault));
        }
        if let Some(fault) = self.queues.events.queue.fault() {
            self.get_into(Trouble::Events(fault));
        }
    }

    /// Takes the next event and gives its buffer back at once. Empty ones are passed over.
    fn receive_event(&mut self, buffer: &mut [u8]) -> Option<Received> {
        // No more than there are buffers, or a device that fills them as fast as they come would hold us here.
        for _ in 0..EVENTS {
            let shared = shared(&mut self.memory, self.life)?;
            let events = &mut self.queues.events;
            let Some(event) = events.take(&shared) else {
                self.see_faults();
                return None;
            };
            let len = copy(&shared, event.start, event.len, buffer)?;
            if let Err(fault) = events.refill(&shared, event) {
                self.get_into(Trouble::Events(fault));
            }
            self.kick(EVENT_QUEUE);
            if event.cut {
                count(&mut self.counters.cut);
            }
            if event.len > 0 {
                count(&mut self.counters.events);
                return Some(Received::Event { len });
            }
            count(&mut self.counters.empty_events);
        }
        None
    }

    /// Polls until something came or the time has come.
    fn poll(&mut self, until: Time) {
        while self.clock.now() < until && !self.has_message() {
            core::hint::spin_loop();
        }
    }
}

impl<T, M, C, const COMMANDS: usize, const EVENTS: usize> Channel
    for Driver<T, M, C, COMMANDS, EVENTS>
where
    T: Transport,
    M: Dma,
    C: Clock,
{
    fn send(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        let bytes = request.len().max(room);
        if bytes > usize::from(self.options.max_message) {
            return Err(SendError::too_large(bytes));
        }
        let shared = shared(&mut self.memory, self.life).ok_or(SendError::Closed)?;
        let queues = &mut self.queues;
        // The chain will begin there.
        let slot = queues.commands.first_free().ok_or(SendError::Full)?;
        let place = queues.slots.place(slot);
        shared.write(place.request, request).ok_or(SendError::Closed)?;
        // A device that claims more than it wrote shows zeros, not what was there before.
        shared.zero(place.answer, room).ok_or(SendError::Closed)?;
        // No more than `max_message`.
        let len = |bytes| u32::try_from(bytes).unwrap_or(0);
        let command = Piece { offset: place.request, len: len(request.len()) };
        let answer = Piece { offset: place.answer, len: len(room) };
        let answer = if room == 0 { &[][..] } else { &[answer] };
        let added = queues.commands.add(&shared, &[command], answer, slot);
        added.map_err(|error| match error {
            AddError::Full => SendError::Full,
            _ => SendError::Closed,
        })?;
        queues.slots.take(slot, tag);
        count(&mut self.counters.commands);
        self.kick(COMMAND_QUEUE);
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        if let Some(reply) = self.receive_reply(buffer) {
            return Some(reply);
        }
        if !self.has_event() {
            return None;
        }
        // A device makes an answer used before the events that follow from its command. Having seen the event,
        // one sees the answer too, if one looks now.
        self.receive_reply(buffer).or_else(|| self.receive_event(buffer))
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn wait(&mut self, until: Time) {
        if !self.life.runs() {
            let until = self.until_without_device(until);
            self.clock.sleep(until);
            return;
        }
        if self.options.interrupts {
            if !self.arm() {
                self.clock.sleep(until);
                self.interrupt();
            }
            self.disarm();
        } else {
            self.poll(until);
        }
        if !self.has_message() {
            self.look();
        }
    }

    fn is_closed(&self) -> bool {
        !self.life.runs()
    }

    fn limits(&self) -> Limits {
        Limits {
            in_flight: self.queues.slots.count().into(),
            max_message: self.options.max_message.into(),
            p2a: !self.queues.events.queue.is_none(),
        }
    }
}

impl<T, M, C, const COMMANDS: usize, const EVENTS: usize> Drop for Driver<T, M, C, COMMANDS, EVENTS>
where
    T: Transport,
    M: Dma,
    C: Clock,
{
    fn drop(&mut self) {
        if !matches!(self.life, Life::Stopped) && self.stop().is_err() {
            // It is still the device's: leaking it is all that is left.
            core::mem::forget(self.memory.take());
        }
    }
}

/// The memory that is shared with a device that runs.
fn shared<M: Dma>(memory: &mut Option<M>, life: Life) -> Option<Shared<'_>> {
    if life.runs() { memory.as_mut().map(Shared::new) } else { None }
}

/// Copies what the device wrote at `start` into `buffer`; how many bytes that were.
fn copy(memory: &Shared<'_>, start: usize, len: u32, buffer: &mut [u8]) -> Option<usize> {
    let len = usize::try_from(len).unwrap_or(usize::MAX).min(buffer.len());
    memory.read(start, buffer.get_mut(..len)?)?;
    Some(len)
}
