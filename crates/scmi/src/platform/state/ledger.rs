//! What was last said of each subject, so that what changed can be told.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use super::entry::{StateEntry, StateKey, Subject};
use super::statement::Statement;
use crate::platform::engine::Platform;
use crate::platform::{AgentId, Server, Space};
use crate::wire::ProtocolId;

/// Somebody who keeps what agents set.
///
/// It is called with the platform's lock held, after a command was carried out and before its answer is given to the
/// transport; so it must be quick and must not block. What was kept by then is what agents can rely on.
pub trait Keeper: Send + fmt::Debug {
    /// This changed. Called for each change of what happened at once, then [`Keeper::done`].
    fn changed(&mut self, entry: &StateEntry);

    /// All that changed at once was told.
    fn done(&mut self);
}

/// What was last said of each subject, in the order in which servers say it, and how it was at start.
#[derive(Debug)]
pub(in crate::platform) struct Ledger {
    pub(super) keeper: Option<Box<dyn Keeper>>,
    agents: usize,
    /// By space: the position of its first resource among the subjects; agents come before all.
    bases: [usize; Space::ALL.len()],
    /// By subject: where its slots begin; one more says where the last ends.
    starts: Vec<usize>,
    slots: Vec<Slot>,
    pub(super) at_start: Vec<Slot>,
}

/// What a key was last said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    value: Option<u64>,
    by: Option<AgentId>,
}

impl Slot {
    const fn of(entry: &StateEntry) -> Self {
        Self { value: entry.value, by: entry.by }
    }
}

impl Ledger {
    fn position(&self, subject: Subject) -> Option<usize> {
        match subject {
            Subject::Agent(agent) => Some(agent.index()).filter(|index| *index < self.agents),
            Subject::Resource(space, id) => self.bases.get(space as usize)?.checked_add(id),
        }
    }

    /// Takes note of what is said of a subject; tells the keeper what is new.
    fn note(&mut self, subject: Subject, said: impl FnOnce(&mut dyn FnMut(StateEntry))) -> bool {
        let at = self.position(subject).and_then(|position| self.starts.get(position)).copied();
        let Some(mut at) = at else { return false };
        let mut any = false;
        said(&mut |entry| {
            if let Some(slot) = self.slots.get_mut(at) {
                let now = Slot::of(&entry);
                if *slot != now {
                    *slot = now;
                    any = true;
                    if let Some(keeper) = &mut self.keeper {
                        keeper.changed(&entry);
                    }
                }
            }
            at = at.saturating_add(1);
        });
        any
    }
}

impl Platform {
    /// Has somebody told of whatever agents set from now on. Memory for that is allocated here; nothing is allocated for
    /// a message.
    pub fn keep_with(&mut self, keeper: Box<dyn Keeper>) {
        // What has changed before is no news.
        self.ledger().keeper = None;
        self.touched.begin();
        self.touched.note_all();
        self.tell_keeper();
        self.ledger().keeper = Some(keeper);
    }

    /// Whether somebody keeps what agents set.
    pub fn is_kept(&self) -> bool {
        self.ledger.as_ref().is_some_and(|ledger| ledger.keeper.is_some())
    }

    /// Says all that agents have set, and nothing that is as it was when the platform first heard of a keeper or of
    /// entries to restore. A platform that never did says all.
    pub fn state(&self, say: &mut dyn FnMut(&StateEntry)) {
        let mut at: usize = 0;
        self.say_all(&mut |entry| {
            let ledger = self.ledger.as_ref();
            let at_start = ledger.and_then(|ledger| ledger.at_start.get(at)).copied();
            at = at.saturating_add(1);
            let none = Slot { value: None, by: None };
            if at_start.unwrap_or(none) != Slot::of(&entry) {
                say(&entry);
            }
        });
    }

    /// The ledger, which begins with how all is now.
    pub(super) fn ledger(&mut self) -> &mut Ledger {
        let ledger = self.ledger.take().unwrap_or_else(|| Box::new(self.new_ledger()));
        self.ledger.insert(ledger)
    }

    fn new_ledger(&self) -> Ledger {
        let mut bases = [usize::MAX; Space::ALL.len()];
        let (mut slots, mut starts) = (Vec::new(), Vec::new());
        for (position, subject) in self.subjects().enumerate() {
            if let Subject::Resource(space, 0) = subject
                && let Some(base) = bases.get_mut(space as usize)
            {
                *base = position;
            }
            starts.push(slots.len());
            self.say(subject, &mut |entry| slots.push(Slot::of(&entry)));
        }
        starts.push(slots.len());
        let at_start = slots.clone();
        Ledger { keeper: None, agents: self.agents.len(), bases, starts, slots, at_start }
    }

    /// All that anything can be said of: agents, then resources by protocol, space and id.
    pub(super) fn subjects(&self) -> impl Iterator<Item = Subject> {
        let agents = (0..self.agents.len()).filter_map(AgentId::from_index).map(Subject::Agent);
        let spaces = self.servers.iter().flat_map(|server| {
            let of = server.info().id;
            let spaces = Space::ALL.into_iter().filter(move |space| space.protocol() == of);
            spaces.map(move |space| (server, space))
        });
        agents.chain(spaces.flat_map(|(server, space)| {
            (0..server.resources(space)).map(move |id| Subject::Resource(space, id))
        }))
    }

    fn say_all(&self, say: &mut dyn FnMut(StateEntry)) {
        self.subjects().for_each(|subject| self.say(subject, say));
    }

    /// Says what agents have set of a subject.
    pub(super) fn say(&self, subject: Subject, say: &mut dyn FnMut(StateEntry)) {
        let mut statement = Statement::new(subject, self.agents.len(), say);
        match subject {
            Subject::Agent(agent) => self.say_agent(agent, &mut statement),
            Subject::Resource(space, id) => {
                if let Some(server) = self.server_of(space.protocol()) {
                    server.state(space, id, &mut statement);
                }
            }
        }
    }

    pub(super) fn server_of(&self, protocol: ProtocolId) -> Option<&dyn Server> {
        let server = self.servers.iter().find(|server| server.info().id == protocol)?;
        Some(server.as_ref())
    }

    /// Tells the keeper what has changed since this was last called.
    pub(in crate::platform) fn tell_keeper(&mut self) {
        if self.touched.is_empty() {
            return;
        }
        let Some(mut ledger) = self.ledger.take() else { return };
        let mut any = false;
        if self.touched.take_all() {
            for subject in self.subjects() {
                any |= ledger.note(subject, |say| self.say(subject, say));
            }
        }
        while let Some(subject) = self.touched.pop() {
            any |= ledger.note(subject, |say| self.say(subject, say));
        }
        if let Some(keeper) = ledger.keeper.as_mut().filter(|_| any) {
            keeper.done();
        }
        self.ledger = Some(ledger);
    }

    /// Whether this can be said of anything at all.
    pub(super) fn is_said(&self, key: StateKey) -> bool {
        let mut found = false;
        self.say(key.subject, &mut |entry| found |= entry.key == key);
        found
    }
}
