//! The Reset protocol's messages from a model.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use super::super::wire::{
    DomainAttributes, DomainAttributesGet, DomainWord, NameGet, Notify, Reset, ResetFlags,
    ResetIssued, ResetState,
};
use super::super::{INFO, RESET_ISSUED, V3};
use super::model::{ResetDomain, ResetModel, check};
use crate::platform::{
    AgentId, AgentSet, BadDescription, Call, Handled, Outbox, Rights, Server, Space, StateEntry,
    Statement, Topic, Withdrawal, Work, exact,
};
use crate::protocol::ProtocolInfo;
use crate::protocol::serving::{Change, NO_SUCH_VALUE, make_due, micros, put_name, subscribe};
use crate::time::{Time, earliest};
use crate::wire::{MessageId, Reader, ShortName, Status, U32, Writer};

/// The Reset protocol over a model.
///
/// A domain has one cycle at a time; until it ends, whoever asks for anything else of it is told BUSY. A cycle that
/// was begun is ended even if the agent that wanted it is gone; a line that an agent holds stays held.
#[derive(Debug)]
pub struct ResetServer {
    pub(super) model: Box<dyn ResetModel>,
    pub(super) states: Vec<State>,
    /// When the next cycle ends.
    due: Option<Time>,
}

/// What the server remembers of one domain.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    pub(super) subscribers: AgentSet,
    /// How it was held, if it is.
    pub(super) held: Option<ResetState>,
    pub(super) cycle: Change<ResetState>,
}

impl ResetServer {
    /// A server over a model.
    ///
    /// # Errors
    /// [`BadDescription`] where a domain cannot be as it is described.
    pub fn new(model: Box<dyn ResetModel>) -> Result<Self, BadDescription> {
        check(model.domains())?;
        let states = vec![State::default(); model.domains().len()];
        Ok(Self { model, states, due: None })
    }

    fn domain(&self, call: &Call<'_>, id: U32) -> Result<(usize, &ResetDomain), Status> {
        let id = call.find(Space::ResetDomain, id)?;
        Ok((id, self.model.domains().get(id).ok_or(Status::NOT_FOUND)?))
    }

    fn state(&mut self, id: usize) -> Result<&mut State, Status> {
        self.states.get_mut(id).ok_or(Status::NOT_FOUND)
    }

    /// RESET_DOMAIN_ATTRIBUTES.
    fn attributes(&self, call: &Call<'_>, id: U32, reply: &mut Writer<'_>) -> Result<(), Status> {
        let (_, domain) = self.domain(call, id)?;
        let flag = |set: bool, bit: u32| if set { bit } else { 0 };
        let long = call.version >= V3 && !ShortName::fits(&domain.name);
        let word = flag(domain.asynchronous && call.p2a, DomainWord::ASYNC)
            | flag(domain.notifies && call.p2a, DomainWord::NOTIFICATIONS)
            | flag(long, DomainWord::EXTENDED_NAME);
        let latency = if domain.latency_known {
            micros(domain.latency, DomainAttributes::UNKNOWN.saturating_sub(1))
        } else {
            DomainAttributes::UNKNOWN
        };
        reply.put(&DomainAttributes {
            attributes: U32::new(word),
            latency: U32::new(latency),
            name: ShortName::new(&domain.name),
        })?;
        Ok(())
    }

    fn reset(&mut self, call: &mut Call<'_>, request: Reset) -> Result<Handled, Status> {
        let (id, domain) = self.domain(call, request.domain)?;
        let flags = ResetFlags(request.flags.get());
        let state = ResetState(request.state.get());
        if !flags.are_legal() {
            return Err(Status::INVALID_PARAMETERS);
        }
        let asynchronous = flags.has(ResetFlags::ASYNC);
        if asynchronous && !(domain.asynchronous && call.p2a) {
            return Err(Status::NOT_SUPPORTED);
        }
        call.may(Space::ResetDomain, id, Rights::RESET)?;
        if !self.model.allows(call.agent, id) {
            return Err(Status::DENIED);
        }
        // Letting a domain go needs a legal state too (compliance suite, r009).
        if !domain.has(state) {
            return Err(Status::INVALID_PARAMETERS);
        }
        if self.state(id)?.cycle.is_running() {
            return Err(Status::BUSY);
        }
        if flags.has(ResetFlags::AUTONOMOUS) {
            return self.cycle(call, id, state, asynchronous);
        }
        let asserted = flags.has(ResetFlags::ASSERT);
        self.model.set_asserted(call.now, id, state, asserted)?;
        self.state(id)?.held = asserted.then_some(state);
        if asserted {
            self.tell(id, state, call.agent, &mut call.outbox);
        }
        Ok(Handled::Now)
    }

