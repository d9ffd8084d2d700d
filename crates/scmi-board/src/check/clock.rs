//! `[[clock]]`.

use core::num::NonZeroU64;
use core::ops::Range;

use scmi::protocol::clock::platform::{self, Rates};
use scmi::protocol::clock::wire::{ExtendedType, Rounding};

use super::Context;
use super::clock_tree;
use super::common::{Choice, HERTZ, Names, access, choice, delay, flag, item, or, owner};
use super::fields::{Fields, Value};
use crate::model::Clock;
use crate::report::Problems;

/// The highest rate: what a decimal number is counted in has 63 bits.
const MAX_RATE: i64 = i64::MAX;

/// Linux 6.12 gives up on a clock with more rates in a list.
const LINUX_RATES: usize = 16;

const EXAMPLE: &str = "\"24 MHz\"";

/// A clock whose rates may have to be worked out from those of its parents.
pub(super) struct Draft {
    pub(super) clock: Clock,
    /// All that it can come from, the one it comes from at start included.
    pub(super) parents: Vec<usize>,
    /// Where its parents stand in the file.
    pub(super) place: Range<usize>,
    pub(super) label: String,
}

/// The clocks of `list`.
pub(super) fn clocks(
    list: &Value<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Vec<Clock>> {
    let names = Names::of("clock", Some(list));
    let drafts = super::CLOCKS.read(list, context, problems, |value, at, problems| {
        clock(value, at, &names, context, problems)
    })?;
    clock_tree::finish(drafts, problems)
}

fn clock(
    value: &Value<'_>,
    at: usize,
    names: &Names<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Draft> {
    let (mut fields, name) = item(value, "clock", at, problems)?;
    let family = family(&mut fields, names, at, problems);
    let rates = rates(&mut fields, family.as_ref(), problems);
    let (duty_cycle, phase) = (fields.get("duty-cycle"), fields.get("phase"));
    let mut extended = Vec::new();
    extended.extend(duty_cycle.is_some().then_some(ExtendedType::DUTY_CYCLE));
    extended.extend(phase.is_some().then_some(ExtendedType::PHASE));
    let duty_cycle = or(duty_cycle, 50, |value| value.integer(problems));
    let phase = or(phase, 0, |value| value.integer(problems));
    let enabled = flag(&mut fields, "enabled", false, problems);
    let enable_delay = delay(&mut fields, "enable-delay", problems);
    let rate_change = delay(&mut fields, "rate-change", problems);
    let notify = flag(&mut fields, "notify", true, problems);
    let access = access(&mut fields, context, problems);
    let keep = flag(&mut fields, "keep", false, problems);
    let owner = owner(&mut fields, context, problems);
    let label = fields.place().to_owned();
    fields.finish(problems);

    let (family, (rates, rate), notify) = (family?, rates?, notify?);
    let description = platform::Clock {
        name: name?,
        rates,
        parents: family.choice,
        extended,
        enable_delay: enable_delay?,
        rate_change: rate_change?,
        notifies_changes: notify,
        notifies_requests: notify,
    };
    let clock = Clock {
        description,
        rate,
        enabled: enabled?,
        parent: family.first,
        divide: family.divide,
        duty_cycle: duty_cycle?,
        phase: phase?,
        access: access?,
        keep: keep?,
        owner: owner?,
    };
    Some(Draft {
        clock,
        parents: family.all,
        place: family.place.unwrap_or_else(|| value.span().clone()),
        label,
    })
}

/// Where a clock comes from.
struct Family {
    /// What agents can choose from.
    choice: Vec<usize>,
    /// The one at start.
    first: Option<usize>,
    all: Vec<usize>,
    divide: Option<NonZeroU64>,
    place: Option<Range<usize>>,
}

fn family(
    fields: &mut Fields<'_>,
    names: &Names<'_>,
    at: usize,
    problems: &mut Problems,
) -> Option<Family> {
    let (list, one, divide) = (fields.get("parents"), fields.get("parent"), fields.get("divide"));
    let place = list.as_ref().or(one.as_ref()).map(|value| value.span().clone());
    let itself = at.checked_sub(1);
    let choice = or(list.clone(), Vec::new(), |value| {
        let ids = names.find_all(value, 1..=255, problems)?;
        if ids.iter().any(|id| Some(*id) == itself) {
            return value.fail(problems, "other clocks than this one");
        }
        Some(ids)
    });
    let first = or(one.clone(), None, |value| {
        let id = names.find(value, problems)?;
        if Some(id) == itself {
            return value.fail(problems, "another clock than this one");
        }
        Some(Some(id))
    });
    let divide = or(divide.clone(), None, |value| {
        if place.is_none() {
            return value.refuse(problems, "found without parent, expected both");
        }
        value.integer(problems).map(NonZeroU64::new)
    });
    let (choice, first, divide) = (choice?, first?, divide?);
    let mut all = choice.clone();
    match first {
        Some(first) if choice.is_empty() => all.push(first),
        Some(first) if !choice.contains(&first) => {
            return one?.fail(problems, "one of parents");
        }
        _ => {}
    }
    Some(Family { first: first.or_else(|| choice.first().copied()), choice, all, divide, place })
}

/// The rates, and the one at start. Those of a clock that divides are worked out later.
fn rates(
    fields: &mut Fields<'_>,
    family: Option<&Family>,
    problems: &mut Problems,
) -> Option<(Rates, u64)> {
    if fields.has("divide") {
        for key in ["rates", "rate"] {
            fields.refuse(key, problems, "found on a clock with divide, expected one of the two");
        }
        return family.map(|_| (Rates::List(Vec::new()), 0));
    }
    let expected = format!("an array such as [{EXAMPLE}] or a table {{ min, max, step }}");
    let list = fields.require("rates", problems, expected);
    let start = fields.get("rate");
    let hertz =
        |value: &Value<'_>, problems: &mut Problems| HERTZ.read(value, 0..=MAX_RATE, problems);
    let step =
        |value: &Value<'_>, problems: &mut Problems| HERTZ.read(value, 1..=MAX_RATE, problems);
    let rates = list.as_ref().and_then(|list| choice(list, EXAMPLE, problems, hertz, step));
    let wanted = or(start.clone(), None, |value| hertz(value, problems).map(Some));
    let rates = match rates? {
        Choice::List(list) => {
            if let Some(value) = list.get(LINUX_RATES).and_then(|_| fields.get("rates")) {
                let count = list.len();
                value.warn(problems, format!(
                    "found {count} rates; Linux 6.12 gives up on a clock with a list of more than {LINUX_RATES}"
                ));
            }
            Rates::List(list.into_iter().filter_map(|rate| u64::try_from(rate).ok()).collect())
        }
        Choice::Range { min, max, step } => {
            let [lowest, highest, step] = [min, max, step].map(i64::unsigned_abs);
            Rates::Range { lowest, highest, step }
        }
    };
    let lowest = match &rates {
        Rates::List(list) => list.first().copied().unwrap_or(0),
        Rates::Range { lowest, .. } => *lowest,
    };
    let rate = wanted?.map_or(lowest, i64::unsigned_abs);
    if rates.round(rate, Rounding::Down) != Ok(rate) {
        return start?.fail(problems, "one of rates");
    }
    Some((rates, rate))
}
