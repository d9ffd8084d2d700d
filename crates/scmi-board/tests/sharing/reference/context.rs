//! Who asks, what it sees and may do, who is told what, and what is still to come.

use std::collections::BTreeSet;

use scmi::platform::{Rights, Space};

use super::agent::Agent;
use super::told::Told;
use super::{BUSY, DENIED, NOT_FOUND, Reply};
use crate::board::Terms;
use crate::messages::Notification;

/// What all protocols share.
pub(super) struct Common {
    pub(super) agents: Vec<Agent>,
    pub(super) terms: Terms,
    pub(super) told: Told,
    /// In the order in which it was asked for.
    pub(super) waiting: Vec<Waiting>,
    /// In milliseconds.
    pub(super) now: u64,
}

/// A command whose answer, or whose delayed response, is still to come.
pub(super) struct Waiting {
    pub(super) due: u64,
    pub(super) agent: usize,
    pub(super) header: u32,
    pub(super) delayed: bool,
    pub(super) of: Of,
}

/// What a command waits for.
#[derive(Clone, Copy)]
pub(super) enum Of {
    /// That time passes.
    Nothing,
    /// A clock to have its new rate.
    Rate(usize),
    /// A voltage domain to have its new level.
    Level(usize),
    /// The end of the cycle of a reset domain.
    Cycle(usize),
    /// A power cap to be in force.
    Cap(usize, u32),
    /// A sensor to be read.
    Reading(usize),
}

/// A command, or that an agent comes or goes, or that time passes.
pub(super) struct Context<'a> {
    common: &'a mut Common,
    /// Who asks, comes or goes.
    pub(super) agent: usize,
    /// Of the command; 0 where there is none.
    header: u32,
    /// Whether only what was taken from the agent is given back.
    pub(super) only_taken: bool,
    /// Whether the answer comes later.
    pub(super) is_late: bool,
}

impl<'a> Context<'a> {
    pub(super) const fn new(common: &'a mut Common, agent: usize, header: u32) -> Self {
        Self { common, agent, header, only_taken: false, is_late: false }
    }

    pub(super) const fn now(&self) -> u64 {
        self.common.now
    }

    /// How long something takes.
    pub(super) fn takes(&self, what: &str) -> u64 {
        self.common.terms.times.of(what)
    }

    pub(super) fn asking(&self) -> &Agent {
        &self.common.agents[self.agent]
    }

    /// Whether the agent gives this back.
    pub(super) fn gives_back(&self, space: Space, id: usize) -> bool {
        !self.only_taken || self.asking().lacks(space, id)
    }

    /// Whether what the agent was the last to set goes back when it goes.
    pub(super) fn restores(&self) -> bool {
        !self.only_taken && self.asking().restores()
    }

    /// In which version of the protocol of the command it asks.
    pub(super) fn version(&self) -> u32 {
        self.asking().version(self.header >> 10 & 0xFF)
    }

    /// What was taken is there, but may not be named.
    pub(super) fn find(&self, space: Space, own: u32) -> Result<usize, i32> {
        let id = self.asking().find(space, own).ok_or(NOT_FOUND)?;
        if self.asking().lacks(space, id) { Err(DENIED) } else { Ok(id) }
    }

    /// What the agent calls a resource that it has named.
    pub(super) fn own(&self, space: Space, id: usize) -> u32 {
        self.asking().own(space, id).expect("it was named")
    }

    pub(super) fn may(&self, space: Space, id: usize, right: u32) -> bool {
        self.asking().may(space, id, right)
    }

    /// DENIED without the right.
    pub(super) fn must(&self, space: Space, id: usize, right: u32) -> Result<(), i32> {
        if self.may(space, id, right) { Ok(()) } else { Err(DENIED) }
    }

    /// What follows because an agent comes or goes is the platform's doing.
    pub(super) fn cause(&self) -> u32 {
        let number = if self.header == 0 { 0 } else { self.agent + 1 };
        u32::try_from(number).expect("few agents")
    }

    /// Tells those who have subscribed, each by its own id of the resource, and in its version of the protocol.
    pub(super) fn tell(
        &mut self,
        what: Notification,
        to: Option<&BTreeSet<usize>>,
        of: (Space, usize),
        words: impl Fn(u32) -> Vec<u32>,
    ) {
        self.tell_of(self.cause(), what, to, of, words);
    }

    /// The same of what another agent has caused.
    pub(super) fn tell_of(
        &mut self,
        cause: u32,
        what: Notification,
        to: Option<&BTreeSet<usize>>,
        (space, id): (Space, usize),
        words: impl Fn(u32) -> Vec<u32>,
    ) {
        for agent in to.into_iter().flatten() {
            let hears = &self.common.agents[*agent];
            let version = hears.version(what.protocol);
            let Some(own) = hears.own(space, id) else { continue };
            if !hears.connected || version < what.since {
                continue;
            }
            let mut message = vec![what.protocol << 10 | 3 << 8 | what.message, cause, own];
            message.extend(words(version));
            self.common.told.notify(*agent, message);
        }
    }

    /// Whether one more command can wait; it is BUSY otherwise.
    pub(super) fn must_have_place(&self) -> Result<(), i32> {
        let of_it = self.common.waiting.iter().filter(|waiting| waiting.agent == self.agent);
        if of_it.count() < self.common.terms.places { Ok(()) } else { Err(BUSY) }
    }

    /// The answer comes so much later.
    pub(super) fn late(&mut self, after: u64, of: Of) -> Reply {
        let reply = self.wait(after, of, false);
        self.is_late = reply.is_ok();
        reply
    }

    /// The answer is SUCCESS, a delayed response comes so much later.
    pub(super) fn delayed(&mut self, after: u64, of: Of) -> Reply {
        self.wait(after, of, true)
    }

    fn wait(&mut self, after: u64, of: Of, delayed: bool) -> Reply {
        self.must_have_place()?;
        let due = self.common.now + after;
        let (agent, header) = (self.agent, self.header);
        self.common.waiting.push(Waiting { due, agent, header, delayed, of });
        done()
    }
}

/// The word of a signed number.
pub(super) const fn word(number: i32) -> u32 {
    number.cast_unsigned()
}

/// Nothing but SUCCESS.
pub(super) const fn done() -> Reply {
    Ok(Vec::new())
}

pub(super) const STATE: u32 = Rights::STATE;
pub(super) const VALUE: u32 = Rights::VALUE;
pub(super) const PARENT: u32 = Rights::PARENT;
pub(super) const LIMITS: u32 = Rights::LIMITS;
