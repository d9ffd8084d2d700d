//! An agent's channel over vhost-user.

use core::time::Duration;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

use scmi::Time;
use scmi::transport::{Channel, Limits, Received, SendError};
use vmm_sys_util::epoll::{ControlOperation, Epoll, EpollEvent, EventSet};
use vmm_sys_util::eventfd::{EFD_NONBLOCK, EventFd};

use super::connection::{Connection, Placement};
use super::error::FrontendError;
use super::options::Options;
use super::queue::{DriverQueue, Nonsense, Piece, Used};
use super::ram::Ram;
use crate::clock::{Clock, MonotonicClock};

const COMMANDS: usize = 0;
const EVENTS: usize = 1;

/// How long a wait lasts at most when the device has gone: whoever waits should find out by sending.
const WAIT_WHEN_CLOSED: Duration = Duration::from_millis(10);

/// A guest without a VM: memory, two rings and a connection, as a channel for an agent.
///
/// Dropping it closes the connection and nothing more, as a VMM does that is killed.
#[derive(Debug)]
pub struct Frontend {
    connection: Connection,
    ram: Ram,
    clock: MonotonicClock,
    epoll: Epoll,
    options: Options,
    commands: Side,
    slots: Slots,
    events: Option<Side>,
    /// The event buffers, by the head of their chain.
    event_buffers: Vec<Piece>,
    closed: bool,
    scratch: Scratch,
}

/// A queue and its two notifications.
#[derive(Debug)]
struct Side {
    queue: DriverQueue,
    kick: EventFd,
    call: EventFd,
}

/// The buffers of commands.
#[derive(Debug)]
struct Slots {
    /// Where each slot's request and answer are.
    places: Vec<(u64, u64)>,
    free: Vec<usize>,
    /// By head: the slot, the tag and the room of the command that is in flight there.
    flights: Vec<Option<Flight>>,
}

#[derive(Clone, Copy, Debug)]
struct Flight {
    slot: usize,
    tag: u16,
    room: usize,
}

/// Storage for the pieces of one message.
#[derive(Debug, Default)]
struct Scratch {
    readable: Vec<Piece>,
    writable: Vec<Piece>,
}

impl Frontend {
    /// Connects to the device on a socket and starts it.
    ///
    /// # Errors
    /// [`FrontendError`] says what failed, at the latest when the options' patience ends.
    pub fn connect(path: impl AsRef<Path>, options: Options) -> Result<Self, FrontendError> {
        let connection = Connection::open(path, &options)?;
        let ram = Ram::new(memory_size(&options))?;
        let mut frontend = Self::lay_out(connection, ram, options)?;
        frontend.share_memory()?;
        frontend.resume([0, 0])?;
        frontend.post_event_buffers()?;
        Ok(frontend)
    }

    /// Begins anew with fresh rings in the same memory, over the same connection, as a guest does that reboots.
    /// The rings must have been stopped or the device reset.
    ///
    /// # Errors
    /// The device refuses it.
    pub fn reboot(self) -> Result<Self, FrontendError> {
        let Self { connection, mut ram, options, .. } = self;
        ram.clear();
        let mut frontend = Self::lay_out(connection, ram, options)?;
        frontend.resume([0, 0])?;
        frontend.post_event_buffers()?;
        Ok(frontend)
    }

    fn lay_out(
        connection: Connection,
        mut ram: Ram,
        options: Options,
    ) -> Result<Self, FrontendError> {
        let indirect = connection.indirect().then_some(options.parts());
        let event_idx = connection.event_idx();
        let commands = DriverQueue::new(&mut ram, options.command_entries, event_idx, indirect)?;
        let slots = Slots::new(&mut ram, &options, indirect.is_some())?;
        let events = if connection.p2a() {
            Some(Side::new(DriverQueue::new(&mut ram, options.event_entries, event_idx, None)?)?)
        } else {
            None
        };
        let frontend = Self {
            connection,
            ram,
            clock: MonotonicClock::new(),
            epoll: Epoll::new()?,
            options,
            commands: Side::new(commands)?,
            slots,
            events,
            event_buffers: Vec::new(),
            closed: false,
            scratch: Scratch::default(),
        };
        frontend.watch()?;
        Ok(frontend)
    }

