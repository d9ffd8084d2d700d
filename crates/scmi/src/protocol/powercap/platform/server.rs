//! Answers the Powercap protocol's messages from a model.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::super::wire::{
    CapEvent, CapGet, CapNotify, CapSet, CapSetComplete, DescribeFastChannel, DomainAttributes,
    DomainAttributesGet, DomainFlags, Measurements, MeasurementsGet, MeasurementsNotify, NameGet,
    PaiGet, PaiSet,
};
use super::super::{INFO, V2};
use super::model::{PowercapDomain, PowercapModel, check};
use super::runtime::{CAP_CHANGED, Domain, MEASUREMENTS_CHANGED, Watch, cap_word};
use crate::platform::{
    AgentId, BadDescription, Call, Handled, Outbox, PerAgent, Rights, Seen, Server, Space,
    StateEntry, Statement, Topic, Withdrawal, Work, exact,
};
use crate::protocol::serving::{NO_SUCH_VALUE, enable, put_name, subscribe, subscribed};
use crate::protocol::{ProtocolInfo, fastchannel};
use crate::time::{Time, earliest};
use crate::wire::{MessageId, Reader, ShortName, Status, U32, Writer};

/// The Powercap protocol over a model.
///
/// Each agent has a cap of its own on each domain, or none; the lowest is enforced. The averaging interval is the
/// domain's, and the last writer wins.
#[derive(Debug)]
pub struct PowercapServer {
    pub(super) model: Box<dyn PowercapModel>,
    pub(super) domains: Vec<Domain>,
    pub(super) caps: PerAgent<u32>,
    /// Caps that nobody waits for: when they come into force, and which; 0 withdraws.
    pub(super) quiet: PerAgent<(Time, u32)>,
    pub(super) watches: PerAgent<Watch>,
    due: Option<Time>,
}

impl PowercapServer {
    /// Most asynchronous commands of an agent at once.
    pub const MAX_ASYNC: usize = 16;

    /// A server over a model.
    ///
    /// # Errors
    /// [`BadDescription`] where a domain cannot be as it is described.
    pub fn new(model: Box<dyn PowercapModel>) -> Result<Self, BadDescription> {
        check(model.domains())?;
        let described = model.domains().iter().enumerate();
        let domains: Vec<Domain> = described.map(|(id, domain)| Domain::new(id, domain)).collect();
        let count = domains.len();
        Ok(Self {
            model,
            domains,
            caps: PerAgent::new(count),
            quiet: PerAgent::new(count),
            watches: PerAgent::new(count),
            due: None,
        })
    }

    fn find(&self, call: &Call<'_>, id: U32) -> Result<(&Domain, &PowercapDomain), Status> {
        let id = call.find(Space::PowerCap, id)?;
        let domain = self.domains.get(id).ok_or(Status::NOT_FOUND)?;
        Ok((domain, self.model.domains().get(id).ok_or(Status::NOT_FOUND)?))
    }

    fn domain(&mut self, id: usize) -> Result<&mut Domain, Status> {
        self.domains.get_mut(id).ok_or(Status::NOT_FOUND)
    }

    fn cap_set(&mut self, call: &mut Call<'_>, request: CapSet) -> Result<Handled, Status> {
        let (domain, description) = self.find(call, request.domain)?;
        let id = domain.id;
        let flags = request.flags.get();
        if flags & !(CapSet::ASYNC | CapSet::NO_RESPONSE) != 0 {
            return Err(Status::INVALID_PARAMETERS);
        }
        let asynchronous = flags & CapSet::ASYNC != 0;
        let can = !asynchronous || description.asynchronous && call.p2a;
        if description.cap.is_fixed() || !can {
            return Err(Status::NOT_SUPPORTED);
        }
        call.may(Space::PowerCap, id, Rights::VALUE)?;
        if !self.model.may_set(call.agent, id) {
            return Err(Status::DENIED);
        }
        let cap = match request.cap.get() {
            0 if call.version >= V2 => 0,
            cap => description.cap.at_or_below(cap).ok_or(Status::INVALID_PARAMETERS)?,
        };
        let after = description.set_time;
        if asynchronous && flags & CapSet::NO_RESPONSE != 0 && !after.is_zero() {
            self.quiet.set(id, call.agent, Some((call.now.after(after), cap)));
            self.requiet(id);
            return Ok(Handled::Now);
        }
        let work = Work(u64::from(cap) << 32 | u64::from(asynchronous) << 16 | id_bits(id));
        if asynchronous && flags & CapSet::NO_RESPONSE == 0 {
            if call.owed >= Self::MAX_ASYNC {
                return Err(Status::BUSY);
            }
            return Ok(Handled::Delayed(after, work));
        }
        if !after.is_zero() {
            return Ok(Handled::Late(after, work));
        }
        self.set_cap(call.now, call.agent, id, cap, &mut call.outbox)?;
        Ok(Handled::Now)
    }

