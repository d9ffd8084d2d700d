//! What an agent's end saw.

/// What was sent and came, and what was wrong with it. All numbers wrap around.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Commands that were given to the platform.
    pub commands: u64,
    /// Answers that came.
    pub answers: u64,
    /// Areas that came back with the error bit: the platform could make nothing of the command.
    pub errors: u64,
    /// Answers with a length that is less than a header's or more than the area's.
    pub bad_answers: u64,
    /// Answers that were longer than the room that their command had, and were cut to it.
    pub long_answers: u64,
    /// Notifications and delayed responses that came.
    pub events: u64,
    /// Events with a length that is less than a header's or more than the area's; given back unread.
    pub bad_events: u64,
    /// Commands that nobody heard of, and that were taken back.
    pub unheard: u64,
}
