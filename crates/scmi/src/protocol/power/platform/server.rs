//! Answers the Power domain protocol's messages from a model.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::super::wire::{
    Attributes, DomainAttributes, DomainAttributesGet, DomainFlags, NameGet, PowerState,
    StateChangeRequestedNotify, StateEvent, StateGet, StateNotify, StateSet,
};
use super::super::{INFO, V2_1, V3};
use super::model::{PowerDomain, PowerModel, Told, check};
use super::runtime::{CHANGE_REQUESTED, Domain, STATE_CHANGED, info};
use crate::platform::{
    AgentId, BadDescription, Call, Handled, Outbox, PerAgent, Rights, Server, Space, StateEntry,
    Statement, Topic, Withdrawal, Work, exact,
};
use crate::protocol::ProtocolInfo;
use crate::protocol::serving::{NO_SUCH_VALUE, put_name, subscribe};
use crate::time::{Time, earliest};
use crate::wire::{MessageId, Reader, ShortName, Status, U32, U64, Writer};

/// The Power domain protocol over a model.
///
/// Agents share domains by votes: a domain is in the shallowest state that any agent asked for, in its initial one when
/// none did. A vote lasts until its agent asks for another state or goes. To be told that a domain is on counts as a vote
/// for that, if the agent has none and may have one. A change that is under way is not cut short: the next one begins when
/// it has ended.
#[derive(Debug)]
pub struct PowerServer {
    pub(super) model: Box<dyn PowerModel>,
    pub(super) domains: Vec<Domain>,
    /// Positions of states.
    pub(super) votes: PerAgent<usize>,
    due: Option<Time>,
}

impl PowerServer {
    /// A server over a model.
    ///
    /// # Errors
    /// [`BadDescription`] where a domain cannot be as it is described.
    pub fn new(model: Box<dyn PowerModel>) -> Result<Self, BadDescription> {
        check(model.domains())?;
        let described = model.domains().iter().enumerate();
        let domains: Vec<Domain> =
            described.map(|(id, domain)| Domain::new(id, domain.initial)).collect();
        let votes = PerAgent::new(domains.len());
        Ok(Self { model, domains, votes, due: None })
    }

    fn find(&self, call: &Call<'_>, id: U32) -> Result<(usize, &PowerDomain), Status> {
        let id = call.find(Space::PowerDomain, id)?;
        Ok((id, self.model.domains().get(id).ok_or(Status::NOT_FOUND)?))
    }

    fn attributes(call: &Call<'_>, reply: &mut Writer<'_>) -> Result<(), Status> {
        let domains = call.count(Space::PowerDomain);
        reply.put(&Attributes {
            attributes: U32::new(u32::try_from(domains).unwrap_or(0xFFFF)),
            statistics_address: U64::new(0),
            statistics_length: U32::new(0),
        })?;
        Ok(())
    }

    fn state_set(&mut self, call: &mut Call<'_>, request: StateSet) -> Result<Handled, Status> {
        let (id, domain) = self.find(call, request.domain)?;
        let flags = request.flags.get();
        if flags & !StateSet::ASYNC != 0 || request.state.get() & PowerState::RESERVED != 0 {
            return Err(Status::INVALID_PARAMETERS);
        }
        // The flag means nothing to processors: theirs is always answered before the state changes.
        let asynchronous = flags & StateSet::ASYNC != 0 && !domain.processors;
        let can = match asynchronous {
            _ if domain.processors => true,
            true => domain.asynchronous && call.p2a,
            false => domain.synchronous,
        };
        if !can {
            return Err(Status::NOT_SUPPORTED);
        }
        if !self.may_set(call, id) {
            return Err(Status::DENIED);
        }
        let waits = !asynchronous && !domain.processors;
        let state = PowerState(request.state.get());
        let asked = domain.states.iter().position(|info| info.state == state);
        let asked = asked.ok_or(Status::INVALID_PARAMETERS)?;
        if waits && !call.can_wait {
            // Nothing may begin whose answer cannot be put off.
            return Err(Status::BUSY);
        }
        let settled = self.vote(call, id, asked)?;
        match settled {
            Settled::At(at) if waits && at > call.now => {
                let asked = u64::try_from(asked).unwrap_or(u64::MAX);
                let id = u64::try_from(id).unwrap_or(u64::MAX);
                let work = Work(id << 32 | asked);
                return Ok(Handled::Late(at.since(call.now), work));
            }
            Settled::Already if asynchronous => self.tell_caller(call, id, state),
            _ => {}
        }
        Ok(Handled::Now)
    }

