//! `[[sensor]]` and `[[sensor.axis]]`.

use core::time::Duration;

use scmi::protocol::sensor::SensorType;
use scmi::protocol::sensor::platform::{self, Axis, Intervals, Limits, SensorConfig};
use toml::de::DeValue;

use super::channel::{self, Channel, Settings};
use super::fields::{Fields, Value};
use super::intervals::Choice;
use super::{Context, Tables, intervals, thermal};
use crate::report::Problems;
use crate::sensor::{Sensor, ThermalZone};
use crate::source::Source;
use crate::units::parse_quantity;

/// The bytes of an extended name, without its NUL.
const MAX_NAME: usize = 63;

/// Axes of a sensor: six bits of its descriptor.
const MAX_AXES: usize = 63;

/// The longest time a reading may take, in nanoseconds. Linux gives up after two seconds.
const MAX_READ_TIME: u64 = 10_000_000_000;

/// The unit of timestamps where the file only says that there are some: 10^-9 s.
const NANOSECONDS: i8 = -9;

const EXPECTED_NAME: &str = "a text of 1 to 63 bytes without control characters";

/// The sensor at position `at`, from 1.
pub(super) fn sensor(
    value: &Value<'_>,
    at: usize,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Sensor> {
    let mut fields = value.fields(problems, format!("sensor {at}"), "a table [[sensor]]")?;
    let name = name(&mut fields, problems);
    if let Some(name) = &name {
        fields.rename(format!("sensor {name:?}"));
    }
    let label = name.clone().unwrap_or_default();
    let readings = readings(&mut fields, &label, context, problems);
    let choice = intervals::intervals(&mut fields, problems);
    let behaviour = behaviour(&mut fields, choice.as_ref(), problems);
    let trip_points = or_default(fields.get("trip-points"), 0, |value| {
        trip_points(value, readings.as_ref(), problems)
    });
    let zone = or_default(fields.get("thermal-zone"), None, |value| {
        zone(value, &label, readings.as_ref(), problems).map(Some)
    });
    fields.finish(problems);

    let (Behaviour { enabled, asynchronous, read_time, updates, timestamps, power }, readings) =
        (behaviour?, readings?);
    let (intervals, interval) = choice?;
    let description = platform::Sensor {
        name: name?,
        kind: readings.kind,
        exponent: readings.exponent,
        limits: readings.limits,
        axes: readings.axes,
        trip_points: trip_points?,
        intervals,
        updates,
        asynchronous,
        read_time: Duration::from_nanos(read_time),
        timestamps,
        power,
        config: SensorConfig { enabled, timestamps: false, interval },
    };
    Some(Sensor { description, sources: readings.sources, thermal_zone: zone? })
}

/// `check` of the value that is there, or `default`.
fn or_default<T>(
    value: Option<Value<'_>>,
    default: T,
    check: impl FnOnce(&Value<'_>) -> Option<T>,
) -> Option<T> {
    value.map_or(Some(default), |value| check(&value))
}

fn name(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<String> {
    let value = fields.require("name", problems, EXPECTED_NAME)?;
    let text = value.text(problems, EXPECTED_NAME)?;
    if text.is_empty() || text.len() > MAX_NAME || text.chars().any(char::is_control) {
        return value.fail(problems, EXPECTED_NAME);
    }
    Some(text.to_owned())
}

/// How a sensor behaves, apart from what it measures.
struct Behaviour {
    enabled: bool,
    asynchronous: bool,
    read_time: u64,
    updates: bool,
    timestamps: Option<i8>,
    power: u32,
}

fn behaviour(
    fields: &mut Fields<'_>,
    choice: Option<&Choice>,
    problems: &mut Problems,
) -> Option<Behaviour> {
    let asynchronous = or_default(fields.get("async"), false, |value| value.boolean(problems));
    let read_time = or_default(fields.get("read-time"), 0, |value| {
        value.time(problems, 0..=MAX_READ_TIME, "of at most 10 s")
    });
    let timestamps =
        or_default(fields.get("timestamps"), None, |value| timestamps(value, problems));
    let power = or_default(fields.get("power"), 0, |value| microwatts(value, problems));
    let enabled = or_default(fields.get("enabled"), true, |value| value.boolean(problems));
    // Where the intervals are wrong, whether there are any is not known.
    let regular = choice.is_none_or(|(intervals, _)| *intervals != Intervals::None);
    let updates =
        or_default(fields.get("updates"), regular, |value| match value.boolean(problems)? {
            true if !regular => {
                value.refuse(problems, "found true without update-intervals, expected both")
            }
            updates => Some(updates),
        });
    Some(Behaviour {
        enabled: enabled?,
        asynchronous: asynchronous?,
        read_time: read_time?,
        updates: updates?,
        timestamps: timestamps?,
        power: power?,
    })
}

fn timestamps(value: &Value<'_>, problems: &mut Problems) -> Option<Option<i8>> {
    match value.node() {
        DeValue::Boolean(there) => Some(there.then_some(NANOSECONDS)),
        DeValue::Integer(_) => value.integer(problems).map(Some),
        _ => value.fail(problems, "true, false, or an exponent from -9 to 0"),
    }
}

/// A power as a whole number of microwatts.
fn microwatts(value: &Value<'_>, problems: &mut Problems) -> Option<u32> {
    let text = value.text(problems, "a power such as \"120 uW\"")?;
    let number = match parse_quantity(text, &["W"]) {
        Ok(number) => number,
        Err(error) => return value.fail(problems, error),
    };
    let whole = number.whole_in(-6).and_then(|number| u32::try_from(number).ok());
    whole.or_else(|| value.fail(problems, "a whole number of microwatts, 0 to 4294 W"))
}

fn trip_points(
    value: &Value<'_>,
    readings: Option<&Readings>,
    problems: &mut Problems,
) -> Option<u8> {
    let count = value.integer(problems)?;
    if count > 0 && readings.is_some_and(|readings| !readings.axes.is_empty()) {
        return value.refuse(problems, format!("found {count} on a sensor with axes, expected 0"));
    }
    Some(count)
}

fn zone(
    value: &Value<'_>,
    sensor: &str,
    readings: Option<&Readings>,
    problems: &mut Problems,
) -> Option<ThermalZone> {
    let zone = thermal::zone(value, sensor, problems);
    if readings.is_some_and(|readings| readings.kind != SensorType::TEMPERATURE_C) {
        return value.refuse(
            problems,
            "found on a sensor that is no temperature in °C, expected only on one that is",
        );
    }
    zone
}

/// What a sensor measures: one value, or one an axis.
struct Readings {
    kind: SensorType,
    exponent: i8,
    limits: Limits,
    axes: Vec<Axis>,
    sources: Vec<Source>,
}

fn readings(
    fields: &mut Fields<'_>,
    sensor: &str,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Readings> {
    let settings = Settings::read(fields);
    let Some(list) = fields.get("axis") else {
        let seed = seed_of(context.seed, &[sensor]);
        let Channel { kind, exponent, limits, source } =
            channel::channel(&settings, fields, seed, context, problems)?;
        return Some(Readings { kind, exponent, limits, axes: Vec::new(), sources: vec![source] });
    };
    fields.refuse("source", problems, "found on a sensor with axes, expected on each axis");
    let place = fields.place().to_owned();
    let what = format!("axis of {place}");
    let tables = Tables { what: &what, header: "[[sensor.axis]]", count: 1..=MAX_AXES };
    let axes = tables.read(&list, context, problems, |value, at, problems| {
        axis(value, &format!("axis {at} of {place}"), &settings, sensor, context, problems)
    })?;
    let (axes, sources) = axes.into_iter().unzip();
    Some(Readings { kind: SensorType::NONE, exponent: 0, limits: Limits::default(), axes, sources })
}

fn axis<'a>(
    value: &Value<'a>,
    place: &str,
    settings: &Settings<'a>,
    sensor: &str,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<(Axis, Source)> {
    let mut fields = value.fields(problems, place, "a table [[sensor.axis]]")?;
    let name = name(&mut fields, problems);
    if let Some(name) = &name {
        fields.rename(format!("axis {name:?} of sensor {sensor:?}"));
    }
    let own = Settings::read(&mut fields).or(settings);
    let seed = seed_of(context.seed, &[sensor, name.as_deref().unwrap_or_default()]);
    let channel = channel::channel(&own, &mut fields, seed, context, problems);
    fields.finish(problems);
    let Channel { kind, exponent, limits, source } = channel?;
    Some((Axis { name: name?, kind, exponent, limits }, source))
}

/// A seed that belongs to one channel of one board, wherever in the file the sensor stands (FNV-1a).
fn seed_of(board: u64, names: &[&str]) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325 ^ board;
    for name in names {
        for byte in name.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
    hash
}
