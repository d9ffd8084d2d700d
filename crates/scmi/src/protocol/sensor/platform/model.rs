//! What a platform must know of its sensors.

use alloc::string::String;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use core::time::Duration;

use super::super::SensorType;
use super::super::wire::{ConfigWord, Interval, Range, Resolution, Rounding};
use crate::time::Time;
use crate::wire::Status;

/// The sensors of a platform: what they are, and what they read.
///
/// The server calls it with the platform's lock held, so a call must not block. A sensor's id is its position.
/// Configuration, trip points, subscriptions and continuous updates are the server's.
pub trait SensorModel: Any + Send + fmt::Debug {
    /// What the sensors are. At most 65535. Their number, and what agents are told of them, must not
    /// change while the platform lives.
    fn sensors(&self) -> &[Sensor];

    /// Reads a sensor: one value for a scalar, one an axis otherwise; `values` is as long as that. A value is in
    /// units of the sensor: the physical value is `value * 10^exponent`.
    ///
    /// # Errors
    /// The status to answer with, usually [`Status::HARDWARE_ERROR`].
    fn read(&mut self, now: Time, sensor: usize, values: &mut [i64]) -> Result<(), Status>;

    /// A sensor's configuration was set.
    fn configured(&mut self, now: Time, sensor: usize, config: SensorConfig) {
        let _ = (now, sensor, config);
    }
}

/// What a sensor is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sensor {
    /// At most 63 bytes of UTF-8; more than 15 make it an extended name.
    pub name: String,
    /// What a scalar measures; without meaning where there are axes.
    pub kind: SensorType,
    /// A scalar's values are in ten to this many units, -16 to 15.
    pub exponent: i8,
    /// A scalar's resolution and limits.
    pub limits: Limits,
    /// None for a scalar; at most 63.
    pub axes: Vec<Axis>,
    /// How many trip points a scalar has.
    pub trip_points: u8,
    /// Which update intervals can be set.
    pub intervals: Intervals,
    /// Whether it can send its readings unasked, at its update interval.
    pub updates: bool,
    /// Whether it can be read asynchronously.
    pub asynchronous: bool,
    /// How long a reading takes: it is answered that much later.
    pub read_time: Duration,
    /// Timestamps are in ten to this many seconds, -16 to 15; none where it has no timestamps.
    pub timestamps: Option<i8>,
    /// What it consumes, in microwatts; 0 unknown.
    pub power: u32,
    /// How it is set up at start, and after nothing was said of it.
    pub config: SensorConfig,
}

/// One axis of a sensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// At most 63 bytes of UTF-8; more than 15 make it an extended name.
    pub name: String,
    /// What it measures.
    pub kind: SensorType,
    /// Its values are in ten to this many units, -16 to 15.
    pub exponent: i8,
    /// Its resolution and limits.
    pub limits: Limits,
}

/// Resolution and limits, as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Limits {
    /// The smallest difference that it tells apart.
    pub resolution: Option<Resolution>,
    /// The lowest value it can read.
    pub min: Option<i64>,
    /// The highest value it can read.
    pub max: Option<i64>,
}

impl Limits {
    /// Whether anything is known.
    pub(super) const fn any(&self) -> bool {
        self.resolution.is_some() || self.min.is_some() || self.max.is_some()
    }

    pub(super) fn record(&self) -> Range {
        Range {
            resolution: self.resolution.map_or(0, Resolution::to_word).into(),
            min: self.min.unwrap_or(Range::NO_MIN).into(),
            max: self.max.unwrap_or(Range::NO_MAX).into(),
        }
    }
}

/// Which update intervals can be set.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Intervals {
    /// None: the sensor is read when somebody asks.
    #[default]
    None,
    /// These, shortest first.
    List(Vec<Interval>),
    /// All from the first to the last, in steps.
    Range {
        /// The shortest.
        first: Interval,
        /// The longest.
        last: Interval,
        /// From one to the next; not 0.
        step: Interval,
    },
}

impl Intervals {
    /// The interval to use when `wanted` is asked for.
    ///
    /// # Errors
    /// [`Status::NOT_SUPPORTED`] where there are none, [`Status::INVALID_PARAMETERS`] outside of them.
    pub(super) fn round(&self, wanted: Interval, rounding: Rounding) -> Result<Interval, Status> {
        match self {
            Self::None => Err(Status::NOT_SUPPORTED),
            Self::List(list) => round_in_list(list, wanted.as_nanos(), rounding),
            Self::Range { first, last, .. } => {
                // Every step in between can be kept, so what was asked for is kept as it is.
                let within = first.as_nanos()..=last.as_nanos();
                let inside = within.contains(&wanted.as_nanos());
                inside.then_some(wanted).ok_or(Status::INVALID_PARAMETERS)
            }
        }
    }

    /// The shortest, where there are any.
    pub fn shortest(&self) -> Option<Interval> {
        match self {
            Self::None => None,
            Self::List(list) => list.first().copied(),
            Self::Range { first, .. } => Some(*first),
        }
    }
}

fn round_in_list(list: &[Interval], wanted: u64, rounding: Rounding) -> Result<Interval, Status> {
    let below = list.iter().rev().find(|interval| interval.as_nanos() <= wanted);
    let above = list.iter().find(|interval| interval.as_nanos() >= wanted);
    let (below, above) =
        (*below.ok_or(Status::INVALID_PARAMETERS)?, *above.ok_or(Status::INVALID_PARAMETERS)?);
    Ok(match rounding {
        Rounding::Down => below,
        Rounding::Up => above,
        Rounding::Nearest => {
            let down = wanted.saturating_sub(below.as_nanos());
            let up = above.as_nanos().saturating_sub(wanted);
            if down <= up { below } else { above }
        }
    })
}

/// How a sensor is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SensorConfig {
    /// Whether it can be read.
    pub enabled: bool,
    /// Whether its readings have timestamps.
    pub timestamps: bool,
    /// How often it is sampled for updates and trip points.
    pub interval: Interval,
}

impl SensorConfig {
    pub(super) const fn word(self) -> u32 {
        ConfigWord::new(self.enabled, self.timestamps, self.interval).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    fn millis(seconds: u16) -> Interval {
        Interval { seconds, exponent: -3 }
    }

    #[test]
    fn an_interval_that_is_not_in_the_list_is_rounded_as_asked() {
        let list =
            Intervals::List(vec![millis(10), millis(100), Interval { seconds: 1, exponent: 0 }]);
        assert_eq!(list.round(millis(100), Rounding::Down), Ok(millis(100)));
        assert_eq!(list.round(millis(60), Rounding::Down), Ok(millis(10)));
        assert_eq!(list.round(millis(60), Rounding::Up), Ok(millis(100)));
        assert_eq!(list.round(millis(60), Rounding::Nearest), Ok(millis(100)));
        assert_eq!(list.round(millis(50), Rounding::Nearest), Ok(millis(10)));
        assert_eq!(list.round(millis(9), Rounding::Nearest), Err(Status::INVALID_PARAMETERS));
        assert_eq!(list.round(millis(1001), Rounding::Down), Err(Status::INVALID_PARAMETERS));
        assert_eq!(Intervals::None.round(millis(1), Rounding::Down), Err(Status::NOT_SUPPORTED));
    }
}
