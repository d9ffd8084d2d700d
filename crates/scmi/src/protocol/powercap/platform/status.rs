//! A powercap domain as it is, for whoever operates the platform.

use super::{PowercapModel, PowercapServer};
use crate::platform::AgentId;
use crate::time::Time;

/// A powercap domain as it is right now. Caps and power are in the domain's own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PowercapStatus {
    /// The cap that is enforced: the lowest of all agents'.
    pub cap: Option<u32>,
    /// The averaging interval, in microseconds.
    pub pai_us: u32,
    /// The power over that interval, where it can be measured.
    pub power: Option<u32>,
}

impl PowercapServer {
    /// The model, for what may change while agents are there: what they were told must not.
    pub fn model_mut(&mut self) -> &mut dyn PowercapModel {
        self.model.as_mut()
    }

    /// The domain at a position as it is; none beyond the last.
    pub fn status(&mut self, now: Time, domain: usize) -> Option<PowercapStatus> {
        let state = self.domains.get(domain)?;
        let power = self.model.power(now, domain, state.pai).ok();
        Some(PowercapStatus { cap: state.cap, pai_us: state.pai, power })
    }

    /// The caps that agents have set on a domain, and who.
    pub fn caps(&self, domain: usize) -> impl Iterator<Item = (AgentId, u32)> {
        self.caps.of(domain)
    }
}