    /// The domain that the caller takes for the one that a domain is part of: the nearest above it that it sees.
    fn seen_parent(&self, call: &Call<'_>, domain: &PowercapDomain) -> Option<Seen> {
        let mut parent = domain.parent;
        while let Some(id) = parent {
            if let Some(seen) = call.seen(Space::PowerCap, id) {
                return Some(seen);
            }
            // Parents make no circle, which was checked.
            parent = self.model.domains().get(id)?.parent;
        }
        None
    }

    /// An agent's cap comes into force; 0 withdraws it.
    fn set_cap(
        &mut self,
        now: Time,
        agent: AgentId,
        id: usize,
        cap: u32,
        outbox: &mut Outbox<'_>,
    ) -> Result<(), Status> {
        outbox.changed(Space::PowerCap, id);
        let before = self.caps.set(id, agent, Some(cap).filter(|cap| *cap != 0));
        let domain = self.domains.get_mut(id).ok_or(Status::NOT_FOUND)?;
        let model = self.model.as_mut();
        let applied = domain.apply(now, agent.number(), model, &self.caps, outbox);
        if applied.is_err() {
            self.caps.set(id, agent, before);
        }
        applied
    }

    /// The cap of a domain, as this agent is told. Who asked for a cap and for no delayed response is never told when it
    /// comes into force, so he is told at once what will be. Linux enables caps that way, and looks right after whether
    /// that worked.
    fn cap_for(&self, agent: AgentId, domain: &Domain) -> Option<u32> {
        let Some((_, own)) = self.quiet.get(domain.id, agent) else { return domain.cap };
        let others = self.caps.of(domain.id).filter(|(other, _)| *other != agent);
        others.map(|(_, cap)| cap).chain(Some(own).filter(|cap| *cap != 0)).min()
    }

    fn requiet(&mut self, id: usize) {
        let due = self.quiet.of(id).map(|(_, (due, _))| due).min();
        if let Some(domain) = self.domains.get_mut(id) {
            domain.quiet_due = due;
        }
        self.redue();
    }

    fn pai_set(&mut self, call: &mut Call<'_>, request: PaiSet) -> Result<(), Status> {
        let (domain, description) = self.find(call, request.domain)?;
        let (id, before) = (domain.id, domain.pai);
        if request.flags.get() != 0 {
            return Err(Status::INVALID_PARAMETERS);
        }
        if description.pai.is_fixed() {
            return Err(Status::NOT_SUPPORTED);
        }
        call.may(Space::PowerCap, id, Rights::LIMITS)?;
        if !self.model.may_set(call.agent, id) {
            return Err(Status::DENIED);
        }
        let pai = description.pai.at_or_below(request.pai.get());
        let pai = pai.ok_or(Status::INVALID_PARAMETERS)?;
        if pai == before {
            return Ok(());
        }
        self.model.set_pai(call.now, id, pai)?;
        let domain = self.domains.get_mut(id).ok_or(Status::NOT_FOUND)?;
        domain.pai = pai;
        domain.resample(call.now, self.watches.of(id).next().is_some());
        domain.tell(call.agent.number(), self.model.as_ref(), &mut call.outbox);
        self.redue();
        Ok(())
    }

