//! The show as JSON documents, a line each.

use core::time::Duration;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::faces::Face;
use super::scene::{Closing, Note, Opening, Row, Scene, State};
use crate::units;

/// From one record of readings to the next.
const EVERY: Duration = Duration::from_secs(1);

pub(super) struct Records<'o> {
    out: &'o mut dyn Write,
    /// When the next record of readings is due.
    next: Duration,
}

impl<'o> Records<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        Self { out, next: Duration::ZERO }
    }

    fn put(&mut self, document: &Value) -> io::Result<()> {
        writeln!(self.out, "{document}")?;
        self.out.flush()
    }
}

impl Face for Records<'_> {
    fn opening(&mut self, opening: &Opening) -> io::Result<()> {
        let names: Vec<&str> =
            opening.catalog.entries.iter().map(|entry| entry.name.as_str()).collect();
        self.put(&json!({ "event": "found", "platform": opening.platform, "sensors": names }))
    }

    fn frame(&mut self, scene: &Scene<'_>) -> io::Result<()> {
        if scene.elapsed < self.next {
            return Ok(());
        }
        while self.next <= scene.elapsed {
            self.next += EVERY;
        }
        let values: Map<String, Value> =
            scene.rows.iter().map(|row| (row.entry.name.clone(), value(row))).collect();
        let at = scene.elapsed.as_secs_f64();
        self.put(&json!({ "event": "readings", "at_s": at, "values": values }))
    }

    fn note(&mut self, note: &Note) -> io::Result<()> {
        let Note { at, name, text } = note;
        let at = at.as_secs_f64();
        self.put(&json!({ "event": "note", "at_s": at, "name": name, "text": text }))
    }

    fn closing(&mut self, closing: &Closing) -> io::Result<()> {
        let report = closing.report.as_ref();
        let document = json!({
            "event": "end",
            "at_s": closing.elapsed.as_secs_f64(),
            "commands": report.map(|report| report.device.commands),
            "answered": report.map(|report| report.device.answered),
            "refused": report.map(|report| report.platform.refused),
            "notifications": report.map(|report| report.platform.notifications),
            "delayed": report.map(|report| report.platform.delayed),
            "updates": closing.tally.updates,
            "crossings": closing.tally.crossings,
            "median_reading_s": closing.tally.median().map(|median| median.as_secs_f64()),
            "socket_gone": closing.socket_gone,
        });
        self.put(&document)
    }
}

/// A number, or a list of one an axis.
fn value(row: &Row<'_>) -> Value {
    let State::Reads(readings) = &row.state else { return Value::Null };
    let channels = row.entry.channels.iter().zip(readings);
    let mut numbers: Vec<Value> = channels
        .map(|(channel, reading)| units::json(reading.value.get(), channel.scale.exponent))
        .collect();
    match numbers.pop() {
        Some(number) if row.entry.info.axes == 0 => number,
        last => numbers.into_iter().chain(last).collect(),
    }
}
