//! The seam between the engine and the protocols.

use core::any::Any;
use core::fmt;
use core::time::Duration;

use super::agents::{AgentId, AgentState, ProtocolAccess};
use super::notices::Displaced;
use super::rights::Rights;
use super::space::Space;
use super::state::{StateEntry, Statement, Subject, Touched};
use super::view::{Seen, View};
use super::withdrawal::Withdrawal;
use crate::protocol::ProtocolInfo;
use crate::time::Time;
use crate::wire::{
    Full, Header, MessageId, ProtocolId, Reader, Record, Status, U32, Version, Writer,
};

/// One protocol of a platform.
///
/// The engine calls it with the platform's lock held, one call at a time, and has checked by then that the header is
/// a command's, that this agent's version of the protocol has the message, and that the agent's channel can
/// carry what the message asks for ([`crate::protocol::MessageInfo::needs_p2a`]).
pub trait Server: Any + Send + fmt::Debug {
    /// The protocol's table.
    fn info(&self) -> &'static ProtocolInfo;

    /// So many agents there are, the platform among them, which is the last: called once, when the platform is built, before anything else.
    fn prepare(&mut self, agents: usize) {
        let _ = agents;
    }

    /// How many resources of a space it has. The engine takes what agents see from it.
    fn resources(&self, space: Space) -> usize {
        let _ = space;
        0
    }

    /// Whether a message of the table is implemented here; all are, unless said otherwise.
    fn implements(&self, message: MessageId) -> bool {
        let _ = message;
        true
    }

    /// Most bytes of a notification's payload or a late answer's values.
    fn max_payload(&self) -> usize;

    /// What PROTOCOL_MESSAGE_ATTRIBUTES says of a message that is there.
    fn message_attributes(&self, message: MessageId) -> u32 {
        let _ = message;
        0
    }

    /// Answers a command. The values go to `reply`; on an error what was put there is dropped.
    ///
    /// # Errors
    /// The status to answer with.
    fn handle(
        &mut self,
        call: &mut Call<'_>,
        message: MessageId,
        params: Reader<'_>,
        reply: &mut Writer<'_>,
    ) -> Result<Handled, Status>;

    /// Ends a call that [`Server::handle`] put off: the values go to `reply`.
    ///
    /// # Errors
    /// The status to answer with.
    fn finish(
        &mut self,
        call: &mut Call<'_>,
        work: Work,
        reply: &mut Writer<'_>,
    ) -> Result<(), Status> {
        let _ = (call, work, reply);
        Err(Status::GENERIC_ERROR)
    }

    /// Does what is due by `now`. Work per call is bounded by the number of resources.
    fn poll(&mut self, now: Time, outbox: &mut Outbox<'_>) {
        let _ = (now, outbox);
    }

    /// When [`Server::poll`] is wanted next.
    fn next_deadline(&self) -> Option<Time> {
        None
    }

    /// An agent gives back what it has: its votes and what else lasts no longer than it wants, and its subscriptions
    /// (section 13.5). It went, its configuration was reset, or something was taken from it.
    fn withdraw(&mut self, now: Time, what: &Withdrawal<'_>) {
        let _ = (now, what);
    }

    /// An agent holds a resource, by the platform's id, from the moment that it comes: as if it had asked for it to be on.
    /// It may be one more agent than there are, which never goes: the platform itself.
    fn hold(&mut self, now: Time, agent: AgentId, space: Space, id: usize) {
        let _ = (now, agent, space, id);
    }

    /// Says what a resource is, as far as what agents can set of it depends on that: its name, and its limits. It is how a
    /// platform tells whether a state is one of its own, so equal resources say the same in every version of this crate.
    ///
    /// # Errors
    /// `to` takes nothing more.
    fn identify(&self, space: Space, id: usize, to: &mut dyn fmt::Write) -> fmt::Result {
        let _ = (space, id, to);
        Ok(())
    }

    /// Says what agents have set of a resource: always the same keys in the same order, whether or not there is a value.
    /// What changes it is either a command that names the resource ([`Call::find`]), or told ([`Outbox::changed`]).
    fn state(&self, space: Space, id: usize, say: &mut Statement<'_>) {
        let _ = (space, id, say);
    }

    /// Whether what [`Server::state`] once said of a resource can be: the value is one that an agent could have set. The
    /// engine has checked that there is such a key, and that there are the agents.
    ///
    /// # Errors
    /// What is wrong with it.
    fn check_state(&self, entry: &StateEntry) -> Result<(), &'static str> {
        let _ = entry;
        Err("nothing is kept of it")
    }

    /// Takes back what [`Server::state`] once said: those of `entries` that are about this protocol, each of which was
    /// checked and has a value. The model is brought into the state that follows, at once.
    fn restore_state(&mut self, now: Time, entries: &[StateEntry]) {
        let _ = (now, entries);
    }
}

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Handled {
    /// Answered.
    Now,
    /// The answer itself comes after a while; [`Server::finish`] gives it.
    Late(Duration, Work),
    /// Accepted; a delayed response comes after a while, from [`Server::finish`].
    Delayed(Duration, Work),
    /// Answered, and an agent's configuration is to be reset, its permissions too or not.
    Reset(AgentId, bool),
    /// Answered, and permissions are to be changed.
    Permit(Permit),
}

