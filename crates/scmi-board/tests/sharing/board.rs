//! The board that is shared, and who sees what of it.

use std::collections::BTreeMap;

use scmi::platform::{AgentSpec, Device, Platform, Rights, Space};
use scmi_board::{Board, Operator};

use crate::random::Random;

/// What stands behind an `@` is the name of a time, which [`Times`] chooses. `reference` has the same, in its own words.
const BOARD: &str = r#"
[platform]
vendor = "acme"

[[agent]]
name = "whole"

[[clock]]
name = "osc"
enable-delay = "@osc on"
rate-change = "@osc rate"
rates = ["24 MHz"]
enabled = true

[[clock]]
name = "pll"
enable-delay = "@pll on"
rate-change = "@pll rate"
parent = "osc"
rates = { min = "200 MHz", max = "2 GHz", step = "100 MHz" }

[[clock]]
name = "pll_div4"
enable-delay = "@pll_div4 on"
rate-change = "@pll_div4 rate"
parent = "pll"
divide = 4

[[clock]]
name = "uart"
enable-delay = "@uart on"
rate-change = "@uart rate"
parents = ["osc", "pll_div4"]
rates = ["24 MHz", "48 MHz", "96 MHz"]

[[clock]]
name = "half"
enable-delay = "@half on"
rate-change = "@half rate"
parents = ["uart", "osc"]
divide = 2
duty-cycle = 50

[[clock]]
name = "camera"
enable-delay = "@camera on"
rate-change = "@camera rate"
rates = ["24 MHz", "48 MHz"]
notify = false
phase = 90

[[power-domain]]
name = "soc"
shared = false
on-latency = "@power soc on"
off-latency = "@power soc off"

[[power-domain]]
name = "gpu"
on-latency = "@power gpu on"
off-latency = "@power gpu off"
enabled = false
states = [{ id = 1, latency = "@power gpu 1" }, { id = 2, context-lost = true, latency = "@power gpu 2" }]

[[power-domain]]
name = "dsp"
shared = false
on-latency = "@power dsp on"
off-latency = "@power dsp off"
sync = false
notify = false

[[power-domain]]
name = "isp"
shared = false
on-latency = "@power isp on"
off-latency = "@power isp off"
async = false
enabled = false

[[performance-domain]]
name = "cpu"
levels = [
  { frequency = "500 MHz", latency = "@cpu level 0" },
  { frequency = "1 GHz", latency = "@cpu level 1" },
  { frequency = "1.5 GHz", latency = "@cpu level 2" },
  { frequency = "2 GHz", latency = "@cpu level 3" },
]

[[performance-domain]]
name = "gpu"
indexed = true
sustained-level = "1 GHz"
level = "1 GHz"
levels = [
  { frequency = "500 MHz", latency = "@gpu level 0" },
  { frequency = "1 GHz", latency = "@gpu level 1" },
  { frequency = "2 GHz", latency = "@gpu level 2" },
]

[[performance-domain]]
name = "ddr"
notify = false
levels = [
  { frequency = "1 GHz", latency = "@ddr level 0" },
  { frequency = "2 GHz", latency = "@ddr level 1" },
]

[[voltage-domain]]
name = "vdd"
enable-delay = "@vdd on"
level-change = "@vdd level"
levels = { min = "600 mV", max = "1.2 V", step = "12.5 mV" }
level = "850 mV"

[[voltage-domain]]
name = "vaux"
enable-delay = "@vaux on"
level-change = "@vaux level"
levels = [1.8, 3.3]
enabled = false

[[voltage-domain]]
name = "vio"
enable-delay = "@vio on"
level-change = "@vio level"
levels = [1.8, 3.3]
can-be-off = false
async = false

[[reset-domain]]
name = "ethernet"
latency = "@ethernet cycle"

[[reset-domain]]
name = "usb"
latency = "@usb cycle"
hold = false

[[reset-domain]]
name = "npu"
latency = "@npu cycle"
async = false
notify = false
states = [1]

[[power-cap]]
name = "package"
set-time = "@package cap"
power = "500 mW"
cap = { min = "1 W", max = "12 W", step = "100 mW" }

