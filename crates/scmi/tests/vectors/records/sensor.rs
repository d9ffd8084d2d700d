//! Sensors: descriptors say themselves how long they are.

use scmi::protocol::sensor::V2;
use scmi::protocol::sensor::wire::*;
use scmi::wire::{I64, ProtocolId, U32, Version};

use crate::check::{Check, many, one};
use crate::entry::{Entries, Refine, command, notification};
use crate::piece::record;
use crate::words::{Says, count, flag, flags, number};

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
        if axis.low.get() & AxisDescriptor::EXTENDED != 0 {
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

/// What the types of its words say.
pub(crate) fn words(message: &str, field: &str, version: Version) -> Option<Says> {
    Some(match (message, field) {
        ("SENSOR_DESCRIPTION_GET", "attributes_low") if version < V2 => |word| {
            let low = AttributesLow(word);
            flag("async", low.has(AttributesLow::ASYNC)) + &number("trip_points", low.trip_points())
        },
        ("SENSOR_DESCRIPTION_GET", "attributes_low") => low,
        ("SENSOR_DESCRIPTION_GET", "attributes_high") if version < V2 => |word| {
            let high = AttributesHigh(word);
            let v1 = AttributesHighV1(word);
            let interval = v1.interval();
            assert_eq!(AttributesHighV1::new(high.kind(), high.exponent(), interval), v1);
            number("interval_seconds", interval.seconds)
                + &number("interval_exponent", interval.exponent)
                + &kind(high)
        },
        ("SENSOR_DESCRIPTION_GET", "attributes_high") => |word| {
            let high = AttributesHigh(word);
            // The count is told by the type only where there are axes, by the decoder always.
            let axes = number("axes", AttributesHigh(word | 1 << 8).axis_count());
            let exponent = number("exponent", high.exponent());
            let name = kind(high).replace(&exponent, "");
            axes + &exponent + &flag("has_axes", high.has_axes()) + &name
        },
        ("SENSOR_AXIS_DESCRIPTION_GET", "attributes_low") => |word| {
            let names = [
                ("extended_name", AxisDescriptor::EXTENDED_NAME),
                ("extended", AxisDescriptor::EXTENDED),
            ];
            flags(word, &names)
        },
        ("SENSOR_AXIS_DESCRIPTION_GET", "attributes_high") => |word| kind(AttributesHigh(word)),
        (_, "resolution") => |word| {
            let resolution = Resolution::from_word(word);
            assert_eq!(resolution.to_word(), word);
            number("exponent", resolution.exponent) + &number("value", resolution.value)
        },
        ("SENSOR_DESCRIPTION_GET" | "SENSOR_LIST_UPDATE_INTERVALS", "count") => count,
        ("SENSOR_AXIS_DESCRIPTION_GET" | "SENSOR_AXIS_NAME_GET", "count") => |word| {
            let count = AxisCount::from_word(word);
            assert_eq!(count.to_word(), word);
            number("remaining", count.remaining) + &number("returned", count.returned)
        },
        (_, "interval") => |word| {
            let interval = Interval::from_word(word);
            assert_eq!(interval.to_word(), word);
            number("seconds", interval.seconds) + &number("exponent", interval.exponent)
        },
        (_, "control") => |word| {
            let control = TripControl(word);
            assert_eq!(word & TripControl::RESERVED, 0);
            assert_eq!(TripControl::new(control.trip_point(), control.mode()), control);
            number("trip_point", control.trip_point()) + &number("mode", control.mode().0)
        },
        (_, "config") => config,
        _ => return None,
    })
}

fn low(word: u32) -> String {
    let low = AttributesLow(word);
    let exponent = low.timestamp_exponent();
    assert_eq!(AttributesLow::timestamp_exponent_bits(exponent), word & 0x7C00);
    let first = [
        ("async", AttributesLow::ASYNC),
        ("updates", AttributesLow::UPDATES),
        ("extended_name", AttributesLow::EXTENDED_NAME),
    ];
    let second = [("timestamps", AttributesLow::TIMESTAMPS), ("extended", AttributesLow::EXTENDED)];
    flags(word, &first)
        + &number("timestamp_exponent", exponent)
        + &flags(word, &second)
        + &number("trip_points", low.trip_points())
}

fn kind(high: AttributesHigh) -> String {
    let kind = high.kind();
    let unit = match kind.unit() {
        "" => String::new(),
        unit => format!(" ({unit})"),
    };
    let word = kind.word().map_or_else(|| format!("{:#04x}", kind.0), String::from);
    number("exponent", high.exponent()) + &number("type", word + &unit)
}

fn config(word: u32) -> String {
    let config = ConfigWord(word);
    assert_eq!(word & ConfigWord::RESERVED, 0);
    let (interval, rounding) = (config.interval(), config.rounding());
    let made = ConfigWord::new(config.enabled(), config.timestamps(), interval);
    assert_eq!(made.with_rounding(rounding), config);
    let rounding = match rounding {
        Rounding::Down => 0,
        Rounding::Up => 1,
        Rounding::Nearest => 2,
    };
    number("interval_seconds", interval.seconds)
        + &number("interval_exponent", interval.exponent)
        + &number("rounding", rounding)
        + &flag("timestamps", config.timestamps())
        + &flag("enabled", config.enabled())
}
