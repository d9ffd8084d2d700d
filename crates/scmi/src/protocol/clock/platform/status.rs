//! A clock as it is, for whoever operates the platform.

use super::super::wire::ExtendedType;
use super::{ClockModel, ClockServer};
use crate::platform::AgentSet;
use crate::protocol::serving::Change;

/// A clock as it is right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClockStatus {
    /// Its rate in hertz; of a clock that is off the one that it will have.
    pub rate: u64,
    /// The rate of a change that is under way, in hertz.
    pub changing_to: Option<u64>,
    /// Whether it runs: itself on, and all that it depends on.
    pub running: bool,
    /// Who wants it on (section 13.2).
    pub enabled_by: AgentSet,
    /// The clock that it runs from, by position, where that is known.
    pub parent: Option<usize>,
    /// In percent, where it has one.
    pub duty_cycle: Option<u32>,
    /// In degrees, where it has one.
    pub phase: Option<u32>,
}

impl ClockServer {
    /// The model, for what may change while agents are there: what they were told must not.
    pub fn model_mut(&mut self) -> &mut dyn ClockModel {
        self.model.as_mut()
    }

    /// The clock at a position as it is; none beyond the last.
    pub fn status(&self, clock: usize) -> Option<ClockStatus> {
        let (state, model) = (self.states.get(clock)?, self.model.as_ref());
        let changing_to = match state.change {
            Change::Running { wanted, .. } => Some(wanted.rate),
            _ => None,
        };
        let has = &model.clocks().get(clock)?.extended;
        let extended = |kind| model.extended(clock, kind).ok().filter(|_| has.contains(&kind));
        Some(ClockStatus {
            rate: model.rate(clock),
            changing_to,
            running: model.enabled(clock),
            enabled_by: state.enabled_by,
            parent: model.parent(clock),
            duty_cycle: extended(ExtendedType::DUTY_CYCLE),
            phase: extended(ExtendedType::PHASE),
        })
    }
}
