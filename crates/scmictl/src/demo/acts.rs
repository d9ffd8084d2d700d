//! What happens in the show, and when; the part that is about sensors.

use core::time::Duration;
use std::time::Instant;

use scmi::agent::CallError;
use scmi::protocol::sensor::agent::Sensors;
use scmi::protocol::sensor::wire::{AttributesLow, Interval, TripMode};

use super::play::Play;
use super::scene::to_f64;
use crate::failure::Failure;
use crate::resource::Resource as _;
use crate::sensor::{Entry, read};
use crate::units;

/// A part of the show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// A sensor is asked to send its readings.
    Updates,
    /// A sensor is read asynchronously.
    Asynchronous,
    /// A trip point is set where the value will soon be.
    Trip,
    /// A clock is set to another rate.
    Clock,
    /// A processor is made faster.
    Level,
    /// What that costs is told.
    Power,
}

/// The trip point that is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trip {
    sensor: u32,
    value: i64,
    /// When it was set, counted from the start of the show.
    set: Duration,
    /// How often it was set.
    attempts: u32,
}

/// Ten times a second: often enough to see, seldom enough to follow.
const INTERVAL: Interval = Interval { seconds: 1, exponent: -1 };

/// A value that has not come to its trip point by so many times the span that it should have taken has turned round.
const TURNED: u32 = 2;

/// How often a trip point is set anew when the value turned round.
const ATTEMPTS: u32 = 5;

impl Act {
    /// In this order.
    pub(super) const ALL: [Self; 6] =
        [Self::Updates, Self::Asynchronous, Self::Trip, Self::Level, Self::Clock, Self::Power];

    /// When it begins in a show of this length.
    pub(super) fn begins(self, span: Duration) -> Duration {
        match self {
            Self::Updates => span / 10,
            Self::Asynchronous => span / 5,
            Self::Trip => span / 4,
            Self::Level => span / 3,
            Self::Clock => span / 2,
            Self::Power => span * 4 / 5,
        }
    }
}

/// How far ahead of a moving value its trip point is set.
fn ahead(span: Duration) -> Duration {
    (span / 6).min(Duration::from_secs(1))
}

impl Play<'_, '_, '_, '_> {
    pub(super) fn perform(&mut self, act: Act) -> Result<(), Failure> {
        match act {
            Act::Updates => self.begin_updates(),
            Act::Asynchronous => self.read_asynchronously(),
            Act::Trip => self.set_trip(0),
            Act::Clock => self.change_clock(),
            Act::Level => self.raise_level(),
            Act::Power => self.tell_power(),
        }
    }

    /// The best is a sensor with axes: its readings move most.
    fn begin_updates(&mut self) -> Result<(), Failure> {
        let can = || {
            let entries = self.scene.rows.iter().map(|row| row.entry);
            entries.filter(|entry| entry.has(AttributesLow::UPDATES))
        };
        let best = can().find(|entry| entry.info.axes > 0).or_else(|| can().next());
        let Some(entry) = best else { return Ok(()) };
        self.sample_often(entry)?;
        self.setup.updates(self.session, entry)?;
        if let Some(row) = self.row(entry.id) {
            row.updates = Some(0);
        }
        let config = Sensors::open(self.session).and_then(|mut sensors| sensors.config(entry.id));
        let config = config.map_err(|error| {
            Failure::call(format_args!("asking how {} is set up", entry.called()), &error)
        })?;
        let every = units::interval(config.interval());
        self.note(&entry.name, format!("sends its readings unasked now, every {every}"))
    }

    /// At ten times a second or the nearest, if it can be set at all.
    fn sample_often(&mut self, entry: &Entry) -> Result<(), Failure> {
        let set = self.setup.configure(self.session, entry, Some(INTERVAL));
        set.or_else(|_| self.setup.configure(self.session, entry, None))
    }

    fn read_asynchronously(&mut self) -> Result<(), Failure> {
        let row = self.scene.rows.iter().find(|row| row.entry.has(AttributesLow::ASYNC));
        let Some(entry) = row.map(|row| row.entry) else { return Ok(()) };
        let before = Instant::now();
        let read =
            Sensors::open(self.session).and_then(|mut sensors| read(&mut sensors, entry, true));
        let text = match read {
            Ok(readings) => {
                let took = before.elapsed().as_millis();
                let channel = entry.channels.first().zip(readings.first());
                let value = channel.map_or_else(String::new, |(channel, reading)| {
                    channel.scale.show(reading.value.get())
                });
                format!("read asynchronously: {value}, {took} ms later")
            }
            Err(CallError::Refused(status)) => {
                format!("read asynchronously: refused with {status}")
            }
            Err(error) => {
                return Err(Failure::call(format_args!("reading {}", entry.called()), &error));
            }
        };
        self.note(&entry.name, text)
    }

    /// Sets a trip point a little ahead of the value that moves most.
    fn set_trip(&mut self, attempts: u32) -> Result<(), Failure> {
        let candidates = self.scene.rows.iter().filter(|row| row.entry.info.low.trip_points() > 0);
        let moving = candidates.filter_map(|row| {
            let (_, value) = row.history.back()?;
            let slope = row.slope().filter(|slope| *slope != 0.0)?;
            // Compared by how much of itself it moves, and those first that are sampled as often as we like.
            let rate = slope.abs() / (to_f64(*value).abs() + 1.0);
            let updates = row.entry.has(AttributesLow::UPDATES);
            Some((updates, rate, row.entry, *value, slope))
        });
        let best = moving.max_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
        let Some((updates, _, entry, value, slope)) = best else { return Ok(()) };
        if updates && attempts == 0 {
            self.sample_often(entry)?;
        }
        let (mode, way) = if slope > 0.0 {
            (TripMode::RISING, "rises to")
        } else {
            (TripMode::FALLING, "falls below")
        };
        let step = rounded(slope * ahead(self.scene.span).as_secs_f64());
        let value = value.saturating_add(if step == 0 { rounded(slope.signum()) } else { step });
        self.setup.trip(self.session, entry, 0, mode, value)?;
        let set = self.scene.elapsed;
        self.trip = Some(Trip { sensor: entry.id, value, set, attempts: attempts + 1 });
        let value = entry.channels.first().map(|channel| channel.scale.show(value));
        self.note(&entry.name, format!("will tell when it {way} {}", value.unwrap_or_default()))
    }

    /// Sets the trip point anew when the value has turned round before it.
    pub(super) fn watch_trip(&mut self) -> Result<(), Failure> {
        match self.trip {
            Some(Trip { set, attempts, .. })
                if attempts < ATTEMPTS
                    && self.scene.elapsed > set + ahead(self.scene.span) * TURNED =>
            {
                self.set_trip(attempts)
            }
            _ => Ok(()),
        }
    }

    /// A trip point was crossed.
    pub(super) fn crossed(&mut self, sensor: u32, rising: bool) -> Result<(), Failure> {
        self.scene.tally.crossings += 1;
        let Some(entry) = self.row(sensor).map(|row| row.entry) else { return Ok(()) };
        let trip = self.trip.take_if(|trip| trip.sensor == sensor);
        let channel = entry.channels.first().zip(trip);
        let value =
            channel.map_or_else(String::new, |(channel, trip)| channel.scale.show(trip.value));
        let way = if rising { "rising" } else { "falling" };
        self.note(&entry.name, format!("TRIP POINT crossed, {way}: {value}"))
    }
}

/// The nearest whole number.
#[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
fn rounded(value: f64) -> i64 {
    value.round() as i64
}
