//! Lists, page by page (section 3.3).

#[cfg(feature = "agent")]
pub(super) use asking::{VALUES, next_index, page_of, word};
#[cfg(feature = "platform")]
pub(super) use serving::{More, count_word, from_index, page};

#[cfg(feature = "platform")]
mod serving {
    use crate::protocol::common::Count;
    use crate::wire::{Full, Status, U32, Writer};

    /// Whether another entry may follow on the page.
    #[derive(PartialEq, Eq)]
    pub(in crate::protocol) enum More {
        Yes,
        No,
    }

    /// Writes a list: a count word, then as many of the `left` entries as fit.
    ///
    /// # Errors
    /// [`Status::COMMS_ERROR`] when not even one entry fits.
    pub(in crate::protocol) fn page(
        reply: &mut Writer<'_>,
        left: usize,
        mut entry: impl FnMut(usize, &mut Writer<'_>) -> Result<More, Full>,
        count: impl Fn(usize, usize) -> U32,
    ) -> Result<(), Status> {
        let start = reply.len();
        reply.put(&U32::new(0))?;
        let mut returned: usize = 0;
        while returned < left {
            let before = reply.len();
            let more = entry(returned, reply);
            if more.is_err() {
                reply.truncate(before);
                break;
            }
            returned = returned.saturating_add(1);
            if more == Ok(More::No) {
                break;
            }
        }
        if returned == 0 && left > 0 {
            return Err(Status::COMMS_ERROR);
        }
        reply.patch(start, &count(returned, left.saturating_sub(returned)));
        Ok(())
    }

    /// A [`Count`] of a list that is no triplet, as `page` wants it.
    pub(in crate::protocol) fn count_word(returned: usize, remaining: usize) -> U32 {
        // Whoever has longer lists than the word can count cuts the page before it comes here.
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
