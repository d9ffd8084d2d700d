//! A random walk that can be asked at any time.
//!
//! A walk that adds one random step after the other would have to be taken from the start for every
//! reading, or to remember where it stands. This one is built from the coarse to the fine instead: the
//! two ends of the longest span are given, and each halving puts the point in the middle at the average of
//! the ends, moved by a random distance that shrinks with the square root of the span, as the spread of a
//! random walk does. The random numbers are a hash of seed, level and place, so the value at one time
//! depends on nothing else, and finding it takes [`LEVELS`] halvings, whatever the time.

use core::f64::consts::SQRT_2;
use core::num::NonZeroU64;

/// Halvings from the longest span to a single step: 2^45 steps of a millisecond are 1,115 years.
const LEVELS: u32 = 45;

/// A random walk between two bounds, at which it turns around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    min: i64,
    max: i64,
    start: i64,
    step: u64,
    every: NonZeroU64,
    seed: u64,
}

impl Walk {
    /// The shortest time between two steps, in nanoseconds.
    pub const MIN_EVERY: u64 = 1_000_000;

    /// A walk from `start` that moves by at most `step` every `every` nanoseconds, between the two `bounds`.
    ///
    /// The bounds may come in either order, `start` is moved between them, and `every` is at least
    /// [`Walk::MIN_EVERY`].
    #[must_use]
    pub fn new(bounds: (i64, i64), start: i64, step: u64, every: NonZeroU64, seed: u64) -> Self {
        let (min, max) = (bounds.0.min(bounds.1), bounds.0.max(bounds.1));
        let every = every.max(NonZeroU64::new(Self::MIN_EVERY).unwrap_or(every));
        Self { min, max, start: start.clamp(min, max), step, every, seed }
    }

    /// The least and the greatest value.
    #[must_use]
    pub fn bounds(&self) -> (i64, i64) {
        (self.min, self.max)
    }

    /// The value at `nanos` nanoseconds after the start; it changes every `every` nanoseconds.
    #[must_use]
    pub fn value_at(&self, nanos: u64) -> i64 {
        let free = self.start as f64 - self.min as f64 + self.distance(nanos / self.every);
        self.folded(free)
    }

    /// How far the walk would be from its start after `steps` steps if nothing held it.
    ///
    /// Two points of a span of 2^n steps differ by the average of its halves' slopes; the sum over all
    /// levels of what the random moves add to one step is 2 (1 + sqrt(2)) times the unit, so the unit below
    /// keeps every step within `step`.
    fn distance(&self, steps: u64) -> f64 {
        let unit = self.step as f64 / (2.0 * (1.0 + SQRT_2));
        let (mut left, mut right) = (0.0, 0.0);
        let mut spread =
            unit * f64::from(1_u32 << (LEVELS / 2)) * if LEVELS % 2 == 1 { SQRT_2 } else { 1.0 };
        for level in (1..=LEVELS).rev() {
            let middle = f64::midpoint(left, right) + spread * self.random(level, steps >> level);
            if steps >> (level - 1) & 1 == 0 {
                right = middle;
            } else {
                left = middle;
            }
            spread /= SQRT_2;
        }
        left
    }

