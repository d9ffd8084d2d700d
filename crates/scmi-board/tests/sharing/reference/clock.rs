//! Clocks: counted enables, one rate, one parent.

use std::collections::{BTreeMap, BTreeSet};

use scmi::platform::Space;

use super::context::{Context, PARENT, STATE, VALUE, done};
use super::{DENIED, INVALID_PARAMETERS, NOT_SUPPORTED, PROTOCOL_ERROR, Reply, Subscribers};
use super::{OUT_OF_RANGE, subscribe};
use crate::messages::{RATE_CHANGED, RATE_REQUESTED, V3};

const COUNT: usize = 6;
const OSC: usize = 0;
const PLL: usize = 1;
const DIV4: usize = 2;
const UART: usize = 3;
const HALF: usize = 4;
const CAMERA: usize = 5;

const MEGA: u64 = 1_000_000;

/// At start.
const RATES: [u64; COUNT] = [24 * MEGA, 200 * MEGA, 0, 24 * MEGA, 0, 24 * MEGA];
const PARENTS: [Option<usize>; COUNT] = [None, Some(OSC), Some(PLL), Some(OSC), Some(UART), None];

/// Who has which clock on, and what was set last.
pub(super) struct Clocks {
    wanted_by: [BTreeSet<usize>; COUNT],
    /// Whether it still is as the board began.
    untouched: [bool; COUNT],
    rates: [u64; COUNT],
    parents: [Option<usize>; COUNT],
    /// Who was the last to set a rate, a parent.
    rate_by: [Option<usize>; COUNT],
    parent_by: [Option<usize>; COUNT],
    /// By clock and type.
    extended: BTreeMap<(usize, u32), u32>,
    changed_to: Subscribers,
    requested_to: Subscribers,
}

impl Default for Clocks {
    fn default() -> Self {
        Self {
            wanted_by: Default::default(),
            untouched: [true; COUNT],
            rates: RATES,
            parents: PARENTS,
            rate_by: [None; COUNT],
            parent_by: [None; COUNT],
            extended: BTreeMap::from([((HALF, 1), 50), ((CAMERA, 2), 90)]),
            changed_to: Subscribers::new(),
            requested_to: Subscribers::new(),
        }
    }
}

const fn choices(clock: usize) -> &'static [usize] {
    match clock {
        UART => &[OSC, DIV4],
        HALF => &[UART, OSC],
        _ => &[],
    }
}

const fn divides(clock: usize) -> Option<u64> {
    match clock {
        DIV4 => Some(4),
        HALF => Some(2),
        _ => None,
    }
}

/// All rates that a clock can have, that does not divide.
fn rates_of(clock: usize) -> Vec<u64> {
    match clock {
        OSC => vec![24 * MEGA],
        PLL => (2..=20).map(|step| step * 100 * MEGA).collect(),
        UART => vec![24 * MEGA, 48 * MEGA, 96 * MEGA],
        _ => vec![24 * MEGA, 48 * MEGA],
    }
}

impl Clocks {
    fn is_on(&self, clock: usize) -> bool {
        !self.wanted_by[clock].is_empty() || (clock == OSC && self.untouched[clock])
    }

    fn runs(&self, clock: usize) -> bool {
        self.is_on(clock) && self.parents[clock].is_none_or(|parent| self.runs(parent))
    }

    fn rate(&self, clock: usize) -> u64 {
        match (divides(clock), self.parents[clock]) {
            (Some(by), Some(parent)) => self.rate(parent) / by,
            _ => self.rates[clock],
        }
    }

    /// Whether each runs, and its rate.
    pub(super) fn state(&self) -> Vec<(bool, u64)> {
        (0..COUNT).map(|clock| (self.runs(clock), self.rate(clock))).collect()
    }

