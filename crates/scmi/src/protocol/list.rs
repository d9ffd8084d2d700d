//! Lists that come in pages of equal entries, the plainest and most common ones: all of them are read by the same code.

use zerocopy::IntoBytes;

use crate::agent::{Blocking, CallError, Caller, Malformed, Request, Steps, What};
use crate::protocol::page::MOST_PAGES;
use crate::wire::{Command, U32};

/// What a page looks like: a word of counts, then entries of one size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// Which bits of the word say how many entries are in the page.
    pub(super) returned: u32,
    /// From which bit on it says how many are still to come; 32 where it does not.
    pub(super) remaining: u8,
    /// Which bit of it says that there is one entry, three times as long, instead of all of them.
    pub(super) triplet: u32,
    /// Bytes of an entry.
    pub(super) size: u8,
}

/// A list of such pages.
pub trait Entries {
    /// Takes the next entry, as it is on the wire.
    fn entry(&mut self, bytes: &[u8]);
}

/// The question for each page of a list. It ends: every page brings something, and there are not too many.
#[derive(Debug)]
pub struct Listing<E> {
    entries: E,
    pub(super) place: Place,
}

/// Where in a list one is.
#[derive(Debug)]
pub(super) struct Place {
    what: What,
    /// The command for the next page, whose last word says with which entry it begins.
    words: [U32; 2],
    index: u32,
    /// How many entries there are: what the first page says binds the others, or what was known before.
    pub(super) total: u32,
    form: &'static Form,
    asked: u16,
    pub(super) ended: bool,
}

impl<E: Entries> Listing<E> {
    /// All pages that a command asks for.
    #[inline(always)]
    pub(super) fn new<C: Command>(command: &C, form: &'static Form, entries: E) -> Self {
        const { assert!(size_of::<C>() <= size_of::<[U32; 2]>(), "it says whose list, and no more") };
        let mut words = [U32::new(0); 2];
        let bytes = command.as_bytes();
        if let Some(place) = words.as_mut_bytes().get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
        }
        let what = What::of::<C>(C::PROTOCOL);
        let place = Place { what, words, index: 0, total: 0, form, asked: 0, ended: false };
        Self { entries, place }
    }

    /// Asks for all of them, and waits.
    #[inline(always)]
    pub(super) fn ask(&mut self, caller: &mut dyn Caller) -> Result<(), CallError> {
        self.place.ask(caller, &mut self.entries)
    }
}

impl Place {
    /// How many entries came.
    pub(super) fn came(&self) -> usize {
        usize::try_from(self.index).unwrap_or(usize::MAX)
    }

    fn question(&self) -> Option<Request<'_>> {
        if self.ended { None } else { Some(self.what.request(&self.words)) }
    }

    // Not into the loop below, which would keep all of it in registers.
    #[inline(never)]
    fn turn(&mut self, values: &[u8], entries: &mut dyn Entries) -> Result<(), CallError> {
        let short = || Malformed::short_of(values.len());
        let Some((counts, mut rest)) = values.split_first_chunk::<4>() else { return Err(short()) };
        let counts = u32::from_le_bytes(*counts);
        let (form, index) = (self.form, self.index);
        let (mut returned, mut size) = (counts & form.returned, usize::from(form.size));
        let next = index.saturating_add(returned);
        let after = counts.checked_shr(form.remaining.into());
        let after = after.unwrap_or_else(|| self.total.saturating_sub(next));
        if index == 0 && self.total == 0 {
            self.total = returned.saturating_add(after);
        }
        self.asked = self.asked.wrapping_add(1);
        self.ended = after == 0;
        if counts & form.triplet != 0 {
            (returned, size, self.ended) = (1, size.wrapping_mul(3), true);
        } else if next > self.total
            || after != 0 && (returned == 0 || usize::from(self.asked) >= MOST_PAGES)
        {
            return Err(Malformed::list_of(index, returned));
        }
        for _ in 0..returned {
            let (entry, after) = rest.split_at_checked(size).ok_or_else(short)?;
            entries.entry(entry);
            rest = after;
        }
        self.index = next;
        let last = usize::from(self.what.words() > 1);
        if let Some(word) = self.words.get_mut(last) {
            *word = U32::new(next);
        }
        Ok(())
    }

    /// Asks for all pages. It is there once for all lists: firmware is small.
    #[inline(never)]
    fn ask(&mut self, caller: &mut dyn Caller, entries: &mut dyn Entries) -> Result<(), CallError> {
        while !self.ended {
            let values = self.what.ask(caller, &self.words)?;
            self.turn(values, entries)?;
        }
        Ok(())
    }
}

impl<E: Entries> Steps for Listing<E> {
    type Output = ();

    fn question(&self) -> Option<Request<'_>> {
        self.place.question()
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        self.place.turn(values?, &mut self.entries)
    }

    fn finish(&mut self) -> Result<(), CallError> {
        Ok(())
    }

    #[inline(always)]
    fn block(mut self, caller: &mut dyn Caller) -> Result<(), CallError> {
        self.ask(caller)
    }

    #[inline(always)]
    fn block_on(mut self, front: &mut Blocking<'_>) -> Result<(), CallError> {
        self.ask(front.0)
    }
}
