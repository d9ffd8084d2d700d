//! The rules: what becomes of each chain.

use alloc::boxed::Box;
use alloc::vec;

use scmi::Time;
use scmi::wire::{Header, Status};

use super::counters::{Counters, count};
use super::parked::Table;
use super::queue::{DeviceQueue, Fault, OutsideMemory, Popped, Shape};
use super::responder::{EventOutcome, Outcome, Responder};

/// The longest message that is read or written, in bytes. A driver may offer chains of up to 4 GiB; no more
/// than this is ever looked at or filled. The largest message of the protocols fits many times.
pub const MAX_MESSAGE: usize = 4096;

/// A header and a status.
const STATUS_ONLY: usize = 8;

/// One SCMI device: the state that the rules need between calls.
///
/// `T` is the responder's ticket, `C` the chain of both queues. All buffers are allocated by [`Device::new`].
#[derive(Debug)]
pub struct Device<T, C> {
    current: C,
    parked: Table<T, C>,
    request: Box<[u8]>,
    reply: Box<[u8]>,
    counters: Counters,
}

/// How far a call came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Chains that were completed: if there are any, the driver may want to be notified.
    pub completed: usize,
    /// Why the call ended.
    pub rest: Rest,
}

/// Why a call ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rest {
    /// There is nothing more to do now.
    Done,
    /// The budget was used up; call again.
    More,
    /// Commands wait in the ring until deferred answers leave the table.
    Parked,
    /// Events wait for buffers.
    NoBuffers,
    /// The ring is in disorder. Try again when the driver kicks.
    Unusable,
}

impl<T: Copy + PartialEq, C: Default> Device<T, C> {
    /// A device that defers at most `parked` answers at a time; the size of the command queue is enough.
    pub fn new(parked: usize) -> Self {
        Self {
            current: C::default(),
            parked: Table::new(parked),
            request: vec![0; MAX_MESSAGE].into_boxed_slice(),
            reply: vec![0; MAX_MESSAGE].into_boxed_slice(),
            counters: Counters::default(),
        }
    }

    /// What happened so far.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How many commands wait for a deferred answer.
    pub fn parked(&self) -> usize {
        self.parked.len()
    }

    /// Takes up to `budget` commands from the command queue and answers them. Call it after a kick and after
    /// [`replies`](Self::replies) made room; harmless at any time.
    pub fn commands<Q, R>(
        &mut self,
        now: Time,
        responder: &mut R,
        queue: &mut Q,
        budget: usize,
    ) -> Progress
    where
        Q: DeviceQueue<Chain = C>,
        R: Responder<Ticket = T>,
    {
        let mut completed: usize = 0;
        for _ in 0..budget {
            if self.parked.is_full() {
                return Progress { completed, rest: Rest::Parked };
            }
            let shape = match queue.pop(&mut self.current) {
                Popped::Chain(shape) => shape,
                end => match self.no_chain(end) {
                    Some(rest) => return Progress { completed, rest },
                    None => continue,
                },
            };
            count(&mut self.counters.commands);
            if let Some(used) = self.command(now, responder, queue, shape) {
                queue.complete(&self.current, used);
                completed = completed.saturating_add(1);
            }
        }
        Progress { completed, rest: Rest::More }
    }

    /// Answers the commands whose deferred answers are due, up to `budget` of them. Call it when the
    /// responder's deadline has come, before [`events`](Self::events).
    pub fn replies<Q, R>(&mut self, responder: &mut R, queue: &mut Q, budget: usize) -> Progress
    where
        Q: DeviceQueue<Chain = C>,
        R: Responder<Ticket = T>,
    {
        let mut completed: usize = 0;
        for _ in 0..budget {
            let Some(ticket) = responder.poll_reply() else {
                return Progress { completed, rest: Rest::Done };
            };
            let Some(parked) = self.parked.take(&ticket) else {
                responder.take_reply(ticket, &mut self.reply);
                count(&mut self.counters.orphans);
                continue;
            };
            let room = self.reply.get_mut(..parked.room.min(MAX_MESSAGE)).unwrap_or_default();
            let len = responder.take_reply(ticket, room);
            let used = answer(&mut self.counters, queue, &parked.chain, room, len);
            queue.complete(&parked.chain, used);
            self.parked.recycle(parked.chain);
            completed = completed.saturating_add(1);
        }
        Progress { completed, rest: Rest::More }
    }

