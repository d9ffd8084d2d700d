//! Base protocol 0x10 (section 6): who the platform is, which protocols and agents it has.

#[cfg(feature = "agent")]
pub mod agent;
#[cfg(feature = "agent")]
mod asking;
#[cfg(feature = "platform")]
pub mod platform;
#[cfg(all(test, feature = "agent", feature = "platform"))]
pub(crate) mod tests;
pub mod wire;

use super::table::{BitKind, Bits, Field, MessageInfo, ProtocolInfo, Shape, When};
use crate::wire::{ProtocolId, Status, Version};

/// Version 1.0: DISCOVER_AGENT returns the name only.
pub const V1: Version = Version::new(1, 0);
/// Version 2.0.
pub const V2: Version = Version::new(2, 0);
/// Version 2.1, of release 3.2.
pub const V2_1: Version = Version::new(2, 1);

/// The protocol's table.
pub static INFO: ProtocolInfo = ProtocolInfo {
    id: ProtocolId::BASE,
    name: "base",
    versions: &[V1, V2, V2_1],
    negotiable_from: V2_1,
    commands: COMMANDS,
    notifications: NOTIFICATIONS,
};

const PERMISSION: &[Bits] = &[Bits::flag("allow", 0)];

const COMMANDS: &[MessageInfo] = &[
    MessageInfo::command(0x1, "PROTOCOL_ATTRIBUTES", "how many protocols and agents there are", V1)
        .mandatory()
        .returns(&[Field::bits(
            "attributes",
            &[Bits::number("agents", 15, 8), Bits::number("protocols", 7, 0)],
        )]),
    MessageInfo::command(0x3, "BASE_DISCOVER_VENDOR", "the vendor's name", V1)
        .mandatory()
        .returns(&[Field::new("vendor", Shape::Name(16))]),
    MessageInfo::command(0x4, "BASE_DISCOVER_SUB_VENDOR", "the sub-vendor's name", V1)
        .returns(&[Field::new("sub_vendor", Shape::Name(16))]),
    MessageInfo::command(
        0x5,
        "BASE_DISCOVER_IMPLEMENTATION_VERSION",
        "the vendor's own version",
        V1,
    )
    .mandatory()
    .returns(&[Field::new("implementation_version", Shape::Hex)]),
    MessageInfo::command(
        0x6,
        "BASE_DISCOVER_LIST_PROTOCOLS",
        "which protocols this agent may use",
        V1,
    )
    .refuses(&[Status::INVALID_PARAMETERS])
    .mandatory()
    .takes(&[Field::word("skip")])
    .returns(&[Field::word("num_protocols"), Field::new("protocols", Shape::ProtocolIds)]),
    MessageInfo::command(0x7, "BASE_DISCOVER_AGENT", "an agent's name", V1)
        .refuses(&[Status::NOT_FOUND])
        .takes(&[Field::new("agent_id", Shape::Hex)])
        .returns(&[
            Field::word("agent_id").only(When::Since(V2)),
            Field::new("name", Shape::Name(16)),
        ]),
    MessageInfo::command(0x8, "BASE_NOTIFY_ERRORS", "send or stop BASE_ERROR_EVENT", V1)
        .refuses(&[Status::INVALID_PARAMETERS])
        .needs_p2a()
        .takes(&[Field::bits("notify_enable", &[Bits::flag("enable", 0)])]),
    MessageInfo::command(
        0x9,
        "BASE_SET_DEVICE_PERMISSIONS",
        "let an agent use a device, or not",
        V2,
    )
    .refuses(&[
        Status::NOT_FOUND,
        Status::INVALID_PARAMETERS,
        Status::NOT_SUPPORTED,
        Status::DENIED,
    ])
    .takes(&[
        Field::word("agent_id"),
        Field::word("device_id"),
        Field::bits("flags", PERMISSION),
    ]),
    MessageInfo::command(
        0xA,
        "BASE_SET_PROTOCOL_PERMISSIONS",
        "let an agent use a protocol of a device, or not",
        V2,
    )
    .refuses(&[
        Status::NOT_FOUND,
        Status::INVALID_PARAMETERS,
        Status::NOT_SUPPORTED,
        Status::DENIED,
    ])
    .takes(&[
        Field::word("agent_id"),
        Field::word("device_id"),
        Field::bits("command_id", &[Bits::of("protocol", 7, 0, BitKind::Protocol)]),
        Field::bits("flags", PERMISSION),
    ]),
    MessageInfo::command(0xB, "BASE_RESET_AGENT_CONFIGURATION", "put an agent's settings back", V2)
        .refuses(&[
            Status::NOT_FOUND,
            Status::INVALID_PARAMETERS,
            Status::NOT_SUPPORTED,
            Status::DENIED,
        ])
        .takes(&[Field::word("agent_id"), Field::bits("flags", &[Bits::flag("permissions", 0)])]),
];

const NOTIFICATIONS: &[MessageInfo] = &[MessageInfo::notification(
    0x0,
    "BASE_ERROR_EVENT",
    "commands of an agent went wrong",
    V1,
    &[
        Field::word("agent_id"),
        Field::bits("error_status", &[Bits::flag("fatal", 31), Bits::number("count", 9, 0)]),
        Field::new(
            "reports",
            Shape::Repeat(&[
                Field::new("header", Shape::Header),
                Field::new("status", Shape::Status),
            ]),
        ),
    ],
)];