    /// The connection, to talk to the device behind the channel's back.
    pub const fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// The guest's memory.
    pub const fn ram(&self) -> &Ram {
        &self.ram
    }

    /// Whether the device has gone or talks nonsense.
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Commands in flight.
    pub fn in_flight(&self) -> usize {
        self.slots.places.len() - self.slots.free.len()
    }

    /// Stops both rings, as a VMM does that pauses its guest; [`resume`](Self::resume) goes on. Returns the
    /// bases.
    ///
    /// # Errors
    /// The device refuses it.
    pub fn pause(&mut self) -> Result<[u16; 2], FrontendError> {
        let commands = self.connection.stop_ring(COMMANDS)?;
        let events = match self.events {
            Some(_) => self.connection.stop_ring(EVENTS)?,
            None => 0,
        };
        Ok([commands, events])
    }

    /// Starts both rings where they stood.
    ///
    /// # Errors
    /// The device refuses it.
    pub fn resume(&mut self, bases: [u16; 2]) -> Result<(), FrontendError> {
        for (index, base) in bases.into_iter().enumerate() {
            let Some(side) = [Some(&self.commands), self.events.as_ref()][index] else { continue };
            let placement = Placement { base, ..side.queue.placement() };
            self.connection.start_ring(index, &placement, &self.ram, &side.kick, &side.call)?;
        }
        Ok(())
    }

    /// Sets up what ends a wait: the calls of both queues and the end of the connection.
    fn watch(&self) -> io::Result<()> {
        let call = EpollEvent::new(EventSet::EDGE_TRIGGERED | EventSet::IN, CALLED);
        for side in [Some(&self.commands), self.events.as_ref()].into_iter().flatten() {
            self.epoll.ctl(ControlOperation::Add, side.call.as_raw_fd(), call)?;
        }
        let hang_up = EpollEvent::new(EventSet::READ_HANG_UP, HUNG_UP);
        self.epoll.ctl(ControlOperation::Add, self.connection.as_raw_fd(), hang_up)
    }

    fn share_memory(&mut self) -> Result<(), FrontendError> {
        if self.connection.has_memory_slots() {
            self.connection.add_memory(&self.ram)
        } else {
            self.connection.set_memory(&[&self.ram])
        }
    }

    fn post_event_buffers(&mut self) -> Result<(), FrontendError> {
        if self.events.is_none() {
            return Ok(());
        }
        self.event_buffers =
            vec![Piece { start: 0, len: 0 }; usize::from(self.options.event_entries)];
        for _ in 0..self.options.event_buffers {
            let len = self.options.event_room;
            let start = self.ram.allocate(len.into(), 8)?;
            self.post_event_buffer(Piece { start, len });
        }
        Ok(())
    }

    fn post_event_buffer(&mut self, buffer: Piece) {
        let Some(side) = &mut self.events else { return };
        match side.offer(&self.ram, &[], &[buffer]) {
            Ok(Some(head)) => self.event_buffers[usize::from(head)] = buffer,
            // There are at most as many buffers as entries, each of one descriptor.
            Ok(None) => {}
            Err(Nonsense) => self.closed = true,
        }
    }

    /// Takes the next answer into `buffer`.
    fn receive_reply(&mut self, buffer: &mut [u8]) -> Option<Received> {
        let used = self.take(COMMANDS)?;
        let Some(flight) = self.slots.flights[usize::from(used.head)].take() else {
            self.closed = true;
            return None;
        };
        self.slots.free.push(flight.slot);
        let len = claimed(used, flight.room, buffer);
        let (_, answer) = self.slots.places[flight.slot];
        self.ram.read(answer, &mut buffer[..len]).ok()?;
        Some(Received::Reply { tag: flight.tag, len })
    }

