//! `[[performance-domain]]`.

use core::ops::Range;

use scmi::protocol::perf::platform::{self, PerfLevel};
use scmi::protocol::perf::wire::PowerUnit;
use toml::de::DeValue;

use super::Context;
use super::common::{HERTZ, MICROWATTS, access, delay, flag, item, or, owner};
use super::cpus::{self, Claim};
use super::fields::{Fields, Value};
use crate::model::PerformanceDomain;
use crate::report::Problems;

/// Linux 6.12 gives up on a domain with more levels.
const LINUX_LEVELS: usize = 32;

/// The number of levels has 12 bits.
const MAX_LEVELS: usize = 4095;

/// Frequencies are counted in kHz, of which 32 bits are sent.
const MAX_HERTZ: i64 = 4_294_967_295_000;

/// A rate limit has 20 bits of microseconds; this is their number in nanoseconds.
const MAX_RATE_LIMIT: u64 = 0xF_FFFF * 1000;

const EXPECTED: &str =
    "at least one level such as { frequency = \"1 GHz\", cost = \"500 mW\", latency = \"100 us\" }";

/// What a level costs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cost {
    Unknown,
    /// A number to compare.
    Plain(u32),
    Microwatts(u32),
}

/// A domain whose costs are not yet in the unit of the board.
struct Draft {
    domain: PerformanceDomain,
    costs: Vec<(Cost, Range<usize>)>,
    cpus: Option<Claim>,
}

