//! Answers the Performance protocol's messages from a model.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::super::wire::{
    DescribeFastChannel, DescribeLevels, DomainAttributesGet, LevelGet, LevelSet, LimitsEvent,
    LimitsGet, LimitsSet, NameGet, NotifyLevel, NotifyLimits,
};
use super::super::{INFO, V3, V4};
use super::describe::{self, Settable, by_index};
use super::model::{Limits, PerfDomain, PerfModel, check};
use super::runtime::{Domain, LEVEL_CHANGED, LIMITS_CHANGED};
use crate::platform::{
    BadDescription, Call, Handled, Outbox, PerAgent, Rights, Server, Space, StateEntry, Statement,
    Topic, Withdrawal, exact,
};
use crate::protocol::serving::{NO_SUCH_VALUE, put_name, subscribe};
use crate::protocol::{ProtocolInfo, fastchannel};
use crate::time::{Time, earliest};
use crate::wire::{MessageId, Reader, Status, U32, Writer};

/// The Performance protocol over a model.
///
/// Each agent has limits of its own; the narrowest of all are in force and pull the level inside. Whoever may set the
/// level, the last writer wins. LEVEL_SET is answered at once and LEVEL_GET tells the accepted level; the
/// notification comes when the level's latency is over.
#[derive(Debug)]
pub struct PerfServer {
    pub(super) model: Box<dyn PerfModel>,
    pub(super) domains: Vec<Domain>,
    pub(super) wishes: PerAgent<Limits>,
    due: Option<Time>,
}

impl PerfServer {
    /// A server over a model.
    ///
    /// # Errors
    /// [`BadDescription`] where a domain cannot be as it is described.
    pub fn new(model: Box<dyn PerfModel>) -> Result<Self, BadDescription> {
        check(model.domains())?;
        let described = model.domains().iter().enumerate();
        let domains: Vec<Domain> = described.map(|(id, domain)| Domain::new(id, domain)).collect();
        let wishes = PerAgent::new(domains.len());
        Ok(Self { model, domains, wishes, due: None })
    }

    fn find(&self, call: &Call<'_>, id: U32) -> Result<(&Domain, &PerfDomain), Status> {
        let id = call.find(Space::PerfDomain, id)?;
        let domain = self.domains.get(id).ok_or(Status::NOT_FOUND)?;
        Ok((domain, self.model.domains().get(id).ok_or(Status::NOT_FOUND)?))
    }

    fn domain(&mut self, id: usize) -> Result<&mut Domain, Status> {
        self.domains.get_mut(id).ok_or(Status::NOT_FOUND)
    }

    fn limits_set(&mut self, call: &mut Call<'_>, request: LimitsSet) -> Result<(), Status> {
        let (domain, description) = self.find(call, request.domain)?;
        let id = domain.id;
        if !self.rights(call, id).limits {
            return Err(Status::DENIED);
        }
        let own = self.wishes.get(id, call.agent).unwrap_or_else(|| description.all());
        let keeps = |word: U32| word.get() == 0 && call.version >= V3;
        if keeps(request.max) && keeps(request.min) {
            return Err(Status::OUT_OF_RANGE);
        }
        let bound = |word: U32, own: u32| {
            if keeps(word) { Ok(own) } else { bound(call, description, word.get()) }
        };
        let limits =
            Limits { max: bound(request.max, own.max)?, min: bound(request.min, own.min)? };
        if limits.max < limits.min {
            return Err(Status::INVALID_PARAMETERS);
        }
        let before = self.wishes.set(id, call.agent, Some(limits));
        let domain = self.domains.get_mut(id).ok_or(Status::NOT_FOUND)?;
        let (now, cause) = (call.now, call.agent.number());
        let model = self.model.as_mut();
        let applied = domain.apply_limits(now, cause, model, &self.wishes, &mut call.outbox);
        if applied.is_err() {
            self.wishes.set(id, call.agent, before);
        }
        self.redue();
        applied
    }

    fn level_set(&mut self, call: &mut Call<'_>, request: LevelSet) -> Result<(), Status> {
        let (domain, description) = self.find(call, request.domain)?;
        let (id, limits) = (domain.id, domain.limits);
        if !self.rights(call, id).level {
            return Err(Status::DENIED);
        }
        let indexed = by_index(call.version, description);
        let wanted = request.level.get();
        let named = description.levels.iter().position(|level| {
            let (name, in_limits) = if indexed {
                (level.index, limits.min <= level.level && level.level <= limits.max)
            } else {
                (level.level, limits.min <= wanted && wanted <= limits.max)
            };
            name == wanted && in_limits
        });
        let level = match named {
            Some(level) => level,
            // Without indexes, a 0 that is no level leaves the choice to the platform (4.0).
            None if wanted == 0 && call.version >= V4 && !indexed && description.all().min != 0 => {
                let chosen = self.model.choose(call.now, id);
                self.find(call, request.domain)?.1.nearest(limits, chosen)
            }
            None => return Err(Status::OUT_OF_RANGE),
        };
        let domain = self.domains.get_mut(id).ok_or(Status::NOT_FOUND)?;
        let (now, cause) = (call.now, call.agent.number());
        let set = domain.set_level(now, cause, level, self.model.as_mut(), &mut call.outbox);
        if set.is_ok() {
            domain.set_by = Some(call.agent);
            domain.restore = false;
        }
        self.redue();
        set
    }

