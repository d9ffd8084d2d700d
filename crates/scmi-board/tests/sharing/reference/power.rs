//! Power domains: each agent asks for a state, the shallowest wins.

use std::collections::BTreeMap;

use scmi::platform::Space;

use super::context::{Context, Of, STATE, done};
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

/// How long it takes to get to a state.
fn takes(context: &Context<'_>, domain: usize, state: u32) -> u64 {
    let name = ["soc", "gpu", "dsp", "isp"][domain];
    let to = match state {
        0 => "on",
        1 => "1",
        OFF => "off",
        _ => "2",
    };
    context.takes(&format!("power {name} {to}"))
}

/// Who asked for what.
pub(super) struct Domains {
    asked: BTreeMap<usize, BTreeMap<usize, u32>>,
    state: [u32; COUNT],
    /// A change under way: the state that it leads to, when, and whose doing it is.
    changing: [Option<(u32, u64, u32)>; COUNT],
    /// Who made it so that the domain is wanted in its state.
    cause: [u32; COUNT],
    changed_to: Subscribers,
    requested_to: Subscribers,
}

impl Default for Domains {
    fn default() -> Self {
        let (asked, changing, cause, changed_to, requested_to) = Default::default();
        let state = [SOC, GPU, DSP, ISP].map(at_start);
        Self { asked, state, changing, cause, changed_to, requested_to }
    }
}

impl Domains {
    fn wanted(&self, domain: usize) -> u32 {
        let asked: Vec<u32> =
            self.asked.get(&domain).into_iter().flat_map(BTreeMap::values).copied().collect();
        let shallowest = states(domain).iter().find(|state| asked.contains(state));
        shallowest.copied().unwrap_or_else(|| at_start(domain))
    }

    pub(super) fn state_of_all(&self) -> Vec<u32> {
        self.state.into()
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

    /// Of a shared domain an agent in whose way others stand is told what it asked for. Who is told that a domain is not off,
    /// and said nothing yet, has asked for that.
    fn tell_state(&mut self, context: &Context<'_>, domain: usize) -> u32 {
        let asked = self.asked.entry(domain).or_default();
        let own = asked.get(&context.agent).copied();
        let wanted = self.wanted(domain);
        let in_vain =
            own.filter(|own| domain == GPU && depth(domain, wanted) < depth(domain, *own));
        let told = in_vain.unwrap_or(self.state[domain]);
        if own.is_none() && told != OFF && context.may(Space::PowerDomain, domain, STATE) {
            self.want(domain, context.cause(), |asked| {
                asked.insert(context.agent, told);
            });
        }
        told
    }

    /// Changes who wants what. A change of state that follows from it is whose doing it is.
    fn want(&mut self, domain: usize, cause: u32, change: impl FnOnce(&mut BTreeMap<usize, u32>)) {
        let before = self.wanted(domain);
        change(self.asked.entry(domain).or_default());
        if self.wanted(domain) != before {
            self.cause[domain] = cause;
        }
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
        if flags == 0 {
            context.must_have_place()?;
        }
        let idle = self.changing[domain].is_none() && self.state[domain] == state;
        self.want(domain, context.cause(), |asked| {
            asked.insert(context.agent, state);
        });
        self.follow(context, domain);
        let wanted = self.wanted(domain);
        if wanted != state {
            self.tell_request(context, domain, state);
            return done();
        }
        match self.changing[domain] {
            Some((to, due, _)) if flags == 0 => {
                let then = if to == wanted { 0 } else { takes(context, domain, wanted) };
                return context.late(due - context.now() + then, Of::Nothing);
            }
            // An asynchronous command completes by an event, for its agent, even where nothing had to change.
            None if flags == 1 && idle => {
                let mut listeners = self.changed_to.get(&domain).cloned().unwrap_or_default();
                listeners.retain(|agent| *agent == context.agent);
                let of = (Space::PowerDomain, domain);
                context.tell(POWER_CHANGED, Some(&listeners), of, |_| vec![state]);
            }
            _ => {}
        }
        done()
    }

    /// Those that stand in the way learn of it.
    fn tell_request(&self, context: &mut Context<'_>, domain: usize, state: u32) {
        let asked = &self.asked[&domain];
        let shallower = |agent: &usize| {
            asked.get(agent).is_some_and(|own| depth(domain, *own) < depth(domain, state))
        };
        let mut listeners = self.requested_to.get(&domain).cloned().unwrap_or_default();
        listeners.retain(shallower);
        let of = (Space::PowerDomain, domain);
        context.tell(POWER_REQUESTED, Some(&listeners), of, |_| vec![state]);
    }

    pub(super) fn hold(&mut self, context: &mut Context<'_>, domain: usize) {
        let agent = context.agent;
        self.want(domain, 0, |asked| {
            asked.insert(agent, states(domain)[0]);
        });
        self.follow(context, domain);
    }

    pub(super) fn due(&self) -> Option<u64> {
        self.changing.iter().flatten().map(|(_, due, _)| *due).min()
    }

    pub(super) fn settle(&mut self, context: &mut Context<'_>) {
        (0..COUNT).for_each(|domain| self.follow(context, domain));
    }

    /// Ends what is due, and begins what is wanted. What has begun is not cut short.
    fn follow(&mut self, context: &mut Context<'_>, domain: usize) {
        loop {
            let ended = self.changing[domain].take_if(|(_, due, _)| *due <= context.now());
            if let Some((state, _, cause)) = ended {
                self.state[domain] = state;
                let (to, of) = (self.changed_to.get(&domain), (Space::PowerDomain, domain));
                context.tell_of(cause, POWER_CHANGED, to, of, |_| vec![state]);
            }
            let wanted = self.wanted(domain);
            if self.changing[domain].is_some() || wanted == self.state[domain] {
                return;
            }
            let due = context.now() + takes(context, domain, wanted);
            self.changing[domain] = Some((wanted, due, self.cause[domain]));
        }
    }

    /// What an agent holds again at once does not change meanwhile.
    pub(super) fn leave(&mut self, context: &mut Context<'_>, again: &[(Space, usize)]) {
        for domain in 0..COUNT {
            if !context.gives_back(Space::PowerDomain, domain) {
                continue;
            }
            let agent = context.agent;
            self.changed_to.entry(domain).or_default().remove(&agent);
            self.requested_to.entry(domain).or_default().remove(&agent);
            self.want(domain, 0, |asked| {
                asked.remove(&agent);
                if again.contains(&(Space::PowerDomain, domain)) {
                    asked.insert(agent, states(domain)[0]);
                }
            });
            self.follow(context, domain);
        }
    }
}

/// The greater the deeper.
fn depth(domain: usize, state: u32) -> Option<usize> {
    states(domain).iter().position(|have| *have == state)
}
