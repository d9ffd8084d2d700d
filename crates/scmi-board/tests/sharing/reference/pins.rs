//! Pins: held by one agent, alone or through groups.

use std::collections::{BTreeMap, BTreeSet};

use scmi::platform::{Rights, Space};

use super::context::{Context, done};
use super::{DENIED, IN_USE, INVALID_PARAMETERS, NOT_SUPPORTED, PROTOCOL_ERROR, Reply};

const PINS: usize = 4;

const NONE: u32 = 0xFFFF_FFFF;
const PULL_UP: u32 = 4;
const DRIVE: u32 = 10;

/// A pin, or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Pin(usize),
    Group(usize),
}

use Target::{Group, Pin};

impl Target {
    fn pins(self) -> Vec<usize> {
        match self {
            Pin(pin) => vec![pin],
            Group(0) => vec![0, 1],
            Group(_) => vec![1, 2],
        }
    }

    /// Itself, and the pins of a group.
    fn reaches(self) -> Vec<Self> {
        let mut all = vec![self];
        if matches!(self, Group(_)) {
            all.extend(self.pins().into_iter().map(Pin));
        }
        all
    }
}

/// Who holds what; and how it is set up.
pub(super) struct Pins {
    held: BTreeSet<(usize, Target)>,
    function: BTreeMap<Target, usize>,
    settings: BTreeMap<(Target, u32), u32>,
}

impl Default for Pins {
    fn default() -> Self {
        let function = Group(0).reaches().into_iter().map(|target| (target, 0)).collect();
        let settings = BTreeMap::from([
            ((Pin(0), PULL_UP), 0),
            ((Pin(0), DRIVE), 4),
            ((Pin(1), PULL_UP), 1),
            ((Pin(1), DRIVE), 4),
            ((Pin(2), PULL_UP), 0),
            ((Pin(3), DRIVE), 4),
            ((Group(0), DRIVE), 4),
            ((Group(1), PULL_UP), 0),
        ]);
        Self { held: BTreeSet::new(), function, settings }
    }
}

impl Pins {
    /// Whether another agent holds any of it.
    fn taken(&self, agent: usize, target: Target) -> bool {
        let overlaps = |held: &Target| held.pins().iter().any(|pin| target.pins().contains(pin));
        self.held.iter().any(|(holder, held)| *holder != agent && overlaps(held))
    }

    /// Who holds each pin.
    pub(super) fn state(&self) -> Vec<Option<usize>> {
        let holder = |pin| self.held.iter().find(|(_, held)| held.pins().contains(&pin));
        (0..PINS).map(|pin| holder(pin).map(|(agent, _)| *agent)).collect()
    }

    pub(super) fn ask(&mut self, context: &mut Context<'_>, message: u32, params: &[u32]) -> Reply {
        match message {
            5 => self.settings(context, params[0], params[1]),
            6 => self.configure(context, params),
            7 => {
                let target = flagged(context, params[0], params[1])?;
                may_hold(context, target)?;
                if self.taken(context.agent, target) {
                    return Err(IN_USE);
                }
                self.held.insert((context.agent, target));
                done()
            }
            _ => {
                let target = flagged(context, params[0], params[1])?;
                let held = self.held.remove(&(context.agent, target));
                if held { done() } else { Err(INVALID_PARAMETERS) }
            }
        }
    }

    /// One setting, all from some on, or only the function.
    fn settings(&self, context: &Context<'_>, id: u32, attributes: u32) -> Reply {
        let target = target(context, id, attributes >> 16 & 3)?;
        let (what, skip, one) = (attributes >> 18, attributes >> 8 & 0xFF, attributes & 0xFF);
        if what > 2 {
            return Err(INVALID_PARAMETERS);
        }
        let function = self.function.get(&target).copied();
        let seen = |function| context.asking().own(Space::PinFunction, function);
        let function = function.and_then(seen).unwrap_or(NONE);
        let all = self.settings.iter().filter(|((of, _), _)| *of == target);
        let mut pairs: Vec<[u32; 2]> = all.map(|((_, kind), value)| [*kind, *value]).collect();
        match what {
            0 => {
                pairs.retain(|[kind, _]| *kind == one);
                if pairs.is_empty() {
                    return Err(NOT_SUPPORTED);
                }
            }
            1 => {
                let skip = usize::try_from(skip).expect("a byte");
                pairs.drain(..pairs.len().min(skip));
            }
            _ => pairs.clear(),
        }
        let count = u32::try_from(pairs.len()).expect("few");
        Ok([vec![function, count], pairs.concat()].concat())
    }

