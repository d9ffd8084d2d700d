//! The asking side of the Sensor protocol.

pub use super::asking::{Axes, AxisNames, Descriptions, Read, UpdateIntervals};
use super::wire::{
    AttributesHigh, AttributesLow, AxisName, ConfigGet, ConfigSet, ConfigWord,
    ContinuousUpdateNotify, Interval, NameGet, ProtocolAttributes, Range, Reading, ReadingGet,
    TripControl, TripMode, TripPointConfig, TripPointEvent, TripPointNotify, Update,
};
use crate::agent::{Ask, Asked, Front, record};
#[cfg(doc)]
use crate::agent::{CallerExt, Malformed};
use crate::protocol::asking::{Naming, name_of};
use crate::protocol::opening::{client, low_half};
use crate::protocol::page::{Pages, Total};
use crate::wire::{Header, I64, MessageType, ProtocolId, Reader, ShortName, U32};

client! {
    /// The sensors of a platform, as an agent sees them.
    Sensors: "Sensor", ProtocolAttributes, |[low, _]| {
        /// How many sensors there are.
        count: u16 = low_half(low),
        /// How many can be read asynchronously at once.
        max_async: u8 = {
            let [_, _, max_async, _] = low.to_le_bytes();
            max_async
        },
    }
}

/// What a sensor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its id.
    pub id: u32,
    /// Its name, or the beginning of it: see [`Sensors::name`].
    pub name: ShortName,
    /// The first attributes word.
    pub low: AttributesLow,
    /// The second attributes word; that of version 1.0 has the type and exponent in the same place.
    pub high: AttributesHigh,
    /// How many axes it has; 0 for a scalar.
    pub axes: u8,
    /// Its update interval, where the version has it in the descriptor.
    pub interval: Option<Interval>,
    /// What it consumes, in microwatts, where that is known.
    pub power: Option<u32>,
    /// Resolution and limits of a scalar, where they are given.
    pub range: Option<Range>,
}

/// What an axis is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisInfo {
    /// Its id in the sensor.
    pub id: u32,
    /// Its name, or the beginning of it: see [`Sensors::axis_names`].
    pub name: ShortName,
    /// Whether there is more of the name.
    pub extended_name: bool,
    /// Type and exponent.
    pub high: AttributesHigh,
    /// Resolution and limits, where they are given.
    pub range: Option<Range>,
}

/// Which update intervals a sensor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalInfo {
    /// One of a list.
    One(Interval),
    /// All from the first to the last, in steps.
    Range {
        /// The shortest.
        first: Interval,
        /// The longest.
        last: Interval,
        /// From one to the next.
        step: Interval,
    },
}

