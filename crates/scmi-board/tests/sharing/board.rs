//! The board that is shared, and who sees what of it.

use std::collections::BTreeMap;

use scmi::platform::{AgentSpec, Platform, Rights, Space};
use scmi_board::{Board, Operator};

use crate::random::Random;

/// Nothing on it takes time. `reference` has the same, in its own words.
const BOARD: &str = r#"
[platform]
vendor = "acme"

[[agent]]
name = "whole"

[[clock]]
name = "osc"
rates = ["24 MHz"]
enabled = true

[[clock]]
name = "pll"
parent = "osc"
rates = { min = "200 MHz", max = "2 GHz", step = "100 MHz" }

[[clock]]
name = "pll_div4"
parent = "pll"
divide = 4

[[clock]]
name = "uart"
parents = ["osc", "pll_div4"]
rates = ["24 MHz", "48 MHz", "96 MHz"]

[[clock]]
name = "half"
parents = ["uart", "osc"]
divide = 2
duty-cycle = 50

[[clock]]
name = "camera"
rates = ["24 MHz", "48 MHz"]
notify = false
phase = 90

[[power-domain]]
name = "soc"

[[power-domain]]
name = "gpu"
enabled = false
shared = true
states = [{ id = 1 }, { id = 2, context-lost = true }]

[[power-domain]]
name = "dsp"
sync = false
notify = false

[[power-domain]]
name = "isp"
async = false
enabled = false

[[performance-domain]]
name = "cpu"
levels = [{ frequency = "500 MHz" }, { frequency = "1 GHz" }, { frequency = "1.5 GHz" }, { frequency = "2 GHz" }]

[[performance-domain]]
name = "gpu"
indexed = true
sustained-level = "1 GHz"
level = "1 GHz"
levels = [{ frequency = "500 MHz" }, { frequency = "1 GHz" }, { frequency = "2 GHz" }]

[[performance-domain]]
name = "ddr"
notify = false
levels = [{ frequency = "1 GHz" }, { frequency = "2 GHz" }]

[[voltage-domain]]
name = "vdd"
levels = { min = "600 mV", max = "1.2 V", step = "12.5 mV" }
level = "850 mV"

[[voltage-domain]]
name = "vaux"
levels = [1.8, 3.3]
enabled = false

[[voltage-domain]]
name = "vio"
levels = [1.8, 3.3]
can-be-off = false
async = false

[[reset-domain]]
name = "ethernet"

[[reset-domain]]
name = "usb"
hold = false

[[reset-domain]]
name = "npu"
async = false
notify = false
states = [1]

[[power-cap]]
name = "package"
power = "500 mW"
cap = { min = "1 W", max = "12 W", step = "100 mW" }

[[power-cap]]
name = "cores"
parent = "package"
async = false
cap = { min = "500 mW", max = "5 W", step = "100 mW" }
averaging = { min = "10 ms", max = "10 s", step = "10 ms" }
averaging-interval = "1s"

[[power-cap]]
name = "fixed"
notify = false
cap = "5 W"

[[pin]]
name = "pin0"
settings = { pull-up = false, drive-strength = { value = 4, min = 2, max = 16 } }

[[pin]]
name = "pin1"
settings = { pull-up = true, drive-strength = { value = 4, min = 2, max = 16 } }

[[pin]]
name = "pin2"
settings = { pull-up = false }

[[pin]]
name = "pin3"
settings = { drive-strength = { value = 4, min = 2, max = 16 } }

[[pin-group]]
name = "low"
pins = ["pin0", "pin1"]
settings = { drive-strength = { value = 4, min = 2, max = 16 } }

[[pin-group]]
name = "high"
pins = ["pin1", "pin2"]
settings = { pull-up = false }

[[pin-function]]
name = "uart"
groups = ["low", "high"]
selected = ["low"]

[[pin-function]]
name = "gpio"
gpio = true
pins = ["pin0", "pin3"]

