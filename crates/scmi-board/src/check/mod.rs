//! From the text of a board file to a checked board, or to everything that is wrong with it.
//!
//! The raw form is the spanned tree of the TOML parser; the checked form is [`Board`]. Each submodule checks
//! one table of the file and gives `None` where it reported something.

mod agent;
mod channel;
mod clock;
mod clock_tree;
mod common;
mod cpus;
mod device;
mod fault;
mod fields;
mod intervals;
mod lists;
mod perf;
mod pins;
mod platform;
mod power;
mod powercap;
mod reset;
mod resource;
mod sensor;
mod source;
mod syntax;
mod system;
mod thermal;
mod voltage;

use core::ops::{Range, RangeInclusive};
use std::collections::BTreeMap;
use std::path::Path;

use toml::de::DeTable;

use scmi::platform::Space;
use scmi::protocol::base::platform::Identity;

use crate::board::Board;
use crate::error::BoardError;
use crate::faults::{FaultRule, Faults};
use crate::report::Problems;
use crate::schema;
use crate::sensor::Sensor;
pub(crate) use agent::{MAX_NAME, MAX_SOCKET_NAME};
use common::{Names, or};
pub(crate) use fault::{MOMENTS, statuses};
use fields::{Fields, Value};
use lists::Everything;
pub(crate) use pins::setting_words;
pub(crate) use source::SHAPES;
pub(crate) use thermal::ACTIONS;

/// Items of a kind on a board: their number and their ids have 16 bits on the wire.
const MAX_ITEMS: usize = 65_535;

/// Agents of a platform: their number has 8 bits on the wire.
const MAX_AGENTS: usize = 255;

/// What checks need besides the tables.
struct Context<'a> {
    text: &'a str,
    folder: &'a Path,
    seed: u64,
    /// Whether the board has a `[system]`.
    system: bool,
    agents: Names<'a>,
    power_domains: Names<'a>,
    performance_domains: Names<'a>,
    everything: Everything<'a>,
}

impl Context<'_> {
    /// The line of the byte at `offset`, from 1.
    fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }
}

/// Checks `text`, which messages call `origin`; paths in it are relative to `folder`.
pub(crate) fn board(text: &str, origin: &str, folder: &Path) -> Result<Board, BoardError> {
    let mut problems = Problems::default();
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        problems.push(&span, syntax::message(text, &span, error.message()));
    }
    // What a parser made of broken text would only be reported a second time, in odder words.
    let board = if problems.is_empty() {
        root(document.get_ref(), text, folder, &mut problems)
    } else {
        None
    };
    let warnings = problems.take_warnings(text);
    match board {
        Some(board) if problems.is_empty() => {
            for warning in &warnings {
                let (line, column) = (warning.line(), warning.column());
                tracing::warn!("{origin}:{line}:{column}: {}", warning.message());
            }
            Ok(Board { warnings, ..board })
        }
        _ => Err(BoardError::Refused(problems.into_report(origin, text))),
    }
}

/// The lists of a board, read but not yet understood: the items of one name those of another.
struct Lists<'a> {
    sensors: Option<Value<'a>>,
    clocks: Option<Value<'a>>,
    power_domains: Option<Value<'a>>,
    performance_domains: Option<Value<'a>>,
    voltage_domains: Option<Value<'a>>,
    reset_domains: Option<Value<'a>>,
    power_caps: Option<Value<'a>>,
    pins: Option<Value<'a>>,
    pin_groups: Option<Value<'a>>,
    pin_functions: Option<Value<'a>>,
}

impl<'a> Lists<'a> {
    fn read(fields: &mut Fields<'a>) -> Self {
        Self {
            sensors: fields.get("sensor"),
            clocks: fields.get("clock"),
            power_domains: fields.get("power-domain"),
            performance_domains: fields.get("performance-domain"),
            voltage_domains: fields.get("voltage-domain"),
            reset_domains: fields.get("reset-domain"),
            power_caps: fields.get("power-cap"),
            pins: fields.get("pin"),
            pin_groups: fields.get("pin-group"),
            pin_functions: fields.get("pin-function"),
        }
    }
}

impl<'a> Lists<'a> {
    /// The list of a kind of resources.
    fn of_kind(&self, space: Space) -> Option<&Value<'a>> {
        let list = match space {
            Space::PowerDomain => &self.power_domains,
            Space::PerfDomain => &self.performance_domains,
            Space::Clock => &self.clocks,
            Space::Sensor => &self.sensors,
            Space::ResetDomain => &self.reset_domains,
            Space::VoltageDomain => &self.voltage_domains,
            Space::PowerCap => &self.power_caps,
            Space::Pin => &self.pins,
            Space::PinGroup => &self.pin_groups,
            Space::PinFunction => &self.pin_functions,
            _ => &None,
        };
        list.as_ref()
    }
}