    fn measurements(&mut self, call: &Call<'_>, id: U32) -> Result<Measurements, Status> {
        let (domain, description) = self.find(call, id)?;
        let (id, pai) = (domain.id, domain.pai);
        if !description.monitoring {
            return Err(Status::NOT_SUPPORTED);
        }
        let power = self.model.power(call.now, id, pai)?;
        Ok(Measurements { power: U32::new(power), pai: U32::new(pai) })
    }

    fn cap_notify(&mut self, call: &mut Call<'_>, request: CapNotify) -> Result<(), Status> {
        let (domain, description) = self.find(call, request.domain)?;
        let (id, offered) = (domain.id, description.cap_notifications);
        let about = (CAP_CHANGED, Topic::new(Space::PowerCap, id));
        subscribe(call, &mut self.domain(id)?.cap_agents, offered, about, request.enable)
    }

    fn measurements_notify(
        &mut self,
        call: &mut Call<'_>,
        request: MeasurementsNotify,
    ) -> Result<(), Status> {
        let (domain, description) = self.find(call, request.domain)?;
        let (id, sampled) = (domain.id, domain.sample_due.is_some());
        let enable = enable(request.enable)?;
        if !description.measurement_notifications {
            return Err(Status::NOT_SUPPORTED);
        }
        let (low, high) = (request.low.get(), request.high.get());
        if enable && low > high {
            return Err(Status::INVALID_PARAMETERS);
        }
        let watch = Watch { low, high, outside: false };
        self.watches.set(id, call.agent, enable.then_some(watch));
        subscribed(call, MEASUREMENTS_CHANGED, Topic::new(Space::PowerCap, id), enable);
        let anybody = self.watches.of(id).next().is_some();
        if anybody != sampled {
            self.domain(id)?.resample(call.now, anybody);
        }
        self.redue();
        Ok(())
    }

    pub(super) fn redue(&mut self) {
        self.due = self.domains.iter().map(Domain::due).fold(None, earliest);
    }

    /// Brings the caps of a domain into force that nobody waits for and whose time has come.
    fn quiet(&mut self, now: Time, id: usize, outbox: &mut Outbox<'_>) {
        while let Some((agent, cap)) = self.quiet_and_due(now, id) {
            self.quiet.set(id, agent, None);
            self.requiet(id);
            // Nobody wants to know whether it worked; the cap tells.
            let _told = self.set_cap(now, agent, id, cap, outbox);
        }
    }

    fn quiet_and_due(&self, now: Time, id: usize) -> Option<(AgentId, u32)> {
        let mut due = self.quiet.of(id).filter(|(_, (due, _))| *due <= now);
        due.next().map(|(agent, (_, cap))| (agent, cap))
    }
}

/// Ids have 16 bits.
fn id_bits(id: usize) -> u64 {
    u16::try_from(id).map_or(0xFFFF, u64::from)
}

/// Without a way back to the agent, nothing that needs one is shown.
fn domain_attributes(
    call: &Call<'_>,
    domain: &PowercapDomain,
    parent: Option<Seen>,
) -> DomainAttributes {
    let flag = |set: bool, bit: u32| if set { bit } else { 0 };
    let measurements = domain.measurement_notifications && call.p2a;
    let attributes = flag(domain.cap_notifications && call.p2a, DomainFlags::CAP_NOTIFICATIONS)
        | flag(measurements, DomainFlags::MEASUREMENT_NOTIFICATIONS)
        | flag(domain.asynchronous && call.p2a, DomainFlags::ASYNC)
        | flag(!ShortName::fits(&domain.name), DomainFlags::EXTENDED_NAME)
        | flag(!domain.cap.is_fixed(), DomainFlags::SET_CAP)
        | flag(domain.monitoring, DomainFlags::MONITORING)
        | flag(!domain.pai.is_fixed(), DomainFlags::SET_PAI)
        | domain.unit.bits();
    DomainAttributes {
        attributes: U32::new(attributes),
        name: ShortName::new(&domain.name),
        pai: domain.pai.record(),
        cap: domain.cap.record(),
        sustainable_power: U32::new(domain.sustainable_power),
        accuracy: U32::new(domain.accuracy),
        parent: parent.map_or(U32::new(DomainAttributes::ROOT), Seen::word),
    }
}