[[sensor]]
name = "temp"
type = "temperature"
source = 42.5
trip-points = 2
timestamps = true
update-intervals = ["10 ms", "1s", "5s"]

[[sensor]]
name = "volt"
type = "voltage"
source = 0.85

[[sensor]]
name = "off"
type = "voltage"
source = 1.8
enabled = false
trip-points = 1
"#;

/// How many of each space the board has.
pub(crate) fn count(space: Space) -> usize {
    match space {
        Space::Clock => 6,
        Space::PowerDomain | Space::Pin => 4,
        Space::PinGroup | Space::PinFunction => 2,
        Space::System => 0,
        _ => 3,
    }
}

/// What an agent sees and may do.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    pub(crate) lists: BTreeMap<Space, Vec<usize>>,
    pub(crate) rights: BTreeMap<(Space, usize), Rights>,
    /// What it has asked for from the moment that it comes.
    pub(crate) holds: Vec<(Space, usize)>,
    /// Whether what it was the last to set goes back when it goes.
    pub(crate) restores: bool,
    /// Whether it may reset the configuration of others.
    pub(crate) trusted: bool,
}

/// Some of what can be held on.
pub(crate) fn some_held(random: &mut Random) -> Vec<(Space, usize)> {
    let spaces = [Space::Clock, Space::PowerDomain, Space::VoltageDomain];
    let all = spaces.into_iter().flat_map(|space| (0..count(space)).map(move |id| (space, id)));
    all.filter(|_| random.once_in(8)).collect()
}

impl View {
    /// All, and every right.
    pub(crate) fn whole() -> Self {
        Self::default()
    }

    /// All, and no right.
    pub(crate) fn looking() -> Self {
        let all = Space::ALL.into_iter();
        let all = all.flat_map(|space| (0..count(space)).map(move |id| (space, id)));
        Self { rights: all.map(|at| (at, Rights::READ)).collect(), ..Self::default() }
    }

    /// Some of it.
    pub(crate) fn any(random: &mut Random) -> Self {
        let mut view = Self::default();
        for space in Space::ALL {
            if !random.once_in(4) {
                view.lists.insert(space, random.some(count(space)));
            }
            for id in 0..count(space) {
                if random.once_in(4) {
                    view.rights.insert((space, id), Rights(random.word() & Rights::ALL.0));
                }
            }
        }
        view.holds = some_held(random);
        let lists = &view.lists;
        view.holds.retain(|(space, id)| lists.get(space).is_none_or(|list| list.contains(id)));
        view.restores = random.once_in(3);
        view.trusted = random.once_in(3);
        view
    }

    fn spec(&self, name: &str) -> AgentSpec {
        let spec = AgentSpec::new(name);
        let spec = self.lists.iter().fold(spec, |spec, (space, ids)| spec.sees(*space, ids));
        let rights = self.rights.iter();
        let spec = rights.fold(spec, |spec, ((space, id), rights)| spec.may(*space, *id, *rights));
        let spec = self.holds.iter().fold(spec, |spec, (space, id)| spec.holds(*space, *id));
        let spec = if self.trusted { spec.trusted() } else { spec };
        if self.restores { spec.restores() } else { spec }
    }
}

/// The platform with these agents, the first of which sees all; what it keeps on nobody can switch off.
pub(crate) fn platform(views: &[View], kept: &[(Space, usize)]) -> Platform {
    let board = Board::parse(BOARD, "the shared board").unwrap_or_else(|error| panic!("{error}"));
    let builder = board.platform_builder(&Operator::new()).expect("a builder");
    let builder = kept.iter().fold(builder, |builder, (space, id)| builder.keep(*space, *id));
    let others = (1..).zip(&views[1..]);
    let builder = others
        .fold(builder, |builder, (id, view)| builder.agent_as(view.spec(&format!("agent{id}"))));
    builder.build().unwrap_or_else(|error| panic!("{error}"))
}
