//! The message header, one word.

use core::fmt;

use zerocopy::little_endian::U32;

use super::open::open_number;

open_number! {
    /// Which protocol a message belongs to: 0x10.. standard, 0x80.. vendors.
    pub struct ProtocolId(u8) {
        /// Base, mandatory.
        BASE = 0x10,
        /// Power domain management.
        POWER = 0x11,
        /// System power management.
        SYSTEM = 0x12,
        /// Performance domain management.
        PERF = 0x13,
        /// Clock management.
        CLOCK = 0x14,
        /// Sensor management.
        SENSOR = 0x15,
        /// Reset domain management.
        RESET = 0x16,
        /// Voltage domain management.
        VOLTAGE = 0x17,
        /// Power capping and monitoring.
        POWERCAP = 0x18,
        /// Pin control.
        PINCTRL = 0x19,
    }
}

open_number! {
    /// A message of a protocol. The four that all protocols share have names here; the others are
    /// named in their protocol's table.
    pub struct MessageId(u8) {
        /// Mandatory everywhere.
        PROTOCOL_VERSION = 0x0,
        /// Mandatory everywhere.
        PROTOCOL_ATTRIBUTES = 0x1,
        /// Mandatory everywhere.
        PROTOCOL_MESSAGE_ATTRIBUTES = 0x2,
        /// From release 3.2.
        NEGOTIATE_PROTOCOL_VERSION = 0x10,
    }
}

open_number! {
    /// What kind of message it is, two bits of the header.
    pub struct MessageType(u8) {
        /// A command, and its immediate response.
        COMMAND = 0,
        /// A delayed response.
        DELAYED_RESPONSE = 2,
        /// A notification.
        NOTIFICATION = 3,
    }
}

/// The message header (section 1): `[7:0]` message id, `[9:8]` type, `[17:10]` protocol id, `[27:18]`
/// token, `[31:28]` reserved. Reserved bits are kept as they came.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header(u32);

impl Header {
    /// Bytes of a header.
    pub const BYTES: usize = 4;
    /// Tokens have ten bits.
    pub const TOKEN_MASK: u16 = 0x3FF;

    /// A header from its word.
    pub const fn from_word(word: u32) -> Self {
        Self(word)
    }

    /// The header of a command with a token, of which ten bits count.
    pub const fn command(protocol: ProtocolId, message: MessageId, token: u16) -> Self {
        Self::new(protocol, message, MessageType::COMMAND, token)
    }

    /// The header of a notification; its token is 0.
    pub const fn notification(protocol: ProtocolId, message: MessageId) -> Self {
        Self::new(protocol, message, MessageType::NOTIFICATION, 0)
    }

    const fn new(protocol: ProtocolId, message: MessageId, kind: MessageType, token: u16) -> Self {
        Self(
            message.0 as u32
                | (kind.0 as u32 & 3) << 8
                | (protocol.0 as u32) << 10
                | ((token & Self::TOKEN_MASK) as u32) << 18,
        )
    }

    /// The first word of `bytes`, if there is one.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let word = bytes.first_chunk::<4>()?;
        Some(Self(u32::from_le_bytes(*word)))
    }

    /// The word.
    pub const fn word(self) -> u32 {
        self.0
    }

    /// The four bytes on the wire.
    pub fn to_bytes(self) -> U32 {
        U32::new(self.0)
    }

    /// Which message of its protocol.
    pub const fn message(self) -> MessageId {
        let [id, ..] = self.0.to_le_bytes();
        MessageId(id)
    }

    /// Command, delayed response or notification.
    pub const fn kind(self) -> MessageType {
        let [kind, ..] = (self.0 >> 8 & 3).to_le_bytes();
        MessageType(kind)
    }

    /// Which protocol.
    pub const fn protocol(self) -> ProtocolId {
        let [id, ..] = (self.0 >> 10).to_le_bytes();
        ProtocolId(id)
    }

    /// The token, 0 to 1023.
    pub const fn token(self) -> u16 {
        let [low, high, ..] = (self.0 >> 18 & 0x3FF).to_le_bytes();
        u16::from_le_bytes([low, high])
    }

    /// The header of the delayed response to this command: the same, but for the type.
    pub const fn delayed_response(self) -> Self {
        Self(self.0 & !(3 << 8) | 2 << 8)
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} protocol={:?} message={:#x} token={}",
            self.kind(),
            self.protocol(),
            self.message().0,
            self.token()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_sit_where_section_1_says() {
        // message 6, type 2, protocol 0x15, token 0x155, reserved 0xA.
        let header = Header::from_word(0xA << 28 | 0x155 << 18 | 0x15 << 10 | 2 << 8 | 6);
        assert_eq!(header.message(), MessageId(6));
        assert_eq!(header.kind(), MessageType::DELAYED_RESPONSE);
        assert_eq!(header.protocol(), ProtocolId::SENSOR);
        assert_eq!(header.token(), 0x155);
    }

    #[test]
    fn a_delayed_response_differs_in_its_type_only() {
        let command = Header::command(ProtocolId::SENSOR, MessageId(6), 1023);
        let delayed = command.delayed_response();
        assert_eq!(delayed.word() ^ command.word(), 2 << 8);
    }

    #[test]
    fn tokens_are_cut_to_ten_bits() {
        assert_eq!(Header::command(ProtocolId::BASE, MessageId(0), 0x400).word(), 0x10 << 10);
    }
}
