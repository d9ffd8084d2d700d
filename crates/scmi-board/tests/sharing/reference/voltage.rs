//! Voltage domains: on while anybody wants that; one level, of whoever set it last.

use std::collections::BTreeMap;

use scmi::platform::Space;

use super::context::{Context, Of, STATE, VALUE, done, word};
use super::{BUSY, INVALID_PARAMETERS, NOT_SUPPORTED, Reply};
use crate::messages::V2;

const COUNT: usize = 3;
const VDD: usize = 0;
const VAUX: usize = 1;
const VIO: usize = 2;

const OFF: u32 = 0;
const ON: u32 = 7;

const NAMES: [&str; COUNT] = ["vdd", "vaux", "vio"];

/// At start.
const LEVELS: [i32; COUNT] = [850_000, 1_800_000, 1_800_000];

fn levels(domain: usize) -> Vec<i32> {
    match domain {
        VDD => (0..=48).map(|step| 600_000 + step * 12_500).collect(),
        _ => vec![1_800_000, 3_300_000],
    }
}

/// Who asked for which mode; and the levels.
pub(super) struct Domains {
    asked: BTreeMap<usize, BTreeMap<usize, u32>>,
    level: [i32; COUNT],
    /// Who was the last to set it.
    level_by: [Option<usize>; COUNT],
    /// A level that it does not have yet: when it will, who wants it, and which.
    changing: [Option<(u64, usize, i32)>; COUNT],
    /// When it has been on for its delay.
    stable_at: [u64; COUNT],
}

impl Default for Domains {
    fn default() -> Self {
        let (asked, level_by, changing, stable_at) = Default::default();
        Self { asked, level: LEVELS, level_by, changing, stable_at }
    }
}

impl Domains {
    fn mode(&self, domain: usize) -> u32 {
        let asked = self.asked.get(&domain).into_iter().flat_map(BTreeMap::values);
        let strongest = asked.copied().max().unwrap_or(if domain == VAUX { OFF } else { ON });
        if domain == VIO { ON } else { strongest }
    }

    pub(super) fn state(&self) -> Vec<(u32, i32)> {
        (0..COUNT).map(|domain| (self.mode(domain), self.level[domain])).collect()
    }

    pub(super) fn ask(&mut self, context: &mut Context<'_>, message: u32, params: &[u32]) -> Reply {
        let domain = context.find(Space::VoltageDomain, params[0])?;
        match message {
            5 => self.configure(context, domain, params[1]),
            6 => Ok(vec![self.tell_mode(context, domain)]),
            7 => self.set_level(context, domain, params[1], params[2]),
            _ => Ok(vec![word(self.level[domain])]),
        }
    }

    /// One that only others keep on is off for an agent that may switch it. Who is told that it is on, and has not said
    /// anything, has asked for that.
    fn tell_mode(&mut self, context: &Context<'_>, domain: usize) -> u32 {
        let now = self.mode(domain);
        if !context.may(Space::VoltageDomain, domain, STATE) {
            return now;
        }
        let asked = self.asked.entry(domain).or_default();
        let own = asked.get(&context.agent).copied();
        if own != Some(ON) && domain != VIO && asked.values().any(|mode| *mode == ON) {
            return OFF;
        }
        if own.is_none() && now == ON {
            asked.insert(context.agent, ON);
        }
        now
    }

    pub(super) fn hold(&mut self, context: &Context<'_>, domain: usize) {
        self.want(context, domain, Some(ON));
    }

    /// An agent wants a mode, or nothing any more. What comes on by that is stable only after a while.
    fn want(&mut self, context: &Context<'_>, domain: usize, mode: Option<u32>) {
        let before = self.mode(domain);
        let asked = self.asked.entry(domain).or_default();
        match mode {
            Some(mode) => asked.insert(context.agent, mode),
            None => asked.remove(&context.agent),
        };
        if (before, self.mode(domain)) == (OFF, ON) {
            let takes = context.takes(&format!("{} on", NAMES[domain]));
            self.stable_at[domain] = context.now() + takes;
        }
    }

    fn configure(&mut self, context: &mut Context<'_>, domain: usize, mode: u32) -> Reply {
        if mode & !0xF != 0 {
            return Err(INVALID_PARAMETERS);
        }
        if mode == OFF && domain == VIO {
            return Err(NOT_SUPPORTED);
        }
        context.must(Space::VoltageDomain, domain, STATE)?;
        if mode != ON && mode != OFF {
            return Err(INVALID_PARAMETERS);
        }
        if mode == ON && context.takes(&format!("{} on", NAMES[domain])) > 0 {
            context.must_have_place()?;
        }
        self.want(context, domain, Some(mode));
        let wait = self.stable_at[domain].saturating_sub(context.now());
        if mode == ON && wait > 0 { context.late(wait, Of::Nothing) } else { done() }
    }

    fn set_level(
        &mut self,
        context: &mut Context<'_>,
        domain: usize,
        flags: u32,
        level: u32,
    ) -> Reply {
        let reserved = if context.version() >= V2 { !1 } else { !0 };
        if flags & reserved != 0 {
            return Err(INVALID_PARAMETERS);
        }
        if flags == 1 && domain == VIO {
            return Err(NOT_SUPPORTED);
        }
        context.must(Space::VoltageDomain, domain, VALUE)?;
        let level = level.cast_signed();
        if !levels(domain).contains(&level) {
            return Err(INVALID_PARAMETERS);
        }
        if self.changing[domain].is_some() {
            return Err(BUSY);
        }
        let takes = context.takes(&format!("{} level", NAMES[domain]));
        if flags == 0 && takes == 0 {
            (self.level[domain], self.level_by[domain]) = (level, Some(context.agent));
            return done();
        }
        context.must_have_place()?;
        self.changing[domain] = Some((context.now() + takes, context.agent, level));
        let of = Of::Level(domain);
        if flags == 1 { context.delayed(takes, of) } else { context.late(takes, of) }
    }

    pub(super) fn complete(&self, context: &Context<'_>, domain: usize, delayed: bool) -> Reply {
        let own = context.own(Space::VoltageDomain, domain);
        if delayed { Ok(vec![own, word(self.level[domain])]) } else { done() }
    }

    pub(super) fn due(&self) -> Option<u64> {
        self.changing.iter().flatten().map(|(due, ..)| *due).min()
    }

    /// A change ends, whoever is still there.
    pub(super) fn settle(&mut self, now: u64) {
        for domain in 0..COUNT {
            if let Some((_, by, level)) = self.changing[domain].take_if(|(due, ..)| *due <= now) {
                (self.level[domain], self.level_by[domain]) = (level, Some(by));
            }
        }
    }

    /// Where what it set goes back, a change that it has begun goes there too.
    pub(super) fn leave(&mut self, context: &Context<'_>) {
        for (domain, at_start) in LEVELS.into_iter().enumerate() {
            if context.gives_back(Space::VoltageDomain, domain) {
                self.want(context, domain, None);
            }
            if !context.restores() {
                continue;
            }
            if let Some((_, by, level)) = &mut self.changing[domain]
                && *by == context.agent
            {
                *level = at_start;
            }
            if self.level_by[domain] == Some(context.agent) {
                (self.level[domain], self.level_by[domain]) = (at_start, None);
            }
        }
    }
}
