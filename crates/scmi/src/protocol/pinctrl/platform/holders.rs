//! Who holds which pin (section 13.4): one agent at a time, alone or through groups.

use alloc::vec;
use alloc::vec::Vec;

use super::model::Target;
use crate::platform::AgentId;
use crate::wire::Status;

/// Who holds which pin.
#[derive(Debug)]
pub(super) struct Holders {
    pins: Vec<Hold>,
    /// Who requested each group.
    groups: Vec<Option<AgentId>>,
}

/// Who holds a pin, and by how many requests: its own and those of groups that it is in.
#[derive(Clone, Copy, Debug, Default)]
struct Hold {
    by: Option<AgentId>,
    claims: usize,
    /// Whether it was requested itself.
    itself: bool,
}

impl Holders {
    pub(super) fn new(pins: usize, groups: usize) -> Self {
        Self { pins: vec![Hold::default(); pins], groups: vec![None; groups] }
    }

    /// Whether no other agent holds any of these pins.
    pub(super) fn free_for(&self, agent: AgentId, pins: &[usize]) -> bool {
        let free = |pin: &usize| {
            let by = self.pins.get(*pin).and_then(|hold| hold.by);
            by.is_none_or(|by| by == agent)
        };
        pins.iter().all(free)
    }

    /// Who holds a pin, or has requested a group.
    pub(super) fn holder(&self, of: Target) -> Option<AgentId> {
        match of {
            Target::Pin(pin) => self.pins.get(pin)?.by,
            Target::Group(group) => *self.groups.get(group)?,
        }
    }

    /// Who has requested a pin or group itself.
    pub(super) fn requested_by(&self, of: Target) -> Option<AgentId> {
        match of {
            Target::Pin(pin) => self.pins.get(pin).filter(|hold| hold.itself)?.by,
            Target::Group(_) => self.holder(of),
        }
    }

    /// Lets an agent hold a pin or group, which is all of `pins`. Again is no difference.
    pub(super) fn request(
        &mut self,
        agent: AgentId,
        what: Target,
        pins: &[usize],
    ) -> Result<(), Status> {
        if !self.free_for(agent, pins) {
            return Err(Status::IN_USE);
        }
        if self.set(what, Some(agent)) {
            for pin in pins {
                if let Some(hold) = self.pins.get_mut(*pin) {
                    hold.by = Some(agent);
                    hold.claims = hold.claims.saturating_add(1);
                }
            }
        }
        Ok(())
    }

    /// Takes back the request of a pin or group; [`Self::unclaim`] is to follow for each of its pins.
    pub(super) fn release(&mut self, agent: AgentId, what: Target) -> Result<(), Status> {
        let requested = match what {
            Target::Pin(pin) => {
                self.pins.get(pin).is_some_and(|hold| hold.itself && hold.by == Some(agent))
            }
            Target::Group(group) => self.groups.get(group).is_some_and(|by| *by == Some(agent)),
        };
        if !requested {
            return Err(Status::INVALID_PARAMETERS);
        }
        self.set(what, None);
        Ok(())
    }

    /// One request of a pin less; whether it was the last.
    pub(super) fn unclaim(&mut self, pin: usize) -> bool {
        let Some(hold) = self.pins.get_mut(pin) else { return false };
        hold.claims = hold.claims.saturating_sub(1);
        let last = hold.claims == 0;
        if last {
            hold.by = None;
        }
        last
    }

    /// Marks a pin or group as requested, or not; whether that was a change.
    fn set(&mut self, what: Target, by: Option<AgentId>) -> bool {
        let changed = match what {
            Target::Pin(pin) => self.pins.get_mut(pin).map(|hold| {
                let before = hold.itself;
                hold.itself = by.is_some();
                before != hold.itself
            }),
            Target::Group(group) => self.groups.get_mut(group).map(|holder| {
                let before = *holder;
                *holder = by;
                before != by
            }),
        };
        changed.unwrap_or(false)
    }
}
