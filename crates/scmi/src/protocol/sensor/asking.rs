//! What the longer calls of the asking side ask, page by page, and how they read the answers.

use super::V2;
use super::agent::{AxisInfo, Info, IntervalInfo};
use super::wire::{
    AttributesHigh, AttributesHighV1, AttributesLow, AxisCount, AxisDescriptionGet, AxisDescriptor,
    AxisName, AxisNameGet, Count, DescriptionGet, Descriptor, Interval, ListUpdateIntervals,
    Reading, ReadingGet,
};
use crate::agent::{CallError, Malformed, Request, Steps, take};
use crate::protocol::asking::same;
use crate::protocol::page::{Paged, Total, next_index, next_of, word};
use crate::wire::{I64, U32, Version};

/// The pages of SENSOR_DESCRIPTION_GET.
pub struct Descriptions<'e> {
    pub(super) version: Version,
    pub(super) total: usize,
    pub(super) each: &'e mut dyn FnMut(&Info),
}

impl Paged for Descriptions<'_> {
    type Command = DescriptionGet;

    fn command(&self, index: usize) -> DescriptionGet {
        DescriptionGet { index: word(index) }
    }

    fn page(&mut self, index: usize, mut values: &[u8]) -> Result<Option<usize>, CallError> {
        let count = Count::from_word(take::<U32>(&mut values)?.get());
        let next = next_index(index, count.returned.into(), self.total)?;
        for id in index..next {
            let info = info(self.version, &mut values)?;
            same(word(id).get(), U32::new(info.id))?;
            (self.each)(&info);
        }
        Ok((next < self.total).then_some(next))
    }
}

/// Reads a descriptor; how long it is its own bits say.
fn info(version: Version, values: &mut &[u8]) -> Result<Info, CallError> {
    let head: Descriptor = take(values)?;
    let low = AttributesLow(head.low.get());
    let high = AttributesHigh(head.high.get());
    let (id, name) = (head.id.get(), head.name);
    if version < V2 {
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

/// The pages of SENSOR_AXIS_DESCRIPTION_GET.
pub struct Axes<'e> {
    pub(super) sensor: u32,
    pub(super) total: usize,
    pub(super) each: &'e mut dyn FnMut(&AxisInfo),
}

impl Paged for Axes<'_> {
    type Command = AxisDescriptionGet;

    fn command(&self, index: usize) -> AxisDescriptionGet {
        AxisDescriptionGet { sensor: U32::new(self.sensor), index: word(index) }
    }

    fn page(&mut self, index: usize, mut values: &[u8]) -> Result<Option<usize>, CallError> {
        let count = AxisCount::from_word(take::<U32>(&mut values)?.get());
        let next = next_index(index, count.returned.into(), self.total)?;
        for _ in index..next {
            let head: AxisDescriptor = take(&mut values)?;
            let low = head.low.get();
            let extended = low & AxisDescriptor::EXTENDED != 0;
            let range = if extended { Some(take(&mut values)?) } else { None };
            (self.each)(&AxisInfo {
                id: head.id.get(),
                name: head.name,
                extended_name: low & AxisDescriptor::EXTENDED_NAME != 0,
                high: AttributesHigh(head.high.get()),
                range,
            });
        }
        Ok((next < self.total).then_some(next))
    }
}

/// The pages of SENSOR_AXIS_NAME_GET.
pub struct AxisNames<'e> {
    pub(super) sensor: u32,
    pub(super) total: usize,
    pub(super) each: &'e mut dyn FnMut(&AxisName),
}

impl Paged for AxisNames<'_> {
    type Command = AxisNameGet;

    fn command(&self, index: usize) -> AxisNameGet {
        AxisNameGet { sensor: U32::new(self.sensor), index: word(index) }
    }

    fn page(&mut self, index: usize, mut values: &[u8]) -> Result<Option<usize>, CallError> {
        let count = AxisCount::from_word(take::<U32>(&mut values)?.get());
        let next = next_of(index, count.returned.into(), self.total)?;
        for _ in 0..count.returned {
            (self.each)(&take(&mut values)?);
        }
        Ok(next)
    }
}

/// The pages of SENSOR_LIST_UPDATE_INTERVALS.
pub struct UpdateIntervals<'e> {
    pub(super) sensor: u32,
    pub(super) each: &'e mut dyn FnMut(IntervalInfo),
    pub(super) total: Total,
}

impl Paged for UpdateIntervals<'_> {
    type Command = ListUpdateIntervals;

    fn command(&self, index: usize) -> ListUpdateIntervals {
        ListUpdateIntervals { sensor: U32::new(self.sensor), index: word(index) }
    }

    fn page(&mut self, index: usize, mut values: &[u8]) -> Result<Option<usize>, CallError> {
        let count = Count::from_word(take::<U32>(&mut values)?.get());
        let mut interval = || take::<U32>(&mut values).map(|word| Interval::from_word(word.get()));
        if count.triplet {
            let (first, last, step) = (interval()?, interval()?, interval()?);
            (self.each)(IntervalInfo::Range { first, last, step });
            return Ok(None);
        }
        for _ in 0..count.returned {
            (self.each)(IntervalInfo::One(interval()?));
        }
        self.total.next(index, count.returned, count.remaining)
    }
}

/// SENSOR_READING_GET, into places for its readings.
#[derive(Debug)]
pub struct Read<'r> {
    version: Version,
    sensor: u32,
    command: ReadingGet,
    delayed: bool,
    readings: &'r mut [Reading],
    came: Option<usize>,
}

impl<'r> Read<'r> {
    pub(super) fn new(
        version: Version,
        sensor: u32,
        readings: &'r mut [Reading],
        delayed: bool,
    ) -> Self {
        let flags = U32::new(delayed.into());
        let command = ReadingGet { sensor: U32::new(sensor), flags };
        Self { version, sensor, command, delayed, readings, came: None }
    }

    fn put(&mut self, mut values: &[u8]) -> Result<usize, CallError> {
        let mut came: usize = 0;
        for place in self.readings.iter_mut() {
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
}

impl Steps for Read<'_> {
    /// How many readings came.
    type Output = usize;

    fn question(&self) -> Option<Request<'_>> {
        if self.came.is_some() {
            return None;
        }
        Some(Request { delayed: self.delayed, ..Request::of(&self.command) })
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        let mut values = values?;
        if self.delayed {
            same(self.sensor, take(&mut values)?)?;
        }
        self.came = Some(self.put(values)?);
        Ok(())
    }

    fn finish(&mut self) -> Result<usize, CallError> {
        self.came.ok_or_else(|| Malformed::short(0, size_of::<I64>()))
    }
}
