//! A fault in JSON: from a client to a rule, and back to what a client can read and send again.

use core::fmt;
use core::time::Duration;

use scmi::protocol::{self, MessageInfo, common};
use scmi::wire::{MessageId, ProtocolId};
use scmi_board::{Board, FaultRule, Resource};
use scmi_virtio::device::fault::{Acts, Kind, Moment, UsedLength};
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// A fault: the keys of a table `[[fault]]` of the board file, which mean the same here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFault {
    /// What reports call it; no other that stands has this name.
    #[schema(example = "slow")]
    pub name: String,
    /// Whose messages; everybody's where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// `answers`, `delayed-responses` or `notifications`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// By its name or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Word>,
    /// By its name or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Word>,
    /// The domain, clock, sensor or pin: its id as the agent knows it, or its name on the board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Word>,
    /// So many that match pass first; or a time of the platform, such as `30 s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Word>,
    /// Each of so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Of the probability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How often at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// What is done: the keys of `do` in the board file.
    #[serde(rename = "do")]
    #[schema(value_type = Object, example = json!({ "delay": "2 s" }))]
    pub acts: Map<String, Value>,
}

/// A whole number or a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Word {
    /// A number.
    Number(u64),
    /// A name, or a number with a unit.
    Text(String),
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Word;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of zero or more, or a text")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Word, E> {
                Ok(Word::Number(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Word, E> {
                Ok(Word::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl NewFault {
    /// What makes this rule of the platform of `board`. What is so by default is left out, and what has a name is said by it.
    pub(super) fn of(rule: &FaultRule, board: &Board) -> Self {
        let agent = rule.agent.and_then(|agent| board.agents.get(agent.index()));
        let certain = rule.chance == FaultRule::CERTAIN;
        let after = (rule.after != 0).then_some(Word::Number(rule.after));
        let from = (rule.from != Duration::ZERO).then(|| Word::Text(time(rule.from)));
        Self {
            name: rule.name.clone(),
            agent: agent.map(|agent| agent.name.clone()),
            on: on(rule.moment).map(str::to_owned),
            protocol: rule.protocol.map(protocol_of),
            message: rule.message.map(|id| message(rule.moment, rule.protocol, id)),
            resource: rule.resource.as_ref().and_then(resource),
            after: after.or(from),
            every: (rule.every != 1).then_some(rule.every.into()),
            probability: (!certain).then(|| f64::from(rule.chance) / f64::from(FaultRule::CERTAIN)),
            seed: (!certain).then_some(rule.seed),
            count: rule.count,
            acts: acts(&rule.acts),
        }
    }

    /// The table `[[fault]]` of a board file that says the same.
    #[must_use]
    pub fn toml(&self) -> String {
        // It is plain data: there is nothing in it that JSON cannot say.
        let table = serde_json::to_value(self).unwrap_or_default();
        let keys = table.as_object().into_iter().flatten();
        let lines = keys.map(|(key, value)| format!("{key} = {}\n", toml(value)));
        format!("[[fault]]\n{}", lines.collect::<String>())
    }
}

fn on(moment: Moment) -> Option<&'static str> {
    match moment {
        Moment::Answer => None,
        Moment::DelayedResponse => Some("delayed-responses"),
        Moment::Notification => Some("notifications"),
    }
}

fn protocol_of(id: ProtocolId) -> Word {
    protocol::find(id)
        .map_or_else(|| Word::Number(id.0.into()), |info| Word::Text(info.name.to_owned()))
}

fn message(moment: Moment, protocol: Option<ProtocolId>, id: MessageId) -> Word {
    let named = |list: &'static [MessageInfo]| list.iter().find(|info| info.id == id);
    let info = protocol.and_then(protocol::find).and_then(|info| match moment {
        Moment::Notification => named(info.notifications),
        _ => named(info.commands).or_else(|| named(common::COMMANDS)),
    });
    info.map_or_else(|| Word::Number(id.0.into()), |info| Word::Text(info.name.to_owned()))
}

fn resource(resource: &Resource) -> Option<Word> {
    match resource {
        Resource::Id(id) => Some(Word::Number((*id).into())),
        Resource::Named(named) => Some(Word::Text(named.name().to_owned())),
        _ => None,
    }
}

/// The largest unit in which it is a whole number.
fn time(time: Duration) -> String {
    let nanos = time.as_nanos();
    const UNITS: [(&str, u128); 4] =
        [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1)];
    let fits = |(_, scale): &&(&str, u128)| nanos.is_multiple_of(*scale);
    let (unit, scale) = UNITS.iter().find(fits).unwrap_or(&("ns", 1));
    format!("{} {unit}", nanos / scale)
}

fn acts(acts: &Acts) -> Map<String, Value> {
    let said = acts.kinds().map(|kind| (kind.word().to_owned(), act(acts, kind)));
    said.collect()
}

/// What one key of `do` says.
fn act(acts: &Acts, kind: Kind) -> Value {
    match kind {
        Kind::Delay => json!(acts.delay.map(time)),
        Kind::Status => json!(acts.status.map(|status| match status.name() {
            Some(name) => json!(name),
            None => json!(status.0),
        })),
        Kind::Truncate => json!(acts.truncate),
        Kind::Extend => json!(acts.extend),
        Kind::Token => json!(acts.token),
        Kind::Header => said(acts.header.map(|bits| {
            [
                ("message", bits.message.map(u32::from)),
                ("type", bits.kind.map(u32::from)),
                ("protocol", bits.protocol.map(u32::from)),
                ("reserved", bits.reserved.map(u32::from)),
            ]
        })),
        Kind::Flood => said(
            acts.flood
                .map(|flood| [("count", Some(flood.count)), ("per-second", flood.per_second)]),
        ),
        Kind::UsedLength => json!(acts.used_length.map(|length| match length {
            UsedLength::Exactly(length) => json!(length),
            UsedLength::More(more) => json!(format!("+{more}")),
            UsedLength::Less(less) => json!(format!("-{less}")),
        })),
        Kind::Never
        | Kind::Garble
        | Kind::Twice
        | Kind::Swap
        | Kind::EventQueue
        | Kind::Unrequested => json!(true),
    }
}

/// A table of those of its keys that have a value.
fn said<const N: usize>(keys: Option<[(&str, Option<u32>); N]>) -> Value {
    let keys = keys.into_iter().flatten();
    keys.filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?)))).collect()
}