    pub(super) fn ask(&mut self, context: &mut Context<'_>, message: u32, params: &[u32]) -> Reply {
        let position = if message == 5 { 1 } else { 0 };
        if message == 7 && !matches!((context.version() >= V3, params.len()), (_, 2) | (true, 3)) {
            return Err(PROTOCOL_ERROR);
        }
        let clock = context.find(Space::Clock, params[position])?;
        let agent = context.agent;
        let notifies = clock != CAMERA;
        match message {
            3 => self.attributes(context, clock),
            5 => self.set_rate(context, clock, params[0], join(params[2], params[3])),
            6 => Ok(split(self.rate(clock)).to_vec()),
            7 => self.configure(context, clock, params),
            9 => subscribe(self.changed_to.entry(clock).or_default(), agent, params[1], notifies),
            0xA => {
                subscribe(self.requested_to.entry(clock).or_default(), agent, params[1], notifies)
            }
            0xB => self.config(context, clock, params[1]),
            0xD => self.set_parent(context, clock, params[1]),
            0xE => self.parent(context, clock),
            _ => Ok(vec![permissions(context, clock)]),
        }
    }

    /// Who may not switch a clock is told whether it runs, others what they asked for.
    fn told_on(&self, context: &Context<'_>, clock: usize) -> u32 {
        let asked = context.may(Space::Clock, clock, STATE);
        let agent = context.agent;
        let on = if asked { self.wanted_by[clock].contains(&agent) } else { self.runs(clock) };
        u32::from(on)
    }

    /// Only whether it is on.
    fn attributes(&self, context: &Context<'_>, clock: usize) -> Reply {
        Ok(vec![self.told_on(context, clock)])
    }

    fn set_rate(
        &mut self,
        context: &mut Context<'_>,
        clock: usize,
        flags: u32,
        rate: u64,
    ) -> Reply {
        if flags & !0xF != 0 {
            return Err(INVALID_PARAMETERS);
        }
        if !context.may(Space::Clock, clock, VALUE) || divides(clock).is_some() {
            // Who asks knows.
            let mut others = self.requested_to.get(&clock).cloned().unwrap_or_default();
            others.remove(&context.agent);
            let of = (Space::Clock, clock);
            context.tell(RATE_REQUESTED, Some(&others), of, |_| split(rate).into());
            return Err(DENIED);
        }
        let rates = rates_of(clock);
        let below = *rates.iter().rfind(|have| **have <= rate).ok_or(INVALID_PARAMETERS)?;
        let above = *rates.iter().find(|have| **have >= rate).ok_or(INVALID_PARAMETERS)?;
        let nearest = if rate - below <= above - rate { below } else { above };
        let chosen = match flags >> 2 & 3 {
            0 => below,
            1 => above,
            _ => nearest,
        };
        let own = context.asking().own(Space::Clock, clock).expect("it was named");
        self.rate_by[clock] = Some(context.agent);
        self.change(context, |clocks| clocks.rates[clock] = chosen);
        if flags & 3 == 1 {
            let [low, high] = split(chosen);
            context.delayed(&[own, low, high]);
        }
        done()
    }

    /// Changes something, and tells of all rates that follow.
    fn change(&mut self, context: &mut Context<'_>, change: impl FnOnce(&mut Self)) {
        let before: Vec<u64> = (0..COUNT).map(|clock| self.rate(clock)).collect();
        change(self);
        for (clock, before) in before.into_iter().enumerate() {
            let now = self.rate(clock);
            if now != before {
                let listeners = self.changed_to.get(&clock);
                context.tell(RATE_CHANGED, listeners, (Space::Clock, clock), |_| split(now).into());
            }
        }
    }

