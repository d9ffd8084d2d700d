//! Numbers with a unit, as people write them: `48 MHz`, `1.8 V`, `15 W`.

use scmi_board::Decimal;
use serde_json::Value;

use crate::units;

/// What a platform's numbers count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quantity {
    /// The unit's sign; empty where the numbers only compare.
    pub(crate) unit: &'static str,
    /// A number is in ten to this many units.
    pub(crate) exponent: i8,
}

/// Ten to the power of each, largest first; the first sign is the one that is written.
const PREFIXES: [(i8, &[&str]); 7] = [
    (9, &["G"]),
    (6, &["M"]),
    (3, &["k", "K"]),
    (0, &[""]),
    (-3, &["m"]),
    (-6, &["µ", "μ", "u"]),
    (-9, &["n"]),
];

impl Quantity {
    pub(crate) const HERTZ: Self = Self { unit: "Hz", exponent: 0 };
    pub(crate) const KILOHERTZ: Self = Self { unit: "Hz", exponent: 3 };
    pub(crate) const MICROVOLT: Self = Self { unit: "V", exponent: -6 };
    pub(crate) const MICROSECOND: Self = Self { unit: "s", exponent: -6 };
    pub(crate) const MILLIWATT: Self = Self { unit: "W", exponent: -3 };
    pub(crate) const MICROWATT: Self = Self { unit: "W", exponent: -6 };
    pub(crate) const ABSTRACT: Self = Self { unit: "", exponent: 0 };

    /// A number with its unit, and the prefix that suits it; no digit is lost.
    pub(crate) fn show(self, number: impl Into<i128>) -> String {
        let number = number.into();
        if number == 0 {
            return format!("0 {}", self.unit).trim_end().to_owned();
        }
        if self.unit.is_empty() {
            return units::exact(number, self.exponent);
        }
        let suits = PREFIXES.iter().find(|(power, _)| {
            let places = u32::from((power - self.exponent).max(0).unsigned_abs());
            10_u128.checked_pow(places).is_some_and(|one| number.unsigned_abs() >= one)
        });
        let (power, signs) = suits.unwrap_or(&PREFIXES[3]);
        let text = units::exact(number, self.exponent - power);
        let text = match text.split_once('.') {
            Some(_) => text.trim_end_matches('0').trim_end_matches('.'),
            None => &text,
        };
        format!("{text} {}{}", signs.first().copied().unwrap_or_default(), self.unit)
    }

    /// A number in whole units for JSON.
    pub(crate) fn json(self, number: i64) -> Value {
        units::json(number, self.exponent)
    }

    /// The number that `text` stands for; without a unit it is in whole ones.
    ///
    /// # Errors
    /// In words, what is wrong with it.
    pub(crate) fn parse(self, text: &str) -> Result<i64, String> {
        let end = text.find(|letter: char| !(letter.is_ascii_digit() || "+-.".contains(letter)));
        let (number, unit) = text.split_at(end.unwrap_or(text.len()));
        let number: Decimal =
            number.parse().map_err(|error| format!("{number:?} is no number: {error}"))?;
        let power = self.power(unit.trim()).ok_or_else(|| {
            format!("{:?} is no unit here; expected {}", unit.trim(), self.expected())
        })?;
        let exact = number.times_power_of_ten(power.into()).and_then(|exact| {
            let rounded = exact.round_to(self.exponent)?;
            (Decimal::new(rounded, self.exponent) == exact).then_some(rounded)
        });
        exact.ok_or_else(|| format!("{text} is no whole number of {}", self.show(1)))
    }

    /// Ten to how many of the unit `sign` is.
    fn power(self, sign: &str) -> Option<i8> {
        if sign.is_empty() {
            return Some(0);
        }
        let prefix = sign.strip_suffix(self.unit).filter(|_| !self.unit.is_empty())?;
        PREFIXES.iter().find(|(_, signs)| signs.contains(&prefix)).map(|(power, _)| *power)
    }

