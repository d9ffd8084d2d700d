//! Which commands are in flight, and whose an answer is.

use scmi::Time;
use scmi::transport::Received;
use scmi::wire::{Header, MessageType, Status};

/// Bits of a header that go to the platform and come back: Linux drops `[31:28]`.
const CARRIED: u32 = 0x0FFF_FFFF;

/// The commands in flight.
#[derive(Debug, Default)]
pub(crate) struct Flight(Vec<Command>);

#[derive(Debug)]
struct Command {
    tag: u16,
    header: Header,
    delayed: bool,
    /// After this Linux waits for it no longer.
    until: Time,
}

impl Flight {
    /// A command was sent.
    pub(crate) fn begin(&mut self, tag: u16, request: &[u8], delayed: bool, until: Time) {
        if let Some(header) = Header::parse(request) {
            let header = Header::from_word(header.word() & CARRIED);
            self.0.push(Command { tag, header, delayed, until });
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a message is for whoever sent the commands.
    pub(crate) fn sort(&mut self, message: &[u8]) -> Received {
        let len = message.len();
        let event = Received::Event { len };
        let Some(header) = Header::parse(message) else { return event };
        if header.kind() == MessageType::DELAYED_RESPONSE {
            self.0.retain(|command| command.header.delayed_response() != header);
            return event;
        }
        let asked = |command: &Command| command.header == header;
        let Some(at) = self.0.iter().position(asked) else { return event };
        let accepted = message.get(4..8) == Some(&Status::SUCCESS.0.to_le_bytes());
        match self.0.get(at) {
            // It stays until its delayed response has come.
            Some(Command { delayed: true, tag, .. }) if accepted => {
                Received::Reply { tag: *tag, len }
            }
            _ => Received::Reply { tag: self.0.swap_remove(at).tag, len },
        }
    }

    /// Forgets what Linux has given up.
    pub(crate) fn expire(&mut self, now: Time) {
        self.0.retain(|command| command.until > now);
    }
}
