//! `--trip POINT=MODE:VALUE`.

use core::str::FromStr;

use scmi::protocol::sensor::wire::TripMode;
use scmi_board::Decimal;

/// A trip point as the command line gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TripArgument {
    /// Its number.
    pub(crate) point: u8,
    /// Which way it must be crossed.
    pub(crate) mode: TripMode,
    /// Where, in the sensor's unit.
    pub(crate) value: Decimal,
}

impl FromStr for TripArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected =
            || "expected POINT=rising|falling|both:VALUE, such as 0=rising:65.5".to_owned();
        let (point, rest) = text.split_once('=').ok_or_else(expected)?;
        let (mode, value) = rest.split_once(':').ok_or_else(expected)?;
        let mode = match mode {
            "rising" => TripMode::RISING,
            "falling" => TripMode::FALLING,
            "both" => TripMode::BOTH,
            _ => return Err(expected()),
        };
        let point = point.parse().map_err(|_| "the number of a trip point is 0 to 255")?;
        let value = value.parse().map_err(|error| format!("{value:?}: {error}"))?;
        Ok(Self { point, mode, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trip_is_a_point_a_way_and_a_value() {
        let value = Decimal::new(-655, -1);
        let trip = TripArgument { point: 1, mode: TripMode::FALLING, value };
        assert_eq!("1=falling:-65.5".parse(), Ok(trip));
        for bad in ["", "1", "1=rising", "1=up:3", "x=both:3", "256=both:3", "1=both:warm"] {
            assert!(bad.parse::<TripArgument>().is_err(), "{bad}");
        }
    }
}
