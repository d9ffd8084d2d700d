//! The table of messages of the Clock protocol.

use super::{V1, V2, V3};
use crate::protocol::table::{BitKind, Bits, Field, Layout, MessageInfo, Shape, When};
use crate::wire::Status;

const ENABLE: &[Bits] = &[Bits::flag("enable", 0)];

const COUNT_OR_TRIPLET: &[Bits] = &[
    Bits::number("remaining", 31, 16),
    Bits::flag("triplet", 12),
    Bits::number("returned", 11, 0),
];

const EXTENDED_TYPE: BitKind =
    BitKind::Names(&[(0, "none"), (1, "duty cycle, percent"), (2, "phase, degrees")]);
const STATE: BitKind = BitKind::Names(&[(0, "disable"), (1, "enable"), (3, "leave as it is")]);

const RATE_EVENT: Layout =
    &[Field::word("agent_id"), Field::word("clock_id"), Field::new("rate", Shape::Wide)];

pub(super) const COMMANDS: &[MessageInfo] = &[
    MessageInfo::command(0x1, "PROTOCOL_ATTRIBUTES", "how many clocks there are", V1)
        .mandatory()
        .returns(&[Field::bits(
            "attributes",
            &[Bits::number("max_async_rate_changes", 23, 16), Bits::number("clocks", 15, 0)],
        )]),
    MessageInfo::command(0x3, "CLOCK_ATTRIBUTES", "what a clock is, and whether it is on", V1)
        .refuses(&[Status::NOT_FOUND])
        .mandatory()
        .takes(&[Field::word("clock_id")])
        .returns(&[
            Field::bits(
                "attributes",
                &[
                    Bits::flag("rate_changed", 31),
                    Bits::flag("rate_change_requested", 30),
                    Bits::flag("extended_name", 29),
                    Bits::flag("parents", 28),
                    Bits::flag("extended_config", 27),
                    Bits::flag("restricted", 1),
                    Bits::flag("enabled", 0),
                ],
            ),
            Field::new("name", Shape::Name(16)),
            Field::word("enable_delay").only(When::Since(V2)),
        ]),
    MessageInfo::command(0x4, "CLOCK_DESCRIBE_RATES", "the rates of a clock", V1)
        .refuses(&[Status::NOT_FOUND, Status::OUT_OF_RANGE])
        .mandatory()
        .takes(&[Field::word("clock_id"), Field::word("index")])
        .returns(&[
            Field::bits("count", COUNT_OR_TRIPLET),
            Field::new("rates", Shape::Repeat(&[Field::new("rate", Shape::Wide)])),
        ]),
    MessageInfo::command(0x5, "CLOCK_RATE_SET", "set a clock's rate", V1)
        .refuses(&[
            Status::NOT_FOUND,
            Status::INVALID_PARAMETERS,
            Status::NOT_SUPPORTED,
            Status::DENIED,
            Status::BUSY,
        ])
        .mandatory()
        .takes(&[
            Field::bits(
                "flags",
                &[
                    Bits::flag("round_nearest", 3),
                    Bits::flag("round_up", 2),
                    Bits::flag("no_delayed_response", 1),
                    Bits::flag("async", 0),
                ],
            ),
            Field::word("clock_id"),
            Field::new("rate", Shape::Wide),
        ])
        .delayed(&[Field::word("clock_id"), Field::new("rate", Shape::Wide)]),
    MessageInfo::command(0x6, "CLOCK_RATE_GET", "a clock's rate", V1)
        .refuses(&[Status::NOT_FOUND])
        .mandatory()
        .takes(&[Field::word("clock_id")])
        .returns(&[Field::new("rate", Shape::Wide)]),
    MessageInfo::command(0x7, "CLOCK_CONFIG_SET", "enable or disable a clock, or set it up", V1)
        .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::DENIED])
        .mandatory()
        .takes(&[
            Field::word("clock_id"),
            Field::bits("attributes", &[Bits::flag("enable", 0)]).only(When::Before(V3)),
            Field::bits(
                "attributes",
                &[Bits::of("extended_type", 23, 16, EXTENDED_TYPE), Bits::of("state", 1, 0, STATE)],
            )
            .only(When::Since(V3)),
            Field::word("extended_value").only(When::Since(V3)),
        ]),
    MessageInfo::command(0x8, "CLOCK_NAME_GET", "a clock's long name", V2)
        .refuses(&[Status::NOT_FOUND])
        .takes(&[Field::word("clock_id")])
        .returns(&[Field::new("flags", Shape::Hex), Field::new("name", Shape::Name(64))]),
    MessageInfo::command(0x9, "CLOCK_RATE_NOTIFY", "send or stop rate changes", V2)
        .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED])
        .needs_p2a()
        .takes(&[Field::word("clock_id"), Field::bits("notify_enable", ENABLE)]),
    MessageInfo::command(
        0xA,
        "CLOCK_RATE_CHANGE_REQUESTED_NOTIFY",
        "send or stop requests for rate changes",
        V2,
    )
    .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED])
    .needs_p2a()
    .takes(&[Field::word("clock_id"), Field::bits("notify_enable", ENABLE)]),
    MessageInfo::command(0xB, "CLOCK_CONFIG_GET", "how a clock is set up", V3)
        .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS])
        .takes(&[
            Field::word("clock_id"),
            Field::bits("flags", &[Bits::of("extended_type", 7, 0, EXTENDED_TYPE)]),
        ])
        .returns(&[
            Field::new("attributes", Shape::Hex),
            Field::bits("config", &[Bits::flag("enabled", 0)]),
            Field::word("extended_value"),
        ]),
    MessageInfo::command(0xC, "CLOCK_POSSIBLE_PARENTS_GET", "the parents a clock can have", V3)
        .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED, Status::DENIED, Status::OUT_OF_RANGE])
        .takes(&[Field::word("clock_id"), Field::word("skip")])
        .returns(&[
            Field::bits(
                "count",
                &[Bits::number("remaining", 31, 24), Bits::number("returned", 7, 0)],
            ),
            Field::new("parents", Shape::Repeat(&[Field::word("clock_id")])),
        ]),
    MessageInfo::command(0xD, "CLOCK_PARENT_SET", "set a clock's parent", V3)
        .refuses(&[
            Status::NOT_FOUND,
            Status::NOT_SUPPORTED,
            Status::DENIED,
            Status::INVALID_PARAMETERS,
            Status::OUT_OF_RANGE,
        ])
        .takes(&[Field::word("clock_id"), Field::word("parent_id")]),
    MessageInfo::command(0xE, "CLOCK_PARENT_GET", "a clock's parent", V3)
        .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED, Status::DENIED])
        .takes(&[Field::word("clock_id")])
        .returns(&[Field::word("parent_id")]),
    MessageInfo::command(0xF, "CLOCK_GET_PERMISSIONS", "what the agent may do to a clock", V3)
        .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED])
        .takes(&[Field::word("clock_id")])
        .returns(&[Field::bits(
            "permissions",
            &[Bits::flag("state", 31), Bits::flag("parent", 30), Bits::flag("rate", 29)],
        )]),
];

pub(super) const NOTIFICATIONS: &[MessageInfo] = &[
    MessageInfo::notification(0x0, "CLOCK_RATE_CHANGED", "a clock's rate changed", V2, RATE_EVENT),
    MessageInfo::notification(
        0x1,
        "CLOCK_RATE_CHANGE_REQUESTED",
        "an agent asked for a rate that the clock was not given",
        V2,
        RATE_EVENT,
    ),
];
