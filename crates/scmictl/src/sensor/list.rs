//! `scmictl sensor list`: what sensors there are.

use std::io::Write;

use clap::Args;
use scmi::protocol::sensor::agent::IntervalInfo;
use scmi::protocol::sensor::wire::AttributesLow;
use serde_json::{Value, json};

use super::catalog::{Catalog, Channel, Entry, intervals};
use crate::connect::Session;
use crate::failure::Failure;
use crate::resource::Resource as _;
use crate::table::Columns;
use crate::units;

/// List the sensors: what they measure, and what they can do.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock sensor list
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json sensor list | jq '.[].name'

What a sensor CAN:
  updates     send its readings unasked, at its update interval
  async       be read asynchronously
  timestamps  say when a reading was taken";

/// Prints them.
pub(super) fn run(
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let catalog = Catalog::load(session)?;
    let mut listed = Vec::with_capacity(catalog.entries.len());
    for entry in &catalog.entries {
        let intervals = intervals(session, catalog.version, entry).map_err(|error| {
            Failure::call(format_args!("listing the intervals of {}", entry.called()), &error)
        })?;
        listed.push((entry, intervals));
    }
    if json {
        let document: Value =
            listed.iter().map(|(entry, intervals)| sensor_json(entry, intervals)).collect();
        return Ok(writeln!(out, "{document}")?);
    }
    let mut columns = Columns::new(&[
        ">ID",
        "NAME",
        "TYPE",
        "UNIT",
        "RANGE",
        "RESOLUTION",
        ">TRIPS",
        "INTERVALS",
        "CAN",
    ]);
    for (entry, intervals) in &listed {
        rows(&mut columns, entry, intervals);
    }
    Ok(columns.write(out)?)
}

/// A line for the sensor, and one for each of its axes.
fn rows(columns: &mut Columns, entry: &Entry, intervals: &[IntervalInfo]) {
    let trips = match entry.info.low.trip_points() {
        0 => String::new(),
        count => count.to_string(),
    };
    let scalar = entry.channels.first().filter(|_| entry.info.axes == 0);
    let [unit, range, resolution] = scalar.map_or_else(Default::default, channel);
    let kind = match entry.info.axes {
        0 => type_name(entry),
        axes => format!("{} x {axes}", type_name(entry)),
    };
    columns.row([
        entry.id.to_string(),
        entry.name.clone(),
        kind,
        unit,
        range,
        resolution,
        trips,
        shown(intervals),
        capabilities(entry).join(", "),
    ]);
    for axis in entry.channels.iter().filter(|_| entry.info.axes > 0) {
        let name = format!("  {}", axis.axis);
        let [unit, range, resolution] = channel(axis);
        let kind = axis.scale.kind;
        let kind = if kind == entry.kind() { String::new() } else { kind.to_string() };
        columns.row([String::new(), name, kind, unit, range, resolution]);
    }
}

/// Unit, range and resolution.
fn channel(channel: &Channel) -> [String; 3] {
    let scale = &channel.scale;
    let range = match channel.limits() {
        (None, None) => String::new(),
        (min, max) => {
            let shown =
                |limit: Option<i64>| limit.map_or_else(|| "?".into(), |value| scale.number(value));
            format!("{} to {}", shown(min), shown(max))
        }
    };
    let resolution = channel.resolution().map_or_else(String::new, |resolution| {
        units::json(resolution.value.into(), resolution.exponent).to_string()
    });
    [scale.unit().into(), range, resolution]
}

fn type_name(entry: &Entry) -> String {
    let kind = entry.kind();
    kind.word().map_or_else(|| kind.to_string(), String::from)
}

fn capabilities(entry: &Entry) -> Vec<&'static str> {
    let bits = [
        ("updates", AttributesLow::UPDATES),
        ("async", AttributesLow::ASYNC),
        ("timestamps", AttributesLow::TIMESTAMPS),
    ];
    bits.into_iter().filter(|(_, bits)| entry.has(*bits)).map(|(name, _)| name).collect()
}

/// As many intervals as are easily read.
fn shown(intervals: &[IntervalInfo]) -> String {
    let each = |interval: &IntervalInfo| match interval {
        IntervalInfo::One(interval) => units::interval(*interval),
        IntervalInfo::Range { first, last, step } => {
            let [first, last, step] = [first, last, step].map(|each| units::interval(*each));
            format!("{first} to {last} by {step}")
        }
    };
    match intervals {
        [first, .., last] if intervals.len() > 3 => {
            format!("{} ... {} ({})", each(first), each(last), intervals.len())
        }
        few => few.iter().map(each).collect::<Vec<_>>().join(", "),
    }
}

fn sensor_json(entry: &Entry, intervals: &[IntervalInfo]) -> Value {
    let seconds = |interval: &scmi::protocol::sensor::wire::Interval| {
        units::json(interval.seconds.into(), interval.exponent)
    };
    let intervals: Vec<Value> = intervals
        .iter()
        .map(|interval| match interval {
            IntervalInfo::One(interval) => seconds(interval),
            IntervalInfo::Range { first, last, step } => {
                json!({ "first": seconds(first), "last": seconds(last), "step": seconds(step) })
            }
        })
        .collect();
    let mut document = json!({
        "id": entry.id,
        "name": entry.name,
        "type": type_name(entry),
        "trip_points": entry.info.low.trip_points(),
        "intervals_s": intervals,
        "can": capabilities(entry),
        "power_uw": entry.info.power,
    });
    let Some(fields) = document.as_object_mut() else { return document };
    if entry.info.axes > 0 {
        let axes = entry.channels.iter().map(channel_json).collect();
        fields.insert("axes".into(), axes);
    } else if let Some(Value::Object(scalar)) = entry.channels.first().map(channel_json) {
        fields.extend(scalar);
    }
    document
}

fn channel_json(channel: &Channel) -> Value {
    let Channel { axis, scale, .. } = channel;
    let (min, max) = channel.limits();
    let limit = |value: Option<i64>| value.map(|value| units::json(value, scale.exponent));
    let resolution = channel
        .resolution()
        .map(|resolution| units::json(resolution.value.into(), resolution.exponent));
    let mut document = json!({
        "unit": scale.unit(),
        "exponent": scale.exponent,
        "resolution": resolution,
        "min": limit(min),
        "max": limit(max),
    });
    if !axis.is_empty()
        && let Some(fields) = document.as_object_mut()
    {
        fields.insert("name".into(), axis.as_str().into());
    }
    document
}
