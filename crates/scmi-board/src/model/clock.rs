//! The clocks of a board.

use core::num::NonZeroU64;

use scmi::Time;
use scmi::platform::AgentId;
use scmi::protocol::clock::platform::{self, ClockModel};
use scmi::protocol::clock::wire::{ExtendedType, Permissions};
use scmi::wire::Status;

use super::Access;

/// A clock. Its position in the board is its id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Clock {
    /// What agents are told of it.
    pub description: platform::Clock,
    /// Its rate at start, in hertz; of no meaning for one that divides its parent's.
    pub rate: u64,
    /// Whether it is on at start.
    pub enabled: bool,
    /// The clock that it runs from at start, by id; it need not be one of several.
    pub parent: Option<usize>,
    /// It has the rate of its parent, divided by this.
    pub divide: Option<NonZeroU64>,
    /// Its duty cycle at start, in percent.
    pub duty_cycle: u32,
    /// Its phase at start, in degrees.
    pub phase: u32,
    /// Who may change it.
    pub access: Access,
    /// Whether no agent can switch it off.
    pub keep: bool,
    /// The only agent that may set its rate.
    pub owner: Option<AgentId>,
}

/// The clocks of a board, with gates, dividers and parents.
///
/// A clock runs while it is on and all that it comes from are. One that divides has the rate of its parent divided,
/// whatever the parent does, and none of its own to set: nobody has the permission.
#[derive(Debug)]
pub struct BoardClocks {
    descriptions: Vec<platform::Clock>,
    clocks: Vec<Clock>,
}

impl BoardClocks {
    /// These clocks, as they are at start.
    #[must_use]
    pub fn new(clocks: &[Clock]) -> Self {
        let descriptions = clocks.iter().map(|clock| clock.description.clone()).collect();
        Self { descriptions, clocks: clocks.to_vec() }
    }

    /// Has the clocks take as long as these.
    pub(crate) fn tune(&mut self, clocks: &[Clock]) {
        let own = self.descriptions.iter_mut().zip(&mut self.clocks);
        for ((description, clock), new) in own.zip(clocks) {
            description.rate_change = new.description.rate_change;
            clock.description.rate_change = new.description.rate_change;
        }
    }

    fn clock(&mut self, clock: usize) -> Result<&mut Clock, Status> {
        self.clocks.get_mut(clock).ok_or(Status::NOT_FOUND)
    }

    /// The clock and all that it comes from, upwards. No way has more steps than there are clocks, even where
    /// somebody made a circle of a board after it was checked.
    fn upwards(&self, clock: usize) -> impl Iterator<Item = &Clock> {
        let first = self.clocks.get(clock);
        core::iter::successors(first, |clock| self.clocks.get(clock.parent?))
            .take(self.clocks.len())
    }
}

impl ClockModel for BoardClocks {
    fn clocks(&self) -> &[platform::Clock] {
        &self.descriptions
    }

    fn rate(&self, clock: usize) -> u64 {
        let mut divisor = 1_u64;
        for clock in self.upwards(clock) {
            match clock.divide {
                Some(divide) => divisor = divisor.saturating_mul(divide.get()),
                None => return clock.rate / divisor,
            }
        }
        0
    }

    fn set_rate(&mut self, _: Time, clock: usize, rate: u64) -> Result<(), Status> {
        let clock = self.clock(clock)?;
        if clock.divide.is_some() {
            return Err(Status::DENIED);
        }
        clock.rate = rate;
        Ok(())
    }

    fn enabled(&self, clock: usize) -> bool {
        self.upwards(clock).all(|clock| clock.enabled)
    }

    fn set_enabled(&mut self, _: Time, clock: usize, enabled: bool) -> Result<(), Status> {
        self.clock(clock)?.enabled = enabled;
        Ok(())
    }

    fn parent(&self, clock: usize) -> Option<usize> {
        self.clocks.get(clock)?.parent
    }

    fn set_parent(&mut self, _: Time, clock: usize, parent: usize) -> Result<(), Status> {
        self.clock(clock)?.parent = Some(parent);
        Ok(())
    }

    fn extended(&self, clock: usize, kind: ExtendedType) -> Result<u32, Status> {
        let clock = self.clocks.get(clock).ok_or(Status::NOT_FOUND)?;
        match kind {
            ExtendedType::DUTY_CYCLE => Ok(clock.duty_cycle),
            ExtendedType::PHASE => Ok(clock.phase),
            _ => Err(Status::INVALID_PARAMETERS),
        }
    }

    fn set_extended(
        &mut self,
        _: Time,
        clock: usize,
        kind: ExtendedType,
        value: u32,
    ) -> Result<(), Status> {
        let clock = self.clock(clock)?;
        match kind {
            ExtendedType::DUTY_CYCLE => clock.duty_cycle = value,
            ExtendedType::PHASE => clock.phase = value,
            _ => return Err(Status::INVALID_PARAMETERS),
        }
        Ok(())
    }

    fn permissions(&self, agent: AgentId, clock: usize) -> Permissions {
        match self.clocks.get(clock).filter(|clock| clock.access.allows(agent)) {
            None => Permissions::NONE,
            // Linux gives a clock its old rate again when its parent's changes, unless it is told that it may not.
            Some(clock) if clock.divide.is_some() => {
                Permissions(Permissions::STATE | Permissions::PARENT)
            }
            Some(_) => Permissions::ALL,
        }
    }
}
