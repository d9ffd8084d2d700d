//! What clocks are, in the words of the wire.

use super::super::wire::{
    Attributes, AttributesV1, AttributesWord, ClockWord, ParentCount, Permissions,
};
use super::super::{V2, V3};
use super::model::Clock;
use super::rates::Rates;
use crate::platform::{Call, Seen, Space};
use crate::protocol::page::{from_index, list, page_of, remaining, triplet};
use crate::protocol::serving::micros;
use crate::wire::{ShortName, Status, U32, U64, Writer};

/// PROTOCOL_ATTRIBUTES. Without a way back nothing is done asynchronously.
pub(super) fn protocol(
    call: &Call<'_>,
    max_async: u8,
    reply: &mut Writer<'_>,
) -> Result<(), Status> {
    let clocks = u16::try_from(call.count(Space::Clock)).unwrap_or(u16::MAX);
    let max_async = if call.p2a { max_async } else { 0 };
    reply.put(&U32::new(AttributesWord::new(clocks, max_async).0))?;
    Ok(())
}

/// CLOCK_ATTRIBUTES.
pub(super) fn attributes(
    call: &Call<'_>,
    clock: &Clock,
    enabled: bool,
    permissions: Permissions,
    reply: &mut Writer<'_>,
) -> Result<(), Status> {
    let head = AttributesV1 {
        attributes: U32::new(word(call, clock, enabled, permissions)),
        name: ShortName::new(&clock.name),
    };
    if call.version < V2 {
        reply.put(&head)?;
    } else {
        let enable_delay = U32::new(micros(clock.enable_delay, u32::MAX));
        reply.put(&Attributes { head, enable_delay })?;
    }
    Ok(())
}

fn word(call: &Call<'_>, clock: &Clock, enabled: bool, permissions: Permissions) -> u32 {
    let flag = |set: bool, bit: u32| if set { bit } else { 0 };
    let mut word = flag(enabled, ClockWord::ENABLED);
    if call.version >= V2 {
        let long = !ShortName::fits(&clock.name);
        word |= flag(clock.notifies_changes && call.p2a, ClockWord::RATE_CHANGED)
            | flag(clock.notifies_requests && call.p2a, ClockWord::RATE_CHANGE_REQUESTED)
            | flag(long, ClockWord::EXTENDED_NAME);
    }
    if call.version >= V3 {
        word |= flag(seen_parents(call, clock).next().is_some(), ClockWord::PARENTS)
            | flag(!clock.extended.is_empty(), ClockWord::EXTENDED_CONFIG)
            | flag(permissions != Permissions::ALL, ClockWord::RESTRICTED);
    }
    word
}

/// CLOCK_DESCRIBE_RATES.
pub(super) fn rates(rates: &Rates, index: u32, reply: &mut Writer<'_>) -> Result<(), Status> {
    match rates {
        Rates::List(all) => {
            let rest = from_index(all, index, Status::OUT_OF_RANGE)?;
            list(reply, rest, |rate| U64::new(*rate))
        }
        Rates::Range { lowest, highest, step } => {
            triplet(reply, [*lowest, *highest, *step].map(U64::new))
        }
    }
}

/// The clocks that can be a clock's parent and that the caller sees.
pub(super) fn seen_parents(call: &Call<'_>, clock: &Clock) -> impl Iterator<Item = Seen> {
    clock.parents.iter().filter_map(|parent| call.seen(Space::Clock, *parent))
}

/// CLOCK_POSSIBLE_PARENTS_GET.
pub(super) fn parents(
    call: &Call<'_>,
    clock: &Clock,
    skip: u32,
    reply: &mut Writer<'_>,
) -> Result<(), Status> {
    let total = seen_parents(call, clock).count();
    let rest = remaining(total, skip, Status::OUT_OF_RANGE)?;
    page_of(
        reply,
        (rest, seen_parents(call, clock).skip(total.saturating_sub(rest))),
        |_, parent, w| w.put(&parent.word()),
        |returned, remaining| {
            let byte = |count| u8::try_from(count).unwrap_or(u8::MAX);
            let count = ParentCount { returned: byte(returned), remaining: byte(remaining) };
            U32::new(count.to_word())
        },
    )
}
