//! How a driver behaves.

use core::time::Duration;

use super::memory::ALIGNMENT;
use super::queue::Layout;

/// What a driver is to be like. The default is like Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Bytes of the largest command, answer and event, headers included. At least as much as the largest
    /// event that is ever asked for (R22).
    pub max_message: u16,
    /// Whether to have notifications and delayed responses, if the device offers them.
    pub p2a: bool,
    /// Whether [`Clock::sleep`](super::Clock::sleep) ends by the device's interrupt. Without, the driver polls.
    pub interrupts: bool,
    /// Whether to describe a command by an indirect table, if the device offers that: twice as many then fit.
    pub indirect: bool,
    /// Whether to use event indexes against superfluous notifications, if the device offers them.
    pub event_idx: bool,
    /// How long the device may take to be reset.
    pub reset_patience: Duration,
}

impl Options {
    /// Messages of 136 bytes, events, interrupts, and all that makes it faster.
    pub const DEFAULT: Self = Self {
        max_message: 136,
        p2a: true,
        interrupts: true,
        indirect: true,
        event_idx: true,
        reset_patience: Duration::from_secs(1),
    };

    /// Bytes of shared memory that suffice for a driver with so many entries in its queues, whatever the
    /// device is like.
    pub const fn memory(&self, commands: u16, events: u16) -> usize {
        let [commands, events] = [largest_power(commands), largest_power(events)];
        let rings = Layout::bytes(commands, COMMAND_PARTS).saturating_add(Layout::bytes(events, 0));
        let messages = (commands as usize).saturating_mul(2).saturating_add(events as usize);
        rings.saturating_add(messages.saturating_mul(self.stride())).saturating_add(ALIGNMENT)
    }

    /// From one message to the next in shared memory.
    pub(super) const fn stride(&self) -> usize {
        (self.max_message as usize).next_multiple_of(ALIGNMENT)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Descriptors of a command: one for what it says, one for its answer.
pub(super) const COMMAND_PARTS: u16 = 2;

/// The largest power of two that is not larger; 0 of 0.
// There once: firmware is small.
#[inline(never)]
pub(super) const fn largest_power(number: u16) -> u16 {
    match number.checked_ilog2() {
        Some(log) => 1_u16.wrapping_shl(log),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_as_large_as_a_power_of_two_allows() {
        let numbers = [0, 1, 2, 3, 4, 255, 256, 1000, 32768, u16::MAX];
        assert_eq!(numbers.map(largest_power), [0, 1, 2, 2, 4, 128, 256, 512, 32768, 32768]);
    }
}
