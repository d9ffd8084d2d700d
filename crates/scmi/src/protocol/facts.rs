//! Answers of fixed sizes, one after the other, kept as they came: how every protocol is opened, and Base discovered.

use zerocopy::IntoBytes;

use crate::agent::{CallError, Caller, Malformed, Request, What, fill};
use crate::protocol::opening::ABSENT;

/// Bytes of all answers, at most.
pub(super) const KEPT: usize = 44;

/// One of the questions, which have no parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fact {
    pub(super) what: What,
    pub(super) refused: Refused,
}

/// What it means that a platform refuses an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Nothing good.
    Fails,
    /// If it says that it is not supported, that nothing of it all is there.
    Absent,
    /// That there is none: zeros are kept.
    Zero,
}

/// Asks for facts of a protocol.
#[derive(Debug)]
pub(super) struct Facts {
    /// What is still to be asked.
    list: &'static [Fact],
    at: usize,
    /// In words, since bytes would be copied one by one.
    kept: [u32; KEPT / 4],
    there: bool,
}

impl Facts {
    pub(super) const fn new(list: &'static [Fact]) -> Self {
        Self { list, at: 0, kept: [0; KEPT / 4], there: true }
    }

    /// The answers, one behind the other, as they are on the wire.
    pub(super) const fn kept(&self) -> &[u32; KEPT / 4] {
        &self.kept
    }

    /// Whether the platform has what was asked for.
    pub(super) const fn there(&self) -> bool {
        self.there
    }

    pub(super) fn question(&self) -> Option<Request<'static>> {
        Some(self.list.first()?.what.request(&[]))
    }

    pub(super) fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        let Some((fact, rest)) = self.list.split_first() else { return Ok(()) };
        self.list = rest;
        let bytes = fact.what.values();
        match values {
            Err(ABSENT) if fact.refused == Refused::Absent => {
                (self.list, self.there) = (&[], false)
            }
            Err(CallError::Refused(_)) if fact.refused == Refused::Zero => {}
            values => {
                let values = values?;
                let place = self.kept.as_mut_bytes().get_mut(self.at..).unwrap_or_default();
                fill(
                    place,
                    values.get(..bytes).ok_or_else(|| Malformed::short(values.len(), bytes))?,
                );
            }
        }
        self.at = self.at.wrapping_add(bytes);
        Ok(())
    }

    /// Asks for all of them. It is there once for all protocols: firmware is small.
    #[inline(never)]
    pub(super) fn ask(&mut self, caller: &mut dyn Caller) -> Result<(), CallError> {
        while let Some(fact) = self.list.first() {
            let values = fact.what.ask(caller, &[]);
            self.answer(values)?;
        }
        Ok(())
    }
}
