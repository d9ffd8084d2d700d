//! What a device tree says of a board: the least that each protocol's node needs.

use scmi::platform::Space;
use scmi::protocol::pinctrl::platform::Members;
use scmi::protocol::voltage::platform::Levels;
use scmi_board::{Agent, Board, Cpus, PerformanceDomain, Sensor, ThermalZone, VoltageDomain};

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
    /// What an agent sees of a board; without one, all of it.
    pub(super) fn of(board: &'b Board, agent: Option<&Agent>) -> Self {
        let sight = Sight { board, agent };
        let sensors = sight.of(Space::Sensor, &board.sensors).map(|sensor| SensorLine {
            name: sensor.name().to_owned(),
            what: what(sensor),
            zone: sensor.thermal_zone.as_ref(),
        });
        Self {
            power: sight.names(Space::PowerDomain),
            system: board.system.is_some() && agent.is_none_or(Agent::sees_system),
            perf: sight.of(Space::PerfDomain, &board.performance_domains).map(perf).collect(),
            clocks: sight.names(Space::Clock),
            sensors: sensors.collect(),
            resets: sight.names(Space::ResetDomain),
            voltages: sight.of(Space::VoltageDomain, &board.voltage_domains).map(rail).collect(),
            powercap: sight.names(Space::PowerCap),
            pins: pins(&sight),
        }
    }
}

/// What an agent sees of a board, in the order of its ids.
struct Sight<'b, 'a> {
    board: &'b Board,
    agent: Option<&'a Agent>,
}

impl<'b> Sight<'b, '_> {
    /// The platform's ids of what it sees of a kind.
    fn ids(&self, space: Space) -> Vec<usize> {
        let count = self.board.count(space);
        match self.agent {
            Some(agent) => agent.seen(space, count).map(|listed| listed.id).collect(),
            None => (0..count).collect(),
        }
    }

    /// What it sees of the board's `items` of a kind.
    fn of<T>(&self, space: Space, items: &'b [T]) -> impl Iterator<Item = &'b T> {
        self.ids(space).into_iter().filter_map(|id| items.get(id))
    }

    fn names(&self, space: Space) -> Vec<String> {
        let names = self.ids(space).into_iter().filter_map(|id| self.board.name_of(space, id));
        names.map(str::to_owned).collect()
    }

    /// The names of those of `ids` that it sees.
    fn names_of(&self, space: Space, ids: &[usize]) -> Vec<String> {
        let seen = self.ids(space);
        let ids = ids.iter().filter(|id| seen.contains(id));
        ids.filter_map(|id| self.board.name_of(space, *id)).map(str::to_owned).collect()
    }
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

/// Functions with what the agent sees of their groups and pins. Without pins the protocol is not there for it.
fn pins(sight: &Sight<'_, '_>) -> Vec<PinFunction> {
    if sight.ids(Space::Pin).is_empty() {
        return Vec::new();
    }
    let functions = sight.of(Space::PinFunction, &sight.board.pin_functions).map(|function| {
        let (groups, pins) = match &function.description.members {
            Members::Groups(ids) => (sight.names_of(Space::PinGroup, ids), Vec::new()),
            Members::Pins(ids) => (Vec::new(), sight.names_of(Space::Pin, ids)),
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
