//! Devices, and who may use them.

use alloc::string::String;
use alloc::vec::Vec;

use super::space::Space;
use super::view::View;
use crate::wire::ProtocolId;

/// A named set of resources that permissions are about (section 6): what a piece of hardware needs. Its id is its position
/// among the devices; agents know it from elsewhere, as no message tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub(super) name: String,
    pub(super) parts: Vec<(Space, Vec<usize>)>,
}

impl Device {
    /// A device that needs nothing yet.
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), parts: Vec::new() }
    }

    /// It needs these of a space, by the platform's ids.
    #[must_use]
    pub fn needs(mut self, space: Space, ids: &[usize]) -> Self {
        self.parts.push((space, ids.into()));
        self
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// What was denied to an agent: of each device a set of spaces.
#[derive(Clone, Debug, Default)]
pub(super) struct Denied(Vec<u16>);

impl Denied {
    /// Nothing, of so many devices.
    pub(super) fn nothing(devices: usize) -> Self {
        Self(alloc::vec![0; devices])
    }

    /// Denies a device, or all that a protocol has of it, or allows it again.
    pub(super) fn set(&mut self, device: usize, protocol: Option<ProtocolId>, allow: bool) {
        let meant = |space: &Space| protocol.is_none_or(|protocol| space.protocol() == protocol);
        let spaces = Space::ALL.into_iter().filter(meant).fold(0, |all, space| all | bit(space));
        if let Some(denied) = self.0.get_mut(device) {
            *denied = if allow { *denied & !spaces } else { *denied | spaces };
        }
    }

    /// What is denied of a device, a bit a space.
    pub(super) fn of(&self, device: usize) -> u16 {
        self.0.get(device).copied().unwrap_or(0)
    }

    /// Denies of a device what these bits say, as [`Self::of`] once said.
    pub(super) fn put(&mut self, device: usize, denied: u16) {
        if let Some(place) = self.0.get_mut(device) {
            *place = denied & Space::ALL.into_iter().fold(0, |all, space| all | bit(space));
        }
    }

    /// Allows everything again.
    pub(super) fn clear(&mut self) {
        self.0.fill(0);
    }

    /// Whether nothing is denied.
    pub(super) fn is_nothing(&self) -> bool {
        self.0.iter().all(|denied| *denied == 0)
    }

    /// Notes in an agent's view what is denied to it. A resource that several devices need is denied with any of them.
    pub(super) fn note(&self, devices: &[Device], view: &mut View) {
        view.take_nothing();
        for (device, denied) in devices.iter().zip(&self.0) {
            for (space, ids) in device.parts.iter().filter(|(space, _)| denied & bit(*space) != 0) {
                ids.iter().for_each(|id| view.take(*space, *id));
            }
        }
    }
}

const fn bit(space: Space) -> u16 {
    1 << space as u16
}
