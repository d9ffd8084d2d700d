//! Power caps: the lowest of all agents' holds.

use std::collections::BTreeMap;

use scmi::platform::Space;

use super::context::{Context, LIMITS, Of, VALUE, done};
use super::{DENIED, INVALID_PARAMETERS, NOT_SUPPORTED, Reply, Subscribers, subscribe};
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

fn takes(context: &Context<'_>, domain: usize) -> u64 {
    match domain {
        PACKAGE => context.takes("package cap"),
        CORES => context.takes("cores cap"),
        _ => 0,
    }
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
    /// Caps of which nobody is told when they are in force, by domain and agent: when, and which; none withdraws.
    quiet: BTreeMap<(usize, usize), (u64, Option<u32>)>,
    interval: [u32; COUNT],
    changed_to: Subscribers,
}

impl Default for Domains {
    fn default() -> Self {
        let (caps, quiet, changed_to) = Default::default();
        Self { caps, quiet, interval: [1_000_000; COUNT], changed_to }
    }
}

impl Domains {
    /// 0 where nobody caps.
    fn cap(&self, domain: usize) -> u32 {
        self.caps.get(&domain).and_then(|caps| caps.values().min().copied()).unwrap_or(0)
    }

    /// Who is never told when a cap is in force, is told at once that it is.
    fn told_cap(&self, domain: usize, agent: usize) -> u32 {
        let Some((_, own)) = self.quiet.get(&(domain, agent)) else { return self.cap(domain) };
        let others = self.caps.get(&domain).into_iter().flatten();
        let others = others.filter(|(other, _)| **other != agent).map(|(_, cap)| *cap);
        others.chain(*own).min().unwrap_or(0)
    }

    pub(super) fn state(&self) -> Vec<(u32, u32)> {
        (0..COUNT).map(|domain| (self.cap(domain), self.interval[domain])).collect()
    }

    pub(super) fn ask(&mut self, context: &mut Context<'_>, message: u32, params: &[u32]) -> Reply {
        let domain = context.find(Space::PowerCap, params[0])?;
        let agent = context.agent;
        match message {
            4 => Ok(vec![written(domain, context.version(), self.told_cap(domain, agent))]),
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
        let takes = takes(context, domain);
        let of = Of::Cap(domain, chosen.unwrap_or(0));
        match flags {
            2 => return context.delayed(takes, of),
            3 if takes > 0 => {
                self.quiet.insert((domain, context.agent), (context.now() + takes, chosen));
            }
            0 | 1 if takes > 0 => return context.late(takes, of),
            _ => self.put(context, domain, chosen),
        }
        done()
    }

    pub(super) fn put(&mut self, context: &mut Context<'_>, domain: usize, cap: Option<u32>) {
        self.change(context, domain, |domains, agent| {
            let caps = domains.caps.entry(domain).or_default();
            match cap {
                Some(cap) => caps.insert(agent, cap),
                None => caps.remove(&agent),
            };
        });
    }

    /// A cap is in force; unless it was taken from the agent meanwhile.
    pub(super) fn complete(
        &mut self,
        context: &mut Context<'_>,
        domain: usize,
        cap: u32,
        delayed: bool,
    ) -> Reply {
        if context.asking().lacks(Space::PowerCap, domain) {
            return Err(DENIED);
        }
        self.put(context, domain, Some(cap).filter(|cap| *cap != 0));
        if delayed { Ok(vec![context.own(Space::PowerCap, domain), cap]) } else { done() }
    }

    pub(super) fn due(&self) -> Option<u64> {
        self.quiet.values().map(|(due, _)| *due).min()
    }

    /// A cap of which nobody is told, whose time has come: whose, of which domain, and which.
    pub(super) fn quiet_and_due(&mut self, now: u64) -> Option<(usize, usize, Option<u32>)> {
        let due = self.quiet.extract_if(.., |_, (due, _)| *due <= now).next();
        due.map(|((domain, agent), (_, cap))| (agent, domain, cap))
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
        for domain in 0..COUNT {
            if !context.gives_back(Space::PowerCap, domain) {
                continue;
            }
            self.changed_to.entry(domain).or_default().remove(&context.agent);
            self.quiet.remove(&(domain, context.agent));
            self.put(context, domain, None);
        }
    }
}
