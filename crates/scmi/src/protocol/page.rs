//! Lists, page by page (section 3.3).

#[cfg(feature = "agent")]
pub(super) use asking::{MOST_PAGES, Total, next_index, next_of, word};
#[cfg(feature = "agent")]
pub use asking::{Paged, Pages};
#[cfg(feature = "platform")]
pub(super) use serving::{count_word, from_index, list, page, page_of, remaining, triplet};

#[cfg(feature = "platform")]
mod serving {
    use crate::protocol::common::Count;
    use crate::wire::{Full, Record, Status, U32, Writer};

    /// What the count word of most lists can say is returned: it has 12 bits.
    const MOST: usize = 0xFFF;

    /// Writes a list: a count word, then as many of the entries as fit. `entry` writes the nth of them, or is [`Full`].
    ///
    /// # Errors
    /// [`Status::COMMS_ERROR`] when not even one entry fits.
    pub(in crate::protocol) fn page<T>(
        reply: &mut Writer<'_>,
        entries: &[T],
        entry: impl FnMut(usize, &T, &mut Writer<'_>) -> Result<(), Full>,
        count: impl Fn(usize, usize) -> U32,
    ) -> Result<(), Status> {
        page_of(reply, (entries.len(), entries.iter()), entry, count)
    }

    /// The same of `total` entries that are found one after the other.
    ///
    /// # Errors
    /// As [`page`].
    pub(in crate::protocol) fn page_of<T>(
        reply: &mut Writer<'_>,
        (total, entries): (usize, impl Iterator<Item = T>),
        mut entry: impl FnMut(usize, T, &mut Writer<'_>) -> Result<(), Full>,
        count: impl Fn(usize, usize) -> U32,
    ) -> Result<(), Status> {
        let start = reply.len();
        reply.put(&U32::new(0))?;
        let mut returned: usize = 0;
        for one in entries.take(MOST) {
            let before = reply.len();
            if entry(returned, one, reply).is_err() {
                reply.truncate(before);
                break;
            }
            returned = returned.saturating_add(1);
        }
        if returned == 0 && total > 0 {
            return Err(Status::COMMS_ERROR);
        }
        reply.patch(start, &count(returned, total.saturating_sub(returned)));
        Ok(())
    }

    /// A page of a list of records, under a [`Count`].
    ///
    /// # Errors
    /// As [`page`].
    pub(in crate::protocol) fn list<T, R: Record>(
        reply: &mut Writer<'_>,
        entries: &[T],
        record: impl Fn(&T) -> R,
    ) -> Result<(), Status> {
        page(reply, entries, |_, one, w| w.put(&record(one)), count_word)
    }

    /// Writes what stands for a list: its first, its last and the step between them.
    ///
    /// # Errors
    /// [`Status::COMMS_ERROR`] when it does not fit.
    pub(in crate::protocol) fn triplet<R: Record>(
        reply: &mut Writer<'_>,
        [first, last, step]: [R; 3],
    ) -> Result<(), Status> {
        let count = Count { returned: 3, remaining: 0, triplet: true };
        reply.put(&U32::new(count.to_word()))?;
        [first, last, step].iter().try_for_each(|value| reply.put(value))?;
        Ok(())
    }

    /// A [`Count`] of a list that is no triplet, as `page` wants it.
    pub(in crate::protocol) fn count_word(returned: usize, remaining: usize) -> U32 {
        let returned = u16::try_from(returned).unwrap_or(u16::MAX);
        let remaining = u16::try_from(remaining).unwrap_or(u16::MAX);
        U32::new(Count { returned, remaining, triplet: false }.to_word())
    }

    /// How many entries of a list of `total` there are from `index` on; only of an empty list may there be none.
    ///
    /// # Errors
    /// `beyond` for an index after the last entry.
    pub(in crate::protocol) fn remaining(
        total: usize,
        index: u32,
        beyond: Status,
    ) -> Result<usize, Status> {
        let rest = usize::try_from(index).ok().and_then(|index| total.checked_sub(index));
        rest.filter(|rest| *rest > 0 || index == 0).ok_or(beyond)
    }

    /// The part of a list from `index` on; only of an empty list may it be empty.
    ///
    /// # Errors
    /// `beyond` for an index after the last entry.
    pub(in crate::protocol) fn from_index<T>(
        list: &[T],
        index: u32,
        beyond: Status,
    ) -> Result<&[T], Status> {
        let index = usize::try_from(index).map_err(|_| beyond)?;
        match list.get(index..) {
            Some([]) | None if index > 0 => Err(beyond),
            rest => Ok(rest.unwrap_or_default()),
        }
    }
}

#[cfg(feature = "agent")]
mod asking {
    use crate::agent::{CallError, Malformed, Request, Steps};
    use crate::wire::{Command, U32};

    /// Pages of one list, at most: whatever a platform claims, it is not asked more often. With the messages that
    /// Linux uses that is room for every list of the tests a hundred times over.
    pub(in crate::protocol) const MOST_PAGES: usize = 4096;

    /// A list that comes in pages.
    pub trait Paged {
        /// Asks for a page.
        type Command: Command;

        /// Asks for the page that begins with this entry.
        fn command(&self, index: usize) -> Self::Command;

        /// Takes a page that begins with this entry; says with which entry the next one begins, if there is one.
        ///
        /// # Errors
        /// Why the page makes no sense.
        fn page(&mut self, index: usize, values: &[u8]) -> Result<Option<usize>, CallError>;
    }

    /// The question for each page of a list. It ends: every page brings something, and there are not too many.
    #[derive(Debug)]
    pub struct Pages<P: Paged> {
        paged: P,
        /// The next page; none after the last.
        command: Option<P::Command>,
        index: usize,
        asked: usize,
    }

    impl<P: Paged> Pages<P> {
        /// All pages.
        pub(in crate::protocol) fn new(paged: P) -> Self {
            Self { command: Some(paged.command(0)), paged, index: 0, asked: 0 }
        }

        /// All pages of a list of so many, of which there may be none.
        pub(in crate::protocol) fn of(total: usize, paged: P) -> Self {
            let mut pages = Self::new(paged);
            if total == 0 {
                pages.command = None;
            }
            pages
        }
    }

    impl<P: Paged> Steps for Pages<P> {
        type Output = ();

        fn question(&self) -> Option<Request<'_>> {
            Some(Request::of(self.command.as_ref()?))
        }

        fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
            let index = self.index;
            let next = self.paged.page(index, values?)?;
            self.asked = self.asked.saturating_add(1);
            if let Some(next) = next {
                if next <= index || self.asked >= MOST_PAGES {
                    return Err(Malformed::list(index, next.saturating_sub(index)));
                }
                self.index = next;
            }
            self.command = next.map(|next| self.paged.command(next));
            Ok(())
        }

        fn finish(&mut self) -> Result<(), CallError> {
            Ok(())
        }
    }