fn root(table: &DeTable<'_>, text: &str, folder: &Path, problems: &mut Problems) -> Option<Board> {
    let mut fields = Fields::new(table, &schema::ROOT, 0..0, "");
    // Of a file of another version nothing else would be understood as it was meant.
    or(fields.get("version"), (), |value| version(value, problems))?;
    let platform = fields.require("platform", problems, "the table [platform]");
    let platform = platform.and_then(|value| platform::platform(&value, problems));
    let seed = platform.as_ref().map_or(0, |(_, seed)| *seed);
    let lists = Lists::read(&mut fields);
    let system = fields.get("system");
    let faults = fields.get("fault");
    let agents = fields.require("agent", problems, "at least one table [[agent]]");
    let devices = fields.get("device");
    fields.finish(problems);

    let context = Context {
        text,
        folder,
        seed,
        system: system.is_some(),
        agents: Names::of("agent", agents.as_ref()),
        power_domains: Names::of("power domain", lists.power_domains.as_ref()),
        performance_domains: Names::of("performance domain", lists.performance_domains.as_ref()),
        everything: Everything::of(|space| lists.of_kind(space)),
    };
    let list = agents;
    let agents = list.as_ref().and_then(|list| agent::agents(list, &context, problems));
    let devices = devices.map_or(Some(Vec::new()), |list| {
        DEVICES.read(&list, &context, problems, |value, at, problems| {
            device::device(value, at, &context, problems)
        })
    });
    let system = or(system, None, |value| system::system(value, &context, problems).map(Some));
    let faults = FAULTS.all(&faults, &context, problems, |value, at, context, problems| {
        fault::fault(value, at, agents.as_deref(), context, problems)
    });
    let items = items(&lists, &context, problems);
    let (items, system, agents) = (items?, system?, agents?);
    let (devices, faults) = (devices?, faults?);
    let board = Board { identity: platform?.0, agents, devices, system, faults, ..items };
    agent::warn(&board, list.as_ref(), problems);
    Some(board)
}

/// Checks `text`, which messages call `origin`, for faults of the platform of `board`; nothing else may be in it.
pub(crate) fn faults(
    text: &str,
    origin: &str,
    board: &Board,
) -> Result<Vec<FaultRule>, BoardError> {
    let mut problems = Problems::default();
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        problems.push(&span, syntax::message(text, &span, error.message()));
    }
    let context = Context {
        text,
        folder: Path::new(""),
        seed: 0,
        system: false,
        agents: Names::from_names("agent", board.agents.iter().map(|agent| agent.name.as_str())),
        power_domains: Names::from_names("power domain", []),
        performance_domains: Names::from_names("performance domain", []),
        everything: Everything::of_board(board),
    };
    let mut rules = None;
    if problems.is_empty() {
        let mut fields = Fields::new(document.get_ref(), &schema::FAULTS, 0..0, "");
        let list = fields.require("fault", &mut problems, "tables [[fault]]");
        fields.finish(&mut problems);
        rules = FAULTS.all(&list, &context, &mut problems, |value, at, context, problems| {
            fault::fault(value, at, Some(&board.agents), context, problems)
        });
    }
    match rules {
        Some(rules) if problems.is_empty() => Ok(rules),
        _ => Err(BoardError::Refused(problems.into_report(origin, text))),
    }
}

/// The version of the file's form.
fn version(value: &Value<'_>, problems: &mut Problems) -> Option<()> {
    if value.is_integer(schema::VERSION) {
        return Some(());
    }
    value.fail(problems, format!("{}, the one version that is known here", schema::VERSION))
}

/// A board of everything that stands in lists.
fn items(lists: &Lists<'_>, context: &Context<'_>, problems: &mut Problems) -> Option<Board> {
    let sensors = or(lists.sensors.clone(), Vec::new(), |list| sensors_of(list, context, problems));
    let clocks =
        or(lists.clocks.clone(), Vec::new(), |list| clock::clocks(list, context, problems));
    let power_domains = POWER_DOMAINS.all(&lists.power_domains, context, problems, power::domain);
    let performance = or(lists.performance_domains.clone(), Vec::new(), |list| {
        perf::domains(list, context, problems)
    });
    let voltages = VOLTAGE_DOMAINS.all(&lists.voltage_domains, context, problems, voltage::domain);
    let resets = RESET_DOMAINS.all(&lists.reset_domains, context, problems, reset::domain);
    let caps = or(lists.power_caps.clone(), Vec::new(), |list| {
        powercap::domains(list, performance.as_deref(), context, problems)
    });
    let pin_names = Names::of("pin", lists.pins.as_ref());
    let group_names = Names::of("pin group", lists.pin_groups.as_ref());
    let pins = PINS.all(&lists.pins, context, problems, pins::pin);
    let groups =
        PIN_GROUPS.all(&lists.pin_groups, context, problems, |value, at, context, problems| {
            pins::group(value, at, &pin_names, context, problems)
        });
    let functions =
        PIN_FUNCTIONS.all(&lists.pin_functions, context, problems, |value, at, _, problems| {
            pins::function(value, at, (&pin_names, &group_names), problems)
        });
    Some(Board {
        identity: Identity::default(),
        agents: Vec::new(),
        devices: Vec::new(),
        sensors: sensors?,
        clocks: clocks?,
        power_domains: power_domains?,
        performance_domains: performance?,
        voltage_domains: voltages?,
        reset_domains: resets?,
        power_caps: caps?,
        pins: pins?,
        pin_groups: groups?,
        pin_functions: functions?,
        system: None,
        faults: Vec::new(),
        warnings: Vec::new(),
    })
}

