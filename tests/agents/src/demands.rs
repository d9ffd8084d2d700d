//! What the tables want to have been asked.

use scmi::protocol::common::COMMANDS;
use scmi::protocol::{MessageInfo, ProtocolInfo};
use scmi::wire::{MessageId, MessageType, Status, Version};

use crate::ledger::Ledger;

/// What a table has and this platform or its board has no occasion for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Never {
    what: What,
    message: u8,
    reason: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Success,
    OldDelayed,
    Refusal(Status),
}

impl Never {
    /// A command that is not implemented.
    #[must_use]
    pub const fn answered(message: u8, reason: &'static str) -> Self {
        Self { what: What::Success, message, reason }
    }

    /// A delayed response that the oldest version of the protocol does not have.
    #[must_use]
    pub const fn delayed_in_the_oldest(message: u8, reason: &'static str) -> Self {
        Self { what: What::OldDelayed, message, reason }
    }

    /// A refusal that never comes.
    #[must_use]
    pub const fn refused(message: u8, status: Status, reason: &'static str) -> Self {
        Self { what: What::Refusal(status), message, reason }
    }
}

/// The commands of a protocol that this version has.
fn commands(
    info: &'static ProtocolInfo,
    version: Version,
) -> impl Iterator<Item = &'static MessageInfo> {
    let common = COMMANDS.iter().filter(move |command| {
        command.id != MessageId::NEGOTIATE_PROTOCOL_VERSION || version >= info.negotiable_from
    });
    common.chain(info.commands.iter().filter(move |command| command.since <= version))
}

/// The messages of this version that did not come, or were not understood.
pub(crate) fn messages(
    info: &'static ProtocolInfo,
    version: Version,
    ledger: &Ledger,
    never: &[Never],
) -> Vec<String> {
    let mut wanted = Vec::new();
    for command in commands(info, version) {
        let except = |what| never.iter().any(|n| n.what == what && n.message == command.id.0);
        wanted.push((MessageType::COMMAND, command, except(What::Success)));
        if command.delayed.is_some() {
            let old = Some(&version) == info.versions.first() && except(What::OldDelayed);
            wanted.push((MessageType::DELAYED_RESPONSE, command, old));
        }
    }
    let events = info.notifications.iter().filter(|event| event.since <= version);
    wanted.extend(events.map(|event| (MessageType::NOTIFICATION, event, false)));
    let wrong = wanted.into_iter().filter_map(|(kind, message, excepted)| {
        let understood = ledger.get(kind, message.id).understood;
        let (name, version) = (message.name, version);
        match (understood, excepted) {
            (false, false) => Some(format!("{version}: {kind} {name} was not seen")),
            (true, true) => {
                Some(format!("{version}: {kind} {name} was seen, and is said not to be"))
            }
            _ => None,
        }
    });
    wrong.collect()
}

/// The refusals that did not come, and those that came and are not in the table.
pub(crate) fn refusals(
    info: &'static ProtocolInfo,
    ledger: &Ledger,
    never: &[Never],
) -> Vec<String> {
    let mut wrong = Vec::new();
    for command in commands(info, info.newest()) {
        let seen = ledger.get(MessageType::COMMAND, command.id).refused;
        for status in command.refusals {
            let excepted =
                never.iter().any(|n| n.message == command.id.0 && n.what == What::Refusal(*status));
            match (seen.contains(status), excepted) {
                (false, false) => {
                    wrong.push(format!("{} was not refused with {status}", command.name));
                }
                (true, true) => {
                    wrong.push(format!("{} was refused with {status} after all", command.name));
                }
                _ => {}
            }
        }
        let unknown = seen
            .iter()
            .filter(|status| !command.refusals.contains(status) && !any_command(command, **status));
        wrong.extend(
            unknown.map(|status| format!("{} was refused with {status}: why?", command.name)),
        );
    }
    for entry in never {
        let command = info.command(MessageId(entry.message));
        let there = match entry.what {
            What::Success => command.is_some(),
            What::OldDelayed => command.is_some_and(|command| command.delayed.is_some()),
            What::Refusal(status) => command.is_some_and(|c| c.refusals.contains(&status)),
        };
        if !there {
            wrong.push(format!("no table has {entry:?}"));
        }
    }
    wrong
}

/// What any command can be refused with: a wrong length, one that is not there, one that needs a way back.
fn any_command(command: &MessageInfo, status: Status) -> bool {
    matches!(status, Status::PROTOCOL_ERROR | Status::NOT_FOUND)
        || status == Status::NOT_SUPPORTED && command.needs_p2a
}
