//! How a frontend behaves.

use core::time::Duration;

use super::error::FrontendError;

/// What a guest without a VM is like. The default is like Linux under QEMU, with longer messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Entries of the command queue, a power of two.
    pub command_entries: u16,
    /// Entries of the event queue, a power of two.
    pub event_entries: u16,
    /// Whether to have an event queue, if the device offers one.
    pub p2a: bool,
    /// How many event buffers are kept in the event queue; at most its entries.
    pub event_buffers: u16,
    /// Bytes of an event buffer.
    pub event_room: u32,
    /// Bytes of the largest command and of the largest answer.
    pub max_message: u32,
    /// Whether to describe a message by an indirect table, if the device offers that.
    pub indirect: bool,
    /// Whether to use event indexes against superfluous notifications, if the device offers them.
    pub event_idx: bool,
    /// Descriptors that a command is cut into.
    pub request_parts: u16,
    /// Descriptors that the room for an answer is cut into.
    pub reply_parts: u16,
    /// Whether to have each message of the handshake acknowledged, if the device offers that.
    pub acknowledge: bool,
    /// Whether to share memory region by region instead of by table, if the device offers that.
    pub memory_slots: bool,
    /// How long the handshake may take, and each later conversation over the socket.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            command_entries: 256,
            event_entries: 256,
            p2a: true,
            event_buffers: 256,
            event_room: 136,
            max_message: 1024,
            indirect: true,
            event_idx: true,
            request_parts: 1,
            reply_parts: 1,
            acknowledge: true,
            memory_slots: false,
            patience: Duration::from_secs(10),
        }
    }
}

impl Options {
    /// The most descriptors that a command can be made of.
    pub(super) fn parts(&self) -> u16 {
        self.request_parts.saturating_add(self.reply_parts)
    }

    /// # Errors
    /// Which option is out of range.
    pub(super) fn check(&self) -> Result<(), FrontendError> {
        let size = |entries: u16| entries.is_power_of_two() && entries <= 32768;
        let refusal = if !size(self.command_entries) || !size(self.event_entries) {
            "queues have a power of two of entries, 1 to 32768"
        } else if self.event_buffers > self.event_entries {
            "there are more event buffers than entries in the event queue"
        } else if !(8..=1 << 20).contains(&self.max_message) || self.event_room > 1 << 20 {
            "messages have 8 bytes to 1 MiB"
        } else if self.request_parts == 0 || self.reply_parts == 0 {
            "a message has at least one descriptor"
        } else if self.parts() > self.command_entries {
            "a message has at most as many descriptors as the queue has entries"
        } else {
            return Ok(());
        };
        Err(FrontendError::Options(refusal))
    }
}
