//! `[[fault]]`.

use scmi::protocol;

use super::{Kind, OTHER, Table, U32, U64, key, required};
use crate::check::{MOMENTS, statuses};

/// A byte.
const BYTE: Kind = Kind::Integer(0, 255);

/// From one on.
const SOME: Kind = Kind::Integer(1, 0xFFFF_FFFF);

/// Bytes of a message.
const BYTES: Kind = Kind::Integer(1, 4096);

pub(super) static FAULT: Kind = Kind::Table(&Table {
    keys: &[
        key("name", Kind::Name(63), "What reports call it"),
        key("agent", OTHER, "Whose messages; everybody's where it is not said"),
        key(
            "on",
            Kind::Words(|| MOMENTS.map(|(word, _)| word.to_owned()).into()),
            "Which messages; answers, or what message is",
        ),
        key(
            "protocol",
            Kind::Any(&[
                Kind::Words(|| protocol::ALL.iter().map(|info| info.name.to_owned()).collect()),
                BYTE,
            ]),
            "Of which protocol",
        ),
        key("message", Kind::Any(&[Kind::Text, BYTE]), "Which message of the protocol"),
        key(
            "resource",
            Kind::Any(&[U32, Kind::Text]),
            "The domain, clock, sensor or pin: its id as the agent knows it, or its name on the board",
        ),
        key(
            "after",
            Kind::Any(&[Kind::Integer(0, 0xFFFF_FFFF), Kind::Time]),
            "So many that match pass first; or nothing is done before this time",
        ),
        key("every", SOME, "Each of so many that match"),
        key("probability", Kind::Number, "0 to 1: how likely it is then"),
        key("seed", U64, "Of the probability"),
        key("count", SOME, "How often at most"),
        required("do", Kind::Table(&DO), "What is done"),
    ],
});

static DO: Table = Table {
    keys: &[
        key("delay", Kind::Time, "It comes so much later: at most 1 h"),
        key("never", Kind::Boolean, "It does not come"),
        key(
            "status",
            Kind::Any(&[Kind::Words(statuses), Kind::Integer(-0x8000_0000, 0x7FFF_FFFF)]),
            "It says this, and nothing behind it; the command is not executed",
        ),
        key("truncate", Kind::Integer(0, 4096), "It ends after so many bytes, header included"),
        key("extend", BYTES, "So many bytes more follow, as far as there is room"),
        key("garble", Kind::Boolean, "All values are 0xFF"),
        key("token", Kind::Integer(1, 1023), "Its token is so much higher, modulo 1024"),
        key("header", Kind::Table(&HEADER), "Its header says something else"),
        key("twice", Kind::Boolean, "It comes twice"),
        key("swap", Kind::Boolean, "It comes after the next answer"),
        key("event-queue", Kind::Boolean, "The answer comes on the event queue"),
        key("unrequested", Kind::Boolean, "A delayed response that nobody asked for follows"),
        key("flood", Kind::Table(&FLOOD), "It comes again and again"),
        key(
            "used-length",
            Kind::Any(&[U32, Kind::Text]),
            "What the device says it wrote: a number, or a difference such as \"+8\"",
        ),
    ],
};

static HEADER: Table = Table {
    keys: &[
        key("message", BYTE, "Bits 7:0"),
        key("type", Kind::Integer(0, 3), "Bits 9:8"),
        key("protocol", BYTE, "Bits 17:10"),
        key("reserved", Kind::Integer(0, 15), "Bits 31:28"),
    ],
};

static FLOOD: Table = Table {
    keys: &[
        required("count", Kind::Integer(1, 1_000_000), "How often"),
        key(
            "per-second",
            Kind::Integer(1, 1_000_000),
            "How often a second; as fast as there are buffers where it is not said",
        ),
    ],
};
