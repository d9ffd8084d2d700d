//! The sensors of a board as a platform reads them.

use core::fmt;
use std::sync::Arc;

use scmi::Time;
use scmi::protocol::sensor::platform::{Sensor, SensorModel};
use scmi::wire::Status;

use super::Operator;
use super::overrides::Overrides;
use crate::board::Board;
use crate::sensor;
use crate::source::{FileReader, Source};

/// The sensors of a board, simulated.
///
/// Values are functions of the time that a reading is asked for, which is counted from the epoch of the platform's
/// owner. Reading allocates nothing. A file of the host is the one source that can fail: the reading then answers
/// HARDWARE_ERROR, and [`BoardSensors::health`] counts it. A sensor that the operator holds reads what the operator
/// says.
#[derive(Debug)]
pub struct BoardSensors {
    sensors: Vec<Sensor>,
    /// By sensor, then by value.
    feeds: Vec<Vec<Feed>>,
    overrides: Arc<Overrides>,
}

/// Where the values of a sensor come from.
#[derive(Debug)]
pub(crate) struct Feeds(Vec<Feed>);

/// Where one value comes from, with what must be remembered between readings.
#[derive(Debug)]
enum Feed {
    Simulated(Source),
    File { reader: FileReader, min: i64, max: i64 },
}

/// How the files behind a sensor are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// How often a file gave no value.
    pub failures: u64,
    /// Whether every file gave a value when it was last read.
    pub healthy: bool,
}

impl BoardSensors {
    /// The sensors of `board`.
    #[must_use]
    pub fn new(board: &Board) -> Self {
        Self {
            sensors: board.sensors.iter().map(|sensor| sensor.description.clone()).collect(),
            feeds: board.sensors.iter().map(feeds).collect(),
            overrides: Arc::default(),
        }
    }

    /// The same sensors, which `operator` can hold at values of its own.
    #[must_use]
    pub fn operated_by(mut self, operator: &Operator) -> Self {
        self.overrides = Arc::clone(operator.overrides());
        self
    }

    /// Has the sensors take as long as these, and those that are named read something else from now on.
    pub(crate) fn tune(&mut self, sensors: &[sensor::Sensor], feeds: &mut [(usize, Feeds)]) {
        for (sensor, new) in self.sensors.iter_mut().zip(sensors) {
            sensor.read_time = new.description.read_time;
        }
        for (id, new) in feeds {
            if let Some(old) = self.feeds.get_mut(*id) {
                core::mem::swap(old, &mut new.0);
            }
        }
    }

    /// How the files behind the sensor at position `sensor` are; always well where there are none.
    #[must_use]
    pub fn health(&self, sensor: usize) -> Health {
        let files = self.feeds.get(sensor).into_iter().flatten().filter_map(|feed| match feed {
            Feed::Simulated(_) => None,
            Feed::File { reader, .. } => Some(reader),
        });
        files.fold(Health { failures: 0, healthy: true }, |health, file| Health {
            failures: health.failures.saturating_add(file.failures()),
            healthy: health.healthy && file.is_healthy(),
        })
    }
}

impl Feeds {
    /// Those of a sensor.
    pub(crate) fn of(sensor: &sensor::Sensor) -> Self {
        Self(feeds(sensor))
    }
}

/// The feeds of one sensor. A file cannot be trusted to stay within the limits, so it is held there.
fn feeds(sensor: &sensor::Sensor) -> Vec<Feed> {
    let description = &sensor.description;
    let scalar = [(description.exponent, description.limits)];
    let axes = description.axes.iter().map(|axis| (axis.exponent, axis.limits));
    let channels = scalar.into_iter().take(usize::from(description.axes.is_empty())).chain(axes);
    let feed = |(source, (exponent, limits)): (
        &Source,
        (i8, scmi::protocol::sensor::platform::Limits),
    )| match source {
        Source::File(file) => Feed::File {
            reader: FileReader::new(file.clone(), exponent),
            min: limits.min.unwrap_or(i64::MIN),
            max: limits.max.unwrap_or(i64::MAX),
        },
        simulated => Feed::Simulated(simulated.clone()),
    };
    sensor.sources.iter().zip(channels).map(feed).collect()
}

impl Feed {
    fn value_at(&mut self, nanos: u64, name: &dyn fmt::Display) -> Option<i64> {
        match self {
            Self::Simulated(source) => source.value_at(nanos),
            Self::File { reader, min, max } => {
                let value = reader.value_at(nanos, name)?;
                // A descriptor that says min above max would make `clamp` panic; the checks refuse it.
                Some(value.min(*max).max(*min))
            }
        }
    }
}

impl SensorModel for BoardSensors {
    fn sensors(&self) -> &[Sensor] {
        &self.sensors
    }

    fn read(&mut self, now: Time, sensor: usize, values: &mut [i64]) -> Result<(), Status> {
        let (Some(feeds), Some(description)) =
            (self.feeds.get_mut(sensor), self.sensors.get(sensor))
        else {
            return Err(Status::NOT_FOUND);
        };
        if self.overrides.read(sensor, values) {
            return Ok(());
        }
        for (value, feed) in values.iter_mut().zip(feeds) {
            *value =
                feed.value_at(now.as_nanos(), &description.name).ok_or(Status::HARDWARE_ERROR)?;
        }
        Ok(())
    }
}

impl Board {
    /// The board's sensors, to be read.
    #[must_use]
    pub fn sensor_model(&self) -> BoardSensors {
        BoardSensors::new(self)
    }
}
