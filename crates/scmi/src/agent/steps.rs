//! Typed calls as values: what is asked and what the answer means, whoever waits for it.

use super::caller::{Caller, drive, record};
use super::error::CallError;
use super::front::Blocking;
use super::request::Request;
use crate::wire::Command;

/// Questions to a platform that lead to one result.
///
/// It is the half of a typed call that knows the protocol. The other half, [`super::CallerExt::run`] or
/// [`super::Tasks::run`], knows how to wait: it asks [`Steps::question`], gives the answer to [`Steps::answer`], and so on
/// until there is no question; then it asks for the result. So each call is written once for both.
pub trait Steps {
    /// What they lead to.
    type Output;

    /// What to ask next; none when all was asked. [`Request::values`] is the least room that the answer needs; there
    /// is as much as the channel has.
    fn question(&self) -> Option<Request<'_>>;

    /// The values that answer the last question, or why there are none.
    ///
    /// # Errors
    /// Why nothing more is to be asked, and there is no result.
    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError>;

    /// The result; called once, when there is no question any more.
    ///
    /// # Errors
    /// Why there is none.
    fn finish(&mut self) -> Result<Self::Output, CallError>;

    /// Asks all of it of a caller, and waits: what [`super::Blocking`] does.
    ///
    /// # Errors
    /// As the other functions, and as [`Caller::exchange`].
    fn block(mut self, caller: &mut dyn Caller) -> Result<Self::Output, CallError>
    where
        Self: Sized,
    {
        drive(caller, &mut self)?;
        self.finish()
    }

    /// As [`Self::block`], of a client's caller.
    ///
    /// # Errors
    /// As [`Self::block`].
    fn block_on(self, front: &mut Blocking<'_>) -> Result<Self::Output, CallError>
    where
        Self: Sized,
    {
        self.block(front.0)
    }
}

/// A command whose reply has a fixed size: its answer is that record.
#[derive(Clone, Copy, Debug)]
pub struct Whole<C: Command> {
    command: C,
    reply: Option<C::Reply>,
}

impl<C: Command> Whole<C> {
    /// Asks this.
    pub const fn new(command: C) -> Self {
        Self { command, reply: None }
    }
}

impl<C: Command> Steps for Whole<C> {
    type Output = C::Reply;

    fn question(&self) -> Option<Request<'_>> {
        if self.reply.is_some() {
            return None;
        }
        Some(Request::of(&self.command))
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        self.reply = Some(record(values?)?);
        Ok(())
    }

    fn finish(&mut self) -> Result<C::Reply, CallError> {
        self.reply.take().ok_or(CallError::TimedOut { delayed: false })
    }
}
