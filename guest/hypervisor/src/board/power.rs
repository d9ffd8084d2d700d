//! A power domain.

use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use scmi::Time;
use scmi::protocol::power::platform::{PowerDomain, PowerModel};
use scmi::protocol::power::wire::PowerState;
use scmi::wire::Status;

/// The domains, and the state that each is in.
#[derive(Debug)]
pub(crate) struct Power {
    domains: Vec<PowerDomain>,
    states: Vec<PowerState>,
}

impl Power {
    /// Peripherals, which are on after a millisecond and off after half of one.
    pub(crate) fn new() -> Self {
        let on = Duration::from_millis(1);
        let peripherals = PowerDomain::device("peripherals", on, on / 2);
        Self { domains: vec![peripherals], states: vec![PowerState::ON] }
    }
}

impl PowerModel for Power {
    fn domains(&self) -> &[PowerDomain] {
        &self.domains
    }

    fn change(&mut self, _: Time, domain: usize, _: PowerState) -> Result<(), Status> {
        // It begins by itself; the server says when it is over.
        self.states.get(domain).map(|_| ()).ok_or(Status::NOT_FOUND)
    }

    fn changed(&mut self, _: Time, domain: usize, state: PowerState) {
        if let Some(known) = self.states.get_mut(domain) {
            *known = state;
        }
    }
}
