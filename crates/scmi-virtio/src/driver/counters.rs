//! What a driver did, and what its device did that it should not have.

/// Numbers over all lives of a driver. They count up and wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Times that the device was started.
    pub starts: u64,
    /// Commands that the device was given.
    pub commands: u64,
    /// Command buffers that came back.
    pub replies: u64,
    /// Events that were taken.
    pub events: u64,
    /// Times that the device was kicked.
    pub kicks: u64,
    /// Buffers of which the device claimed to have written more than was offered.
    pub cut: u64,
    /// Event buffers that came back empty, and were posted again.
    pub empty_events: u64,
    /// Times that the device got into trouble, or broke a queue.
    pub troubles: u64,
    /// Commands that were with the device when it was reset: their buffers were reclaimed.
    pub abandoned: u64,
    /// Buffers that the device gave back after it had said that it was reset. Nobody looked at them.
    pub late: u64,
}

/// Adds one to a counter.
pub(super) fn count(counter: &mut u64) {
    *counter = counter.wrapping_add(1);
}

/// Adds to a counter.
pub(super) fn add(counter: &mut u64, more: u16) {
    *counter = counter.wrapping_add(more.into());
}
