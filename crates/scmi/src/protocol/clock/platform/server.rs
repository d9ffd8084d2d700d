//! The Clock protocol's messages from a model.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::super::wire::{
    AttributesGet, DescribeRates, GetPermissions, NameGet, ParentGet, ParentSet, Permissions,
    PossibleParentsGet, RateChangeRequestedNotify, RateFlags, RateGet, RateNotify, RateSet,
    RateSetComplete,
};
use super::super::{INFO, RATE_CHANGE_REQUESTED, RATE_CHANGED};
use super::describe;
use super::model::{Clock, ClockModel, check};
use super::state::{RateChange, State};
use crate::platform::{
    AgentId, BadDescription, Call, Handled, Outbox, Rights, Server, Space, StateEntry, Statement,
    Topic, Withdrawal, Work, exact,
};
use crate::protocol::ProtocolInfo;
use crate::protocol::serving::{Change, NO_SUCH_VALUE, put_name, subscribe};
use crate::time::{Time, earliest};
use crate::wire::{MessageId, Reader, Status, U32, U64, Writer};

/// The Clock protocol over a model.
///
/// A clock is on while any agent wants it on, and each agent is told what it wants itself; one that may not switch it
/// is told whether the clock runs. A clock has one rate and the last writer wins; while a change of it is under way,
/// another one is BUSY. Subscriptions are each agent's own.
#[derive(Debug)]
pub struct ClockServer {
    pub(super) model: Box<dyn ClockModel>,
    pub(super) states: Vec<State>,
    /// When the next change of a rate is due.
    due: Option<Time>,
}

impl ClockServer {
    /// Most asynchronous rate changes of an agent at once.
    pub const MAX_ASYNC: u8 = 16;

    /// A server over a model.
    ///
    /// # Errors
    /// [`BadDescription`] where a clock cannot be as it is described.
    pub fn new(model: Box<dyn ClockModel>) -> Result<Self, BadDescription> {
        check(model.clocks())?;
        let state = |clock| {
            let (rate, parent) = (model.rate(clock), model.parent(clock));
            State { known: rate, rate_at_start: rate, parent_at_start: parent, ..State::default() }
        };
        let states = (0..model.clocks().len()).map(state).collect();
        Ok(Self { model, states, due: None })
    }

    pub(super) fn clock(&self, call: &Call<'_>, id: U32) -> Result<(usize, &Clock), Status> {
        let id = call.find(Space::Clock, id)?;
        Ok((id, self.model.clocks().get(id).ok_or(Status::NOT_FOUND)?))
    }

    fn state(&mut self, id: usize) -> Result<&mut State, Status> {
        self.states.get_mut(id).ok_or(Status::NOT_FOUND)
    }

    /// What an agent may change: what both the clock and its rights let it.
    pub(super) fn permissions(&self, call: &Call<'_>, id: usize) -> Permissions {
        let rights = call.rights(Space::Clock, id);
        let of = |right, what| if rights.has(right) { what } else { 0 };
        let allowed = of(Rights::STATE, Permissions::STATE)
            | of(Rights::PARENT, Permissions::PARENT)
            | of(Rights::VALUE, Permissions::RATE);
        Permissions(self.model.permissions(call.agent, id).0 & allowed)
    }

    pub(super) fn may(&self, call: &Call<'_>, id: usize, what: u32) -> Result<(), Status> {
        if self.permissions(call, id).has(what) { Ok(()) } else { Err(Status::DENIED) }
    }

    fn attributes(&self, call: &Call<'_>, id: U32, reply: &mut Writer<'_>) -> Result<(), Status> {
        let (id, clock) = self.clock(call, id)?;
        let permissions = self.permissions(call, id);
        describe::attributes(call, clock, self.is_on(call, id), permissions, reply)
    }

