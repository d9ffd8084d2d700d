//! The Voltage protocol's messages from a model.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use super::super::wire::{
    ConfigGet, ConfigSet, DescribeLevels, DomainAttributes, DomainAttributesGet, DomainWord,
    LEVEL_SET_ASYNC, LevelGet, LevelSet, LevelSetComplete, Mode, NameGet,
};
use super::super::{INFO, V2};
use super::model::{VoltageDomain, VoltageModel, check};
use crate::platform::{
    AgentId, AgentSet, BadDescription, Call, Handled, Outbox, Rights, Server, Space, StateEntry,
    Statement, Withdrawal, Work, exact,
};
use crate::protocol::ProtocolInfo;
use crate::protocol::serving::{Change, NO_SUCH_VALUE, put_name};
use crate::time::{Time, earliest};
use crate::wire::{I32, MessageId, Reader, ShortName, Status, U32, Writer};

/// The Voltage protocol over a model.
///
/// A domain is in the strongest mode that any agent asks for, and in its mode at start while nobody who is there has said
/// anything. That is what agents are told; but one that can be off, and that only others keep on, is off for an agent that
/// may switch it. Linux does not switch on what is on already: it would use the domain without ever having asked for it, and
/// lose it when the others let go. For the same reason to be told that a domain is on counts as having asked for that. A
/// domain has one level and the last writer wins; while a change of it is under way, another one is BUSY.
#[derive(Debug)]
pub struct VoltageServer {
    pub(super) model: Box<dyn VoltageModel>,
    pub(super) states: Vec<State>,
    /// When the next change of a level is due.
    due: Option<Time>,
}

/// What the server remembers of one domain.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// Who wants each of the domain's modes; who is in none of them wants it off, or has not said.
    pub(super) wanted_by: Vec<AgentSet>,
    /// Who has said what it wants.
    pub(super) said: AgentSet,
    mode_at_start: Mode,
    pub(super) level_at_start: i32,
    /// Who was the last to set the level.
    pub(super) level_by: Option<AgentId>,
    /// When it has been on for its enable delay.
    stable_at: Time,
    pub(super) change: Change<i32>,
}

impl State {
    /// The strongest mode that anybody wants; the one at start where nobody has said anything.
    pub(super) fn mode(&self, domain: &VoltageDomain) -> Mode {
        if self.said.is_empty() {
            return self.mode_at_start;
        }
        let mut modes = domain.modes.iter().zip(&self.wanted_by).rev();
        modes.find(|(_, by)| !by.is_empty()).map_or(Mode::OFF, |(mode, _)| *mode)
    }

    /// Remembers what an agent wants, and returns what it wanted before.
    pub(super) fn want(&mut self, domain: &VoltageDomain, agent: AgentId, mode: Mode) -> Mode {
        let mut before = Mode::OFF;
        for (mode_of, by) in domain.modes.iter().zip(&mut self.wanted_by) {
            if by.contains(agent) {
                before = *mode_of;
            }
            by.set(agent, *mode_of == mode);
        }
        before
    }

    /// Has the domain go to a mode, if it is in another one; what comes on is stable when its enable delay is over.
    fn follow(
        &mut self,
        now: Time,
        id: usize,
        mode: Mode,
        model: &mut dyn VoltageModel,
    ) -> Result<(), Status> {
        let is = model.mode(id);
        if is == mode {
            return Ok(());
        }
        model.set_mode(now, id, mode)?;
        if is == Mode::OFF {
            let takes = model.domains().get(id).map(|domain| domain.enable_delay);
            self.stable_at = now.after(takes.unwrap_or_default());
        }
        Ok(())
    }
}

impl State {
    /// What an agent wants, if it has said.
    pub(super) fn wish(&self, domain: &VoltageDomain, agent: AgentId) -> Option<Mode> {
        let mut modes = domain.modes.iter().zip(&self.wanted_by);
        let wanted = modes.find(|(_, by)| by.contains(agent)).map(|(mode, _)| *mode);
        self.said.contains(agent).then(|| wanted.unwrap_or(Mode::OFF))
    }
}

/// Finishes a call that waits for a domain to come on: nothing is left to do.
const ENABLE: Work = Work(0);

impl VoltageServer {
    /// A server over a model.
    ///
    /// # Errors
    /// [`BadDescription`] where a domain cannot be as it is described.
    pub fn new(model: Box<dyn VoltageModel>) -> Result<Self, BadDescription> {
        check(model.domains())?;
        let state = |(id, domain): (usize, &VoltageDomain)| State {
            wanted_by: vec![AgentSet::default(); domain.modes.len()],
            said: AgentSet::default(),
            mode_at_start: model.mode(id),
            level_at_start: model.level(id),
            level_by: None,
            stable_at: Time::ZERO,
            change: Change::None,
        };
        let states = model.domains().iter().enumerate().map(state).collect();
        Ok(Self { model, states, due: None })
    }

