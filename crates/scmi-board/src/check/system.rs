//! `[system]`.

use core::time::Duration;

use scmi::platform::AgentId;
use scmi::protocol::system::platform::{Order, System};
use scmi::protocol::system::wire::SystemState;

use super::Context;
use super::common::{access, flag, or};
use super::fields::{Fields, Value};
use crate::model::{Access, RequestCommand, ScriptedOrder, SystemPower};
use crate::report::{Problems, alternatives};

/// Milliseconds of 32 bits, in nanoseconds.
const MAX_TIMEOUT: u64 = 4_294_967_295_000_000;

/// How long a command may take, where the file does not say.
const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(30);

/// How long one may take at least and at most, in nanoseconds.
const LEAST_TIME_LIMIT: u64 = 10_000_000;
const MAX_TIME_LIMIT: u64 = 3_600_000_000_000;

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
    let on_request = or(fields.get("on-request"), None, |value| {
        if controllers == Some(Access::only(Vec::new())) {
            value.warn(problems, "no agent is in agents, so none may ask for anything");
        }
        command(value, context, problems).map(Some)
    });
    let steps = fields.get("step");
    fields.finish(problems);
    let system = all_of((warm_reset, suspend, notifications, vendor_states, timeout));
    let script = or(steps, Vec::new(), |value| script(value, system.as_ref(), context, problems));
    let mut power = SystemPower::new(system?, controllers?, separate?);
    power.script = script?;
    power.on_request = on_request?;
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

/// What is run at a request.
fn command(
    value: &Value<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<RequestCommand> {
    let expected = "a table such as { command = [\"/usr/local/bin/on-request\"] }";
    let mut fields = value.fields(problems, value.label(), expected)?;
    let expected = "an array of a program and its arguments";
    let words = fields.require("command", problems, expected);
    let words = words.and_then(|value| words_of(&value, expected, problems));
    let limit = or(fields.get("time-limit"), DEFAULT_TIME_LIMIT, |value| {
        let range = LEAST_TIME_LIMIT..=MAX_TIME_LIMIT;
        value.time(problems, range, "from 10 ms to 1 h").map(Duration::from_nanos)
    });
    fields.finish(problems);
    let mut words = words?.into_iter();
    let program = words.next()?;
    // A name alone is looked for in PATH.
    let program = if program.contains('/') { context.folder.join(program) } else { program.into() };
    Some(RequestCommand::new(program, words.collect(), limit?))
}

/// Texts, the first of them not empty.
fn words_of(value: &Value<'_>, expected: &str, problems: &mut Problems) -> Option<Vec<String>> {
    let items = value.items(problems, expected)?;
    if items.is_empty() {
        return value.fail(problems, expected);
    }
    let read = |(at, item): (usize, &Value<'_>)| {
        let expected = if at == 0 { "a program" } else { "a text without NUL" };
        let text = item.text(problems, expected)?;
        if text.contains('\0') || at == 0 && text.is_empty() {
            return item.fail(problems, expected);
        }
        Some(text.to_owned())
    };
    let words: Vec<Option<String>> = items.iter().enumerate().map(read).collect();
    words.into_iter().collect()
}

fn vendor_states(value: &Value<'_>, problems: &mut Problems) -> Option<Vec<SystemState>> {
    let items = value.items(problems, "an array of whole numbers from 0x80000000")?;
    let read = |item: &Value<'_>| item.integer(problems).map(SystemState);
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
    let words = SystemState::WORDS
        .iter()
        .filter(|(_, state)| can(*state))
        .map(|(word, _)| format!("{word:?}"))
        .collect::<Vec<_>>();
    let expected = alternatives(&words);
    let value = fields.require("order", problems, &expected)?;
    let text = value.text(problems, &expected)?;
    let state = SystemState::from_word(text).filter(|state| can(*state));
    state.or_else(|| value.fail(problems, expected))
}
