//! What the typed calls of several protocols share.

use crate::agent::{Ask, CallError, Malformed, record};
use crate::protocol::common::NameReply;
use crate::wire::{Command, LongName, ShortName, U32};

/// A whole name: the short one where there is no command for a longer one.
#[inline(always)]
pub(super) fn name_of<C: Command<Reply = NameReply>>(
    short: &ShortName,
    longer: Option<C>,
) -> Ask<LongName> {
    match longer {
        None => Ask::known(short.resized()),
        Some(command) => Ask::new(&command, 0, read_name),
    }
}

// There once: firmware is small.
#[inline(never)]
fn read_name(_: u32, values: &[u8]) -> Result<LongName, CallError> {
    Ok(record::<NameReply>(values)?.name)
}

/// That an answer is about what was asked.
///
/// # Errors
/// [`Malformed::OtherResource`].
pub(super) fn same(asked: u32, named: U32) -> Result<(), CallError> {
    let named = named.get();
    if named == asked { Ok(()) } else { Err(Malformed::OtherResource { named }.into()) }
}
