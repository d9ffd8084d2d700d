//! Power caps: the lowest of all agents' holds.

use std::collections::BTreeMap;

use scmi::platform::Space;

use super::context::{Context, LIMITS, VALUE, done};
use super::{INVALID_PARAMETERS, NOT_SUPPORTED, Reply, Subscribers, subscribe};
use crate::messages::{CAP_CHANGED, V2};

const COUNT: usize = 3;
const PACKAGE: usize = 0;
const CORES: usize = 1;
const FIXED: usize = 2;

/// The least, the most, and the step; none where it cannot be set.
const fn caps(domain: usize) -> Option<[u32; 3]> {
    match domain {
        PACKAGE => Some([1_000_000, 12_000_000, 100_000]),
        CORES => Some([500_000, 5_000_000, 100_000]),
        _ => None,
    }
}

const fn intervals(domain: usize) -> Option<[u32; 3]> {
    if domain == CORES { Some([10_000, 10_000_000, 10_000]) } else { None }
}

/// Before 2.0 there is always a cap: where nobody caps, the highest.
fn written(domain: usize, version: u32, cap: u32) -> u32 {
    let highest = caps(domain).map_or(5_000_000, |[_, max, _]| max);
    if cap == 0 && version < V2 { highest } else { cap }
}

fn at_or_below(steps: [u32; 3], value: u32) -> Option<u32> {
    let [min, max, step] = steps;
    (min..=max).contains(&value).then(|| value - (value - min) % step)
}

/// Who has set which cap; and the averaging intervals.
pub(super) struct Domains {
    caps: BTreeMap<usize, BTreeMap<usize, u32>>,
    interval: [u32; COUNT],
    changed_to: Subscribers,
}

impl Default for Domains {
    fn default() -> Self {
        let changed_to = Subscribers::new();
        Self { caps: BTreeMap::new(), interval: [1_000_000; COUNT], changed_to }
    }
}

impl Domains {
    /// 0 where nobody caps.
    fn cap(&self, domain: usize) -> u32 {
        self.caps.get(&domain).and_then(|caps| caps.values().min().copied()).unwrap_or(0)
    }

    pub(super) fn state(&self) -> Vec<(u32, u32)> {
        (0..COUNT).map(|domain| (self.cap(domain), self.interval[domain])).collect()
    }

    pub(super) fn ask(&mut self, context: &mut Context<'_>, message: u32, params: &[u32]) -> Reply {
        let domain = context.find(Space::PowerCap, params[0])?;
        let agent = context.agent;
        match message {
            4 => Ok(vec![written(domain, context.version(), self.cap(domain))]),
            5 => self.set_cap(context, domain, params[1], params[2]),
            6 => Ok(vec![self.interval[domain]]),
            7 => self.set_interval(context, domain, params[1], params[2]),
            _ => {
                let notifies = domain != FIXED;
                subscribe(self.changed_to.entry(domain).or_default(), agent, params[1], notifies)
            }
        }
    }

    fn set_cap(&mut self, context: &mut Context<'_>, domain: usize, flags: u32, cap: u32) -> Reply {
        if flags & !3 != 0 {
            return Err(INVALID_PARAMETERS);
        }
        let steps = caps(domain).ok_or(NOT_SUPPORTED)?;
        if flags & 2 != 0 && domain == CORES {
            return Err(NOT_SUPPORTED);
        }
        context.must(Space::PowerCap, domain, VALUE)?;
        let withdraws = cap == 0 && context.version() >= V2;
        let chosen =
            if withdraws { None } else { Some(at_or_below(steps, cap).ok_or(INVALID_PARAMETERS)?) };
        self.change(context, domain, |domains, agent| {
            let caps = domains.caps.entry(domain).or_default();
            match chosen {
                Some(cap) => caps.insert(agent, cap),
                None => caps.remove(&agent),
            };
        });
        if flags == 2 {
            let own = context.asking().own(Space::PowerCap, domain).expect("it was named");
            context.delayed(&[own, chosen.unwrap_or(0)]);
        }
        done()
    }

    fn set_interval(
        &mut self,
        context: &mut Context<'_>,
        domain: usize,
        flags: u32,
        interval: u32,
    ) -> Reply {
        if flags != 0 {
            return Err(INVALID_PARAMETERS);
        }
        let steps = intervals(domain).ok_or(NOT_SUPPORTED)?;
        context.must(Space::PowerCap, domain, LIMITS)?;
        let chosen = at_or_below(steps, interval).ok_or(INVALID_PARAMETERS)?;
        self.change(context, domain, |domains, _| domains.interval[domain] = chosen);
        done()
    }

    fn change(
        &mut self,
        context: &mut Context<'_>,
        domain: usize,
        change: impl FnOnce(&mut Self, usize),
    ) {
        let before = (self.cap(domain), self.interval[domain]);
        change(self, context.agent);
        let (cap, interval) = (self.cap(domain), self.interval[domain]);
        if (cap, interval) != before {
            let of = (Space::PowerCap, domain);
            context.tell(CAP_CHANGED, self.changed_to.get(&domain), of, |version| {
                vec![written(domain, version, cap), interval]
            });
        }
    }

    pub(super) fn leave(&mut self, context: &mut Context<'_>) {
        for agents in self.changed_to.values_mut() {
            agents.remove(&context.agent);
        }
        for domain in 0..COUNT {
            self.change(context, domain, |domains, agent| {
                domains.caps.entry(domain).or_default().remove(&agent);
            });
        }
    }
}
