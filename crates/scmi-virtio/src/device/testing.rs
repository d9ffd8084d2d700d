//! A virtqueue in memory and a responder to script, for the tests of the rules.

use core::cell::{Cell, RefCell};
use core::time::Duration;
use std::collections::VecDeque;
use std::vec;
use std::vec::Vec;

use scmi::Time;

use super::{DeviceQueue, EventOutcome, Outcome, OutsideMemory, Popped, Responder, Shape};

/// One chain as the driver offers it.
#[derive(Clone, Debug, Default)]
pub(super) struct Offer {
    pub(super) request: Vec<u8>,
    pub(super) room: usize,
    pub(super) fault: Option<super::Fault>,
    /// Accesses fail although the chain looked right: the memory went away.
    pub(super) gone: bool,
}

impl Offer {
    pub(super) fn command(request: &[u8], room: usize) -> Self {
        Self { request: request.to_vec(), room, ..Self::default() }
    }

    pub(super) fn event_buffer(room: usize) -> Self {
        Self { room, ..Self::default() }
    }
}

/// A chain that came back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Completion {
    pub(super) head: usize,
    pub(super) used: usize,
    pub(super) bytes: Vec<u8>,
}

#[derive(Debug)]
enum Entry {
    Offer(usize),
    Lost,
    Unusable,
}

/// A queue whose driver is a list. It panics where a device must not go.
#[derive(Debug, Default)]
pub(super) struct MemoryQueue {
    buffers: Vec<Buffer>,
    ring: VecDeque<Entry>,
    popped: Option<usize>,
    open: Vec<usize>,
    pub(super) completions: Vec<Completion>,
    may_lie: bool,
}

#[derive(Debug)]
struct Buffer {
    offer: Offer,
    memory: RefCell<Vec<u8>>,
    written: Cell<usize>,
}

/// Which buffer a chain is.
pub(super) type Chain = Option<usize>;

impl MemoryQueue {
    /// A queue that takes used lengths that are wrong, and chains that are completed twice.
    pub(super) fn lying() -> Self {
        Self { may_lie: true, ..Self::default() }
    }

    pub(super) fn offer(&mut self, offer: Offer) -> usize {
        let memory = RefCell::new(vec![0xEE; offer.room]);
        let head = self.buffers.len();
        self.buffers.push(Buffer { offer, memory, written: Cell::new(0) });
        self.ring.push_back(Entry::Offer(head));
        head
    }

    pub(super) fn lose_entry(&mut self) {
        self.ring.push_back(Entry::Lost);
    }

    pub(super) fn break_ring(&mut self) {
        self.ring.push_back(Entry::Unusable);
    }

    /// Makes accesses to a chain fail from now on.
    pub(super) fn take_memory_of(&mut self, head: usize) {
        self.buffers[head].offer.gone = true;
    }

    /// Chains taken and not given back.
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    pub(super) fn waiting(&self) -> usize {
        self.ring.len()
    }

    /// The bytes of a chain's writable part; 0xEE where nothing was written.
    pub(super) fn memory(&self, head: usize) -> Vec<u8> {
        self.buffers[head].memory.borrow().clone()
    }
}

impl DeviceQueue for MemoryQueue {
    type Chain = Chain;

    fn pop(&mut self, chain: &mut Chain) -> Popped {
        match self.ring.pop_front() {
            None => Popped::Empty,
            Some(Entry::Lost) => Popped::Lost,
            Some(Entry::Unusable) => Popped::Unusable,
            Some(Entry::Offer(head)) => {
                *chain = Some(head);
                self.popped = Some(head);
                self.open.push(head);
                let offer = &self.buffers[head].offer;
                Popped::Chain(Shape {
                    readable: offer.request.len(),
                    writable: offer.room,
                    fault: offer.fault,
                })
            }
        }
    }

    fn undo_pop(&mut self) {
        let head = self.popped.take().expect("nothing was popped");
        self.open.retain(|open| *open != head);
        self.ring.push_front(Entry::Offer(head));
    }

    fn read(&self, chain: &Chain, into: &mut [u8]) -> Result<usize, OutsideMemory> {
        let offer = &self.buffers[chain.expect("no chain")].offer;
        assert!(offer.fault.is_none(), "read from a chain that is not to be trusted");
        if offer.gone {
            return Err(OutsideMemory);
        }
        let len = offer.request.len().min(into.len());
        into[..len].copy_from_slice(&offer.request[..len]);
        Ok(len)
    }

