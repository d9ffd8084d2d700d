//! Which messages a protocol has, and what it makes of those that it does not.

use scmi::protocol::ProtocolInfo;
use scmi::wire::{MessageId, ProtocolId, Status};

use super::asker::{Asker, Stopped};
use super::layout::{Kind, NO_ID, commands, kinds, params, refused};
use super::report::Exchange;
use super::rules::{self, Rule};

/// Messages that the platform says it has.
pub(super) type There = Vec<MessageId>;

/// Asks about every message id, and says which are there.
pub(super) fn check(
    asker: &mut Asker<'_>,
    protocol: &'static ProtocolInfo,
) -> Result<There, Stopped> {
    let version = asker.version;
    let known = commands(protocol, version);
    let mut there = There::new();
    for id in (0..=u32::from(u8::MAX)).chain([0x100, 0xFFFF_FF00]) {
        let asked = attributes(asker, protocol.id, id)?;
        let message = u8::try_from(id).ok().map(MessageId);
        let info = known.iter().find(|info| Some(info.id) == message);
        let yes = asked.status() == Some(Status::SUCCESS);
        match (info, message) {
            (Some(info), Some(message)) => {
                if info.mandatory {
                    let there = asked.status() != Some(Status::NOT_FOUND);
                    let expected = || format!("{}, which is mandatory", info.name);
                    asker.report.judge(rules::MANDATORY, there, &asked, expected);
                }
                if yes {
                    there.push(message);
                    attributes_of(asker, protocol.id, &asked);
                }
            }
            (_, Some(_)) => {
                refused_with(asker, rules::ATTRIBUTES_UNKNOWN, &asked, &[Status::NOT_FOUND]);
            }
            // It has bits that no message id has.
            (_, None) => {
                let allowed = [Status::NOT_FOUND, Status::INVALID_PARAMETERS];
                refused_with(asker, rules::ATTRIBUTES_UNKNOWN, &asked, &allowed);
            }
        }
    }
    Ok(there)
}

/// Asks for what does not exist, in commands that are whole.
pub(super) fn unknown_ids(
    asker: &mut Asker<'_>,
    protocol: &'static ProtocolInfo,
    there: &There,
) -> Result<(), Stopped> {
    for info in commands(protocol, asker.version) {
        let kinds = kinds(info, asker.version);
        if there.contains(&info.id) && kinds.contains(&Kind::Id) {
            let asked = asker.ask(protocol.id, info.id, &params(&kinds, NO_ID, 0))?;
            refused_with(asker, rules::ID_UNKNOWN, &asked, &[Status::NOT_FOUND]);
        }
    }
    Ok(())
}

/// Sends commands of wrong lengths, and some that no version has.
pub(super) fn odd(
    asker: &mut Asker<'_>,
    protocol: &'static ProtocolInfo,
    there: &There,
) -> Result<(), Stopped> {
    let known = commands(protocol, asker.version);
    // A command behind the last one, and others that no version has.
    let last = known.iter().map(|info| info.id.0).filter(|id| *id < 0x10).max().unwrap_or(0);
    for id in [last + 1, 0x11, 0x7F, 0xFF] {
        let id = MessageId(id);
        if protocol.command(id).is_none() && !there.contains(&id) {
            let asked = asker.ask(protocol.id, id, &[])?;
            refused_with(asker, rules::MESSAGE_UNKNOWN, &asked, &[Status::NOT_FOUND]);
        }
    }
    for info in &known {
        let kinds = kinds(info, asker.version);
        lengths(asker, protocol.id, info.id, &kinds, there.contains(&info.id))?;
    }
    Ok(())
}

fn attributes(asker: &mut Asker<'_>, protocol: ProtocolId, id: u32) -> Result<Exchange, Stopped> {
    asker.ask(protocol, MessageId::PROTOCOL_MESSAGE_ATTRIBUTES, &[id])
}

/// The attributes of a message that is there. Three protocols give them a meaning.
fn attributes_of(asker: &mut Asker<'_>, protocol: ProtocolId, asked: &Exchange) {
    let word = asked.values().and_then(|values| values.first_chunk::<4>());
    let Some(word) = word.map(|word| u32::from_le_bytes(*word)) else { return };
    let meant = match protocol {
        // Of SYSTEM_POWER_STATE_SET: warm reset, suspend.
        ProtocolId::SYSTEM => 3 << 30,
        // A fast channel exists.
        ProtocolId::PERF | ProtocolId::POWERCAP => 1,
        _ => 0,
    };
    let expected = || format!("0 in {:#x}", !meant);
    asker.report.judge(rules::ATTRIBUTES_ZERO, word & !meant == 0, asked, expected);
    if meant == 1 && asker.way.virtio {
        let expected = || "no fast channel: attribute bit 0 clear".into();
        asker.report.judge(rules::FAST_CHANNELS, word & 1 == 0, asked, expected);
    }
}

/// What a command says of itself: asked in ways that nothing can come of.
fn lengths(
    asker: &mut Asker<'_>,
    protocol: ProtocolId,
    message: MessageId,
    kinds: &[Kind],
    present: bool,
) -> Result<(), Stopped> {
    let words = refused(kinds);
    if let Some((_, short)) = words.split_last() {
        // Kernels that do not know Clock 3.0 send two words, and are to be understood (8.7).
        if (protocol, message, short.len()) != (ProtocolId::CLOCK, MessageId(0x7), 2) {
            let asked = asker.ask(protocol, message, short)?;
            length(asker, rules::LENGTH_SHORT, &asked, present);
        }
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let cut = bytes.get(..bytes.len() - 1).unwrap_or_default();
        let asked = asker.ask_bytes(protocol, message, cut)?;
        length(asker, rules::LENGTH_SHORT, &asked, present);
    }
    // What has no parameters is a read.
    let asked = asker.ask(protocol, message, &[&words[..], &[0]].concat())?;
    // Its parameters may go on: a list of settings.
    if message != MessageId(0x6) || protocol != ProtocolId::PINCTRL {
        length(asker, rules::LENGTH_LONG, &asked, present);
    }
    Ok(())
}

/// A command of a wrong length: PROTOCOL_ERROR if it is there, NOT_FOUND if not.
fn length(asker: &mut Asker<'_>, rule: &'static Rule, asked: &Exchange, present: bool) {
    let Some(status) = asked.status() else { return };
    let missing = matches!(status, Status::NOT_FOUND | Status::NOT_SUPPORTED);
    if !present {
        let expected = || "NOT_FOUND, as MESSAGE_ATTRIBUTES says".into();
        asker.report.judge(rules::ATTRIBUTES_AGREE, missing, asked, expected);
    } else if missing {
        let expected = || "a message that MESSAGE_ATTRIBUTES says is there: PROTOCOL_ERROR".into();
        asker.report.judge(rules::ATTRIBUTES_AGREE, false, asked, expected);
    } else {
        asker.report.judge(rules::ATTRIBUTES_AGREE, true, asked, String::new);
        let held = status == Status::PROTOCOL_ERROR;
        asker.report.judge(rule, held, asked, || "PROTOCOL_ERROR".into());
    }
}

/// That a command was refused with one of these.
pub(super) fn refused_with(
    asker: &mut Asker<'_>,
    rule: &'static Rule,
    asked: &Exchange,
    allowed: &[Status],
) {
    let held = asked.status().is_some_and(|status| allowed.contains(&status));
    let expected = || {
        let names: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        names.join(" or ")
    };
    asker.report.judge(rule, held, asked, expected);
}