    /// Begins a cycle; [`Self::poll`] ends it, unless it takes no time.
    fn cycle(
        &mut self,
        call: &mut Call<'_>,
        id: usize,
        state: ResetState,
        asynchronous: bool,
    ) -> Result<Handled, Status> {
        let takes = self.model.domains().get(id).ok_or(Status::NOT_FOUND)?.latency;
        let at_once = takes.is_zero() && !asynchronous;
        if !at_once && !call.can_wait {
            return Err(Status::BUSY);
        }
        self.model.begin(call.now, id, state)?;
        self.state(id)?.held = None;
        self.tell(id, state, call.agent, &mut call.outbox);
        if at_once {
            self.model.end(call.now, id, state)?;
            return Ok(Handled::Now);
        }
        let due = call.now.after(takes);
        self.state(id)?.cycle = Change::Running { due, agent: call.agent, wanted: state };
        self.due = earliest(self.due, Some(due));
        let id = u64::try_from(id).map_err(|_| Status::NOT_FOUND)?;
        let work = Work(id << 1 | u64::from(asynchronous));
        Ok(if asynchronous { Handled::Delayed(takes, work) } else { Handled::Late(takes, work) })
    }

    /// Tells the subscribers that a domain was reset.
    fn tell(&self, id: usize, state: ResetState, by: AgentId, outbox: &mut Outbox<'_>) {
        let Some(subscribers) = self.states.get(id).map(|state| state.subscribers) else { return };
        let (by, state) = (U32::new(by.number()), U32::new(state.0));
        for agent in subscribers.iter() {
            outbox.notify(
                agent,
                RESET_ISSUED,
                Topic::new(Space::ResetDomain, id),
                &mut |w, seen| w.put(&ResetIssued { agent: by, domain: seen.word(), state }),
            );
        }
    }

    fn notify(&mut self, call: &mut Call<'_>, request: Notify) -> Result<(), Status> {
        let (id, domain) = self.domain(call, request.domain)?;
        let offered = domain.notifies;
        let about = (RESET_ISSUED, Topic::new(Space::ResetDomain, id));
        subscribe(call, &mut self.state(id)?.subscribers, offered, about, request.enable)
    }
}

impl Server for ResetServer {
    fn info(&self) -> &'static ProtocolInfo {
        &INFO
    }

    fn resources(&self, space: Space) -> usize {
        if space == Space::ResetDomain { self.states.len() } else { 0 }
    }

    fn max_payload(&self) -> usize {
        size_of::<ResetIssued>()
    }

    fn handle(
        &mut self,
        call: &mut Call<'_>,
        message: MessageId,
        params: Reader<'_>,
        reply: &mut Writer<'_>,
    ) -> Result<Handled, Status> {
        match message.0 {
            0x1 => {
                exact::<[u8; 0]>(params)?;
                let count = u16::try_from(call.count(Space::ResetDomain)).unwrap_or(u16::MAX);
                reply.put(&U32::new(count.into()))?;
            }
            0x3 => self.attributes(call, exact::<DomainAttributesGet>(params)?.domain, reply)?,
            0x4 => return self.reset(call, exact(params)?),
            0x5 => self.notify(call, exact(params)?)?,
            0x6 => put_name(&self.domain(call, exact::<NameGet>(params)?.domain)?.1.name, reply)?,
            _ => return Err(Status::NOT_FOUND),
        }
        Ok(Handled::Now)
    }

    fn finish(
        &mut self,
        call: &mut Call<'_>,
        work: Work,
        reply: &mut Writer<'_>,
    ) -> Result<(), Status> {
        let id = usize::try_from(work.0 >> 1).map_err(|_| Status::GENERIC_ERROR)?;
        self.state(id)?.cycle.result()?;
        if work.0 & 1 == 1 {
            reply.put(&call.seen(Space::ResetDomain, id).ok_or(Status::NOT_FOUND)?.word())?;
        }
        Ok(())
    }

    fn poll(&mut self, now: Time, _outbox: &mut Outbox<'_>) {
        if self.due.is_none_or(|due| due > now) {
            return;
        }
        let cycles = self.states.iter_mut().map(|state| &mut state.cycle);
        self.due = make_due(now, cycles, |id, _, state| self.model.end(now, id, state));
    }

    fn next_deadline(&self) -> Option<Time> {
        self.due
    }

    fn withdraw(&mut self, _now: Time, what: &Withdrawal<'_>) {
        for (id, state) in self.states.iter_mut().enumerate() {
            if what.covers(Space::ResetDomain, id) {
                state.subscribers.remove(what.agent());
            }
        }
    }
    fn identify(
        &self,
        _space: Space,
        id: usize,
        to: &mut dyn core::fmt::Write,
    ) -> core::fmt::Result {
        self.identify_domain(id, to)
    }

    fn state(&self, _space: Space, id: usize, say: &mut Statement<'_>) {
        self.say(id, say);
    }

    fn check_state(&self, entry: &StateEntry) -> Result<(), &'static str> {
        if self.can_be(entry) { Ok(()) } else { Err(NO_SUCH_VALUE) }
    }

    fn restore_state(&mut self, now: Time, entries: &[StateEntry]) {
        self.take_back(now, entries);
    }
}
