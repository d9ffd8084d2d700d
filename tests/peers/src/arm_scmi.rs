//! The agent of the `arm-scmi` crate, whose own transport is shared memory, over our vhost-user frontend.

use core::time::Duration;

use arm_scmi::Error;
use arm_scmi::protocol::{Command, MessageHeader, Response as _, StandardStatusCode, StatusCode};
use arm_scmi::transport::Transport;
use scmi::transport::{Channel as _, Received};
use scmi_vhost::frontend::Frontend;
use zerocopy::IntoBytes as _;

/// What Linux offers for an answer too: header, status and 128 bytes.
const ROOM: usize = 136;

const PATIENCE: Duration = Duration::from_secs(10);

/// A way to the platform for `arm_scmi::ScmiAgent`.
#[derive(Debug)]
pub struct OverVhostUser {
    frontend: Frontend,
    token: u16,
}

impl OverVhostUser {
    /// Over this frontend, which nobody else uses.
    #[must_use]
    pub fn new(frontend: Frontend) -> Self {
        Self { frontend, token: 0 }
    }

    /// The answer to one command, as its bytes.
    fn call(&mut self, request: &[u8]) -> Result<Vec<u8>, Error> {
        self.frontend.send(0, request, ROOM).map_err(|_| Error::ChannelError)?;
        let deadline = self.frontend.now().after(PATIENCE);
        let mut buffer = [0; ROOM];
        loop {
            match self.frontend.receive(&mut buffer) {
                Some(Received::Reply { tag: 0, len }) => return Ok(buffer[..len].to_vec()),
                Some(_) => {}
                None if self.frontend.now() >= deadline => return Err(Error::ChannelError),
                None => self.frontend.wait(deadline),
            }
        }
    }
}

impl Transport for OverVhostUser {
    fn invoke_command<C: Command>(&mut self, command: C) -> Result<C::Response, Error> {
        self.token = (self.token + 1) & 0x3FF;
        let header = u32::from(MessageHeader { token: self.token, message_id: C::ID });
        let answer = self.call(&[header.as_bytes(), command.as_bytes()].concat())?;
        let (head, rest) = answer.split_first_chunk().ok_or(Error::ResponseTooShort)?;
        let answered = MessageHeader::try_from(u32::from_le_bytes(*head))?;
        if answered.message_id != C::ID {
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
        C::Response::from_reader(|buffer| {
            let taken = values.len().min(buffer.len());
            buffer[..taken].copy_from_slice(&values[..taken]);
            values.len()
        })
    }
}
