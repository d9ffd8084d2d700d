//! Numbers that count in powers of ten.

use core::fmt;

/// A number of ten to the power of `exponent`.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// The number.
    pub number: i64,
    /// The power of ten.
    pub exponent: i8,
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, exponent } = *self;
        let digits = u32::from(exponent.unsigned_abs());
        let Some(one) = 10_u64.checked_pow(digits).filter(|_| exponent < 0) else {
            return if exponent == 0 { number.fmt(f) } else { write!(f, "{number}e{exponent}") };
        };
        let sign = if number < 0 { "-" } else { "" };
        let (whole, rest) = (number.unsigned_abs() / one, number.unsigned_abs() % one);
        write!(f, "{sign}{whole}.{rest:0width$}", width = usize::from(exponent.unsigned_abs()))
    }
}
