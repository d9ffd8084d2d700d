//! The table of messages of the Powercap protocol.

use super::V1;
use crate::protocol::fastchannel;
use crate::protocol::table::{BitKind, Bits, Field, Layout, MessageInfo, Shape};
use crate::wire::Status;

const POWER_UNIT: BitKind = BitKind::Names(&[(0, "abstract"), (1, "uW"), (2, "mW")]);
const DOMAIN: Field = Field::word("domain_id");
const CAP: Field = Field::word("power_cap");
const PAI: Field = Field::word("pai");
const ENABLE: Field = Field::bits("notify_enable", &[Bits::flag("enable", 0)]);

const DOMAIN_ATTRIBUTES: Layout = &[
    Field::bits(
        "attributes",
        &[
            Bits::flag("cap_notifications", 31),
            Bits::flag("measurement_notifications", 30),
            Bits::flag("async", 29),
            Bits::flag("extended_name", 28),
            Bits::flag("set_cap", 27),
            Bits::flag("monitoring", 26),
            Bits::flag("set_pai", 25),
            Bits::of("power_unit", 24, 23, POWER_UNIT),
            Bits::flag("fast_channels", 22),
        ],
    ),
    Field::new("name", Shape::Name(16)),
    Field::word("min_pai"),
    Field::word("max_pai"),
    Field::word("pai_step"),
    Field::word("min_cap"),
    Field::word("max_cap"),
    Field::word("cap_step"),
    Field::word("sustainable_power"),
    Field::word("accuracy"),
    Field::new("parent_id", Shape::Hex),
];

pub(super) const COMMANDS: &[MessageInfo] = &[
    MessageInfo::command(0x1, "PROTOCOL_ATTRIBUTES", "how many powercap domains there are", V1)
        .mandatory()
        .returns(&[Field::bits("attributes", &[Bits::number("domains", 15, 0)])]),
    MessageInfo::command(0x3, "POWERCAP_DOMAIN_ATTRIBUTES", "what a powercap domain can", V1)
        .refuses(&[Status::NOT_FOUND])
        .mandatory()
        .takes(&[DOMAIN])
        .returns(DOMAIN_ATTRIBUTES),
    MessageInfo::command(0x4, "POWERCAP_CAP_GET", "the power cap of a domain", V1)
        .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED])
        .takes(&[DOMAIN])
        .returns(&[CAP]),
    MessageInfo::command(0x5, "POWERCAP_CAP_SET", "set the power cap of a domain", V1)
        .refuses(&[
            Status::NOT_FOUND,
            Status::INVALID_PARAMETERS,
            Status::NOT_SUPPORTED,
            Status::DENIED,
            Status::BUSY,
        ])
        .takes(&[
            DOMAIN,
            Field::bits("flags", &[Bits::flag("async", 1), Bits::flag("no_response", 0)]),
            CAP,
        ])
        .delayed(&[DOMAIN, CAP]),
    MessageInfo::command(0x6, "POWERCAP_PAI_GET", "the power averaging interval of a domain", V1)
        .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED])
        .takes(&[DOMAIN])
        .returns(&[PAI]),
    MessageInfo::command(
        0x7,
        "POWERCAP_PAI_SET",
        "set the power averaging interval of a domain",
        V1,
    )
    .refuses(&[
        Status::NOT_FOUND,
        Status::INVALID_PARAMETERS,
        Status::NOT_SUPPORTED,
        Status::DENIED,
        Status::BUSY,
    ])
    .takes(&[DOMAIN, Field::new("flags", Shape::Hex), PAI]),
    MessageInfo::command(0x8, "POWERCAP_DOMAIN_NAME_GET", "a powercap domain's long name", V1)
        .refuses(&[Status::NOT_FOUND])
        .takes(&[DOMAIN])
        .returns(&[Field::new("flags", Shape::Hex), Field::new("name", Shape::Name(64))]),
    MessageInfo::command(0x9, "POWERCAP_MEASUREMENTS_GET", "the average power of a domain", V1)
        .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED, Status::DENIED])
        .takes(&[DOMAIN])
        .returns(&[Field::word("power"), PAI]),
    MessageInfo::command(0xA, "POWERCAP_CAP_NOTIFY", "send or stop POWERCAP_CAP_CHANGED", V1)
        .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED])
        .needs_p2a()
        .takes(&[DOMAIN, ENABLE]),
    MessageInfo::command(
        0xB,
        "POWERCAP_MEASUREMENTS_NOTIFY",
        "send or stop POWERCAP_MEASUREMENTS_CHANGED",
        V1,
    )
    .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED])
    .needs_p2a()
    .takes(&[DOMAIN, ENABLE, Field::word("low"), Field::word("high")]),
    MessageInfo::command(0xC, "POWERCAP_DESCRIBE_FASTCHANNEL", "the fast channel of a message", V1)
        .refuses(&[Status::NOT_FOUND, Status::NOT_SUPPORTED])
        .takes(fastchannel::QUESTION)
        .returns(fastchannel::ANSWER),
];

pub(super) const NOTIFICATIONS: &[MessageInfo] = &[
    MessageInfo::notification(
        0x0,
        "POWERCAP_CAP_CHANGED",
        "the power cap or the averaging interval of a domain has changed",
        V1,
        &[Field::word("agent_id"), DOMAIN, CAP, PAI],
    ),
    MessageInfo::notification(
        0x1,
        "POWERCAP_MEASUREMENTS_CHANGED",
        "the average power of a domain has left the thresholds",
        V1,
        &[Field::word("agent_id"), DOMAIN, Field::word("power")],
    ),
];