/// JSON as a value of TOML, in one line.
fn toml(value: &Value) -> String {
    match value {
        Value::Object(table) => {
            let keys = table
                .iter()
                .map(|(key, value)| format!("{} = {}", Value::from(key.as_str()), toml(value)));
            format!("{{ {} }}", keys.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", "))
        }
        // Nothing that the checker takes for something.
        Value::Null => "[]".to_owned(),
        // Texts, numbers, true and false are written alike in both.
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOARD: &str = r#"
        [platform]
        vendor = "acme"
        seed = 99
        [[agent]]
        name = "vm1"
        [[clock]]
        name = "uart"
        rates = ["1 MHz"]
        [[pin]]
        name = "uart"
        [[fault]]
        agent = "vm1"
        protocol = "clock"
        message = "CLOCK_RATE_SET"
        resource = "uart"
        after = "1500 us"
        every = 3
        probability = 0.25
        count = 7
        do = { delay = "1 min", status = "BUSY", header = { type = 1, reserved = 0xF }, used-length = "+8" }
        [[fault]]
        on = "delayed-responses"
        protocol = 0x14
        message = "PROTOCOL_VERSION"
        resource = 0xFFFFFFFF
        after = 5
        seed = 4
        do = { truncate = 0, used-length = 0 }
        [[fault]]
        protocol = "pinctrl"
        resource = "uart"
        probability = 0.000000001
        seed = 0xFFFFFFFFFFFFFFFF
        do = { garble = true, swap = true, status = -300 }
        [[fault]]
        on = "notifications"
        protocol = 0x80
        message = 0x80
        do = { flood = { count = 10, per-second = 3 }, used-length = "-1" }
    "#;

    #[test]
    fn a_rule_that_is_shown_is_read_as_the_same() {
        let board = Board::parse(BOARD, "board").unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(board.faults.len(), 4);
        for rule in &board.faults {
            let shown = NewFault::of(rule, &board);
            let json = serde_json::to_string(&shown).expect("JSON");
            let read: NewFault = serde_json::from_str(&json).expect("what was shown");
            assert_eq!(read, shown);
            let text = read.toml();
            let again = FaultRule::parse(&text, "fault", &board);
            let again = again.unwrap_or_else(|error| panic!("{text}\n{error}"));
            assert_eq!(again, core::slice::from_ref(rule), "{text}");
        }
    }
}
