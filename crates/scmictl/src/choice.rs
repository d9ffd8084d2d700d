//! What can be chosen from: one value of a list, or a range in steps.

use scmi::protocol::clock::agent::RateInfo;
use scmi::protocol::voltage::agent::LevelInfo;
use serde_json::{Value, json};

/// One value of a list, or all from the lowest to the highest in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice<T> {
    One(T),
    Range { lowest: T, highest: T, step: T },
}

impl<T: Copy> Choice<T> {
    /// For people.
    pub(crate) fn text(&self, show: impl Fn(T) -> String) -> String {
        match *self {
            Self::One(value) => show(value),
            Self::Range { lowest, highest, step } => {
                format!("{} to {} by {}", show(lowest), show(highest), show(step))
            }
        }
    }

    /// For programs.
    pub(crate) fn json(&self, each: impl Fn(T) -> Value) -> Value {
        match *self {
            Self::One(value) => each(value),
            Self::Range { lowest, highest, step } => json!({
                "lowest": each(lowest), "highest": each(highest), "step": each(step),
            }),
        }
    }
}

impl From<RateInfo> for Choice<u64> {
    fn from(rates: RateInfo) -> Self {
        match rates {
            RateInfo::One(rate) => Self::One(rate),
            RateInfo::Range { lowest, highest, step } => Self::Range { lowest, highest, step },
        }
    }
}

impl From<LevelInfo> for Choice<i32> {
    fn from(levels: LevelInfo) -> Self {
        match levels {
            LevelInfo::One(level) => Self::One(level),
            LevelInfo::Range { lowest, highest, step } => Self::Range { lowest, highest, step },
        }
    }
}
