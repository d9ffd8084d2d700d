//! Clocks: counted enables, one rate, one parent.

use std::collections::{BTreeMap, BTreeSet};

use scmi::platform::Space;

use super::context::{Context, Of, PARENT, STATE, VALUE, done};
use super::{BUSY, DENIED, INVALID_PARAMETERS, NOT_SUPPORTED, PROTOCOL_ERROR, Reply};
use super::{OUT_OF_RANGE, Subscribers, subscribe};
use crate::messages::{RATE_CHANGED, RATE_REQUESTED, V3};

const COUNT: usize = 6;
const OSC: usize = 0;
const PLL: usize = 1;
const DIV4: usize = 2;
const UART: usize = 3;
const HALF: usize = 4;
const CAMERA: usize = 5;

const NAMES: [&str; COUNT] = ["osc", "pll", "pll_div4", "uart", "half", "camera"];

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
    /// A rate that it does not have yet.
    changing: [Option<Change>; COUNT],
    /// When it has been on for its delay.
    stable_at: [u64; COUNT],
    /// By clock and type.
    extended: BTreeMap<(usize, u32), u32>,
    changed_to: Subscribers,
    requested_to: Subscribers,
}

/// A change of a rate that is under way.
#[derive(Clone, Copy)]
struct Change {
    due: u64,
    by: usize,
    rate: u64,
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
            changing: [None; COUNT],
            stable_at: [0; COUNT],
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
        if self.changing[clock].is_some() {
            return Err(BUSY);
        }
        let takes = context.takes(&format!("{} rate", NAMES[clock]));
        let (asynchronous, silent) = (flags & 1 != 0, flags & 3 == 3);
        if !asynchronous && takes == 0 {
            self.rate_by[clock] = Some(context.agent);
            self.change(context, context.cause(), |clocks| clocks.rates[clock] = chosen);
            return done();
        }
        if !silent {
            context.must_have_place()?;
        }
        let due = context.now() + takes;
        self.changing[clock] = Some(Change { due, by: context.agent, rate: chosen });
        match (asynchronous, silent) {
            (true, true) => done(),
            (true, false) => context.delayed(takes, Of::Rate(clock)),
            _ => context.late(takes, Of::Rate(clock)),
        }
    }

    pub(super) fn complete(&self, context: &Context<'_>, clock: usize, delayed: bool) -> Reply {
        let [low, high] = split(self.rate(clock));
        if delayed { Ok(vec![context.own(Space::Clock, clock), low, high]) } else { done() }
    }

    pub(super) fn due(&self) -> Option<u64> {
        self.changing.iter().flatten().map(|change| change.due).min()
    }

    /// A change ends, whoever is still there.
    pub(super) fn settle(&mut self, context: &mut Context<'_>) {
        for clock in 0..COUNT {
            let ended = self.changing[clock].take_if(|change| change.due <= context.now());
            let Some(Change { by, rate, .. }) = ended else { continue };
            self.rate_by[clock] = Some(by);
            let cause = u32::try_from(by + 1).expect("few agents");
            self.change(context, cause, |clocks| clocks.rates[clock] = rate);
        }
    }

    /// Changes something, and tells of all rates that follow.
    fn change(&mut self, context: &mut Context<'_>, cause: u32, change: impl FnOnce(&mut Self)) {
        let before: Vec<u64> = (0..COUNT).map(|clock| self.rate(clock)).collect();
        change(self);
        for (clock, before) in before.into_iter().enumerate() {
            let now = self.rate(clock);
            if now != before {
                let (to, of) = (self.changed_to.get(&clock), (Space::Clock, clock));
                context.tell_of(cause, RATE_CHANGED, to, of, |_| split(now).into());
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
        let most = if kind == 1 { 100 } else { 359 };
        if kind != 0 && params[2] > most {
            return Err(INVALID_PARAMETERS);
        }
        if switch == 1 && context.takes(&format!("{} on", NAMES[clock])) > 0 {
            context.must_have_place()?;
        }
        if kind != 0 {
            self.extended.insert((clock, kind), params[2]);
        }
        match switch {
            0 => {
                self.wanted_by[clock].remove(&context.agent);
            }
            1 => self.hold(context, clock),
            _ => {}
        }
        let wait = self.stable_at[clock].saturating_sub(context.now());
        if switch == 1 && wait > 0 { context.late(wait, Of::Nothing) } else { done() }
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
        self.change(context, context.cause(), |clocks| clocks.parents[clock] = Some(parent));
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

    /// An agent wants it on. Who is the first has it stable after a while, and who comes soon after too.
    pub(super) fn hold(&mut self, context: &Context<'_>, clock: usize) {
        if self.wanted_by[clock].is_empty() {
            let takes = context.takes(&format!("{} on", NAMES[clock]));
            self.stable_at[clock] = context.now() + takes;
        }
        self.wanted_by[clock].insert(context.agent);
        self.untouched[clock] = false;
    }

    pub(super) fn leave(&mut self, context: &mut Context<'_>) {
        let agent = context.agent;
        for clock in 0..COUNT {
            if context.gives_back(Space::Clock, clock) {
                self.wanted_by[clock].remove(&agent);
                self.changed_to.entry(clock).or_default().remove(&agent);
                self.requested_to.entry(clock).or_default().remove(&agent);
            }
        }
        if context.restores() {
            self.restore(context);
        }
    }

    /// A change that it has begun goes back too, when it ends.
    fn restore(&mut self, context: &mut Context<'_>) {
        let agent = Some(context.agent);
        self.change(context, 0, |clocks| {
            for clock in 0..COUNT {
                if let Some(change) = &mut clocks.changing[clock]
                    && Some(change.by) == agent
                {
                    change.rate = RATES[clock];
                }
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
