//! Power, performance and reset domains, and the system.

use core::time::Duration;

use scmi::Time;
use scmi::platform::AgentId;
use scmi::protocol::perf::platform::{PerfDomain, PerfLevel, PerfModel};
use scmi::protocol::perf::wire::PowerUnit;
use scmi::protocol::power::platform::{PowerDomain, PowerModel};
use scmi::protocol::power::wire::PowerState;
use scmi::protocol::reset::platform::{ResetDomain, ResetModel};
use scmi::protocol::reset::wire::ResetState;
use scmi::protocol::system::platform::{Request, System, SystemModel};
use scmi::wire::Status;

#[derive(Debug)]
pub(super) struct Power(Vec<PowerDomain>);

impl Power {
    pub(super) fn new() -> Self {
        let (on, off) = (Duration::from_millis(3), Duration::from_millis(1));
        Self(vec![PowerDomain::device("gpu", on, off), PowerDomain::device("npu", on, off)])
    }
}

impl PowerModel for Power {
    fn domains(&self) -> &[PowerDomain] {
        &self.0
    }

    fn change(&mut self, _now: Time, _domain: usize, _state: PowerState) -> Result<(), Status> {
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct Perf(Vec<PerfDomain>);

impl Perf {
    /// One domain with indexes and one without.
    pub(super) fn new() -> Self {
        let level = |mhz: u32, index: u32| PerfLevel {
            level: mhz,
            power_cost: mhz,
            latency: Duration::from_micros(100),
            frequency_khz: mhz * 1000,
            index,
        };
        let domain = |name: &str, indexed| PerfDomain {
            name: name.into(),
            levels: vec![level(600, 1), level(900, 2), level(1200, 5)],
            initial: 1,
            sustained_khz: 1_200_000,
            sustained_level: 1200,
            rate_limit_us: 1000,
            indexed,
            limit_notifications: true,
            level_notifications: true,
        };
        Self(vec![domain("cpu0", true), domain("cpu1", false)])
    }
}

impl PerfModel for Perf {
    fn domains(&self) -> &[PerfDomain] {
        &self.0
    }

    fn power_unit(&self) -> PowerUnit {
        PowerUnit::MILLIWATT
    }

    fn change(&mut self, _now: Time, _domain: usize, _level: usize) -> Result<(), Status> {
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct Resets(Vec<ResetDomain>);

impl Resets {
    pub(super) fn new() -> Self {
        let mut gpu = ResetDomain::new("gpu");
        gpu.latency = Duration::from_millis(5);
        gpu.own_states = vec![ResetState::own(3)];
        let mut usb = ResetDomain::new("usb");
        usb.asynchronous = false;
        usb.notifies = false;
        Self(vec![gpu, usb])
    }
}

impl ResetModel for Resets {
    fn domains(&self) -> &[ResetDomain] {
        &self.0
    }

    fn set_asserted(
        &mut self,
        _now: Time,
        _domain: usize,
        _state: ResetState,
        _asserted: bool,
    ) -> Result<(), Status> {
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct Machine(System);

impl Machine {
    pub(super) fn new() -> Self {
        Self(System {
            warm_reset: false,
            suspend: true,
            vendor_states: Vec::new(),
            notifications: true,
            shutdown_timeout: Duration::from_secs(10),
        })
    }
}

impl SystemModel for Machine {
    fn system(&self) -> &System {
        &self.0
    }

    fn controls(&self, _agent: AgentId) -> bool {
        true
    }

    fn request(&mut self, _now: Time, _request: Request) -> Result<(), Status> {
        Ok(())
    }
}