/// The performance domains of `list`.
pub(super) fn domains(
    list: &Value<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Vec<PerformanceDomain>> {
    let drafts =
        super::PERFORMANCE_DOMAINS.read(list, context, problems, |value, at, problems| {
            domain(value, at, context, problems)
        })?;
    cpus::no_cpu_twice(drafts.iter().filter_map(|draft| draft.cpus.as_ref()), problems)?;
    let unit = unit(&drafts, problems)?;
    let finished = drafts.into_iter().map(|Draft { mut domain, costs, cpus }| {
        domain.unit = unit;
        domain.cpus = cpus.map(|(cpus, _)| cpus);
        for (level, (cost, _)) in domain.description.levels.iter_mut().zip(costs) {
            level.power_cost = match (cost, unit) {
                (Cost::Unknown, _) => 0,
                (Cost::Microwatts(cost), PowerUnit::MILLIWATT) => cost / 1000,
                (Cost::Microwatts(cost) | Cost::Plain(cost), _) => cost,
            };
        }
        domain
    });
    Some(finished.collect())
}

/// What all costs of the board can be said in. Old agents know milliwatts, but not microwatts.
fn unit(drafts: &[Draft], problems: &mut Problems) -> Option<PowerUnit> {
    let costs = || drafts.iter().flat_map(|draft| &draft.costs);
    let plain = costs().any(|(cost, _)| matches!(cost, Cost::Plain(_)));
    let physical = costs().find(|(cost, _)| matches!(cost, Cost::Microwatts(_)));
    match physical {
        Some((_, place)) if plain => {
            problems.push(place, "cost: found a power, expected a number as other levels of the board have: all costs are in one unit");
            None
        }
        Some(_) => {
            let whole = costs()
                .all(|(cost, _)| !matches!(cost, Cost::Microwatts(cost) if cost % 1000 != 0));
            Some(if whole { PowerUnit::MILLIWATT } else { PowerUnit::MICROWATT })
        }
        None => Some(PowerUnit::ABSTRACT),
    }
}

fn domain(
    value: &Value<'_>,
    at: usize,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Draft> {
    let (mut fields, name) = item(value, "performance domain", at, problems)?;
    let indexed = flag(&mut fields, "indexed", false, problems);
    let levels = levels(&mut fields, problems);
    let known = levels.as_ref().map(|(levels, _)| levels.as_slice());
    let initial = or(fields.get("level"), 0, |value| position(value, known, problems));
    let top = known.map_or(0, |levels| levels.len().saturating_sub(1));
    let sustained =
        or(fields.get("sustained-level"), top, |value| position(value, known, problems));
    let rate_limit = or(fields.get("rate-limit"), 0, |value| {
        value.time(problems, 0..=MAX_RATE_LIMIT, "of at most 1048575 us")
    });
    let notify = flag(&mut fields, "notify", true, problems);
    let power_domain = or(fields.get("power-domain"), None, |value| {
        context.power_domains.find(value, problems).map(Some)
    });
    let cpus = or(fields.get("cpus"), None, |value| cpus::cpus(value, problems).map(Some));
    let access = access(&mut fields, context, problems);
    let owner = owner(&mut fields, context, problems);
    let levels_key = fields.get("levels");
    fields.finish(problems);

    let ((levels, costs), indexed, notify) = (levels?, indexed?, notify?);
    let sustained = levels.get(sustained?).copied()?;
    let description = platform::PerfDomain {
        name: name?,
        initial: initial?,
        sustained_khz: sustained.frequency_khz,
        sustained_level: sustained.level,
        rate_limit_us: u32::try_from(rate_limit? / 1000).ok()?,
        indexed,
        limit_notifications: notify,
        level_notifications: notify,
        levels,
    };
    if let Some(value) = levels_key {
        fits_linux(&value, &description, problems)?;
    }
    let domain = PerformanceDomain {
        description,
        unit: PowerUnit::ABSTRACT,
        power_domain: power_domain?,
        cpus: None,
        access: access?,
        owner: owner?,
    };
    Some(Draft { domain, costs, cpus: cpus? })
}

/// Linux takes a level times the sustained frequency through the sustained level for its frequency.
fn fits_linux(
    value: &Value<'_>,
    domain: &platform::PerfDomain,
    problems: &mut Problems,
) -> Option<()> {
    let count = domain.levels.len();
    if count > LINUX_LEVELS {
        value.warn(problems, format!(
            "found {count} levels; Linux 6.12 gives up on a domain with more than {LINUX_LEVELS}"
        ));
    }
    let hertz = u64::from(domain.sustained_khz) * 1000;
    let level = u64::from(domain.sustained_level);
    if domain.indexed || hertz == 0 || level == 0 {
        return Some(());
    }
    if hertz % level != 0 {
        let message = format!(
            "found the sustained frequency {hertz} Hz for the level {level}, expected a whole multiple: \
             it is what turns a level into hertz"
        );
        return value.refuse(problems, message);
    }
    let factor = hertz / level;
    let odd = domain.levels.iter().find(|level| {
        level.frequency_khz != 0
            && u64::from(level.level) * factor != u64::from(level.frequency_khz) * 1000
    });
    if let Some(PerfLevel { level, frequency_khz, .. }) = odd {
        value.warn(problems, format!(
            "found the frequency {frequency_khz} kHz for the level {level}; without indexed = true Linux takes it for {} kHz",
            u64::from(*level) * factor / 1000
        ));
    }
    Some(())
}

type Levels = (Vec<PerfLevel>, Vec<(Cost, Range<usize>)>);

fn levels(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Levels> {
    let list = fields.require("levels", problems, EXPECTED)?;
    let items = list.items(problems, EXPECTED)?;
    if items.is_empty() || items.len() > MAX_LEVELS {
        return list.fail(problems, format!("1 to {MAX_LEVELS} levels, {EXPECTED}"));
    }
    let mut levels: Vec<PerfLevel> = Vec::with_capacity(items.len());
    let mut costs = Vec::with_capacity(items.len());
    let mut good = true;
    for (index, item) in items.iter().enumerate() {
        let place = format!("level {} of {}", index + 1, list.label());
        let Some((level, cost)) = level(item, index, &place, problems) else {
            good = false;
            continue;
        };
        let last = levels.last();
        if last.is_some_and(|last| last.level >= level.level || last.index >= level.index) {
            item.refuse::<()>(
                problems,
                "found a level or an index that is not above the one before, expected both to rise",
            );
            good = false;
        }
        levels.push(level);
        costs.push((cost, item.span_of("cost")));
    }
    good.then_some((levels, costs))
}

fn level(
    item: &Value<'_>,
    index: usize,
    place: &str,
    problems: &mut Problems,
) -> Option<(PerfLevel, Cost)> {
    let mut fields = item.fields(problems, place, EXPECTED)?;
    let frequency = or(fields.get("frequency"), 0, |value| {
        let hertz = HERTZ.read(value, 0..=MAX_HERTZ, problems)?;
        let khz = u32::try_from(hertz / 1000).ok().filter(|_| hertz % 1000 == 0);
        khz.or_else(|| value.fail(problems, "a whole number of kilohertz"))
    });
    let number = if fields.has("frequency") {
        let number = fields.get("level");
        or(number, frequency.unwrap_or(0), |value| value.integer(problems))
    } else {
        let number =
            fields.require("level", problems, "a number from 1 to 4294967295, or frequency");
        number.and_then(|value| value.integer(problems))
    };
    let cost = or(fields.get("cost"), Cost::Unknown, |value| match value.node() {
        DeValue::Integer(_) => value.integer(problems).map(Cost::Plain),
        _ => {
            value.text(problems, "a power such as \"500 mW\", or a whole number to compare")?;
            MICROWATTS.read(value, 0..=u32::MAX, problems).map(Cost::Microwatts)
        }
    });
    let latency = delay(&mut fields, "latency", problems);
    // As a limit, 0 means that nothing changes, so no level is called that.
    let next = u32::try_from(index + 1).ok()?;
    let index = or(fields.get("index"), next, |value| value.integer(problems));
    fields.finish(problems);
    let level = PerfLevel {
        level: number?,
        power_cost: 0,
        latency: latency?,
        frequency_khz: frequency?,
        index: index?,
    };
    Some((level, cost?))
}

/// The position of a level, by its number or by its frequency.
fn position(
    value: &Value<'_>,
    levels: Option<&[PerfLevel]>,
    problems: &mut Problems,
) -> Option<usize> {
    let expected = "the number or the frequency of one of levels";
    let is = |level: &PerfLevel, number: i64, hertz: bool| {
        let own = if hertz { i64::from(level.frequency_khz) * 1000 } else { level.level.into() };
        own == number
    };
    let (number, hertz) = match value.node() {
        DeValue::Integer(_) => (value.integer(problems)?, false),
        DeValue::String(_) => (HERTZ.read(value, 0..=MAX_HERTZ, problems)?, true),
        _ => return value.fail(problems, expected),
    };
    let position = levels?.iter().position(|level| is(level, number, hertz));
    position.or_else(|| value.fail(problems, expected))
}
