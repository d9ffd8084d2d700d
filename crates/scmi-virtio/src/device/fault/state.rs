//! What a device owes to plans: answers held back, events of its own.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use scmi::Time;
use scmi::platform::AgentId;
use scmi::wire::{Header, Status};

use super::acts::{Acts, Flood};
use super::alter::{HEAD, header_of, status_only};
use super::responder::Name;
use super::saboteur::{Deed, Plan, Saboteur};
use super::verdict::Verdict;

/// What one device still has to do for plans. It belongs to the device as its rules do, and lives as long.
#[derive(Debug)]
pub struct Sabotage<T> {
    pub(super) held: Vec<Held<T>>,
    /// Plans for answers that the platform gives later.
    pub(super) plans: Vec<Planned<T>>,
    pub(super) events: VecDeque<Event>,
    pub(super) floods: Vec<Running>,
    issued: u64,
    lost: Vec<Lost>,
}

/// A message that does not come.
#[derive(Clone, Copy, Debug)]
pub struct Lost {
    plan: Plan,
    header: Header,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.plan, self.header)
    }
}

/// An answer that is held back; its chain is parked.
#[derive(Debug)]
pub(super) struct Held<T> {
    pub(super) name: Name<T>,
    pub(super) bytes: Vec<u8>,
    pub(super) due: Time,
    pub(super) hold: Hold,
    pub(super) verdict: Verdict,
    pub(super) rule: u64,
}

/// Why an answer is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// Until its time.
    Until,
    /// Until another answer has gone, or its time.
    Swapped,
    /// For ever: what is held is no answer, but what the chain is given back with.
    Kept,
}

#[derive(Debug)]
pub(super) struct Planned<T> {
    pub(super) ticket: T,
    pub(super) plan: Plan,
    /// Bytes of the chain's writable part.
    pub(super) room: usize,
}

/// A message for the event queue.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) bytes: Vec<u8>,
    pub(super) due: Time,
    pub(super) verdict: Verdict,
}

/// A flood that goes on.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) bytes: Vec<u8>,
    pub(super) left: u32,
    pub(super) next: Time,
    pub(super) interval: Duration,
    pub(super) plan: Plan,
}

impl<T> Default for Sabotage<T> {
    fn default() -> Self {
        Self {
            held: Vec::new(),
            plans: Vec::new(),
            events: VecDeque::new(),
            floods: Vec::new(),
            issued: 0,
            lost: Vec::new(),
        }
    }
}

impl<T: Copy + PartialEq> Sabotage<T> {
    /// Events that wait at most; a guest that offers no buffers cannot make it more.
    pub const MAX_EVENTS: usize = 256;

    /// Floods at once.
    pub const MAX_FLOODS: usize = 8;

    /// Whether there is nothing to do for any plan.
    pub fn is_quiet(&self) -> bool {
        self.held.is_empty()
            && self.plans.is_empty()
            && self.events.is_empty()
            && self.floods.is_empty()
    }

    /// Whether an answer that was held back is due now.
    pub(super) fn has_due_reply(&self, now: Time) -> bool {
        self.held.iter().any(|held| held.due <= now)
    }

    /// Whether a delayed response of a plan's is due now.
    pub(super) fn has_due_delayed_response(&self, now: Time) -> bool {
        let delayed = Header::from_word(0).delayed_response().kind();
        self.events
            .iter()
            .any(|event| event.due <= now && header_of(&event.bytes).kind() == delayed)
    }

    /// When something is due next. What is due already is not named: it waits for its turn or for buffers.
    pub(super) fn next_deadline(&self, now: Time) -> Option<Time> {
        let held = self.held.iter().map(|held| held.due);
        let events = self.events.iter().map(|event| event.due);
        let floods = self.floods.iter().map(|flood| flood.next);
        let all = held.chain(events).chain(floods);
        all.filter(|due| *due > now && *due != Time::NEVER).min()
    }

    /// The command queue stops: its chains have been given back, so nothing can be answered any more.
    pub fn commands_stopped(&mut self, agent: AgentId, saboteur: Option<&dyn Saboteur>) {
        for held in self.held.drain(..).filter(|held| held.hold == Hold::Kept) {
            if let Some(saboteur) = saboteur {
                saboteur.report(agent, held.rule, Deed::GivenBack);
            }
        }
        self.plans.clear();
    }

    /// The driver's life is over.
    pub fn forget(&mut self, agent: AgentId, saboteur: Option<&dyn Saboteur>) {
        self.commands_stopped(agent, saboteur);
        self.events.clear();
        self.floods.clear();
    }

