//! The table of messages of the Sensor protocol.

use super::{V1, V2, V3};
use crate::protocol::table::{BitKind, Bits, Field, Layout, MessageInfo, Shape, When};
use crate::wire::Status;

const ENABLE: &[Bits] = &[Bits::flag("enable", 0)];

const CONFIG: &[Bits] = &[
    Bits::number("interval_seconds", 31, 16),
    Bits::of("interval_exponent", 15, 11, BitKind::Signed),
    Bits::number("rounding", 10, 9),
    Bits::flag("timestamps", 1),
    Bits::flag("enabled", 0),
];

const INTERVAL: &[Bits] =
    &[Bits::number("seconds", 20, 5), Bits::of("exponent", 4, 0, BitKind::Signed)];

const RESOLUTION: &[Bits] =
    &[Bits::of("exponent", 31, 27, BitKind::Signed), Bits::number("value", 26, 0)];

const COUNT: &[Bits] = &[Bits::number("remaining", 31, 16), Bits::number("returned", 11, 0)];
const COUNT_OR_TRIPLET: &[Bits] = &[
    Bits::number("remaining", 31, 16),
    Bits::flag("triplet", 12),
    Bits::number("returned", 11, 0),
];
const AXIS_COUNT: &[Bits] = &[Bits::number("remaining", 31, 26), Bits::number("returned", 5, 0)];

const READINGS: Field = Field::new(
    "readings",
    Shape::Repeat(&[
        Field::new("value", Shape::WideSigned),
        Field::new("timestamp", Shape::Wide).only(When::Since(V2)),
    ]),
);

/// The bit is reserved in version 1.0.
const EXTENDED: When = When::Both(
    &When::Bits { field: "attributes_low", mask: 1 << 8, value: 1 << 8 },
    &When::Since(V2),
);
/// Extended attributes of a sensor without axes; the power word goes before, so it is read by then.
const RANGE: &[Field] = &[
    Field::bits("resolution", RESOLUTION),
    Field::new("min", Shape::WideSigned),
    Field::new("max", Shape::WideSigned),
];

const DESCRIPTOR: Layout = &[
    Field::word("id"),
    Field::bits(
        "attributes_low",
        &[
            Bits::flag("async", 31),
            Bits::flag("updates", 30),
            Bits::flag("extended_name", 29),
            Bits::of("timestamp_exponent", 14, 10, BitKind::Signed),
            Bits::flag("timestamps", 9),
            Bits::flag("extended", 8),
            Bits::number("trip_points", 7, 0),
        ],
    )
    .only(When::Since(V2)),
    Field::bits("attributes_low", &[Bits::flag("async", 31), Bits::number("trip_points", 7, 0)])
        .only(When::Before(V2)),
    Field::bits(
        "attributes_high",
        &[
            Bits::number("axes", 21, 16),
            Bits::of("exponent", 15, 11, BitKind::Signed),
            Bits::flag("has_axes", 8),
            Bits::of("type", 7, 0, BitKind::SensorType),
        ],
    )
    .only(When::Since(V2)),
    Field::bits(
        "attributes_high",
        &[
            Bits::number("interval_seconds", 31, 27),
            Bits::of("interval_exponent", 26, 22, BitKind::Signed),
            Bits::of("exponent", 15, 11, BitKind::Signed),
            Bits::of("type", 7, 0, BitKind::SensorType),
        ],
    )
    .only(When::Before(V2)),
    Field::new("name", Shape::Name(16)),
    Field::new("power", Shape::Word).only(EXTENDED),
    Field::new("range", Shape::Group(RANGE)).only(When::Both(
        &EXTENDED,
        &When::Bits { field: "attributes_high", mask: 1 << 8, value: 0 },
    )),
];

const AXIS: Layout = &[
    Field::word("id"),
    Field::bits("attributes_low", &[Bits::flag("extended_name", 9), Bits::flag("extended", 8)]),
    Field::bits(
        "attributes_high",
        &[
            Bits::of("exponent", 15, 11, BitKind::Signed),
            Bits::of("type", 7, 0, BitKind::SensorType),
        ],
    ),
    Field::new("name", Shape::Name(16)),
    Field::new("range", Shape::Group(RANGE)).only(EXTENDED),
];

