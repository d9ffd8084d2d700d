//! `scmictl sensor get`: what sensors read now.

use std::io::Write;

use clap::Args;
use scmi::agent::CallError;
use scmi::protocol::sensor::agent::Sensors;
use scmi::protocol::sensor::wire::{AttributesLow, Reading};
use serde_json::{Value, json};

use super::catalog::{Catalog, Entry, read};
use crate::connect::Session;
use crate::failure::Failure;
use crate::resource::Resource as _;
use crate::table::Columns;
use crate::units;

/// Read sensors: all of them, or those that are named.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Sensors by id or by name.
    #[arg(value_name = "ID|NAME")]
    sensors: Vec<String>,

    /// Read asynchronously: the platform answers at once and sends the readings when it has them. Without
    /// names, only those sensors that can.
    #[arg(long = "async")]
    asynchronous: bool,
}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock sensor get
  scmictl --connect vhost-user:/run/scmi/vm1.sock sensor get cpu accelerometer
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json sensor get 0 | jq '.[0].readings[0].value'";

/// What became of reading a sensor.
type Outcome<'e> = (&'e Entry, Result<Vec<Reading>, CallError>);

/// Prints them. A sensor that cannot be read does not keep the others from being read.
pub(super) fn run(
    arguments: &Arguments,
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let catalog = Catalog::load(session)?;
    let mut wanted = catalog.select(&arguments.sensors)?;
    if arguments.sensors.is_empty() && arguments.asynchronous {
        wanted.retain(|entry| entry.has(AttributesLow::ASYNC));
    }
    let mut sensors =
        Sensors::open(session).map_err(|error| Failure::call("asking for the sensors", &error))?;
    let outcomes: Vec<Outcome<'_>> = wanted
        .into_iter()
        .map(|entry| (entry, read(&mut sensors, entry, arguments.asynchronous)))
        .collect();
    if json {
        let document: Value = outcomes.iter().map(outcome_json).collect();
        writeln!(out, "{document}")?;
    } else {
        table(&outcomes).write(out)?;
    }
    let mut failed =
        outcomes.iter().filter_map(|(entry, result)| Some((entry, result.as_ref().err()?)));
    match failed.next() {
        None => Ok(()),
        Some((entry, error)) => {
            let others = match failed.count() {
                0 => String::new(),
                others => format!(" (and {others} more failed)"),
            };
            Err(Failure::call(format_args!("reading {}{others}", entry.called()), error))
        }
    }
}

fn table(outcomes: &[Outcome<'_>]) -> Columns {
    let mut columns = Columns::new(&["NAME", ">VALUE", "UNIT", "NOTE"]);
    for (entry, result) in outcomes {
        let readings = match result {
            Ok(readings) => readings,
            Err(error) => {
                columns.row([entry.name.clone(), "-".into(), String::new(), error.to_string()]);
                continue;
            }
        };
        if entry.info.axes > 0 {
            columns.row([entry.name.clone()]);
        }
        for (channel, reading) in entry.channels.iter().zip(readings) {
            let name = match entry.info.axes {
                0 => entry.name.clone(),
                _ => format!("  {}", channel.axis),
            };
            let value = channel.scale.number(reading.value.get());
            let taken = taken_at(entry, reading);
            let note = taken.map_or_else(String::new, |taken| format!("taken at {taken} s"));
            columns.row([name, value, channel.scale.unit().into(), note]);
        }
    }
    columns
}

/// When a reading was taken, in seconds of the platform's clock; none where it does not say.
fn taken_at(entry: &Entry, reading: &Reading) -> Option<Value> {
    let (time, exponent) = entry.timestamp(reading)?;
    Some(units::json(i64::try_from(time).unwrap_or(i64::MAX), exponent))
}

fn outcome_json((entry, result): &Outcome<'_>) -> Value {
    json!({
        "id": entry.id,
        "name": entry.name,
        "readings": result.as_ref().map_or(Value::Null, |readings| readings_json(entry, readings)),
        "error": result.as_ref().err().map(ToString::to_string),
    })
}

/// The readings of a sensor: a list with one for a scalar, one an axis otherwise.
pub(super) fn readings_json(entry: &Entry, readings: &[Reading]) -> Value {
    let channels = entry.channels.iter().zip(readings);
    channels
        .map(|(channel, reading)| {
            let raw = reading.value.get();
            json!({
                "axis": (entry.info.axes > 0).then_some(&channel.axis),
                "value": units::json(raw, channel.scale.exponent),
                "unit": channel.scale.unit(),
                "raw": raw,
                "taken_at_s": taken_at(entry, reading),
            })
        })
        .collect()
}
