//! Sensors: descriptors say themselves how long they are.

use scmi::protocol::sensor::V2;
use scmi::protocol::sensor::wire::*;
use scmi::wire::{I64, ProtocolId, U32};

use crate::check::{Check, many, one};
use crate::entry::{Entries, Refine, command, notification};
use crate::piece::record;

record! {
    ProtocolAttributes {}
    Attributes {
        attributes: "attributes",
        shared_memory_address: "shared_memory_address",
        shared_memory_length: "shared_memory_length"
    }
    DescriptionGet { index: "index" }
    Descriptor { id: "id", low: "attributes_low", high: "attributes_high", name: "name" }
    Range { resolution: "resolution", min: "min", max: "max" }
    AxisDescriptionGet { sensor: "sensor_id", index: "index" }
    AxisDescriptor { id: "id", low: "attributes_low", high: "attributes_high", name: "name" }
    TripPointNotify { sensor: "sensor_id", enable: "notify_enable" }
    TripPointConfig { sensor: "sensor_id", control: "control", value: "value" }
    ReadingGet { sensor: "sensor_id", flags: "flags" }
    Reading { value: "value", timestamp: "timestamp" }
    ListUpdateIntervals { sensor: "sensor_id", index: "index" }
    ConfigGet { sensor: "sensor_id" }
    ConfigSet { sensor: "sensor_id", config: "config" }
    ContinuousUpdateNotify { sensor: "sensor_id", enable: "notify_enable" }
    NameGet { sensor: "sensor_id" }
    AxisNameGet { sensor: "sensor_id", index: "index" }
    AxisName { axis: "axis_id", name: "name" }
    TripPointEvent { agent: "agent_id", sensor: "sensor_id", description: "description" }
    Update { agent: "agent_id", sensor: "sensor_id" }
}

fn descriptors(check: &mut Check<'_>) {
    while !check.is_done() {
        let descriptor: Descriptor = check.one();
        if AttributesLow(descriptor.low.get()).has(AttributesLow::EXTENDED) {
            one::<U32>(check);
            if !AttributesHigh(descriptor.high.get()).has_axes() {
                one::<Range>(check);
            }
        }
    }
}

fn axes(check: &mut Check<'_>) {
    while !check.is_done() {
        let axis: AxisDescriptor = check.one();
        if AttributesLow(axis.low.get()).has(AttributesLow::EXTENDED) {
            one::<Range>(check);
        }
    }
}

pub(crate) fn entries() -> Entries {
    let list = [
        command::<ProtocolAttributes>(),
        command::<DescriptionGet>().then(descriptors),
        command::<TripPointNotify>(),
        command::<TripPointConfig>(),
        command::<ReadingGet>().then(many::<I64>).delayed(&[one::<U32>, many::<I64>]).before(V2),
        command::<ReadingGet>()
            .then(many::<Reading>)
            .delayed(&[one::<U32>, many::<Reading>])
            .since(V2),
        command::<AxisDescriptionGet>().then(axes),
        command::<ListUpdateIntervals>().then(many::<U32>),
        command::<ConfigGet>(),
        command::<ConfigSet>(),
        command::<ContinuousUpdateNotify>(),
        command::<NameGet>(),
        command::<AxisNameGet>().then(many::<AxisName>),
        notification::<TripPointEvent>(ProtocolId::SENSOR, 0),
        notification::<Update>(ProtocolId::SENSOR, 1).then(many::<Reading>),
    ];
    list.into_iter().flatten().collect()
}
