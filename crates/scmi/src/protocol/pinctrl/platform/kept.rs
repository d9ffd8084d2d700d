//! What agents have set of pins and groups.

use alloc::vec::Vec;
use core::fmt;

use super::super::wire::{NO_FUNCTION, SettingType};
use super::model::{PinModel, Target};
use super::server::PinServer;
use crate::platform::{AgentId, Space, StateEntry, StateKind, Statement, Subject};
use crate::time::Time;

/// One thing that was set.
enum Fact {
    Function(Option<usize>),
    Setting(SettingType, u32),
    Requested(AgentId),
}

fn target(space: Space, id: usize) -> Option<Target> {
    match space {
        Space::Pin => Some(Target::Pin(id)),
        Space::PinGroup => Some(Target::Group(id)),
        _ => None,
    }
}

impl PinServer {
    pub(super) fn identify_item(
        &self,
        space: Space,
        id: usize,
        to: &mut dyn fmt::Write,
    ) -> fmt::Result {
        let mut ids = |ids: &[usize]| ids.iter().try_for_each(|id| write!(to, " {id}"));
        match space {
            Space::Pin => {
                let Some(pin) = self.model.pins().get(id) else { return Ok(()) };
                write!(to, "{}; settings", pin.name)?;
                pin.settings.iter().try_for_each(|kind| write!(to, " {}", kind.0))
            }
            Space::PinGroup => {
                let Some(group) = self.model.groups().get(id) else { return Ok(()) };
                ids(&group.pins)?;
                write!(to, "; {}; settings", group.name)?;
                group.settings.iter().try_for_each(|kind| write!(to, " {}", kind.0))
            }
            _ => {
                let Some(function) = self.model.functions().get(id) else { return Ok(()) };
                ids(function.members.ids())?;
                write!(to, "; {} of {}s", function.name, function.members.space())
            }
        }
    }

    pub(super) fn say(&self, space: Space, id: usize, say: &mut Statement<'_>) {
        let Some(target) = target(space, id) else { return };
        let function = self.model.function(target).and_then(|id| u64::try_from(id).ok());
        let function = function.unwrap_or_else(|| NO_FUNCTION.into());
        say.value(StateKind::FUNCTION, Some(function), None);
        for kind in self.settings_of(target) {
            let value = self.model.setting(target, *kind).ok();
            say.part((StateKind::SETTING, kind.0.into()), value.map(u64::from), None);
        }
        let by = self.holders.requested_by(target);
        say.value(StateKind::REQUESTED, by.map(|_| 1), by);
    }

    fn fact(&self, entry: &StateEntry) -> Option<(Target, Fact)> {
        let (Subject::Resource(space, id), value) = (entry.key.subject, entry.value?) else {
            return None;
        };
        let target = target(space, id)?;
        let fact = match entry.key.kind {
            StateKind::FUNCTION if value == u64::from(NO_FUNCTION) => Fact::Function(None),
            StateKind::FUNCTION => {
                let function = usize::try_from(value).ok()?;
                let members = &self.model.functions().get(function)?.members;
                let given = members.has(target) || self.comes_by_group(target, function);
                given.then_some(Fact::Function(Some(function)))?
            }
            StateKind::SETTING => {
                let kind = SettingType(u8::try_from(entry.key.part).ok()?);
                let value = u32::try_from(value).ok()?;
                let good = self.settings_of(target).contains(&kind)
                    && self.model.check(target, kind, value).is_ok();
                good.then_some(Fact::Setting(kind, value))?
            }
            StateKind::REQUESTED if value == 1 => Fact::Requested(entry.by?),
            _ => return None,
        };
        Some((target, fact))
    }

    /// Whether a pin has a function because a group does that it is in.
    fn comes_by_group(&self, target: Target, function: usize) -> bool {
        let (Target::Pin(pin), Some(function)) = (target, self.model.functions().get(function))
        else {
            return false;
        };
        self.model
            .groups()
            .iter()
            .enumerate()
            .any(|(id, group)| function.members.has(Target::Group(id)) && group.pins.contains(&pin))
    }

    pub(super) fn can_be(&self, entry: &StateEntry) -> bool {
        self.fact(entry).is_some()
    }

    /// What is set on a group may be so on its pins too; so groups come first, then each pin as it was, or as at start.
    pub(super) fn take_back(&mut self, now: Time, entries: &[StateEntry]) {
        let at_start = Setup::of_pins(self.model.as_ref());
        let facts: Vec<(Target, Fact)> = entries.iter().filter_map(|of| self.fact(of)).collect();
        let groups = |facts: &&(Target, Fact)| matches!(facts.0, Target::Group(_));
        for (target, fact) in facts.iter().filter(groups) {
            self.take(now, *target, fact);
        }
        if facts.iter().any(|fact| groups(&fact)) {
            for setup in at_start {
                setup.put(now, self.model.as_mut());
            }
        }
        for (target, fact) in facts.iter().filter(|fact| !groups(fact)) {
            self.take(now, *target, fact);
        }
    }

    /// What the model refuses is as it was.
    fn take(&mut self, now: Time, target: Target, fact: &Fact) {
        match *fact {
            Fact::Function(function) => {
                let _refused = self.model.select(now, target, function);
            }
            Fact::Setting(kind, value) => {
                let _refused = self.model.set(now, target, kind, value);
            }
            Fact::Requested(agent) => {
                let pins = Self::pins_of(self.model.as_ref(), &target);
                let _held_by_another = self.holders.request(agent, target, pins);
            }
        }
    }
}

/// How a pin is at start.
struct Setup {
    pin: Target,
    function: Option<usize>,
    settings: Vec<(SettingType, u32)>,
}

impl Setup {
    fn of_pins(model: &dyn PinModel) -> Vec<Self> {
        let pins = model.pins().iter().enumerate().map(|(id, described)| {
            let pin = Target::Pin(id);
            let setting = |kind: &SettingType| Some((*kind, model.setting(pin, *kind).ok()?));
            let settings = described.settings.iter().filter_map(setting).collect();
            Self { pin, function: model.function(pin), settings }
        });
        pins.collect()
    }

    fn put(self, now: Time, model: &mut dyn PinModel) {
        if model.function(self.pin) != self.function {
            let _refused = model.select(now, self.pin, self.function);
        }
        for (kind, value) in self.settings {
            if model.setting(self.pin, kind) != Ok(value) {
                let _refused = model.set(now, self.pin, kind, value);
            }
        }
    }
}
