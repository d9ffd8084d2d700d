//! `source` of a sensor or an axis.

use core::num::NonZeroU64;
use core::ops::RangeInclusive;

use toml::de::DeValue;

use super::Context;
use super::channel::{Scale, units};
use super::common::path;
use super::fields::{Fields, Value};
use crate::report::{Problems, alternatives};
use crate::source::{FileSource, Shape, Source, Step, Steps, Walk, Wave};
use crate::units::Decimal;

pub(super) const EXPECTED: &str = "a number or a table with value, wave, walk, steps or file";

/// The keys that tell the kinds of sources apart.
const KINDS: [&str; 5] = ["value", "wave", "walk", "steps", "file"];

pub(crate) const SHAPES: [(&str, Shape); 3] =
    [("sine", Shape::Sine), ("ramp", Shape::Ramp), ("triangle", Shape::Triangle)];

/// One day, in nanoseconds.
const DAY: u64 = 86_400_000_000_000;

/// How often a file is read where the board does not say, in nanoseconds.
const FILE_EVERY: u64 = 1_000_000_000;

/// What all kinds of sources are read with.
struct Reader<'c, 'p> {
    scale: Option<Scale>,
    seed: u64,
    context: &'c Context<'c>,
    problems: &'p mut Problems,
}

/// The source of what messages call `place`, in units of `scale`.
pub(super) fn source(
    value: &Value<'_>,
    place: &str,
    scale: Option<Scale>,
    seed: u64,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Source> {
    match value.node() {
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::String(_) => {
            return units(value, scale, problems).map(Source::Constant);
        }
        _ => {}
    }
    let mut fields = value.fields(problems, format!("source of {place}"), EXPECTED)?;
    let mut reader = Reader { scale, seed, context, problems };
    let source = match fields.first_of(&KINDS) {
        Some("value") => reader.number(&mut fields, "value").map(Source::Constant),
        Some("wave") => reader.wave(&mut fields).map(Source::Wave),
        Some("walk") => reader.walk(&mut fields).map(Source::Walk),
        Some("steps") => reader.steps(&mut fields).map(Source::Steps),
        Some(_) => reader.file(&mut fields).map(Source::File),
        None => return value.fail(problems, EXPECTED),
    };
    fields.finish(problems);
    source
}

impl Reader<'_, '_> {
    /// A required value in the unit of the sensor.
    fn number(&mut self, fields: &mut Fields<'_>, key: &'static str) -> Option<i64> {
        let unit = self.scale.map_or("", |scale| scale.kind.unit());
        let expected =
            if unit.is_empty() { "a number".to_owned() } else { format!("a number in {unit}") };
        let value = fields.require(key, self.problems, expected)?;
        units(&value, self.scale, self.problems)
    }

    /// A required time.
    fn time(
        &mut self,
        fields: &mut Fields<'_>,
        key: &'static str,
        range: RangeInclusive<u64>,
        bounds: &str,
    ) -> Option<NonZeroU64> {
        let value =
            fields.require(key, self.problems, format!("a time {bounds} such as \"20 s\""))?;
        value.time(self.problems, range, bounds).and_then(NonZeroU64::new)
    }

    /// `min` and `max`, in that order.
    fn bounds(&mut self, fields: &mut Fields<'_>) -> Option<(i64, i64)> {
        let (min, max) = (self.number(fields, "min"), self.number(fields, "max"));
        let (min, max) = (min?, max?);
        if min > max {
            return fields.get("max")?.fail(self.problems, "at least min");
        }
        Some((min, max))
    }

    fn wave(&mut self, fields: &mut Fields<'_>) -> Option<Wave> {
        let names = alternatives(&SHAPES.map(|(name, _)| format!("{name:?}")));
        let value = fields.require("wave", self.problems, &names)?;
        let shape = value.text(self.problems, &names).and_then(|text| {
            let shape = SHAPES.iter().find(|(name, _)| *name == text).map(|(_, shape)| *shape);
            shape.or_else(|| value.fail(self.problems, names))
        });
        let bounds = self.bounds(fields);
        let period = self.time(fields, "period", 1..=u64::MAX, "above zero");
        let phase = fields.get("phase");
        let phase = phase.map_or(Some(0), |value| self.phase(&value, period));
        let (min, max) = bounds?;
        Some(Wave::new(shape?, min, max, period?, phase?))
    }

    /// How far into its period a curve begins: a time, or a part of the period.
    fn phase(&mut self, value: &Value<'_>, period: Option<NonZeroU64>) -> Option<u64> {
        let expected = "a part of the period from 0 to 1, or a time";
        if let DeValue::String(_) = value.node() {
            return value.time(self.problems, 0..=u64::MAX, "of zero or more");
        }
        let part = value.number(self.problems, expected)?;
        // A part in units of 10^-9 keeps the product with a period within 128 bits.
        let part = part
            .round_to(-9)
            .and_then(|part| u64::try_from(part).ok())
            .filter(|part| *part <= 1_000_000_000);
        let Some(part) = part else {
            return value.fail(self.problems, expected);
        };
        let shift = u128::from(part) * u128::from(period?.get()) / 1_000_000_000;
        u64::try_from(shift).ok()
    }

    fn walk(&mut self, fields: &mut Fields<'_>) -> Option<Walk> {
        let expected = "true: a random walk has no other kinds";
        let value = fields.require("walk", self.problems, expected)?;
        if !matches!(value.node(), DeValue::Boolean(true)) {
            value.fail::<()>(self.problems, expected);
        }
        let bounds = self.bounds(fields);
        let start = match fields.get("start") {
            Some(_) => self.number(fields, "start").map(Some),
            None => Some(None),
        };
        let step = self.number(fields, "step");
        let every = self.time(fields, "every", Walk::MIN_EVERY..=DAY, "from 1 ms to 1 d");
        let seed = match fields.get("seed") {
            Some(value) => value.integer(self.problems),
            None => Some(self.seed),
        };
        let ((min, max), start, step) = (bounds?, start?, step?);
        let middle = i64::midpoint(min, max);
        if start.is_some_and(|start| !(min..=max).contains(&start)) {
            return fields.get("start")?.fail(self.problems, "a value between min and max");
        }
        let Some(step) = u64::try_from(step).ok().filter(|step| *step > 0) else {
            return fields.get("step")?.fail(self.problems, "a number above zero");
        };
        Some(Walk::new((min, max), start.unwrap_or(middle), step, every?, seed?))
    }

    fn steps(&mut self, fields: &mut Fields<'_>) -> Option<Steps> {
        let expected = "at least one step such as { at = \"0s\", value = 40.0 }";
        let list = fields.require("steps", self.problems, expected)?;
        let points = self.points(&list, expected);
        let repeat = fields.get("repeat");
        let interpolate = match fields.get("interpolate") {
            Some(value) => value.boolean(self.problems),
            None => Some(false),
        };
        let points = points?;
        let (first, rest) = points.split_first()?;
        let repeat = match &repeat {
            Some(value) => self.repeat(value, first, rest)?,
            None => None,
        };
        Steps::new(*first, rest.to_vec(), repeat, interpolate?)
    }

    /// The steps in order; at least one.
    fn points(&mut self, list: &Value<'_>, expected: &str) -> Option<Vec<Step>> {
        let items = list.items(self.problems, expected)?;
        if items.is_empty() {
            return list.fail(self.problems, expected);
        }
        let mut points: Vec<Option<Step>> = Vec::with_capacity(items.len());
        let mut last = None;
        for (index, item) in items.iter().enumerate() {
            let place = format!("step {} of {}", index + 1, list.label());
            let point = self.point(item, &place, last);
            last = point.map(|point| point.at).or(last);
            points.push(point);
        }
        points.into_iter().collect()
    }

    fn point(&mut self, item: &Value<'_>, place: &str, last: Option<u64>) -> Option<Step> {
        let mut fields =
            item.fields(self.problems, place, "a table such as { at = \"0s\", value = 40.0 }")?;
        let at = fields.require("at", self.problems, "a time such as \"10 s\"");
        let time = at
            .as_ref()
            .and_then(|value| value.time(self.problems, 0..=u64::MAX, "of zero or more"));
        let value = self.number(&mut fields, "value");
        fields.finish(self.problems);
        let time = time?;
        if last.is_some_and(|last| time <= last) {
            return at?.fail(self.problems, "a later time than that of the step before");
        }
        Some(Step { at: time, value: value? })
    }

    /// The length of a script that repeats. `Some(None)` where it does not.
    fn repeat(
        &mut self,
        value: &Value<'_>,
        first: &Step,
        rest: &[Step],
    ) -> Option<Option<NonZeroU64>> {
        let last = rest.last().unwrap_or(first);
        if let DeValue::Boolean(repeat) = value.node() {
            if !repeat {
                return Some(None);
            }
            // The last step lasts as long as the one before it.
            let before = rest.iter().rev().nth(1).unwrap_or(first);
            let length = last.at.checked_add(last.at - before.at).and_then(NonZeroU64::new);
            return match length.filter(|_| !rest.is_empty()) {
                Some(length) => Some(Some(length)),
                None => value.fail(self.problems, "a time such as \"30 s\", or more than one step"),
            };
        }
        let length = value.time(self.problems, 1..=u64::MAX, "above zero")?;
        if length <= last.at {
            return value.fail(self.problems, "a time after that of the last step");
        }
        Some(NonZeroU64::new(length))
    }

    fn file(&mut self, fields: &mut Fields<'_>) -> Option<FileSource> {
        let expected = "the path of a file";
        let path = fields
            .require("file", self.problems, expected)
            .and_then(|value| path(&value, expected, self.context, self.problems));
        let scale = match fields.get("scale") {
            Some(value) => value.number(self.problems, "a number").and_then(|scale| {
                if scale.is_zero() {
                    value.fail(self.problems, "a number other than zero")
                } else {
                    Some(scale)
                }
            }),
            None => Some(Decimal::ONE),
        };
        let every = match fields.get("every") {
            Some(value) => value.time(self.problems, 1_000_000..=DAY, "from 1 ms to 1 d"),
            None => Some(FILE_EVERY),
        };
        Some(FileSource::new(path?, scale?, every?))
    }
}
