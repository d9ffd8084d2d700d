//! The agents and their counters, as clients see them.

use std::collections::BTreeMap;

use scmi::platform::{AgentId, MessageCount, Refusal};
use scmi::protocol;
use scmi::wire::{MessageId, MessageType, ProtocolId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desk::Desk;
use crate::report::AgentReport;

/// An agent, and what happened on its channel over all its lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct AgentState {
    /// Its name.
    pub name: String,
    /// Its number on the wire.
    pub id: u32,
    /// The socket that it is served on.
    pub socket: String,
    /// Whether a driver is there.
    pub connected: bool,
    /// How often one came.
    pub lives: u64,
    /// What its device met, by name; what is zero is left out.
    pub device: BTreeMap<String, u64>,
    /// What the platform answered and sent, by name; what is zero is left out.
    pub platform: BTreeMap<String, u64>,
    /// The messages that went to it, by kind.
    pub messages: Vec<MessageTally>,
    /// Commands that were refused, by kind.
    pub refusals: Vec<RefusalTally>,
}

/// How often a message went to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct MessageTally {
    /// The protocol.
    #[schema(example = "clock")]
    pub protocol: String,
    /// `response`, `delayed` or `notification`.
    #[schema(example = "response")]
    pub kind: String,
    /// The message.
    #[schema(example = "CLOCK_RATE_SET")]
    pub message: String,
    /// How often with success; every notification.
    pub succeeded: u64,
    /// How often with another status.
    pub refused: u64,
}

/// How often a message was refused with a status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct RefusalTally {
    /// The protocol.
    #[schema(example = "clock")]
    pub protocol: String,
    /// The message.
    #[schema(example = "CLOCK_RATE_SET")]
    pub message: String,
    /// The status.
    #[schema(example = "DENIED")]
    pub status: String,
    /// How often.
    pub count: u64,
}

/// All agents, in the order of the board.
pub(super) fn states(desk: &Desk) -> Vec<AgentState> {
    let reports = desk.daemon.reports().into_iter().enumerate();
    reports.map(|(index, report)| state(desk, index, &report)).collect()
}

fn state(desk: &Desk, index: usize, report: &AgentReport) -> AgentState {
    let agent = AgentId::from_index(index);
    let connected =
        agent.is_some_and(|agent| desk.with(|_, platform| platform.is_connected(agent)));
    let socket = desk.daemon.sockets().find(|(name, _)| *name == report.name);
    let some = |(_, count): &(&str, u64)| *count != 0;
    let owned = |(name, count): (&str, u64)| (name.to_owned(), count);
    AgentState {
        name: report.name.clone(),
        id: agent.map_or(0, AgentId::number),
        socket: socket.map_or_else(String::new, |(_, path)| path.display().to_string()),
        connected,
        lives: report.platform.lives,
        device: report.device.items().into_iter().filter(some).map(owned).collect(),
        platform: platform(report).into_iter().filter(some).map(owned).collect(),
        messages: report.platform.messages().map(message_tally).collect(),
        refusals: report.platform.refusals().iter().map(refusal_tally).collect(),
    }
}

/// What the platform counts, by name.
pub(super) fn platform(report: &AgentReport) -> [(&'static str, u64); 13] {
    let counters = &report.platform;
    [
        ("commands", counters.commands),
        ("answered", counters.answered),
        ("refused", counters.refused),
        ("other_refusals", counters.other_refusals()),
        ("late", counters.late),
        ("headless", counters.headless),
        ("no_room", counters.no_room),
        ("too_large", counters.too_large),
        ("notifications", counters.notifications),
        ("replaced", counters.replaced),
        ("overflowed", counters.overflowed),
        ("omitted", counters.omitted),
        ("delayed", counters.delayed),
    ]
}

pub(super) fn message_tally(count: &MessageCount) -> MessageTally {
    let (kind, notified) = match count.kind {
        MessageType::COMMAND => ("response", false),
        MessageType::DELAYED_RESPONSE => ("delayed", false),
        _ => ("notification", true),
    };
    MessageTally {
        protocol: protocol_name(count.protocol),
        kind: kind.to_owned(),
        message: message_name(count.protocol, count.message, notified),
        succeeded: count.succeeded,
        refused: count.refused,
    }
}

pub(super) fn refusal_tally(refusal: &Refusal) -> RefusalTally {
    RefusalTally {
        protocol: protocol_name(refusal.protocol),
        message: message_name(refusal.protocol, refusal.message, false),
        status: refusal.status.to_string(),
        count: refusal.count,
    }
}

fn protocol_name(id: ProtocolId) -> String {
    protocol::find(id).map_or_else(|| format!("{:#04x}", id.0), |info| info.name.to_owned())
}

fn message_name(protocol: ProtocolId, id: MessageId, notified: bool) -> String {
    let info = protocol::find(protocol);
    let message = if notified {
        info.and_then(|info| info.notification(id))
    } else {
        info.and_then(|info| info.command(id))
    };
    message.map_or_else(|| format!("{:#04x}", id.0), |message| message.name.to_owned())
}