    /// How long a list is: what its first page says binds the others.
    #[derive(Clone, Copy, Debug, Default)]
    pub(in crate::protocol) struct Total(Option<usize>);

    impl Total {
        /// The index after a page of so many entries from `index` on, with so many to come; none after the last.
        ///
        /// # Errors
        /// [`Malformed::List`] for more entries than the first page said.
        pub(in crate::protocol) fn next(
            &mut self,
            index: usize,
            returned: impl Into<usize>,
            remaining: impl Into<usize>,
        ) -> Result<Option<usize>, CallError> {
            self.after(index, returned.into(), remaining.into())
        }

        // There once for all lists: firmware is small.
        #[inline(never)]
        fn after(
            &mut self,
            index: usize,
            returned: usize,
            remaining: usize,
        ) -> Result<Option<usize>, CallError> {
            let total = *self.0.get_or_insert_with(|| returned.saturating_add(remaining));
            if remaining == 0 && index.saturating_add(returned) <= total {
                return Ok(None);
            }
            next_index(index, returned, total).map(Some)
        }
    }

    /// An index as it goes into a command.
    pub(in crate::protocol) fn word(index: usize) -> U32 {
        U32::new(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The index after a page.
    ///
    /// # Errors
    /// [`Malformed::List`] for a page that brings nothing, or more than there is: asking on would never end.
    pub(in crate::protocol) fn next_index(
        index: usize,
        returned: usize,
        total: usize,
    ) -> Result<usize, CallError> {
        let next = index.saturating_add(returned);
        if returned == 0 || next > total {
            return Err(Malformed::list(index, returned));
        }
        Ok(next)
    }

    /// The index after a page of a list of which there are so many; none after the last.
    ///
    /// # Errors
    /// As [`next_index`].
    pub(in crate::protocol) fn next_of(
        index: usize,
        returned: usize,
        total: usize,
    ) -> Result<Option<usize>, CallError> {
        next_index(index, returned, total).map(|next| (next < total).then_some(next))
    }
}