    /// Writes events into buffers of the event queue while there are both, using up to `budget` buffers. Call
    /// it last, after anything that may have caused an event, and after a kick of the event queue.
    pub fn events<Q, R>(&mut self, responder: &mut R, queue: &mut Q, budget: usize) -> Progress
    where
        Q: DeviceQueue<Chain = C>,
        R: Responder<Ticket = T>,
    {
        let mut completed: usize = 0;
        for _ in 0..budget {
            if !responder.has_event() {
                return Progress { completed, rest: Rest::Done };
            }
            let shape = match queue.pop(&mut self.current) {
                Popped::Chain(shape) => shape,
                Popped::Empty => {
                    return Progress { completed, rest: Rest::NoBuffers };
                }
                end => match self.no_chain(end) {
                    Some(rest) => return Progress { completed, rest },
                    None => continue,
                },
            };
            match self.event(responder, queue, shape) {
                Some(used) => {
                    queue.complete(&self.current, used);
                    completed = completed.saturating_add(1);
                }
                None => {
                    queue.undo_pop();
                    return Progress { completed, rest: Rest::Done };
                }
            }
        }
        Progress { completed, rest: Rest::More }
    }

    /// Completes every parked command with COMMS_ERROR, because the command queue stops and its driver may
    /// live on. Returns how many there were.
    pub fn stop_commands<Q: DeviceQueue<Chain = C>>(&mut self, queue: &mut Q) -> usize {
        let mut completed: usize = 0;
        while let Some(parked) = self.parked.take_any() {
            count(&mut self.counters.cut_short);
            let room = self.reply.get_mut(..parked.room.min(MAX_MESSAGE)).unwrap_or_default();
            let len = status_only(room, parked.header, Status::COMMS_ERROR);
            let answer = room.get(..len).unwrap_or_default();
            let used = queue.write(&parked.chain, answer).map_or(0, |()| len);
            queue.complete(&parked.chain, used);
            self.parked.recycle(parked.chain);
            completed = completed.saturating_add(1);
        }
        completed
    }

    /// Forgets every parked command without touching its chain: the driver's life is over, and its memory
    /// is no longer ours.
    pub fn forget(&mut self) {
        while let Some(parked) = self.parked.take_any() {
            self.parked.recycle(parked.chain);
        }
    }

    /// Counts what is no chain; says whether and why the call ends there.
    fn no_chain(&mut self, popped: Popped) -> Option<Rest> {
        match popped {
            Popped::Empty | Popped::Chain(_) => Some(Rest::Done),
            Popped::Unusable => {
                count(&mut self.counters.unusable_ring);
                Some(Rest::Unusable)
            }
            Popped::Lost => {
                count(&mut self.counters.lost_entries);
                None
            }
        }
    }

    /// Handles the command in the current chain. The used length to complete it with, or none if it was
    /// parked.
    fn command<Q, R>(
        &mut self,
        now: Time,
        responder: &mut R,
        queue: &Q,
        shape: Shape,
    ) -> Option<usize>
    where
        Q: DeviceQueue<Chain = C>,
        R: Responder<Ticket = T>,
    {
        let counters = &mut self.counters;
        if let Some(reason) = unusable_command(counters, shape) {
            count(reason);
            return Some(0);
        }
        let Ok(len) = queue.read(&self.current, &mut self.request) else {
            count(&mut counters.outside_memory);
            return Some(0);
        };
        let request = self.request.get(..len).unwrap_or_default();
        let header = request.first_chunk().copied().unwrap_or_default();
        let room = self.reply.get_mut(..shape.writable.min(MAX_MESSAGE)).unwrap_or_default();
        if shape.readable > MAX_MESSAGE {
            count(&mut counters.long_request);
            let len = status_only(room, header, Status::PROTOCOL_ERROR);
            return Some(answer(counters, queue, &self.current, room, len));
        }
        match responder.handle(now, request, room) {
            Outcome::Reply(len) => Some(answer(counters, queue, &self.current, room, len)),
            Outcome::Later(ticket) => {
                count(&mut counters.deferred);
                self.parked.park(ticket, &mut self.current, shape.writable, header);
                None
            }
            Outcome::Dropped => {
                count(&mut counters.refused);
                Some(0)
            }
        }
    }

