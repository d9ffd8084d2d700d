//! What can be set: set to what it is.

use scmi::protocol::{Field, MessageInfo, ProtocolInfo, Shape};
use scmi::wire::{Status, Version};

use super::asker::{Asker, Stopped};
use super::layout::{Class, Kind, class, commands, kinds, params, present};
use super::messages::There;
use super::report::Exchange;
use super::resources::Space;
use super::rules;

/// Sets each resource to what it is, once rightly and once with reserved flags.
pub(super) fn check(
    asker: &mut Asker<'_>,
    protocol: &'static ProtocolInfo,
    there: &There,
    spaces: &[Space],
) -> Result<(), Stopped> {
    let version = asker.version;
    let all = commands(protocol, version);
    let Some(space) = spaces.first() else { return Ok(()) };
    let sets = all.iter().filter(|info| class(info) == Class::Set && there.contains(&info.id));
    for set in sets {
        let Some(get) = all.iter().find(|get| there.contains(&get.id) && undoes(get, set, version))
        else {
            continue;
        };
        for (id, _) in space.each() {
            one(asker, protocol, get, set, id)?;
        }
    }
    Ok(())
}

/// Whether a read gives exactly the values that a set takes, in the same order.
fn undoes(get: &MessageInfo, set: &MessageInfo, version: Version) -> bool {
    let name = |field: &&Field| field.name;
    let values = |field: &&Field| {
        !matches!(field.name, "flags" | "domain_id" | "clock_id" | "sensor_id" | "id")
    };
    let takes: Vec<_> = present(set.payload, version).filter(values).collect();
    let gives: Vec<_> = present(get.reply, version).collect();
    let names = |fields: &[&'static Field]| fields.iter().map(name).collect::<Vec<_>>();
    let fixed = takes.iter().all(|field| !matches!(field.shape, Shape::Repeat(_)));
    let asks_one = kinds(get, version) == [Kind::Id];
    asks_one && fixed && !takes.is_empty() && names(&takes) == names(&gives)
}

fn one(
    asker: &mut Asker<'_>,
    protocol: &'static ProtocolInfo,
    get: &MessageInfo,
    set: &MessageInfo,
    id: u32,
) -> Result<(), Stopped> {
    let before = asker.ask(protocol.id, get.id, &[id])?;
    let Some(values) = before.values() else { return Ok(()) };
    let values: Vec<u32> =
        values.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let kinds = kinds(set, asker.version);
    let fill = |mut words: Vec<u32>| {
        // A configuration is a word of flags, but it is a value too; the flags come before or beside it.
        let last = words.len().saturating_sub(values.len());
        words
            .iter_mut()
            .zip(&kinds)
            .filter(|(_, kind)| **kind == Kind::Value)
            .zip(&values)
            .for_each(|((word, _), value)| *word = *value);
        if !kinds.contains(&Kind::Value) {
            words.iter_mut().skip(last).zip(&values).for_each(|(word, value)| *word = *value);
        }
        words
    };
    let words = fill(params(&kinds, id, 0));
    if let Some(at) = kinds.iter().position(|kind| matches!(kind, Kind::Flags(_)))
        && let Some(Kind::Flags(reserved)) = kinds.get(at)
        && *reserved != 0
    {
        let mut wrong = words.clone();
        wrong.iter_mut().skip(at).take(1).for_each(|word| *word |= reserved);
        let asked = asker.ask(protocol.id, set.id, &wrong)?;
        let held = asked.status() == Some(Status::INVALID_PARAMETERS);
        asker.report.judge(rules::RESERVED_BITS, held, &asked, || "INVALID_PARAMETERS".into());
    }
    let asked = asker.ask(protocol.id, set.id, &words)?;
    let may_not = [Status::DENIED, Status::NOT_SUPPORTED, Status::BUSY];
    let held =
        asked.status().is_some_and(|status| status == Status::SUCCESS || may_not.contains(&status));
    let expected = || format!("SUCCESS: {} gave this value", get.name);
    asker.report.judge(rules::SET_SAME, held, &asked, expected);
    if asked.status() == Some(Status::SUCCESS) {
        let after = asker.ask(protocol.id, get.id, &[id])?;
        judge_same(asker, &before, &after);
    }
    Ok(())
}

fn judge_same(asker: &mut Asker<'_>, before: &Exchange, after: &Exchange) {
    let held = before.values() == after.values();
    let expected = || format!("{:x?}, as before", before.values().unwrap_or_default());
    asker.report.judge(rules::SET_READ_BACK, held, after, expected);
}
