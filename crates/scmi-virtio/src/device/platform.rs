//! One agent of a platform as the responder of its device.

use scmi::Time;
use scmi::platform::{self, AgentId, Platform};

use super::responder::{EventOutcome, Outcome, Responder};

/// The agent of a platform that a device belongs to.
#[derive(Debug)]
pub struct PlatformAgent<'a> {
    platform: &'a mut Platform,
    agent: AgentId,
}

impl<'a> PlatformAgent<'a> {
    /// The view that `agent`'s device has of the platform.
    pub const fn new(platform: &'a mut Platform, agent: AgentId) -> Self {
        Self { platform, agent }
    }

    /// Whether a delayed response waits for a buffer of the event queue.
    pub fn has_delayed_response(&self) -> bool {
        self.platform.has_delayed_response(self.agent)
    }
}

impl Responder for PlatformAgent<'_> {
    type Ticket = platform::Ticket;

    fn handle(&mut self, now: Time, request: &[u8], reply: &mut [u8]) -> Outcome<Self::Ticket> {
        match self.platform.handle(now, self.agent, request, reply) {
            platform::Outcome::Reply(len) => Outcome::Reply(len),
            platform::Outcome::Later(ticket) => Outcome::Later(ticket),
            platform::Outcome::Dropped => Outcome::Dropped,
        }
    }

    fn poll_reply(&self) -> Option<Self::Ticket> {
        self.platform.poll_reply(self.agent)
    }

    fn take_reply(&mut self, ticket: Self::Ticket, reply: &mut [u8]) -> usize {
        self.platform.take_reply(self.agent, ticket, reply)
    }

    fn has_event(&self) -> bool {
        self.platform.has_event(self.agent)
    }

    fn poll_event(&mut self, buffer: &mut [u8]) -> EventOutcome {
        match self.platform.poll_event(self.agent, buffer) {
            platform::EventOutcome::Wrote(len) => EventOutcome::Wrote(len),
            platform::EventOutcome::Empty => EventOutcome::Empty,
            platform::EventOutcome::TooSmall => EventOutcome::TooSmall,
        }
    }
}