[[power-cap]]
name = "cores"
set-time = "@cores cap"
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
read-time = "@temp read"
async = true
type = "temperature"
source = 42.5
trip-points = 2
timestamps = true
update-intervals = ["10 ms", "1s", "5s"]

[[sensor]]
name = "volt"
read-time = "@volt read"
type = "voltage"
source = 0.85

[[sensor]]
name = "off"
read-time = "@off read"
type = "voltage"
source = 1.8
enabled = false
trip-points = 1
"#;

/// How long things take, in milliseconds, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(BTreeMap<String, u64>);

impl Times {
    /// On every other board nothing takes time; on all of them if it is said so.
    fn any(random: &mut Random, takes_time: bool) -> Self {
        let slow = random.once_in(2) && takes_time;
        let names = BOARD.split('@').skip(1).map(|rest| rest.split('"').next().expect("a name"));
        let millis = |random: &mut Random| random.pick(&[0, 0, 2, 10, 30, 100]);
        Self(names.map(|name| (name.into(), if slow { millis(random) } else { 0 })).collect())
    }

    pub(crate) fn of(&self, name: &str) -> u64 {
        *self.0.get(name).unwrap_or_else(|| panic!("{name} takes no time"))
    }

    fn board(&self) -> String {
        let name = |rest: &str| rest.split('"').next().map_or(0, str::len);
        let mut parts = BOARD.split('@');
        let first = parts.next().expect("there is one").to_owned();
        parts.fold(first, |all, part| {
            let (time, rest) = part.split_at(name(part));
            format!("{all}{} ms{rest}", self.of(time))
        })
    }
}

/// What is special about a platform.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) times: Times,
    /// What it keeps on, so that nobody can switch it off.
    pub(crate) kept: Vec<(Space, usize)>,
    /// What can be taken from agents.
    pub(crate) devices: Vec<Vec<(Space, usize)>>,
    /// How many calls of an agent can wait.
    pub(crate) places: usize,
}

impl Terms {
    pub(crate) fn any(random: &mut Random, takes_time: bool) -> Self {
        let times = Times::any(random, takes_time);
        let kept = if random.once_in(2) { some_held(random) } else { Vec::new() };
        let devices = (0..random.below(4)).map(|_| device(random)).collect();
        Self { times, kept, devices, places: 1 + random.below(4) }
    }

    pub(crate) fn reading_takes_time(&self, sensor: usize) -> bool {
        self.times.of(["temp read", "volt read", "off read"][sensor]) > 0
    }
}

/// Some resources; of every other space none.
fn device(random: &mut Random) -> Vec<(Space, usize)> {
    let mut all = Vec::new();
    for space in Space::ALL.into_iter().filter(|space| *space != Space::System) {
        if random.once_in(2) {
            all.extend(random.some(count(space)).into_iter().map(|id| (space, id)));
        }
    }
    all
}

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
    /// Whether it may reset the configuration of others, and change their permissions.
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
        view.trusted = random.once_in(2);
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

/// The platform with these agents, the first of which sees all.
pub(crate) fn platform(views: &[View], terms: &Terms) -> Platform {
    let text = terms.times.board();
    let board = Board::parse(&text, "the shared board").unwrap_or_else(|error| panic!("{error}"));
    let builder = board.platform_builder(&Operator::new()).expect("a builder");
    let kept = terms.kept.iter();
    let builder = kept.fold(builder, |builder, (space, id)| builder.keep(*space, *id));
    let builder = (0..).zip(&terms.devices).fold(builder, |builder, (number, parts)| {
        let empty = Device::new(&format!("device{number}"));
        builder.device(parts.iter().fold(empty, |device, (space, id)| device.needs(*space, &[*id])))
    });
    let others = (1..).zip(&views[1..]);
    let builder = others
        .fold(builder, |builder, (id, view)| builder.agent_as(view.spec(&format!("agent{id}"))));
    builder.pending(terms.places).build().unwrap_or_else(|error| panic!("{error}"))
}
