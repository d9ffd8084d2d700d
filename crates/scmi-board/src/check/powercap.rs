//! `[[power-cap]]`.

use scmi::protocol::perf::wire::PowerUnit as CostUnit;
use scmi::protocol::powercap::platform::{self, Steps};
use scmi::protocol::powercap::wire::PowerUnit;
use toml::de::DeValue;

use super::Context;
use super::common::{MICROWATTS, Names, access, delay, flag, item, or};
use super::fields::{Fields, Value};
use crate::model::{PerformanceDomain, PowerCap};
use crate::report::Problems;

/// The averaging interval where the file does not say, in microseconds.
const AVERAGING: u32 = 1_000_000;

/// An averaging interval has 32 bits of microseconds; this is their number in nanoseconds.
const MAX_AVERAGING: u64 = 4_294_967_295_000;

/// The powercap domains of `list`.
pub(super) fn domains(
    list: &Value<'_>,
    performance: Option<&[PerformanceDomain]>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Vec<PowerCap>> {
    let names = Names::of("power cap", Some(list));
    let items = list.items(problems, "tables [[power-cap]]")?;
    let domains = super::POWER_CAPS.read(list, context, problems, |value, at, problems| {
        domain(value, at, &names, performance, context, problems)
    })?;
    // Linux overruns its memory for a circle.
    if let Some((domain, item)) =
        on_circle(&domains).and_then(|id| domains.get(id).zip(items.get(id)))
    {
        let name = &domain.description.name;
        let message = format!(
            "parent of power cap {name:?}: found a domain that is part of this one, expected a tree"
        );
        problems.push(&item.span_of("parent"), message);
        return None;
    }
    Some(domains)
}

/// A domain that is part of itself, by way of others. Each domain is passed once, however deep the tree is.
fn on_circle(domains: &[PowerCap]) -> Option<usize> {
    // By which way upwards, if any, a domain was passed.
    let mut passed = vec![None; domains.len()];
    for start in 0..domains.len() {
        let mut next = Some(start);
        while let Some(id) = next {
            let (way, domain) = (passed.get_mut(id)?, domains.get(id)?);
            match way {
                Some(way) if *way == start => return Some(id),
                Some(_) => break,
                None => *way = Some(start),
            }
            next = domain.description.parent;
        }
    }
    None
}

fn domain(
    value: &Value<'_>,
    at: usize,
    names: &Names<'_>,
    performance: Option<&[PerformanceDomain]>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<PowerCap> {
    let (mut fields, name) = item(value, "power cap", at, problems)?;
    let expected = "a power such as \"5 W\" or a table { min, max, step }";
    let cap = fields
        .require("cap", problems, expected)
        .and_then(|value| steps(&value, expected, problems, &mut watts));
    let pai = averaging(&mut fields, problems);
    let sustainable = or(fields.get("sustainable-power"), None, |value| {
        MICROWATTS.read(value, 0..=u32::MAX, problems).map(Some)
    });
    let accuracy = or(fields.get("accuracy"), 0, |value| percent(value, problems));
    let parent = or(fields.get("parent"), None, |value| names.find(value, problems).map(Some));
    let measures = or(fields.get("measures"), Vec::new(), |value| {
        measures(value, performance, context, problems)
    });
    let power = or(fields.get("power"), 0, |value| MICROWATTS.read(value, 0..=u32::MAX, problems));
    let monitoring = flag(&mut fields, "monitoring", true, problems);
    let asynchronous = flag(&mut fields, "async", true, problems);
    let set_time = delay(&mut fields, "set-time", problems);
    let notify = flag(&mut fields, "notify", true, problems);
    let access = access(&mut fields, context, problems);
    let monitoring_key = fields.get("monitoring");
    fields.finish(problems);

    let (cap, (pai, initial_pai), monitoring, notify) = (cap?, pai?, monitoring?, notify?);
    if let (true, false, Some(value)) = (cap.is_fixed(), monitoring, monitoring_key) {
        return value.refuse(
            problems,
            "found false with a cap that cannot be set, expected a domain that is capped or measured",
        );
    }
    let description = platform::PowercapDomain {
        name: name?,
        unit: PowerUnit::MICROWATT,
        cap,
        pai,
        initial_pai,
        sustainable_power: sustainable?.unwrap_or(cap.max),
        accuracy: accuracy?,
        parent: parent?,
        monitoring,
        asynchronous: asynchronous?,
        set_time: set_time?,
        cap_notifications: notify,
        measurement_notifications: notify && monitoring,
    };
    Some(PowerCap { description, power: power?, measures: measures?, access: access? })
}

/// The performance domains that count; each of them once, and in watts.
fn measures(
    value: &Value<'_>,
    performance: Option<&[PerformanceDomain]>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Vec<usize>> {
    let ids = context.performance_domains.find_all(value, 0..=65_535, problems)?;
    let in_watts = |id: &usize| {
        let domain = performance.and_then(|domains| domains.get(*id));
        domain.is_none_or(|domain| domain.unit != CostUnit::ABSTRACT)
    };
    if ids.iter().all(in_watts) {
        return Some(ids);
    }
    value.refuse(problems, "found a performance domain whose levels have no cost in watts, expected one with cost = \"500 mW\"")
}

type Reader<'r> = &'r mut dyn FnMut(&Value<'_>, &mut Problems) -> Option<u32>;

fn watts(value: &Value<'_>, problems: &mut Problems) -> Option<u32> {
    MICROWATTS.read(value, 1..=u32::MAX, problems)
}

fn micros(value: &Value<'_>, problems: &mut Problems) -> Option<u32> {
    let nanos = value.time(problems, 1000..=MAX_AVERAGING, "from 1 us to 4294 s")?;
    if nanos % 1000 != 0 {
        return value.fail(problems, "a whole number of microseconds");
    }
    u32::try_from(nanos / 1000).ok()
}

/// The averaging intervals, and the one at start.
fn averaging(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<(Steps, u32)> {
    let expected = "a time such as \"100 ms\" or a table { min, max, step }";
    let start = fields.get("averaging-interval");
    let steps = or(fields.get("averaging"), Steps::fixed(AVERAGING), |value| {
        steps(value, expected, problems, &mut micros)
    });
    let wanted = or(start.clone(), None, |value| micros(value, problems).map(Some));
    let steps = steps?;
    let interval = wanted?.unwrap_or(steps.min);
    if steps.at_or_below(interval) != Some(interval) {
        return start?.fail(problems, "one of averaging");
    }
    Some((steps, interval))
}

/// One value, or all from the least to the most.
fn steps(
    value: &Value<'_>,
    expected: &str,
    problems: &mut Problems,
    read: Reader<'_>,
) -> Option<Steps> {
    let DeValue::Table(_) = value.node() else {
        return read(value, problems).map(Steps::fixed);
    };
    let mut fields = value.fields(problems, value.label(), expected)?;
    let [min, max, step] =
        ["min", "max", "step"].map(|key| fields.require(key, problems, expected));
    fields.finish(problems);
    let low = min.as_ref().and_then(|value| read(value, problems));
    let high = max.as_ref().and_then(|value| read(value, problems));
    let by = step.as_ref().and_then(|value| read(value, problems));
    let (low, high, by) = (low?, high?, by?);
    if low >= high {
        return max?.fail(problems, "more than min");
    }
    Some(Steps { min: low, max: high, step: by })
}

/// A part of a hundred, in thousandths.
fn percent(value: &Value<'_>, problems: &mut Problems) -> Option<u32> {
    let expected = "a percentage from 0 to 100 with at most three decimals";
    let number = value.number(problems, expected)?;
    let thousandths = number.whole_in(-3).and_then(|number| u32::try_from(number).ok());
    thousandths.filter(|part| *part <= 100_000).or_else(|| value.fail(problems, expected))
}
