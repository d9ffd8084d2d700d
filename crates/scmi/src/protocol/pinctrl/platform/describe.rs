//! What pins, groups and functions are and how they are set up, in the words of the wire.

use super::super::wire::{
    ItemAttributes, ItemWord, NO_FUNCTION, Setting, SettingCount, SettingType,
};
use super::model::{Function, Members, PinModel, Target};
use crate::platform::{Call, Seen, Space};
use crate::protocol::page::{count_word, page, page_of, remaining};
use crate::wire::{Full, ShortName, Status, U32, Writer};

/// PINCTRL_ATTRIBUTES: `bits` beside the name and the number of elements.
pub(super) fn item(
    name: &str,
    elements: usize,
    bits: u32,
    reply: &mut Writer<'_>,
) -> Result<(), Status> {
    let elements = u16::try_from(elements).unwrap_or(u16::MAX);
    let long = if ShortName::fits(name) { 0 } else { ItemWord::EXTENDED_NAME };
    reply.put(&ItemAttributes {
        attributes: U32::new(u32::from(elements) | bits | long),
        name: ShortName::new(name),
    })?;
    Ok(())
}

/// The bits that only functions have.
pub(super) const fn function_bits(function: &Function) -> u32 {
    let pins = matches!(function.members, Members::Pins(_));
    let gpio = if function.gpio { ItemWord::GPIO } else { 0 };
    gpio | if pins { ItemWord::SELECTS_PINS } else { 0 }
}

/// Those of `ids` that the caller sees.
pub(super) fn seen(call: &Call<'_>, space: Space, ids: &[usize]) -> impl Iterator<Item = Seen> {
    ids.iter().filter_map(move |id| call.seen(space, *id))
}

/// PINCTRL_LIST_ASSOCIATIONS.
pub(super) fn associations(
    call: &Call<'_>,
    space: Space,
    ids: &[usize],
    index: u32,
    reply: &mut Writer<'_>,
) -> Result<(), Status> {
    let total = seen(call, space, ids).count();
    let rest = remaining(total, index, Status::OUT_OF_RANGE)?;
    page_of(
        reply,
        (rest, seen(call, space, ids).skip(total.saturating_sub(rest))),
        |nth, id, w| {
            // A first half of a word must leave room for what pads it.
            if nth & 1 == 0 && w.room() < size_of::<U32>() {
                return Err(Full);
            }
            w.put_bytes(&u16::try_from(id.number()).unwrap_or(u16::MAX).to_le_bytes())
        },
        count_word,
    )?;
    if reply.len() & 3 != 0 {
        reply.put_bytes(&[0; 2])?;
    }
    Ok(())
}

/// The first word of PINCTRL_SETTINGS_GET's answer.
pub(super) fn function(
    call: &Call<'_>,
    model: &dyn PinModel,
    of: Target,
    reply: &mut Writer<'_>,
) -> Result<(), Status> {
    // A function that the caller does not see has no number that could be told.
    let function = model.function(of).and_then(|id| call.seen(Space::PinFunction, id));
    reply.put(&function.map_or(U32::new(NO_FUNCTION), Seen::word))?;
    Ok(())
}

/// The rest of it: these settings.
pub(super) fn settings(
    model: &dyn PinModel,
    of: Target,
    kinds: &[SettingType],
    reply: &mut Writer<'_>,
) -> Result<(), Status> {
    let mut failed = None;
    let paged = page(
        reply,
        kinds,
        |_, kind, w| {
            // A page can only be full; why it really ended is told after it.
            let value = model.setting(of, *kind).map_err(|status| {
                failed = Some(status);
                Full
            })?;
            w.put(&Setting { kind: U32::new(kind.0.into()), value: U32::new(value) })
        },
        |returned, remaining| {
            let byte = |count| u8::try_from(count).unwrap_or(u8::MAX);
            let count = SettingCount { returned: byte(returned), remaining: byte(remaining) };
            U32::new(count.to_word())
        },
    );
    match failed {
        Some(status) => Err(status),
        None => paged,
    }
}
