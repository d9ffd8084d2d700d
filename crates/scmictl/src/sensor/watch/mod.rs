//! `scmictl sensor watch`: readings and trip point events as they come.

mod print;
mod setup;
mod trip;

use core::time::Duration;
use std::io::Write;

use clap::Args;
use scmi::protocol::sensor::agent::Event;
use scmi::wire::ProtocolId;

use super::catalog::Catalog;
use crate::connect::Session;
use crate::failure::Failure;
use crate::units;
use crate::watching::{self, Until};

pub(crate) use setup::Setup;
use trip::TripArgument;

/// Print what sensors send unasked: readings at their update interval, and trip points that are crossed.
///
/// Without names it watches every sensor that sends updates. At the end (--count, --seconds, Ctrl-C) all is put back as it
/// was; trip points, which cannot be asked for, are turned off.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Sensors by id or by name.
    #[arg(value_name = "ID|NAME")]
    sensors: Vec<String>,

    /// Set the sensors' update interval to this, or to the nearest that they have.
    #[arg(long, value_name = "TIME", value_parser = units::duration)]
    interval: Option<Duration>,

    /// Set a trip point of the one sensor that is named, and tell when it is crossed: its number, which way, and
    /// the value in the sensor's unit.
    #[arg(
        long = "trip",
        value_name = "POINT=rising|falling|both:VALUE",
        allow_hyphen_values = true
    )]
    trips: Vec<TripArgument>,

    #[command(flatten)]
    until: Until,
}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock sensor watch
  scmictl --connect vhost-user:/run/scmi/vm1.sock sensor watch accelerometer --interval 100ms --count 50
  scmictl --connect vhost-user:/run/scmi/vm1.sock sensor watch cpu --trip 0=both:65.0 --seconds 60
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json sensor watch | jq --unbuffered .event";

/// Watches, and puts back what it changed.
pub(super) fn run(
    arguments: &Arguments,
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    watching::possible(session)?;
    let catalog = Catalog::load(session)?;
    let mut setup = Setup::default();
    let watched = setup
        .sensors(session, &catalog, arguments)
        .and_then(|()| watch(arguments, session, &catalog, json, out));
    // Also when something failed: half of it may have been done.
    let restored = setup.restore(session);
    watched.and(restored)
}

fn watch(
    arguments: &Arguments,
    session: &mut Session<'_>,
    catalog: &Catalog,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = &catalog.entries;
    watching::events(
        session,
        ProtocolId::SENSOR,
        &arguments.until,
        &mut |elapsed, header, payload| {
            let Some(parsed) = Event::parse(header, payload) else { return Ok(false) };
            if json {
                print::line_json(entries, elapsed, &parsed, out)?;
            } else {
                print::line(entries, elapsed, &parsed, out)?;
            }
            out.flush()?;
            Ok(true)
        },
    )
}