fn sensors_of(
    list: &Value<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Vec<Sensor>> {
    let mut zones = Vec::new();
    let sensors = SENSORS.read(list, context, problems, |value, at, problems| {
        let sensor = sensor::sensor(value, at, context, problems)?;
        let zone = sensor.thermal_zone.as_ref().map(|zone| zone.name.clone());
        zones.extend(zone.map(|name| (name, value.span_of("thermal-zone"))));
        Some(sensor)
    });
    unique(
        context,
        problems,
        "thermal zone",
        zones.iter().map(|(name, place)| (name.as_str(), place.clone())),
    );
    sensors
}

/// A list of tables that have names.
struct Tables<'a> {
    /// What one of them is called in messages.
    what: &'a str,
    /// How one of them begins in a file.
    header: &'static str,
    /// How many there may be.
    count: RangeInclusive<usize>,
}

const SENSORS: Tables<'_> = Tables { what: "sensor", header: "[[sensor]]", count: 0..=MAX_ITEMS };

const AGENTS: Tables<'_> = Tables { what: "agent", header: "[[agent]]", count: 1..=MAX_AGENTS };

/// A kind of items of which a board has any number.
const fn items_of(what: &'static str, header: &'static str) -> Tables<'static> {
    Tables { what, header, count: 0..=MAX_ITEMS }
}

const DEVICES: Tables<'_> = items_of("device", "[[device]]");
const CLOCKS: Tables<'_> = items_of("clock", "[[clock]]");
const POWER_DOMAINS: Tables<'_> = items_of("power domain", "[[power-domain]]");
const PERFORMANCE_DOMAINS: Tables<'_> = items_of("performance domain", "[[performance-domain]]");
const VOLTAGE_DOMAINS: Tables<'_> = items_of("voltage domain", "[[voltage-domain]]");
const RESET_DOMAINS: Tables<'_> = items_of("reset domain", "[[reset-domain]]");
const POWER_CAPS: Tables<'_> = items_of("power cap", "[[power-cap]]");
const PINS: Tables<'_> = items_of("pin", "[[pin]]");
const PIN_GROUPS: Tables<'_> = items_of("pin group", "[[pin-group]]");
const PIN_FUNCTIONS: Tables<'_> = items_of("pin function", "[[pin-function]]");

const FAULTS: Tables<'_> =
    Tables { what: "fault", header: "[[fault]]", count: 0..=Faults::MAX_RULES };

impl Tables<'_> {
    /// As [`Tables::read`], of a list that may be missing.
    fn all<'v, T>(
        &self,
        list: &Option<Value<'v>>,
        context: &Context<'_>,
        problems: &mut Problems,
        check: impl Fn(&Value<'v>, usize, &Context<'_>, &mut Problems) -> Option<T>,
    ) -> Option<Vec<T>> {
        or(list.clone(), Vec::new(), |list| {
            // The value inside the list lives as long as the list's own.
            self.read(list, context, problems, |value, at, problems| {
                check(value, at, context, problems)
            })
        })
    }

    /// Checks each table of `list` with `check`, all of them even where one fails; and that no two have one name.
    fn read<'v, T>(
        &self,
        list: &Value<'v>,
        context: &Context<'_>,
        problems: &mut Problems,
        mut check: impl FnMut(&Value<'v>, usize, &mut Problems) -> Option<T>,
    ) -> Option<Vec<T>> {
        let (fewest, most) = (self.count.start(), self.count.end());
        let expected = format!("{fewest} to {most} tables {}", self.header);
        let items = list.items(problems, &expected)?;
        if !self.count.contains(&items.len()) {
            return list.fail(problems, expected);
        }
        let mut checked = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            checked.push(check(item, index + 1, problems));
        }
        let names = items.iter().filter_map(|item| item.text_of("name"));
        unique(context, problems, self.what, names);
        checked.into_iter().collect()
    }
}

/// Reports each name that was there before.
fn unique<'a>(
    context: &Context<'_>,
    problems: &mut Problems,
    what: &str,
    names: impl Iterator<Item = (&'a str, Range<usize>)>,
) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, place) in names {
        if let Some(earlier) = first.get(name) {
            let line = context.line(*earlier);
            let message = format!(
                "found a second {what} named {name:?} (the first is in line {line}), expected a name of its own"
            );
            problems.push(&place, message);
        } else {
            first.insert(name, place.start);
        }
    }
}
