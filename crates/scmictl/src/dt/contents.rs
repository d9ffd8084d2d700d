//! What a device tree says of a board: the least that each protocol's node needs.

use scmi::protocol::pinctrl::platform::Members;
use scmi::protocol::voltage::platform::Levels;
use scmi_board::{Board, Cpus, PerformanceDomain, Sensor, ThermalZone, VoltageDomain};

/// What a guest finds, protocol by protocol; ids are positions. A protocol that has nothing gets no node.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents<'b> {
    /// Names of the power domains.
    pub(super) power: Vec<String>,
    /// Whether guests are told to shut down, reset and suspend.
    pub(super) system: bool,
    pub(super) perf: Vec<PerfLine>,
    /// Names of the clocks.
    pub(super) clocks: Vec<String>,
    pub(super) sensors: Vec<SensorLine<'b>>,
    /// Names of the reset domains.
    pub(super) resets: Vec<String>,
    pub(super) voltages: Vec<Rail>,
    /// Names of the powercap domains.
    pub(super) powercap: Vec<String>,
    pub(super) pins: Vec<PinFunction>,
}

/// A performance domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PerfLine {
    pub(super) name: String,
    /// The CPUs that it drives.
    pub(super) cpus: Option<Cpus>,
}

/// A sensor.
#[derive(Clone, Debug)]
pub(super) struct SensorLine<'b> {
    pub(super) name: String,
    /// What it measures, in words.
    pub(super) what: String,
    pub(super) zone: Option<&'b ThermalZone>,
}

/// A voltage domain, with the lowest and the highest of its levels, in microvolts.
#[derive(Clone, Debug)]
pub(super) struct Rail {
    pub(super) name: String,
    pub(super) lowest: i32,
    pub(super) highest: i32,
    pub(super) can_be_off: bool,
}

/// A function of pins, and what it can be given to: groups, or single pins. All by names.
#[derive(Clone, Debug)]
pub(super) struct PinFunction {
    pub(super) name: String,
    pub(super) groups: Vec<String>,
    pub(super) pins: Vec<String>,
}

impl<'b> Contents<'b> {
    /// What a board has.
    pub(super) fn of(board: &'b Board) -> Self {
        let sensors = board.sensors.iter().map(|sensor| SensorLine {
            name: sensor.name().to_owned(),
            what: what(sensor),
            zone: sensor.thermal_zone.as_ref(),
        });
        Self {
            power: names(&board.power_domains, |domain| &domain.description.name),
            system: board.system.is_some(),
            perf: board.performance_domains.iter().map(perf).collect(),
            clocks: names(&board.clocks, |clock| &clock.description.name),
            sensors: sensors.collect(),
            resets: names(&board.reset_domains, |domain| &domain.description.name),
            voltages: board.voltage_domains.iter().map(rail).collect(),
            powercap: names(&board.power_caps, |cap| &cap.description.name),
            pins: pins(board),
        }
    }
}

fn names<T>(items: &[T], name: impl Fn(&T) -> &String) -> Vec<String> {
    items.iter().map(|item| name(item).clone()).collect()
}

fn perf(domain: &PerformanceDomain) -> PerfLine {
    PerfLine { name: domain.description.name.clone(), cpus: domain.cpus.clone() }
}

fn rail(domain: &VoltageDomain) -> Rail {
    let (lowest, highest) = match &domain.description.levels {
        // A checked board has no list without levels.
        Levels::List(levels) => (
            levels.first().copied().unwrap_or_default(),
            levels.last().copied().unwrap_or_default(),
        ),
        Levels::Range { lowest, highest, .. } => (*lowest, *highest),
    };
    let (name, can_be_off) = (domain.description.name.clone(), domain.description.can_be_off);
    Rail { name, lowest, highest, can_be_off }
}

fn pins(board: &Board) -> Vec<PinFunction> {
    let pin = |id: &usize| board.pins.get(*id).map(|pin| pin.name.clone());
    let group = |id: &usize| board.pin_groups.get(*id).map(|group| group.name.clone());
    let functions = board.pin_functions.iter().map(|function| {
        let (groups, pins) = match &function.description.members {
            Members::Groups(ids) => (ids.iter().filter_map(group).collect(), Vec::new()),
            Members::Pins(ids) => (Vec::new(), ids.iter().filter_map(pin).collect()),
        };
        PinFunction { name: function.description.name.clone(), groups, pins }
    });
    functions.collect()
}

/// What a sensor measures, in words.
fn what(sensor: &Sensor) -> String {
    let description = &sensor.description;
    let axes = description.axes.len();
    let kind = description.axes.first().map_or(description.kind, |axis| axis.kind);
    let word = kind.word().map_or_else(|| format!("type {:#04x}", kind.0), String::from);
    if axes == 0 { word } else { format!("{word} on {axes} axes") }
}