/// A change of what an agent may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    /// Whose permission.
    pub agent: AgentId,
    /// Of which device, by its position.
    pub device: usize,
    /// Which protocol's part of the device; the whole device without one.
    pub protocol: Option<ProtocolId>,
    /// Allowed, or denied.
    pub allow: bool,
}

/// What a server wants to remember of a call that it put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Work(pub u64);

/// Who calls, when, and on what terms.
#[derive(Debug)]
pub struct Call<'a> {
    /// The time.
    pub now: Time,
    /// Who calls.
    pub agent: AgentId,
    /// The version of the protocol that this agent has settled on.
    pub version: Version,
    /// Whether notifications and delayed responses can reach the agent.
    pub p2a: bool,
    /// How many delayed responses this protocol owes the agent.
    pub owed: usize,
    /// Whether the engine has room to put this call off; without it, [`Handled::Late`] and [`Handled::Delayed`] end
    /// as BUSY, so what changes something must not begin then.
    pub can_wait: bool,
    /// Ways to the other agents.
    pub outbox: Outbox<'a>,
}

impl Call<'_> {
    fn view(&self) -> Result<&View, Status> {
        let state = self.outbox.agents.get(self.agent.index());
        state.map(|state| &state.view).ok_or(Status::NOT_FOUND)
    }

    /// The platform's id of the resource that the caller calls `id`: the only way from a word of a command to a resource.
    ///
    /// # Errors
    /// [`Status::NOT_FOUND`] for what the caller does not see (section 2.1, step 6), [`Status::DENIED`] for what was taken
    /// from it.
    pub fn find(&self, space: Space, id: U32) -> Result<usize, Status> {
        let id = self.view()?.usable(space, id.get())?;
        self.outbox.changed(space, id);
        Ok(id)
    }

    /// The platform's id of the resource that the caller calls `id`, where it does not matter whether it was taken from the
    /// caller: for lists of what there is.
    pub fn listed(&self, space: Space, id: u32) -> Option<usize> {
        self.view().ok()?.find(space, id)
    }

    /// Whether the platform's resource `id` was taken from the caller.
    pub fn is_taken(&self, space: Space, id: usize) -> bool {
        self.view().is_ok_and(|view| view.is_taken(space, id))
    }

    /// Whether the platform has a protocol.
    pub(crate) fn exists(&self, protocol: ProtocolId) -> bool {
        let state = self.outbox.agents.get(self.agent.index());
        state.is_some_and(|state| state.spoken.iter().any(|spoken| spoken.protocol == protocol))
    }

    /// Whether the caller may change the permissions of others.
    pub(crate) fn is_trusted(&self) -> bool {
        self.outbox.agents.get(self.agent.index()).is_some_and(|state| state.trusted)
    }

    /// Whether something was taken from the caller.
    pub(crate) fn lacks_something(&self) -> bool {
        let state = self.outbox.agents.get(self.agent.index());
        state.is_some_and(|state| !state.denied.is_nothing())
    }

    /// What the caller calls the platform's resource `id`: the only way from a resource to a word of an answer. Where the
    /// caller does not see the resource the answer must do without it.
    pub fn seen(&self, space: Space, id: usize) -> Option<Seen> {
        self.view().ok()?.seen(space, id)
    }

    /// The protocols that are there for the caller, Base not among them.
    pub(crate) fn protocols(&self) -> impl Iterator<Item = ProtocolId> + Clone {
        let state = self.outbox.agents.get(self.agent.index());
        let spoken = state.and_then(|state| state.spoken.get(1..)).unwrap_or_default();
        spoken
            .iter()
            .filter(|spoken| spoken.access == ProtocolAccess::Open)
            .map(|spoken| spoken.protocol)
    }

    /// How many resources of a space the caller has.
    pub fn count(&self, space: Space) -> usize {
        self.view().map_or(0, |view| view.count(space))
    }

    /// What the caller may do with the platform's resource `id`.
    pub fn rights(&self, space: Space, id: usize) -> Rights {
        self.view().map_or(Rights::READ, |view| view.rights(space, id))
    }

    /// Whether the caller may do this with the platform's resource `id`.
    ///
    /// # Errors
    /// [`Status::DENIED`].
    pub fn may(&self, space: Space, id: usize, right: u32) -> Result<(), Status> {
        if self.rights(space, id).has(right) { Ok(()) } else { Err(Status::DENIED) }
    }
}

