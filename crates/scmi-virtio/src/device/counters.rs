//! What the device did with the chains it was offered.

/// How many chains met which end. The numbers only grow, over all lives of the driver, and stop at the
/// largest one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Chains taken from the command queue.
    pub commands: u64,
    /// Commands completed with an answer, the refused ones included.
    pub answered: u64,
    /// Commands whose answer was deferred.
    pub deferred: u64,
    /// Deferred commands that a stopping queue cut short with COMMS_ERROR.
    pub cut_short: u64,
    /// Deferred answers whose command was gone.
    pub orphans: u64,
    /// Commands without a readable part.
    pub no_request: u64,
    /// Commands of one to three bytes.
    pub short_request: u64,
    /// Commands longer than any message; answered with PROTOCOL_ERROR.
    pub long_request: u64,
    /// Commands with room for less than a header, not executed.
    pub no_room: u64,
    /// Commands that the platform left unanswered.
    pub refused: u64,
    /// Commands with a readable descriptor behind a writable one.
    pub bad_order: u64,
    /// Chains on either queue that do not end.
    pub bad_table: u64,
    /// Chains on either queue that lie outside the guest's memory.
    pub outside_memory: u64,
    /// Entries of either ring that name no chain.
    pub lost_entries: u64,
    /// Times a ring was found in disorder as a whole.
    pub unusable_ring: u64,
    /// Events written.
    pub events: u64,
    /// Event buffers with a readable part, given back (R21).
    pub readable_event_buffers: u64,
    /// Event buffers without room for a header, given back.
    pub empty_event_buffers: u64,
    /// Event buffers given back because a delayed response did not fit.
    pub small_event_buffers: u64,
}

impl Counters {
    /// Commands that were completed without an answer.
    pub fn dropped(&self) -> u64 {
        [
            self.no_request,
            self.short_request,
            self.no_room,
            self.refused,
            self.bad_order,
            self.bad_table,
            self.outside_memory,
            self.lost_entries,
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }

    /// Every counter with its name, for logs.
    pub fn items(&self) -> [(&'static str, u64); 19] {
        [
            ("commands", self.commands),
            ("answered", self.answered),
            ("deferred", self.deferred),
            ("cut_short", self.cut_short),
            ("orphans", self.orphans),
            ("no_request", self.no_request),
            ("short_request", self.short_request),
            ("long_request", self.long_request),
            ("no_room", self.no_room),
            ("refused", self.refused),
            ("bad_order", self.bad_order),
            ("bad_table", self.bad_table),
            ("outside_memory", self.outside_memory),
            ("lost_entries", self.lost_entries),
            ("unusable_ring", self.unusable_ring),
            ("events", self.events),
            ("readable_event_buffers", self.readable_event_buffers),
            ("empty_event_buffers", self.empty_event_buffers),
            ("small_event_buffers", self.small_event_buffers),
        ]
    }
}

/// Adds one to a counter.
pub(super) fn count(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}