    /// Notes what an agent wants, and has the domain follow.
    fn vote(&mut self, call: &mut Call<'_>, id: usize, asked: usize) -> Result<Settled, Status> {
        let domain = self.domains.get_mut(id).ok_or(Status::NOT_FOUND)?;
        let idle = domain.transition.is_none() && domain.state == asked;
        let (vote, cause) = ((call.agent, Some(asked)), call.agent.number());
        let before = domain.vote(self.model.as_ref(), &mut self.votes, vote, cause);
        let moved = domain.advance(call.now, self.model.as_mut(), &self.votes, &mut call.outbox);
        if let Err(status) = moved {
            self.votes.set(id, call.agent, before);
            return Err(status);
        }
        let wanted = domain.wanted(self.model.as_ref(), &self.votes);
        let settled = match domain.settled(self.model.as_ref(), wanted) {
            _ if wanted != asked => Settled::Never,
            Some(at) => Settled::At(at),
            None if idle => Settled::Already,
            None => Settled::At(call.now),
        };
        self.redue();
        if settled == Settled::Never {
            self.request(call, id, asked);
        }
        Ok(settled)
    }

    /// Tells those who stand in the way of a state that it was asked for.
    fn request(&self, call: &mut Call<'_>, id: usize, asked: usize) {
        let Some(domain) = self.domains.get(id) else { return };
        let Some(state) = info(self.model.as_ref(), id, asked) else { return };
        let news = (call.agent.number(), state.state);
        let in_the_way = self.votes.of(id).filter(|(_, vote)| *vote < asked);
        for (agent, _) in in_the_way.filter(|(agent, _)| domain.request_agents.contains(*agent)) {
            domain.tell(&mut call.outbox, agent, CHANGE_REQUESTED, news);
        }
    }

    /// An asynchronous command completes by an event, even where nothing had to change.
    fn tell_caller(&self, call: &mut Call<'_>, id: usize, state: PowerState) {
        let Some(domain) = self.domains.get(id) else { return };
        if domain.change_agents.contains(call.agent) {
            let news = (call.agent.number(), state);
            domain.tell(&mut call.outbox, call.agent, STATE_CHANGED, news);
        }
    }

    /// Whether an agent may switch a domain: what both the model and its rights let it.
    fn may_set(&self, call: &Call<'_>, id: usize) -> bool {
        call.rights(Space::PowerDomain, id).has(Rights::STATE) && self.model.may_set(call.agent, id)
    }

    /// Who has asked for nothing and is told that a domain is on holds it from then on: Linux does not switch on what it
    /// finds on, so nothing else says that it uses the domain.
    fn state_get(&mut self, call: &Call<'_>, request: StateGet) -> Result<U32, Status> {
        let (id, _) = self.find(call, request.domain)?;
        let may_set = self.may_set(call, id);
        let description = self.model.domains().get(id).ok_or(Status::NOT_FOUND)?;
        let domain = self.domains.get_mut(id).ok_or(Status::NOT_FOUND)?;
        let vote = self.votes.get(id, call.agent);
        let wanted = domain.wanted(self.model.as_ref(), &self.votes);
        let told = match (description.told, vote) {
            // Others stand in its way; else it is told when the domain gets there.
            (Told::Asked, Some(vote)) if wanted < vote => vote,
            _ => domain.state,
        };
        let deepest = told.saturating_add(1) >= description.states.len();
        let state = info(self.model.as_ref(), id, told).ok_or(Status::GENERIC_ERROR)?;
        if vote.is_none() && !deepest && may_set {
            let (vote, cause) = ((call.agent, Some(told)), call.agent.number());
            domain.vote(self.model.as_ref(), &mut self.votes, vote, cause);
        }
        Ok(U32::new(state.state.0))
    }

    fn state_notify(&mut self, call: &mut Call<'_>, request: StateNotify) -> Result<(), Status> {
        let (id, description) = self.find(call, request.domain)?;
        let offered = description.change_notifications;
        let domain = self.domains.get_mut(id).ok_or(Status::NOT_FOUND)?;
        let about = (STATE_CHANGED, Topic::new(Space::PowerDomain, id));
        subscribe(call, &mut domain.change_agents, offered, about, request.enable)
    }

    fn request_notify(
        &mut self,
        call: &mut Call<'_>,
        request: StateChangeRequestedNotify,
    ) -> Result<(), Status> {
        let (id, description) = self.find(call, request.domain)?;
        let offered = description.request_notifications;
        let domain = self.domains.get_mut(id).ok_or(Status::NOT_FOUND)?;
        let about = (CHANGE_REQUESTED, Topic::new(Space::PowerDomain, id));
        subscribe(call, &mut domain.request_agents, offered, about, request.enable)
    }

