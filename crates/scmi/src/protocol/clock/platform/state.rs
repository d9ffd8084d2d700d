//! What the server remembers of each clock.

use super::super::wire::RateEvent;
use super::super::{RATE_CHANGE_REQUESTED, RATE_CHANGED};
use crate::platform::{AgentId, AgentSet, Outbox, Space, Topic};
use crate::protocol::serving::Change;
use crate::time::Time;
use crate::wire::{MessageId, U32, U64};

/// What the server remembers of one clock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    /// Who wants it on (section 13.2).
    pub(super) enabled_by: AgentSet,
    /// Somebody did, and nobody does any more.
    pub(super) off: bool,
    /// When it has run for its enable delay.
    pub(super) stable_at: Time,
    pub(super) wants_changes: AgentSet,
    pub(super) wants_requests: AgentSet,
    pub(super) change: Change<RateChange>,
    /// The rate that subscribers know.
    pub(super) known: u64,
    pub(super) rate_at_start: u64,
    pub(super) parent_at_start: Option<usize>,
    /// Who was the last to set the rate.
    pub(super) rate_by: Option<AgentId>,
    /// Who was the last to set the parent.
    pub(super) parent_by: Option<AgentId>,
}

/// A change of the rate that is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct RateChange {
    pub(super) rate: u64,
    pub(super) asynchronous: bool,
    /// Nobody is told when it is made.
    pub(super) silent: bool,
}

impl State {
    /// Whether an asynchronous change of this agent is under way.
    pub(super) fn owes(&self, agent: AgentId) -> bool {
        matches!(
            self.change,
            Change::Running { agent: by, wanted, .. } if by == agent && wanted.asynchronous
        )
    }

    /// Tells the subscribers the rate that the clock has now, if they do not know it.
    pub(super) fn tell_rate(
        &mut self,
        clock: usize,
        rate: u64,
        by: Option<AgentId>,
        outbox: &mut Outbox<'_>,
    ) {
        if self.known != rate {
            self.known = rate;
            for agent in self.wants_changes.iter() {
                tell(outbox, agent, RATE_CHANGED, clock, rate, by);
            }
        }
    }

    /// Tells the other subscribers that an agent wanted this rate.
    pub(super) fn tell_request(
        &self,
        clock: usize,
        rate: u64,
        by: AgentId,
        outbox: &mut Outbox<'_>,
    ) {
        for agent in self.wants_requests.iter().filter(|agent| *agent != by) {
            tell(outbox, agent, RATE_CHANGE_REQUESTED, clock, rate, Some(by));
        }
    }
}

fn tell(
    outbox: &mut Outbox<'_>,
    agent: AgentId,
    message: MessageId,
    clock: usize,
    rate: u64,
    by: Option<AgentId>,
) {
    let by = U32::new(by.map_or(0, AgentId::number));
    outbox.notify(agent, message, Topic::new(Space::Clock, clock), &mut |w, seen| {
        w.put(&RateEvent { agent: by, clock: seen.word(), rate: U64::new(rate) })
    });
}
