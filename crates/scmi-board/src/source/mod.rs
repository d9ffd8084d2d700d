//! Where values come from.
//!
//! All but the file are pure functions of virtual time: the same time gives the same value, whoever
//! asked before and however often. Values are in the units of their channel (10^exponent of its unit).
//! Nothing here allocates once a board is built.

mod file;
mod steps;
mod walk;
mod wave;

pub use file::{FileReader, FileSource, ReadError};
pub use steps::{Step, Steps};
pub use walk::Walk;
pub use wave::{Shape, Wave};

/// Where a channel's values come from.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Source {
    /// Always the same.
    Constant(i64),
    /// A repeated curve.
    Wave(Wave),
    /// A random walk.
    Walk(Walk),
    /// Scripted over time.
    Steps(Steps),
    /// A file of the host, read again and again.
    File(FileSource),
}

impl Source {
    /// The least and the greatest value it ever gives; `None` for a file, of which nothing is known.
    #[must_use]
    pub fn bounds(&self) -> Option<(i64, i64)> {
        match self {
            Self::Constant(value) => Some((*value, *value)),
            Self::Wave(wave) => Some(wave.bounds()),
            Self::Walk(walk) => Some(walk.bounds()),
            Self::Steps(steps) => Some(steps.bounds()),
            Self::File(_) => None,
        }
    }

    /// The value `nanos` nanoseconds after the start; `None` for a file, which needs a [`FileReader`].
    #[must_use]
    pub fn value_at(&self, nanos: u64) -> Option<i64> {
        match self {
            Self::Constant(value) => Some(*value),
            Self::Wave(wave) => Some(wave.value_at(nanos)),
            Self::Walk(walk) => Some(walk.value_at(nanos)),
            Self::Steps(steps) => Some(steps.value_at(nanos)),
            Self::File(_) => None,
        }
    }
}

/// The whole number nearest to the point `done`/`total` of the way between `from` and `to`.
///
/// `done` past `total` means the end.
fn between(from: i64, to: i64, done: u64, total: u64) -> i64 {
    if done >= total {
        return to;
    }
    // A distance below 2^64 times a part below 2^64 fits 128 bits, and so does half of `total` more.
    let way = u128::from(to.abs_diff(from)) * u128::from(done) + u128::from(total / 2);
    let way = u64::try_from(way / u128::from(total)).unwrap_or(u64::MAX);
    if from <= to { from.saturating_add_unsigned(way) } else { from.saturating_sub_unsigned(way) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_point_between_is_the_nearest_whole_number() {
        assert_eq!(between(0, 10, 1, 4), 3);
        assert_eq!(between(10, 0, 1, 4), 7);
        assert_eq!(between(i64::MIN, i64::MAX, 1, 2), 0);
        assert_eq!(between(i64::MIN, i64::MAX, u64::MAX - 1, u64::MAX), i64::MAX - 1);
        assert_eq!(between(1, 5, 3, 0), 5);
    }

    proptest! {
        #[test]
        fn a_point_between_never_leaves_the_way(from: i64, to: i64, done: u64, total: u64) {
            let point = between(from, to, done, total);
            prop_assert!((from.min(to)..=from.max(to)).contains(&point));
        }
    }
}
