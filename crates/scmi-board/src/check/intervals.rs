//! `update-intervals` and `update-interval`.

use scmi::protocol::sensor::platform::Intervals;
use scmi::protocol::sensor::wire::Interval;
use toml::de::DeValue;

use super::fields::{Fields, Value};
use crate::report::Problems;

/// Intervals of one sensor: what the 12 bits of a page's count can say.
const MAX_INTERVALS: usize = 4095;

/// The greatest interval, in nanoseconds: the longest that 16 bits can say in whole seconds is 18 hours.
const MAX_INTERVAL: u64 = 65_535_000_000_000;

const EXPECTED: &str = "an array such as [\"10 ms\", \"1 s\"] or a table { first, last, step }";

/// The intervals and the one that is set at the start.
pub(super) type Choice = (Intervals, Interval);

/// The two keys of `fields`.
pub(super) fn intervals(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Choice> {
    let value = fields.get("update-intervals");
    let initial = fields.get("update-interval");
    let Some(value) = value else {
        return match initial {
            Some(initial) => {
                initial.refuse(problems, "found without update-intervals, expected both")
            }
            None => Some((Intervals::None, Interval::default())),
        };
    };
    let choices = match value.node() {
        DeValue::Table(_) => range(&value, problems),
        _ => list(&value, problems),
    };
    let Some(initial) = initial else {
        let choices = choices?;
        let slowest = choices.slowest();
        return Some((choices.intervals, slowest));
    };
    let wanted = interval(&initial, problems);
    let (choices, wanted) = (choices?, wanted?);
    if !choices.contains(wanted.nanos) {
        return initial.fail(problems, "one of update-intervals");
    }
    Some((choices.intervals, wanted.encoded))
}

/// An interval in both forms.
#[derive(Clone, Copy)]
struct Exact {
    nanos: u64,
    encoded: Interval,
}

struct Choices {
    intervals: Intervals,
    nanos: Nanos,
}

enum Nanos {
    List(Vec<u64>),
    Range { first: u64, last: u64, step: u64 },
}

impl Choices {
    fn contains(&self, nanos: u64) -> bool {
        match &self.nanos {
            Nanos::List(list) => list.contains(&nanos),
            Nanos::Range { first, last, step } => {
                (*first..=*last).contains(&nanos) && (nanos - first).is_multiple_of(*step)
            }
        }
    }

    fn slowest(&self) -> Interval {
        match &self.intervals {
            Intervals::List(list) => list.last().copied().unwrap_or_default(),
            Intervals::Range { last, .. } => *last,
            Intervals::None => Interval::default(),
        }
    }
}

fn list(value: &Value<'_>, problems: &mut Problems) -> Option<Choices> {
    let items = value.items(problems, EXPECTED)?;
    if items.is_empty() || items.len() > MAX_INTERVALS {
        return value.fail(problems, format!("1 to {MAX_INTERVALS} intervals"));
    }
    let checked: Vec<Option<Exact>> = items.iter().map(|item| interval(item, problems)).collect();
    let checked: Vec<Exact> = checked.into_iter().collect::<Option<_>>()?;
    for (item, pair) in items.iter().skip(1).zip(checked.windows(2)) {
        if let [earlier, later] = pair
            && earlier.nanos >= later.nanos
        {
            return item.fail(problems, "a longer interval than the one before it");
        }
    }
    Some(Choices {
        intervals: Intervals::List(checked.iter().map(|exact| exact.encoded).collect()),
        nanos: Nanos::List(checked.iter().map(|exact| exact.nanos).collect()),
    })
}

fn range(value: &Value<'_>, problems: &mut Problems) -> Option<Choices> {
    let mut fields = value.fields(problems, value.label(), EXPECTED)?;
    let expected = "a time such as \"10 ms\"";
    let (first, last, step) = (
        fields.require("first", problems, expected),
        fields.require("last", problems, expected),
        fields.require("step", problems, expected),
    );
    fields.finish(problems);
    let mut read =
        |value: &Option<Value<'_>>| value.as_ref().and_then(|value| interval(value, problems));
    let (low, high, each) = (read(&first), read(&last), read(&step));
    let (low, high, each) = (low?, high?, each?);
    if high.nanos <= low.nanos {
        return last?.fail(problems, "a longer interval than first");
    }
    if !(high.nanos - low.nanos).is_multiple_of(each.nanos) {
        return step?.fail(problems, "a step that leads from first to last");
    }
    Some(Choices {
        intervals: Intervals::Range { first: low.encoded, last: high.encoded, step: each.encoded },
        nanos: Nanos::Range { first: low.nanos, last: high.nanos, step: each.nanos },
    })
}

/// An interval above zero that 16 bits times a power of ten can say exactly.
fn interval(value: &Value<'_>, problems: &mut Problems) -> Option<Exact> {
    let nanos = value.time(problems, 1..=MAX_INTERVAL, "from 1 ns to 65535 s")?;
    let encoded = (-9..=15).rev().find_map(|exponent: i8| {
        let seconds =
            crate::units::Decimal::new(i64::try_from(nanos).ok()?, -9).whole_in(exponent)?;
        u16::try_from(seconds).ok().map(|seconds| Interval { seconds, exponent })
    });
    match encoded {
        Some(encoded) => Some(Exact { nanos, encoded }),
        None => {
            value.fail(problems, "an interval of at most 65535 times a power of ten: fewer digits")
        }
    }
}