    /// The messages that do not come, since this was asked last; at most [`Sabotage::MAX_EVENTS`] of them.
    pub fn lost(&mut self) -> impl Iterator<Item = Lost> {
        self.lost.drain(..)
    }

    /// Notes one that does not come.
    pub(super) fn lose(&mut self, plan: &Plan, header: Header) {
        if self.lost.len() < Self::MAX_EVENTS {
            self.lost.push(Lost { plan: *plan, header });
        }
    }

    /// Lets go what rules keep that do not stand any more.
    pub(super) fn release(&mut self, now: Time, saboteur: &dyn Saboteur) {
        for held in self.held.iter_mut().filter(|held| held.hold == Hold::Kept) {
            if !saboteur.stands(held.rule) {
                held.due = now;
            }
        }
        self.floods.retain(|flood| saboteur.stands(flood.plan.rule));
    }

    /// An answer goes: those that waited for it may go now.
    pub(super) fn answer_goes(&mut self, now: Time) {
        for held in self.held.iter_mut().filter(|held| held.hold == Hold::Swapped) {
            held.due = held.due.min(now);
        }
    }

    /// A name for an answer of our own.
    pub(super) fn issue(&mut self) -> Name<T> {
        self.issued = self.issued.wrapping_add(1);
        Name::Own(self.issued)
    }

    /// Holds an answer back.
    pub(super) fn hold(
        &mut self,
        now: Time,
        name: Name<T>,
        plan: &Plan,
        verdict: Verdict,
        answer: &[u8],
    ) {
        let Acts { delay, never, swap, .. } = plan.acts;
        let (hold, due) = match delay {
            _ if never => (Hold::Kept, Time::NEVER),
            _ if swap => (Hold::Swapped, now.after(delay.unwrap_or(Acts::SWAP_PATIENCE))),
            _ => (Hold::Until, now.after(delay.unwrap_or_default())),
        };
        let mut bytes = answer.to_vec();
        if never {
            bytes.resize(HEAD, 0);
            status_only(&mut bytes, header_of(answer), Status::COMMS_ERROR);
        }
        self.held.push(Held { name, bytes, due, hold, verdict, rule: plan.rule });
    }

    /// The name of the answer that is due for longest.
    pub(super) fn due_reply(&self, now: Time) -> Option<Name<T>> {
        let due = self.held.iter().filter(|held| held.due <= now);
        due.min_by_key(|held| held.due).map(|held| held.name)
    }

    /// Takes an answer that is held back.
    pub(super) fn take_held(&mut self, name: Name<T>) -> Option<Held<T>> {
        let at = self.held.iter().position(|held| held.name == name)?;
        Some(self.held.swap_remove(at))
    }

    /// Queues an event; false where there are too many.
    pub(super) fn push_event(&mut self, bytes: &[u8], due: Time, verdict: Verdict) -> bool {
        if self.events.len() >= Self::MAX_EVENTS {
            return false;
        }
        self.events.push_back(Event { bytes: bytes.to_vec(), due, verdict });
        true
    }

    /// Takes the event that is due.
    pub(super) fn pop_event(&mut self, now: Time) -> Option<Event> {
        let at = self.events.iter().position(|event| event.due <= now)?;
        self.events.remove(at)
    }

    /// Starts a flood; false where there are too many.
    pub(super) fn start_flood(
        &mut self,
        now: Time,
        flood: Flood,
        plan: &Plan,
        bytes: &[u8],
    ) -> bool {
        if self.floods.len() >= Self::MAX_FLOODS {
            return false;
        }
        let interval = flood.interval();
        let next = now.after(interval);
        let bytes = bytes.to_vec();
        if flood.count > 0 {
            self.floods.push(Running { bytes, left: flood.count, next, interval, plan: *plan });
        }
        true
    }

    /// The next message of a flood that is due, if any, and the plan that it is part of.
    pub(super) fn flow(&mut self, now: Time, buffer: &mut [u8]) -> Option<(usize, Plan)> {
        let at = self.floods.iter().position(|flood| flood.next <= now)?;
        let flood = self.floods.get_mut(at)?;
        let len = copy(&flood.bytes, buffer);
        let plan = flood.plan;
        flood.left = flood.left.saturating_sub(1);
        flood.next = flood.next.after(flood.interval);
        if flood.left == 0 {
            self.floods.swap_remove(at);
        }
        Some((len, plan))
    }
}

/// Copies what has room; how much that was.
pub(super) fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let len = from.len().min(to.len());
    if let (Some(from), Some(to)) = (from.get(..len), to.get_mut(..len)) {
        to.copy_from_slice(from);
    }
    len
}