    /// What an agent may do: what both the model and its rights let it.
    fn rights(&self, call: &Call<'_>, id: usize) -> Settable {
        let rights = call.rights(Space::PerfDomain, id);
        Settable {
            limits: rights.has(Rights::LIMITS) && self.model.may_set_limits(call.agent, id),
            level: rights.has(Rights::VALUE) && self.model.may_set_level(call.agent, id),
        }
    }

    fn notify_limits(&mut self, call: &mut Call<'_>, request: NotifyLimits) -> Result<(), Status> {
        let (domain, description) = self.find(call, request.domain)?;
        let (id, offered) = (domain.id, description.limit_notifications);
        let about = (LIMITS_CHANGED, Topic::new(Space::PerfDomain, id));
        subscribe(call, &mut self.domain(id)?.limit_agents, offered, about, request.enable)
    }

    fn notify_level(&mut self, call: &mut Call<'_>, request: NotifyLevel) -> Result<(), Status> {
        let (domain, description) = self.find(call, request.domain)?;
        let (id, offered) = (domain.id, description.level_notifications);
        let about = (LEVEL_CHANGED, Topic::new(Space::PerfDomain, id));
        subscribe(call, &mut self.domain(id)?.level_agents, offered, about, request.enable)
    }

    pub(super) fn redue(&mut self) {
        self.due = self.domains.iter().map(Domain::due).fold(None, earliest);
    }
}

/// A bound as a level. Limits may lie between levels, but not outside of all; an index must be that of a level.
fn bound(call: &Call<'_>, description: &PerfDomain, word: u32) -> Result<u32, Status> {
    let all = description.all();
    let level = if by_index(call.version, description) {
        description.levels.iter().find(|level| level.index == word).map(|level| level.level)
    } else {
        (all.min..=all.max).contains(&word).then_some(word)
    };
    level.ok_or(Status::OUT_OF_RANGE)
}

impl Server for PerfServer {
    fn info(&self) -> &'static ProtocolInfo {
        &INFO
    }

    fn prepare(&mut self, agents: usize) {
        self.wishes.prepare(agents);
    }

    fn resources(&self, space: Space) -> usize {
        if space == Space::PerfDomain { self.domains.len() } else { 0 }
    }

    fn max_payload(&self) -> usize {
        size_of::<LimitsEvent>()
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
                let (count, unit) = (call.count(Space::PerfDomain), self.model.power_unit());
                reply.put(&describe::attributes(call.version, count, unit))?;
            }
            0x3 => {
                let (domain, description) =
                    self.find(call, exact::<DomainAttributesGet>(params)?.domain)?;
                let rights = self.rights(call, domain.id);
                reply.put(&describe::domain_attributes(call, description, rights))?;
            }
            0x4 => {
                let request: DescribeLevels = exact(params)?;
                let description = self.find(call, request.domain)?.1;
                let unit = self.model.power_unit();
                describe::levels(call, description, unit, request.index.get(), reply)?;
            }
            0x5 => self.limits_set(call, exact(params)?)?,
            0x6 => {
                let (domain, description) = self.find(call, exact::<LimitsGet>(params)?.domain)?;
                reply.put(&describe::limits(call.version, description, domain.limits))?;
            }
            0x7 => self.level_set(call, exact(params)?)?,
            0x8 => {
                let (domain, description) = self.find(call, exact::<LevelGet>(params)?.domain)?;
                reply.put(&describe::level(call.version, description, domain.level))?;
            }
            0x9 => self.notify_limits(call, exact(params)?)?,
            0xA => self.notify_level(call, exact(params)?)?,
            0xB => {
                let request: DescribeFastChannel = exact(params)?;
                self.find(call, request.domain)?;
                return Err(fastchannel::refusal(&INFO, call.version, request.message));
            }
            0xC => {
                let description = self.find(call, exact::<NameGet>(params)?.domain)?.1;
                put_name(&description.name, reply)?;
            }
            _ => return Err(Status::NOT_FOUND),
        }
        Ok(Handled::Now)
    }

    fn poll(&mut self, now: Time, outbox: &mut Outbox<'_>) {
        // The model is asked at most once a domain, so that it cannot keep us for ever.
        for _ in 0..self.domains.len() {
            let Some((id, limits)) = self.model.take_limits(now) else { break };
            if let Some(domain) = self.domains.get_mut(id) {
                domain.platform = limits;
                domain.stale = true;
            }
        }
        for domain in &mut self.domains {
            let model = self.model.as_mut();
            if domain.stale {
                // Nobody waits for it; a level that cannot be changed stays as it is.
                let _told = domain.apply_limits(now, 0, model, &self.wishes, outbox);
                domain.restore_level(now, self.model.as_mut(), outbox);
                outbox.changed(Space::PerfDomain, domain.id);
            }
            domain.complete(now, self.model.as_mut(), outbox);
        }
        self.redue();
    }

    fn next_deadline(&self) -> Option<Time> {
        earliest(self.due, self.model.next_deadline())
    }

    /// Its limits and subscriptions go, the level stays (section 13.5).
    fn withdraw(&mut self, _now: Time, what: &Withdrawal<'_>) {
        let agent = what.agent();
        for domain in &mut self.domains {
            if !what.covers(Space::PerfDomain, domain.id) {
                continue;
            }
            domain.limit_agents.remove(agent);
            domain.level_agents.remove(agent);
            domain.stale |= self.wishes.set(domain.id, agent, None).is_some();
            if what.restores() && domain.set_by == Some(agent) {
                domain.restore = true;
                domain.stale = true;
            }
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
