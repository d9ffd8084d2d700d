//! What agents have set of clocks.

use core::fmt;

use super::super::wire::{ExtendedType, Rounding};
use super::config::check_value;
use super::rates::Rates;
use super::server::ClockServer;
use crate::platform::{AgentId, StateEntry, StateKind, Statement, Subject};
use crate::protocol::serving::Change;
use crate::time::Time;

/// One thing that was set.
enum Fact {
    Rate(u64),
    Parent(usize),
    Extended(ExtendedType, u32),
    Enabled(AgentId),
    Off,
    Changes(AgentId),
    Requests(AgentId),
}

impl ClockServer {
    pub(super) fn identify_clock(&self, id: usize, to: &mut dyn fmt::Write) -> fmt::Result {
        let Some(clock) = self.model.clocks().get(id) else { return Ok(()) };
        write!(to, "{}; rates", clock.name)?;
        match &clock.rates {
            Rates::List(list) => list.iter().try_for_each(|rate| write!(to, " {rate}"))?,
            Rates::Range { lowest, highest, step } => write!(to, " {lowest}..{highest}/{step}")?,
        }
        to.write_str("; parents")?;
        clock.parents.iter().try_for_each(|parent| write!(to, " {parent}"))?;
        to.write_str("; extended")?;
        clock.extended.iter().try_for_each(|kind| write!(to, " {}", kind.0))
    }

    /// A change of the rate whose only answer was given is as good as made.
    pub(super) fn say(&self, id: usize, say: &mut Statement<'_>) {
        let (Some(state), Some(clock)) = (self.states.get(id), self.model.clocks().get(id)) else {
            return;
        };
        let (rate, by) = match state.change {
            Change::Running { agent, wanted, .. } if wanted.silent => {
                (Some(wanted.rate), Some(agent))
            }
            _ => (state.rate_by.map(|_| self.model.rate(id)), state.rate_by),
        };
        say.value(StateKind::RATE, rate, by);
        let parent = self.model.parent(id).filter(|_| state.parent_by.is_some());
        let parent = parent.and_then(|parent| u64::try_from(parent).ok());
        say.value(StateKind::PARENT, parent, state.parent_by);
        for kind in &clock.extended {
            let value = self.model.extended(id, *kind).ok();
            say.part((StateKind::EXTENDED, kind.0.into()), value.map(u64::from), None);
        }
        say.value(StateKind::OFF, state.off.then_some(1), None);
        say.agents(StateKind::ENABLED, &state.enabled_by);
        say.agents(StateKind::NOTIFY, &state.wants_changes);
        say.agents(StateKind::NOTIFY_REQUESTS, &state.wants_requests);
    }

    fn fact(&self, entry: &StateEntry) -> Option<(usize, Fact)> {
        let (Subject::Resource(_, id), value) = (entry.key.subject, entry.value?) else {
            return None;
        };
        let clock = self.model.clocks().get(id)?;
        let agent = || entry.agent().filter(|_| value == 1);
        let fact = match entry.key.kind {
            StateKind::RATE => {
                entry.by?;
                let same = clock.rates.round(value, Rounding::Down) == Ok(value);
                same.then_some(Fact::Rate(value))?
            }
            StateKind::PARENT => {
                entry.by?;
                let parent = usize::try_from(value).ok()?;
                clock.parents.contains(&parent).then_some(Fact::Parent(parent))?
            }
            StateKind::EXTENDED => {
                let kind = ExtendedType(u8::try_from(entry.key.part).ok()?);
                let value = u32::try_from(value).ok()?;
                check_value(kind, value).ok()?;
                clock.extended.contains(&kind).then_some(Fact::Extended(kind, value))?
            }
            StateKind::OFF if value == 1 => Fact::Off,
            StateKind::ENABLED => Fact::Enabled(agent()?),
            StateKind::NOTIFY => Fact::Changes(agent().filter(|_| clock.notifies_changes)?),
            StateKind::NOTIFY_REQUESTS => {
                Fact::Requests(agent().filter(|_| clock.notifies_requests)?)
            }
            _ => return None,
        };
        Some((id, fact))
    }

    pub(super) fn can_be(&self, entry: &StateEntry) -> bool {
        self.fact(entry).is_some()
    }

    /// Parents come first: what rate a clock can have may depend on them.
    pub(super) fn take_back(&mut self, now: Time, entries: &[StateEntry]) {
        for parents in [true, false] {
            for entry in entries {
                let Some((id, fact)) = self.fact(entry) else { continue };
                if matches!(fact, Fact::Parent(_)) == parents {
                    self.take(now, id, fact, entry.by);
                }
            }
        }
        for (id, state) in self.states.iter_mut().enumerate() {
            state.known = self.model.rate(id);
        }
    }

    /// What the model refuses is as at start.
    fn take(&mut self, now: Time, id: usize, fact: Fact, by: Option<AgentId>) {
        let Some(state) = self.states.get_mut(id) else { return };
        match fact {
            Fact::Rate(rate) => {
                if self.model.set_rate(now, id, rate).is_ok() {
                    state.rate_by = by;
                }
            }
            Fact::Parent(parent) => {
                if self.model.set_parent(now, id, parent).is_ok() {
                    state.parent_by = by;
                }
            }
            Fact::Extended(kind, value) => {
                let _refused = self.model.set_extended(now, id, kind, value);
            }
            Fact::Enabled(agent) => {
                let on = !state.enabled_by.is_empty();
                if on || self.model.set_enabled(now, id, true).is_ok() {
                    state.off = false;
                    state.enabled_by.insert(agent);
                }
            }
            Fact::Off => {
                let unwanted = state.enabled_by.is_empty();
                state.off = unwanted && self.model.set_enabled(now, id, false).is_ok();
            }
            Fact::Changes(agent) => state.wants_changes.insert(agent),
            Fact::Requests(agent) => state.wants_requests.insert(agent),
        }
    }
}