    fn domain(&self, call: &Call<'_>, id: U32) -> Result<(usize, &VoltageDomain), Status> {
        let id = call.find(Space::VoltageDomain, id)?;
        Ok((id, self.model.domains().get(id).ok_or(Status::NOT_FOUND)?))
    }

    /// Whether an agent may do this: what both the model and its rights let it.
    fn may(&self, call: &Call<'_>, id: usize, right: u32) -> bool {
        call.rights(Space::VoltageDomain, id).has(right) && self.model.allows(call.agent, id)
    }

    /// VOLTAGE_CONFIG_GET: the mode of a domain, as this agent is told.
    fn config_get(&mut self, call: &Call<'_>, request: ConfigGet) -> Result<Mode, Status> {
        let id = self.domain(call, request.domain)?.0;
        let mode = self.model.mode(id);
        if !self.may(call, id, Rights::STATE) {
            return Ok(mode);
        }
        let domain = self.model.domains().get(id).ok_or(Status::NOT_FOUND)?;
        let state = self.states.get_mut(id).ok_or(Status::NOT_FOUND)?;
        let wanted = state.wanted_by.iter().any(|by| !by.is_empty());
        let by_it = state.wanted_by.iter().any(|by| by.contains(call.agent));
        if wanted && domain.can_be_off && !by_it {
            return Ok(Mode::OFF);
        }
        if mode != Mode::OFF && !state.said.contains(call.agent) {
            state.want(domain, call.agent, mode);
            state.said.insert(call.agent);
        }
        Ok(mode)
    }

    /// VOLTAGE_DOMAIN_ATTRIBUTES.
    fn attributes(&self, call: &Call<'_>, id: U32, reply: &mut Writer<'_>) -> Result<(), Status> {
        let (_, domain) = self.domain(call, id)?;
        let flag = |set: bool, bit: u32| if set && call.version >= V2 { bit } else { 0 };
        let word = flag(domain.asynchronous && call.p2a, DomainWord::ASYNC)
            | flag(!ShortName::fits(&domain.name), DomainWord::EXTENDED_NAME);
        reply.put(&DomainAttributes {
            attributes: U32::new(word),
            name: ShortName::new(&domain.name),
        })?;
        Ok(())
    }

    fn config_set(&mut self, call: &Call<'_>, request: ConfigSet) -> Result<Handled, Status> {
        let (id, domain) = self.domain(call, request.domain)?;
        let mode = Mode::from_word(request.config.get()).ok_or(Status::INVALID_PARAMETERS)?;
        if mode == Mode::OFF && !domain.can_be_off {
            return Err(Status::NOT_SUPPORTED);
        }
        if !self.may(call, id, Rights::STATE) {
            return Err(Status::DENIED);
        }
        if mode != Mode::OFF && !domain.modes.contains(&mode) {
            return Err(Status::INVALID_PARAMETERS);
        }
        let takes = domain.enable_delay;
        if mode != Mode::OFF && !takes.is_zero() && !call.can_wait {
            return Err(Status::BUSY);
        }
        self.put(call, id, mode)
    }

    /// An agent wants a mode. Unless that is off it is answered when the domain is stable, also if somebody else has
    /// switched it on a moment ago.
    fn put(&mut self, call: &Call<'_>, id: usize, mode: Mode) -> Result<Handled, Status> {
        let domain = self.model.domains().get(id).ok_or(Status::NOT_FOUND)?;
        let state = self.states.get_mut(id).ok_or(Status::NOT_FOUND)?;
        let before = (state.want(domain, call.agent, mode), state.said);
        state.said.insert(call.agent);
        let shall = state.mode(domain);
        if let Err(status) = state.follow(call.now, id, shall, self.model.as_mut()) {
            // What cannot be had is not wanted.
            let domain = self.model.domains().get(id).ok_or(Status::NOT_FOUND)?;
            state.want(domain, call.agent, before.0);
            state.said = before.1;
            return Err(status);
        }
        let wait = state.stable_at.since(call.now);
        let late = mode != Mode::OFF && !wait.is_zero();
        Ok(if late { Handled::Late(wait, ENABLE) } else { Handled::Now })
    }

    fn level_set(&mut self, call: &Call<'_>, request: LevelSet) -> Result<Handled, Status> {
        let (id, domain) = self.domain(call, request.domain)?;
        let flags = request.flags.get();
        let allowed = if call.version < V2 { 0 } else { LEVEL_SET_ASYNC };
        if flags & !allowed != 0 {
            return Err(Status::INVALID_PARAMETERS);
        }
        let asynchronous = flags & LEVEL_SET_ASYNC != 0;
        if asynchronous && !(domain.asynchronous && call.p2a) {
            return Err(Status::NOT_SUPPORTED);
        }
        if !self.may(call, id, Rights::VALUE) {
            return Err(Status::DENIED);
        }
        let level = request.level.get();
        if !domain.levels.has(level) {
            return Err(Status::INVALID_PARAMETERS);
        }
        let takes = domain.level_change;
        let state = self.states.get_mut(id).ok_or(Status::NOT_FOUND)?;
        if state.change.is_running() {
            return Err(Status::BUSY);
        }
        if !asynchronous && takes.is_zero() {
            self.model.set_level(call.now, id, level)?;
            state.level_by = Some(call.agent);
            return Ok(Handled::Now);
        }
        if !call.can_wait {
            return Err(Status::BUSY);
        }
        let due = call.now.after(takes);
        state.change = Change::Running { due, agent: call.agent, wanted: level };
        self.due = earliest(self.due, Some(due));
        let domain = u64::try_from(id).unwrap_or(u64::MAX);
        let work = Work(domain << 2 | u64::from(asynchronous) << 1 | 1);
        Ok(if asynchronous { Handled::Delayed(takes, work) } else { Handled::Late(takes, work) })
    }
}

