//! The few numbers that say what many numbers are like.

use serde::Serialize;

/// The median of some numbers, and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The middle one, or halfway between the two in the middle.
    pub median: f64,
    /// The lowest.
    pub min: f64,
    /// The highest.
    pub max: f64,
}

impl Spread {
    /// The spread of some numbers; none of no numbers.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = numbers.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let upper = *sorted.get(sorted.len() / 2)?;
        let lower = *sorted.get((sorted.len() - 1) / 2)?;
        Some(Self { median: f64::midpoint(lower, upper), min, max })
    }

    /// The spread of the quotients, number by number. Rounds are compared with the rounds beside them, so that
    /// what slows down the whole machine for a while does not count.
    pub fn of_ratios(
        numbers: impl IntoIterator<Item = f64>,
        to: impl IntoIterator<Item = f64>,
    ) -> Option<Self> {
        Self::of(numbers.into_iter().zip(to).map(|(number, to)| number / to))
    }
}

/// The smallest of the numbers that at least `percent` in a hundred of them do not exceed (the nearest rank). It
/// reorders them.
pub(crate) fn percentile(numbers: &mut [u32], percent: usize) -> Option<u32> {
    let rank = (numbers.len() * percent.min(100)).div_ceil(100);
    let index = rank.max(1) - 1;
    if index >= numbers.len() {
        return None;
    }
    let (_, number, _) = numbers.select_nth_unstable(index);
    Some(*number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        let odd = Spread::of([3.0, 1.0, 10.0]).expect("numbers");
        assert_eq!(odd, Spread { median: 3.0, min: 1.0, max: 10.0 });
        let even = Spread::of([4.0, 1.0, 10.0, 2.0]).expect("numbers");
        assert_eq!(even, Spread { median: 3.0, min: 1.0, max: 10.0 });
        let one = Spread::of([7.0]).expect("a number");
        assert_eq!(one, Spread { median: 7.0, min: 7.0, max: 7.0 });
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        // The machine was half as fast in the second round; the ratio does not show it.
        let ratios = Spread::of_ratios([100.0, 50.0, 100.0], [50.0, 25.0, 50.0]).expect("numbers");
        assert_eq!(ratios, Spread { median: 2.0, min: 2.0, max: 2.0 });
    }

    #[test]
    fn percentiles_are_numbers_that_were_seen() {
        let mut hundred: Vec<u32> = (1..=100).rev().collect();
        assert_eq!(percentile(&mut hundred, 50), Some(50));
        assert_eq!(percentile(&mut hundred, 99), Some(99));
        assert_eq!(percentile(&mut hundred, 100), Some(100));
        assert_eq!(percentile(&mut hundred, 0), Some(1));
        let mut few = [30, 10, 20];
        assert_eq!(percentile(&mut few, 50), Some(20));
        assert_eq!(percentile(&mut few, 99), Some(30));
        assert_eq!(percentile(&mut [], 50), None);
    }
}
