//! The table of messages of the Reset protocol.

use super::{V1, V3};
use crate::protocol::table::{Bits, Field, MessageInfo, Shape};
use crate::wire::Status;

const STATE: &[Bits] = &[Bits::flag("implementation_defined", 31), Bits::number("id", 30, 0)];

pub(super) const COMMANDS: &[MessageInfo] = &[
    MessageInfo::command(0x1, "PROTOCOL_ATTRIBUTES", "how many reset domains there are", V1)
        .mandatory()
        .returns(&[Field::bits("attributes", &[Bits::number("domains", 15, 0)])]),
    MessageInfo::command(0x3, "RESET_DOMAIN_ATTRIBUTES", "what a reset domain is", V1)
        .refuses(&[Status::NOT_FOUND])
        .mandatory()
        .takes(&[Field::word("domain_id")])
        .returns(&[
            Field::bits(
                "attributes",
                &[
                    Bits::flag("async", 31),
                    Bits::flag("notifications", 30),
                    Bits::flag("extended_name", 29),
                ],
            ),
            Field::word("latency"),
            Field::new("name", Shape::Name(16)),
        ]),
    MessageInfo::command(0x4, "RESET", "reset a domain, hold it in reset or let it go", V1)
        .refuses(&[
            Status::NOT_FOUND,
            Status::INVALID_PARAMETERS,
            Status::NOT_SUPPORTED,
            Status::DENIED,
            Status::BUSY,
            Status::GENERIC_ERROR,
            Status::HARDWARE_ERROR,
        ])
        .mandatory()
        .takes(&[
            Field::word("domain_id"),
            Field::bits(
                "flags",
                &[Bits::flag("async", 2), Bits::flag("assert", 1), Bits::flag("autonomous", 0)],
            ),
            Field::bits("reset_state", STATE),
        ])
        .delayed(&[Field::word("domain_id")]),
    MessageInfo::command(0x5, "RESET_NOTIFY", "send or stop news of resets", V1)
        .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED])
        .needs_p2a()
        .takes(&[
            Field::word("domain_id"),
            Field::bits("notify_enable", &[Bits::flag("enable", 0)]),
        ]),
    MessageInfo::command(0x6, "RESET_DOMAIN_NAME_GET", "a reset domain's long name", V3)
        .refuses(&[Status::NOT_FOUND])
        .takes(&[Field::word("domain_id")])
        .returns(&[Field::new("flags", Shape::Hex), Field::new("name", Shape::Name(64))]),
];

pub(super) const NOTIFICATIONS: &[MessageInfo] = &[MessageInfo::notification(
    0x0,
    "RESET_ISSUED",
    "a domain was reset",
    V1,
    &[Field::word("agent_id"), Field::word("domain_id"), Field::bits("reset_state", STATE)],
)];