    fn rate_set(&mut self, call: &mut Call<'_>, request: RateSet) -> Result<Handled, Status> {
        let (id, clock) = self.clock(call, request.clock)?;
        let flags = RateFlags(request.flags.get());
        if flags.0 & RateFlags::RESERVED != 0 {
            return Err(Status::INVALID_PARAMETERS);
        }
        let asynchronous = flags.has(RateFlags::ASYNC);
        if asynchronous && !call.p2a {
            return Err(Status::NOT_SUPPORTED);
        }
        let wanted = request.rate.get();
        if let Err(status) = self.may(call, id, Permissions::RATE) {
            self.state(id)?.tell_request(id, wanted, call.agent, &mut call.outbox);
            return Err(status);
        }
        let rate = clock.rates.round(wanted, flags.rounding())?;
        let takes = clock.rate_change;
        let owed = self.states.iter().filter(|state| state.owes(call.agent)).count();
        if asynchronous && owed >= usize::from(Self::MAX_ASYNC)
            || self.state(id)?.change.is_running()
        {
            return Err(Status::BUSY);
        }
        if !asynchronous && takes.is_zero() {
            self.set_rate(call.now, id, rate, call.agent, &mut call.outbox)?;
            return Ok(Handled::Now);
        }
        let silent = asynchronous && flags.has(RateFlags::NO_DELAYED_RESPONSE);
        if !silent && !call.can_wait {
            return Err(Status::BUSY);
        }
        let due = call.now.after(takes);
        let wanted = RateChange { rate, asynchronous, silent };
        self.state(id)?.change = Change::Running { due, agent: call.agent, wanted };
        self.due = earliest(self.due, Some(due));
        let work = Work::from(Pending::Rate { clock: id, asynchronous });
        Ok(match (asynchronous, silent) {
            (true, true) => Handled::Now,
            (true, false) => Handled::Delayed(takes, work),
            (false, _) => Handled::Late(takes, work),
        })
    }

    /// Gives a clock a rate, and tells of all that changed by it.
    fn set_rate(
        &mut self,
        now: Time,
        id: usize,
        rate: u64,
        by: AgentId,
        outbox: &mut Outbox<'_>,
    ) -> Result<(), Status> {
        let result = self.model.set_rate(now, id, rate);
        if let Err(Status::DENIED | Status::BUSY) = result {
            self.state(id)?.tell_request(id, rate, by, outbox);
        }
        if result.is_ok() {
            self.state(id)?.rate_by = Some(by);
        }
        outbox.changed(Space::Clock, id);
        self.tell_rates(Some(by), outbox);
        result
    }

    /// An agent has gone that restores: its rate and its parent go back to what they were at start.
    fn restore(&mut self, now: Time, agent: AgentId, id: usize) {
        let Some(state) = self.states.get_mut(id) else { return };
        let (rate, parent) = (state.rate_at_start, state.parent_at_start);
        // What is refused stays as it is; the agent that could be told is gone.
        if let Some(parent) = parent.filter(|_| state.parent_by == Some(agent)) {
            let _refused = self.model.set_parent(now, id, parent);
            state.parent_by = None;
        }
        if let Change::Running { agent: by, wanted, .. } = &mut state.change
            && *by == agent
        {
            wanted.rate = rate;
        }
        if state.rate_by == Some(agent) {
            let _refused = self.model.set_rate(now, id, rate);
            state.rate_by = None;
        }
        // Subscribers are told by the next poll.
        self.due = Some(Time::ZERO);
    }

    /// Tells of all rates that are not as they were.
    pub(super) fn tell_rates(&mut self, by: Option<AgentId>, outbox: &mut Outbox<'_>) {
        for (id, state) in self.states.iter_mut().enumerate() {
            state.tell_rate(id, self.model.rate(id), by, outbox);
        }
    }

    /// The clock, if the caller sees any that can be its parent.
    fn with_parents(&self, call: &Call<'_>, id: U32) -> Result<(usize, &Clock), Status> {
        let (id, clock) = self.clock(call, id)?;
        let choice = describe::seen_parents(call, clock).next().is_some();
        if choice { Ok((id, clock)) } else { Err(Status::NOT_SUPPORTED) }
    }

