//! The Base protocol: who is there.

use scmi::protocol::{self, base};
use scmi::wire::{MessageId, ProtocolId, Status, Version};

use super::asker::{Asker, Stopped};
use super::facts::Facts;
use super::messages::{There, refused_with};
use super::rules;

const VERSION: MessageId = MessageId::PROTOCOL_VERSION;
const ATTRIBUTES: MessageId = MessageId::PROTOCOL_ATTRIBUTES;
const LIST_PROTOCOLS: MessageId = MessageId(0x6);
const DISCOVER_AGENT: MessageId = MessageId(0x7);
/// Whoever asks.
const MYSELF: u32 = u32::MAX;

/// The version of a protocol, if it is there.
pub(super) fn version(
    asker: &mut Asker<'_>,
    protocol: ProtocolId,
) -> Result<Option<Version>, Stopped> {
    let asked = asker.ask(protocol, VERSION, &[])?;
    let word = asked.values().and_then(|values| values.first_chunk::<4>());
    Ok(word.map(|word| Version(u32::from_le_bytes(*word))))
}

/// Looks at the list of protocols, and gives it.
pub(super) fn protocols(asker: &mut Asker<'_>) -> Result<Vec<ProtocolId>, Stopped> {
    let asked = asker.ask(ProtocolId::BASE, ATTRIBUTES, &[])?;
    let announced = asked.answer.as_deref().map(|answer| Facts::of(answer, asker.version));
    let announced = announced.map_or(0, |facts| facts.word("attributes.protocols"));
    let mut listed: Vec<u8> = Vec::new();
    loop {
        let skip = u32::try_from(listed.len()).unwrap_or(u32::MAX);
        let asked = asker.ask(ProtocolId::BASE, LIST_PROTOCOLS, &[skip])?;
        let Some((count, ids)) = asked.values().and_then(<[u8]>::split_first_chunk::<4>) else {
            break;
        };
        let count = usize::try_from(u32::from_le_bytes(*count)).unwrap_or(usize::MAX);
        let (page, padding) = ids.split_at(count.min(ids.len()));
        let held =
            ids.len() == page.len().next_multiple_of(4) && padding.iter().all(|byte| *byte == 0);
        let expected = || format!("{} bytes, the last ones 0", page.len().next_multiple_of(4));
        asker.report.judge(rules::BASE_PADDING, held, &asked, expected);
        listed.extend(page);
        let all = listed.len() >= usize::try_from(announced).unwrap_or(0);
        if page.is_empty() || all {
            let ascending = listed.windows(2).all(|pair| pair.first() < pair.last());
            let without_base = !listed.contains(&ProtocolId::BASE.0);
            let held = ascending && without_base && u32::try_from(listed.len()) == Ok(announced);
            let expected = || format!("{announced} protocols, ascending, without Base");
            asker.report.judge(rules::BASE_PROTOCOLS, held, &asked, expected);
            break;
        }
    }
    Ok(listed.into_iter().map(ProtocolId).collect())
}

/// The rest of Base.
pub(super) fn check(
    asker: &mut Asker<'_>,
    there: &There,
    listed: &[ProtocolId],
) -> Result<(), Stopped> {
    let count = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    let asked = asker.ask(ProtocolId::BASE, LIST_PROTOCOLS, &[count])?;
    let none = asked.values() == Some(&[0; 4]);
    asker.report.judge(rules::BASE_SKIP, none, &asked, || "no protocols, and SUCCESS".into());
    let asked = asker.ask(ProtocolId::BASE, LIST_PROTOCOLS, &[count + 1])?;
    refused_with(asker, rules::BASE_SKIP, &asked, &[Status::INVALID_PARAMETERS]);
    if there.contains(&DISCOVER_AGENT) {
        agents(asker)?;
    }
    Ok(())
}

/// Asks for protocols that are not there.
pub(super) fn unknown_protocols(
    asker: &mut Asker<'_>,
    listed: &[ProtocolId],
) -> Result<(), Stopped> {
    let known = protocol::ALL.iter().map(|info| info.id);
    // Some that no standard has.
    for id in known.chain([ProtocolId(0x7F), ProtocolId(0), ProtocolId(0xFF)]) {
        if id == ProtocolId::BASE || listed.contains(&id) {
            continue;
        }
        for message in [VERSION, ATTRIBUTES, MessageId(0x3), MessageId(0xFF)] {
            let asked = asker.ask(id, message, &[])?;
            refused_with(asker, rules::PROTOCOL_UNKNOWN, &asked, &[Status::NOT_SUPPORTED]);
        }
    }
    Ok(())
}

fn agents(asker: &mut Asker<'_>) -> Result<(), Stopped> {
    let asked = asker.ask(ProtocolId::BASE, ATTRIBUTES, &[])?;
    let facts = asked.answer.as_deref().map(|answer| Facts::of(answer, asker.version));
    let agents = facts.map_or(0, |facts| facts.word("attributes.agents"));
    let named = asker.version >= base::V2;
    for id in 0..=agents {
        let asked = asker.ask(ProtocolId::BASE, DISCOVER_AGENT, &[id])?;
        let facts = Facts::of(asked.answer.as_deref().unwrap_or_default(), asker.version);
        let mut held = asked.values().is_some() && (!named || facts.word("agent_id") == id);
        let platform = facts.names.first().is_some_and(|name| name.starts_with(b"platform"));
        held &= id != 0 || platform;
        let expected = || match id {
            0 => "a name that begins with \"platform\"".into(),
            _ => format!("the name of agent {id}, and its id"),
        };
        asker.report.judge(rules::BASE_AGENTS, held, &asked, expected);
    }
    let asked = asker.ask(ProtocolId::BASE, DISCOVER_AGENT, &[agents + 1])?;
    refused_with(asker, rules::BASE_AGENTS, &asked, &[Status::NOT_FOUND]);
    let asked = asker.ask(ProtocolId::BASE, DISCOVER_AGENT, &[MYSELF])?;
    let facts = Facts::of(asked.answer.as_deref().unwrap_or_default(), asker.version);
    let held =
        asked.values().is_some() && (!named || (1..=agents).contains(&facts.word("agent_id")));
    asker.report.judge(rules::BASE_AGENTS, held, &asked, || "the real id of whoever asks".into());
    Ok(())
}
