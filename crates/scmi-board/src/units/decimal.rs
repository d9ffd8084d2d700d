//! An exact decimal number.

use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

/// Significant digits that a [`Decimal`] keeps; more are refused, not rounded.
const MAX_DIGITS: u32 = 30;

/// Bound on the exponent of a [`Decimal`], so that sums of exponents cannot overflow.
const MAX_EXPONENT: i32 = 1000;

/// A decimal number, exactly as written: `digits` x 10^`exponent`.
///
/// Up to 30 significant digits. Trailing zeros are moved into the exponent, so equal numbers are
/// equal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    digits: i128,
    exponent: i32,
}

/// Why a text is not a [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecimalError {
    /// Something that is no decimal number, `inf` and `nan` included.
    #[error("not a decimal number")]
    NotANumber,
    /// More significant digits, or a larger exponent, than are kept.
    #[error(
        "a number of more than {MAX_DIGITS} digits or with an exponent beyond +-{MAX_EXPONENT}"
    )]
    TooLong,
}

/// A [`Decimal`] in units of 10^`exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scaled {
    /// Exactly this many units.
    Exact(i64),
    /// Not a whole number of units; the nearest is given.
    Between(i64),
    /// More units than an `i64` counts.
    OutOfRange,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { digits: 0, exponent: 0 };

    /// One.
    pub const ONE: Self = Self { digits: 1, exponent: 0 };

    /// `digits` x 10^`exponent`.
    #[must_use]
    pub fn new(digits: i64, exponent: i8) -> Self {
        Self::normal(i128::from(digits), i32::from(exponent))
    }

    fn normal(mut digits: i128, mut exponent: i32) -> Self {
        if digits == 0 {
            return Self::ZERO;
        }
        while digits % 10 == 0 {
            digits /= 10;
            exponent += 1;
        }
        Self { digits, exponent }
    }

    /// The digits without their trailing zeros, and the power of ten that they count.
    pub(crate) fn parts(self) -> (i128, i32) {
        (self.digits, self.exponent)
    }

    /// True below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.digits < 0
    }

    /// True for zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// This number times 10^`power`, `None` beyond the bounds of the type.
    #[must_use]
    pub fn times_power_of_ten(self, power: i32) -> Option<Self> {
        if self.is_zero() {
            return Some(self);
        }
        let exponent = self.exponent.checked_add(power)?;
        (exponent.abs() <= MAX_EXPONENT).then_some(Self { digits: self.digits, exponent })
    }

    /// The exact product, `None` beyond the bounds of the type.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        let digits = self.digits.checked_mul(other.digits)?;
        let product = Self::normal(digits, self.exponent + other.exponent);
        (product.exponent.abs() <= MAX_EXPONENT).then_some(product)
    }

    /// This number in units of 10^`exponent`.
    pub(crate) fn in_units_of(self, exponent: i8) -> Scaled {
        if self.is_zero() {
            return Scaled::Exact(0);
        }
        let shift = self.exponent - i32::from(exponent);
        if let Ok(up) = u32::try_from(shift) {
            let units = 10_i128.checked_pow(up).and_then(|power| self.digits.checked_mul(power));
            return match units.map(i64::try_from) {
                Some(Ok(units)) => Scaled::Exact(units),
                _ => Scaled::OutOfRange,
            };
        }
        let Some(power) = 10_i128.checked_pow(shift.unsigned_abs()) else {
            return Scaled::Between(0);
        };
        // No trailing zeros are left in the digits, so the division cannot be exact.
        let half = if self.is_negative() { -(power / 2) } else { power / 2 };
        match i64::try_from(self.digits.saturating_add(half) / power) {
            Ok(nearest) => Scaled::Between(nearest),
            Err(_) => Scaled::OutOfRange,
        }
    }

    /// The number of units of 10^`exponent`, where it is whole and fits.
    pub(crate) fn whole_in(self, exponent: i8) -> Option<i64> {
        match self.in_units_of(exponent) {
            Scaled::Exact(units) => Some(units),
            _ => None,
        }
    }

    /// The nearest number of units of 10^`exponent`, halves away from zero; `None` beyond `i64`.
    #[must_use]
    pub fn round_to(self, exponent: i8) -> Option<i64> {
        match self.in_units_of(exponent) {
            Scaled::Exact(units) | Scaled::Between(units) => Some(units),
            Scaled::OutOfRange => None,
        }
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Digits with an optional sign, point, power of ten (`e-3`) and `_` between digits.
    ///
    /// Allocates nothing: file sources parse on the path of a reading.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (mantissa, power) = match text.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, parse_power(power)?),
            None => (text, 0),
        };
        let (negative, unsigned) = match mantissa.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let (digits, exponent) = parse_digits(unsigned)?;
        let number = Self::normal(if negative { -digits } else { digits }, exponent);
        number.times_power_of_ten(power).ok_or(DecimalError::TooLong)
    }
}

