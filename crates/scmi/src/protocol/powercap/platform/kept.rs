//! What agents have set of powercap domains.

use core::fmt;

use super::runtime::Watch;
use super::server::PowercapServer;
use crate::platform::{AgentId, StateEntry, StateKind, Statement, Subject};
use crate::time::Time;

/// One thing that was set.
enum Fact {
    Cap(AgentId, u32),
    Interval(u32),
    Thresholds(AgentId, Watch),
    Changes(AgentId),
}

impl PowercapServer {
    pub(super) fn identify_domain(&self, id: usize, to: &mut dyn fmt::Write) -> fmt::Result {
        let Some(domain) = self.model.domains().get(id) else { return Ok(()) };
        let (cap, pai) = (&domain.cap, &domain.pai);
        write!(to, "{}; caps {}..{}/{}", domain.name, cap.min, cap.max, cap.step)?;
        write!(to, "; intervals {}..{}/{}", pai.min, pai.max, pai.step)
    }

    /// A cap whose only answer was given is as good as set, though it is not in force yet.
    pub(super) fn say(&self, id: usize, say: &mut Statement<'_>) {
        let (Some(domain), Some(description)) =
            (self.domains.get(id), self.model.domains().get(id))
        else {
            return;
        };
        let pai = Some(domain.pai).filter(|pai| *pai != description.initial_pai);
        say.value(StateKind::INTERVAL, pai.map(u64::from), None);
        say.each_agent(StateKind::CAP, |agent| {
            let quiet = self.quiet.get(id, agent).map(|(_, cap)| Some(cap).filter(|cap| *cap != 0));
            quiet.unwrap_or_else(|| self.caps.get(id, agent)).map(u64::from)
        });
        say.per_agent(StateKind::THRESHOLDS, &self.watches, id, |watch| {
            u64::from(watch.high) << 32 | u64::from(watch.low)
        });
        say.agents(StateKind::NOTIFY, &domain.cap_agents);
    }

    fn fact(&self, entry: &StateEntry) -> Option<(usize, Fact)> {
        let (Subject::Resource(_, id), value) = (entry.key.subject, entry.value?) else {
            return None;
        };
        let domain = self.model.domains().get(id)?;
        let fact = match entry.key.kind {
            StateKind::CAP => {
                let cap = u32::try_from(value).ok()?;
                let good = !domain.cap.is_fixed() && domain.cap.at_or_below(cap) == Some(cap);
                Fact::Cap(entry.agent().filter(|_| good)?, cap)
            }
            StateKind::INTERVAL => {
                let pai = u32::try_from(value).ok()?;
                (domain.pai.at_or_below(pai) == Some(pai)).then_some(Fact::Interval(pai))?
            }
            StateKind::THRESHOLDS => {
                let half = |value| u32::try_from(value & 0xFFFF_FFFF).ok();
                let (low, high) = (half(value)?, half(value >> 32)?);
                let good = domain.measurement_notifications && low <= high;
                let watch = Watch { low, high, outside: false };
                Fact::Thresholds(entry.agent().filter(|_| good)?, watch)
            }
            StateKind::NOTIFY if value == 1 && domain.cap_notifications => {
                Fact::Changes(entry.agent()?)
            }
            _ => return None,
        };
        Some((id, fact))
    }

    pub(super) fn can_be(&self, entry: &StateEntry) -> bool {
        self.fact(entry).is_some()
    }

    /// Caps are in force at once. What the model refuses is as at start.
    pub(super) fn take_back(&mut self, now: Time, entries: &[StateEntry]) {
        for entry in entries {
            let Some((id, fact)) = self.fact(entry) else { continue };
            let Some(domain) = self.domains.get_mut(id) else { continue };
            match fact {
                Fact::Cap(agent, cap) => {
                    self.caps.set(id, agent, Some(cap));
                }
                Fact::Interval(pai) => {
                    if self.model.set_pai(now, id, pai).is_ok() {
                        domain.pai = pai;
                    }
                }
                Fact::Thresholds(agent, watch) => {
                    self.watches.set(id, agent, Some(watch));
                }
                Fact::Changes(agent) => domain.cap_agents.insert(agent),
            }
        }
        for domain in &mut self.domains {
            let id = domain.id;
            let cap = self.caps.of(id).map(|(_, cap)| cap).min();
            if cap != domain.cap && self.model.set_cap(now, id, cap).is_ok() {
                domain.cap = cap;
            }
            domain.resample(now, self.watches.of(id).next().is_some());
        }
        self.redue();
    }
}
