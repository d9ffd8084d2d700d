//! Whoever can ask a platform, and typed calls on it.

use zerocopy::{FromZeros, IntoBytes};

use super::error::{CallError, Malformed};
use super::request::Request;
use super::steps::Steps;
use crate::protocol::common::{MessageAttributes, NegotiateVersion, ProtocolVersion};

use crate::wire::{Command, Message, MessageId, ProtocolId, Record, Version};

/// Whoever can ask a platform, a call at a time. The typed calls of the protocols take one.
pub trait Caller {
    /// Asks, waits, and puts the values of the answer into `values`, of which the request says how many there may
    /// be; returns how many came.
    ///
    /// # Errors
    /// [`CallError`] says why there are none.
    fn exchange(&mut self, request: &Request<'_>, values: &mut [u8]) -> Result<usize, CallError>;

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
        let wanted = size_of::<M::Reply>();
        let request = Request {
            protocol,
            message: M::ID,
            params: message.as_bytes(),
            // Room to spare, as Linux offers it: there are platforms that append a word of their own.
            values: wanted.max(self.max_values()),
            delayed: false,
        };
        let mut reply = M::Reply::new_zeroed();
        let came = self.exchange(&request, reply.as_mut_bytes())?;
        if came < wanted { Err(Malformed::Short { came, wanted }.into()) } else { Ok(reply) }
    }

    /// Calls a command whose reply has no fixed size; returns the values that came.
    ///
    /// # Errors
    /// As [`Caller::exchange`].
    fn call_into<'v, C: Command>(
        &mut self,
        command: &C,
        delayed: bool,
        values: &'v mut [u8],
    ) -> Result<&'v [u8], CallError> {
        let request = Request {
            protocol: C::PROTOCOL,
            message: C::ID,
            params: command.as_bytes(),
            values: values.len().min(self.max_values()),
            delayed,
        };
        let came = self.exchange(&request, values)?;
        Ok(values.get(..came).unwrap_or_default())
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
    fn exchange(&mut self, request: &Request<'_>, values: &mut [u8]) -> Result<usize, CallError> {
        (**self).exchange(request, values)
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
    let mut buffer = [0; VALUES];
    while let Some(request) = steps.next() {
        let room = caller.max_values().min(VALUES);
        let values = request.values.max(room);
        let page = buffer.get_mut(..values).unwrap_or(&mut []);
        let came = caller.exchange(&Request { values, ..request }, page);
        steps.take(came.map(|came| page.get(..came).unwrap_or_default()))?;
    }
    Ok(())
}

/// Values of one answer: whatever the channel, an answer of more is not asked for.
pub(crate) const VALUES: usize = 1032;

/// The record that values begin with.
pub(crate) fn record<T: Record>(mut values: &[u8]) -> Result<T, CallError> {
    take(&mut values)
}

/// Takes a record from the front of values.
pub(crate) fn take<T: Record>(values: &mut &[u8]) -> Result<T, CallError> {
    let (record, rest) = T::read_from_prefix(values)
        .map_err(|_| Malformed::Short { came: values.len(), wanted: size_of::<T>() })?;
    *values = rest;
    Ok(record)
}
