//! The table of messages of the Performance protocol.

use super::{V1, V2, V3, V4};
use crate::protocol::fastchannel;
use crate::protocol::table::{BitKind, Bits, Field, Layout, MessageInfo, Shape, When};
use crate::wire::Status;

const POWER_UNIT: BitKind = BitKind::Names(&[(0, "abstract"), (1, "mW"), (2, "uW")]);
const DOMAIN: Field = Field::word("domain_id");
const ENABLE: Field = Field::bits("notify_enable", &[Bits::flag("enable", 0)]);
const MAX: Field = Field::word("range_max");
const MIN: Field = Field::word("range_min");

const DOMAIN_ATTRIBUTES: Layout = &[
    Field::bits(
        "attributes",
        &[
            Bits::flag("set_limits", 31),
            Bits::flag("set_level", 30),
            Bits::flag("limit_notifications", 29),
            Bits::flag("level_notifications", 28),
            Bits::flag("fast_channels", 27),
            Bits::flag("extended_name", 26),
            Bits::flag("level_indexing", 25),
        ],
    ),
    Field::bits("rate_limit", &[Bits::number("microseconds", 19, 0)]),
    Field::word("sustained_freq_khz"),
    Field::word("sustained_level"),
    Field::new("name", Shape::Name(16)),
];

const LEVEL: Layout = &[
    Field::word("level"),
    Field::word("power_cost"),
    Field::bits("latency", &[Bits::number("microseconds", 15, 0)]),
    Field::word("frequency_khz").only(When::Since(V4)),
    Field::word("index").only(When::Since(V4)),
];

pub(super) const COMMANDS: &[MessageInfo] = &[
    MessageInfo::command(0x1, "PROTOCOL_ATTRIBUTES", "how many performance domains there are", V1)
        .mandatory()
        .returns(&[
            Field::bits(
                "attributes",
                &[Bits::of("power_unit", 17, 16, POWER_UNIT), Bits::number("domains", 15, 0)],
            ),
            Field::new("statistics_address", Shape::Wide),
            Field::word("statistics_length"),
        ]),
    MessageInfo::command(0x3, "PERFORMANCE_DOMAIN_ATTRIBUTES", "what a performance domain can", V1)
        .refuses(&[Status::NOT_FOUND])
        .mandatory()
        .takes(&[DOMAIN])
        .returns(DOMAIN_ATTRIBUTES),
    MessageInfo::command(0x4, "PERFORMANCE_DESCRIBE_LEVELS", "the levels of a domain", V1)
        .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::OUT_OF_RANGE])
        .mandatory()
        .takes(&[DOMAIN, Field::word("index")])
        .returns(&[
            Field::bits(
                "count",
                &[Bits::number("remaining", 31, 16), Bits::number("returned", 11, 0)],
            ),
            Field::new("levels", Shape::Repeat(LEVEL)),
        ]),
    MessageInfo::command(0x5, "PERFORMANCE_LIMITS_SET", "set the limits of a domain", V1)
        .refuses(&[
            Status::NOT_FOUND,
            Status::DENIED,
            Status::INVALID_PARAMETERS,
            Status::OUT_OF_RANGE,
        ])
        .mandatory()
        .takes(&[DOMAIN, MAX, MIN]),
    MessageInfo::command(0x6, "PERFORMANCE_LIMITS_GET", "the limits of a domain", V1)
        .refuses(&[Status::NOT_FOUND])
        .mandatory()
        .takes(&[DOMAIN])
        .returns(&[MAX, MIN]),
    MessageInfo::command(0x7, "PERFORMANCE_LEVEL_SET", "set the level of a domain", V1)
        .refuses(&[Status::NOT_FOUND, Status::DENIED, Status::OUT_OF_RANGE, Status::BUSY])
        .mandatory()
        .takes(&[DOMAIN, Field::word("level")]),
    MessageInfo::command(0x8, "PERFORMANCE_LEVEL_GET", "the level of a domain", V1)
        .refuses(&[Status::NOT_FOUND, Status::BUSY])
        .mandatory()
        .takes(&[DOMAIN])
        .returns(&[Field::word("level")]),
    MessageInfo::command(
        0x9,
        "PERFORMANCE_NOTIFY_LIMITS",
        "send or stop PERFORMANCE_LIMITS_CHANGED",
        V1,
    )
    .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED])
    .needs_p2a()
    .takes(&[DOMAIN, ENABLE]),
    MessageInfo::command(
        0xA,
        "PERFORMANCE_NOTIFY_LEVEL",
        "send or stop PERFORMANCE_LEVEL_CHANGED",
        V1,
    )
    .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED])
    .needs_p2a()
    .takes(&[DOMAIN, ENABLE]),
    MessageInfo::command(
        0xB,
        "PERFORMANCE_DESCRIBE_FASTCHANNEL",
        "the fast channel of a message",
        V2,
    )
    .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED])
    .takes(fastchannel::QUESTION)
    .returns(fastchannel::ANSWER),
    MessageInfo::command(0xC, "PERFORMANCE_DOMAIN_NAME_GET", "a domain's long name", V3)
        .refuses(&[Status::NOT_FOUND])
        .takes(&[DOMAIN])
        .returns(&[Field::new("flags", Shape::Hex), Field::new("name", Shape::Name(64))]),
];

pub(super) const NOTIFICATIONS: &[MessageInfo] = &[
    MessageInfo::notification(
        0x0,
        "PERFORMANCE_LIMITS_CHANGED",
        "the limits of a domain have changed",
        V1,
        &[Field::word("agent_id"), DOMAIN, MAX, MIN],
    ),
    MessageInfo::notification(
        0x1,
        "PERFORMANCE_LEVEL_CHANGED",
        "the level of a domain has changed",
        V1,
        &[Field::word("agent_id"), DOMAIN, Field::word("level")],
    ),
];
