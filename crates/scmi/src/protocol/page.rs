//! Lists, page by page (section 3.3).

#[cfg(feature = "agent")]
pub(super) use asking::{VALUES, next_index, page_of, word};
#[cfg(feature = "platform")]
pub(super) use serving::{count_word, from_index, list, page, triplet};

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
        mut entry: impl FnMut(usize, &T, &mut Writer<'_>) -> Result<(), Full>,
        count: impl Fn(usize, usize) -> U32,
    ) -> Result<(), Status> {
        let start = reply.len();
        reply.put(&U32::new(0))?;
        let mut returned: usize = 0;
        for one in entries.iter().take(MOST) {
            let before = reply.len();
            if entry(returned, one, reply).is_err() {
                reply.truncate(before);
                break;
            }
            returned = returned.saturating_add(1);
        }
        if returned == 0 && !entries.is_empty() {
            return Err(Status::COMMS_ERROR);
        }
        reply.patch(start, &count(returned, entries.len().saturating_sub(returned)));
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
    use crate::agent::{CallError, Caller, CallerExt, Malformed};
    use crate::wire::{Command, U32};

    /// Values of one answer: whatever the channel, an answer of more is not asked for.
    pub(in crate::protocol) const VALUES: usize = 1032;

    /// Calls a command whose reply is a page; returns how many bytes of values came.
    ///
    /// # Errors
    /// As [`CallerExt::call_into`].
    pub(in crate::protocol) fn page_of<C: Command>(
        caller: &mut dyn Caller,
        command: &C,
        buffer: &mut [u8; VALUES],
    ) -> Result<usize, CallError> {
        let most = caller.max_values().min(VALUES);
        let page = buffer.get_mut(..most).unwrap_or_default();
        Ok(caller.call_into(command, false, page)?.len())
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
            return Err(Malformed::List { index, returned }.into());
        }
        Ok(next)
    }
}
