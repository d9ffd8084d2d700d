//! `[system]`.

use core::time::Duration;

use scmi::platform::AgentId;
use scmi::protocol::system::platform::{Order, System};
use scmi::protocol::system::wire::SystemState;

use super::Context;
use super::common::{access, flag, or};
use super::fields::{Fields, Value};
use crate::model::{Access, ScriptedOrder, SystemPower};
use crate::report::{Problems, alternatives};

/// Milliseconds of 32 bits, in nanoseconds.
const MAX_TIMEOUT: u64 = 4_294_967_295_000_000;

/// What an operator can order, in words.
const ORDERS: [(&str, SystemState); 5] = [
    ("shutdown", SystemState::SHUTDOWN),
    ("cold-reset", SystemState::COLD_RESET),
    ("warm-reset", SystemState::WARM_RESET),
    ("power-up", SystemState::POWER_UP),
    ("suspend", SystemState::SUSPEND),
];

/// The system that `value` describes.
pub(super) fn system(
    value: &Value<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<SystemPower> {
    let mut fields = value.fields(problems, "system", "the table [system]")?;
    let warm_reset = flag(&mut fields, "warm-reset", true, problems);
    let suspend = flag(&mut fields, "suspend", true, problems);
    let notifications = flag(&mut fields, "notify", true, problems);
    let separate = flag(&mut fields, "separate", false, problems);
    let vendor_states =
        or(fields.get("vendor-states"), Vec::new(), |value| vendor_states(value, problems));
    let timeout = timeout(&mut fields, "shutdown-timeout", Duration::ZERO, problems);
    // An operating system does not control the machine that it runs on.
    let controllers = if fields.has("agents") {
        access(&mut fields, context, problems)
    } else {
        let _known = fields.get("agents");
        Some(Access::only(Vec::new()))
    };
    let steps = fields.get("step");
    fields.finish(problems);
    let system = all_of((warm_reset, suspend, notifications, vendor_states, timeout));
    let script = or(steps, Vec::new(), |value| script(value, system.as_ref(), context, problems));
    let mut power = SystemPower::new(system?, controllers?, separate?);
    power.script = script?;
    Some(power)
}

type Parts = (Option<bool>, Option<bool>, Option<bool>, Option<Vec<SystemState>>, Option<Duration>);

fn all_of((warm_reset, suspend, notifications, vendor_states, timeout): Parts) -> Option<System> {
    Some(System {
        warm_reset: warm_reset?,
        suspend: suspend?,
        vendor_states: vendor_states?,
        notifications: notifications?,
        shutdown_timeout: timeout?,
    })
}

fn timeout(
    fields: &mut Fields<'_>,
    key: &'static str,
    default: Duration,
    problems: &mut Problems,
) -> Option<Duration> {
    or(fields.get(key), default, |value| {
        let nanos = value.time(problems, 0..=MAX_TIMEOUT, "of at most 49 d")?;
        if nanos % 1_000_000 != 0 {
            return value.fail(problems, "a whole number of milliseconds");
        }
        Some(Duration::from_nanos(nanos))
    })
}

fn vendor_states(value: &Value<'_>, problems: &mut Problems) -> Option<Vec<SystemState>> {
    let items = value.items(problems, "an array of whole numbers from 0x80000000")?;
    let read = |item: &Value<'_>| item.integer(problems, 0x8000_0000..=u32::MAX).map(SystemState);
    let states: Vec<Option<SystemState>> = items.iter().map(read).collect();
    states.into_iter().collect()
}

/// The steps in the order of time.
fn script(
    list: &Value<'_>,
    system: Option<&System>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Vec<ScriptedOrder>> {
    let expected = "tables [[system.step]]";
    let mut last = None;
    let mut steps = Vec::new();
    for (index, item) in list.items(problems, expected)?.iter().enumerate() {
        let step = step(item, index + 1, last, system, context, problems);
        last = step.map(|step| step.at).or(last);
        steps.push(step);
    }
    steps.into_iter().collect()
}

fn step(
    item: &Value<'_>,
    at: usize,
    last: Option<Duration>,
    system: Option<&System>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<ScriptedOrder> {
    let place = format!("step {at} of system");
    let mut fields = item.fields(problems, place, "a table [[system.step]]")?;
    let when = fields.require("at", problems, "a time such as \"10 s\"");
    let nanos =
        when.as_ref().and_then(|value| value.time(problems, 0..=u64::MAX, "of zero or more"));
    let state = state(&mut fields, system, problems);
    let graceful = flag(&mut fields, "graceful", true, problems);
    let default = system.map_or(Duration::ZERO, |system| system.shutdown_timeout);
    let timeout = timeout(&mut fields, "timeout", default, problems);
    let to = or(fields.get("agent"), None, |value| {
        context.agents.find(value, problems).map(AgentId::from_index)
    });
    fields.finish(problems);
    let (at, graceful) = (Duration::from_nanos(nanos?), graceful?);
    if last.is_some_and(|last| at < last) {
        return when?.fail(problems, "no earlier time than that of the step before");
    }
    let timeout = if graceful { timeout? } else { Duration::ZERO };
    Some(ScriptedOrder::new(at, Order { to: to?, state: state?, graceful, timeout }))
}

fn state(
    fields: &mut Fields<'_>,
    system: Option<&System>,
    problems: &mut Problems,
) -> Option<SystemState> {
    let can = |state: SystemState| system.is_none_or(|system| system.has(state));
    let words = ORDERS
        .iter()
        .filter(|(_, state)| can(*state))
        .map(|(word, _)| format!("{word:?}"))
        .collect::<Vec<_>>();
    let expected = alternatives(&words);
    let value = fields.require("order", problems, &expected)?;
    let text = value.text(problems, &expected)?;
    let state = ORDERS.iter().find(|(word, state)| *word == text && can(*state));
    state.map(|(_, state)| *state).or_else(|| value.fail(problems, expected))
}