    fn configure(&mut self, context: &mut Context<'_>, clock: usize, params: &[u32]) -> Reply {
        // Two words are of the time before 3.0.
        let old = params.len() == 2;
        let attributes = params[1];
        let (switch, kind) = if old { (attributes, 0) } else { (attributes & 3, attributes >> 16) };
        let reserved = if old { attributes & !1 } else { attributes & !0xFF_0003 };
        if reserved != 0 || switch == 2 || (switch == 3 && kind == 0) {
            return Err(INVALID_PARAMETERS);
        }
        if kind != 0 && !self.extended.contains_key(&(clock, kind)) {
            return Err(INVALID_PARAMETERS);
        }
        context.must(Space::Clock, clock, STATE)?;
        if kind != 0 {
            let most = if kind == 1 { 100 } else { 359 };
            if params[2] > most {
                return Err(INVALID_PARAMETERS);
            }
            self.extended.insert((clock, kind), params[2]);
        }
        match switch {
            0 => {
                self.wanted_by[clock].remove(&context.agent);
            }
            1 => {
                self.wanted_by[clock].insert(context.agent);
                self.untouched[clock] = false;
            }
            _ => {}
        }
        done()
    }

    fn config(&self, context: &Context<'_>, clock: usize, kind: u32) -> Reply {
        let value = if kind == 0 { Some(&0) } else { self.extended.get(&(clock, kind)) };
        let value = *value.ok_or(INVALID_PARAMETERS)?;
        Ok(vec![0, self.told_on(context, clock), value])
    }

    fn set_parent(&mut self, context: &mut Context<'_>, clock: usize, parent: u32) -> Reply {
        let parent = context.find(Space::Clock, parent)?;
        if !has_choice(context, clock) {
            return Err(NOT_SUPPORTED);
        }
        context.must(Space::Clock, clock, PARENT)?;
        if !choices(clock).contains(&parent) {
            return Err(INVALID_PARAMETERS);
        }
        self.parent_by[clock] = Some(context.agent);
        self.change(context, |clocks| clocks.parents[clock] = Some(parent));
        done()
    }

    /// DENIED while it is one that the agent does not see.
    fn parent(&self, context: &Context<'_>, clock: usize) -> Reply {
        if !has_choice(context, clock) {
            return Err(NOT_SUPPORTED);
        }
        let parent = self.parents[clock].ok_or(OUT_OF_RANGE)?;
        Ok(vec![context.asking().own(Space::Clock, parent).ok_or(DENIED)?])
    }

    pub(super) fn hold(&mut self, context: &Context<'_>, clock: usize) {
        self.wanted_by[clock].insert(context.agent);
        self.untouched[clock] = false;
    }

    pub(super) fn leave(&mut self, context: &mut Context<'_>) {
        for agents in self.changed_to.values_mut().chain(self.requested_to.values_mut()) {
            agents.remove(&context.agent);
        }
        for agents in &mut self.wanted_by {
            agents.remove(&context.agent);
        }
        if context.restores() {
            self.restore(context);
        }
    }

    fn restore(&mut self, context: &mut Context<'_>) {
        let agent = Some(context.agent);
        self.change(context, |clocks| {
            for clock in 0..COUNT {
                if clocks.rate_by[clock] == agent {
                    (clocks.rates[clock], clocks.rate_by[clock]) = (RATES[clock], None);
                }
                if clocks.parent_by[clock] == agent {
                    (clocks.parents[clock], clocks.parent_by[clock]) = (PARENTS[clock], None);
                }
            }
        });
    }
}

/// Whether the agent sees a clock that could be its parent.
fn has_choice(context: &Context<'_>, clock: usize) -> bool {
    choices(clock).iter().any(|parent| context.asking().own(Space::Clock, *parent).is_some())
}

fn permissions(context: &Context<'_>, clock: usize) -> u32 {
    let bit = |right, bit: u32| u32::from(context.may(Space::Clock, clock, right)) << bit;
    let rate = if divides(clock).is_some() { 0 } else { bit(VALUE, 29) };
    bit(STATE, 31) | bit(PARENT, 30) | rate
}

fn join(low: u32, high: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

fn split(rate: u64) -> [u32; 2] {
    let half = |number: u64| u32::try_from(number & 0xFFFF_FFFF).expect("a half");
    [half(rate), half(rate >> 32)]
}