pub(super) const COMMANDS: &[MessageInfo] = &[
    MessageInfo::command(0x1, "PROTOCOL_ATTRIBUTES", "how many sensors there are", V1)
        .mandatory()
        .returns(&[
            Field::bits(
                "attributes",
                &[Bits::number("max_async_reads", 23, 16), Bits::number("sensors", 15, 0)],
            ),
            Field::new("shared_memory_address", Shape::Wide),
            Field::word("shared_memory_length"),
        ]),
    MessageInfo::command(0x3, "SENSOR_DESCRIPTION_GET", "descriptions of sensors", V1)
        .refuses(&[Status::INVALID_PARAMETERS])
        .mandatory()
        .takes(&[Field::word("index")])
        .returns(&[
            Field::bits("count", COUNT),
            Field::new("descriptors", Shape::Repeat(DESCRIPTOR)),
        ]),
    MessageInfo::command(0x4, "SENSOR_TRIP_POINT_NOTIFY", "send or stop trip point events", V1)
        .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED])
        .needs_p2a()
        .takes(&[Field::word("sensor_id"), Field::bits("notify_enable", ENABLE)]),
    MessageInfo::command(0x5, "SENSOR_TRIP_POINT_CONFIG", "set a trip point", V1)
        .refuses(&[
            Status::NOT_FOUND,
            Status::INVALID_PARAMETERS,
            Status::NOT_SUPPORTED,
            Status::DENIED,
        ])
        .takes(&[
            Field::word("sensor_id"),
            Field::bits(
                "control",
                &[Bits::number("trip_point", 11, 4), Bits::number("mode", 1, 0)],
            ),
            Field::new("value", Shape::WideSigned),
        ]),
    MessageInfo::command(0x6, "SENSOR_READING_GET", "what a sensor reads now", V1)
        .refuses(&[
            Status::NOT_FOUND,
            Status::INVALID_PARAMETERS,
            Status::NOT_SUPPORTED,
            Status::PROTOCOL_ERROR,
            Status::BUSY,
            Status::HARDWARE_ERROR,
        ])
        .mandatory()
        .takes(&[Field::word("sensor_id"), Field::bits("flags", &[Bits::flag("async", 0)])])
        .returns(&[READINGS])
        .delayed(&[Field::word("sensor_id"), READINGS]),
    MessageInfo::command(0x7, "SENSOR_AXIS_DESCRIPTION_GET", "descriptions of a sensor's axes", V2)
        .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED, Status::INVALID_PARAMETERS])
        .takes(&[Field::word("sensor_id"), Field::word("index")])
        .returns(&[Field::bits("count", AXIS_COUNT), Field::new("axes", Shape::Repeat(AXIS))]),
    MessageInfo::command(
        0x8,
        "SENSOR_LIST_UPDATE_INTERVALS",
        "the update intervals of a sensor",
        V2,
    )
    .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED, Status::OUT_OF_RANGE])
    .takes(&[Field::word("sensor_id"), Field::word("index")])
    .returns(&[
        Field::bits("count", COUNT_OR_TRIPLET),
        Field::new("intervals", Shape::Repeat(&[Field::bits("interval", INTERVAL)])),
    ]),
    MessageInfo::command(0x9, "SENSOR_CONFIG_GET", "how a sensor is set up", V2)
        .refuses(&[Status::NOT_FOUND])
        .takes(&[Field::word("sensor_id")])
        .returns(&[Field::bits("config", CONFIG)]),
    MessageInfo::command(0xA, "SENSOR_CONFIG_SET", "set a sensor up", V2)
        .refuses(&[
            Status::NOT_FOUND,
            Status::INVALID_PARAMETERS,
            Status::NOT_SUPPORTED,
            Status::DENIED,
        ])
        .takes(&[Field::word("sensor_id"), Field::bits("config", CONFIG)]),
    MessageInfo::command(0xB, "SENSOR_CONTINUOUS_UPDATE_NOTIFY", "send or stop readings", V2)
        .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED])
        .needs_p2a()
        .takes(&[Field::word("sensor_id"), Field::bits("notify_enable", ENABLE)]),
    MessageInfo::command(0xC, "SENSOR_NAME_GET", "a sensor's long name", V3)
        .refuses(&[Status::NOT_FOUND])
        .takes(&[Field::word("sensor_id")])
        .returns(&[Field::new("flags", Shape::Hex), Field::new("name", Shape::Name(64))]),
    MessageInfo::command(0xD, "SENSOR_AXIS_NAME_GET", "long names of a sensor's axes", V3)
        .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED, Status::INVALID_PARAMETERS])
        .takes(&[Field::word("sensor_id"), Field::word("index")])
        .returns(&[
            Field::bits("count", AXIS_COUNT),
            Field::new(
                "names",
                Shape::Repeat(&[Field::word("axis_id"), Field::new("name", Shape::Name(64))]),
            ),
        ]),
];

pub(super) const NOTIFICATIONS: &[MessageInfo] = &[
    MessageInfo::notification(
        0x0,
        "SENSOR_TRIP_POINT_EVENT",
        "a sensor crossed a trip point",
        V1,
        &[
            Field::word("agent_id"),
            Field::word("sensor_id"),
            Field::bits(
                "description",
                &[Bits::flag("rising", 16), Bits::number("trip_point", 7, 0)],
            ),
        ],
    ),
    MessageInfo::notification(
        0x1,
        "SENSOR_UPDATE",
        "a sensor's readings",
        V2,
        &[Field::word("agent_id"), Field::word("sensor_id"), READINGS],
    ),
];
