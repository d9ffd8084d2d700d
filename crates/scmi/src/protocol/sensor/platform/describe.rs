//! Descriptions, paged to the room that the agent offered.

use super::super::wire::{
    AttributesHigh, AttributesHighV1, AttributesLow, AxisCount, AxisDescriptor, AxisName,
    Descriptor,
};
use super::super::{V2, V3};
use super::model::{Axis, Intervals, Sensor};
use crate::platform::{Call, Space};
use crate::protocol::page::{count_word, from_index, list, page, page_of, remaining, triplet};
use crate::wire::{Full, LongName, ShortName, Status, U32, Writer};

fn axis_count_word(returned: usize, remaining: usize) -> U32 {
    let returned = u8::try_from(returned).unwrap_or(u8::MAX);
    let remaining = u8::try_from(remaining).unwrap_or(u8::MAX);
    U32::new(AxisCount { returned, remaining }.to_word())
}

/// DESCRIPTION_GET: those that the caller sees, under its own ids.
pub(super) fn sensors(
    call: &Call<'_>,
    sensors: &[Sensor],
    index: u32,
    reply: &mut Writer<'_>,
) -> Result<(), Status> {
    let rest = remaining(call.count(Space::Sensor), index, Status::INVALID_PARAMETERS)?;
    let ids = (index..).map_while(|id| {
        let sensor = call.listed(Space::Sensor, id)?;
        Some((id, sensors.get(sensor)?))
    });
    let mut closed = false;
    page_of(
        reply,
        (rest, ids),
        |nth, (id, sensor), w| {
            // The sources disagree on the length of a sensor with axes and extended attributes (section 15,
            // number 9): nobody can be misled when nothing follows it.
            let alone = !sensor.axes.is_empty() && extended(call, sensor);
            if closed || alone && nth > 0 {
                return Err(Full);
            }
            closed = alone;
            descriptor(call, id, sensor, w)
        },
        count_word,
    )
}

fn extended(call: &Call<'_>, sensor: &Sensor) -> bool {
    let known = sensor.power > 0 || sensor.axes.is_empty() && sensor.limits.any();
    call.version >= V2 && known
}

fn descriptor(call: &Call<'_>, id: u32, sensor: &Sensor, w: &mut Writer<'_>) -> Result<(), Full> {
    w.put(&Descriptor {
        id: U32::new(id),
        low: U32::new(attributes_low(call, sensor)),
        high: U32::new(attributes_high(call, sensor)),
        name: ShortName::new(&sensor.name),
    })?;
    if extended(call, sensor) {
        w.put(&U32::new(sensor.power))?;
        if sensor.axes.is_empty() {
            w.put(&sensor.limits.record())?;
        }
    }
    Ok(())
}

const fn flag(set: bool, bit: u32) -> u32 {
    if set { bit } else { 0 }
}

/// Without a way back to the agent, nothing that needs one is shown (virtio, requirement R7).
fn attributes_low(call: &Call<'_>, sensor: &Sensor) -> u32 {
    let mut low =
        u32::from(sensor.trip_points) | flag(sensor.asynchronous && call.p2a, AttributesLow::ASYNC);
    if call.version >= V2 {
        low |= flag(sensor.updates && call.p2a, AttributesLow::UPDATES)
            | flag(extended(call, sensor), AttributesLow::EXTENDED);
        if let Some(exponent) = sensor.timestamps {
            low |= AttributesLow::TIMESTAMPS | AttributesLow::timestamp_exponent_bits(exponent);
        }
    }
    let long = call.version >= V3 && !ShortName::fits(&sensor.name);
    low | flag(long, AttributesLow::EXTENDED_NAME)
}

fn attributes_high(call: &Call<'_>, sensor: &Sensor) -> u32 {
    if call.version < V2 {
        return AttributesHighV1::new(sensor.kind, sensor.exponent, sensor.config.interval).0;
    }
    match u8::try_from(sensor.axes.len()) {
        Ok(0) => AttributesHigh::scalar(sensor.kind, sensor.exponent).0,
        Ok(axes) => AttributesHigh::axes(axes).0,
        Err(_) => AttributesHigh::axes(u8::MAX).0,
    }
}

/// AXIS_DESCRIPTION_GET.
pub(super) fn axes(
    call: &Call<'_>,
    axes: &[Axis],
    index: u32,
    reply: &mut Writer<'_>,
) -> Result<(), Status> {
    let rest = from_index(axes, index, Status::INVALID_PARAMETERS)?;
    page(
        reply,
        rest,
        |nth, axis, w| {
            let long = call.version >= V3 && !ShortName::fits(&axis.name);
            let low = flag(long, AxisDescriptor::EXTENDED_NAME)
                | flag(axis.limits.any(), AxisDescriptor::EXTENDED);
            w.put(&AxisDescriptor {
                id: axis_id(index, nth),
                low: U32::new(low),
                high: U32::new(AttributesHigh::scalar(axis.kind, axis.exponent).0),
                name: ShortName::new(&axis.name),
            })?;
            if axis.limits.any() {
                w.put(&axis.limits.record())?;
            }
            Ok(())
        },
        axis_count_word,
    )
}

/// AXIS_NAME_GET.
pub(super) fn axis_names(axes: &[Axis], index: u32, reply: &mut Writer<'_>) -> Result<(), Status> {
    let rest = from_index(axes, index, Status::INVALID_PARAMETERS)?;
    page(
        reply,
        rest,
        |nth, axis, w| {
            w.put(&AxisName { axis: axis_id(index, nth), name: LongName::new(&axis.name) })
        },
        axis_count_word,
    )
}

fn axis_id(index: u32, nth: usize) -> U32 {
    U32::new(index.saturating_add(u32::try_from(nth).unwrap_or(u32::MAX)))
}

/// LIST_UPDATE_INTERVALS.
pub(super) fn intervals(
    intervals: &Intervals,
    index: u32,
    reply: &mut Writer<'_>,
) -> Result<(), Status> {
    match intervals {
        Intervals::None => Err(Status::NOT_SUPPORTED),
        Intervals::List(all) => {
            let rest = from_index(all, index, Status::OUT_OF_RANGE)?;
            list(reply, rest, |interval| U32::new(interval.to_word()))
        }
        Intervals::Range { first, last, step } => {
            triplet(reply, [first, last, step].map(|interval| U32::new(interval.to_word())))
        }
    }
}
