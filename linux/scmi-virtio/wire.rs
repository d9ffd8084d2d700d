// SPDX-License-Identifier: GPL-2.0

//! What is in a message: SCMI's header and status, and which answers are taken for one.

use crate::counters::Counter;
use crate::message::{Buffer, PREFIX};

/// SCMI's status COMMS_ERROR: the message was lost. Its caller gets ECOMM.
pub(crate) const COMMS_ERROR: i32 = -7;

/// SCMI's status PROTOCOL_ERROR: what came is not an answer. Its caller gets EPROTO.
pub(crate) const PROTOCOL_ERROR: i32 = -10;

/// How long a header is, in bytes.
pub(crate) const HEADER: usize = 4;

const TYPE_DELAYED_RESPONSE: u32 = 2;
const TYPE_NOTIFICATION: u32 = 3;

/// The header of a command. Bits that a field does not have are left out.
pub(crate) fn header(protocol: u8, message: u8, kind: u8, token: u16) -> u32 {
    u32::from(message)
        | (u32::from(kind) & 3) << 8
        | u32::from(protocol) << 10
        | (u32::from(token) & 0x3ff) << 18
}

/// The token in a header, by which the core finds the call.
pub(crate) fn token(header: u32) -> u32 {
    header >> 18 & 0x3ff
}

fn kind(header: u32) -> u32 {
    header >> 8 & 3
}

/// Whether what the device wrote, `used` bytes as it says, is the answer to this command.
pub(crate) fn judge_answer(
    answer: &Buffer,
    used: usize,
    offered: usize,
    command: u32,
) -> Result<usize, Counter> {
    if used < PREFIX {
        return Err(Counter::Short);
    }
    if used > offered {
        return Err(Counter::Long);
    }
    if answer.word(0) != command {
        return Err(Counter::Header);
    }
    Ok(used)
}

/// Whether what the device wrote is an event; its header.
///
/// A notification without a payload would stop those of its protocol for good: the core takes it for the end of its queue.
pub(crate) fn judge_event(event: &Buffer, used: usize) -> Result<u32, Counter> {
    if used > Buffer::SIZE {
        return Err(Counter::Event);
    }
    let header = event.word(0);
    let enough = match kind(header) {
        TYPE_DELAYED_RESPONSE => PREFIX,
        TYPE_NOTIFICATION => HEADER + 1,
        _ => return Err(Counter::Event),
    };
    if used < enough {
        return Err(Counter::Event);
    }
    Ok(header)
}
