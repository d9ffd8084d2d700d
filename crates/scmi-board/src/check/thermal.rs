//! `thermal-zone` of a sensor.

use core::time::Duration;

use scmi::protocol::sensor::SensorType;

use super::channel::{Scale, units};
use super::fields::{Fields, Value};
use crate::report::{Problems, alternatives};
use crate::sensor::{ThermalZone, Trip, TripAction};

/// Linux keeps 20 bytes of a zone's name, the NUL included.
const MAX_NAME: usize = 19;

/// What the device-tree binding wants at the end of a zone's name.
const SUFFIX: &str = "-thermal";

/// Device trees count in millidegrees Celsius.
const MILLIDEGREES: Scale = Scale { kind: SensorType::TEMPERATURE_C, exponent: -3 };

/// How far below a trip its end lies where the file does not say, in millidegrees.
const HYSTERESIS: u32 = 2000;

/// One second, in nanoseconds.
const SECOND: u64 = 1_000_000_000;

pub(crate) const ACTIONS: [TripAction; 4] =
    [TripAction::Passive, TripAction::Active, TripAction::Hot, TripAction::Critical];

const EXPECTED: &str = "a table such as { trips = [{ at = 70.0, type = \"passive\" }] }";

/// The zone that `value` describes for the sensor called `sensor`.
pub(super) fn zone(
    value: &Value<'_>,
    sensor: &str,
    problems: &mut Problems,
) -> Option<ThermalZone> {
    let place = value.label().to_owned();
    let mut fields = value.fields(problems, place.clone(), EXPECTED)?;
    let name = match fields.get("name") {
        Some(value) => zone_name(&value, problems),
        None => Some(name_from(sensor)),
    };
    let polling = match fields.get("polling") {
        Some(value) => value.time(problems, SECOND / 1000..=3600 * SECOND, "from 1 ms to 1 h"),
        None => Some(SECOND),
    };
    let expected = "at least one trip such as { at = 70.0, type = \"passive\" }";
    let trips = fields.require("trips", problems, expected).and_then(|value| {
        let items = value.items(problems, expected)?;
        if items.is_empty() {
            return value.fail(problems, expected);
        }
        let trip = |(index, item)| trip(item, &format!("trip {} of {place}", index + 1), problems);
        let trips: Vec<Option<Trip>> = items.iter().enumerate().map(trip).collect();
        trips.into_iter().collect::<Option<Vec<Trip>>>()
    });
    fields.finish(problems);
    Some(ThermalZone { name: name?, polling: Duration::from_nanos(polling?), trips: trips? })
}

fn trip(value: &Value<'_>, place: &str, problems: &mut Problems) -> Option<Trip> {
    let mut fields =
        value.fields(problems, place, "a table such as { at = 70.0, type = \"passive\" }")?;
    let temperature = fields
        .require("at", problems, "a temperature in °C")
        .and_then(|value| millidegrees(&value, problems));
    let hysteresis = match fields.get("hysteresis") {
        Some(value) => millidegrees(&value, problems).and_then(|degrees: i32| {
            u32::try_from(degrees).ok().or_else(|| value.fail(problems, "zero or more degrees"))
        }),
        None => Some(HYSTERESIS),
    };
    let action = action(&mut fields, problems);
    fields.finish(problems);
    Some(Trip { temperature: temperature?, hysteresis: hysteresis?, action: action? })
}

fn millidegrees(value: &Value<'_>, problems: &mut Problems) -> Option<i32> {
    let number = units(value, Some(MILLIDEGREES), problems)?;
    i32::try_from(number)
        .ok()
        .or_else(|| value.fail(problems, "a temperature within 2 million degrees of zero"))
}

fn action(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<TripAction> {
    let words = ACTIONS.map(|action| format!("{:?}", action.word()));
    let expected = alternatives(&words);
    let value = fields.require("type", problems, &expected)?;
    let text = value.text(problems, &expected)?;
    let action = ACTIONS.into_iter().find(|action| action.word() == text);
    action.or_else(|| value.fail(problems, expected))
}

fn zone_name(value: &Value<'_>, problems: &mut Problems) -> Option<String> {
    let expected = "a letter, then letters, digits and dashes, at most 19 in all";
    let text = value.text(problems, expected)?;
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic());
    if starts_well && text.len() <= MAX_NAME && text.bytes().all(good) {
        return Some(text.to_owned());
    }
    value.fail(problems, expected)
}

/// A name for the zone of the sensor called `sensor`: what a node may be called, of it.
fn name_from(sensor: &str) -> String {
    let plain = |character: char| {
        if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '-' }
    };
    let letters: String = sensor
        .chars()
        .map(plain)
        .skip_while(|character| !character.is_ascii_alphabetic())
        .collect();
    let short: String = letters.chars().take(MAX_NAME - SUFFIX.len()).collect();
    match short.trim_end_matches('-') {
        "" => format!("zone{SUFFIX}"),
        name => format!("{name}{SUFFIX}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_called_after_its_sensor() {
        let cases = [
            ("cpu", "cpu-thermal"),
            ("CPU die 0", "cpu-die-0-thermal"),
            ("3rd-rail", "rd-rail-thermal"),
            ("a-very-long-name-of-a-sensor", "a-very-long-thermal"),
            ("é", "zone-thermal"),
        ];
        for (sensor, zone) in cases {
            assert_eq!(name_from(sensor), zone);
            assert!(zone.len() <= MAX_NAME);
        }
    }
}
