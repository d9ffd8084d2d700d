//! The resources of a protocol: what is announced is there, has names, and can be read.

use scmi::protocol::{MessageInfo, ProtocolInfo};
use scmi::wire::{MessageId, ProtocolId, Status};

use super::asker::{Asker, Stopped};
use super::facts::Facts;
use super::layout::{Class, Kind, class, commands, is_list, is_long_name, kinds, params};
use super::lists;
use super::messages::{There, refused_with};
use super::report::Exchange;
use super::rules;

const ATTRIBUTES: MessageId = MessageId::PROTOCOL_ATTRIBUTES;
/// What one is, in every protocol but Base and System.
const DESCRIBE: MessageId = MessageId(0x3);

/// Resources of one kind, numbered from 0.
#[derive(Debug)]
pub(super) struct Space {
    /// What pin control's flags select; 0 elsewhere.
    pub(super) selector: u32,
    /// What is known of each.
    pub(super) described: Vec<Facts>,
}

impl Space {
    /// Each with its id.
    pub(super) fn each(&self) -> impl Iterator<Item = (u32, &Facts)> {
        (0..).zip(&self.described)
    }
}

/// Looks at everything a protocol has, and says what that is.
pub(super) fn check(
    asker: &mut Asker<'_>,
    protocol: &'static ProtocolInfo,
    there: &There,
) -> Result<Vec<Space>, Stopped> {
    let asked = asker.ask(protocol.id, ATTRIBUTES, &[])?;
    let facts = Facts::of(asked.answer.as_deref().unwrap_or_default(), asker.version);
    let counted = |name: &str| facts.word(&format!("attributes.{name}"));
    let counts = match protocol.id {
        ProtocolId::BASE | ProtocolId::SYSTEM => Vec::new(),
        ProtocolId::PINCTRL => vec![
            facts.word("attributes_low.pins"),
            facts.word("attributes_low.groups"),
            facts.word("attributes_high.functions"),
        ],
        ProtocolId::CLOCK => vec![counted("clocks")],
        ProtocolId::SENSOR => vec![counted("sensors")],
        _ => vec![counted("domains")],
    };
    let mut spaces = Vec::new();
    for (selector, count) in (0..).zip(counts) {
        let described = match protocol.id {
            ProtocolId::SENSOR => sensors(asker, protocol, count)?,
            _ => describe(asker, protocol, selector, count)?,
        };
        let space = Space { selector, described };
        long_names(asker, protocol, there, &space)?;
        read(asker, protocol, there, &space)?;
        spaces.push(space);
    }
    relations(asker, protocol.id, &spaces, &asked);
    Ok(spaces)
}

/// Asks what each is, and for one more than there are.
fn describe(
    asker: &mut Asker<'_>,
    protocol: &'static ProtocolInfo,
    selector: u32,
    count: u32,
) -> Result<Vec<Facts>, Stopped> {
    let Some(info) = protocol.command(DESCRIBE) else { return Ok(Vec::new()) };
    let kinds = kinds(info, asker.version);
    let mut described = Vec::new();
    for id in 0..=count {
        let mut params = params(&kinds, id, 0);
        lists::select(&kinds, selector, &mut params);
        let asked = asker.ask(protocol.id, DESCRIBE, &params)?;
        if id == count {
            refused_with(asker, rules::ID_UNKNOWN, &asked, &[Status::NOT_FOUND]);
            break;
        }
        let expected = || format!("what {id} of {count} is");
        asker.report.judge(rules::EVERY_ID, asked.values().is_some(), &asked, expected);
        let facts = Facts::of(asked.answer.as_deref().unwrap_or_default(), asker.version);
        if protocol.id == ProtocolId::CLOCK {
            let name = facts.names.first();
            let others = described.iter().any(|other: &Facts| other.names.first() == name);
            let expected = || "a name that no other clock has".into();
            asker.report.judge(rules::CLOCK_NAMES, !others, &asked, expected);
        }
        if protocol.id == ProtocolId::PERF || protocol.id == ProtocolId::POWERCAP {
            no_fast_channel(asker, protocol.id, &asked, &facts, id)?;
        }
        described.push(facts);
    }
    Ok(described)
}

/// Sensors are described by a list.
fn sensors(
    asker: &mut Asker<'_>,
    protocol: &'static ProtocolInfo,
    count: u32,
) -> Result<Vec<Facts>, Stopped> {
    let Some(info) = protocol.command(DESCRIBE) else { return Ok(Vec::new()) };
    let pages = lists::check(asker, protocol.id, info, 0, 0)?;
    let all: Vec<Facts> = pages.into_iter().flat_map(Facts::split).collect();
    let asked = asker.ask(protocol.id, ATTRIBUTES, &[])?;
    let held = u32::try_from(all.len()) == Ok(count);
    let expected = || format!("as many as there are descriptors: {}", all.len());
    asker.report.judge(rules::EVERY_ID, held, &asked, expected);
    Ok(all)
}

/// Fast channels are memory that a device cannot share.
fn no_fast_channel(
    asker: &mut Asker<'_>,
    protocol: ProtocolId,
    asked: &Exchange,
    facts: &Facts,
    id: u32,
) -> Result<(), Stopped> {
    if !asker.way.virtio {
        return Ok(());
    }
    let expected = || "no fast channels in the attributes".into();
    let none = !facts.has("attributes.fast_channels");
    asker.report.judge(rules::FAST_CHANNELS, none, asked, expected);
    let (ask, of) = match protocol {
        ProtocolId::PERF => (MessageId(0xB), 0x7),
        _ => (MessageId(0xC), 0x5),
    };
    let asked = asker.ask(protocol, ask, &[id, of])?;
    let allowed = [Status::NOT_SUPPORTED, Status::NOT_FOUND];
    refused_with(asker, rules::FAST_CHANNELS, &asked, &allowed);
    Ok(())
}

