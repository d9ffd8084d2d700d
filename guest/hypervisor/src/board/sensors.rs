//! Two sensors, whose values move.

use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use scmi::Time;
use scmi::protocol::sensor::SensorType;
use scmi::protocol::sensor::platform::{Intervals, Limits, Sensor, SensorConfig, SensorModel};
use scmi::wire::Status;

/// The sensors.
#[derive(Debug)]
pub(crate) struct Sensors {
    sensors: Vec<Sensor>,
}

/// How each moves: up from the lowest to the highest value and down again, in that time.
const MOVES: [(i64, i64, Duration); 2] =
    [(38_000, 71_000, Duration::from_secs(7)), (790, 830, Duration::from_secs(3))];

impl Sensors {
    /// A temperature in thousandths of a degree, and a voltage in thousandths of a volt, which is slow to measure.
    pub(crate) fn new() -> Self {
        let sensor = |name: &str, kind, read_time| Sensor {
            name: name.into(),
            kind,
            exponent: -3,
            limits: Limits::default(),
            axes: Vec::new(),
            trip_points: 0,
            intervals: Intervals::None,
            updates: false,
            asynchronous: false,
            read_time,
            timestamps: None,
            power: 0,
            config: SensorConfig::default(),
        };
        Self {
            sensors: vec![
                sensor("soc", SensorType::TEMPERATURE_C, Duration::ZERO),
                sensor("vdd-core", SensorType::VOLTAGE, Duration::from_micros(500)),
            ],
        }
    }
}

impl SensorModel for Sensors {
    fn sensors(&self) -> &[Sensor] {
        &self.sensors
    }

    fn read(&mut self, now: Time, sensor: usize, values: &mut [i64]) -> Result<(), Status> {
        let (low, high, period) = MOVES.get(sensor).ok_or(Status::NOT_FOUND)?;
        values.fill(triangle(now, *low, *high, *period));
        Ok(())
    }
}

/// Up and down between two values.
fn triangle(now: Time, low: i64, high: i64, period: Duration) -> i64 {
    let half = u64::try_from(period.as_micros() / 2).unwrap_or(u64::MAX).max(1);
    let at = now.as_nanos() / 1000 % (2 * half);
    let up = if at < half { at } else { 2 * half - at };
    // Both are small: micro-seconds of a period, and what a sensor measures.
    let rise = (high - low).unsigned_abs().saturating_mul(up) / half;
    low.saturating_add_unsigned(rise)
}
