//! Numbers with a unit, exact and as people write them.

use scmi_board::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A number with a unit: `raw` times ten to the `exponent` of the unit, and the same as people write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct Quantity {
    /// As people write it.
    #[schema(example = "48 MHz")]
    pub text: String,
    /// As the platform counts it.
    #[schema(value_type = i64, example = 48_000_000)]
    pub raw: i128,
    /// Ten to how many units `raw` counts.
    #[schema(example = 0)]
    pub exponent: i8,
    /// The sign of the unit; empty where there is none.
    #[schema(example = "Hz")]
    pub unit: String,
}

/// Powers of ten and their signs, largest first.
const PREFIXES: [(i8, &str); 7] =
    [(9, "G"), (6, "M"), (3, "k"), (0, ""), (-3, "m"), (-6, "µ"), (-9, "n")];

impl Quantity {
    pub(super) fn hertz(raw: impl Into<i128>) -> Self {
        Self::prefixed(raw.into(), 0, "Hz")
    }

    pub(super) fn microvolts(raw: i32) -> Self {
        Self::prefixed(raw.into(), -6, "V")
    }

    pub(super) fn microseconds(raw: u32) -> Self {
        Self::prefixed(raw.into(), -6, "s")
    }

    /// With the prefix that suits it.
    pub(super) fn prefixed(raw: i128, exponent: i8, unit: &str) -> Self {
        let suits = PREFIXES.iter().find(|(power, _)| {
            let places = u32::from(power.saturating_sub(exponent).max(0).unsigned_abs());
            10_u128.checked_pow(places).is_some_and(|one| raw.unsigned_abs() >= one)
        });
        let (power, prefix) = match suits {
            Some(suits) if raw != 0 && !unit.is_empty() => *suits,
            _ => (0, ""),
        };
        Self::shown(raw, exponent, power, &format!("{prefix}{unit}"), unit)
    }

    /// In the unit itself.
    pub(super) fn plain(raw: i64, exponent: i8, unit: &str) -> Self {
        Self::shown(raw.into(), exponent, 0, unit, unit)
    }

    fn shown(raw: i128, exponent: i8, power: i8, sign: &str, unit: &str) -> Self {
        let number = i64::try_from(raw).ok().and_then(|raw| {
            Decimal::new(raw, exponent).times_power_of_ten(i32::from(power).wrapping_neg())
        });
        let number = number.map_or_else(|| format!("{raw}e{exponent}"), |it| it.to_string());
        let text = format!("{number} {sign}").trim_end().to_owned();
        Self { text, raw, exponent, unit: unit.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let texts = [
            (Quantity::hertz(48_000_000_u64), "48 MHz"),
            (Quantity::hertz(32_768_u64), "32.768 kHz"),
            (Quantity::hertz(0_u64), "0 Hz"),
            (Quantity::microvolts(-5_000_000), "-5 V"),
            (Quantity::microvolts(862_500), "862.5 mV"),
            (Quantity::microseconds(1_000_000), "1 s"),
            (Quantity::plain(85_500, -3, "°C"), "85.5 °C"),
            (Quantity::plain(7, 0, ""), "7"),
        ];
        for (quantity, text) in texts {
            assert_eq!(quantity.text, text);
        }
    }
}
