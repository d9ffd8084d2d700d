//! Code written for the transport of the `arm-scmi` crate, over a channel of ours.

use core::time::Duration;

use arm_scmi::Error;
use arm_scmi::protocol::{Command, MessageHeader, Response as _, StandardStatusCode, StatusCode};
use arm_scmi::transport::Transport;
use scmi::Time;
use scmi::transport::{Channel, Received};
use scmi::wire::Header;

/// The only command in flight.
const TAG: u16 = 0;

/// A transport for `arm_scmi::ScmiAgent` that is any [`Channel`]: shared memory, a virtqueue, a loopback.
///
/// `BYTES` is the most that a message can have; 136 is what Linux has too, and more than any message of that crate.
/// That crate knows no notifications and no delayed responses: those that come are dropped, and the channel must be
/// nobody else's.
#[derive(Debug)]
pub struct OverChannel<C, const BYTES: usize = 136> {
    channel: C,
    patience: Duration,
    token: u16,
    /// A call was given up, and its buffer has not come back.
    lost: bool,
}

impl<C: Channel> OverChannel<C> {
    /// Over this channel, where an answer takes at most `patience`.
    pub const fn new(channel: C, patience: Duration) -> Self {
        Self::sized(channel, patience)
    }
}

impl<C: Channel, const BYTES: usize> OverChannel<C, BYTES> {
    /// The same, for messages of up to `BYTES`.
    pub const fn sized(channel: C, patience: Duration) -> Self {
        Self { channel, patience, token: 0, lost: false }
    }

    /// The channel.
    pub const fn channel(&mut self) -> &mut C {
        &mut self.channel
    }

    /// The answer to one command, into the same bytes; how many came.
    fn call(&mut self, message: &mut [u8; BYTES], request: usize) -> Result<usize, Error> {
        let deadline = self.channel.now().after(self.patience);
        if self.lost {
            // An answer that comes now is that of an earlier command.
            let mut nobody = [0; Header::BYTES];
            self.answer(deadline, &mut nobody)?;
        }
        let command = message.get(..request).ok_or(Error::PayloadExceedsMaxSize)?;
        let room = BYTES.min(self.channel.limits().max_message);
        self.channel.send(TAG, command, room).map_err(|_| Error::ChannelError)?;
        self.lost = true;
        self.answer(deadline, message)
    }

    /// Waits for the command in flight to come back.
    fn answer(&mut self, deadline: Time, buffer: &mut [u8]) -> Result<usize, Error> {
        loop {
            match self.channel.receive(buffer) {
                Some(Received::Reply { tag: TAG, len }) => {
                    self.lost = false;
                    return Ok(len);
                }
                Some(_) => {}
                None if self.channel.now() >= deadline => return Err(Error::ChannelError),
                None => self.channel.wait(deadline),
            }
        }
    }
}

impl<C: Channel, const BYTES: usize> Transport for OverChannel<C, BYTES> {
    fn invoke_command<T: Command>(&mut self, command: T) -> Result<T::Response, Error> {
        self.token = self.token.wrapping_add(1) & Header::TOKEN_MASK;
        let header = u32::from(MessageHeader { token: self.token, message_id: T::ID });
        let mut message = [0; BYTES];
        let request = put(&mut message, &header.to_le_bytes(), command.as_bytes())?;
        let len = self.call(&mut message, request)?;
        let answer = message.get(..len).unwrap_or(&message);
        let (head, rest) = answer.split_first_chunk().ok_or(Error::ResponseTooShort)?;
        let answered = MessageHeader::try_from(u32::from_le_bytes(*head))?;
        if answered.message_id != T::ID {
            return Err(Error::UnexpectedResponse(answered.message_id));
        }
        if answered.token != self.token {
            return Err(Error::UnexpectedToken(answered.token));
        }
        let (status, values) = rest.split_first_chunk().ok_or(Error::ResponseTooShort)?;
        let status = StatusCode::try_from(i32::from_le_bytes(*status))?;
        if status != StatusCode::Standard(StandardStatusCode::Success) {
            return Err(Error::Status(status));
        }
        T::Response::from_reader(|buffer| {
            buffer.iter_mut().zip(values).for_each(|(to, from)| *to = *from);
            values.len()
        })
    }
}

/// Puts two pieces into a message; how many bytes they have.
fn put(message: &mut [u8], header: &[u8; 4], params: &[u8]) -> Result<usize, Error> {
    let len = header.len().saturating_add(params.len());
    let message = message.get_mut(..len).ok_or(Error::PayloadExceedsMaxSize)?;
    message.iter_mut().zip(header.iter().chain(params)).for_each(|(to, from)| *to = *from);
    Ok(len)
}
