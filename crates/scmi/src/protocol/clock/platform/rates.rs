//! The rates that a clock can have.

use alloc::vec::Vec;

use super::super::wire::Rounding;
use crate::wire::Status;

/// The rates that a clock can have, in hertz.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rates {
    /// These, lowest first; at least one. Linux 6.12 takes at most 16 of a clock.
    List(Vec<u64>),
    /// All from the lowest to the highest, in steps.
    Range {
        /// The lowest.
        lowest: u64,
        /// The highest, not below the lowest.
        highest: u64,
        /// From one to the next; not 0: old kernels divide by it.
        step: u64,
    },
}

impl Rates {
    /// The rate to set when `wanted` is asked for.
    ///
    /// # Errors
    /// [`Status::INVALID_PARAMETERS`] below the lowest or above the highest.
    pub fn round(&self, wanted: u64, rounding: Rounding) -> Result<u64, Status> {
        let (below, above) = match self {
            Self::List(list) => around_in_list(list, wanted),
            Self::Range { lowest, highest, step } => {
                around_in_range(*lowest, *highest, *step, wanted)
            }
        }
        .ok_or(Status::INVALID_PARAMETERS)?;
        Ok(match rounding {
            Rounding::Down => below,
            Rounding::Up => above,
            Rounding::Nearest if above.abs_diff(wanted) < wanted.abs_diff(below) => above,
            Rounding::Nearest => below,
        })
    }

    /// What is wrong with them, if anything is.
    pub(super) fn mistake(&self) -> Option<&'static str> {
        match self {
            Self::List(list) if list.is_empty() => Some("it has no rates"),
            Self::List(list) if list.len() > usize::from(u16::MAX) => {
                Some("it has more than 65535 rates")
            }
            Self::List(list) if !list.is_sorted_by(|one, next| one < next) => {
                Some("its rates are not in ascending order")
            }
            Self::Range { lowest, highest, .. } if lowest > highest => {
                Some("its lowest rate is above its highest")
            }
            Self::Range { step: 0, .. } => Some("the step between its rates is 0"),
            Self::List(_) | Self::Range { .. } => None,
        }
    }
}

/// The nearest rates not above and not below; the same twice for one that there is.
fn around_in_list(list: &[u64], wanted: u64) -> Option<(u64, u64)> {
    let below = list.iter().rev().find(|rate| **rate <= wanted)?;
    let above = list.iter().find(|rate| **rate >= wanted)?;
    Some((*below, *above))
}

/// The same in a range. The highest rate is one even where it is no whole number of steps from the lowest.
fn around_in_range(lowest: u64, highest: u64, step: u64, wanted: u64) -> Option<(u64, u64)> {
    if !(lowest..=highest).contains(&wanted) {
        return None;
    }
    let beyond = wanted.saturating_sub(lowest).checked_rem(step)?;
    if beyond == 0 || wanted == highest {
        return Some((wanted, wanted));
    }
    let below = wanted.saturating_sub(beyond);
    Some((below, below.saturating_add(step).min(highest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    #[test]
    fn a_rate_that_is_not_in_the_list_is_rounded_as_asked() {
        let list = Rates::List(vec![100, 200, 400]);
        assert_eq!(list.round(200, Rounding::Down), Ok(200));
        assert_eq!(list.round(399, Rounding::Down), Ok(200));
        assert_eq!(list.round(201, Rounding::Up), Ok(400));
        assert_eq!(list.round(300, Rounding::Nearest), Ok(200));
        assert_eq!(list.round(301, Rounding::Nearest), Ok(400));
        assert_eq!(list.round(99, Rounding::Up), Err(Status::INVALID_PARAMETERS));
        assert_eq!(list.round(401, Rounding::Down), Err(Status::INVALID_PARAMETERS));
    }

    #[test]
    fn a_range_has_its_steps_and_both_ends() {
        let range = Rates::Range { lowest: 10, highest: 25, step: 10 };
        assert_eq!(range.round(20, Rounding::Up), Ok(20));
        assert_eq!(range.round(24, Rounding::Down), Ok(20));
        assert_eq!(range.round(21, Rounding::Up), Ok(25));
        assert_eq!(range.round(25, Rounding::Down), Ok(25));
        assert_eq!(range.round(14, Rounding::Nearest), Ok(10));
        assert_eq!(range.round(16, Rounding::Nearest), Ok(20));
        assert_eq!(range.round(9, Rounding::Up), Err(Status::INVALID_PARAMETERS));
        let whole = Rates::Range { lowest: 0, highest: u64::MAX, step: u64::MAX };
        assert_eq!(whole.round(u64::MAX - 1, Rounding::Nearest), Ok(u64::MAX));
    }

    #[test]
    fn rates_that_cannot_be_are_named() {
        assert!(Rates::List(vec![]).mistake().is_some());
        assert!(Rates::List(vec![1, 1]).mistake().is_some());
        assert!(Rates::Range { lowest: 2, highest: 1, step: 1 }.mistake().is_some());
        assert!(Rates::Range { lowest: 1, highest: 2, step: 0 }.mistake().is_some());
        assert_eq!(Rates::Range { lowest: 1, highest: 1, step: 1 }.mistake(), None);
    }
}
