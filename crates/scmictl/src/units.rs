//! Values as people write them.

use core::time::Duration;

use scmi::protocol::sensor::SensorType;
use scmi::protocol::sensor::wire::{Interval, Resolution};
use scmi_board::Decimal;
use serde_json::{Number, Value};

/// What the values of a sensor or axis mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scale {
    /// What is measured.
    pub(crate) kind: SensorType,
    /// A value is in ten to this many units.
    pub(crate) exponent: i8,
    /// Digits after the point that mean something.
    places: usize,
}

impl Scale {
    /// A scale; digits finer than the resolution are not shown.
    pub(crate) fn new(kind: SensorType, exponent: i8, resolution: Option<Resolution>) -> Self {
        let all = decimals(exponent);
        let places = match resolution {
            Some(Resolution { value, exponent }) if value != 0 => {
                let (mut value, mut exponent) = (value, exponent);
                while value % 10 == 0 {
                    (value, exponent) = (value / 10, exponent.saturating_add(1));
                }
                all.min(decimals(exponent))
            }
            _ => all,
        };
        Self { kind, exponent, places }
    }

    /// A value, rounded to the digits that mean something.
    pub(crate) fn number(&self, value: i64) -> String {
        let cut = decimals(self.exponent).saturating_sub(self.places);
        // 10^38 fits, and an exponent has 16 digits at most.
        let step = 10_i128.pow(u32::try_from(cut).unwrap_or(38).min(38));
        // Halves go away from zero; with a step of 1 there are none.
        let half = if value < 0 { -step / 2 } else { step / 2 };
        let rounded = (i128::from(value) + half) / step;
        let places = i8::try_from(self.places).unwrap_or(0);
        exact(rounded, if self.exponent > 0 { self.exponent } else { -places })
    }

    /// A value with its unit.
    pub(crate) fn show(&self, value: i64) -> String {
        format!("{} {}", self.number(value), self.unit()).trim_end().to_owned()
    }

    /// The unit's sign; empty where it has none.
    pub(crate) fn unit(&self) -> &'static str {
        self.kind.unit()
    }

    /// The value that `number` stands for.
    ///
    /// # Errors
    /// In words, what is wrong with it.
    pub(crate) fn parse(&self, number: Decimal) -> Result<i64, String> {
        let value = number.round_to(self.exponent);
        value.filter(|value| Decimal::new(*value, self.exponent) == number).ok_or_else(|| {
            format!("the sensor counts in steps of {} {}", exact(1, self.exponent), self.unit())
        })
    }
}

fn decimals(exponent: i8) -> usize {
    usize::from((-exponent.min(0)).unsigned_abs())
}

/// `value * 10^exponent` in digits.
pub(crate) fn exact(value: i128, exponent: i8) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = value.unsigned_abs().to_string();
    let places = decimals(exponent);
    if places == 0 {
        let zeros = if value == 0 { 0 } else { usize::from(exponent.unsigned_abs()) };
        return format!("{sign}{digits}{}", "0".repeat(zeros));
    }
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    format!("{sign}{whole}.{part}")
}

/// `value * 10^exponent` as a JSON number: whole where it is, the nearest double otherwise.
pub(crate) fn json(value: i64, exponent: i8) -> Value {
    let digits = exact(value.into(), exponent);
    if let Ok(whole) = digits.parse::<i64>() {
        return whole.into();
    }
    let number = digits.parse().ok().and_then(Number::from_f64);
    number.map_or(Value::Null, Value::Number)
}

/// A name that a platform gave: what would move a terminal's cursor or change its colours is replaced.
pub(crate) fn printable(name: &str) -> String {
    let plain =
        |letter: char| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter };
    name.chars().map(plain).collect()
}

