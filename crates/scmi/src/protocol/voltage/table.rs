//! The table of messages of the Voltage protocol.

use super::{V1, V2};
use crate::protocol::table::{BitKind, Bits, Field, MessageInfo, Shape, When};
use crate::wire::Status;

const CONFIG: &[Bits] = &[Bits::of("mode", 3, 0, BitKind::Names(&[(0, "off"), (7, "on")]))];

const COUNT_OR_TRIPLET: &[Bits] = &[
    Bits::number("remaining", 31, 16),
    Bits::flag("triplet", 12),
    Bits::number("returned", 11, 0),
];

const LEVEL: Field = Field::new("microvolts", Shape::Signed);

pub(super) const COMMANDS: &[MessageInfo] = &[
    MessageInfo::command(0x1, "PROTOCOL_ATTRIBUTES", "how many voltage domains there are", V1)
        .mandatory()
        .returns(&[Field::bits("attributes", &[Bits::number("domains", 15, 0)])]),
    MessageInfo::command(0x3, "VOLTAGE_DOMAIN_ATTRIBUTES", "what a voltage domain is", V1)
        .refuses(&[Status::NOT_FOUND])
        .mandatory()
        .takes(&[Field::word("domain_id")])
        .returns(&[
            Field::new("attributes", Shape::Hex).only(When::Before(V2)),
            Field::bits(
                "attributes",
                &[Bits::flag("async_level_set", 31), Bits::flag("extended_name", 30)],
            )
            .only(When::Since(V2)),
            Field::new("name", Shape::Name(16)),
        ]),
    MessageInfo::command(0x4, "VOLTAGE_DESCRIBE_LEVELS", "the levels of a voltage domain", V1)
        .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED, Status::DENIED, Status::OUT_OF_RANGE])
        .mandatory()
        .takes(&[Field::word("domain_id"), Field::word("index")])
        .returns(&[
            Field::bits("count", COUNT_OR_TRIPLET),
            Field::new("levels", Shape::Repeat(&[LEVEL])),
        ]),
    MessageInfo::command(0x5, "VOLTAGE_CONFIG_SET", "switch a voltage domain on or off", V1)
        .refuses(&[
            Status::NOT_FOUND,
            Status::INVALID_PARAMETERS,
            Status::NOT_SUPPORTED,
            Status::DENIED,
            Status::BUSY,
        ])
        .takes(&[Field::word("domain_id"), Field::bits("config", CONFIG)]),
    MessageInfo::command(0x6, "VOLTAGE_CONFIG_GET", "whether a voltage domain is on", V1)
        .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED])
        .takes(&[Field::word("domain_id")])
        .returns(&[Field::bits("config", CONFIG)]),
    MessageInfo::command(0x7, "VOLTAGE_LEVEL_SET", "set a domain's voltage", V1)
        .refuses(&[
            Status::NOT_FOUND,
            Status::INVALID_PARAMETERS,
            Status::NOT_SUPPORTED,
            Status::DENIED,
            Status::BUSY,
        ])
        .takes(&[
            Field::word("domain_id"),
            Field::new("flags", Shape::Hex).only(When::Before(V2)),
            Field::bits("flags", &[Bits::flag("async", 0)]).only(When::Since(V2)),
            LEVEL,
        ])
        .delayed(&[Field::word("domain_id"), LEVEL]),
    MessageInfo::command(0x8, "VOLTAGE_LEVEL_GET", "a domain's voltage", V1)
        .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED, Status::DENIED])
        .takes(&[Field::word("domain_id")])
        .returns(&[LEVEL]),
    MessageInfo::command(0x9, "VOLTAGE_DOMAIN_NAME_GET", "a voltage domain's long name", V2)
        .refuses(&[Status::NOT_FOUND])
        .takes(&[Field::word("domain_id")])
        .returns(&[Field::new("flags", Shape::Hex), Field::new("name", Shape::Name(64))]),
];
