//! What a platform's end saw.

/// What was served, and every reason for which something was not. All numbers wrap around.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Commands that were found in the area.
    pub commands: u64,
    /// Commands whose answer came later.
    pub deferred: u64,
    /// Rings at an area that was free, or whose command is being answered.
    pub spurious: u64,
    /// Commands with a length that is less than a header's or more than the area's: the error bit.
    pub bad_length: u64,
    /// Commands longer than any of SCMI's: PROTOCOL_ERROR.
    pub long_commands: u64,
    /// Commands that the platform refused to look at: the error bit.
    pub refused: u64,
    /// Late answers that nobody waits for any more.
    pub orphans: u64,
    /// Notifications and delayed responses that were sent.
    pub events: u64,
    /// Rings that nobody heard. What was sent is in its area nevertheless.
    pub unheard: u64,
}
