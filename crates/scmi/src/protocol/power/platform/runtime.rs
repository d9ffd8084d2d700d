//! What a domain is doing.

use super::model::PowerModel;
use crate::platform::{AgentId, AgentSet, Outbox, PerAgent, Space, Topic};
use crate::protocol::power::wire::{PowerState, StateEvent};
use crate::time::Time;
use crate::wire::{MessageId, Status, U32};

pub(super) const STATE_CHANGED: MessageId = MessageId(0);
pub(super) const CHANGE_REQUESTED: MessageId = MessageId(1);

/// A domain as it is now.
#[derive(Debug)]
pub(super) struct Domain {
    /// Its position among all.
    pub(super) id: usize,
    /// The position of the state it is in.
    pub(super) state: usize,
    pub(super) transition: Option<Transition>,
    /// Whose wish made the state that is wanted the wanted one: a change to it is his doing.
    cause: u32,
    /// What the agents want may differ from what the domain does.
    pub(super) stale: bool,
    /// Why the last change could not begin.
    pub(super) fault: Option<Status>,
    pub(super) change_agents: AgentSet,
    pub(super) request_agents: AgentSet,
}

/// A change of state under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transition {
    pub(super) to: usize,
    pub(super) due: Time,
    cause: u32,
}

impl Domain {
    pub(super) fn new(id: usize, state: usize) -> Self {
        Self {
            id,
            state,
            transition: None,
            cause: 0,
            stale: false,
            fault: None,
            change_agents: AgentSet::default(),
            request_agents: AgentSet::default(),
        }
    }

    /// When something is to be done.
    pub(super) fn due(&self) -> Option<Time> {
        let due = self.transition.map(|transition| transition.due);
        due.or_else(|| self.stale.then_some(Time::ZERO))
    }

    /// The state that the domain should be in.
    pub(super) fn wanted(&self, model: &dyn PowerModel, votes: &PerAgent<usize>) -> usize {
        let initial = model.domains().get(self.id).map_or(0, |domain| domain.initial);
        votes.of(self.id).map(|(_, state)| state).min().unwrap_or(initial)
    }

    /// Notes what an agent wants, or that it wants nothing any more; returns what it wanted before.
    pub(super) fn vote(
        &mut self,
        model: &dyn PowerModel,
        votes: &mut PerAgent<usize>,
        (agent, vote): (AgentId, Option<usize>),
        cause: u32,
    ) -> Option<usize> {
        let wanted = self.wanted(model, votes);
        let before = votes.set(self.id, agent, vote);
        if self.wanted(model, votes) != wanted {
            self.cause = cause;
        }
        before
    }

    /// When the domain will be in the state that is wanted, if nobody asks for another one.
    pub(super) fn settled(&self, model: &dyn PowerModel, wanted: usize) -> Option<Time> {
        let transition = self.transition?;
        if transition.to == wanted {
            return Some(transition.due);
        }
        Some(transition.due.after(info(model, self.id, wanted)?.latency))
    }

    /// Does what is due by now: ends a change, and begins another where the agents want one.
    pub(super) fn advance(
        &mut self,
        now: Time,
        model: &mut dyn PowerModel,
        votes: &PerAgent<usize>,
        outbox: &mut Outbox<'_>,
    ) -> Result<(), Status> {
        // At most: one change ends now, another one begins and takes no time, and that is what is wanted.
        for _ in 0..3 {
            self.complete(now, model, outbox);
            if self.transition.is_some() {
                return Ok(());
            }
            self.stale = false;
            let wanted = self.wanted(model, votes);
            if wanted == self.state {
                self.fault = None;
                return Ok(());
            }
            self.begin(now, model, wanted)?;
        }
        Ok(())
    }

    /// Is in the state that is wanted, at once and without telling anybody. Where the model refuses, it tries again with the
    /// next poll.
    pub(super) fn settle(
        &mut self,
        now: Time,
        model: &mut dyn PowerModel,
        votes: &PerAgent<usize>,
    ) {
        let wanted = self.wanted(model, votes);
        let Some(info) = info(model, self.id, wanted).filter(|_| wanted != self.state) else {
            return;
        };
        if model.change(now, self.id, info.state).is_ok() {
            model.changed(now, self.id, info.state);
            self.state = wanted;
        } else {
            self.stale = true;
        }
    }

    fn begin(&mut self, now: Time, model: &mut dyn PowerModel, to: usize) -> Result<(), Status> {
        let info = info(model, self.id, to).ok_or(Status::GENERIC_ERROR)?;
        let begun = model.change(now, self.id, info.state);
        self.fault = begun.err();
        begun?;
        self.transition = Some(Transition { to, due: now.after(info.latency), cause: self.cause });
        Ok(())
    }

    fn complete(&mut self, now: Time, model: &mut dyn PowerModel, outbox: &mut Outbox<'_>) {
        let Some(done) = self.transition.take_if(|transition| transition.due <= now) else {
            return;
        };
        self.state = done.to;
        let Some(info) = info(model, self.id, done.to) else { return };
        model.changed(now, self.id, info.state);
        for agent in self.change_agents.iter() {
            self.tell(outbox, agent, STATE_CHANGED, (done.cause, info.state));
        }
    }

    /// Tells an agent of a state, and who caused that.
    pub(super) fn tell(
        &self,
        outbox: &mut Outbox<'_>,
        agent: AgentId,
        message: MessageId,
        (cause, state): (u32, PowerState),
    ) {
        let (cause, state) = (U32::new(cause), U32::new(state.0));
        outbox.notify(agent, message, Topic::new(Space::PowerDomain, self.id), &mut |w, seen| {
            w.put(&StateEvent { agent: cause, domain: seen.word(), state })
        });
    }
}

pub(super) fn info(
    model: &dyn PowerModel,
    domain: usize,
    state: usize,
) -> Option<super::PowerStateInfo> {
    model.domains().get(domain)?.states.get(state).copied()
}