/// What a notification is about: a resource, by the platform's id, and a part of it where parts have states of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    space: Space,
    id: usize,
    part: u8,
}

impl Topic {
    /// A resource.
    pub const fn new(space: Space, id: usize) -> Self {
        Self { space, id, part: 0 }
    }

    /// A part of it.
    #[must_use]
    pub const fn part(self, part: u8) -> Self {
        Self { part, ..self }
    }

    /// Tells it from others of the same message.
    fn source(self) -> u64 {
        u64::try_from(self.id).unwrap_or(u64::MAX) << 8 | u64::from(self.part)
    }
}

/// Where notifications go.
#[derive(Debug)]
pub struct Outbox<'a> {
    pub(super) info: &'static ProtocolInfo,
    /// The position of the protocol's server.
    pub(super) server: usize,
    pub(super) agents: &'a mut [AgentState],
    pub(super) woken: &'a mut super::AgentSet,
    pub(super) touched: &'a Touched,
}

impl Outbox<'_> {
    /// What agents have set of a resource may have changed, by the platform's id. That of resources which a command names
    /// ([`Call::find`]) may have anyway.
    pub fn changed(&self, space: Space, id: usize) {
        self.touched.note(Subject::Resource(space, id));
    }

    /// The version of the protocol that an agent has settled on: its notifications follow it.
    pub fn version(&self, agent: AgentId) -> Version {
        let spoken = self.agents.get(agent.index()).and_then(|state| state.spoken.get(self.server));
        spoken.map_or(Version(0), |spoken| spoken.effective)
    }

    /// Queues a notification about a resource for an agent; `write` is told what that agent calls the resource. A newer
    /// notification of the same message and topic replaces one that still waits. An agent gets none that does not see the
    /// resource, has no channel back, or speaks a version of the protocol without this message.
    pub fn notify(
        &mut self,
        agent: AgentId,
        message: MessageId,
        topic: Topic,
        write: &mut dyn FnMut(&mut Writer<'_>, Seen) -> Result<(), Full>,
    ) {
        let state = self.agents.get(agent.index());
        if let Some(seen) = state.and_then(|state| state.view.seen(topic.space, topic.id)) {
            self.announce(agent, message, topic.source(), &mut |w| write(w, seen));
        }
    }

    /// Queues a notification that is about no resource. `source` tells apart what has a state of its own, as the topic of
    /// [`Self::notify`] does.
    pub fn announce(
        &mut self,
        agent: AgentId,
        message: MessageId,
        source: u64,
        write: &mut dyn FnMut(&mut Writer<'_>) -> Result<(), Full>,
    ) {
        let Some(state) = self.agents.get_mut(agent.index()) else { return };
        if !state.link.is_some_and(|link| link.p2a) {
            return;
        }
        let spoken = state.spoken.get(self.server).map(|spoken| spoken.effective);
        let since = self.info.notification(message).map(|info| info.since);
        if since.is_none() || since > spoken {
            return;
        }
        let header = Header::notification(self.info.id, message);
        let counter = match state.notices.push(header, source, write) {
            Ok(Displaced::Nothing) => None,
            Ok(Displaced::Older) => Some(&mut state.counters.replaced),
            Ok(Displaced::Lost) | Err(Full) => Some(&mut state.counters.overflowed),
        };
        if let Some(counter) = counter {
            *counter = counter.wrapping_add(1);
        }
        self.woken.insert(agent);
    }

    /// Drops an agent's notifications of a message about a resource and all its parts that still wait: it has said that
    /// it wants no more of them.
    pub fn cancel(&mut self, agent: AgentId, message: MessageId, topic: Topic) {
        self.drop_waiting(agent, message, &|source| source >> 8 == topic.source() >> 8);
    }

    /// Drops all of an agent's notifications of a message that still wait.
    pub fn cancel_all(&mut self, agent: AgentId, message: MessageId) {
        self.drop_waiting(agent, message, &|_| true);
    }

    fn drop_waiting(&mut self, agent: AgentId, message: MessageId, meant: &dyn Fn(u64) -> bool) {
        let header = Header::notification(self.info.id, message);
        if let Some(state) = self.agents.get_mut(agent.index()) {
            state.notices.retain(&|waits, source| waits != header || !meant(source));
        }
    }
}

/// The parameters of a command, exactly.
///
/// # Errors
/// [`Status::PROTOCOL_ERROR`] when there are fewer or more bytes (section 2.1, step 5).
pub fn exact<T: Record>(mut params: Reader<'_>) -> Result<T, Status> {
    let record = params.take().map_err(|_| Status::PROTOCOL_ERROR)?;
    if params.is_empty() { Ok(record) } else { Err(Status::PROTOCOL_ERROR) }
}

impl From<Full> for Status {
    /// The answer cannot be carried by the buffer that the agent offered.
    fn from(_: Full) -> Self {
        Self::COMMS_ERROR
    }
}
