//! Whoever can ask a platform, and typed calls on it.

use super::ask::Ask;
use super::error::{CallError, Malformed};
use super::request::Request;
use super::steps::Steps;
use crate::protocol::common::{MessageAttributes, NegotiateVersion, ProtocolVersion};

use crate::wire::{Command, Message, MessageId, ProtocolId, Record, Version};

/// Whoever can ask a platform, a call at a time. The typed calls of the protocols take one.
pub trait Caller {
    /// Asks, waits, and returns the values of the answer. There is room for as many as the request says, and for what
    /// else there is room anyway: there are platforms that append a word of their own.
    ///
    /// # Errors
    /// [`CallError`] says why there are none.
    fn exchange(&mut self, request: &Request<'_>) -> Result<&[u8], CallError>;

    /// Most bytes of values that an answer can have.
    fn max_values(&self) -> usize;
}

/// Typed calls on any [`Caller`].
pub trait CallerExt: Caller {
    /// Calls a command whose reply has a fixed size.
    ///
    /// # Errors
    /// As [`Caller::exchange`], and [`Malformed::Short`].
    fn call<C: Command>(&mut self, command: &C) -> Result<C::Reply, CallError> {
        self.call_of(C::PROTOCOL, command)
    }

    /// Calls a message that several protocols have.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    fn call_of<M: Message>(
        &mut self,
        protocol: ProtocolId,
        message: &M,
    ) -> Result<M::Reply, CallError> {
        Ask::of(protocol, message, 0, |_, values| record(values)).block(&mut &mut *self)
    }

    /// Calls a command whose reply has no fixed size; returns the values that came.
    ///
    /// # Errors
    /// As [`Caller::exchange`].
    fn call_values<C: Command>(&mut self, command: &C, delayed: bool) -> Result<&[u8], CallError> {
        self.exchange(&Request { delayed, ..Request::of(command) })
    }

    /// Asks what is to be asked, one question after the other.
    ///
    /// # Errors
    /// Those of the steps, and as [`Caller::exchange`].
    fn run<S: Steps>(&mut self, steps: &mut S) -> Result<S::Output, CallError> {
        drive(&mut &mut *self, steps)?;
        steps.finish()
    }

    /// PROTOCOL_VERSION.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the platform does not have the protocol.
    fn protocol_version(&mut self, protocol: ProtocolId) -> Result<Version, CallError> {
        Ok(Version(self.call_of(protocol, &ProtocolVersion)?.get()))
    }

    /// PROTOCOL_MESSAGE_ATTRIBUTES.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_FOUND`] where the message is not there.
    fn message_attributes(
        &mut self,
        protocol: ProtocolId,
        message: MessageId,
    ) -> Result<u32, CallError> {
        let message = u32::from(message.0).into();
        Ok(self.call_of(protocol, &MessageAttributes { message })?.get())
    }

    /// NEGOTIATE_PROTOCOL_VERSION.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the version cannot be spoken.
    fn negotiate(&mut self, protocol: ProtocolId, version: Version) -> Result<(), CallError> {
        self.call_of(protocol, &NegotiateVersion { version: version.0.into() })?;
        Ok(())
    }
}

impl<C: Caller + ?Sized> CallerExt for C {}

impl<C: Caller + ?Sized> Caller for &mut C {
    fn exchange(&mut self, request: &Request<'_>) -> Result<&[u8], CallError> {
        (**self).exchange(request)
    }

    fn max_values(&self) -> usize {
        (**self).max_values()
    }
}

/// [`Steps`] without what they lead to.
pub(super) trait Questions {
    fn next(&self) -> Option<Request<'_>>;
    fn take(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError>;
}

impl<S: Steps> Questions for S {
    fn next(&self) -> Option<Request<'_>> {
        self.question()
    }

    fn take(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        self.answer(values)
    }
}

/// Asks all questions. It is there once for all typed calls: firmware is small.
#[inline(never)]
pub(super) fn drive(caller: &mut dyn Caller, steps: &mut dyn Questions) -> Result<(), CallError> {
    while let Some(request) = steps.next() {
        let values = caller.exchange(&request);
        steps.take(values)?;
    }
    Ok(())
}

/// The record that values begin with.
pub(crate) fn record<T: Record>(mut values: &[u8]) -> Result<T, CallError> {
    take(&mut values)
}

/// Takes a record from the front of values.
pub(crate) fn take<T: Record>(values: &mut &[u8]) -> Result<T, CallError> {
    let (record, rest) =
        T::read_from_prefix(values).map_err(|_| Malformed::short(values.len(), size_of::<T>()))?;
    *values = rest;
    Ok(record)
}

/// That an answer is about what was asked.
///
/// # Errors
/// [`Malformed::OtherResource`].
pub(crate) fn same(asked: u32, named: u32) -> Result<(), CallError> {
    if named == asked { Ok(()) } else { Err(Malformed::OtherResource { named }.into()) }
}