    fn write(&self, chain: &Chain, bytes: &[u8]) -> Result<(), OutsideMemory> {
        let Buffer { offer, memory, written } = &self.buffers[chain.expect("no chain")];
        assert!(offer.fault.is_none(), "written to a chain that is not to be trusted");
        assert!(bytes.len() <= offer.room, "written past the writable part");
        if offer.gone {
            return Err(OutsideMemory);
        }
        memory.borrow_mut()[..bytes.len()].copy_from_slice(bytes);
        written.set(bytes.len());
        Ok(())
    }

    fn complete(&mut self, chain: &Chain, used: usize) {
        let head = chain.expect("no chain");
        if self.may_lie {
            self.open.retain(|open| *open != head);
            let memory = self.memory(head);
            let bytes = memory[..used.min(memory.len())].to_vec();
            self.completions.push(Completion { head, used, bytes });
            return;
        }
        let place = self.open.iter().position(|open| *open == head);
        self.open.swap_remove(place.expect("completed a chain that is not open"));
        self.popped = None;
        assert!(used <= self.buffers[head].written.get(), "claimed more than was written");
        let bytes = self.memory(head)[..used].to_vec();
        self.completions.push(Completion { head, used, bytes });
    }
}

/// A responder that does what the command says: its fifth byte chooses the outcome, its sixth the length of
/// the answer.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) handled: Vec<Vec<u8>>,
    waiting: VecDeque<(u32, Time)>,
    /// What a deferred answer is measured by.
    pub(super) now: Time,
    pub(super) events: VecDeque<(Vec<u8>, bool)>,
    tickets: u32,
}

/// Outcomes to choose from.
pub(super) const ANSWER: u8 = 0;
pub(super) const LATER: u8 = 1;
pub(super) const DROP: u8 = 2;

impl Script {
    /// A command for a script.
    pub(super) fn command(outcome: u8, len: u8) -> [u8; 6] {
        [0xA1, 0xA2, 0xA3, 0xA4, outcome, len]
    }

    /// Queues an event; one that must not be lost makes small buffers fail.
    pub(super) fn event(&mut self, bytes: &[u8], must_arrive: bool) {
        self.events.push_back((bytes.to_vec(), must_arrive));
    }

    fn fill(reply: &mut [u8], len: usize) -> usize {
        let len = len.min(reply.len());
        reply[..len].fill(0x5A);
        len
    }
}

impl Responder for Script {
    type Ticket = u32;

    fn handle(&mut self, now: Time, request: &[u8], reply: &mut [u8]) -> Outcome<u32> {
        self.handled.push(request.to_vec());
        match request.get(4).copied().unwrap_or(ANSWER) % 3 {
            ANSWER => {
                let len = request.get(5).copied().unwrap_or(8);
                Outcome::Reply(Self::fill(reply, len.into()))
            }
            LATER => {
                self.tickets += 1;
                self.waiting.push_back((self.tickets, now.after(Duration::from_millis(1))));
                Outcome::Later(self.tickets)
            }
            _ => Outcome::Dropped,
        }
    }

    fn poll_reply(&self) -> Option<u32> {
        self.waiting.front().filter(|(_, due)| *due <= self.now).map(|(ticket, _)| *ticket)
    }

    fn take_reply(&mut self, ticket: u32, reply: &mut [u8]) -> usize {
        assert_eq!(self.waiting.pop_front().map(|(ticket, _)| ticket), Some(ticket));
        Self::fill(reply, 8)
    }

    fn has_event(&self) -> bool {
        !self.events.is_empty()
    }

    fn poll_event(&mut self, buffer: &mut [u8]) -> EventOutcome {
        while let Some((event, must_arrive)) = self.events.front() {
            if event.len() <= buffer.len() {
                buffer[..event.len()].copy_from_slice(event);
                let len = event.len();
                self.events.pop_front();
                return EventOutcome::Wrote(len);
            }
            if *must_arrive {
                return EventOutcome::TooSmall;
            }
            self.events.pop_front();
        }
        EventOutcome::Empty
    }
}
