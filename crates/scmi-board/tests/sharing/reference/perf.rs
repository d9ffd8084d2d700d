//! Performance domains: limits of each agent, all of which hold; one level, of whoever set it last.

use std::collections::BTreeMap;

use scmi::platform::Space;

use super::context::{Context, LIMITS, VALUE, done};
use super::{INVALID_PARAMETERS, OUT_OF_RANGE, Reply, Subscribers, subscribe};
use crate::messages::{LEVEL_CHANGED, LIMITS_CHANGED, V3, V4};

const COUNT: usize = 3;
const CPU: usize = 0;
const GPU: usize = 1;
const DDR: usize = 2;

/// At start.
const LEVELS: [u32; COUNT] = [500_000, 1_000_000, 1_000_000];

const fn levels(domain: usize) -> &'static [u32] {
    match domain {
        CPU => &[500_000, 1_000_000, 1_500_000, 2_000_000],
        GPU => &[500_000, 1_000_000, 2_000_000],
        _ => &[1_000_000, 2_000_000],
    }
}

const fn sustained(domain: usize) -> u32 {
    if domain == GPU { 1_000_000 } else { 2_000_000 }
}

/// The highest and the lowest.
type Limits = (u32, u32);

/// Who set which limits; and the levels.
pub(super) struct Domains {
    limits: BTreeMap<usize, BTreeMap<usize, Limits>>,
    level: [u32; COUNT],
    /// Who was the last to set it.
    level_by: [Option<usize>; COUNT],
    /// A change that has not ended yet: when it does, and whose doing it is.
    changing: [Option<(u64, u32)>; COUNT],
    /// The level before that.
    before: [u32; COUNT],
    limits_to: Subscribers,
    level_to: Subscribers,
}

impl Default for Domains {
    fn default() -> Self {
        let (limits, level_by, changing, limits_to, level_to) = Default::default();
        let (level, before) = (LEVELS, LEVELS);
        Self { limits, level, level_by, changing, before, limits_to, level_to }
    }
}

/// Whether agents of this version name the levels of a domain by their index, from 1.
fn indexed(domain: usize, version: u32) -> bool {
    domain == GPU && version >= V4
}

/// Levels as an agent of this version reads them: the highest and the lowest. What lies between two levels becomes the one
/// inside.
fn written(domain: usize, version: u32, (max, min): Limits) -> Vec<u32> {
    if !indexed(domain, version) {
        return vec![max, min];
    }
    let all = levels(domain);
    let highest = all.iter().rposition(|level| *level <= max).expect("one below");
    let lowest = all.iter().position(|level| *level >= min).expect("one above");
    // Where there is no level inside, the maximum counts.
    [highest, lowest.min(highest)].map(|at| u32::try_from(at + 1).expect("few levels")).into()
}

/// A level as such an agent reads it.
fn written_level(domain: usize, version: u32, level: u32) -> Vec<u32> {
    written(domain, version, (level, level)).split_off(1)
}

/// A level as such an agent has written it.
fn read(domain: usize, version: u32, word: u32) -> Option<u32> {
    if indexed(domain, version) {
        let at = usize::try_from(word).ok()?.checked_sub(1)?;
        levels(domain).get(at).copied()
    } else {
        Some(word)
    }
}

const fn all(domain: usize) -> Limits {
    let levels = levels(domain);
    (levels[levels.len() - 1], levels[0])
}

impl Domains {
    fn combined(&self, domain: usize) -> Limits {
        let every = || self.limits.get(&domain).into_iter().flat_map(BTreeMap::values);
        let (highest, lowest) = all(domain);
        let max = every().map(|limits| limits.0).fold(highest, u32::min);
        let min = every().map(|limits| limits.1).fold(lowest, u32::max);
        // Where no level satisfies everybody, the maximum counts.
        (max, min.min(max))
    }

    /// The level of each, and its limits.
    pub(super) fn state(&self) -> Vec<(u32, u32, u32)> {
        let limits = |domain| self.combined(domain);
        (0..COUNT).map(|id| (self.level[id], limits(id).0, limits(id).1)).collect()
    }

    pub(super) fn ask(&mut self, context: &mut Context<'_>, message: u32, params: &[u32]) -> Reply {
        let domain = context.find(Space::PerfDomain, params[0])?;
        let (agent, version) = (context.agent, context.version());
        let notifies = domain != DDR;
        match message {
            5 => self.set_limits(context, domain, params[1], params[2]),
            6 => Ok(written(domain, version, self.combined(domain))),
            7 => self.set_level(context, domain, params[1]),
            8 => Ok(written_level(domain, version, self.level[domain])),
            9 => subscribe(self.limits_to.entry(domain).or_default(), agent, params[1], notifies),
            _ => subscribe(self.level_to.entry(domain).or_default(), agent, params[1], notifies),
        }
    }

