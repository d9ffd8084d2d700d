//! Calls that are answered later.

use alloc::vec;
use alloc::vec::Vec;

use super::server::Work;
use crate::time::Time;
use crate::wire::Header;

/// A command whose immediate response comes later: the transport keeps its buffer and asks with
/// [`super::Platform::poll_reply`]. Tickets are not used again within a life of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(u64);

/// The calls of one agent that wait, in slots allocated at set-up.
#[derive(Debug, Default)]
pub(super) struct PendingCalls {
    slots: Vec<Slot>,
    issued: u64,
    /// Slots that are not free: the usual 0 makes every look-up below cheap.
    taken: usize,
    delayed_ready: usize,
}

#[derive(Clone, Debug)]
struct Slot {
    state: State,
    ticket: Ticket,
    header: Header,
    server: usize,
    delayed: bool,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Free,
    Waiting {
        due: Time,
        work: Work,
    },
    /// Since when, and how many bytes of answer.
    Ready {
        since: Time,
        len: usize,
    },
}

/// A call whose time has come.
pub(super) struct Due<'a> {
    pub(super) server: usize,
    pub(super) header: Header,
    pub(super) work: Work,
    pub(super) bytes: &'a mut [u8],
}

impl PendingCalls {
    pub(super) fn new(capacity: usize, bytes: usize) -> Self {
        let empty = Slot {
            state: State::Free,
            ticket: Ticket(0),
            header: Header::from_word(0),
            server: 0,
            delayed: false,
            bytes: vec![0; bytes],
        };
        Self { slots: vec![empty; capacity], issued: 0, taken: 0, delayed_ready: 0 }
    }

    /// How many delayed responses a server owes.
    pub(super) fn owed(&self, server: usize) -> usize {
        if self.taken == 0 {
            return 0;
        }
        let owed = |slot: &&Slot| {
            slot.delayed && slot.server == server && !matches!(slot.state, State::Free)
        };
        self.slots.iter().filter(owed).count()
    }

    /// Whether no further call can wait.
    pub(super) const fn is_full(&self) -> bool {
        self.taken >= self.slots.len()
    }

    /// Lets a call wait until `due`; none when all slots are taken.
    pub(super) fn add(
        &mut self,
        server: usize,
        header: Header,
        delayed: bool,
        due: Time,
        work: Work,
    ) -> Option<Ticket> {
        let slot = self.slots.iter_mut().find(|slot| matches!(slot.state, State::Free))?;
        self.issued = self.issued.wrapping_add(1);
        slot.ticket = Ticket(self.issued);
        slot.header = header;
        slot.server = server;
        slot.delayed = delayed;
        slot.state = State::Waiting { due, work };
        self.taken = self.taken.saturating_add(1);
        Some(slot.ticket)
    }

    /// When the next call is due.
    pub(super) fn next_due(&self) -> Option<Time> {
        if self.taken == 0 {
            return None;
        }
        let due = |slot: &Slot| match slot.state {
            State::Waiting { due, .. } => Some(due),
            State::Free | State::Ready { .. } => None,
        };
        self.slots.iter().filter_map(due).min()
    }

    /// Has `finish` answer every call that is due, in the order in which they are, and of those that are at the same time
    /// in that in which they came; returns whether there was one.
    pub(super) fn finish_due(
        &mut self,
        now: Time,
        finish: &mut dyn FnMut(Due<'_>) -> usize,
    ) -> bool {
        let mut any = false;
        while let Some(slot) = self.first_due(now) {
            let State::Waiting { due, work } = slot.state else { return any };
            let header = if slot.delayed { slot.header.delayed_response() } else { slot.header };
            let due_call = Due { server: slot.server, header, work, bytes: &mut slot.bytes };
            let len = finish(due_call);
            slot.state = State::Ready { since: due, len };
            let delayed = usize::from(slot.delayed);
            self.delayed_ready = self.delayed_ready.saturating_add(delayed);
            any = true;
        }
        any
    }

    fn first_due(&mut self, now: Time) -> Option<&mut Slot> {
        let due = self.slots.iter_mut().filter_map(|slot| match slot.state {
            State::Waiting { due, .. } if due <= now => Some(((due, slot.ticket.0), slot)),
            _ => None,
        });
        due.min_by_key(|(first, _)| *first).map(|(_, slot)| slot)
    }

    fn first_ready(&self, delayed: bool) -> Option<usize> {
        if self.taken == 0 {
            return None;
        }
        let ready = self.slots.iter().enumerate().filter_map(|(index, slot)| match slot.state {
            State::Ready { since, .. } if slot.delayed == delayed => {
                Some((since, slot.ticket.0, index))
            }
            _ => None,
        });
        ready.min().map(|(.., index)| index)
    }

    /// The ticket of the immediate response that is ready for longest.
    pub(super) fn ready_reply(&self) -> Option<Ticket> {
        let slot = self.slots.get(self.first_ready(false)?)?;
        Some(slot.ticket)
    }

    /// Takes a ready immediate response: its bytes stay valid until the next call waits.
    pub(super) fn take_reply(&mut self, ticket: Ticket) -> Option<(Header, &[u8])> {
        let slot = self.slots.iter_mut().find(|slot| {
            slot.ticket == ticket && !slot.delayed && matches!(slot.state, State::Ready { .. })
        })?;
        let State::Ready { len, .. } = slot.state else { return None };
        slot.state = State::Free;
        self.taken = self.taken.saturating_sub(1);
        Some((slot.header, slot.bytes.get(..len)?))
    }

    /// The delayed response that is ready for longest.
    pub(super) fn front_delayed(&self) -> Option<(Header, &[u8])> {
        if self.delayed_ready == 0 {
            return None;
        }
        let slot = self.slots.get(self.first_ready(true)?)?;
        let State::Ready { len, .. } = slot.state else { return None };
        Some((slot.header, slot.bytes.get(..len)?))
    }

    /// Drops the delayed response that is ready for longest: it was sent.
    pub(super) fn pop_delayed(&mut self) {
        if let Some(slot) = self.first_ready(true).and_then(|index| self.slots.get_mut(index)) {
            slot.state = State::Free;
            self.taken = self.taken.saturating_sub(1);
            self.delayed_ready = self.delayed_ready.saturating_sub(1);
        }
    }

    pub(super) const fn has_delayed(&self) -> bool {
        self.delayed_ready > 0
    }

    /// Ends all calls that wait: delayed responses are dropped, immediate ones are what `write` makes of their headers, for
    /// a transport holds their buffers. Returns whether one is ready now.
    pub(super) fn give_up(
        &mut self,
        now: Time,
        write: &mut dyn FnMut(Header, &mut [u8]) -> usize,
    ) -> bool {
        let mut any = false;
        for slot in &mut self.slots {
            match slot.state {
                State::Free => {}
                _ if slot.delayed => {
                    slot.state = State::Free;
                    self.taken = self.taken.saturating_sub(1);
                }
                State::Waiting { .. } => {
                    let len = write(slot.header, &mut slot.bytes);
                    slot.state = State::Ready { since: now, len };
                    any = true;
                }
                State::Ready { .. } => {}
            }
        }
        self.delayed_ready = 0;
        any
    }

    pub(super) fn clear(&mut self) {
        for slot in &mut self.slots {
            slot.state = State::Free;
        }
        self.taken = 0;
        self.delayed_ready = 0;
    }
}