    fn parent_set(&mut self, call: &mut Call<'_>, request: ParentSet) -> Result<(), Status> {
        self.clock(call, request.clock)?;
        let (parent, _) = self.clock(call, request.parent)?;
        let (id, clock) = self.with_parents(call, request.clock)?;
        let possible = clock.parents.contains(&parent);
        self.may(call, id, Permissions::PARENT)?;
        if !possible {
            return Err(Status::INVALID_PARAMETERS);
        }
        self.model.set_parent(call.now, id, parent)?;
        self.state(id)?.parent_by = Some(call.agent);
        self.tell_rates(Some(call.agent), &mut call.outbox);
        Ok(())
    }

    /// A parent that the caller does not see has no number that could be told.
    fn parent_get(
        &self,
        call: &Call<'_>,
        request: ParentGet,
        reply: &mut Writer<'_>,
    ) -> Result<(), Status> {
        let (id, _) = self.with_parents(call, request.clock)?;
        let parent = self.model.parent(id).ok_or(Status::GENERIC_ERROR)?;
        reply.put(&call.seen(Space::Clock, parent).ok_or(Status::DENIED)?.word())?;
        Ok(())
    }

    fn rate_notify(&mut self, call: &mut Call<'_>, request: RateNotify) -> Result<(), Status> {
        let (id, clock) = self.clock(call, request.clock)?;
        let offered = clock.notifies_changes;
        let about = (RATE_CHANGED, Topic::new(Space::Clock, id));
        subscribe(call, &mut self.state(id)?.wants_changes, offered, about, request.enable)
    }

    fn request_notify(
        &mut self,
        call: &mut Call<'_>,
        request: RateChangeRequestedNotify,
    ) -> Result<(), Status> {
        let (id, clock) = self.clock(call, request.clock)?;
        let offered = clock.notifies_requests;
        let about = (RATE_CHANGE_REQUESTED, Topic::new(Space::Clock, id));
        subscribe(call, &mut self.state(id)?.wants_requests, offered, about, request.enable)
    }
}

/// A call that was put off.
#[derive(Clone, Copy)]
pub(super) enum Pending {
    /// The clock has been switched on and is not stable yet.
    Enable,
    /// The clock's rate is being changed.
    Rate { clock: usize, asynchronous: bool },
}

impl From<Pending> for Work {
    fn from(pending: Pending) -> Self {
        Self(match pending {
            Pending::Enable => 0,
            Pending::Rate { clock, asynchronous } => {
                u64::try_from(clock).unwrap_or(u64::MAX) << 2 | u64::from(asynchronous) << 1 | 1
            }
        })
    }
}

impl From<Work> for Pending {
    fn from(work: Work) -> Self {
        if work.0 & 1 == 0 {
            return Self::Enable;
        }
        let clock = usize::try_from(work.0 >> 2).unwrap_or(usize::MAX);
        Self::Rate { clock, asynchronous: work.0 >> 1 & 1 == 1 }
    }
}