    /// A number from -1 to 1 that belongs to one place of the walk (splitmix64).
    fn random(&self, level: u32, place: u64) -> f64 {
        let mut bits = self.seed
            ^ place.wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ u64::from(level).rotate_right(8);
        bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^= bits >> 31;
        // 53 bits are what a float keeps.
        (bits >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// `free`, counted from `min`, reflected at both bounds as often as it takes.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float is cut to the range of the integer, then to the bounds"
    )]
    fn folded(&self, free: f64) -> i64 {
        let width = self.max as f64 - self.min as f64;
        if width <= 0.0 {
            return self.min;
        }
        let around = free.rem_euclid(2.0 * width);
        let inside = if around > width { 2.0 * width - around } else { around };
        let offset = inside.round() as i128;
        let value = i128::from(self.min) + offset;
        i64::try_from(value).unwrap_or(self.max).clamp(self.min, self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn every(nanos: u64) -> NonZeroU64 {
        NonZeroU64::new(nanos).unwrap()
    }

    fn walk(seed: u64) -> Walk {
        Walk::new((0, 10_000), 5000, 100, every(Walk::MIN_EVERY), seed)
    }

    fn values(walk: &Walk, count: u64) -> Vec<i64> {
        (0..count).map(|step| walk.value_at(step * Walk::MIN_EVERY)).collect()
    }

    #[test]
    fn it_begins_at_its_start_and_moves() {
        let path = values(&walk(1), 20_000);
        assert_eq!(path[0], 5000);
        let (least, greatest) = (path.iter().min().unwrap(), path.iter().max().unwrap());
        assert!(greatest - least > 2000, "{least}..{greatest}");
        assert!(path.windows(2).filter(|pair| pair[0] != pair[1]).count() > 15_000);
    }

    #[test]
    fn no_step_is_longer_than_step() {
        for seed in 0..20 {
            let path = values(&walk(seed), 5000);
            assert!(path.windows(2).all(|pair| pair[0].abs_diff(pair[1]) <= 100));
        }
    }

    #[test]
    fn some_steps_come_near_to_step() {
        let path: Vec<i64> = (0..20).flat_map(|seed| values(&walk(seed), 5000)).collect();
        let longest = path
            .chunks(5000)
            .flat_map(|path| path.windows(2))
            .map(|pair| pair[0].abs_diff(pair[1]))
            .max();
        assert!(longest.is_some_and(|longest| longest > 60), "{longest:?}");
    }

    #[test]
    fn it_wanders_further_in_a_longer_time() {
        let wide = |seed| {
            Walk::new((-1_000_000_000, 1_000_000_000), 0, 1000, every(Walk::MIN_EVERY), seed)
        };
        let mean = |steps: u64| {
            (0..200).map(|seed| wide(seed).value_at(steps * Walk::MIN_EVERY).abs()).sum::<i64>()
                / 200
        };
        let (short, long) = (mean(100), mean(10_000));
        // A hundred times the time is ten times the distance.
        assert!((4..25).contains(&(long / short)), "{short} {long}");
    }

    #[test]
    fn equal_seeds_walk_alike_whoever_asks_when() {
        let (a, b) = (walk(7), walk(7));
        let forwards = values(&a, 1000);
        let mut backwards: Vec<i64> =
            (0..1000).rev().map(|step| b.value_at(step * Walk::MIN_EVERY + 999)).collect();
        backwards.reverse();
        assert_eq!(forwards, backwards);
        assert_ne!(forwards, values(&walk(8), 1000));
    }

    #[test]
    fn the_path_of_a_seed_never_changes() {
        // Whoever wrote a seed down wants these values again, on any machine.
        let path: Vec<i64> =
            (0..8).map(|step| walk(42).value_at(step * 1000 * Walk::MIN_EVERY)).collect();
        assert_eq!(path, GOLDEN);
    }

    const GOLDEN: [i64; 8] = [5000, 4218, 4757, 3607, 3352, 3931, 3603, 2230];

    proptest! {
        #[test]
        fn it_stays_between_its_bounds(a: i64, b: i64, start: i64, step: u64, gap in 1_u64.., seed: u64, nanos: u64) {
            let walk = Walk::new((a, b), start, step, every(gap), seed);
            prop_assert!((a.min(b)..=a.max(b)).contains(&walk.value_at(nanos)));
        }

        #[test]
        fn steps_are_bounded_far_from_the_start(seed: u64, steps in 0_u64..1 << 44, step in 0_u64..1_000_000) {
            let walk = Walk::new((0, 1_000_000_000), 500, step, every(Walk::MIN_EVERY), seed);
            let at = |steps: u64| walk.value_at(steps * Walk::MIN_EVERY);
            prop_assert!(at(steps).abs_diff(at(steps + 1)) <= step);
        }
    }
}
