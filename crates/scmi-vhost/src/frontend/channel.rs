//! An agent's channel over vhost-user.

use core::time::Duration;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

use scmi::Time;
use scmi::transport::{Channel, Limits, Received, SendError};
use scmi_virtio::driver::queue::{AddError, Fault, Piece, Used};
use vmm_sys_util::epoll::{ControlOperation, Epoll, EpollEvent, EventSet};

use super::connection::Connection;
use super::error::FrontendError;
use super::options::Options;
use super::ram::Ram;
use super::side::Side;
use super::slots::{Slots, cut};
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
    /// The event buffers, by the token of their chain.
    event_buffers: Vec<Piece>,
    closed: bool,
    scratch: Scratch,
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

    /// Goes on with a device that another process serves now: the same rings in the same memory, from where the used rings
    /// stand, as a VMM does that connects again. What the old one had taken and not answered is the new one's to answer.
    ///
    /// # Errors
    /// [`FrontendError`] says what failed; a device that offers other features is of no use.
    pub fn reconnect(&mut self, path: impl AsRef<Path>) -> Result<(), FrontendError> {
        let connection = Connection::open(path, &self.options)?;
        if connection.features() != self.connection.features() {
            return Err(io::Error::other("the device does not offer what it did before").into());
        }
        self.connection = connection;
        self.closed = false;
        let hang_up = EpollEvent::new(EventSet::READ_HANG_UP, HUNG_UP);
        self.epoll.ctl(ControlOperation::Add, self.connection.as_raw_fd(), hang_up)?;
        self.share_memory()?;
        let mut bases = [0; 2];
        for (base, side) in bases.iter_mut().zip([Some(&self.commands), self.events.as_ref()]) {
            let Some(placement) = side.and_then(|side| side.placement(&mut self.ram, 0)) else {
                continue;
            };
            let mut index = [0; 2];
            self.ram.read(placement.used + 2, &mut index).map_err(io::Error::other)?;
            *base = u16::from_le_bytes(index);
        }
        self.resume(bases)
    }

    fn lay_out(
        connection: Connection,
        mut ram: Ram,
        options: Options,
    ) -> Result<Self, FrontendError> {
        let indirect = if connection.indirect() { options.parts() } else { 0 };
        let event_idx = connection.event_idx();
        let commands = Side::new(&mut ram, options.command_entries, event_idx, indirect)?;
        let slots = Slots::new(&mut ram, &options, indirect != 0)?;
        let events = if connection.p2a() {
            Some(Side::new(&mut ram, options.event_entries, event_idx, 0)?)
        } else {
            None
        };
        let frontend = Self {
            connection,
            ram,
            clock: MonotonicClock::new(),
            epoll: Epoll::new()?,
            options,
            commands,
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
        self.slots.in_flight()
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
            // It was laid out in this memory.
            let Some(placement) = side.placement(&mut self.ram, base) else { continue };
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
        for token in 0..self.options.event_buffers {
            let len = self.options.event_room;
            let room = usize::try_from(len).map_err(io::Error::other)?;
            let offset = self.ram.allocate_offset(room, 8)?;
            self.event_buffers.push(Piece { offset, len });
            self.post_event_buffer(token);
        }
        Ok(())
    }

    fn post_event_buffer(&mut self, token: u16) {
        let Some(side) = &mut self.events else { return };
        let buffer = self.event_buffers[usize::from(token)];
        // There are at most as many buffers as entries, each of one descriptor; so only a broken queue has no place.
        if side.offer(&mut self.ram, &[], &[buffer], token).is_err() {
            self.closed = true;
        }
    }

    /// Takes the next answer into `buffer`.
    fn receive_reply(&mut self, buffer: &mut [u8]) -> Option<Received> {
        let taken = self.commands.take(&mut self.ram);
        let used = self.whole(taken)?;
        let (tag, answer) = self.slots.land(used.token);
        let len = claimed(used, buffer);
        self.ram.shared().read(answer, &mut buffer[..len])?;
        Some(Received::Reply { tag, len })
    }

    /// Takes the next event into `buffer` and posts its buffer again. Empty ones are passed over.
    fn receive_event(&mut self, buffer: &mut [u8]) -> Option<Received> {
        for _ in 0..self.options.event_entries {
            let taken = self.events.as_mut()?.take(&mut self.ram);
            let used = self.whole(taken)?;
            let piece = self.event_buffers[usize::from(used.token)];
            let len = claimed(used, buffer);
            self.ram.shared().read(piece.offset, &mut buffer[..len])?;
            self.post_event_buffer(used.token);
            if len > 0 {
                return Some(Received::Event { len });
            }
        }
        None
    }

    /// What a queue gave, unless the device broke it: then it talks nonsense from here on.
    fn whole(&mut self, taken: Result<Option<Used>, Fault>) -> Option<Used> {
        taken.unwrap_or_else(|_| {
            self.closed = true;
            None
        })
    }

    fn has_event(&mut self) -> bool {
        let ram = &mut self.ram;
        self.events.as_ref().is_some_and(|side| side.has_used(ram))
    }

    /// Asks for calls; whether something has come already.
    fn arm(&mut self) -> bool {
        let mut come = self.commands.arm(&mut self.ram);
        if let Some(side) = &mut self.events {
            come |= side.arm(&mut self.ram);
        }
        come
    }

    fn disarm(&mut self) {
        self.commands.disarm(&mut self.ram);
        if let Some(side) = &mut self.events {
            side.disarm(&mut self.ram);
        }
    }
}

impl Channel for Frontend {
    fn send(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        let bytes = request.len().max(room);
        if bytes > self.limits().max_message {
            return Err(SendError::too_large(bytes));
        }
        if self.closed {
            return Err(SendError::Closed);
        }
        let (slot, place) = self.slots.next().ok_or(SendError::Full)?;
        let Scratch { readable, writable } = &mut self.scratch;
        cut(place.request, request.len(), self.options.request_parts, readable);
        cut(place.answer, room, self.options.reply_parts, writable);
        self.ram.shared().write(place.request, request).ok_or(SendError::Closed)?;
        let offered = self.commands.offer(&mut self.ram, readable, writable, slot);
        offered.map_err(|error| match error {
            // Of no bytes at all, too: there is no chain of nothing.
            AddError::Full | AddError::Pieces { .. } => SendError::Full,
            _ => SendError::Closed,
        })?;
        self.slots.fly(tag);
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
            in_flight: self.slots.count(),
            max_message: usize::try_from(self.options.max_message).unwrap_or(usize::MAX),
            p2a: self.events.is_some(),
        }
    }

    fn is_closed(&self) -> bool {
        self.closed
    }
}

/// How a queue's call is named in the poll set.
const CALLED: u64 = 0;
/// How the end of the connection is named there.
const HUNG_UP: u64 = 1;

/// How much of a message fits the caller's buffer. It is no longer than its room, as the queue made sure.
fn claimed(used: Used, buffer: &[u8]) -> usize {
    usize::try_from(used.len).unwrap_or(usize::MAX).min(buffer.len())
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
