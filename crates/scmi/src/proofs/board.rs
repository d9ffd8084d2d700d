//! Sensors out of choices.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::input::Input;
use crate::protocol::sensor::SensorType;
use crate::protocol::sensor::platform::{
    Axis, Intervals, Limits, Sensor, SensorConfig, SensorModel,
};
use crate::protocol::sensor::wire::{Interval, Resolution};
use crate::time::Time;
use crate::wire::Status;

/// Sensors that each read values of their own, see [`is_value_of`]. Some are broken.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    pub(crate) sensors: Vec<Sensor>,
    pub(crate) broken: Vec<bool>,
}

/// What an axis of a sensor reads for 70 ms; then it reads one more for as long.
pub(crate) fn value_of(sensor: usize, axis: usize) -> i64 {
    i64::try_from(sensor * 1000 + axis * 10).expect("small")
}

/// Whether an axis of a sensor reads this at one time or another.
pub(crate) fn is_value_of(value: i64, sensor: usize, axis: usize) -> bool {
    value & !1 == value_of(sensor, axis)
}

impl SensorModel for Board {
    fn sensors(&self) -> &[Sensor] {
        &self.sensors
    }

    fn read(&mut self, now: Time, sensor: usize, values: &mut [i64]) -> Result<(), Status> {
        if self.broken[sensor] {
            return Err(Status::HARDWARE_ERROR);
        }
        let more = i64::from(now.as_nanos() / 70_000_000 % 2 == 1);
        let axes = values.iter_mut().enumerate();
        axes.for_each(|(axis, value)| *value = value_of(sensor, axis) + more);
        Ok(())
    }
}

impl Board {
    /// Fewer than `most` sensors, one byte each and more for what is unusual.
    pub(crate) fn any(input: &mut Input<'_>, most: usize) -> Self {
        let count = input.below(most);
        let sensors: Vec<Sensor> = (0..count).map(|id| sensor(input, id)).collect();
        let broken = sensors.iter().map(|_| input.chance(16)).collect();
        Self { sensors, broken }
    }

    /// Sensors of every kind: with everything but axes, with nothing, slow, with axes, broken, and with axes and more.
    pub(crate) fn mixed() -> Self {
        let choices = [0xEB, 0x00, 0x18, 0x0C, 0x81, 0x3F];
        let sensors = choices.iter().enumerate().map(|(id, choice)| chosen(id, *choice, 3, 2));
        let sensors: Vec<Sensor> = sensors.collect();
        let broken = (0..sensors.len()).map(|id| id == 4).collect();
        Self { sensors, broken }
    }
}

fn sensor(input: &mut Input<'_>, id: usize) -> Sensor {
    let choice = input.byte();
    let axes = if choice & 4 == 0 { 0 } else { 1 + input.below(6) };
    let intervals = input.below(40);
    chosen(id, choice, axes, intervals)
}

/// A sensor from a byte of flags.
fn chosen(id: usize, choice: u8, axes: usize, intervals: usize) -> Sensor {
    let has = |bit: u8| choice >> bit & 1 == 1;
    let has_axes = has(2) && axes > 0;
    let names =
        |axis: usize| if has(1) { long(&format!("axis {axis} of {id}")) } else { axis.to_string() };
    let axis = |axis| Axis {
        name: names(axis),
        kind: SensorType::ACCELERATION,
        exponent: -3,
        limits: if has(0) && axis & 1 == 0 { limits() } else { Limits::default() },
    };
    let short = format!("s{id}");
    Sensor {
        name: if has(1) { long(&short) } else { short },
        kind: SensorType::TEMPERATURE_C,
        exponent: -3,
        limits: if has(0) { limits() } else { Limits::default() },
        axes: if has_axes { (0..axes).map(axis).collect() } else { Vec::new() },
        trip_points: if has(6) { 3 } else { 0 },
        intervals: if has(5) {
            list(intervals)
        } else if has(7) {
            range()
        } else {
            Intervals::None
        },
        updates: has(5) || has(7),
        asynchronous: has(3),
        read_time: if has(4) { Duration::from_millis(40) } else { Duration::ZERO },
        timestamps: has(6).then_some(-6),
        power: if has(0) { 77 } else { 0 },
        config: SensorConfig::default(),
    }
}

/// A name that must be cut, with a character of two bytes where the cut is.
fn long(start: &str) -> String {
    format!("{start:-<14}\u{e9} and more")
}

fn limits() -> Limits {
    let resolution = Some(Resolution { value: 5, exponent: -1 });
    Limits { resolution, min: Some(-40_000), max: None }
}

fn list(count: usize) -> Intervals {
    let interval = |nth| Interval { seconds: 1 + u16::try_from(nth).expect("small"), exponent: -3 };
    Intervals::List((0..=count).map(interval).collect())
}

fn range() -> Intervals {
    let millis = |seconds| Interval { seconds, exponent: -3 };
    Intervals::Range { first: millis(1), last: millis(100), step: millis(1) }
}
