//! What binds a command to its reply.

use super::{MessageId, ProtocolId, Record};

/// The parameters of a command, bound to the fixed part of what it returns.
///
/// Both ends share it, so they cannot drift. Where a list follows the fixed part, the record says so.
pub trait Message: Record {
    /// The message's id in its protocol.
    const ID: MessageId;
    /// The values after the status word, as far as their size is fixed.
    type Reply: Record;
}

/// A message of one protocol (the common ones belong to all).
pub trait Command: Message {
    /// The protocol that has it.
    const PROTOCOL: ProtocolId;
}

/// A reply without values.
pub type Nothing = [u8; 0];
