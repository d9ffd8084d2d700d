//! What Linux makes of the Sensor protocol: hwmon, thermal, IIO, and what raw mode shows.

mod hwmon;
mod iio;
mod thermal;
mod trips;
mod wide;