impl Server for PowercapServer {
    fn info(&self) -> &'static ProtocolInfo {
        &INFO
    }

    fn prepare(&mut self, agents: usize) {
        self.caps.prepare(agents);
        self.quiet.prepare(agents);
        self.watches.prepare(agents);
    }

    fn resources(&self, space: Space) -> usize {
        if space == Space::PowerCap { self.domains.len() } else { 0 }
    }

    fn max_payload(&self) -> usize {
        size_of::<CapEvent>()
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
                let count = u16::try_from(call.count(Space::PowerCap)).unwrap_or(u16::MAX);
                reply.put(&U32::new(count.into()))?;
            }
            0x3 => {
                let description = self.find(call, exact::<DomainAttributesGet>(params)?.domain)?.1;
                let parent = self.seen_parent(call, description);
                reply.put(&domain_attributes(call, description, parent))?;
            }
            0x4 => {
                let (domain, description) = self.find(call, exact::<CapGet>(params)?.domain)?;
                let cap = self.cap_for(call.agent, domain);
                reply.put(&cap_word(call.version, description, cap))?;
            }
            0x5 => return self.cap_set(call, exact(params)?),
            0x6 => {
                let (domain, _) = self.find(call, exact::<PaiGet>(params)?.domain)?;
                reply.put(&U32::new(domain.pai))?;
            }
            0x7 => self.pai_set(call, exact(params)?)?,
            0x8 => {
                let description = self.find(call, exact::<NameGet>(params)?.domain)?.1;
                put_name(&description.name, reply)?;
            }
            0x9 => {
                let domain = exact::<MeasurementsGet>(params)?.domain;
                reply.put(&self.measurements(call, domain)?)?;
            }
            0xA => self.cap_notify(call, exact(params)?)?,
            0xB => self.measurements_notify(call, exact(params)?)?,
            0xC => {
                let request: DescribeFastChannel = exact(params)?;
                self.find(call, request.domain)?;
                return Err(fastchannel::refusal(&INFO, call.version, request.message));
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
        let id = usize::try_from(work.0 & 0xFFFF).map_err(|_| Status::GENERIC_ERROR)?;
        let cap = u32::try_from(work.0 >> 32).map_err(|_| Status::GENERIC_ERROR)?;
        // It would be a cap that nobody can take back.
        if call.is_taken(Space::PowerCap, id) {
            return Err(Status::DENIED);
        }
        self.set_cap(call.now, call.agent, id, cap, &mut call.outbox)?;
        if work.0 >> 16 & 1 == 1 {
            let seen = call.seen(Space::PowerCap, id).ok_or(Status::NOT_FOUND)?;
            reply.put(&CapSetComplete { domain: seen.word(), cap: U32::new(cap) })?;
        }
        Ok(())
    }

    fn poll(&mut self, now: Time, outbox: &mut Outbox<'_>) {
        if self.due.is_none_or(|due| due > now) {
            return;
        }
        for id in 0..self.domains.len() {
            self.quiet(now, id, outbox);
            let Some(domain) = self.domains.get_mut(id) else { return };
            let model = self.model.as_mut();
            if domain.stale {
                // Nobody waits for it; a cap that cannot be changed stays as it is.
                let _told = domain.apply(now, 0, model, &self.caps, outbox);
            }
            domain.sample(now, model, &mut self.watches, outbox);
        }
        self.redue();
    }

    fn next_deadline(&self) -> Option<Time> {
        self.due
    }

    /// Its caps, thresholds and subscriptions go (section 13.5).
    fn withdraw(&mut self, now: Time, what: &Withdrawal<'_>) {
        let agent = what.agent();
        for domain in &mut self.domains {
            let id = domain.id;
            if !what.covers(Space::PowerCap, id) {
                continue;
            }
            domain.cap_agents.remove(agent);
            domain.stale |= self.caps.set(id, agent, None).is_some();
            if self.quiet.set(id, agent, None).is_some() {
                domain.quiet_due = self.quiet.of(id).map(|(_, (due, _))| due).min();
            }
            if self.watches.set(id, agent, None).is_some() && self.watches.of(id).next().is_none() {
                domain.resample(now, false);
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
