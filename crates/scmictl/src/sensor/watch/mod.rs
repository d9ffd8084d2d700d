//! `scmictl sensor watch`: readings and trip point events as they come.

mod print;
mod setup;
mod trip;

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io::Write;
use std::sync::Arc;

use clap::Args;
use scmi::agent::CallerExt;
use scmi::protocol::sensor::agent::Event;
use scmi::wire::ProtocolId;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::catalog::Catalog;
use crate::connect::Session;
use crate::failure::{Failure, Kind};
use crate::units;

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

    /// End after so many events.
    #[arg(long, value_name = "N")]
    count: Option<u64>,

    /// End after so long.
    #[arg(long, value_name = "SECONDS", value_parser = units::seconds)]
    seconds: Option<Duration>,
}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock sensor watch
  scmictl --connect vhost-user:/run/scmi/vm1.sock sensor watch accelerometer --interval 100ms --count 50
  scmictl --connect vhost-user:/run/scmi/vm1.sock sensor watch cpu --trip 0=both:65.0 --seconds 60
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json sensor watch | jq --unbuffered .event";

/// How long a wait lasts at most: then signals are looked for.
const SLICE: Duration = Duration::from_millis(100);

/// After so long without an event the platform is asked whether it is still there.
const QUIET: Duration = Duration::from_secs(1);

/// Watches, and puts back what it changed.
pub(super) fn run(
    arguments: &Arguments,
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if !session.p2a() {
        let what = "the platform has no channel for notifications, so nothing can be watched";
        return Err(Failure::new(Kind::Platform, what));
    }
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
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&ended))
            .map_err(|error| Failure::because(Kind::Usage, "cannot wait for signals", &error))?;
    }
    let start = session.now();
    let mut quiet_since = start;
    let mut seen = 0;
    let over = |seen: u64| arguments.count.is_some_and(|count| seen >= count);
    while !over(seen) && !ended.load(Ordering::Relaxed) {
        let now = session.now();
        let mut until = now.after(SLICE);
        if let Some(span) = arguments.seconds {
            if now >= start.after(span) {
                break;
            }
            until = until.min(start.after(span));
        }
        let event = session.next_event(until);
        let now = session.now();
        let Some(event) = event else {
            if now.since(quiet_since) >= QUIET {
                quiet_since = now;
                session.protocol_version(ProtocolId::SENSOR).map_err(|error| {
                    Failure::call("asking whether the platform is there", &error)
                })?;
            }
            continue;
        };
        quiet_since = now;
        let Some(parsed) = Event::parse(event.header(), event.payload()) else { continue };
        let elapsed = now.since(start);
        if json {
            print::line_json(&catalog.entries, elapsed, &parsed, out)?;
        } else {
            print::line(&catalog.entries, elapsed, &parsed, out)?;
        }
        out.flush()?;
        seen += 1;
    }
    match session.agent().counters().events_lost {
        0 => Ok(()),
        lost => Err(Failure::new(Kind::Platform, format_args!("{lost} events came too fast"))),
    }
}
