//! What of a board can change while agents are there.

use crate::board::Board;

impl Board {
    /// Whether it is the same board. Warnings are about how a file is written.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        let mut board = self.clone();
        board.warnings.clone_from(&other.warnings);
        board == *other
    }

    /// This board with what can change while agents are there as `other` has it. The same as `other` where nothing else
    /// is different.
    pub(crate) fn with_live_parts_of(&self, other: &Self) -> Self {
        let mut board = self.clone();
        each(&mut board.agents, &other.agents, |agent, other| {
            agent.restore = other.restore;
            agent.qmp.clone_from(&other.qmp);
        });
        each(&mut board.sensors, &other.sensors, |sensor, other| {
            sensor.sources.clone_from(&other.sources);
            sensor.description.read_time = other.description.read_time;
            sensor.thermal_zone.clone_from(&other.thermal_zone);
        });
        each(&mut board.clocks, &other.clocks, |clock, other| {
            clock.description.rate_change = other.description.rate_change;
        });
        each(&mut board.power_domains, &other.power_domains, |domain, other| {
            each(&mut domain.description.states, &other.description.states, |state, other| {
                state.latency = other.latency;
            });
        });
        each(&mut board.performance_domains, &other.performance_domains, |domain, other| {
            domain.power_domain = other.power_domain;
            domain.cpus.clone_from(&other.cpus);
        });
        each(&mut board.voltage_domains, &other.voltage_domains, |domain, other| {
            domain.description.enable_delay = other.description.enable_delay;
            domain.description.level_change = other.description.level_change;
        });
        each(&mut board.power_caps, &other.power_caps, |cap, other| {
            cap.power = other.power;
            cap.measures.clone_from(&other.measures);
            cap.description.set_time = other.description.set_time;
        });
        if let (Some(system), Some(other)) = (&mut board.system, &other.system) {
            system.system.shutdown_timeout = other.system.shutdown_timeout;
            system.script.clone_from(&other.script);
            system.on_request.clone_from(&other.on_request);
        }
        board.faults.clone_from(&other.faults);
        board.warnings.clone_from(&other.warnings);
        board
    }
}

fn each<T>(items: &mut [T], others: &[T], change: impl Fn(&mut T, &T)) {
    items.iter_mut().zip(others).for_each(|(item, other)| change(item, other));
}
