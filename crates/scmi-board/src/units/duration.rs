//! A time span: `"250 ms"`, `"1.5s"`, `"2 min"`.

use core::time::Duration;

use super::decimal::{Decimal, Scaled};
use super::quantity::{UnitError, split};

/// The units of time and how many nanoseconds each has.
const UNITS: [(&str, i64); 9] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Reads a time span such as `"250 ms"`, `"1.5s"` or `"2 min"`; units from `ns` to `d`.
///
/// # Errors
/// A missing or unknown unit, a negative time, one finer than a nanosecond, and one beyond
/// 2^64 - 1 nanoseconds (584 years).
pub fn parse_duration(text: &str) -> Result<Duration, UnitError> {
    nanoseconds(text).map(Duration::from_nanos)
}

/// [`parse_duration`] in nanoseconds.
pub(crate) fn nanoseconds(text: &str) -> Result<u64, UnitError> {
    let (number, unit) = split(text, &|| "250 ms".to_owned())?;
    if unit.is_empty() {
        return Err(UnitError::NoUnit { example: format!("{number} ms") });
    }
    let Some((_, scale)) = UNITS.iter().find(|(symbol, _)| *symbol == unit) else {
        return Err(UnitError::UnknownUnit {
            found: unit.to_owned(),
            expected: "a unit of time (ns, us, ms, s, min, h, d)".to_owned(),
        });
    };
    if number.is_negative() {
        return Err(UnitError::Negative);
    }
    let total = number.times(Decimal::new(*scale, 0)).ok_or(UnitError::TooLong)?;
    match total.in_units_of(0) {
        Scaled::Exact(nanoseconds) => u64::try_from(nanoseconds).map_err(|_| UnitError::Negative),
        Scaled::Between(_) => Err(UnitError::TooFine),
        Scaled::OutOfRange => beyond_i64(total),
    }
}

/// The upper half of the `u64` range, which [`Decimal::in_units_of`] does not reach.
fn beyond_i64(total: Decimal) -> Result<u64, UnitError> {
    let (digits, exponent) = total.parts();
    let Ok(power) = u32::try_from(exponent) else {
        return Err(UnitError::TooFine);
    };
    let units = 10_i128.checked_pow(power).and_then(|power| digits.checked_mul(power));
    units.and_then(|units| u64::try_from(units).ok()).ok_or(UnitError::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_as_people_write_them() {
        let cases = [
            ("250 ms", 250_000_000),
            ("1.5s", 1_500_000_000),
            ("0s", 0),
            ("2 min", 120_000_000_000),
            ("1h", 3_600_000_000_000),
            ("1 d", 86_400_000_000_000),
            ("10us", 10_000),
            ("10 µs", 10_000),
            ("0.001 us", 1),
            ("1e3 ns", 1_000),
            ("18446744073709551615 ns", u64::MAX),
        ];
        for (text, expected) in cases {
            assert_eq!(nanoseconds(text), Ok(expected), "{text}");
        }
        assert_eq!(parse_duration("250 ms"), Ok(Duration::from_millis(250)));
    }

    #[test]
    fn errors_say_what_was_expected() {
        let error = |text| nanoseconds(text).unwrap_err().to_string();
        assert_eq!(error("fast"), r#"a number with a unit such as "250 ms""#);
        assert_eq!(error("10"), r#"a unit after the number, such as "10 ms""#);
        assert_eq!(
            error("10 sec"),
            r#"a unit of time (ns, us, ms, s, min, h, d) instead of "sec""#
        );
        assert_eq!(error("-1s"), "a time of zero or more");
        assert_eq!(error("0.5 ns"), "a whole number of nanoseconds");
        assert_eq!(error("18446744073709551616 ns"), "a time below 584 years");
        assert_eq!(error("18446744073709551615.5 ns"), "a whole number of nanoseconds");
        assert_eq!(error("1e40 d"), "a time below 584 years");
    }

    proptest! {
        #[test]
        fn any_text_gives_a_time_or_an_error(text in "\\PC{0,24}") {
            let _ = nanoseconds(&text);
        }

        #[test]
        fn whole_numbers_of_any_unit_are_exact(count in 0_u32.., index in 0..UNITS.len()) {
            let (unit, scale) = UNITS[index];
            let expected = u64::from(count).checked_mul(u64::try_from(scale).unwrap());
            prop_assert_eq!(nanoseconds(&format!("{count} {unit}")).ok(), expected);
        }
    }
}