    /// Takes the next event into `buffer` and posts its buffer again. Empty ones are passed over.
    fn receive_event(&mut self, buffer: &mut [u8]) -> Option<Received> {
        for _ in 0..self.options.event_entries {
            let used = self.take(EVENTS)?;
            let piece = self.event_buffers[usize::from(used.head)];
            let room = usize::try_from(piece.len).unwrap_or(0);
            let len = claimed(used, room, buffer);
            self.ram.read(piece.start, &mut buffer[..len]).ok()?;
            self.post_event_buffer(piece);
            if len > 0 {
                return Some(Received::Event { len });
            }
        }
        None
    }

    fn take(&mut self, index: usize) -> Option<Used> {
        let side = if index == COMMANDS { Some(&mut self.commands) } else { self.events.as_mut() };
        match side?.queue.pop(&self.ram) {
            Ok(used) => used,
            Err(Nonsense) => {
                self.closed = true;
                None
            }
        }
    }

    fn has_event(&self) -> bool {
        let side = self.events.as_ref();
        side.is_some_and(|side| side.queue.has_used(&self.ram).unwrap_or(false))
    }

    /// Asks for calls; whether something has come already.
    fn arm(&mut self) -> bool {
        let ram = &self.ram;
        let mut come = self.commands.queue.arm(ram).unwrap_or(true);
        if let Some(side) = &mut self.events {
            come |= side.queue.arm(ram).unwrap_or(true);
        }
        come
    }

    fn disarm(&mut self) {
        let ram = &self.ram;
        for side in [Some(&mut self.commands), self.events.as_mut()].into_iter().flatten() {
            // The queue was laid out in this memory.
            let _ = side.queue.disarm(ram);
        }
    }
}

impl Channel for Frontend {
    fn send(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        let bytes = request.len().max(room);
        if bytes > self.limits().max_message {
            return Err(SendError::TooLarge { bytes });
        }
        if self.closed {
            return Err(SendError::Closed);
        }
        let slot = *self.slots.free.last().ok_or(SendError::Full)?;
        let (request_at, answer_at) = self.slots.places[slot];
        let Scratch { readable, writable } = &mut self.scratch;
        cut(request_at, request.len(), self.options.request_parts, readable);
        cut(answer_at, room, self.options.reply_parts, writable);
        self.ram.write(request_at, request).map_err(|_| SendError::Closed)?;
        let offered = self.commands.offer(&self.ram, readable, writable);
        let head = offered.map_err(|_| SendError::Closed)?.ok_or(SendError::Full)?;
        self.slots.free.pop();
        self.slots.flights[usize::from(head)] = Some(Flight { slot, tag, room });
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        if let Some(reply) = self.receive_reply(buffer) {
            return Some(reply);
        }
        if !self.has_event() {
            return None;
        }
        // The device makes an answer used before the events that follow from its command. Having seen the
        // event, one sees the answer too, if one looks now.
        self.receive_reply(buffer).or_else(|| self.receive_event(buffer))
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    fn wait(&mut self, until: Time) {
        if self.arm() {
            return;
        }
        let mut span = until.since(self.now());
        if self.closed {
            span = span.min(WAIT_WHEN_CLOSED);
        }
        // Upwards, so that the deadline has come when this returns for its sake.
        let millis = i32::try_from(span.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX);
        let mut events = [EpollEvent::default(); 4];
        let count = self.epoll.wait(millis, &mut events).unwrap_or(0);
        if events[..count].iter().any(|event| event.data() == HUNG_UP) {
            self.closed = true;
        }
        self.disarm();
    }

    fn limits(&self) -> Limits {
        Limits {
            in_flight: self.slots.places.len(),
            max_message: usize::try_from(self.options.max_message).unwrap_or(usize::MAX),
            p2a: self.events.is_some(),
        }
    }
}

/// How a queue's call is named in the poll set.
const CALLED: u64 = 0;
/// How the end of the connection is named there.
const HUNG_UP: u64 = 1;

impl Side {
    fn new(queue: DriverQueue) -> io::Result<Self> {
        let (kick, call) = (EventFd::new(EFD_NONBLOCK)?, EventFd::new(EFD_NONBLOCK)?);
        Ok(Self { queue, kick, call })
    }