    pub(super) fn redue(&mut self) {
        self.due = self.domains.iter().map(Domain::due).fold(None, earliest);
    }
}

/// When the domain is in the state that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Settled {
    /// It was, and nothing has changed.
    Already,
    /// Then.
    At(Time),
    /// When others let it.
    Never,
}

/// Without a way back to the agent, nothing that needs one is shown.
fn domain_attributes(call: &Call<'_>, domain: &PowerDomain) -> DomainAttributes {
    let flag = |set: bool, bit: u32| if set { bit } else { 0 };
    let requests = domain.request_notifications && call.p2a && call.version >= V2_1;
    let long = call.version >= V3 && !ShortName::fits(&domain.name);
    let attributes =
        flag(domain.change_notifications && call.p2a, DomainFlags::CHANGE_NOTIFICATIONS)
            | flag(domain.asynchronous && call.p2a, DomainFlags::ASYNC)
            | flag(domain.synchronous, DomainFlags::SYNC)
            | flag(requests, DomainFlags::REQUEST_NOTIFICATIONS)
            | flag(long, DomainFlags::EXTENDED_NAME);
    DomainAttributes { attributes: U32::new(attributes), name: ShortName::new(&domain.name) }
}

impl Server for PowerServer {
    fn info(&self) -> &'static ProtocolInfo {
        &INFO
    }

    fn prepare(&mut self, agents: usize) {
        self.votes.prepare(agents);
    }

    fn resources(&self, space: Space) -> usize {
        if space == Space::PowerDomain { self.domains.len() } else { 0 }
    }

    fn max_payload(&self) -> usize {
        size_of::<StateEvent>()
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
                Self::attributes(call, reply)?;
            }
            0x3 => {
                let domain = self.find(call, exact::<DomainAttributesGet>(params)?.domain)?.1;
                reply.put(&domain_attributes(call, domain))?;
            }
            0x4 => return self.state_set(call, exact(params)?),
            0x5 => reply.put(&self.state_get(call, exact(params)?)?)?,
            0x6 => self.state_notify(call, exact(params)?)?,
            0x7 => self.request_notify(call, exact(params)?)?,
            0x8 => {
                let domain = self.find(call, exact::<NameGet>(params)?.domain)?.1;
                put_name(&domain.name, reply)?;
            }
            _ => return Err(Status::NOT_FOUND),
        }
        Ok(Handled::Now)
    }

    /// A synchronous change that took its time. It failed if the change could not even begin.
    fn finish(
        &mut self,
        _call: &mut Call<'_>,
        work: Work,
        _reply: &mut Writer<'_>,
    ) -> Result<(), Status> {
        let id = usize::try_from(work.0 >> 32).map_err(|_| Status::GENERIC_ERROR)?;
        let asked = usize::try_from(work.0 & 0xFFFF_FFFF).map_err(|_| Status::GENERIC_ERROR)?;
        let domain = self.domains.get(id).ok_or(Status::GENERIC_ERROR)?;
        match domain.fault {
            Some(status) if domain.state != asked => Err(status),
            _ => Ok(()),
        }
    }

    fn poll(&mut self, now: Time, outbox: &mut Outbox<'_>) {
        if self.due.is_none_or(|due| due > now) {
            return;
        }
        for domain in &mut self.domains {
            if domain.due().is_some_and(|due| due <= now) {
                // Whoever waits for it learns of a fault from `finish`.
                let _told = domain.advance(now, self.model.as_mut(), &self.votes, outbox);
            }
        }
        self.redue();
    }

    fn next_deadline(&self) -> Option<Time> {
        self.due
    }

    /// Its votes and subscriptions go; the domains follow with the next poll.
    fn withdraw(&mut self, _now: Time, what: &Withdrawal<'_>) {
        let agent = what.agent();
        for domain in &mut self.domains {
            if !what.covers(Space::PowerDomain, domain.id) {
                continue;
            }
            domain.change_agents.remove(agent);
            domain.request_agents.remove(agent);
            let vote = domain.vote(self.model.as_ref(), &mut self.votes, (agent, None), 0);
            domain.stale |= vote.is_some();
        }
        self.redue();
    }

    /// It asks for the shallowest state; the domain follows with the next poll.
    fn hold(&mut self, _now: Time, agent: AgentId, _space: Space, id: usize) {
        if let Some(domain) = self.domains.get_mut(id) {
            domain.vote(self.model.as_ref(), &mut self.votes, (agent, Some(0)), 0);
            domain.stale = true;
        }
        self.redue();
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
