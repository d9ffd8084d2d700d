//! `[[voltage-domain]]`.

use scmi::protocol::voltage::platform::{self, Levels};
use scmi::protocol::voltage::wire::Mode;

use super::Context;
use super::common::{Choice, MICROVOLTS, access, choice, delay, flag, item, or};
use super::fields::{Fields, Value};
use crate::model::VoltageDomain;
use crate::report::Problems;

const EXAMPLE: &str = "\"850 mV\"";

/// The voltage domain at position `at`, from 1.
pub(super) fn domain(
    value: &Value<'_>,
    at: usize,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<VoltageDomain> {
    let (mut fields, name) = item(value, "voltage domain", at, problems)?;
    let levels = levels(&mut fields, problems);
    let enabled = flag(&mut fields, "enabled", true, problems);
    let can_be_off = flag(&mut fields, "can-be-off", true, problems);
    let asynchronous = flag(&mut fields, "async", true, problems);
    let enable_delay = delay(&mut fields, "enable-delay", problems);
    let level_change = delay(&mut fields, "level-change", problems);
    let access = access(&mut fields, context, problems);
    let keep = flag(&mut fields, "keep", false, problems);
    let enabled_key = fields.get("enabled");
    fields.finish(problems);
    if let (Some(false), Some(false), Some(value)) = (enabled, can_be_off, enabled_key) {
        return value.refuse(
            problems,
            "found false with can-be-off = false, expected a domain that can be as it begins",
        );
    }
    let ((levels, level), mode) = (levels?, if enabled? { Mode::ON } else { Mode::OFF });
    let description = platform::VoltageDomain {
        name: name?,
        levels,
        modes: vec![Mode::ON],
        can_be_off: can_be_off?,
        asynchronous: asynchronous?,
        enable_delay: enable_delay?,
        level_change: level_change?,
    };
    Some(VoltageDomain { description, level, mode, access: access?, keep: keep? })
}

/// The levels, and the one at start.
fn levels(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<(Levels, i32)> {
    let expected = format!("an array such as [{EXAMPLE}] or a table {{ min, max, step }}");
    let list = fields.require("levels", problems, expected);
    let start = fields.get("level");
    let volts = |value: &Value<'_>, problems: &mut Problems| {
        MICROVOLTS.read(value, i32::MIN..=i32::MAX, problems)
    };
    let step =
        |value: &Value<'_>, problems: &mut Problems| MICROVOLTS.read(value, 1..=i32::MAX, problems);
    let levels = list.as_ref().and_then(|list| choice(list, EXAMPLE, problems, volts, step));
    let wanted = or(start.clone(), None, |value| volts(value, problems).map(Some));
    let (levels, lowest) = match levels? {
        Choice::List(list) => {
            let lowest = list.first().copied()?;
            (Levels::List(list), lowest)
        }
        Choice::Range { min, max, step } => {
            (Levels::Range { lowest: min, highest: max, step }, min)
        }
    };
    let level = wanted?.unwrap_or(lowest);
    if !levels.has(level) {
        return start?.fail(problems, "one of levels");
    }
    Some((levels, level))
}
