//! The asking side of the Sensor protocol.

use super::V2;
use super::wire::{
    AttributesHigh, AttributesHighV1, AttributesLow, AxisCount, AxisDescriptionGet, AxisDescriptor,
    AxisName, AxisNameGet, ConfigGet, ConfigSet, ConfigWord, ContinuousUpdateNotify, Count,
    DescriptionGet, Descriptor, Interval, ListUpdateIntervals, NameGet, ProtocolAttributes, Range,
    Reading, ReadingGet, TripControl, TripMode, TripPointConfig, TripPointEvent, TripPointNotify,
    Update,
};
use crate::agent::{CallError, Caller, CallerExt, Malformed, take};
use crate::protocol::asking::counted;
use crate::protocol::page::{VALUES, next_index, page_of, word};
use crate::wire::{
    Header, I64, LongName, MessageType, ProtocolId, Reader, ShortName, U32, Version,
};

/// The sensors of a platform, as an agent sees them.
pub struct Sensors<'c> {
    caller: &'c mut dyn Caller,
    version: Version,
    count: u16,
    max_async: u8,
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

counted! { Sensors, "sensors" }

impl<'c> Sensors<'c> {
    /// Asks for the version and the number of sensors.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where there is no Sensor protocol.
    pub fn open(caller: &'c mut dyn Caller) -> Result<Self, CallError> {
        let version = caller.protocol_version(ProtocolId::SENSOR)?;
        let attributes = caller.call(&ProtocolAttributes)?.attributes.get();
        let [low, high, max_async, _] = attributes.to_le_bytes();
        Ok(Self { caller, version, count: u16::from_le_bytes([low, high]), max_async })
    }

    /// How many can be read asynchronously at once.
    pub const fn max_async(&self) -> u8 {
        self.max_async
    }

    /// Describes every sensor, in the order of their ids.
    ///
    /// # Errors
    /// As [`CallerExt::call`], and [`Malformed`] for a list that contradicts itself.
    pub fn describe(&mut self, each: &mut dyn FnMut(&Info)) -> Result<(), CallError> {
        let mut index: usize = 0;
        while index < usize::from(self.count) {
            let command = DescriptionGet { index: word(index) };
            let mut buffer = [0; VALUES];
            let came = page_of(self.caller, &command, &mut buffer)?;
            let mut values = buffer.get(..came).unwrap_or_default();
            let count = Count::from_word(take::<U32>(&mut values)?.get());
            let returned = usize::from(count.returned);
            let next = next_index(index, returned, self.count.into())?;
            for id in index..next {
                let info = self.info(&mut values)?;
                if info.id != word(id).get() {
                    let asked = word(id).get();
                    return Err(Malformed::OtherResource { asked, named: info.id }.into());
                }
                each(&info);
            }
            index = next;
        }
        Ok(())
    }

    /// Reads a descriptor; how long it is its own bits say.
    fn info(&self, values: &mut &[u8]) -> Result<Info, CallError> {
        let head: Descriptor = take(values)?;
        let low = AttributesLow(head.low.get());
        let high = AttributesHigh(head.high.get());
        let (id, name) = (head.id.get(), head.name);
        if self.version < V2 {
            let interval = AttributesHighV1(high.0).interval();
            let interval = (interval.seconds != 0).then_some(interval);
            return Ok(Info { id, name, low, high, axes: 0, interval, power: None, range: None });
        }
        let (mut power, mut range) = (None, None);
        if low.has(AttributesLow::EXTENDED) {
            power = Some(take::<U32>(values)?.get()).filter(|power| *power != 0);
            if !high.has_axes() {
                range = Some(take(values)?);
            }
        }
        Ok(Info { id, name, low, high, axes: high.axis_count(), interval: None, power, range })
    }