    /// Fills the current chain with an event. The used length to complete it with, or none if there was no
    /// event after all.
    fn event<Q, R>(&mut self, responder: &mut R, queue: &Q, shape: Shape) -> Option<usize>
    where
        Q: DeviceQueue<Chain = C>,
        R: Responder<Ticket = T>,
    {
        let counters = &mut self.counters;
        let reason = match shape {
            Shape { fault: Some(Fault::Table), .. } => Some(&mut counters.bad_table),
            Shape { fault: Some(Fault::Memory), .. } => Some(&mut counters.outside_memory),
            Shape { fault: Some(Fault::Order), .. } => Some(&mut counters.readable_event_buffers),
            Shape { readable: 1.., .. } => Some(&mut counters.readable_event_buffers),
            Shape { writable: 0..Header::BYTES, .. } => Some(&mut counters.empty_event_buffers),
            _ => None,
        };
        if let Some(reason) = reason {
            count(reason);
            return Some(0);
        }
        let room = self.reply.get_mut(..shape.writable.min(MAX_MESSAGE)).unwrap_or_default();
        match responder.poll_event(room) {
            EventOutcome::Wrote(len) => {
                let event = room.get(..len).unwrap_or(room);
                match queue.write(&self.current, event) {
                    Ok(()) => count(&mut counters.events),
                    Err(OutsideMemory) => {
                        count(&mut counters.outside_memory);
                        return Some(0);
                    }
                }
                Some(event.len())
            }
            EventOutcome::Empty => None,
            EventOutcome::TooSmall => {
                count(&mut counters.small_event_buffers);
                Some(0)
            }
        }
    }
}

/// The counter for the reason why a command cannot be looked at, if there is one.
fn unusable_command(counters: &mut Counters, shape: Shape) -> Option<&mut u64> {
    match shape {
        Shape { fault: Some(Fault::Order), .. } => Some(&mut counters.bad_order),
        Shape { fault: Some(Fault::Table), .. } => Some(&mut counters.bad_table),
        Shape { fault: Some(Fault::Memory), .. } => Some(&mut counters.outside_memory),
        Shape { readable: 0, .. } => Some(&mut counters.no_request),
        Shape { readable: 1..Header::BYTES, .. } => Some(&mut counters.short_request),
        Shape { writable: 0..Header::BYTES, .. } => Some(&mut counters.no_room),
        _ => None,
    }
}

/// Writes the first `len` bytes of `reply` as the answer. The used length.
fn answer<Q: DeviceQueue>(
    counters: &mut Counters,
    queue: &Q,
    chain: &Q::Chain,
    reply: &[u8],
    len: usize,
) -> usize {
    let reply = reply.get(..len).unwrap_or(reply);
    match queue.write(chain, reply) {
        Ok(()) => {
            count(&mut counters.answered);
            reply.len()
        }
        Err(OutsideMemory) => {
            count(&mut counters.outside_memory);
            0
        }
    }
}

/// Makes `reply` a header and a status, if it has room for both. How many bytes that are.
fn status_only(reply: &mut [u8], header: [u8; 4], status: Status) -> usize {
    let Some((head, rest)) = reply.split_first_chunk_mut() else {
        return 0;
    };
    let Some(tail) = rest.first_chunk_mut() else {
        return 0;
    };
    *head = header;
    *tail = status.0.to_le_bytes();
    STATUS_ONLY
}
