//! The table of messages of the System power protocol.

use super::{V1, V2};
use crate::protocol::table::{BitKind, Bits, Field, MessageInfo, Shape, When};
use crate::wire::Status;

const FLAGS: Field = Field::bits("flags", &[Bits::flag("graceful", 0)]);
const STATE: Field = Field::bits("system_state", &[Bits::of("state", 31, 0, STATES)]);
const STATES: BitKind = BitKind::Names(&[
    (0, "shutdown"),
    (1, "cold reset"),
    (2, "warm reset"),
    (3, "power up"),
    (4, "suspend"),
]);

pub(super) const COMMANDS: &[MessageInfo] = &[
    MessageInfo::command(0x1, "PROTOCOL_ATTRIBUTES", "nothing yet", V1)
        .mandatory()
        .returns(&[Field::new("attributes", Shape::Hex)]),
    MessageInfo::command(0x3, "SYSTEM_POWER_STATE_SET", "shut down, reset or suspend", V1)
        .refuses(&[Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED, Status::DENIED])
        .mandatory()
        .takes(&[FLAGS, STATE]),
    MessageInfo::command(0x4, "SYSTEM_POWER_STATE_GET", "the state of the system", V1)
        .refuses(&[Status::NOT_SUPPORTED])
        .mandatory()
        .returns(&[STATE]),
    MessageInfo::command(
        0x5,
        "SYSTEM_POWER_STATE_NOTIFY",
        "send or stop SYSTEM_POWER_STATE_NOTIFIER",
        V1,
    )
    .refuses(&[Status::INVALID_PARAMETERS, Status::NOT_SUPPORTED])
    .needs_p2a()
    .takes(&[Field::bits("notify_enable", &[Bits::flag("enable", 0)])]),
];

pub(super) const NOTIFICATIONS: &[MessageInfo] = &[MessageInfo::notification(
    0x0,
    "SYSTEM_POWER_STATE_NOTIFIER",
    "the system is to be shut down, reset or suspended",
    V1,
    &[Field::word("agent_id"), FLAGS, STATE, Field::word("timeout_ms").only(When::Since(V2))],
)];
