//! The table of messages of the Pin control protocol.

use super::V1;
use crate::protocol::table::{BitKind, Bits, Field, Layout, MessageInfo, Shape};
use crate::wire::Status;

const SELECTOR: BitKind = BitKind::Names(&[(0, "pin"), (1, "group"), (2, "function")]);
const SELECT: &[Bits] = &[Bits::of("selector", 1, 0, SELECTOR)];

const TYPE: BitKind = BitKind::Names(&[
    (0, "default"),
    (1, "bus hold"),
    (2, "bias disable"),
    (3, "high impedance"),
    (4, "pull up"),
    (5, "pull default"),
    (6, "pull down"),
    (7, "open drain"),
    (8, "open source"),
    (9, "push-pull"),
    (10, "drive strength"),
    (11, "input debounce"),
    (12, "input mode"),
    (13, "pull mode"),
    (14, "input value"),
    (15, "schmitt trigger"),
    (16, "low power"),
    (17, "output mode"),
    (18, "output value"),
    (19, "power source"),
    (20, "slew rate"),
]);

const WHICH: BitKind = BitKind::Names(&[(0, "one type"), (1, "all types"), (2, "function only")]);

const SETTINGS: Layout =
    &[Field::bits("type", &[Bits::of("type", 7, 0, TYPE)]), Field::word("value")];

pub(super) const COMMANDS: &[MessageInfo] = &[
    MessageInfo::command(0x1, "PROTOCOL_ATTRIBUTES", "how many pins, groups and functions", V1)
        .mandatory()
        .returns(&[
            Field::bits(
                "attributes_low",
                &[Bits::number("groups", 31, 16), Bits::number("pins", 15, 0)],
            ),
            Field::bits("attributes_high", &[Bits::number("functions", 15, 0)]),
        ]),
    MessageInfo::command(0x3, "PINCTRL_ATTRIBUTES", "what a pin, group or function is", V1)
        .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS])
        .mandatory()
        .takes(&[Field::word("id"), Field::bits("flags", SELECT)])
        .returns(&[
            Field::bits(
                "attributes",
                &[
                    Bits::flag("extended_name", 31),
                    Bits::flag("gpio", 17),
                    Bits::flag("selects_pins", 16),
                    Bits::number("elements", 15, 0),
                ],
            ),
            Field::new("name", Shape::Name(16)),
        ]),
    MessageInfo::command(
        0x4,
        "PINCTRL_LIST_ASSOCIATIONS",
        "the pins of a group, or what a function can be given to",
        V1,
    )
    .refuses(&[
        Status::NOT_FOUND,
        Status::INVALID_PARAMETERS,
        Status::NOT_SUPPORTED,
        Status::DENIED,
        Status::OUT_OF_RANGE,
    ])
    .takes(&[Field::word("id"), Field::bits("flags", SELECT), Field::word("index")])
    .returns(&[
        Field::bits("count", &[Bits::number("remaining", 31, 16), Bits::number("returned", 11, 0)]),
        Field::new("ids", Shape::ShortIds),
    ]),
    MessageInfo::command(
        0x5,
        "PINCTRL_SETTINGS_GET",
        "function and settings of a pin or group",
        V1,
    )
    .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED])
    .mandatory()
    .takes(&[
        Field::word("id"),
        Field::bits(
            "attributes",
            &[
                Bits::of("which", 19, 18, WHICH),
                Bits::of("selector", 17, 16, SELECTOR),
                Bits::number("skip", 15, 8),
                Bits::of("type", 7, 0, TYPE),
            ],
        ),
    ])
    .returns(&[
        Field::new("function", Shape::Hex),
        Field::bits("count", &[Bits::number("remaining", 31, 24), Bits::number("returned", 7, 0)]),
        Field::new("settings", Shape::Repeat(SETTINGS)),
    ]),
    MessageInfo::command(0x6, "PINCTRL_SETTINGS_CONFIGURE", "set a pin or group up", V1)
        .refuses(&[
            Status::NOT_FOUND,
            Status::INVALID_PARAMETERS,
            Status::NOT_SUPPORTED,
            Status::DENIED,
            Status::IN_USE,
            Status::PROTOCOL_ERROR,
        ])
        .mandatory()
        .takes(&[
            Field::word("id"),
            Field::new("function", Shape::Hex),
            Field::bits(
                "attributes",
                &[
                    Bits::flag("set_function", 10),
                    Bits::number("settings", 9, 2),
                    Bits::of("selector", 1, 0, SELECTOR),
                ],
            ),
            Field::new("settings", Shape::Repeat(SETTINGS)),
        ]),
    MessageInfo::command(0x7, "PINCTRL_REQUEST", "hold a pin or group alone", V1)
        .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS, Status::DENIED, Status::IN_USE])
        .takes(&[Field::word("id"), Field::bits("flags", SELECT)]),
    MessageInfo::command(0x8, "PINCTRL_RELEASE", "let a pin or group go", V1)
        .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS])
        .takes(&[Field::word("id"), Field::bits("flags", SELECT)]),
    MessageInfo::command(0x9, "PINCTRL_NAME_GET", "the long name of a pin, group or function", V1)
        .refuses(&[Status::NOT_FOUND, Status::INVALID_PARAMETERS])
        .takes(&[Field::word("id"), Field::bits("flags", SELECT)])
        .returns(&[Field::new("flags", Shape::Hex), Field::new("name", Shape::Name(64))]),
    MessageInfo::command(0xA, "PINCTRL_SET_PERMISSIONS", "let an agent use a pin, or not", V1)
        .takes(&[Field::word("agent_id"), Field::word("id"), Field::new("flags", Shape::Hex)]),
];
