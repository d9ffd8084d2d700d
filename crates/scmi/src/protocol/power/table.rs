//! The table of messages of the Power domain protocol.

use super::{V1, V2, V3};
use crate::protocol::table::{Bits, Field, Layout, MessageInfo, Shape};
use crate::wire::Status;

const ENABLE: &[Bits] = &[Bits::flag("enable", 0)];

const STATE: Field =
    Field::bits("power_state", &[Bits::flag("context_lost", 30), Bits::number("state", 27, 0)]);

const EVENT: Layout = &[Field::word("agent_id"), Field::word("domain_id"), STATE];

pub(super) const COMMANDS: &[MessageInfo] = &[
    MessageInfo::command(0x1, "PROTOCOL_ATTRIBUTES", "how many power domains there are", V1)
        .mandatory()
        .returns(&[
            Field::bits("attributes", &[Bits::number("domains", 15, 0)]),
            Field::new("statistics_address", Shape::Wide),
            Field::word("statistics_length"),
        ]),
    MessageInfo::command(0x3, "POWER_DOMAIN_ATTRIBUTES", "what a power domain can", V1)
        .refuses(&[Status::NOT_FOUND])
        .mandatory()
        .takes(&[Field::word("domain_id")])
        .returns(&[
            Field::bits(
                "attributes",
                &[
                    Bits::flag("change_notifications", 31),
                    Bits::flag("async", 30),
                    Bits::flag("sync", 29),
                    Bits::flag("request_notifications", 28),
                    Bits::flag("extended_name", 27),
                ],
            ),
            Field::new("name", Shape::Name(16)),
        ]),
    MessageInfo::command(0x4, "POWER_STATE_SET", "switch a power domain", V1)
        .refuses(&[
            Status::NOT_FOUND,
            Status::INVALID_PARAMETERS,
            Status::NOT_SUPPORTED,
            Status::DENIED,
            Status::BUSY,
        ])
        .mandatory()
        .takes(&[Field::bits("flags", &[Bits::flag("async", 0)]), Field::word("domain_id"), STATE]),
    MessageInfo::command(0x5, "POWER_STATE_GET", "the state of a power domain", V1)
        .refuses(&[Status::NOT_FOUND])
        .mandatory()
        .takes(&[Field::word("domain_id")])
        .returns(&[STATE]),
    MessageInfo::command(0x6, "POWER_STATE_NOTIFY", "send or stop POWER_STATE_CHANGED", V1)
        .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED])
        .needs_p2a()
        .takes(&[Field::word("domain_id"), Field::bits("notify_enable", ENABLE)]),
    MessageInfo::command(
        0x7,
        "POWER_STATE_CHANGE_REQUESTED_NOTIFY",
        "send or stop POWER_STATE_CHANGE_REQUESTED",
        V2,
    )
    .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED])
    .needs_p2a()
    .takes(&[Field::word("domain_id"), Field::bits("notify_enable", ENABLE)]),
    MessageInfo::command(0x8, "POWER_DOMAIN_NAME_GET", "a power domain's long name", V3)
        .refuses(&[Status::NOT_FOUND])
        .takes(&[Field::word("domain_id")])
        .returns(&[Field::new("flags", Shape::Hex), Field::new("name", Shape::Name(64))]),
];

pub(super) const NOTIFICATIONS: &[MessageInfo] = &[
    MessageInfo::notification(
        0x0,
        "POWER_STATE_CHANGED",
        "a power domain has changed its state",
        V1,
        EVENT,
    ),
    MessageInfo::notification(
        0x1,
        "POWER_STATE_CHANGE_REQUESTED",
        "an agent asked for a state that others stand in the way of",
        V2,
        EVENT,
    ),
];
