//! What an agent sees, may do, and has settled on.

use std::collections::{BTreeMap, BTreeSet};

use scmi::platform::Space;

use crate::board::{View, count};
use crate::messages::{
    CLOCK, PERF, PINS, POWER, POWERCAP, RESET, SENSOR, SYSTEM, VERSIONS, VOLTAGE,
};

/// An agent.
pub(super) struct Agent {
    view: View,
    devices: Vec<Vec<(Space, usize)>>,
    pub(super) connected: bool,
    /// What it has negotiated, by protocol.
    versions: BTreeMap<u32, u32>,
    /// What was denied to it: of which device what part.
    denied: BTreeSet<(usize, u32)>,
}

/// What devices can have parts of.
const PARTS: [u32; 9] = [POWER, SYSTEM, PERF, CLOCK, SENSOR, RESET, VOLTAGE, POWERCAP, PINS];

const fn protocol_of(space: Space) -> u32 {
    match space {
        Space::PowerDomain => POWER,
        Space::PerfDomain => PERF,
        Space::Clock => CLOCK,
        Space::Sensor => SENSOR,
        Space::ResetDomain => RESET,
        Space::VoltageDomain => VOLTAGE,
        Space::PowerCap => POWERCAP,
        Space::Pin | Space::PinGroup | Space::PinFunction => PINS,
        _ => SYSTEM,
    }
}

/// What an agent must have something of to have the protocol.
fn main_space(protocol: u32) -> Option<Space> {
    Space::ALL.into_iter().find(|space| protocol_of(*space) == protocol)
}

impl Agent {
    pub(super) fn new(view: View, devices: Vec<Vec<(Space, usize)>>) -> Self {
        let (versions, denied) = (BTreeMap::new(), BTreeSet::new());
        Self { view, devices, connected: false, versions, denied }
    }

    pub(super) const fn is_trusted(&self) -> bool {
        self.view.trusted
    }

    pub(super) const fn restores(&self) -> bool {
        self.view.restores
    }

    /// What it holds when it comes, as far as it may still use it.
    pub(super) fn holds(&self) -> Vec<(Space, usize)> {
        let holds = self.view.holds.iter().copied();
        holds.filter(|(space, id)| !self.lacks(*space, *id)).collect()
    }

    pub(super) fn speak_the_newest(&mut self) {
        self.versions.clear();
    }

    pub(super) fn speak(&mut self, protocol: u32, version: u32) {
        self.versions.insert(protocol, version);
    }

    pub(super) fn version(&self, protocol: u32) -> u32 {
        let newest = || VERSIONS.iter().find(|(id, _)| *id == protocol)?.1.last().copied();
        self.versions.get(&protocol).copied().or_else(newest).expect("a version")
    }

    /// Allows a device to it, or a protocol's part of it, or denies that.
    pub(super) fn permit(&mut self, device: usize, protocol: Option<u32>, allow: bool) {
        for part in PARTS.into_iter().filter(|part| protocol.is_none_or(|meant| *part == meant)) {
            if allow {
                self.denied.remove(&(device, part));
            } else {
                self.denied.insert((device, part));
            }
        }
    }

    pub(super) fn permit_all(&mut self) {
        self.denied.clear();
    }

    pub(super) fn lacks_something(&self) -> bool {
        !self.denied.is_empty()
    }

    /// Whether a resource was taken from it: any device that needs it is denied.
    pub(super) fn lacks(&self, space: Space, id: usize) -> bool {
        let denied = self.denied.iter().filter(|(_, part)| *part == protocol_of(space));
        denied.into_iter().any(|(device, _)| self.devices[*device].contains(&(space, id)))
    }

    /// The platform's ids of what it sees, by its own.
    fn list(&self, space: Space) -> Vec<usize> {
        self.view.lists.get(&space).cloned().unwrap_or_else(|| (0..count(space)).collect())
    }

    /// A protocol in which an agent has nothing is not there for it.
    pub(super) fn has(&self, protocol: u32) -> bool {
        main_space(protocol).is_none_or(|space| !self.list(space).is_empty())
    }

    /// Whether all that it has of a protocol was taken from it.
    pub(super) fn lacks_all(&self, protocol: u32) -> bool {
        let Some(space) = main_space(protocol) else { return false };
        self.has(protocol) && self.list(space).into_iter().all(|id| self.lacks(space, id))
    }

    pub(super) fn find(&self, space: Space, own: u32) -> Option<usize> {
        self.list(space).get(usize::try_from(own).ok()?).copied()
    }

    /// What it calls a resource.
    pub(super) fn own(&self, space: Space, id: usize) -> Option<u32> {
        let position = self.list(space).iter().position(|seen| *seen == id)?;
        u32::try_from(position).ok()
    }

    pub(super) fn may(&self, space: Space, id: usize, right: u32) -> bool {
        self.view.rights.get(&(space, id)).is_none_or(|rights| rights.0 & right != 0)
    }
}