impl<F: Front> Sensors<'_, F> {
    /// Describes every sensor, in the order of their ids.
    ///
    /// # Errors
    /// As [`CallerExt::call`], and [`Malformed`] for a list that contradicts itself.
    pub fn describe<'f>(
        &'f mut self,
        each: &'f mut dyn FnMut(&Info),
    ) -> F::Out<'f, Pages<Descriptions<'f>>> {
        let (version, total) = (self.opened.version, self.count().into());
        self.front.run(Pages::of(total, Descriptions { version, total, each }))
    }

    /// A sensor's whole name: `short` where the platform knows no longer one.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn name<'f>(&'f mut self, info: &'f Info) -> F::Out<'f, Naming<'f>> {
        let longer = info.low.has(AttributesLow::EXTENDED_NAME);
        let command = NameGet { sensor: U32::new(info.id) };
        self.front.run(name_of(&info.name, &command, longer))
    }

    /// Describes the axes of a sensor, of which it has so many.
    ///
    /// # Errors
    /// As [`Sensors::describe`].
    pub fn axes<'f>(
        &'f mut self,
        sensor: u32,
        axes: u8,
        each: &'f mut dyn FnMut(&AxisInfo),
    ) -> F::Out<'f, Pages<Axes<'f>>> {
        let total = axes.into();
        self.front.run(Pages::of(total, Axes { sensor, total, each }))
    }

    /// The whole names of the axes of a sensor, of which it has so many.
    ///
    /// # Errors
    /// As [`Sensors::describe`].
    pub fn axis_names<'f>(
        &'f mut self,
        sensor: u32,
        axes: u8,
        each: &'f mut dyn FnMut(&AxisName),
    ) -> F::Out<'f, Pages<AxisNames<'f>>> {
        let total = axes.into();
        self.front.run(Pages::of(total, AxisNames { sensor, total, each }))
    }

    /// The update intervals of a sensor.
    ///
    /// # Errors
    /// As [`Sensors::describe`]; [`crate::wire::Status::NOT_SUPPORTED`] where it has none.
    pub fn intervals<'f>(
        &'f mut self,
        sensor: u32,
        each: &'f mut dyn FnMut(IntervalInfo),
    ) -> F::Out<'f, Pages<UpdateIntervals<'f>>> {
        self.front.run(Pages::new(UpdateIntervals { sensor, each, total: Total::default() }))
    }

    /// Reads a sensor; `readings` has a place for each axis, or one for a scalar. Returns how many came.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn read<'f>(
        &'f mut self,
        sensor: u32,
        readings: &'f mut [Reading],
    ) -> F::Out<'f, Read<'f>> {
        self.front.run(Read::new(self.opened.version, sensor, readings, false))
    }

    /// Reads a sensor asynchronously and waits for the delayed response.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the sensor cannot, and
    /// [`Malformed::OtherResource`] when the delayed response is for another sensor.
    pub fn read_async<'f>(
        &'f mut self,
        sensor: u32,
        readings: &'f mut [Reading],
    ) -> F::Out<'f, Read<'f>> {
        self.front.run(Read::new(self.opened.version, sensor, readings, true))
    }

    /// Reads a sensor of one value, in units of the sensor: of several axes it is the first.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn value(&mut self, sensor: u32) -> Asked<'_, F, i64> {
        let command = ReadingGet { sensor: U32::new(sensor), flags: U32::new(0) };
        self.front.run(Ask::new(&command, sensor, |_, values| Ok(record::<I64>(values)?.get())))
    }

    /// How a sensor is set up.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn config(&mut self, sensor: u32) -> Asked<'_, F, ConfigWord> {
        let read = |_, values: &[u8]| Ok(ConfigWord(record::<U32>(values)?.get()));
        self.front.run(Ask::new(&ConfigGet { sensor: U32::new(sensor) }, sensor, read))
    }

    /// Sets a sensor up.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_config(&mut self, sensor: u32, config: ConfigWord) -> Asked<'_, F, ()> {
        let command = ConfigSet { sensor: U32::new(sensor), config: U32::new(config.0) };
        self.front.run(Ask::done(&command))
    }

    /// Sets a trip point, to a value in units of the sensor.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_trip_point(
        &mut self,
        sensor: u32,
        trip_point: u8,
        mode: TripMode,
        value: i64,
    ) -> Asked<'_, F, ()> {
        self.front.run(Ask::done(&TripPointConfig {
            sensor: U32::new(sensor),
            control: U32::new(TripControl::new(trip_point, mode).0),
            value: I64::new(value),
        }))
    }

    /// Subscribes to a sensor's trip point events, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_trip_points(&mut self, sensor: u32, enable: bool) -> Asked<'_, F, ()> {
        let command = TripPointNotify { sensor: U32::new(sensor), enable: U32::new(enable.into()) };
        self.front.run(Ask::done(&command))
    }

    /// Subscribes to a sensor's continuous updates, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_updates(&mut self, sensor: u32, enable: bool) -> Asked<'_, F, ()> {
        let (sensor, enable) = (U32::new(sensor), U32::new(enable.into()));
        self.front.run(Ask::done(&ContinuousUpdateNotify { sensor, enable }))
    }
}

/// A notification of the Sensor protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A sensor crossed a trip point.
    TripPoint {
        /// Which sensor.
        sensor: u32,
        /// Which of its trip points.
        trip_point: u8,
        /// Upwards.
        rising: bool,
    },
    /// A sensor's readings.
    Update {
        /// Which sensor.
        sensor: u32,
        /// One, or one an axis.
        readings: Readings<'a>,
    },
}

/// The readings of an [`Event::Update`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readings<'a>(&'a [u8]);

impl<'a> Readings<'a> {
    /// One, or one an axis.
    pub fn iter(&self) -> impl Iterator<Item = Reading> + use<'a> {
        let mut reader = Reader::new(self.0);
        core::iter::from_fn(move || reader.take().ok())
    }
}

impl<'a> Event<'a> {
    /// Reads a notification of the Sensor protocol; none if it is another one, or too short.
    pub fn parse(header: Header, payload: &'a [u8]) -> Option<Self> {
        if header.kind() != MessageType::NOTIFICATION || header.protocol() != ProtocolId::SENSOR {
            return None;
        }
        let mut reader = Reader::new(payload);
        match header.message().0 {
            0 => {
                let event: TripPointEvent = reader.take().ok()?;
                let [trip_point, _, direction, _] = event.description.get().to_le_bytes();
                let sensor = event.sensor.get();
                Some(Self::TripPoint { sensor, trip_point, rising: direction & 1 == 1 })
            }
            1 => {
                let head: Update = reader.take().ok()?;
                Some(Self::Update { sensor: head.sensor.get(), readings: Readings(reader.rest()) })
            }
            _ => None,
        }
    }
}
