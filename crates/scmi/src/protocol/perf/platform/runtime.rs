//! What a domain is doing.

use super::describe;
use super::model::{Limits, PerfDomain, PerfModel};
use crate::platform::{AgentId, AgentSet, Outbox, PerAgent, Space, Topic};
use crate::protocol::perf::wire::{LevelEvent, LimitsEvent};
use crate::time::Time;
use crate::wire::{MessageId, Status, U32};

pub(super) const LIMITS_CHANGED: MessageId = MessageId(0);
pub(super) const LEVEL_CHANGED: MessageId = MessageId(1);

/// A domain as it is now.
#[derive(Debug)]
pub(super) struct Domain {
    /// Its position among all.
    pub(super) id: usize,
    /// The position of the level that was accepted last: what LEVEL_GET tells.
    pub(super) level: usize,
    /// The position of the level that it has had before a change that is under way.
    before: usize,
    /// When that change ends, and who caused it.
    change: Option<(Time, u32)>,
    /// The limits in force: the narrowest of all.
    pub(super) limits: Limits,
    /// The platform's own.
    pub(super) platform: Option<Limits>,
    /// An agent went, and its limits with it.
    pub(super) stale: bool,
    /// Who was the last to set the level.
    pub(super) set_by: Option<AgentId>,
    /// The level is to be what it was at start.
    pub(super) restore: bool,
    pub(super) limit_agents: AgentSet,
    pub(super) level_agents: AgentSet,
}

impl Domain {
    pub(super) fn new(id: usize, description: &PerfDomain) -> Self {
        Self {
            id,
            level: description.initial,
            before: description.initial,
            change: None,
            limits: description.all(),
            platform: None,
            stale: false,
            set_by: None,
            restore: false,
            limit_agents: AgentSet::default(),
            level_agents: AgentSet::default(),
        }
    }

    /// When something is to be done.
    pub(super) fn due(&self) -> Option<Time> {
        if self.stale { Some(Time::ZERO) } else { self.change.map(|(due, _)| due) }
    }

    /// The narrowest of all limits: the lowest maximum and the highest minimum. Where they contradict each other the
    /// maximum counts: it guards against heat, a minimum only against waiting.
    fn narrowest(&self, description: &PerfDomain, wishes: &PerAgent<Limits>) -> Limits {
        let wishes = wishes.of(self.id).map(|(_, limits)| limits).chain(self.platform);
        let limits = wishes.fold(description.all(), |all, one| Limits {
            max: all.max.min(one.max),
            min: all.min.max(one.min),
        });
        Limits { min: limits.min.min(limits.max), ..limits }
    }

    /// Brings the narrowest limits into force and pulls the level inside.
    pub(super) fn apply_limits(
        &mut self,
        now: Time,
        cause: u32,
        model: &mut dyn PerfModel,
        wishes: &PerAgent<Limits>,
        outbox: &mut Outbox<'_>,
    ) -> Result<(), Status> {
        self.stale = false;
        let description = model.domains().get(self.id).ok_or(Status::NOT_FOUND)?;
        let limits = self.narrowest(description, wishes);
        if limits == self.limits {
            return Ok(());
        }
        let level = description.nearest(limits, self.level);
        if level != self.level {
            model.change(now, self.id, level)?;
        }
        self.limits = limits;
        self.tell_limits(cause, model, outbox);
        if level != self.level {
            self.begin(now, cause, level, model, outbox);
        }
        Ok(())
    }

    /// Sets the level.
    pub(super) fn set_level(
        &mut self,
        now: Time,
        cause: u32,
        level: usize,
        model: &mut dyn PerfModel,
        outbox: &mut Outbox<'_>,
    ) -> Result<(), Status> {
        if level != self.level {
            model.change(now, self.id, level)?;
            self.begin(now, cause, level, model, outbox);
        }
        Ok(())
    }

    /// Puts the level back to what it was at start, or as near to it as the limits let it.
    pub(super) fn restore_level(
        &mut self,
        now: Time,
        model: &mut dyn PerfModel,
        outbox: &mut Outbox<'_>,
    ) {
        if !core::mem::take(&mut self.restore) {
            return;
        }
        self.set_by = None;
        let Some(description) = model.domains().get(self.id) else { return };
        let level = description.nearest(self.limits, description.initial);
        // A level that cannot be changed stays as it is; the agent that could be told is gone.
        let _refused = self.set_level(now, 0, level, model, outbox);
    }

    /// Has a level at once and without telling anybody, unless the model refuses.
    pub(super) fn put_level(
        &mut self,
        now: Time,
        level: usize,
        by: Option<AgentId>,
        model: &mut dyn PerfModel,
    ) {
        if level != self.level {
            if model.change(now, self.id, level).is_err() {
                return;
            }
            model.changed(now, self.id, level);
        }
        self.level = level;
        self.before = level;
        self.set_by = by;
    }

    /// The narrowest limits are in force, without telling anybody; the next poll pulls a level inside that is not.
    pub(super) fn put_limits(&mut self, model: &dyn PerfModel, wishes: &PerAgent<Limits>) {
        let Some(description) = model.domains().get(self.id) else { return };
        let limits = self.narrowest(description, wishes);
        if description.nearest(limits, self.level) == self.level {
            self.limits = limits;
        } else {
            self.stale = true;
        }
    }

    fn begin(
        &mut self,
        now: Time,
        cause: u32,
        level: usize,
        model: &mut dyn PerfModel,
        outbox: &mut Outbox<'_>,
    ) {
        let description = model.domains().get(self.id);
        let info = description.and_then(|description| description.levels.get(level));
        let latency = info.map(|info| info.latency).unwrap_or_default();
        self.level = level;
        self.change = Some((now.after(latency), cause));
        self.complete(now, model, outbox);
    }

    /// Ends a change whose time has come.
    pub(super) fn complete(
        &mut self,
        now: Time,
        model: &mut dyn PerfModel,
        outbox: &mut Outbox<'_>,
    ) {
        let Some((_, cause)) = self.change.take_if(|(due, _)| *due <= now) else { return };
        model.changed(now, self.id, self.level);
        if self.before == self.level {
            // It went back before it got anywhere.
            return;
        }
        self.before = self.level;
        let Some(description) = model.domains().get(self.id) else { return };
        for agent in self.level_agents.iter() {
            let level = describe::level(outbox.version(agent), description, self.level);
            outbox.notify(agent, LEVEL_CHANGED, self.topic(), &mut |w, seen| {
                w.put(&LevelEvent { agent: U32::new(cause), domain: seen.word(), level })
            });
        }
    }

    fn tell_limits(&self, cause: u32, model: &dyn PerfModel, outbox: &mut Outbox<'_>) {
        let Some(description) = model.domains().get(self.id) else { return };
        for agent in self.limit_agents.iter() {
            let limits = describe::limits(outbox.version(agent), description, self.limits);
            outbox.notify(agent, LIMITS_CHANGED, self.topic(), &mut |w, seen| {
                w.put(&LimitsEvent { agent: U32::new(cause), domain: seen.word(), limits })
            });
        }
    }

    const fn topic(&self) -> Topic {
        Topic::new(Space::PerfDomain, self.id)
    }
}