/// A time span in the unit that suits it.
pub(crate) fn span(span: Duration) -> String {
    let nanos = span.as_nanos();
    let units = [(1_000_000_000, 9_i8, "s"), (1_000_000, 6, "ms"), (1_000, 3, "µs")];
    let suits = units.iter().find(|(one, ..)| nanos >= *one);
    let Some(&(_, places, unit)) = suits else { return format!("{nanos} ns") };
    let text = exact(i128::try_from(nanos).unwrap_or(i128::MAX), -places);
    format!("{} {unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

/// An update interval in words.
pub(crate) fn interval(interval: Interval) -> String {
    span(Duration::from_nanos(interval.as_nanos()))
}

/// The update interval that is `span`.
///
/// # Errors
/// It has more digits than an interval can carry.
pub(crate) fn to_interval(span: Duration) -> Result<Interval, String> {
    let nanos = span.as_nanos();
    let fits = (-9_i8..=9).rev().find_map(|exponent| {
        let one = 10_u128.pow(exponent.unsigned_abs().into());
        let one = if exponent < 0 { 1_000_000_000 / one } else { 1_000_000_000 * one };
        let seconds = nanos.is_multiple_of(one).then_some(nanos / one)?;
        Some(Interval { seconds: u16::try_from(seconds).ok()?, exponent })
    });
    fits.ok_or_else(|| format!("{} has too many digits for an update interval", self::span(span)))
}

/// Reads a time span such as `100ms` or `1.5 s`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    scmi_board::parse_duration(text).map_err(|error| error.to_string())
}

/// Reads a number of seconds such as `6` or `0.5`.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let expected = "expected a number of seconds, more than 0";
    let seconds: f64 = text.parse().map_err(|_| expected)?;
    let span = Duration::try_from_secs_f64(seconds).map_err(|_| expected)?;
    if span.is_zero() { Err(expected.into()) } else { Ok(span) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(exponent: i8, resolution: Option<(u32, i8)>) -> Scale {
        let resolution = resolution.map(|(value, exponent)| Resolution { value, exponent });
        Scale::new(SensorType::TEMPERATURE_C, exponent, resolution)
    }

    #[test]
    fn values_have_the_decimals_of_their_exponent() {
        assert_eq!(scale(-3, None).show(45_123), "45.123 °C");
        assert_eq!(scale(-3, None).number(-7), "-0.007");
        assert_eq!(scale(-3, None).number(i64::MIN), "-9223372036854775.808");
        assert_eq!(scale(0, None).number(-12), "-12");
        assert_eq!(scale(3, None).number(12), "12000");
        assert_eq!(scale(15, None).number(0), "0");
        assert_eq!(scale(-16, None).number(1), "0.0000000000000001");
    }

    #[test]
    fn digits_finer_than_the_resolution_are_rounded_away() {
        assert_eq!(scale(-3, Some((500, -3))).number(45_523), "45.5");
        assert_eq!(scale(-3, Some((1, -1))).number(45_550), "45.6");
        assert_eq!(scale(-3, Some((1, -1))).number(-45_550), "-45.6");
        assert_eq!(scale(-3, Some((2, 0))).number(45_499), "45");
        assert_eq!(scale(-1, Some((1, -6))).number(455), "45.5");
        assert_eq!(scale(-3, Some((1, 3))).number(i64::MAX), "9223372036854776");
    }

    #[test]
    fn numbers_are_read_exactly_or_refused() {
        let number = |text: &str| text.parse::<Decimal>().expect("a number");
        assert_eq!(scale(-3, None).parse(number("70.5")), Ok(70_500));
        assert_eq!(scale(-3, None).parse(number("-0.001")), Ok(-1));
        assert_eq!(
            scale(-3, None).parse(number("0.0005")),
            Err("the sensor counts in steps of 0.001 °C".into())
        );
    }

    #[test]
    fn json_has_whole_numbers_where_they_are_whole() {
        assert_eq!(json(45_123, -3).to_string(), "45.123");
        assert_eq!(json(12, 3).to_string(), "12000");
        assert_eq!(json(0, -3).to_string(), "0.0");
    }

    #[test]
    fn spans_are_told_in_the_unit_that_suits() {
        let told = [(0, "0 ns"), (999, "999 ns"), (1_500, "1.5 µs"), (100_000_000, "100 ms")];
        for (nanos, text) in told {
            assert_eq!(span(Duration::from_nanos(nanos)), text);
        }
        assert_eq!(span(Duration::from_secs(60)), "60 s");
    }

    #[test]
    fn intervals_are_exact_or_refused() {
        let of = |millis| to_interval(Duration::from_millis(millis));
        assert_eq!(of(100), Ok(Interval { seconds: 1, exponent: -1 }));
        assert_eq!(of(1_500), Ok(Interval { seconds: 15, exponent: -1 }));
        assert_eq!(of(20_000), Ok(Interval { seconds: 2, exponent: 1 }));
        assert!(of(70_001).is_err_and(|text| text.starts_with("70.001 s has too many")));
        assert_eq!(to_interval(Duration::from_nanos(7)), Ok(Interval { seconds: 7, exponent: -9 }));
    }

    #[test]
    fn names_cannot_talk_to_the_terminal() {
        assert_eq!(printable("cpu°"), "cpu°");
        assert_eq!(printable("\x1b[31mred\n"), "\u{fffd}[31mred\u{fffd}");
    }

    #[test]
    fn seconds_are_more_than_none() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for bad in ["0", "-1", "nan", "inf", "soon"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