    fn configure(&mut self, context: &mut Context<'_>, params: &[u32]) -> Reply {
        let [id, function, attributes, ref rest @ ..] = *params else {
            return Err(PROTOCOL_ERROR);
        };
        let count = usize::try_from(attributes >> 2 & 0xFF).expect("a byte");
        if rest.len() != count * 2 {
            return Err(PROTOCOL_ERROR);
        }
        let target = target(context, id, attributes & 3)?;
        let selects = attributes & 1 << 10 != 0;
        if attributes >> 11 != 0 || (count == 0 && !selects) {
            return Err(INVALID_PARAMETERS);
        }
        let pairs: Vec<(u32, u32)> = rest.chunks(2).map(|pair| (pair[0], pair[1])).collect();
        let function = if selects && function != NONE {
            Some(context.find(Space::PinFunction, function)?)
        } else {
            None
        };
        self.check(context, target, function, &pairs)?;
        for of in target.reaches() {
            if selects {
                match function {
                    Some(function) => self.function.insert(of, function),
                    None => self.function.remove(&of),
                };
            }
            for (kind, value) in &pairs {
                if let Some(setting) = self.settings.get_mut(&(of, *kind)) {
                    *setting = *value;
                }
            }
        }
        done()
    }

    fn check(
        &self,
        context: &Context<'_>,
        target: Target,
        function: Option<usize>,
        pairs: &[(u32, u32)],
    ) -> Result<(), i32> {
        if pairs.iter().any(|(kind, _)| matches!(kind, 21..=191 | 256..)) {
            return Err(INVALID_PARAMETERS);
        }
        let given =
            matches!((function, target), (None, _) | (Some(0), Group(_)) | (Some(1), Pin(0 | 3)));
        if !given || pairs.iter().any(|(kind, _)| !self.settings.contains_key(&(target, *kind))) {
            return Err(NOT_SUPPORTED);
        }
        may_hold(context, target)?;
        if self.taken(context.agent, target) {
            return Err(IN_USE);
        }
        let possible = |kind| if kind == DRIVE { 2..=16 } else { 0..=1 };
        let right = pairs.iter().all(|(kind, value)| possible(*kind).contains(value));
        if right { Ok(()) } else { Err(INVALID_PARAMETERS) }
    }

    pub(super) fn leave(&mut self, context: &Context<'_>) {
        let agent = context.agent;
        let lost = |target: &Target| {
            target.reaches().into_iter().any(|part| match part {
                Pin(id) => context.gives_back(Space::Pin, id),
                Group(id) => context.gives_back(Space::PinGroup, id),
            })
        };
        self.held.retain(|(holder, held)| *holder != agent || !lost(held));
    }
}

/// A group is held with all of its pins.
fn may_hold(context: &Context<'_>, target: Target) -> Result<(), i32> {
    match target {
        Pin(id) => context.must(Space::Pin, id, Rights::HOLD)?,
        Group(id) => context.must(Space::PinGroup, id, Rights::HOLD)?,
    }
    let lacks = target.pins().into_iter().any(|pin| context.asking().lacks(Space::Pin, pin));
    if lacks { Err(DENIED) } else { Ok(()) }
}

/// That an id is not there is said before that flags are reserved.
fn flagged(context: &Context<'_>, id: u32, flags: u32) -> Result<Target, i32> {
    let target = target(context, id, flags & 3)?;
    if flags > 3 { Err(INVALID_PARAMETERS) } else { Ok(target) }
}

fn target(context: &Context<'_>, id: u32, selector: u32) -> Result<Target, i32> {
    match selector {
        0 => Ok(Pin(context.find(Space::Pin, id)?)),
        1 => Ok(Group(context.find(Space::PinGroup, id)?)),
        _ => Err(INVALID_PARAMETERS),
    }
}
