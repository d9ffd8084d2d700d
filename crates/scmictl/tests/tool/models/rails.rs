//! Voltage and powercap domains.

use core::time::Duration;

use scmi::Time;
use scmi::protocol::powercap::platform::{PowercapDomain, PowercapModel, Steps};
use scmi::protocol::powercap::wire::PowerUnit;
use scmi::protocol::voltage::platform::{Levels, VoltageDomain, VoltageModel};
use scmi::protocol::voltage::wire::Mode;
use scmi::wire::Status;

#[derive(Debug)]
pub(super) struct Rails {
    domains: Vec<VoltageDomain>,
    levels: [i32; 2],
    modes: [Mode; 2],
}

impl Rails {
    pub(super) fn new() -> Self {
        let list = Levels::List(vec![-5_000_000, -3_300_000]);
        let range = Levels::Range { lowest: 1_800_000, highest: 3_300_000, step: 50_000 };
        Self {
            domains: vec![VoltageDomain::new("vdd-io", range), VoltageDomain::new("vee", list)],
            levels: [1_800_000, -5_000_000],
            modes: [Mode::OFF; 2],
        }
    }
}

impl VoltageModel for Rails {
    fn domains(&self) -> &[VoltageDomain] {
        &self.domains
    }

    fn mode(&self, domain: usize) -> Mode {
        self.modes[domain]
    }

    fn set_mode(&mut self, _now: Time, domain: usize, mode: Mode) -> Result<(), Status> {
        self.modes[domain] = mode;
        Ok(())
    }

    fn level(&self, domain: usize) -> i32 {
        self.levels[domain]
    }

    fn set_level(&mut self, _now: Time, domain: usize, level: i32) -> Result<(), Status> {
        self.levels[domain] = level;
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct Caps(Vec<PowercapDomain>);

impl Caps {
    pub(super) fn new() -> Self {
        let domain = |name: &str, parent| PowercapDomain {
            name: name.into(),
            unit: PowerUnit::MILLIWATT,
            cap: Steps { min: 5_000, max: 20_000, step: 500 },
            pai: Steps { min: 10_000, max: 100_000, step: 10_000 },
            initial_pai: 10_000,
            sustainable_power: 12_000,
            accuracy: 1_500,
            parent,
            monitoring: true,
            asynchronous: true,
            set_time: Duration::from_millis(2),
            cap_notifications: true,
            measurement_notifications: true,
        };
        Self(vec![domain("soc", None), domain("cpu", Some(0))])
    }
}

impl PowercapModel for Caps {
    fn domains(&self) -> &[PowercapDomain] {
        &self.0
    }

    fn set_cap(&mut self, _now: Time, _domain: usize, _cap: Option<u32>) -> Result<(), Status> {
        Ok(())
    }

    fn power(&mut self, _now: Time, _domain: usize, _pai_us: u32) -> Result<u32, Status> {
        Ok(7_250)
    }
}