    /// Makes a chain available and tells the device if it wants to be told.
    fn offer(
        &mut self,
        ram: &Ram,
        readable: &[Piece],
        writable: &[Piece],
    ) -> Result<Option<u16>, Nonsense> {
        let since = self.queue.next_available();
        let head = self.queue.add(ram, readable, writable).map_err(|_| Nonsense)?;
        if head.is_some() && self.queue.wants_kick(ram, since).map_err(|_| Nonsense)? {
            // It fails only if the counter is full, and then the device is awake.
            let _ = self.kick.write(1);
        }
        Ok(head)
    }
}

impl Slots {
    fn new(ram: &mut Ram, options: &Options, indirect: bool) -> io::Result<Self> {
        let entries = usize::from(options.command_entries);
        let count = if indirect { entries } else { entries / usize::from(options.parts()) };
        let bytes = u64::from(options.max_message);
        let places = (0..count).map(|_| Ok((ram.allocate(bytes, 8)?, ram.allocate(bytes, 8)?)));
        let places = places.collect::<io::Result<Vec<_>>>()?;
        Ok(Self { places, free: (0..count).rev().collect(), flights: vec![None; entries] })
    }
}

/// What to believe of a used length: never more than was offered, or than there is place for.
fn claimed(used: Used, room: usize, buffer: &[u8]) -> usize {
    usize::try_from(used.len).unwrap_or(usize::MAX).min(room).min(buffer.len())
}

/// Cuts `len` bytes into at most `parts` pieces of about the same length.
fn cut(start: u64, len: usize, parts: u16, pieces: &mut Vec<Piece>) {
    pieces.clear();
    let mut left = u32::try_from(len).unwrap_or(0);
    let mut start = start;
    for parts_left in (1..=u32::from(parts)).rev() {
        let len = left.div_ceil(parts_left);
        if len == 0 {
            return;
        }
        pieces.push(Piece { start, len });
        start += u64::from(len);
        left -= len;
    }
}

/// Memory for everything that is laid out, with room for alignment.
fn memory_size(options: &Options) -> u64 {
    let (commands, events) = (u64::from(options.command_entries), u64::from(options.event_entries));
    let rings = (commands + events) * 32 + 4096;
    let tables = commands * u64::from(options.parts()) * 16;
    let messages = commands * 2 * (u64::from(options.max_message) + 8);
    let buffers = events * (u64::from(options.event_room) + 8);
    (rings + tables + messages + buffers).next_multiple_of(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_into_pieces_that_cover_it() {
        let mut pieces = Vec::new();
        cut(0x1000, 10, 3, &mut pieces);
        let lens: Vec<_> = pieces.iter().map(|piece| piece.len).collect();
        assert_eq!(lens, [4, 3, 3]);
        assert_eq!(pieces[2].start, 0x1007);
        cut(0x1000, 2, 5, &mut pieces);
        assert_eq!(pieces.len(), 2);
        cut(0x1000, 0, 5, &mut pieces);
        assert!(pieces.is_empty());
    }

    #[test]
    fn a_used_length_is_never_believed_beyond_the_room() {
        let used = Used { head: 0, len: u32::MAX };
        assert_eq!(claimed(used, 100, &[0; 200]), 100);
        assert_eq!(claimed(used, 300, &[0; 200]), 200);
        assert_eq!(claimed(Used { head: 0, len: 7 }, 300, &[0; 200]), 7);
    }
}
