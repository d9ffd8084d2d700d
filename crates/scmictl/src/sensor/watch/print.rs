//! A line for an event.

use core::time::Duration;
use std::io::{self, Write};

use scmi::protocol::sensor::agent::Event;
use scmi::protocol::sensor::wire::Reading;
use serde_json::json;

use crate::sensor::Entry;
use crate::sensor::get::readings_json;

/// The width of the names in lines of text: most names have no more, and longer ones are not cut.
const NAME: usize = 15;

/// Writes an event for people.
pub(super) fn line(
    entries: &[Entry],
    elapsed: Duration,
    event: &Event<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let start = format!("{:>10.3} s", elapsed.as_secs_f64());
    match event {
        Event::TripPoint { sensor, trip_point, rising } => {
            let way = if *rising { "rising" } else { "falling" };
            let name = name(entries, *sensor);
            writeln!(out, "{start}  {name:<NAME$}  trip point {trip_point} crossed, {way}")
        }
        Event::Update { sensor, readings } => {
            let readings: Vec<Reading> = readings.iter().collect();
            let name = name(entries, *sensor);
            let values =
                entry(entries, *sensor).map_or_else(String::new, |entry| values(entry, &readings));
            writeln!(out, "{start}  {name:<NAME$}  {values}")
        }
        other => writeln!(out, "{start}  {other:?}"),
    }
}

/// Readings in a line: a value with its unit, or one an axis.
pub(crate) fn values(entry: &Entry, readings: &[Reading]) -> String {
    let channels = entry.channels.iter().zip(readings);
    let shown: Vec<String> = channels
        .map(|(channel, reading)| {
            let value = channel.scale.show(reading.value.get());
            if entry.info.axes == 0 { value } else { format!("{} {value:>12}", channel.axis) }
        })
        .collect();
    shown.join("  ")
}

/// Writes an event as a JSON document in a line.
pub(super) fn line_json(
    entries: &[Entry],
    elapsed: Duration,
    event: &Event<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let seconds = elapsed.as_secs_f64();
    let document = match event {
        Event::TripPoint { sensor, trip_point, rising } => json!({
            "event": "trip",
            "at_s": seconds,
            "sensor": sensor,
            "name": name(entries, *sensor),
            "trip_point": trip_point,
            "direction": if *rising { "rising" } else { "falling" },
        }),
        Event::Update { sensor, readings } => {
            let readings: Vec<Reading> = readings.iter().collect();
            json!({
                "event": "update",
                "at_s": seconds,
                "sensor": sensor,
                "name": name(entries, *sensor),
                "readings": entry(entries, *sensor).map(|entry| readings_json(entry, &readings)),
            })
        }
        other => json!({ "event": "other", "at_s": seconds, "text": format!("{other:?}") }),
    };
    writeln!(out, "{document}")
}

fn entry(entries: &[Entry], id: u32) -> Option<&Entry> {
    entries.get(usize::try_from(id).ok()?)
}

fn name(entries: &[Entry], id: u32) -> String {
    entry(entries, id).map_or_else(|| format!("sensor {id}"), |entry| entry.name.clone())
}
