//! Power domains: each agent asks for a state, the shallowest wins.

use std::collections::BTreeMap;

use scmi::platform::Space;

use super::context::{Context, STATE, done};
use super::{INVALID_PARAMETERS, NOT_SUPPORTED, Reply, Subscribers, subscribe};
use crate::messages::{POWER_CHANGED, POWER_REQUESTED};

const COUNT: usize = 4;
const SOC: usize = 0;
const GPU: usize = 1;
const DSP: usize = 2;
const ISP: usize = 3;

const OFF: u32 = 0x4000_0000;

/// From the shallowest to the deepest.
const fn states(domain: usize) -> &'static [u32] {
    match domain {
        GPU => &[0, 1, 0x4000_0002, OFF],
        _ => &[0, OFF],
    }
}

const fn at_start(domain: usize) -> u32 {
    match domain {
        SOC | DSP => 0,
        _ => OFF,
    }
}

/// Who asked for what.
#[derive(Default)]
pub(super) struct Domains {
    asked: BTreeMap<usize, BTreeMap<usize, u32>>,
    changed_to: Subscribers,
    requested_to: Subscribers,
}

impl Domains {
    fn state(&self, domain: usize) -> u32 {
        let asked: Vec<u32> =
            self.asked.get(&domain).into_iter().flat_map(BTreeMap::values).copied().collect();
        let shallowest = states(domain).iter().find(|state| asked.contains(state));
        shallowest.copied().unwrap_or_else(|| at_start(domain))
    }

    pub(super) fn state_of_all(&self) -> Vec<u32> {
        (0..COUNT).map(|domain| self.state(domain)).collect()
    }

    pub(super) fn ask(&mut self, context: &mut Context<'_>, message: u32, params: &[u32]) -> Reply {
        let position = if message == 4 { 1 } else { 0 };
        let domain = context.find(Space::PowerDomain, params[position])?;
        let agent = context.agent;
        let notifies = domain != DSP;
        match message {
            4 => self.set(context, domain, params[0], params[2]),
            5 => Ok(vec![self.tell_state(context, domain)]),
            6 => subscribe(self.changed_to.entry(domain).or_default(), agent, params[1], notifies),
            _ => {
                subscribe(self.requested_to.entry(domain).or_default(), agent, params[1], notifies)
            }
        }
    }

    /// Of a shared domain an agent is told what it asked for. Who is told that a domain is not off, and said nothing yet, has
    /// asked for that.
    fn tell_state(&mut self, context: &Context<'_>, domain: usize) -> u32 {
        let now = self.state(domain);
        let asked = self.asked.entry(domain).or_default();
        let own = asked.get(&context.agent).copied();
        if own.is_none() && now != OFF && context.may(Space::PowerDomain, domain, STATE) {
            asked.insert(context.agent, now);
        }
        own.filter(|_| domain == GPU).unwrap_or(now)
    }

    fn set(&mut self, context: &mut Context<'_>, domain: usize, flags: u32, state: u32) -> Reply {
        if flags & !1 != 0 || state & 0xB000_0000 != 0 {
            return Err(INVALID_PARAMETERS);
        }
        if (flags == 1 && domain == ISP) || (flags == 0 && domain == DSP) {
            return Err(NOT_SUPPORTED);
        }
        context.must(Space::PowerDomain, domain, STATE)?;
        if !states(domain).contains(&state) {
            return Err(INVALID_PARAMETERS);
        }
        let before = self.state(domain);
        self.asked.entry(domain).or_default().insert(context.agent, state);
        self.tell(context, domain, before);
        // An asynchronous command completes by an event, for its agent, even where nothing had to change.
        if flags == 1 && (before, self.state(domain)) == (state, state) {
            let mut listeners = self.changed_to.get(&domain).cloned().unwrap_or_default();
            listeners.retain(|agent| *agent == context.agent);
            let of = (Space::PowerDomain, domain);
            context.tell(POWER_CHANGED, Some(&listeners), of, |_| vec![state]);
        }
        // Those that stand in the way learn of it.
        let depth = |state| states(domain).iter().position(|have| *have == state);
        let asked = &self.asked[&domain];
        let shallower =
            |agent: &usize| asked.get(agent).is_some_and(|own| depth(*own) < depth(state));
        let mut listeners = self.requested_to.get(&domain).cloned().unwrap_or_default();
        listeners.retain(shallower);
        let of = (Space::PowerDomain, domain);
        context.tell(POWER_REQUESTED, Some(&listeners), of, |_| vec![state]);
        done()
    }

    pub(super) fn hold(&mut self, context: &mut Context<'_>, domain: usize) {
        let before = self.state(domain);
        self.asked.entry(domain).or_default().insert(context.agent, states(domain)[0]);
        self.tell(context, domain, before);
    }

    fn tell(&self, context: &mut Context<'_>, domain: usize, before: u32) {
        let now = self.state(domain);
        if now != before {
            let listeners = self.changed_to.get(&domain);
            context.tell(POWER_CHANGED, listeners, (Space::PowerDomain, domain), |_| vec![now]);
        }
    }

    /// What an agent holds again at once does not change meanwhile.
    pub(super) fn leave(&mut self, context: &mut Context<'_>, again: &[(Space, usize)]) {
        for agents in self.changed_to.values_mut().chain(self.requested_to.values_mut()) {
            agents.remove(&context.agent);
        }
        for domain in 0..COUNT {
            let before = self.state(domain);
            let asked = self.asked.entry(domain).or_default();
            asked.remove(&context.agent);
            if again.contains(&(Space::PowerDomain, domain)) {
                asked.insert(context.agent, states(domain)[0]);
            }
            self.tell(context, domain, before);
        }
    }
}