    /// A sensor's whole name: `short` where the platform knows no longer one.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn name(&mut self, info: &Info) -> Result<LongName, CallError> {
        if !info.low.has(AttributesLow::EXTENDED_NAME) {
            return Ok(LongName::new(info.name.as_str()));
        }
        Ok(self.caller.call(&NameGet { sensor: U32::new(info.id) })?.name)
    }

    /// Describes the axes of a sensor, of which it has so many.
    ///
    /// # Errors
    /// As [`Sensors::describe`].
    pub fn axes(
        &mut self,
        sensor: u32,
        axes: u8,
        each: &mut dyn FnMut(&AxisInfo),
    ) -> Result<(), CallError> {
        let mut index: usize = 0;
        while index < usize::from(axes) {
            let command = AxisDescriptionGet { sensor: U32::new(sensor), index: word(index) };
            let mut buffer = [0; VALUES];
            let came = page_of(self.caller, &command, &mut buffer)?;
            let mut values = buffer.get(..came).unwrap_or_default();
            let count = AxisCount::from_word(take::<U32>(&mut values)?.get());
            let next = next_index(index, count.returned.into(), axes.into())?;
            for _ in index..next {
                let head: AxisDescriptor = take(&mut values)?;
                let low = head.low.get();
                let extended = low & AxisDescriptor::EXTENDED != 0;
                let range = if extended { Some(take(&mut values)?) } else { None };
                each(&AxisInfo {
                    id: head.id.get(),
                    name: head.name,
                    extended_name: low & AxisDescriptor::EXTENDED_NAME != 0,
                    high: AttributesHigh(head.high.get()),
                    range,
                });
            }
            index = next;
        }
        Ok(())
    }

    /// The whole names of the axes of a sensor, of which it has so many.
    ///
    /// # Errors
    /// As [`Sensors::describe`].
    pub fn axis_names(
        &mut self,
        sensor: u32,
        axes: u8,
        each: &mut dyn FnMut(&AxisName),
    ) -> Result<(), CallError> {
        let mut index: usize = 0;
        while index < usize::from(axes) {
            let command = AxisNameGet { sensor: U32::new(sensor), index: word(index) };
            let mut buffer = [0; VALUES];
            let came = page_of(self.caller, &command, &mut buffer)?;
            let mut values = buffer.get(..came).unwrap_or_default();
            let count = AxisCount::from_word(take::<U32>(&mut values)?.get());
            let next = next_index(index, count.returned.into(), axes.into())?;
            for _ in index..next {
                each(&take(&mut values)?);
            }
            index = next;
        }
        Ok(())
    }

    /// The update intervals of a sensor.
    ///
    /// # Errors
    /// As [`Sensors::describe`]; [`crate::wire::Status::NOT_SUPPORTED`] where it has none.
    pub fn intervals(
        &mut self,
        sensor: u32,
        each: &mut dyn FnMut(IntervalInfo),
    ) -> Result<(), CallError> {
        let mut index: usize = 0;
        loop {
            let command = ListUpdateIntervals { sensor: U32::new(sensor), index: word(index) };
            let mut buffer = [0; VALUES];
            let came = page_of(self.caller, &command, &mut buffer)?;
            let mut values = buffer.get(..came).unwrap_or_default();
            let count = Count::from_word(take::<U32>(&mut values)?.get());
            let mut interval =
                || take::<U32>(&mut values).map(|word| Interval::from_word(word.get()));
            if count.triplet {
                each(IntervalInfo::Range {
                    first: interval()?,
                    last: interval()?,
                    step: interval()?,
                });
                return Ok(());
            }
            let returned = usize::from(count.returned);
            for _ in 0..returned {
                each(IntervalInfo::One(interval()?));
            }
            index = index.saturating_add(returned);
            if count.remaining == 0 {
                return Ok(());
            }
            if returned == 0 || index > usize::from(u16::MAX) {
                return Err(Malformed::List { index, returned }.into());
            }
        }
    }

    /// Reads a sensor; `readings` has a place for each axis, or one for a scalar. Returns how many came.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn read(&mut self, sensor: u32, readings: &mut [Reading]) -> Result<usize, CallError> {
        let command = ReadingGet { sensor: U32::new(sensor), flags: U32::new(0) };
        let mut buffer = [0; VALUES];
        let came = page_of(self.caller, &command, &mut buffer)?;
        self.put_readings(buffer.get(..came).unwrap_or_default(), readings)
    }

    /// Reads a sensor asynchronously and waits for the delayed response.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the sensor cannot, and
    /// [`Malformed::OtherResource`] when the delayed response is for another sensor.
    pub fn read_async(
        &mut self,
        sensor: u32,
        readings: &mut [Reading],
    ) -> Result<usize, CallError> {
        let command = ReadingGet { sensor: U32::new(sensor), flags: U32::new(1) };
        let mut buffer = [0; VALUES];
        let most = self.caller.max_values().min(VALUES);
        let page = buffer.get_mut(..most).unwrap_or_default();
        let mut values = self.caller.call_into(&command, true, page)?;
        let named = take::<U32>(&mut values)?.get();
        if named != sensor {
            return Err(Malformed::OtherResource { asked: sensor, named }.into());
        }
        self.put_readings(values, readings)
    }

    fn put_readings(&self, mut values: &[u8], to: &mut [Reading]) -> Result<usize, CallError> {
        let mut came: usize = 0;
        for place in to.iter_mut() {
            if values.is_empty() && came > 0 {
                break;
            }
            *place = if self.version < V2 {
                Reading { value: take::<I64>(&mut values)?, timestamp: 0.into() }
            } else {
                take(&mut values)?
            };
            came = came.saturating_add(1);
        }
        Ok(came)
    }

    /// How a sensor is set up.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn config(&mut self, sensor: u32) -> Result<ConfigWord, CallError> {
        Ok(ConfigWord(self.caller.call(&ConfigGet { sensor: U32::new(sensor) })?.get()))
    }

    /// Sets a sensor up.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_config(&mut self, sensor: u32, config: ConfigWord) -> Result<(), CallError> {
        self.caller.call(&ConfigSet { sensor: U32::new(sensor), config: U32::new(config.0) })?;
        Ok(())
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
    ) -> Result<(), CallError> {
        self.caller.call(&TripPointConfig {
            sensor: U32::new(sensor),
            control: U32::new(TripControl::new(trip_point, mode).0),
            value: I64::new(value),
        })?;
        Ok(())
    }

    /// Subscribes to a sensor's trip point events, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_trip_points(&mut self, sensor: u32, enable: bool) -> Result<(), CallError> {
        let command = TripPointNotify { sensor: U32::new(sensor), enable: U32::new(enable.into()) };
        self.caller.call(&command)?;
        Ok(())
    }

    /// Subscribes to a sensor's continuous updates, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_updates(&mut self, sensor: u32, enable: bool) -> Result<(), CallError> {
        let command =
            ContinuousUpdateNotify { sensor: U32::new(sensor), enable: U32::new(enable.into()) };
        self.caller.call(&command)?;
        Ok(())
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
