//! A sensor's values as people write them.

use scmi::protocol::sensor::SensorType;
use scmi::protocol::sensor::platform::Limits;

use crate::kinds;
use crate::sensor::Sensor;
use crate::units::{Decimal, Scaled, UnitError, parse_quantity};

/// Why a text is no value of a sensor. Each says what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// It is no number, or the unit after it is none of the sensor's.
    #[error("{0}")]
    Unit(UnitError),
    /// The sensor counts in larger steps.
    #[error("a whole number of 10^{exponent} {unit}, such as {nearest}")]
    TooFine {
        /// Ten to how many units it counts.
        exponent: i8,
        /// The sign of its unit; empty where it has none.
        unit: &'static str,
        /// The nearest value that would do.
        nearest: Decimal,
    },
    /// The sensor cannot read this.
    #[error("a value from {min} to {max} {unit}")]
    OutOfRange {
        /// The lowest that it reads.
        min: Decimal,
        /// The highest that it reads.
        max: Decimal,
        /// The sign of its unit; empty where it has none.
        unit: &'static str,
    },
}

/// One value that a sensor reads: the sensor's own, or that of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measure<'a> {
    /// The axis; none of a scalar.
    pub axis: Option<&'a str>,
    /// What is measured.
    pub kind: SensorType,
    /// Values are in ten to this many units.
    pub exponent: i8,
    limits: Limits,
}

impl Sensor {
    /// What it reads: one value, or one an axis.
    pub fn measures(&self) -> impl Iterator<Item = Measure<'_>> {
        let sensor = &self.description;
        let alone = Measure {
            axis: None,
            kind: sensor.kind,
            exponent: sensor.exponent,
            limits: sensor.limits,
        };
        let axes = sensor.axes.iter().map(|axis| Measure {
            axis: Some(&axis.name),
            kind: axis.kind,
            exponent: axis.exponent,
            limits: axis.limits,
        });
        [alone].into_iter().take(usize::from(sensor.axes.is_empty())).chain(axes)
    }
}

impl Measure<'_> {
    /// The value that a text such as `85`, `85 °C` or `850 mV` means, in ten to [`Measure::exponent`] units. A number
    /// alone is in the unit itself.
    ///
    /// # Errors
    /// [`ValueError`].
    pub fn parse(&self, text: &str) -> Result<i64, ValueError> {
        let (unit, exponent, signs) = (self.kind.unit(), self.exponent, kinds::units(self.kind));
        let number = match text.trim().parse() {
            Ok(number) => number,
            Err(error) if signs.is_empty() => {
                return Err(ValueError::Unit(UnitError::Number(error)));
            }
            Err(_) => parse_quantity(text, &signs).map_err(ValueError::Unit)?,
        };
        let (min, max) = (self.limits.min.unwrap_or(i64::MIN), self.limits.max.unwrap_or(i64::MAX));
        let decimal = |number| Decimal::new(number, exponent);
        let value = match number.in_units_of(exponent) {
            Scaled::Exact(value) => Some(value),
            Scaled::Between(nearest) => {
                return Err(ValueError::TooFine { exponent, unit, nearest: decimal(nearest) });
            }
            Scaled::OutOfRange => None,
        };
        let inside = value.filter(|value| (min..=max).contains(value));
        inside.ok_or_else(|| ValueError::OutOfRange { min: decimal(min), max: decimal(max), unit })
    }
}

#[cfg(test)]
mod tests {
    use crate::Board;

    const BOARD: &str = "[platform]\nvendor = 'acme'\n[[agent]]\nname = 'vm1'\n[[sensor]]\n\
        name = 't'\ntype = 'temperature'\nmin = -40\nmax = 125\nsource = 20\n";

    fn parse(text: &str) -> Result<i64, String> {
        let board = Board::parse(BOARD, "test").unwrap_or_else(|error| panic!("{error}"));
        let measure = board.sensors[0].measures().next().expect("a scalar");
        measure.parse(text).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_in_the_unit_of_the_sensor_or_say_what_was_expected() {
        assert_eq!(parse("85"), Ok(85_000));
        assert_eq!(parse(" 85.5 °C "), Ok(85_500));
        assert_eq!(parse("-1000 mdegC"), Ok(-1000));
        assert_eq!(parse("125.001"), Err("a value from -40 to 125 °C".into()));
        assert_eq!(parse("1e300"), Err("a value from -40 to 125 °C".into()));
        assert_eq!(parse("1.0005"), Err("a whole number of 10^-3 °C, such as 1.001".into()));
        let unit = "the unit °C with a prefix (n, u, m, k, M, G) or none instead of \"V\"";
        assert_eq!(parse("5 V"), Err(unit.into()));
        assert_eq!(parse("hot"), Err("a number with a unit such as \"20 °C\"".into()));
    }
}