fn parse_power(text: &str) -> Result<i32, DecimalError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DecimalError::NotANumber);
    }
    match text.parse::<i32>() {
        Ok(power) if power.abs() <= MAX_EXPONENT => Ok(power),
        _ => Err(DecimalError::TooLong),
    }
}

/// The value of the significant digits in `text` and the exponent of the last of them.
fn parse_digits(text: &[u8]) -> Result<(i128, i32), DecimalError> {
    let (mut digits, mut significant, mut exponent) = (0_i128, 0_u32, 0_i32);
    let (mut after_point, mut seen_digit, mut last) = (false, false, b'.');
    // Zeros count only when a digit follows: "1000...0" is short, however many zeros it has.
    let mut zeros = 0_u32;
    for &byte in text {
        match byte {
            b'0'..=b'9' => {
                seen_digit = true;
                exponent -= i32::from(after_point);
                if byte == b'0' {
                    zeros += u32::from(digits != 0);
                } else {
                    significant += zeros + 1;
                    if significant > MAX_DIGITS {
                        return Err(DecimalError::TooLong);
                    }
                    digits = digits * 10_i128.pow(zeros + 1) + i128::from(byte - b'0');
                    zeros = 0;
                }
            }
            b'.' if !after_point && last != b'_' => after_point = true,
            b'_' if last.is_ascii_digit() => {}
            _ => return Err(DecimalError::NotANumber),
        }
        last = byte;
    }
    if !seen_digit || last == b'_' {
        return Err(DecimalError::NotANumber);
    }
    match i32::try_from(zeros) {
        Ok(zeros) if exponent.abs() <= MAX_EXPONENT && zeros <= MAX_EXPONENT => {
            Ok((digits, exponent + zeros))
        }
        _ => Err(DecimalError::TooLong),
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative() { "-" } else { "" };
        let digits = self.digits.unsigned_abs().to_string();
        match self.exponent.cmp(&0) {
            _ if self.exponent.abs() > 20 => write!(f, "{sign}{digits}e{}", self.exponent),
            Ordering::Greater | Ordering::Equal => {
                let zeros = usize::try_from(self.exponent).unwrap_or(0);
                write!(f, "{sign}{digits}{:0<zeros$}", "")
            }
            Ordering::Less => {
                let places = usize::try_from(self.exponent.unsigned_abs()).unwrap_or(0);
                let padded = format!("{digits:0>width$}", width = places + 1);
                let (whole, fraction) = padded.split_at(padded.len() - places);
                write!(f, "{sign}{whole}.{fraction}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn equal_numbers_are_equal_however_they_are_written() {
        for text in ["35", "35.0", "+35.000", "3.5e1", "350E-1", "3_5", "035", "35."] {
            assert_eq!(decimal(text), Decimal { digits: 35, exponent: 0 }, "{text}");
        }
        for text in ["0", "-0", "0.000", "0e999", ".0"] {
            assert_eq!(decimal(text), Decimal::ZERO, "{text}");
        }
        assert_eq!(decimal("1000"), Decimal { digits: 1, exponent: 3 });
        assert_eq!(decimal("-0.0250"), Decimal { digits: -25, exponent: -3 });
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let bad = [
            "", "-", ".", "1.2.3", "1e", "e3", "1e+", "1e1.5", "inf", "nan", "0x10", "1 2", "_1",
            "1_", "1__2", "1_.5", "--1", "1e-+3", "٣",
        ];
        for text in bad {
            assert_eq!(text.parse::<Decimal>(), Err(DecimalError::NotANumber), "{text}");
        }
    }

    #[test]
    fn length_is_bounded_by_significant_digits_only() {
        assert_eq!(decimal(&format!("1{}", "0".repeat(500))), Decimal { digits: 1, exponent: 500 });
        assert_eq!(format!("1{}", "0".repeat(1500)).parse::<Decimal>(), Err(DecimalError::TooLong));
        assert_eq!(decimal(&"9".repeat(30)).to_string(), "9".repeat(30));
        assert_eq!("9".repeat(31).parse::<Decimal>(), Err(DecimalError::TooLong));
        assert_eq!("1e1001".parse::<Decimal>(), Err(DecimalError::TooLong));
        assert_eq!("1e99999999999".parse::<Decimal>(), Err(DecimalError::TooLong));
    }

    #[test]
    fn units_are_exact_or_say_so() {
        assert_eq!(decimal("35.5").in_units_of(-3), Scaled::Exact(35_500));
        assert_eq!(decimal("0.1").in_units_of(-1), Scaled::Exact(1));
        assert_eq!(decimal("5000").in_units_of(3), Scaled::Exact(5));
        assert_eq!(decimal("35.1234").in_units_of(-3), Scaled::Between(35_123));
        assert_eq!(decimal("-0.0005").in_units_of(-3), Scaled::Between(-1));
        assert_eq!(decimal("1e-300").in_units_of(15), Scaled::Between(0));
        assert_eq!(decimal("0").in_units_of(15), Scaled::Exact(0));
        assert_eq!(decimal("9223372036854775807").in_units_of(0), Scaled::Exact(i64::MAX));
        assert_eq!(decimal("-9223372036854775808").in_units_of(0), Scaled::Exact(i64::MIN));
        assert_eq!(decimal("9223372036854775808").in_units_of(0), Scaled::OutOfRange);
        assert_eq!(decimal("1e300").in_units_of(0), Scaled::OutOfRange);
        assert_eq!(decimal("92233720368547758080.5").in_units_of(0), Scaled::OutOfRange);
    }

    #[test]
    fn products_are_exact() {
        assert_eq!(decimal("45000").times(decimal("0.001")), Some(decimal("45")));
        assert_eq!(decimal("1e900").times(decimal("1e900")), None);
        assert_eq!(decimal(&"9".repeat(30)).times(decimal(&"9".repeat(30))), None);
    }

    #[test]
    fn printed_as_people_write_it() {
        for text in ["0", "35", "-35.5", "0.001", "-0.025", "120000", "1e30", "-15e-25"] {
            assert_eq!(decimal(text).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_number_or_an_error(text in "\\PC{0,40}") {
            let _ = text.parse::<Decimal>();
        }

        #[test]
        fn what_is_printed_reads_back(digits: i64, exponent in -40_i8..40) {
            let number = Decimal::new(digits, exponent);
            prop_assert_eq!(number.to_string().parse::<Decimal>(), Ok(number));
        }

        #[test]
        fn an_integer_of_units_comes_back(units: i64, exponent in -16_i8..=15) {
            prop_assert_eq!(Decimal::new(units, exponent).in_units_of(exponent), Scaled::Exact(units));
        }

        #[test]
        fn rounding_is_never_further_than_half_a_unit(digits in -1_000_000_000_i64..1_000_000_000, drop in 1_u32..9) {
            let exponent = i8::try_from(drop).unwrap();
            let rounded = Decimal::new(digits, 0).round_to(exponent).unwrap();
            let power = 10_i64.pow(drop);
            prop_assert!((rounded * power - digits).abs() * 2 <= power);
        }
    }
}
