//! What agents have set of voltage domains.

use core::fmt;

use super::super::wire::Mode;
use super::levels::Levels;
use super::server::VoltageServer;
use crate::platform::{AgentId, StateEntry, StateKind, Statement, Subject};
use crate::time::Time;

/// One thing that was set.
enum Fact {
    Mode(AgentId, Mode),
    Level(i32),
}

impl VoltageServer {
    pub(super) fn identify_domain(&self, id: usize, to: &mut dyn fmt::Write) -> fmt::Result {
        let Some(domain) = self.model.domains().get(id) else { return Ok(()) };
        write!(to, "{}; levels", domain.name)?;
        match &domain.levels {
            Levels::List(list) => list.iter().try_for_each(|level| write!(to, " {level}"))?,
            Levels::Range { lowest, highest, step } => write!(to, " {lowest}..{highest}/{step}")?,
        }
        to.write_str("; modes")?;
        domain.modes.iter().try_for_each(|mode| write!(to, " {}", mode.0))?;
        if domain.can_be_off { to.write_str(" off") } else { Ok(()) }
    }

    /// A level is kept as its 32 bits.
    pub(super) fn say(&self, id: usize, say: &mut Statement<'_>) {
        let (Some(state), Some(domain)) = (self.states.get(id), self.model.domains().get(id))
        else {
            return;
        };
        let level = self.model.level(id);
        let set = state.level_by.is_some() || level != state.level_at_start;
        let level = set.then_some(u64::from(level.cast_unsigned()));
        say.value(StateKind::LEVEL, level, state.level_by);
        say.each_agent(StateKind::MODE, |agent| {
            state.wish(domain, agent).map(|mode| mode.0.into())
        });
    }

    fn fact(&self, entry: &StateEntry) -> Option<(usize, Fact)> {
        let (Subject::Resource(_, id), value) = (entry.key.subject, entry.value?) else {
            return None;
        };
        let domain = self.model.domains().get(id)?;
        let fact = match entry.key.kind {
            StateKind::LEVEL => {
                let level = u32::try_from(value).ok()?.cast_signed();
                domain.levels.has(level).then_some(Fact::Level(level))?
            }
            StateKind::MODE => {
                let mode = Mode(u8::try_from(value).ok()?);
                let off = mode == Mode::OFF;
                let good = if off { domain.can_be_off } else { domain.modes.contains(&mode) };
                Fact::Mode(entry.agent().filter(|_| good)?, mode)
            }
            _ => return None,
        };
        Some((id, fact))
    }

    pub(super) fn can_be(&self, entry: &StateEntry) -> bool {
        self.fact(entry).is_some()
    }

    /// What the model refuses is as at start.
    pub(super) fn take_back(&mut self, now: Time, entries: &[StateEntry]) {
        for entry in entries {
            let Some((id, fact)) = self.fact(entry) else { continue };
            let Some(state) = self.states.get_mut(id) else { continue };
            match fact {
                Fact::Level(level) => {
                    if self.model.set_level(now, id, level).is_ok() {
                        state.level_by = entry.by;
                    }
                }
                Fact::Mode(agent, mode) => {
                    if let Some(domain) = self.model.domains().get(id) {
                        state.want(domain, agent, mode);
                        state.said.insert(agent);
                    }
                }
            }
        }
        for (id, state) in self.states.iter().enumerate() {
            let Some(domain) = self.model.domains().get(id) else { return };
            let shall = state.mode(domain);
            if self.model.mode(id) != shall {
                let _refused = self.model.set_mode(now, id, shall);
            }
        }
    }
}
