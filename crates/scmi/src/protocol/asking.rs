//! What the typed calls of several protocols share.

use core::mem::offset_of;

use zerocopy::IntoBytes;

use crate::agent::{self, Blocking, CallError, Caller, Malformed, Request, Steps, What};
use crate::protocol::common::NameReply;
use crate::wire::{Command, LongName, ShortName, U32};

/// Asks for a whole name, where there is a longer one than is known.
#[derive(Clone, Copy, Debug)]
pub struct Naming<'i> {
    what: What,
    /// Whose name.
    words: [U32; 2],
    /// The short one, where no longer one is to be asked for.
    short: Option<&'i ShortName>,
    long: Option<LongName>,
}

/// Asks for a whole name: the short one where there is no command for a longer one.
#[inline(always)]
pub(super) fn name_of<'i, C: Command<Reply = NameReply>>(
    short: &'i ShortName,
    command: &C,
    longer: bool,
) -> Naming<'i> {
    const { assert!(size_of::<C>() <= size_of::<[U32; 2]>(), "it says whose name, and no more") };
    let mut words = [U32::new(0); 2];
    let bytes = command.as_bytes();
    if let Some(place) = words.as_mut_bytes().get_mut(..bytes.len()) {
        place.copy_from_slice(bytes);
    }
    let short = if longer { None } else { Some(short) };
    Naming { what: What::of::<C>(C::PROTOCOL), words, short, long: None }
}

impl Steps for Naming<'_> {
    type Output = LongName;

    fn question(&self) -> Option<Request<'_>> {
        if self.short.is_some() || self.long.is_some() {
            return None;
        }
        Some(self.what.request(&self.words))
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        self.long = Some(LongName::of(long_of(values?)?));
        Ok(())
    }

    fn finish(&mut self) -> Result<LongName, CallError> {
        let short = self.short.map(ShortName::resized);
        self.long.or(short).ok_or(CallError::TimedOut { delayed: false })
    }

    #[inline(always)]
    fn block(self, caller: &mut dyn Caller) -> Result<LongName, CallError> {
        self.block_on(&mut Blocking::new(caller))
    }

    #[inline(always)]
    fn block_on(self, front: &mut Blocking<'_>) -> Result<LongName, CallError> {
        let [a, b] = self.words;
        whole(front, a.get(), b.get(), self.what, self.short)
    }
}

// There once for all protocols: firmware is small.
#[inline(never)]
fn whole(
    front: &mut Blocking<'_>,
    a: u32,
    b: u32,
    what: What,
    short: Option<&ShortName>,
) -> Result<LongName, CallError> {
    let text = match short {
        Some(short) => short.text(),
        None => long_of(what.ask(front.caller(), &[a, b].map(U32::new))?)?,
    };
    Ok(LongName::of(text))
}

/// The name in the values of a [`NameReply`].
fn long_of(values: &[u8]) -> Result<&[u8], CallError> {
    let name = values.get(offset_of!(NameReply, name)..size_of::<NameReply>());
    name.ok_or_else(|| Malformed::short(values.len(), size_of::<NameReply>()))
}

/// That an answer is about what was asked.
///
/// # Errors
/// [`crate::agent::Malformed::OtherResource`].
pub(super) fn same(asked: u32, named: U32) -> Result<(), CallError> {
    agent::same(asked, named.get())
}
