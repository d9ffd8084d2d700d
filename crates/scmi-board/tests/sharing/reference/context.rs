//! Who asks, what it sees and may do, and who is told what.

use std::collections::{BTreeMap, BTreeSet};

use scmi::platform::{Rights, Space};

use super::{DENIED, NOT_FOUND, Reply};
use crate::board::{View, count};
use crate::engine::Mail;
use crate::messages::{
    CLOCK, Notification, PERF, PINS, POWER, POWERCAP, RESET, SENSOR, VERSIONS, VOLTAGE,
};

/// An agent.
pub(super) struct Agent {
    view: View,
    pub(super) connected: bool,
    /// What it has negotiated, by protocol.
    pub(super) versions: BTreeMap<u32, u32>,
}

impl Agent {
    pub(super) fn new(view: View) -> Self {
        Self { view, connected: false, versions: BTreeMap::new() }
    }

    pub(super) fn is_trusted(&self) -> bool {
        self.view.trusted
    }

    pub(super) fn holds(&self) -> Vec<(Space, usize)> {
        self.view.holds.clone()
    }

    pub(super) fn speak_the_newest(&mut self) {
        self.versions.clear();
    }

    pub(super) fn version(&self, protocol: u32) -> u32 {
        let newest = || VERSIONS.iter().find(|(id, _)| *id == protocol)?.1.last().copied();
        self.versions.get(&protocol).copied().or_else(newest).expect("a version")
    }

    /// The platform's ids of what it sees, by its own.
    fn list(&self, space: Space) -> Vec<usize> {
        self.view.lists.get(&space).cloned().unwrap_or_else(|| (0..count(space)).collect())
    }

    /// A protocol in which an agent has nothing is not there for it.
    pub(super) fn has(&self, protocol: u32) -> bool {
        let space = match protocol {
            CLOCK => Space::Clock,
            POWER => Space::PowerDomain,
            PERF => Space::PerfDomain,
            SENSOR => Space::Sensor,
            RESET => Space::ResetDomain,
            VOLTAGE => Space::VoltageDomain,
            POWERCAP => Space::PowerCap,
            PINS => Space::Pin,
            _ => return true,
        };
        !self.list(space).is_empty()
    }

    pub(super) fn find(&self, space: Space, own: u32) -> Option<usize> {
        self.list(space).get(usize::try_from(own).ok()?).copied()
    }

    /// What it calls a resource.
    pub(super) fn own(&self, space: Space, id: usize) -> Option<u32> {
        let position = self.list(space).iter().position(|seen| *seen == id)?;
        u32::try_from(position).ok()
    }

    fn may(&self, space: Space, id: usize, right: u32) -> bool {
        self.view.rights.get(&(space, id)).is_none_or(|rights| rights.0 & right != 0)
    }
}

/// What agents are to be told, each in the order of things: the agent and the words.
#[derive(Default)]
pub(super) struct Told(Vec<(usize, Vec<u32>)>);

impl Told {
    /// Sorted; of what says the same of the same thing, the newest.
    pub(super) fn take(&mut self) -> Mail {
        let mut newest: BTreeMap<(usize, u32, u32), Vec<u32>> = BTreeMap::new();
        for (agent, words) in self.0.drain(..) {
            // The first word behind the header of a notification is the cause, then comes of what.
            newest.insert((agent, words[0], words[2]), words);
        }
        let mut mail = Mail::new();
        for ((agent, ..), words) in newest {
            mail.entry(agent).or_default().push(words);
        }
        mail.values_mut().for_each(|messages| messages.sort());
        mail
    }
}

/// A command, or that an agent comes or goes.
pub(super) struct Context<'a> {
    agents: &'a [Agent],
    told: &'a mut Told,
    /// Who asks, comes or goes.
    pub(super) agent: usize,
    /// Of the command; 0 where the agent comes or goes.
    header: u32,
}

impl<'a> Context<'a> {
    pub(super) fn new(agents: &'a [Agent], told: &'a mut Told, agent: usize, header: u32) -> Self {
        Self { agents, told, agent, header }
    }

    const fn asks_nothing(&self) -> bool {
        self.header == 0
    }

    /// Whether what the agent was the last to set goes back when it goes.
    pub(super) fn restores(&self) -> bool {
        self.asking().view.restores
    }

    pub(super) fn asking(&self) -> &Agent {
        &self.agents[self.agent]
    }

    /// In which version of the protocol of the command it asks.
    pub(super) fn version(&self) -> u32 {
        self.asking().version(self.header >> 10 & 0xFF)
    }

    pub(super) fn find(&self, space: Space, own: u32) -> Result<usize, i32> {
        self.asking().find(space, own).ok_or(NOT_FOUND)
    }

    pub(super) fn may(&self, space: Space, id: usize, right: u32) -> bool {
        self.asking().may(space, id, right)
    }

    /// DENIED without the right.
    pub(super) fn must(&self, space: Space, id: usize, right: u32) -> Result<(), i32> {
        if self.may(space, id, right) { Ok(()) } else { Err(DENIED) }
    }

    /// Tells those who have subscribed, each by its own id of the resource, and in its version of the protocol.
    pub(super) fn tell(
        &mut self,
        what: Notification,
        to: Option<&BTreeSet<usize>>,
        (space, id): (Space, usize),
        words: impl Fn(u32) -> Vec<u32>,
    ) {
        for agent in to.into_iter().flatten() {
            let hears = &self.agents[*agent];
            let version = hears.version(what.protocol);
            let Some(own) = hears.own(space, id) else { continue };
            if !hears.connected || version < what.since {
                continue;
            }
            // What follows because an agent comes or goes is the platform's doing.
            let cause = if self.asks_nothing() { 0 } else { self.agent + 1 };
            let cause = u32::try_from(cause).expect("few agents");
            let mut message = vec![what.protocol << 10 | 3 << 8 | what.message, cause, own];
            message.extend(words(version));
            self.told.0.push((*agent, message));
        }
    }

    /// The delayed response to the command.
    pub(super) fn delayed(&mut self, words: &[u32]) {
        let mut message = vec![self.header | 2 << 8, 0];
        message.extend(words);
        self.told.0.push((self.agent, message));
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
