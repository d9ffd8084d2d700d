//! What agents have set of performance domains.

use core::fmt;

use super::model::Limits;
use super::server::PerfServer;
use crate::platform::{AgentId, StateEntry, StateKind, Statement, Subject};
use crate::time::Time;

/// One thing that was set.
enum Fact {
    Level(usize),
    Limits(AgentId, Limits),
    Levels(AgentId),
    LimitChanges(AgentId),
}

impl PerfServer {
    pub(super) fn identify_domain(&self, id: usize, to: &mut dyn fmt::Write) -> fmt::Result {
        let Some(domain) = self.model.domains().get(id) else { return Ok(()) };
        write!(to, "{}; levels", domain.name)?;
        domain.levels.iter().try_for_each(|level| write!(to, " {}", level.level))
    }

    pub(super) fn say(&self, id: usize, say: &mut Statement<'_>) {
        let (Some(domain), Some(description)) =
            (self.domains.get(id), self.model.domains().get(id))
        else {
            return;
        };
        let set = domain.set_by.is_some() || domain.level != description.initial;
        let level = description.levels.get(domain.level).filter(|_| set);
        say.value(StateKind::LEVEL, level.map(|level| level.level.into()), domain.set_by);
        say.per_agent(StateKind::LIMITS, &self.wishes, id, |limits| {
            u64::from(limits.max) << 32 | u64::from(limits.min)
        });
        say.agents(StateKind::NOTIFY, &domain.level_agents);
        say.agents(StateKind::NOTIFY_LIMITS, &domain.limit_agents);
    }

    fn fact(&self, entry: &StateEntry) -> Option<(usize, Fact)> {
        let (Subject::Resource(_, id), value) = (entry.key.subject, entry.value?) else {
            return None;
        };
        let domain = self.model.domains().get(id)?;
        let agent = || entry.agent().filter(|_| value == 1);
        let fact = match entry.key.kind {
            StateKind::LEVEL => {
                let level = domain.levels.iter().position(|info| u64::from(info.level) == value);
                Fact::Level(level?)
            }
            StateKind::LIMITS => {
                let (all, half) = (domain.all(), |value| u32::try_from(value & 0xFFFF_FFFF).ok());
                let limits = Limits { max: half(value >> 32)?, min: half(value)? };
                let good =
                    all.min <= limits.min && limits.min <= limits.max && limits.max <= all.max;
                Fact::Limits(entry.agent().filter(|_| good)?, limits)
            }
            StateKind::NOTIFY => Fact::Levels(agent().filter(|_| domain.level_notifications)?),
            StateKind::NOTIFY_LIMITS => {
                Fact::LimitChanges(agent().filter(|_| domain.limit_notifications)?)
            }
            _ => return None,
        };
        Some((id, fact))
    }

    pub(super) fn can_be(&self, entry: &StateEntry) -> bool {
        self.fact(entry).is_some()
    }

    /// Levels and limits are in force at once.
    pub(super) fn take_back(&mut self, now: Time, entries: &[StateEntry]) {
        for entry in entries {
            let Some((id, fact)) = self.fact(entry) else { continue };
            let Some(domain) = self.domains.get_mut(id) else { continue };
            match fact {
                Fact::Level(level) => domain.put_level(now, level, entry.by, self.model.as_mut()),
                Fact::Limits(agent, limits) => {
                    self.wishes.set(id, agent, Some(limits));
                }
                Fact::Levels(agent) => domain.level_agents.insert(agent),
                Fact::LimitChanges(agent) => domain.limit_agents.insert(agent),
            }
        }
        for domain in &mut self.domains {
            domain.put_limits(self.model.as_ref(), &self.wishes);
        }
        self.redue();
    }
}
