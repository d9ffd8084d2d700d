//! The platform of the dump: it answers what it answered Linux.

use scmi::agent::{CallError, Caller, Request};
use scmi::wire::Status;

use crate::dump::{Dump, Kind, Message};

/// Most bytes of values in an answer, as Linux has it on virtio.
const ROOM: usize = 128;

/// Answers a typed call as Linux's command was answered.
pub(crate) struct Player<'d> {
    dump: &'d Dump,
    /// Linux's command.
    index: usize,
    asked: bool,
    last: Status,
}

impl<'d> Player<'d> {
    pub(crate) fn new(dump: &'d Dump, index: usize) -> Self {
        Self { dump, index, asked: false, last: Status::SUCCESS }
    }

    /// Whether a call sent the very bytes of Linux's command.
    pub(crate) const fn was_asked(&self) -> bool {
        self.asked
    }

    /// How the last call was answered in the end.
    pub(crate) const fn last_status(&self) -> Status {
        self.last
    }

    /// Linux's command with these bytes: the one that is replayed, or the first.
    fn find(&self, request: &Request<'_>) -> Option<usize> {
        let same = |message: &Message| {
            message.kind == Kind::Command
                && message.header.protocol() == request.protocol
                && message.header.message() == request.message
                && message.payload == request.params
        };
        if same(&self.dump.messages[self.index]) {
            return Some(self.index);
        }
        self.dump.messages.iter().position(same)
    }

    /// What came back for a command: its token comes again only much later.
    fn answer(&self, command: usize, kind: Kind) -> Option<&'d Message> {
        let header = self.dump.messages[command].header;
        let header = if kind == Kind::Delayed { header.delayed_response() } else { header };
        let mut after = self.dump.messages[command..].iter();
        after.find(|message| message.kind == kind && message.header == header)
    }
}

impl Caller for Player<'_> {
    fn exchange(&mut self, request: &Request<'_>) -> Result<&[u8], CallError> {
        // A question of ours that Linux did not ask has no answer.
        let Some(command) = self.find(request) else {
            return Err(CallError::TimedOut { delayed: false });
        };
        self.asked |= command == self.index;
        let response = self.answer(command, Kind::Response).expect("a response after its command");
        let answer = match self.answer(command, Kind::Delayed) {
            Some(delayed) if request.delayed && response.status == Status::SUCCESS => delayed,
            _ => {
                let waits = request.delayed && response.status == Status::SUCCESS;
                assert!(!waits, "no delayed response: {}", response.line);
                response
            }
        };
        self.last = answer.status;
        answer.status.ok().map_err(CallError::Refused)?;
        Ok(answer.payload.get(..ROOM).unwrap_or(&answer.payload))
    }

    fn max_values(&self) -> usize {
        ROOM
    }
}
