//! What a sensor of one value and an axis have in common: type, exponent, limits and source.

use scmi::protocol::sensor::SensorType;
use scmi::protocol::sensor::platform::Limits;
use scmi::protocol::sensor::wire::Resolution;
use toml::de::DeValue;

use super::Context;
use super::fields::{Fields, Value};
use super::source;
use crate::kinds;
use crate::report::{Problems, did_you_mean};
use crate::source::Source;
use crate::units::{Decimal, Scaled, parse_quantity};

/// The exponents that a descriptor's five signed bits hold.
const EXPONENTS: core::ops::RangeInclusive<i8> = -16..=15;

/// Bits of the value of a resolution.
const RESOLUTION_BITS: u32 = 27;

/// In which unit values are written, and in which they are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) kind: SensorType,
    pub(super) exponent: i8,
}

/// A value that is measured, checked.
pub(super) struct Channel {
    pub(super) kind: SensorType,
    pub(super) exponent: i8,
    pub(super) limits: Limits,
    pub(super) source: Source,
}

/// The keys of a channel, read but not yet understood: an axis takes what it lacks from its sensor.
#[derive(Clone)]
pub(super) struct Settings<'a> {
    kind: Option<Value<'a>>,
    exponent: Option<Value<'a>>,
    resolution: Option<Value<'a>>,
    min: Option<Value<'a>>,
    max: Option<Value<'a>>,
}

impl<'a> Settings<'a> {
    /// The settings in `fields`.
    pub(super) fn read(fields: &mut Fields<'a>) -> Self {
        Self {
            kind: fields.get("type"),
            exponent: fields.get("exponent"),
            resolution: fields.get("resolution"),
            min: fields.get("min"),
            max: fields.get("max"),
        }
    }

    /// These settings, and those of `sensor` where there are none.
    pub(super) fn or(self, sensor: &Self) -> Self {
        Self {
            kind: self.kind.or_else(|| sensor.kind.clone()),
            exponent: self.exponent.or_else(|| sensor.exponent.clone()),
            resolution: self.resolution.or_else(|| sensor.resolution.clone()),
            min: self.min.or_else(|| sensor.min.clone()),
            max: self.max.or_else(|| sensor.max.clone()),
        }
    }

    /// The scale of the values; reports a missing type against `fields`.
    fn scale(&self, fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Scale> {
        let kind = match &self.kind {
            Some(value) => kind(value, problems),
            None => fields.require("type", problems, EXPECTED_TYPE).and(None),
        };
        let exponent = self.exponent.as_ref().map(|value| value.integer(problems));
        match (kind, exponent) {
            (Some(kind), None) => Some(Scale { kind, exponent: kinds::default_exponent(kind) }),
            (Some(kind), Some(Some(exponent))) => Some(Scale { kind, exponent }),
            _ => None,
        }
    }
}

const EXPECTED_TYPE: &str = "a type such as \"temperature\", \"V\" or \"rpm\", or its number";

/// The channel that `settings` and the source in `fields` describe; its random values are drawn from `seed`.
pub(super) fn channel(
    settings: &Settings<'_>,
    fields: &mut Fields<'_>,
    seed: u64,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Channel> {
    let scale = settings.scale(fields, problems);
    let resolution = settings.resolution.as_ref().map(|value| resolution(value, scale, problems));
    let min = settings.min.as_ref().map(|value| units(value, scale, problems));
    let max = settings.max.as_ref().map(|value| units(value, scale, problems));
    let place = fields.place().to_owned();
    let value = fields.require("source", problems, source::EXPECTED);
    let source = value
        .as_ref()
        .and_then(|value| source::source(value, &place, scale, seed, context, problems));
    let (scale, resolution, min, max) =
        (scale?, all_or_none(resolution)?, all_or_none(min)?, all_or_none(max)?);
    if let (Some(low), Some(high), Some(value)) = (min, max, &settings.max)
        && low >= high
    {
        let low = Decimal::new(low, scale.exponent);
        return value.fail(problems, format!("more than min, which is {low}"));
    }
    let source = source?;
    stays_within(value.as_ref()?, &source, scale, (min, max), problems);
    Some(Channel {
        kind: scale.kind,
        exponent: scale.exponent,
        limits: Limits { resolution, min, max },
        source,
    })
}

/// `None` where a value was there and refused.
fn all_or_none<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        Some(None) => None,
        Some(value) => Some(value),
        None => Some(None),
    }
}

