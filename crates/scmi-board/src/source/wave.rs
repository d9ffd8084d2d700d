//! Repeated curves.

use core::f64::consts::TAU;
use core::num::NonZeroU64;

use super::between;

/// A curve that repeats: it begins at the start of time, or `phase` into its period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    shape: Shape,
    min: i64,
    max: i64,
    period: NonZeroU64,
    phase: u64,
}

/// The shape of a [`Wave`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// From the middle up to the maximum, down to the minimum and back.
    Sine,
    /// From the minimum up to the maximum, then at once back to the minimum.
    Ramp,
    /// From the minimum up to the maximum in half a period and down again in the other half.
    Triangle,
}

/// Steps into which the height of a sine is cut. A power of two, so that a fraction is exact.
const SINE_STEPS: u32 = 1 << 31;

impl Wave {
    /// A curve between two values, one period in `period` nanoseconds, shifted by `phase` nanoseconds.
    ///
    /// The two values may come in either order.
    #[must_use]
    pub fn new(shape: Shape, a: i64, b: i64, period: NonZeroU64, phase: u64) -> Self {
        Self { shape, min: a.min(b), max: a.max(b), period, phase: phase % period }
    }

    /// The least and the greatest value.
    #[must_use]
    pub fn bounds(&self) -> (i64, i64) {
        (self.min, self.max)
    }

    /// The value at `nanos` nanoseconds after the start.
    #[must_use]
    pub fn value_at(&self, nanos: u64) -> i64 {
        let period = self.period.get();
        // The phase is below the period, so one subtraction brings the sum back below it.
        let (shift, position) = (period - self.phase, nanos % period);
        let position = if position >= shift { position - shift } else { position + self.phase };
        match self.shape {
            Shape::Sine => {
                between(self.min, self.max, sine_height(position, period), u64::from(SINE_STEPS))
            }
            Shape::Ramp => between(self.min, self.max, position, period),
            Shape::Triangle => self.triangle(position, period),
        }
    }

    fn triangle(&self, position: u64, period: u64) -> i64 {
        let rise = period.div_ceil(2);
        if position < rise {
            between(self.min, self.max, position, rise)
        } else {
            between(self.max, self.min, position - rise, period - rise)
        }
    }
}

/// How high a sine stands at `position` of its period, in [`SINE_STEPS`]: half at 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the height is between 0 and SINE_STEPS, and a float is cut to the range of the integer"
)]
fn sine_height(position: u64, period: u64) -> u64 {
    let angle = position as f64 / period as f64 * TAU;
    let height = f64::midpoint(angle.sin(), 1.0) * f64::from(SINE_STEPS);
    height.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wave(shape: Shape, phase: u64) -> Wave {
        Wave::new(shape, -1000, 3000, NonZeroU64::new(400).unwrap(), phase)
    }

    #[test]
    fn a_sine_begins_in_the_middle_and_rises() {
        let sine = wave(Shape::Sine, 0);
        let values: Vec<i64> =
            [0, 100, 200, 300, 400, 500].map(|nanos| sine.value_at(nanos)).into();
        assert_eq!(values, [1000, 3000, 1000, -1000, 1000, 3000]);
        // 1000 + 2000 sin(29.7 degrees)
        assert_eq!(sine.value_at(33), 1991);
    }

    #[test]
    fn a_ramp_rises_and_falls_back() {
        let ramp = wave(Shape::Ramp, 0);
        assert_eq!([0, 100, 399, 400].map(|nanos| ramp.value_at(nanos)), [-1000, 0, 2990, -1000]);
    }

    #[test]
    fn a_triangle_rises_and_falls_alike() {
        let triangle = wave(Shape::Triangle, 0);
        assert_eq!(
            [0, 100, 200, 300, 400].map(|nanos| triangle.value_at(nanos)),
            [-1000, 1000, 3000, 1000, -1000]
        );
    }

    #[test]
    fn a_phase_shifts_the_curve_to_the_left() {
        for shape in [Shape::Sine, Shape::Ramp, Shape::Triangle] {
            let (plain, shifted) = (wave(shape, 0), wave(shape, 130));
            for nanos in 0..900 {
                assert_eq!(
                    shifted.value_at(nanos),
                    plain.value_at(nanos + 130),
                    "{shape:?} at {nanos}"
                );
            }
        }
    }

    #[test]
    fn the_end_of_time_is_no_exception() {
        let period = NonZeroU64::new(u64::MAX).unwrap();
        for shape in [Shape::Sine, Shape::Ramp, Shape::Triangle] {
            let wave = Wave::new(shape, i64::MIN, i64::MAX, period, u64::MAX - 1);
            for nanos in [0, 1, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
                let _ = wave.value_at(nanos);
            }
        }
        let shortest = Wave::new(Shape::Triangle, 0, 9, NonZeroU64::MIN, 7);
        assert_eq!(shortest.value_at(u64::MAX), 0);
    }

    proptest! {
        #[test]
        fn a_wave_stays_between_its_values(a: i64, b: i64, period in 1_u64.., phase: u64, nanos: u64) {
            for shape in [Shape::Sine, Shape::Ramp, Shape::Triangle] {
                let wave = Wave::new(shape, a, b, NonZeroU64::new(period).unwrap(), phase);
                prop_assert!((a.min(b)..=a.max(b)).contains(&wave.value_at(nanos)));
            }
        }
    }
}
