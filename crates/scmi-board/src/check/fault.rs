//! `[[fault]]`.

use core::time::Duration;

use scmi::platform::AgentId;
use scmi::protocol::{self, MessageInfo, ProtocolInfo, common};
use scmi::wire::{MessageId, ProtocolId, Status};
use scmi_virtio::device::fault::{Acts, Flood, HeaderBits, Kind, Moment, UsedLength};
use toml::de::DeValue;

use super::common::{flag, or};
use super::fields::{Fields, Value};
use super::{Context, resource};
use crate::board::Agent;
use crate::faults::FaultRule;
use crate::report::{Problems, alternatives, did_you_mean};
use crate::units::Scaled;

/// The longest that a message is delayed, in nanoseconds.
const MAX_DELAY: u64 = 3_600_000_000_000;

/// What a rule can be about.
pub(crate) const MOMENTS: [(&str, Moment); 3] = [
    ("answers", Moment::Answer),
    ("delayed-responses", Moment::DelayedResponse),
    ("notifications", Moment::Notification),
];

/// The names of the statuses.
pub(crate) fn statuses() -> Vec<String> {
    let names = (-11..=0).rev().filter_map(|number| Status(number).name());
    names.map(str::to_owned).collect()
}

/// The rule at position `at`, from 1, of a platform with these `agents`; without them something is wrong with them.
pub(super) fn fault(
    value: &Value<'_>,
    at: usize,
    agents: Option<&[Agent]>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<FaultRule> {
    let mut fields = value.fields(problems, format!("fault {at}"), "a table [[fault]]")?;
    let name = or(fields.get("name"), format!("fault {at}"), |value| {
        let expected = "a text of 1 to 63 characters of ASCII";
        let text = value.text(problems, expected)?;
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        let fits = (1..=63).contains(&text.len()) && printable;
        if fits { Some(text.to_owned()) } else { value.fail(problems, expected) }
    });
    if let Some(name) = &name {
        fields.rename(format!("fault {name:?}"));
    }
    let agent = or(fields.get("agent"), None, |value| {
        context.agents.find(value, problems).map(AgentId::from_index)
    });
    let on = or(fields.get("on"), None, |value| moment(value, problems).map(Some));
    let protocol = or(fields.get("protocol"), None, |value| protocol_of(value, problems).map(Some));
    let message = or(fields.get("message"), None, |value| {
        // What is wrong with the protocol was said.
        message(value, protocol?, on.flatten(), problems).map(Some)
    });
    let resource = or(fields.get("resource"), None, |value| {
        resource::resource(value, (agent?, protocol?), agents, context, problems).map(Some)
    });
    let after = or(fields.get("after"), (0, Duration::ZERO), |value| after(value, problems));
    let every = or(fields.get("every"), 1, |value| value.integer(problems));
    let chance = or(fields.get("probability"), None, |value| chance(value, problems).map(Some));
    let seed = or(fields.get("seed"), None, |value| value.integer(problems).map(Some));
    let count = or(fields.get("count"), None, |value| value.integer(problems).map(Some));
    let said = message.flatten();
    let moment = on.flatten().or_else(|| said?.1).unwrap_or(Moment::Answer);
    let acts = fields.require("do", problems, "a table such as { delay = \"2 s\" }");
    let acts = acts.and_then(|value| acts_of(&value, moment, problems));
    fields.finish(problems);
    let mut rule = FaultRule::new(name?, acts?);
    (rule.agent, rule.protocol, rule.resource) = (agent?, protocol?, resource?);
    (rule.moment, rule.message) = (moment, message?.map(|said| said.0));
    _ = on?;
    ((rule.after, rule.from), rule.every, rule.count) = (after?, every?, count?);
    rule.chance = chance?.unwrap_or(rule.chance);
    let seed = seed?.unwrap_or_else(|| context.seed.wrapping_add(at.try_into().unwrap_or(0)));
    if rule.chance != FaultRule::CERTAIN {
        rule.seed = seed;
    }
    Some(rule)
}

fn moment(value: &Value<'_>, problems: &mut Problems) -> Option<Moment> {
    let words: Vec<String> = MOMENTS.iter().map(|(word, _)| format!("{word:?}")).collect();
    let expected = alternatives(&words);
    let text = value.text(problems, &expected)?;
    let moment = MOMENTS.iter().find(|(word, _)| *word == text).map(|(_, moment)| *moment);
    moment.or_else(|| value.fail(problems, expected))
}

fn protocol_of(value: &Value<'_>, problems: &mut Problems) -> Option<ProtocolId> {
    let DeValue::String(text) = value.node() else {
        return value.integer(problems).map(ProtocolId);
    };
    let known = protocol::ALL.iter().find(|info| info.name == &**text);
    known.map(|info| info.id).or_else(|| {
        let names: Vec<&str> = protocol::ALL.iter().map(|info| info.name).collect();
        value.fail(problems, format!("{}, or a number", alternatives(&names)))
    })
}

/// A message by its number or name; by its name it is known whether it is a notification.
fn message(
    value: &Value<'_>,
    protocol: Option<ProtocolId>,
    on: Option<Moment>,
    problems: &mut Problems,
) -> Option<(MessageId, Option<Moment>)> {
    let DeValue::String(text) = value.node() else {
        return Some((MessageId(value.integer(problems)?), None));
    };
    let Some(info) = protocol.and_then(protocol::find) else {
        return value.refuse(problems, "a name says nothing without the protocol");
    };
    let named = |list: &'static [MessageInfo]| list.iter().find(|info| info.name == &**text);
    let command = named(info.commands).or_else(|| named(common::COMMANDS)).map(|info| info.id);
    let notification = named(info.notifications).map(|info| info.id);
    let (of_commands, of_events) = match on {
        None => (command, notification),
        Some(Moment::Notification) => (None, notification),
        Some(_) => (command, None),
    };
    match (of_commands, of_events) {
        (Some(id), _) => Some((id, None)),
        (None, Some(id)) => Some((id, Some(Moment::Notification))),
        (None, None) => {
            let help = did_you_mean(text, names(info, on)).map(|it| format!("did you mean {it}?"));
            let what = if on == Some(Moment::Notification) { "notification" } else { "message" };
            let expected = format!("the name of a {what} of {}, or a number", info.name);
            value.fail_with_help(problems, expected, help)
        }
    }
}

fn names(info: &'static ProtocolInfo, on: Option<Moment>) -> impl Iterator<Item = &'static str> {
    let commands = info.commands.iter().chain(common::COMMANDS);
    let commands = commands.filter(move |_| on != Some(Moment::Notification));
    let events = info.notifications.iter();
    let events = events.filter(move |_| on.is_none_or(|on| on == Moment::Notification));
    commands.chain(events).map(|info| info.name)
}

/// How many messages pass first, or how much time.
fn after(value: &Value<'_>, problems: &mut Problems) -> Option<(u64, Duration)> {
    match value.node() {
        DeValue::String(_) => {
            let nanos = value.time(problems, 0..=u64::MAX, "of zero or more")?;
            Some((0, Duration::from_nanos(nanos)))
        }
        _ => Some((value.integer(problems)?, Duration::ZERO)),
    }
}

fn chance(value: &Value<'_>, problems: &mut Problems) -> Option<u32> {
    let expected = "a number from 0 to 1 of at most 9 decimals";
    let billionths = match value.number(problems, expected)?.in_units_of(-9) {
        Scaled::Exact(number) => u32::try_from(number).ok(),
        Scaled::Between(_) | Scaled::OutOfRange => None,
    };
    let chance = billionths.filter(|number| *number <= 1_000_000_000);
    chance.or_else(|| value.fail(problems, expected))
}

fn acts_of(value: &Value<'_>, moment: Moment, problems: &mut Problems) -> Option<Acts> {
    let label = value.label();
    let mut fields = value.fields(problems, label, "a table such as { delay = \"2 s\" }")?;
    let delay = or(fields.get("delay"), None, |value| {
        let nanos = value.time(problems, 1..=MAX_DELAY, "from 1 ns to 1 h")?;
        Some(Some(Duration::from_nanos(nanos)))
    });
    let number = |fields: &mut Fields<'_>, key, problems: &mut Problems| {
        or(fields.get(key), None, |value| value.integer(problems).map(Some))
    };
    let (truncate, extend) =
        (number(&mut fields, "truncate", problems), number(&mut fields, "extend", problems));
    let token = or(fields.get("token"), None, |value| value.integer(problems).map(Some));
    let status = or(fields.get("status"), None, |value| status(value, problems).map(Some));
    let header = or(fields.get("header"), None, |value| header(value, problems).map(Some));
    let flood = or(fields.get("flood"), None, |value| flood(value, problems).map(Some));
    let used = or(fields.get("used-length"), None, |value| used_length(value, problems).map(Some));
    let mut yes = |key| flag(&mut fields, key, false, problems);
    let (never, garble, twice) = (yes("never"), yes("garble"), yes("twice"));
    let (swap, queue, unrequested) = (yes("swap"), yes("event-queue"), yes("unrequested"));
    fields.finish(problems);
    let mut acts = Acts::default();
    (acts.delay, acts.truncate, acts.extend) = (delay?, truncate?, extend?);
    (acts.token, acts.status, acts.header) = (token?, status?, header?);
    (acts.flood, acts.used_length) = (flood?, used?);
    (acts.never, acts.garble, acts.twice) = (never?, garble?, twice?);
    (acts.swap, acts.event_queue, acts.unrequested) = (swap?, queue?, unrequested?);
    if acts.kinds().next().is_none() {
        // Whatever else there is was said to be unknown.
        let mut values = value.node().as_table().into_iter().flatten().map(|(_, value)| value);
        if !values.all(|value| matches!(value.get_ref(), DeValue::Boolean(_))) {
            return None;
        }
        return value.refuse(problems, "nothing is done, expected at least one of its keys");
    }
    makes_sense(value, &acts, moment, problems)
}

/// Refuses what cannot be done to such messages, and what would be done to messages that do not come.
fn makes_sense(
    value: &Value<'_>,
    acts: &Acts,
    moment: Moment,
    problems: &mut Problems,
) -> Option<Acts> {
    let of_answers = [Kind::Swap, Kind::EventQueue, Kind::Unrequested];
    let wrong = |kind: Kind| match moment {
        Moment::Answer => kind == Kind::Flood,
        Moment::DelayedResponse => kind == Kind::Flood || of_answers.contains(&kind),
        Moment::Notification => kind == Kind::Status || of_answers.contains(&kind),
    };
    if let Some(kind) = acts.kinds().find(|kind| wrong(*kind)) {
        let what = MOMENTS.iter().find(|(_, one)| *one == moment).map_or("", |(word, _)| word);
        return value.refuse(problems, format!("{kind} cannot be done to {what}"));
    }
    if acts.never && acts.kinds().count() > 1 {
        return value.refuse(problems, "what never comes cannot be anything else");
    }
    Some(*acts)
}

fn status(value: &Value<'_>, problems: &mut Problems) -> Option<Status> {
    let DeValue::String(text) = value.node() else { return value.integer(problems).map(Status) };
    let known = (-11..=0).map(Status).find(|status| status.name() == Some(&**text));
    known.or_else(|| value.fail(problems, format!("{}, or a number", alternatives(&statuses()))))
}

fn header(value: &Value<'_>, problems: &mut Problems) -> Option<HeaderBits> {
    let expected = "a table such as { protocol = 0x13, type = 1 }";
    let mut fields = value.fields(problems, value.label(), expected)?;
    let mut part = |key| or(fields.get(key), None, |value| value.integer(problems).map(Some));
    let (message, kind) = (part("message"), part("type"));
    let (protocol, reserved) = (part("protocol"), part("reserved"));
    fields.finish(problems);
    let mut bits = HeaderBits::default();
    (bits.message, bits.kind) = (message?, kind?);
    (bits.protocol, bits.reserved) = (protocol?, reserved?);
    Some(bits)
}

fn flood(value: &Value<'_>, problems: &mut Problems) -> Option<Flood> {
    let expected = "a table such as { count = 1000, per-second = 100 }";
    let mut fields = value.fields(problems, value.label(), expected)?;
    let count = fields.require("count", problems, "a whole number from 1 to 1000000");
    let count = count.and_then(|value| value.integer(problems));
    let rate = or(fields.get("per-second"), None, |value| value.integer(problems).map(Some));
    fields.finish(problems);
    Some(Flood { count: count?, per_second: rate? })
}

/// A whole number, or a text that begins with its sign.
fn used_length(value: &Value<'_>, problems: &mut Problems) -> Option<UsedLength> {
    let DeValue::String(text) = value.node() else {
        return value.integer(problems).map(UsedLength::Exactly);
    };
    let read = |sign: char| {
        let digits = text.strip_prefix(sign)?;
        let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| all)
    };
    let more = read('+').map(UsedLength::More);
    let length = more.or_else(|| read('-').map(UsedLength::Less));
    length.or_else(|| {
        value.fail(problems, "a number of bytes, or a difference such as \"+8\" or \"-4\"")
    })
}