/// Who announces a long name has one.
fn long_names(
    asker: &mut Asker<'_>,
    protocol: &'static ProtocolInfo,
    there: &There,
    space: &Space,
) -> Result<(), Stopped> {
    let all = commands(protocol, asker.version);
    let Some(info) = all.into_iter().find(|info| is_long_name(info)) else { return Ok(()) };
    let kinds = kinds(info, asker.version);
    for (id, facts) in space.each() {
        let announced =
            facts.has("attributes.extended_name") || facts.has("attributes_low.extended_name");
        if !there.contains(&info.id) || !announced {
            continue;
        }
        let mut params = params(&kinds, id, 0);
        lists::select(&kinds, space.selector, &mut params);
        let asked = asker.ask(protocol.id, info.id, &params)?;
        let long = Facts::of(asked.answer.as_deref().unwrap_or_default(), asker.version);
        let short = facts.names.first().map(Vec::as_slice).unwrap_or_default();
        let held =
            long.names.first().is_some_and(|long| long.len() > 15 && long.starts_with(short));
        let short = String::from_utf8_lossy(short);
        let expected = || format!("a name of more than 15 bytes that begins with {short:?}");
        asker.report.judge(rules::NAME_EXTENDED, held, &asked, expected);
    }
    Ok(())
}

/// Reads all that can be read of each.
fn read(
    asker: &mut Asker<'_>,
    protocol: &'static ProtocolInfo,
    there: &There,
    space: &Space,
) -> Result<(), Stopped> {
    let reads = |info: &&MessageInfo| {
        let mine = !matches!(info.id, DESCRIBE | MessageId::PROTOCOL_MESSAGE_ATTRIBUTES);
        mine && class(info) == Class::Read && there.contains(&info.id)
    };
    let all = commands(protocol, asker.version);
    for info in all.into_iter().filter(reads) {
        let kinds = kinds(info, asker.version);
        if !kinds.contains(&Kind::Id) || !selects(protocol.id, info.id, space.selector) {
            continue;
        }
        for (id, _) in space.each() {
            if is_list(info) && kinds.contains(&Kind::Index) {
                let pages = lists::check(asker, protocol.id, info, id, space.selector)?;
                candidates(asker, protocol.id, info, space, &pages)?;
            }
            let mut params = params(&kinds, id, 0);
            if protocol.id == ProtocolId::PINCTRL {
                pin_flags(info.id, &kinds, space.selector, &mut params);
            }
            let asked = asker.ask(protocol.id, info.id, &params)?;
            readable(asker, info, &asked);
        }
    }
    Ok(())
}

/// Which of pin control's messages are about pins, groups or functions.
fn selects(protocol: ProtocolId, message: MessageId, selector: u32) -> bool {
    match (protocol, message) {
        (ProtocolId::PINCTRL, MessageId(0x4)) => selector > 0,
        (ProtocolId::PINCTRL, MessageId(0x5)) => selector < 2,
        _ => true,
    }
}

/// SETTINGS_GET has the selector in `[17:16]`, and all types in `[19:18]`.
fn pin_flags(message: MessageId, kinds: &[Kind], selector: u32, params: &mut [u32]) {
    let flags = if message == MessageId(0x5) { selector << 16 | 1 << 18 } else { selector };
    lists::select(kinds, flags, params);
}

fn readable(asker: &mut Asker<'_>, info: &MessageInfo, asked: &Exchange) {
    let Some(status) = asked.status() else { return };
    let mut held = status != Status::NOT_FOUND && status != Status::INVALID_PARAMETERS;
    // A sensor that is disabled says so.
    held &= status != Status::PROTOCOL_ERROR || info.name == "SENSOR_READING_GET";
    let expected = || format!("{} of what exists: values, or that it is not supported", info.name);
    asker.report.judge(rules::READS, held, asked, expected);
}

/// The possible parents of a clock are clocks.
fn candidates(
    asker: &mut Asker<'_>,
    protocol: ProtocolId,
    info: &MessageInfo,
    space: &Space,
    pages: &[Facts],
) -> Result<(), Stopped> {
    if protocol != ProtocolId::CLOCK || info.id != MessageId(0xC) || pages.is_empty() {
        return Ok(());
    }
    let clocks = i128::try_from(space.described.len()).unwrap_or(0);
    let parents: Vec<i128> = pages.iter().flat_map(|page| page.each("clock_id")).collect();
    let asked = asker.ask(protocol, ATTRIBUTES, &[])?;
    let held = parents.iter().all(|parent| *parent < clocks);
    let expected = || format!("clocks for the parents {parents:?}");
    asker.report.judge(rules::PARENTS_EXIST, held, &asked, expected);
    Ok(())
}

/// Power caps are a tree.
fn relations(asker: &mut Asker<'_>, protocol: ProtocolId, spaces: &[Space], asked: &Exchange) {
    let Some(space) = spaces.first().filter(|_| protocol == ProtocolId::POWERCAP) else { return };
    let parents: Vec<u32> = space.described.iter().map(|facts| facts.word("parent_id")).collect();
    let mut held = true;
    for start in 0..parents.len() {
        let mut at = start;
        // A way up that is longer than there are domains goes round.
        let ends = (0..=parents.len()).any(|_| match parents.get(at) {
            Some(&u32::MAX) => true,
            Some(parent) => {
                at = usize::try_from(*parent).unwrap_or(usize::MAX);
                false
            }
            None => false,
        });
        held &= ends;
    }
    let expected = || format!("ways up that end at a root: the parents are {parents:x?}");
    asker.report.judge(rules::POWERCAP_TREE, held, asked, expected);
}