impl Server for VoltageServer {
    fn info(&self) -> &'static ProtocolInfo {
        &INFO
    }

    fn resources(&self, space: Space) -> usize {
        if space == Space::VoltageDomain { self.states.len() } else { 0 }
    }

    fn max_payload(&self) -> usize {
        size_of::<LevelSetComplete>()
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
                let count = u16::try_from(call.count(Space::VoltageDomain)).unwrap_or(u16::MAX);
                reply.put(&U32::new(count.into()))?;
            }
            0x3 => self.attributes(call, exact::<DomainAttributesGet>(params)?.domain, reply)?,
            0x4 => {
                let request: DescribeLevels = exact(params)?;
                let (_, domain) = self.domain(call, request.domain)?;
                domain.levels.describe(request.index.get(), reply)?;
            }
            0x5 => return self.config_set(call, exact(params)?),
            0x6 => {
                let mode = self.config_get(call, exact(params)?)?;
                reply.put(&U32::new(mode.0.into()))?;
            }
            0x7 => return self.level_set(call, exact(params)?),
            0x8 => {
                let (id, _) = self.domain(call, exact::<LevelGet>(params)?.domain)?;
                reply.put(&I32::new(self.model.level(id)))?;
            }
            0x9 => put_name(&self.domain(call, exact::<NameGet>(params)?.domain)?.1.name, reply)?,
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
        if work == ENABLE {
            return Ok(());
        }
        let id = usize::try_from(work.0 >> 2).map_err(|_| Status::GENERIC_ERROR)?;
        self.states.get(id).ok_or(Status::NOT_FOUND)?.change.result()?;
        if work.0 & 2 != 0 {
            let domain = call.seen(Space::VoltageDomain, id).ok_or(Status::NOT_FOUND)?.word();
            reply.put(&LevelSetComplete { domain, level: I32::new(self.model.level(id)) })?;
        }
        Ok(())
    }

    fn poll(&mut self, now: Time, outbox: &mut Outbox<'_>) {
        if self.due.is_none_or(|due| due > now) {
            return;
        }
        for (id, state) in self.states.iter_mut().enumerate() {
            let Some((by, level)) = state.change.ready(now) else { continue };
            let made = self.model.set_level(now, id, level);
            if made.is_ok() {
                state.level_by = Some(by);
            }
            outbox.changed(Space::VoltageDomain, id);
            state.change = Change::Done(made.map(|()| level));
        }
        self.due = self.states.iter().fold(None, |due, state| earliest(due, state.change.due()));
    }

    fn next_deadline(&self) -> Option<Time> {
        self.due
    }

    fn withdraw(&mut self, now: Time, what: &Withdrawal<'_>) {
        let agent = what.agent();
        for (id, state) in self.states.iter_mut().enumerate() {
            if !what.covers(Space::VoltageDomain, id) {
                continue;
            }
            let Some(domain) = self.model.domains().get(id) else { return };
            state.want(domain, agent, Mode::OFF);
            if state.said.contains(agent) {
                state.said.remove(agent);
                let shall = state.mode(domain);
                let can = shall != Mode::OFF || domain.can_be_off;
                if can {
                    // A domain that refuses stays as it is; the agent that could be told is gone.
                    let _refused = state.follow(now, id, shall, self.model.as_mut());
                }
            }
            if !what.restores() {
                continue;
            }
            if let Change::Running { agent: by, wanted, .. } = &mut state.change
                && *by == agent
            {
                *wanted = state.level_at_start;
            }
            if state.level_by == Some(agent) {
                state.level_by = None;
                let _refused = self.model.set_level(now, id, state.level_at_start);
            }
        }
    }

    /// It asks for the strongest mode.
    fn hold(&mut self, now: Time, agent: AgentId, _space: Space, id: usize) {
        let Some(domain) = self.model.domains().get(id) else { return };
        let Some(state) = self.states.get_mut(id) else { return };
        let Some(mode) = domain.modes.last().copied() else { return };
        let before = (state.want(domain, agent, mode), state.said);
        state.said.insert(agent);
        if state.follow(now, id, mode, self.model.as_mut()).is_err() {
            let Some(domain) = self.model.domains().get(id) else { return };
            state.want(domain, agent, before.0);
            state.said = before.1;
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