/// A sensor never reads what its descriptor says it cannot.
fn stays_within(
    value: &Value<'_>,
    source: &Source,
    scale: Scale,
    limits: (Option<i64>, Option<i64>),
    problems: &mut Problems,
) {
    let Some((low, high)) = source.bounds() else {
        return;
    };
    let shown = |number| Decimal::new(number, scale.exponent);
    let label = value.label();
    if let Some(min) = limits.0.filter(|min| low < *min) {
        let (low, min) = (shown(low), shown(min));
        problems.push(
            value.span(),
            format!("{label}: found values down to {low}, expected none below the min {min}"),
        );
    }
    if let Some(max) = limits.1.filter(|max| high > *max) {
        let (high, max) = (shown(high), shown(max));
        problems.push(
            value.span(),
            format!("{label}: found values up to {high}, expected none above the max {max}"),
        );
    }
}

/// A type by its name or number.
fn kind(value: &Value<'_>, problems: &mut Problems) -> Option<SensorType> {
    let DeValue::String(text) = value.node() else {
        if matches!(value.node(), DeValue::Integer(_)) {
            return value.integer(problems).map(SensorType);
        }
        return value.fail(problems, EXPECTED_TYPE);
    };
    kinds::named(text).or_else(|| {
        let help =
            did_you_mean(text, kinds::spellings()).map(|name| format!("did you mean {name:?}?"));
        value.fail_with_help(problems, EXPECTED_TYPE, help)
    })
}

/// A number in the unit of `scale`, or with a unit after it; checked for being a number even without a scale.
pub(super) fn quantity(
    value: &Value<'_>,
    scale: Option<Scale>,
    problems: &mut Problems,
) -> Option<Decimal> {
    let units = scale.map(|scale| kinds::units(scale.kind)).unwrap_or_default();
    let expected = match units.first() {
        Some(unit) => format!("a number in {unit}"),
        None => "a number".to_owned(),
    };
    match value.node() {
        DeValue::String(_) if scale.is_none() => None,
        DeValue::String(text) if !units.is_empty() => match parse_quantity(text, &units) {
            Ok(number) => Some(number),
            Err(error) => value.fail(problems, error),
        },
        _ => value.number(problems, expected),
    }
}

/// A number that is a whole number of the units of `scale`.
pub(super) fn units(
    value: &Value<'_>,
    scale: Option<Scale>,
    problems: &mut Problems,
) -> Option<i64> {
    let number = quantity(value, scale, problems)?;
    let Scale { kind, exponent } = scale?;
    let unit = kind.unit();
    let counted =
        if unit.is_empty() { format!("10^{exponent}") } else { format!("10^{exponent} {unit}") };
    match number.in_units_of(exponent) {
        Scaled::Exact(units) => Some(units),
        Scaled::OutOfRange => {
            value.fail(problems, format!("a number that fits 64 bits in units of {counted}"))
        }
        Scaled::Between(nearest) => {
            let nearest = Decimal::new(nearest, exponent);
            let (_, finest) = number.parts();
            let help = match i8::try_from(finest) {
                Ok(finest) if EXPONENTS.contains(&finest) => {
                    format!("write {nearest}, or exponent = {finest} to keep every digit")
                }
                _ => format!("write {nearest}"),
            };
            value.fail_with_help(problems, format!("a whole number of {counted}"), Some(help))
        }
    }
}

/// A resolution as its descriptor holds it: 27 bits and an exponent.
fn resolution(
    value: &Value<'_>,
    scale: Option<Scale>,
    problems: &mut Problems,
) -> Option<Resolution> {
    let number = quantity(value, scale, problems)?;
    if number.is_zero() || number.is_negative() {
        return value.fail(problems, "a number above zero");
    }
    let encoded = EXPONENTS.rev().find_map(|exponent| {
        let value = u32::try_from(number.whole_in(exponent)?).ok()?;
        Some(Resolution { value, exponent })
    });
    let encoded = encoded.filter(|resolution| resolution.value < 1 << RESOLUTION_BITS);
    encoded.or_else(|| {
        value.fail(problems, "digits of 27 bits: at most 134217727 times 10^-16 to 10^15")
    })
}
