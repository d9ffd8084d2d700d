//! The levels that a voltage domain can have.

use alloc::vec::Vec;

use crate::protocol::page::{from_index, list, triplet};
use crate::wire::{I32, Status, Writer};

/// The levels that a voltage domain can have, in microvolts; those of a negative rail are negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Levels {
    /// These, lowest first; at least one.
    List(Vec<i32>),
    /// All from the lowest to the highest, in steps.
    Range {
        /// The lowest.
        lowest: i32,
        /// The highest, not below the lowest.
        highest: i32,
        /// From one to the next; more than 0: Linux divides by it.
        step: i32,
    },
}

impl Levels {
    /// Whether a level is one of them. The highest is one even where it is no whole number of steps from the lowest.
    pub fn has(&self, level: i32) -> bool {
        match self {
            Self::List(list) => list.binary_search(&level).is_ok(),
            Self::Range { lowest, highest, step } => {
                let beyond = i64::from(level).checked_sub((*lowest).into());
                let rest = beyond.and_then(|beyond| beyond.checked_rem((*step).into()));
                (*lowest..=*highest).contains(&level) && (rest == Some(0) || level == *highest)
            }
        }
    }

    /// What is wrong with them, if anything is.
    pub(super) fn mistake(&self) -> Option<&'static str> {
        match self {
            Self::List(list) if list.is_empty() => Some("it has no levels"),
            Self::List(list) if list.len() > usize::from(u16::MAX) => {
                Some("it has more than 65535 levels")
            }
            Self::List(list) if !list.is_sorted_by(|one, next| one < next) => {
                Some("its levels are not in ascending order")
            }
            Self::Range { lowest, highest, .. } if lowest > highest => {
                Some("its lowest level is above its highest")
            }
            Self::Range { step, .. } if *step <= 0 => {
                Some("the step between its levels is not above 0")
            }
            Self::List(_) | Self::Range { .. } => None,
        }
    }

    /// VOLTAGE_DESCRIBE_LEVELS.
    pub(super) fn describe(&self, index: u32, reply: &mut Writer<'_>) -> Result<(), Status> {
        match self {
            Self::List(all) => {
                let rest = from_index(all, index, Status::OUT_OF_RANGE)?;
                list(reply, rest, |level| I32::new(*level))
            }
            Self::Range { lowest, highest, step } => {
                triplet(reply, [*lowest, *highest, *step].map(I32::new))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    #[test]
    fn a_range_has_its_steps_and_both_ends() {
        let rail = Levels::Range { lowest: -1_000, highest: 500, step: 400 };
        let has = [-1_000, -600, -200, 200, 500].map(|level| rail.has(level));
        assert_eq!(has, [true; 5]);
        let has_not = [-1_400, -999, 0, 499, 501, 600].map(|level| rail.has(level));
        assert_eq!(has_not, [false; 6]);
        assert!(Levels::Range { lowest: i32::MIN, highest: i32::MAX, step: 1 }.has(0));
    }

    #[test]
    fn levels_that_cannot_be_are_named() {
        assert!(Levels::List(vec![]).mistake().is_some());
        assert!(Levels::List(vec![1, -1]).mistake().is_some());
        assert!(Levels::Range { lowest: 1, highest: 0, step: 1 }.mistake().is_some());
        assert!(Levels::Range { lowest: 0, highest: 1, step: 0 }.mistake().is_some());
        assert_eq!(Levels::List(vec![-5, 5]).mistake(), None);
    }
}
