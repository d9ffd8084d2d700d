//! One call at a time over a channel.

use zerocopy::{FromZeros, IntoBytes};

use super::engine::{Agent, Request, Timeouts, Transmit};
use super::error::{CallError, Malformed};
use super::events::Event;
use crate::protocol::common::{MessageAttributes, NegotiateVersion, ProtocolVersion};
use crate::time::{Time, earliest};
use crate::transport::{Channel, Received, SendError};
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

/// Takes a record from the front of values.
pub(crate) fn take<T: Record>(values: &mut &[u8]) -> Result<T, CallError> {
    let (record, rest) = T::read_from_prefix(values)
        .map_err(|_| Malformed::Short { came: values.len(), wanted: size_of::<T>() })?;
    *values = rest;
    Ok(record)
}

/// An agent over a channel, for whoever can wait.
///
/// The sizes are those of [`Agent`]: a client makes one call at a time, but calls that timed out keep slots.
pub struct Client<'c, const SLOTS: usize = 16, const BYTES: usize = 136, const EVENTS: usize = 32> {
    agent: Agent<SLOTS, BYTES, EVENTS>,
    channel: &'c mut dyn Channel,
    timeouts: Timeouts,
}

impl<const SLOTS: usize, const BYTES: usize, const EVENTS: usize> core::fmt::Debug
    for Client<'_, SLOTS, BYTES, EVENTS>
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Client").field("agent", &self.agent).finish_non_exhaustive()
    }
}

impl<'c, const SLOTS: usize, const BYTES: usize, const EVENTS: usize>
    Client<'c, SLOTS, BYTES, EVENTS>
{
    /// A client of the platform at the other end of `channel`.
    pub fn new(channel: &'c mut dyn Channel) -> Self {
        Self { agent: Agent::new(), channel, timeouts: Timeouts::default() }
    }

    /// How long calls wait from here on.
    pub fn set_timeouts(&mut self, timeouts: Timeouts) {
        self.timeouts = timeouts;
    }

    /// The token of the next call ([`Agent::set_next_token`]).
    pub const fn set_next_token(&mut self, token: u16) {
        self.agent.set_next_token(token);
    }

    /// The engine, for its counters.
    pub const fn agent(&self) -> &Agent<SLOTS, BYTES, EVENTS> {
        &self.agent
    }

    /// Whether notifications and delayed responses can come.
    pub fn p2a(&self) -> bool {
        self.channel.limits().p2a
    }

    /// The channel's time.
    pub fn now(&self) -> Time {
        self.channel.now()
    }

    /// The next notification, if one comes until then.
    pub fn next_event(&mut self, until: Time) -> Option<Event<BYTES>> {
        loop {
            self.receive();
            if let Some(event) = self.agent.poll_event() {
                return Some(event);
            }
            if self.channel.now() >= until {
                return None;
            }
            self.channel.wait(until);
        }
    }

    /// Gives commands to the channel.
    fn transmit(&mut self) -> Result<(), SendError> {
        while let Some(Transmitted { tag, result }) = self.transmit_one() {
            match result {
                Ok(()) => {}
                Err(error) => {
                    self.agent.not_sent(tag);
                    return if error == SendError::Full { Ok(()) } else { Err(error) };
                }
            }
        }
        Ok(())
    }

    fn transmit_one(&mut self) -> Option<Transmitted> {
        let transmit = self.agent.poll_transmit()?;
        let Transmit { tag, bytes, room, delayed } = transmit;
        let result = match delayed {
            false => self.channel.send(tag, bytes, room),
            true => self.channel.send_delayed(tag, bytes, room),
        };
        Some(Transmitted { tag, result })
    }

    /// Takes what has come.
    fn receive(&mut self) {
        let mut buffer = [0; BYTES];
        while let Some(received) = self.channel.receive(&mut buffer) {
            match received {
                Received::Reply { tag, len } => {
                    let bytes = buffer.get(..len).unwrap_or(&buffer);
                    self.agent.handle_reply(self.channel.now(), tag, bytes);
                }
                Received::Event { len } => {
                    self.agent.handle_event(buffer.get(..len).unwrap_or(&buffer));
                }
            }
        }
        self.agent.handle_timeout(self.channel.now());
    }
}

struct Transmitted {
    tag: u16,
    result: Result<(), SendError>,
}

impl<const SLOTS: usize, const BYTES: usize, const EVENTS: usize> Caller
    for Client<'_, SLOTS, BYTES, EVENTS>
{
    fn exchange(&mut self, request: &Request<'_>, values: &mut [u8]) -> Result<usize, CallError> {
        let call = self.agent.start(self.channel.now(), request, self.timeouts)?;
        loop {
            if let Err(error) = self.transmit() {
                self.agent.forget(call);
                return Err(error.into());
            }
            self.receive();
            if let Some(result) = self.agent.poll(call) {
                let came = result?;
                values.iter_mut().zip(came).for_each(|(to, from)| *to = *from);
                return Ok(came.len().min(values.len()));
            }
            let deadline = earliest(self.agent.next_deadline(), None).unwrap_or(Time::NEVER);
            self.channel.wait(deadline);
        }
    }

    fn max_values(&self) -> usize {
        BYTES.min(self.channel.limits().max_message).saturating_sub(8)
    }
}