    fn expected(self) -> String {
        match self.unit {
            "" => "a number without a unit".into(),
            "Hz" => "Hz, kHz, MHz or GHz".into(),
            unit => format!("{unit}, m{unit} or µ{unit}"),
        }
    }
}

/// Reads a frequency such as `48 MHz`, in hertz.
pub(crate) fn hertz(text: &str) -> Result<u64, String> {
    let hertz = Quantity::HERTZ.parse(text)?;
    u64::try_from(hertz).map_err(|_| "a frequency is not below 0".into())
}

/// Reads a voltage such as `1.8 V` or `-5V`, in microvolts.
pub(crate) fn microvolts(text: &str) -> Result<i32, String> {
    let microvolts = Quantity::MICROVOLT.parse(text)?;
    i32::try_from(microvolts).map_err(|_| "a voltage is at most 2147 V".into())
}

/// Reads a time such as `50 ms`, in microseconds.
pub(crate) fn microseconds(text: &str) -> Result<u32, String> {
    let micros = Quantity::MICROSECOND.parse(text)?;
    u32::try_from(micros).map_err(|_| "a time is 0 to 4294 s".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_get_the_prefix_that_suits() {
        let told = [(0, "0 Hz"), (999, "999 Hz"), (32_768, "32.768 kHz"), (48_000_000, "48 MHz")];
        for (number, text) in told {
            assert_eq!(Quantity::HERTZ.show(number), text);
        }
        assert_eq!(Quantity::HERTZ.show(1_200_000_001), "1.200000001 GHz");
        assert_eq!(Quantity::HERTZ.show(u64::MAX), "18446744073.709551615 GHz");
        assert_eq!(Quantity::KILOHERTZ.show(1_800_000), "1.8 GHz");
        assert_eq!(Quantity::KILOHERTZ.show(5), "5 kHz");
        assert_eq!(Quantity::MICROVOLT.show(-5_000_000), "-5 V");
        assert_eq!(Quantity::MICROVOLT.show(850_000), "850 mV");
        assert_eq!(Quantity::MILLIWATT.show(15_000), "15 W");
        assert_eq!(Quantity::MICROWATT.show(7), "7 µW");
        assert_eq!(Quantity::MICROWATT.show(0), "0 W");
        assert_eq!(Quantity::ABSTRACT.show(0), "0");
        assert_eq!(Quantity::ABSTRACT.show(1500), "1500");
    }

    #[test]
    fn numbers_are_read_with_and_without_a_unit() {
        assert_eq!(hertz("48 MHz"), Ok(48_000_000));
        assert_eq!(hertz("32.768kHz"), Ok(32_768));
        assert_eq!(hertz("100"), Ok(100));
        assert_eq!(microvolts("-5V"), Ok(-5_000_000));
        assert_eq!(microvolts("1.8"), Ok(1_800_000));
        assert_eq!(microvolts("850 mV"), Ok(850_000));
        assert_eq!(microseconds("50 ms"), Ok(50_000));
        assert_eq!(microseconds("10us"), Ok(10));
        assert_eq!(Quantity::MILLIWATT.parse("15 W"), Ok(15_000));
        assert_eq!(Quantity::ABSTRACT.parse("15"), Ok(15));
    }

    #[test]
    fn what_cannot_be_counted_is_refused_in_words() {
        assert_eq!(hertz("0.5"), Err("0.5 is no whole number of 1 Hz".into()));
        assert_eq!(hertz("-1 Hz"), Err("a frequency is not below 0".into()));
        assert!(hertz("48 MV").is_err_and(|text| text.contains("Hz, kHz, MHz or GHz")));
        assert!(hertz("fast").is_err_and(|text| text.contains("no number")));
        assert!(microvolts("3000 V").is_err_and(|text| text.contains("2147")));
        assert!(Quantity::ABSTRACT.parse("15 W").is_err_and(|text| text.contains("without")));
    }
}
