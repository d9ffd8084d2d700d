//! A number with a unit: `"20 mW"`, `"24 MHz"`, `"850mV"`.

use super::decimal::{Decimal, DecimalError};

/// What stands before a unit's symbol, and the power of ten it means.
const PREFIXES: [(&str, i32); 9] =
    [("n", -9), ("u", -6), ("µ", -6), ("μ", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9)];

/// Why a text is not a quantity. Each variant says what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnitError {
    /// The text does not begin with a number.
    #[error("a number with a unit such as {example:?}")]
    NoNumber {
        /// A text that would do.
        example: String,
    },
    /// A number too long to be kept exactly.
    #[error("{0} is refused: a shorter number")]
    Number(DecimalError),
    /// A number alone.
    #[error("a unit after the number, such as {example:?}")]
    NoUnit {
        /// A text that would do.
        example: String,
    },
    /// A number, then something that is not one of the units.
    #[error("{expected} instead of {found:?}")]
    UnknownUnit {
        /// What stood after the number.
        found: String,
        /// The units that may stand there, in words.
        expected: String,
    },
    /// A time below zero.
    #[error("a time of zero or more")]
    Negative,
    /// A time that is not a whole number of nanoseconds.
    #[error("a whole number of nanoseconds")]
    TooFine,
    /// A time beyond 2^64 - 1 nanoseconds.
    #[error("a time below 584 years")]
    TooLong,
}

/// Splits `text` into its number and the unit after it.
pub(super) fn split<'a>(
    text: &'a str,
    example: &dyn Fn() -> String,
) -> Result<(Decimal, &'a str), UnitError> {
    let text = text.trim();
    let end = number_end(text);
    let (number, unit) = text.split_at(end);
    match number.parse() {
        Ok(number) => Ok((number, unit.trim_start())),
        Err(DecimalError::NotANumber) => Err(UnitError::NoNumber { example: example() }),
        Err(error) => Err(UnitError::Number(error)),
    }
}

/// Where the number at the start of `text` ends. An `e` belongs to it only before a digit: `"1 eV"`.
fn number_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut end = 0;
    while let Some(byte) = bytes.get(end) {
        let sign_allowed = end == 0 || matches!(bytes.get(end - 1), Some(b'e' | b'E'));
        end += match byte {
            b'0'..=b'9' | b'.' | b'_' => 1,
            b'+' | b'-' if sign_allowed => 1,
            b'e' | b'E' if exponent_follows(bytes.get(end + 1..).unwrap_or_default()) => 1,
            _ => break,
        };
    }
    end
}

fn exponent_follows(rest: &[u8]) -> bool {
    matches!(rest, [b'0'..=b'9', ..] | [b'+' | b'-', b'0'..=b'9', ..])
}

/// Reads `text` as a number in the unit that `symbols` spell, with a prefix from `n` to `G` or none.
///
/// The first symbol is the one that messages show. The result is in the unit itself: "850 mV" is 0.85.
pub(crate) fn parse_quantity(text: &str, symbols: &[&str]) -> Result<Decimal, UnitError> {
    let symbol = symbols.first().copied().unwrap_or_default();
    let example = || format!("20 {symbol}");
    let (number, unit) = split(text, &example)?;
    if unit.is_empty() {
        return Err(UnitError::NoUnit { example: format!("{number} {symbol}") });
    }
    // The bare symbol first: in "5 min" the m is no prefix.
    if symbols.contains(&unit) {
        return Ok(number);
    }
    let power = PREFIXES.iter().find_map(|(prefix, power)| {
        let rest = unit.strip_prefix(prefix)?;
        symbols.contains(&rest).then_some(*power)
    });
    match power {
        Some(power) => {
            number.times_power_of_ten(power).ok_or(UnitError::Number(DecimalError::TooLong))
        }
        None => Err(UnitError::UnknownUnit {
            found: unit.to_owned(),
            expected: format!("the unit {symbol} with a prefix (n, u, m, k, M, G) or none"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn powers_and_frequencies_as_people_write_them() {
        let watt = |text| parse_quantity(text, &["W", "watt"]);
        for text in [
            "20 mW",
            "20mW",
            " 20  mW ",
            "0.02 W",
            "20000uW",
            "20000 µW",
            "20000 μW",
            "2e-2 W",
            "0.02 watt",
            "20 mwatt",
        ] {
            assert_eq!(watt(text), Ok(decimal("0.02")), "{text}");
        }
        assert_eq!(parse_quantity("24 MHz", &["Hz"]), Ok(decimal("24000000")));
        assert_eq!(parse_quantity("-5 °C", &["°C"]), Ok(decimal("-5")));
        assert_eq!(parse_quantity("5 min", &["min"]), Ok(decimal("5")));
        assert_eq!(parse_quantity("1 eV", &["eV"]), Ok(decimal("1")));
    }

    #[test]
    fn errors_say_what_was_expected() {
        let watt = |text| parse_quantity(text, &["W"]).unwrap_err().to_string();
        assert_eq!(watt("twenty"), r#"a number with a unit such as "20 W""#);
        assert_eq!(watt(""), r#"a number with a unit such as "20 W""#);
        assert_eq!(watt("20"), r#"a unit after the number, such as "20 W""#);
        assert_eq!(
            watt("20 mA"),
            r#"the unit W with a prefix (n, u, m, k, M, G) or none instead of "mA""#
        );
        assert_eq!(
            watt("1e999 GW"),
            "a number of more than 30 digits or with an exponent beyond +-1000 is refused: a shorter number"
        );
    }

    proptest! {
        #[test]
        fn any_text_gives_a_quantity_or_an_error(text in "\\PC{0,24}") {
            let _ = parse_quantity(&text, &["W", "°C"]);
        }

        #[test]
        fn a_prefix_shifts_and_nothing_else(units: i32, index in 0..PREFIXES.len(), space in " {0,2}") {
            let (prefix, power) = PREFIXES[index];
            let expected = Decimal::new(i64::from(units), 0).times_power_of_ten(power).unwrap();
            prop_assert_eq!(parse_quantity(&format!("{units}{space}{prefix}V"), &["V"]), Ok(expected));
        }
    }
}