    fn set_limits(
        &mut self,
        context: &mut Context<'_>,
        domain: usize,
        max: u32,
        min: u32,
    ) -> Reply {
        context.must(Space::PerfDomain, domain, LIMITS)?;
        let version = context.version();
        let own = self.limits.get(&domain).and_then(|limits| limits.get(&context.agent));
        let own = own.copied().unwrap_or_else(|| all(domain));
        if max == 0 && min == 0 {
            return Err(OUT_OF_RANGE);
        }
        let bound = |word: u32, kept: u32| {
            if word == 0 && version >= V3 {
                return Ok(kept);
            }
            let level = read(domain, version, word).ok_or(OUT_OF_RANGE)?;
            let (highest, lowest) = all(domain);
            if (lowest..=highest).contains(&level) { Ok(level) } else { Err(OUT_OF_RANGE) }
        };
        let limits = (bound(max, own.0)?, bound(min, own.1)?);
        if limits.0 < limits.1 {
            return Err(INVALID_PARAMETERS);
        }
        self.change(context, domain, |domains, agent| {
            domains.limits.entry(domain).or_default().insert(agent, limits);
        });
        done()
    }

    fn set_level(&mut self, context: &mut Context<'_>, domain: usize, word: u32) -> Reply {
        context.must(Space::PerfDomain, domain, VALUE)?;
        let version = context.version();
        let (max, min) = self.combined(domain);
        let level = if word == 0 && version >= V4 && !indexed(domain, version) {
            // The platform chooses.
            inside(domain, (max, min), sustained(domain))
        } else {
            let level = read(domain, version, word).ok_or(OUT_OF_RANGE)?;
            let there = (min..=max).contains(&level) && levels(domain).contains(&level);
            if there { level } else { return Err(OUT_OF_RANGE) }
        };
        self.level_by[domain] = Some(context.agent);
        self.change(context, domain, |domains, _| domains.level[domain] = level);
        done()
    }

    /// Changes something, pulls the level inside, and tells of what follows.
    fn change(
        &mut self,
        context: &mut Context<'_>,
        domain: usize,
        change: impl FnOnce(&mut Self, usize),
    ) {
        let (limits, level) = (self.combined(domain), self.level[domain]);
        change(self, context.agent);
        let (max, min) = self.combined(domain);
        self.level[domain] = inside(domain, (max, min), self.level[domain]);
        let of = (Space::PerfDomain, domain);
        if (max, min) != limits {
            context.tell(LIMITS_CHANGED, self.limits_to.get(&domain), of, |version| {
                written(domain, version, (max, min))
            });
        }
        let now = self.level[domain];
        if now != level {
            let at = levels(domain).iter().position(|have| *have == now).expect("a level");
            let name = ["cpu", "gpu", "ddr"][domain];
            let takes = context.takes(&format!("{name} level {at}"));
            self.changing[domain] = Some((context.now() + takes, context.cause()));
            self.settle(context);
        }
    }

    pub(super) fn due(&self) -> Option<u64> {
        self.changing.iter().flatten().map(|(due, _)| *due).min()
    }

    /// That a level was changed is told when the hardware has it; not when it has come back before.
    pub(super) fn settle(&mut self, context: &mut Context<'_>) {
        for domain in 0..COUNT {
            let done = self.changing[domain].take_if(|(due, _)| *due <= context.now());
            let Some((_, cause)) = done else { continue };
            let (before, now) = (self.before[domain], self.level[domain]);
            self.before[domain] = now;
            if before != now {
                let (to, of) = (self.level_to.get(&domain), (Space::PerfDomain, domain));
                context.tell_of(cause, LEVEL_CHANGED, to, of, |version| {
                    written_level(domain, version, now)
                });
            }
        }
    }

    pub(super) fn leave(&mut self, context: &mut Context<'_>) {
        for (domain, at_start) in LEVELS.into_iter().enumerate() {
            if !context.gives_back(Space::PerfDomain, domain) {
                continue;
            }
            self.limits_to.entry(domain).or_default().remove(&context.agent);
            self.level_to.entry(domain).or_default().remove(&context.agent);
            let restores = context.restores() && self.level_by[domain] == Some(context.agent);
            self.change(context, domain, |domains, agent| {
                domains.limits.entry(domain).or_default().remove(&agent);
                if restores {
                    (domains.level[domain], domains.level_by[domain]) = (at_start, None);
                }
            });
        }
    }
}

/// The level within the limits that is nearest.
fn inside(domain: usize, (max, min): Limits, level: u32) -> u32 {
    let within = levels(domain).iter().copied().filter(|have| (min..=max).contains(have));
    let nearest = within.min_by_key(|have| have.abs_diff(level));
    let below = || levels(domain).iter().copied().rfind(|have| *have <= max);
    nearest.or_else(below).expect("the lowest is below every maximum")
}
