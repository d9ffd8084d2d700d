//! What is changed before watching, and put back after it.

use core::fmt;

use scmi::agent::CallError;
use scmi::protocol::sensor::agent::Sensors;
use scmi::protocol::sensor::wire::{ConfigWord, Interval, Rounding, TripMode};

use super::{Arguments, TripArgument};
use crate::connect::Session;
use crate::failure::{Failure, Kind};
use crate::resource::Resource as _;
use crate::sensor::{Catalog, Entry};
use crate::units;

/// What was changed, in order.
#[derive(Debug, Default)]
pub(crate) struct Setup {
    done: Vec<Change>,
}

/// A change, by what undoes it.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// The sensor was set up otherwise before.
    Config(u32, ConfigWord),
    /// The sensor did not send updates before, to us.
    Updates(u32),
    /// The trip point was set.
    Trip(u32, u8),
    /// The sensor did not send trip point events before, to us.
    TripEvents(u32),
}

impl Setup {
    /// Sets up what the command line asks for.
    pub(super) fn sensors(
        &mut self,
        session: &mut Session<'_>,
        catalog: &Catalog,
        arguments: &Arguments,
    ) -> Result<(), Failure> {
        let interval = arguments.interval.map(units::to_interval).transpose();
        let interval = interval.map_err(|error| Failure::new(Kind::Usage, error))?;
        let mut wanted = catalog.select(&arguments.sensors)?;
        if arguments.sensors.is_empty() {
            wanted.retain(|entry| entry.updates(catalog.version));
        }
        if wanted.is_empty() {
            return Err(Failure::new(Kind::Platform, "no sensor sends updates"));
        }
        match (wanted.as_slice(), arguments.trips.as_slice()) {
            (_, []) => {}
            ([entry], trips) => self.trips(session, entry, trips)?,
            _ => {
                let what = "--trip is for one sensor: name it";
                return Err(Failure::new(Kind::Usage, what));
            }
        }
        for entry in wanted {
            let updates = entry.updates(catalog.version);
            if !updates && arguments.trips.is_empty() {
                let what = format_args!("{} does not send updates", entry.called());
                return Err(Failure::new(Kind::Platform, what));
            }
            if updates || interval.is_some() {
                self.configure(session, entry, interval)?;
            }
            if updates {
                self.updates(session, entry)?;
            }
        }
        Ok(())
    }

    /// Turns a sensor on, with this update interval or the nearest that it has; without one, with its own.
    pub(crate) fn configure(
        &mut self,
        session: &mut Session<'_>,
        entry: &Entry,
        interval: Option<Interval>,
    ) -> Result<(), Failure> {
        let mut sensors = open(session)?;
        let before = sensors.config(entry.id).map_err(|error| {
            Failure::call(format_args!("asking how {} is set up", entry.called()), &error)
        })?;
        let wanted = match interval {
            None if before.enabled() => return Ok(()),
            // All else stays as it is: not every platform takes all that it could.
            None => ConfigWord(before.0 | 1),
            Some(interval) => ConfigWord::new(true, before.timestamps(), interval)
                .with_rounding(Rounding::Nearest),
        };
        sensors.set_config(entry.id, wanted).map_err(|error| {
            let what = match interval {
                None => format!("turning on {}", entry.called()),
                Some(interval) => {
                    format!("setting {} to every {}", entry.called(), units::interval(interval))
                }
            };
            Failure::call(what, &error)
        })?;
        self.done.push(Change::Config(entry.id, before));
        Ok(())
    }

    /// Has a sensor send its readings.
    pub(crate) fn updates(
        &mut self,
        session: &mut Session<'_>,
        entry: &Entry,
    ) -> Result<(), Failure> {
        open(session)?.notify_updates(entry.id, true).map_err(|error| {
            Failure::call(format_args!("asking for updates of {}", entry.called()), &error)
        })?;
        self.done.push(Change::Updates(entry.id));
        Ok(())
    }

    /// Sets trip points of a sensor, and has it tell when they are crossed.
    fn trips(
        &mut self,
        session: &mut Session<'_>,
        entry: &Entry,
        trips: &[TripArgument],
    ) -> Result<(), Failure> {
        for trip in trips {
            let scale = entry.channels.first().map(|channel| channel.scale);
            let value = scale.map(|scale| scale.parse(trip.value)).transpose();
            let value = value.map_err(|error| {
                Failure::new(Kind::Usage, format_args!("trip point {}: {error}", trip.point))
            })?;
            self.trip(session, entry, trip.point, trip.mode, value.unwrap_or(0))?;
        }
        Ok(())
    }

    /// Sets a trip point of a sensor, and has it tell when it is crossed.
    pub(crate) fn trip(
        &mut self,
        session: &mut Session<'_>,
        entry: &Entry,
        point: u8,
        mode: TripMode,
        value: i64,
    ) -> Result<(), Failure> {
        let mut sensors = open(session)?;
        let id = entry.id;
        sensors.set_trip_point(id, point, mode, value).map_err(|error| {
            Failure::call(format_args!("setting trip point {point} of {}", entry.called()), &error)
        })?;
        self.done.push(Change::Trip(id, point));
        sensors.notify_trip_points(id, true).map_err(|error| {
            Failure::call(format_args!("asking for events of {}", entry.called()), &error)
        })?;
        self.done.push(Change::TripEvents(id));
        Ok(())
    }

    /// Puts back what was changed, the last first. What fails does not keep the rest from being put back.
    pub(crate) fn restore(&mut self, session: &mut Session<'_>) -> Result<(), Failure> {
        let mut result = Ok(());
        if self.done.is_empty() {
            return result;
        }
        let mut sensors = open(session)?;
        while let Some(change) = self.done.pop() {
            let undone = change.undo(&mut sensors);
            let undone = undone
                .map_err(|error| Failure::call(format_args!("putting back {change}"), &error));
            result = result.and(undone);
        }
        result
    }
}

impl Change {
    fn undo(self, sensors: &mut Sensors<'_>) -> Result<(), CallError> {
        match self {
            Self::Config(id, before) => sensors.set_config(id, before),
            Self::Updates(id) => sensors.notify_updates(id, false),
            Self::Trip(id, point) => sensors.set_trip_point(id, point, TripMode::OFF, 0),
            Self::TripEvents(id) => sensors.notify_trip_points(id, false),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(id, _) => write!(f, "the configuration of sensor {id}"),
            Self::Updates(id) => write!(f, "the updates of sensor {id}"),
            Self::Trip(id, point) => write!(f, "trip point {point} of sensor {id}"),
            Self::TripEvents(id) => write!(f, "the events of sensor {id}"),
        }
    }
}

fn open<'s>(session: &'s mut Session<'_>) -> Result<Sensors<'s>, Failure> {
    Sensors::open(session).map_err(|error| Failure::call("asking for the sensors", &error))
}
