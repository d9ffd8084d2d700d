//! The types of sensors in a board file: how people spell them, and the exponent of one that names none.
//!
//! The names themselves and the units are those of [`SensorType::NAMED`].

use scmi::protocol::sensor::SensorType;

/// The type that `text` spells: its name, the sign of its unit, or one of [`SPELLINGS`].
pub(crate) fn named(text: &str) -> Option<SensorType> {
    let by_unit = || {
        let mut kinds =
            SensorType::NAMED.iter().filter(|(.., unit)| *unit == text && !text.is_empty());
        kinds.next().map(|(kind, ..)| *kind).filter(|_| kinds.next().is_none())
    };
    let by_spelling =
        || SPELLINGS.iter().find(|(_, others)| others.contains(&text)).map(|(kind, _)| *kind);
    SensorType::from_word(text).or_else(by_spelling).or_else(by_unit)
}

/// Everything that [`named`] knows, for suggestions.
pub(crate) fn spellings() -> impl Iterator<Item = &'static str> {
    let names = SensorType::NAMED.iter().flat_map(|(_, name, unit)| [*name, *unit]);
    names
        .chain(SPELLINGS.iter().flat_map(|(_, others)| others.iter().copied()))
        .filter(|word| !word.is_empty())
}

/// What may stand after a number of this type; the first is the sign of its unit.
pub(crate) fn units(kind: SensorType) -> Vec<&'static str> {
    let others = SPELLINGS
        .iter()
        .filter(|(other, _)| *other == kind)
        .flat_map(|(_, others)| others.iter().copied());
    [kind.unit()].into_iter().filter(|unit| !unit.is_empty()).chain(others).collect()
}

/// The exponent of a sensor that names none: micro for power and energy (what Linux shows them in),
/// the unit itself for what is counted, milli for the rest.
pub(crate) fn default_exponent(kind: SensorType) -> i8 {
    match kind {
        SensorType::POWER | SensorType::ENERGY => -6,
        _ if COUNTED.contains(&kind) || kind.word().is_none() => 0,
        _ => -3,
    }
}

/// Types whose values are whole numbers of the unit.
const COUNTED: [SensorType; 27] = [
    SensorType::NONE,
    SensorType::UNSPECIFIED,
    SensorType::ROTATIONAL_SPEED,
    SensorType::FREQUENCY,
    SensorType::REVOLUTIONS,
    SensorType::CYCLES,
    SensorType::BITS,
    SensorType::BYTES,
    SensorType::WORDS,
    SensorType::DWORDS,
    SensorType::QWORDS,
    SensorType::PRESSURE,
    SensorType::COUNTS,
    SensorType::HITS,
    SensorType::MISSES,
    SensorType::RETRIES,
    SensorType::OVERRUNS,
    SensorType::UNDERRUNS,
    SensorType::COLLISIONS,
    SensorType::PACKETS,
    SensorType::MESSAGES,
    SensorType::CHARACTERS,
    SensorType::ERRORS,
    SensorType::CORRECTED_ERRORS,
    SensorType::UNCORRECTABLE_ERRORS,
    SensorType::COLOUR_TEMPERATURE,
    SensorType::OEM,
];

