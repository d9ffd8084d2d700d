//! What was dropped, and why.

/// What an agent dropped, and why. They count up and wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Answers to calls that had been given up.
    pub late: u64,
    /// Answers that nobody had asked for: unknown buffers or those of an earlier use or an earlier life of the
    /// channel, unknown tokens, a second answer.
    pub unexpected: u64,
    /// Messages too short for a header, or of a type that has no business there.
    pub malformed: u64,
    /// Notifications that nobody took in time.
    pub events_lost: u64,
    /// Answers in the right buffer but with another header, or without a status. They end their calls.
    pub spoiled: u64,
    /// Messages longer than the room for them; what was too much is dropped, the rest is not.
    pub cut: u64,
    /// Answers that nobody took before their call's deadline, and whose slot another call needed.
    pub abandoned: u64,
    /// Calls whose deadline came.
    pub timed_out: u64,
    /// Calls that ended because their channel did.
    pub closed: u64,
}

impl Counters {
    pub(super) const ZERO: Self = Self {
        late: 0,
        unexpected: 0,
        malformed: 0,
        events_lost: 0,
        spoiled: 0,
        cut: 0,
        abandoned: 0,
        timed_out: 0,
        closed: 0,
    };
}

/// Counts one.
pub(super) const fn count(counter: &mut u64) {
    *counter = counter.wrapping_add(1);
}