impl Server for ClockServer {
    fn info(&self) -> &'static ProtocolInfo {
        &INFO
    }

    fn resources(&self, space: Space) -> usize {
        if space == Space::Clock { self.states.len() } else { 0 }
    }

    fn max_payload(&self) -> usize {
        size_of::<super::super::wire::RateEvent>()
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
                describe::protocol(call, Self::MAX_ASYNC, reply)?;
            }
            0x3 => self.attributes(call, exact::<AttributesGet>(params)?.clock, reply)?,
            0x4 => {
                let request: DescribeRates = exact(params)?;
                let (_, clock) = self.clock(call, request.clock)?;
                describe::rates(&clock.rates, request.index.get(), reply)?;
            }
            0x5 => return self.rate_set(call, exact(params)?),
            0x6 => {
                let (id, _) = self.clock(call, exact::<RateGet>(params)?.clock)?;
                reply.put(&U64::new(self.model.rate(id)))?;
            }
            0x7 => return self.config_set(call, params),
            0x8 => put_name(&self.clock(call, exact::<NameGet>(params)?.clock)?.1.name, reply)?,
            0x9 => self.rate_notify(call, exact(params)?)?,
            0xA => self.request_notify(call, exact(params)?)?,
            0xB => self.config_get(call, exact(params)?, reply)?,
            0xC => {
                let request: PossibleParentsGet = exact(params)?;
                let (_, clock) = self.with_parents(call, request.clock)?;
                describe::parents(call, clock, request.skip.get(), reply)?;
            }
            0xD => self.parent_set(call, exact(params)?)?,
            0xE => self.parent_get(call, exact(params)?, reply)?,
            0xF => {
                let (id, _) = self.clock(call, exact::<GetPermissions>(params)?.clock)?;
                reply.put(&U32::new(self.permissions(call, id).0))?;
            }
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
        let Pending::Rate { clock, asynchronous } = work.into() else { return Ok(()) };
        self.state(clock)?.change.result()?;
        if asynchronous {
            let seen = call.seen(Space::Clock, clock).ok_or(Status::NOT_FOUND)?;
            let rate = U64::new(self.model.rate(clock));
            reply.put(&RateSetComplete { clock: seen.word(), rate })?;
        }
        Ok(())
    }

    fn poll(&mut self, now: Time, outbox: &mut Outbox<'_>) {
        if self.model.next_deadline().is_some_and(|due| due <= now) {
            self.model.poll(now);
            self.tell_rates(None, outbox);
        }
        if self.due.is_none_or(|due| due > now) {
            return;
        }
        for id in 0..self.states.len() {
            let ready = self.states.get(id).and_then(|state| state.change.ready(now));
            let Some((by, wanted)) = ready else { continue };
            let result = self.set_rate(now, id, wanted.rate, by, outbox);
            if let Some(state) = self.states.get_mut(id) {
                state.change = Change::Done(result.map(|()| wanted));
            }
        }
        self.tell_rates(None, outbox);
        let due = |due, state: &State| earliest(due, state.change.due());
        self.due = self.states.iter().fold(None, due);
    }

    fn next_deadline(&self) -> Option<Time> {
        earliest(self.due, self.model.next_deadline())
    }

    fn withdraw(&mut self, now: Time, what: &Withdrawal<'_>) {
        let agent = what.agent();
        for id in 0..self.states.len() {
            let Some(state) = self.states.get_mut(id) else { return };
            if !what.covers(Space::Clock, id) {
                continue;
            }
            state.wants_changes.remove(agent);
            state.wants_requests.remove(agent);
            if state.enabled_by.contains(agent) {
                state.enabled_by.remove(agent);
                if state.enabled_by.is_empty() {
                    // A clock that refuses stays on; the agent that could be told is gone.
                    state.off = self.model.set_enabled(now, id, false).is_ok();
                }
            }
            if what.restores() {
                self.restore(now, agent, id);
            }
        }
    }

    fn hold(&mut self, now: Time, agent: AgentId, _space: Space, id: usize) {
        let Some(takes) = self.model.clocks().get(id).map(|clock| clock.enable_delay) else {
            return;
        };
        let Some(state) = self.states.get_mut(id) else { return };
        if state.enabled_by.is_empty() {
            if self.model.set_enabled(now, id, true).is_err() {
                return;
            }
            state.stable_at = now.after(takes);
        }
        state.off = false;
        state.enabled_by.insert(agent);
    }
    fn identify(
        &self,
        _space: Space,
        id: usize,
        to: &mut dyn core::fmt::Write,
    ) -> core::fmt::Result {
        self.identify_clock(id, to)
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
