//! Values scripted over time.

use core::num::NonZeroU64;

use super::between;

/// Values at given times, held or joined by straight lines, once or again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    first: Step,
    rest: Vec<Step>,
    repeat: Option<NonZeroU64>,
    interpolate: bool,
}

/// From this time on, this value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Nanoseconds after the start.
    pub at: u64,
    /// The value.
    pub value: i64,
}

impl Steps {
    /// `first`, then `rest`, whose times must ascend.
    ///
    /// Before the first time its value holds already. With `repeat` the script starts over after that many
    /// nanoseconds. With `interpolate` the value moves on a straight line from each step to the next, and in a
    /// repeated script from the last one back to the first.
    ///
    /// `None` where times do not ascend or `repeat` is not after the last of them.
    #[must_use]
    pub fn new(
        first: Step,
        rest: Vec<Step>,
        repeat: Option<NonZeroU64>,
        interpolate: bool,
    ) -> Option<Self> {
        let mut last = first.at;
        for step in &rest {
            if step.at <= last {
                return None;
            }
            last = step.at;
        }
        if repeat.is_some_and(|repeat| repeat.get() <= last) {
            return None;
        }
        Some(Self { first, rest, repeat, interpolate })
    }

    /// The least and the greatest value.
    #[must_use]
    pub fn bounds(&self) -> (i64, i64) {
        let widen =
            |(min, max): (i64, i64), step: &Step| (min.min(step.value), max.max(step.value));
        self.rest.iter().fold((self.first.value, self.first.value), widen)
    }

    /// The value at `nanos` nanoseconds after the start.
    #[must_use]
    pub fn value_at(&self, nanos: u64) -> i64 {
        let now = self.repeat.map_or(nanos, |repeat| nanos % repeat);
        let passed = self.rest.partition_point(|step| step.at <= now);
        let current =
            passed.checked_sub(1).and_then(|index| self.rest.get(index)).unwrap_or(&self.first);
        if !self.interpolate || now < current.at {
            return current.value;
        }
        match (self.rest.get(passed), self.repeat) {
            (Some(next), _) => line(current, next, now),
            (None, Some(repeat)) => {
                line(current, &Step { at: repeat.get(), value: self.first.value }, now)
            }
            (None, None) => current.value,
        }
    }
}

fn line(from: &Step, to: &Step, now: u64) -> i64 {
    between(from.value, to.value, now.saturating_sub(from.at), to.at.saturating_sub(from.at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn steps(points: &[(u64, i64)], repeat: u64, interpolate: bool) -> Option<Steps> {
        let mut points = points.iter().map(|(at, value)| Step { at: *at, value: *value });
        let first = points.next()?;
        Steps::new(first, points.collect(), NonZeroU64::new(repeat), interpolate)
    }

    fn at(steps: &Steps, times: &[u64]) -> Vec<i64> {
        times.iter().map(|nanos| steps.value_at(*nanos)).collect()
    }

    #[test]
    fn a_value_holds_until_the_next() {
        let steps = steps(&[(10, 1), (20, 5), (30, -5)], 0, false).unwrap();
        assert_eq!(at(&steps, &[0, 10, 19, 20, 29, 30, u64::MAX]), [1, 1, 1, 5, 5, -5, -5]);
        assert_eq!(steps.bounds(), (-5, 5));
    }

    #[test]
    fn a_script_starts_over() {
        let steps = steps(&[(0, 1), (20, 5)], 30, false).unwrap();
        assert_eq!(at(&steps, &[0, 19, 20, 29, 30, 50, 60]), [1, 1, 5, 5, 1, 5, 1]);
    }

    #[test]
    fn straight_lines_lead_to_the_next_value() {
        let once = steps(&[(10, 0), (20, 100)], 0, true).unwrap();
        assert_eq!(at(&once, &[0, 10, 15, 20, 99]), [0, 0, 50, 100, 100]);
        let again = steps(&[(0, 0), (10, 100)], 20, true).unwrap();
        assert_eq!(at(&again, &[0, 5, 10, 15, 20]), [0, 50, 100, 50, 0]);
    }

    #[test]
    fn times_that_do_not_ascend_are_refused() {
        assert_eq!(steps(&[(0, 1), (0, 2)], 0, false), None);
        assert_eq!(steps(&[(5, 1), (4, 2)], 0, false), None);
        assert_eq!(steps(&[(0, 1), (10, 2)], 10, false), None);
    }

    proptest! {
        #[test]
        fn a_script_stays_within_its_values(
            times in proptest::collection::btree_set(0_u64..1000, 1..8),
            values in proptest::collection::vec(any::<i64>(), 8),
            repeat in 0_u64..2000,
            interpolate: bool,
            nanos: u64,
        ) {
            let points: Vec<(u64, i64)> = times.into_iter().zip(values).collect();
            if let Some(steps) = steps(&points, repeat, interpolate) {
                let (min, max) = steps.bounds();
                prop_assert!((min..=max).contains(&steps.value_at(nanos)));
                prop_assert!((min..=max).contains(&steps.value_at(nanos % 2500)));
            }
        }
    }
}
