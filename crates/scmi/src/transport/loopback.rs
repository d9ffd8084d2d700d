//! An agent and a platform in one process, over virtual time.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

use super::{Channel, Limits, Received, SendError};
use crate::platform::{AgentId, EventOutcome, Link, Outcome, Platform, Ticket};
use crate::time::{Time, earliest};

/// A channel straight into a platform that it owns. Time stands still but for [`Channel::wait`], which goes on to
/// the platform's next deadline; so a test that waits for a minute takes no time.
#[derive(Debug)]
pub struct Loopback {
    platform: Platform,
    agent: AgentId,
    now: Time,
    limits: Limits,
    arrived: VecDeque<(Option<u16>, Vec<u8>)>,
    parked: Vec<(Ticket, u16, usize)>,
    in_flight: usize,
}

impl Loopback {
    /// A channel of 32 commands at once and messages of 136 bytes, as Linux has them.
    pub fn new(platform: Platform, agent: AgentId, link: Link) -> Self {
        Self::with_limits(
            platform,
            agent,
            Limits { in_flight: 32, max_message: 136, p2a: link.p2a },
        )
    }

    /// A channel with other limits.
    pub fn with_limits(mut platform: Platform, agent: AgentId, limits: Limits) -> Self {
        platform.connect(Time::ZERO, agent, Link::new(limits.p2a));
        Self {
            platform,
            agent,
            now: Time::ZERO,
            limits,
            arrived: VecDeque::new(),
            parked: Vec::new(),
            in_flight: 0,
        }
    }

    /// The platform at the other end.
    pub fn platform(&mut self) -> &mut Platform {
        &mut self.platform
    }

    fn collect(&mut self) {
        self.platform.poll(self.now);
        while let Some(ticket) = self.platform.poll_reply(self.agent) {
            let parked = self.parked.iter().position(|(parked, ..)| *parked == ticket);
            let (tag, room) = match parked.map(|at| self.parked.swap_remove(at)) {
                Some((_, tag, room)) => (Some(tag), room),
                None => (None, 0),
            };
            let mut reply = vec![0; room];
            let len = self.platform.take_reply(self.agent, ticket, &mut reply);
            reply.truncate(len);
            if tag.is_some() {
                self.arrived.push_back((tag, reply));
            }
        }
        if self.limits.p2a {
            self.collect_events();
        }
    }

    fn collect_events(&mut self) {
        loop {
            let mut event = vec![0; self.limits.max_message];
            match self.platform.poll_event(self.agent, &mut event) {
                EventOutcome::Wrote(len) => {
                    event.truncate(len);
                    self.arrived.push_back((None, event));
                }
                EventOutcome::Empty | EventOutcome::TooSmall => return,
            }
        }
    }
}

impl Channel for Loopback {
    fn send(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        let bytes = request.len().max(room);
        if bytes > self.limits.max_message {
            return Err(SendError::too_large(bytes));
        }
        if self.in_flight >= self.limits.in_flight {
            return Err(SendError::Full);
        }
        self.in_flight = self.in_flight.saturating_add(1);
        let mut reply = vec![0; room];
        match self.platform.handle(self.now, self.agent, request, &mut reply) {
            Outcome::Reply(len) => reply.truncate(len),
            Outcome::Dropped => reply.clear(),
            Outcome::Later(ticket) => {
                self.parked.push((ticket, tag, room));
                return Ok(());
            }
        }
        self.arrived.push_back((Some(tag), reply));
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        self.collect();
        let (tag, message) = self.arrived.pop_front()?;
        for (to, from) in buffer.iter_mut().zip(&message) {
            *to = *from;
        }
        let len = message.len().min(buffer.len());
        Some(match tag {
            Some(tag) => {
                self.in_flight = self.in_flight.saturating_sub(1);
                Received::Reply { tag, len }
            }
            None => Received::Event { len },
        })
    }

    fn now(&self) -> Time {
        self.now
    }

    fn wait(&mut self, until: Time) {
        self.collect();
        if !self.arrived.is_empty() {
            return;
        }
        let next = earliest(Some(until), self.platform.next_deadline());
        self.now = next.unwrap_or(until).max(self.now);
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}