/// Spellings besides the name and the sign of the unit.
#[rustfmt::skip]
const SPELLINGS: [(SensorType, &[&str]); 50] = [
    (SensorType::TEMPERATURE_C, &["celsius", "degC"]),
    (SensorType::TEMPERATURE_F, &["fahrenheit", "degF"]),
    (SensorType::TEMPERATURE_K, &["kelvin", "K"]),
    (SensorType::VOLTAGE, &["volt"]),
    (SensorType::CURRENT, &["ampere"]),
    (SensorType::POWER, &["watt"]),
    (SensorType::ENERGY, &["joule"]),
    (SensorType::CHARGE, &["coulomb"]),
    (SensorType::LUMINOUS_FLUX, &["lumen"]),
    (SensorType::ILLUMINANCE, &["lux"]),
    (SensorType::LUMINOUS_INTENSITY, &["candela"]),
    (SensorType::FORCE, &["newton"]),
    (SensorType::AIRFLOW, &["air-flow"]),
    (SensorType::ROTATIONAL_SPEED, &["fan"]),
    (SensorType::FREQUENCY, &["hertz"]),
    (SensorType::SECONDS, &["time"]),
    (SensorType::CUBIC_INCHES, &["in3"]),
    (SensorType::CUBIC_FEET, &["ft3"]),
    (SensorType::LENGTH, &["metre", "meter"]),
    (SensorType::CUBIC_CENTIMETRES, &["cm3", "cubic-centimeters"]),
    (SensorType::VOLUME, &["m3"]),
    (SensorType::LITRES, &["litre", "liter", "liters"]),
    (SensorType::FLUID_OUNCES, &["fl-oz"]),
    (SensorType::ANGLE, &["radian"]),
    (SensorType::GRAVITY, &["g"]),
    (SensorType::FOOT_POUNDS, &["ft-lb"]),
    (SensorType::OUNCE_INCHES, &["oz-in"]),
    (SensorType::INDUCTANCE, &["henry"]),
    (SensorType::CAPACITANCE, &["farad"]),
    (SensorType::RESISTANCE, &["ohm"]),
    (SensorType::CONDUCTANCE, &["siemens"]),
    (SensorType::AMOUNT, &["mole"]),
    (SensorType::RADIOACTIVITY, &["becquerel"]),
    (SensorType::COLOUR_TEMPERATURE, &["color-temperature"]),
    (SensorType::PERCENTAGE, &["percent", "humidity"]),
    (SensorType::PRESSURE, &["pascal"]),
    (SensorType::COUNTS, &["count"]),
    (SensorType::GRAMS, &["gram", "mass"]),
    (SensorType::TORQUE, &["Nm", "N-m"]),
    (SensorType::ABSORBED_DOSE, &["gray"]),
    (SensorType::DOSE_EQUIVALENT, &["sievert"]),
    (SensorType::SQUARE_MILS, &["mil2"]),
    (SensorType::SQUARE_INCHES, &["in2"]),
    (SensorType::SQUARE_FEET, &["ft2"]),
    (SensorType::SQUARE_CENTIMETRES, &["cm2", "square-centimeters"]),
    (SensorType::AREA, &["m2"]),
    (SensorType::ACCELERATION, &["m/s2"]),
    (SensorType::SPEED, &["velocity"]),
    (SensorType::FLOW, &["m3/s"]),
    (SensorType::ANGULAR_ACCELERATION, &["rad/s2"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_found_by_its_name() {
        for (kind, name, _) in SensorType::NAMED {
            assert_eq!(named(name), Some(*kind), "{name}");
        }
        let numbers: Vec<u8> = SensorType::NAMED.iter().map(|(kind, ..)| kind.0).collect();
        assert_eq!(numbers, (0..=0x5D).chain([0xFF]).collect::<Vec<u8>>());
    }

    #[test]
    fn no_spelling_means_two_types_or_hides_a_name() {
        let all: Vec<&str> =
            SPELLINGS.iter().flat_map(|(_, others)| others.iter().copied()).collect();
        for spelling in &all {
            assert_eq!(
                all.iter().filter(|other| other == &spelling).count(),
                1,
                "{spelling} is there twice"
            );
            assert_eq!(SensorType::from_word(spelling), None, "{spelling} is a name already");
        }
    }

    #[test]
    fn names_that_the_format_promises() {
        let cases = [
            ("temperature", 0x02),
            ("°C", 0x02),
            ("voltage", 0x05),
            ("V", 0x05),
            ("current", 0x06),
            ("power", 0x07),
            ("energy", 0x08),
            ("lux", 0x0D),
            ("kPa", 0x0F),
            ("rpm", 0x13),
            ("%", 0x41),
            ("Pa", 0x42),
            ("angular-velocity", 0x57),
            ("rad/s", 0x57),
            ("acceleration", 0x59),
            ("m/s2", 0x59),
            ("m/s²", 0x59),
            ("K", 0x04),
            ("g", 0x28),
            ("oem", 0xFF),
        ];
        for (name, number) in cases {
            assert_eq!(named(name), Some(SensorType(number)), "{name}");
        }
        // A sign that three types share, and no sign at all, mean none of them.
        assert_eq!(named("errors"), Some(SensorType::ERRORS));
        assert_eq!(named(""), None);
        assert_eq!(named("Temperature"), None);
    }

    /// A type as the documentation lists it.
    fn row((kind, name, unit): &(SensorType, &str, &str)) -> String {
        let code = |word: &str| format!("`{word}`");
        let others: Vec<String> =
            units(*kind).into_iter().filter(|word| word != unit).map(code).collect();
        let unit = if unit.is_empty() { String::new() } else { code(unit) };
        format!(
            "| {:#04x} | `{name}` | {unit} | {} | {} |\n",
            kind.0,
            others.join(" "),
            default_exponent(*kind)
        )
    }

    #[test]
    fn the_documentation_lists_every_type() {
        let page = include_str!("../../../docs/board-file.md");
        let missing: String =
            SensorType::NAMED.iter().map(row).filter(|row| !page.contains(row.as_str())).collect();
        assert!(missing.is_empty(), "docs/board-file.md lacks\n{missing}");
    }

    #[test]
    fn the_first_unit_is_the_one_that_messages_show() {
        assert_eq!(units(SensorType::TEMPERATURE_C), ["°C", "celsius", "degC"]);
        assert!(units(SensorType::OEM).is_empty());
        assert!(units(SensorType(0x80)).is_empty());
    }
}
