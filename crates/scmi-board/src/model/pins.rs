//! The pins of a board.

use scmi::Time;
use scmi::platform::AgentId;
use scmi::protocol::pinctrl::platform::{self, PinModel, Target};
use scmi::protocol::pinctrl::wire::SettingType;
use scmi::wire::Status;

use super::Access;

/// A pin. Its position in the board is its id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pin {
    /// Its name, unique among the pins.
    pub name: String,
    /// Its settings, in ascending order of their types.
    pub settings: Vec<PinSetting>,
    /// Who may hold it and set it up.
    pub access: Access,
}

/// A group of pins. Its position in the board is its id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PinGroup {
    /// Its name, unique among the groups.
    pub name: String,
    /// Its pins, by id.
    pub pins: Vec<usize>,
    /// Its settings, in ascending order of their types.
    pub settings: Vec<PinSetting>,
    /// Who may hold it and set it up.
    pub access: Access,
}

/// A function. Its position in the board is its id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PinFunction {
    /// What agents are told of it.
    pub description: platform::Function,
    /// The pins or groups that have it at start, of those that it can be given to.
    pub selected: Vec<usize>,
}

/// A setting of a pin or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PinSetting {
    /// What it is about.
    pub kind: SettingType,
    /// Its value, at start.
    pub value: u32,
    /// The least that it can be.
    pub min: u32,
    /// The most that it can be.
    pub max: u32,
}

impl PinSetting {
    pub(crate) fn new(kind: SettingType, value: u32, min: u32, max: u32) -> Self {
        Self { kind, value, min, max }
    }
}

/// The pins of a board. What is set or selected on a group is so on its pins too, as far as they have it.
#[derive(Debug)]
pub struct BoardPins {
    pins: Vec<platform::Pin>,
    groups: Vec<platform::Group>,
    functions: Vec<platform::Function>,
    state: [Vec<Setup>; 2],
}

/// How a pin or a group is set up.
#[derive(Debug)]
struct Setup {
    function: Option<usize>,
    settings: Vec<PinSetting>,
    access: Access,
}

impl BoardPins {
    /// These pins, as they are at start.
    #[must_use]
    pub fn new(pins: &[Pin], groups: &[PinGroup], functions: &[PinFunction]) -> Self {
        let kinds = |settings: &[PinSetting]| settings.iter().map(|setting| setting.kind).collect();
        let setup = |settings: &[PinSetting], access: &Access| Setup {
            function: None,
            settings: settings.to_vec(),
            access: access.clone(),
        };
        let mut model = Self {
            pins: pins
                .iter()
                .map(|pin| platform::Pin { name: pin.name.clone(), settings: kinds(&pin.settings) })
                .collect(),
            groups: groups
                .iter()
                .map(|group| platform::Group {
                    name: group.name.clone(),
                    pins: group.pins.clone(),
                    settings: kinds(&group.settings),
                })
                .collect(),
            functions: functions.iter().map(|function| function.description.clone()).collect(),
            state: [
                pins.iter().map(|pin| setup(&pin.settings, &pin.access)).collect(),
                groups.iter().map(|group| setup(&group.settings, &group.access)).collect(),
            ],
        };
        for (id, function) in functions.iter().enumerate() {
            let target = match function.description.members {
                platform::Members::Pins(_) => Target::Pin,
                platform::Members::Groups(_) => Target::Group,
            };
            for of in &function.selected {
                model.give(target(*of), Some(id));
            }
        }
        model
    }

    fn setup(&self, of: Target) -> Option<&Setup> {
        let [pins, groups] = &self.state;
        match of {
            Target::Pin(id) => pins.get(id),
            Target::Group(id) => groups.get(id),
        }
    }

    fn setup_mut(&mut self, of: Target) -> Option<&mut Setup> {
        let [pins, groups] = &mut self.state;
        match of {
            Target::Pin(id) => pins.get_mut(id),
            Target::Group(id) => groups.get_mut(id),
        }
    }

    /// What a change of `of` reaches: itself, and the pins of a group.
    fn each(&mut self, of: Target, change: &mut dyn FnMut(&mut Setup)) {
        if let Some(setup) = self.setup_mut(of) {
            change(setup);
        }
        let Target::Group(group) = of else { return };
        let [pins, _] = &mut self.state;
        for pin in self.groups.get(group).into_iter().flat_map(|group| &group.pins) {
            if let Some(setup) = pins.get_mut(*pin) {
                change(setup);
            }
        }
    }

    fn give(&mut self, of: Target, function: Option<usize>) {
        self.each(of, &mut |setup| setup.function = function);
    }
}

impl PinModel for BoardPins {
    fn pins(&self) -> &[platform::Pin] {
        &self.pins
    }

    fn groups(&self) -> &[platform::Group] {
        &self.groups
    }

    fn functions(&self) -> &[platform::Function] {
        &self.functions
    }

    fn function(&self, of: Target) -> Option<usize> {
        self.setup(of)?.function
    }

    fn select(&mut self, _: Time, of: Target, function: Option<usize>) -> Result<(), Status> {
        self.give(of, function);
        Ok(())
    }

    fn setting(&self, of: Target, kind: SettingType) -> Result<u32, Status> {
        let setting = self.setup(of).ok_or(Status::NOT_FOUND)?.setting(kind);
        setting.map(|setting| setting.value).ok_or(Status::NOT_SUPPORTED)
    }

    fn check(&self, of: Target, kind: SettingType, value: u32) -> Result<(), Status> {
        let setting = self.setup(of).ok_or(Status::NOT_FOUND)?.setting(kind);
        match setting {
            Some(setting) if (setting.min..=setting.max).contains(&value) => Ok(()),
            _ => Err(Status::INVALID_PARAMETERS),
        }
    }

    fn set(&mut self, _: Time, of: Target, kind: SettingType, value: u32) -> Result<(), Status> {
        self.each(of, &mut |setup| setup.set(kind, value));
        Ok(())
    }

    fn allows(&self, agent: AgentId, what: Target) -> bool {
        self.setup(what).is_some_and(|setup| setup.access.allows(agent))
    }
}

impl Setup {
    fn setting(&self, kind: SettingType) -> Option<&PinSetting> {
        self.settings.iter().find(|setting| setting.kind == kind)
    }

    /// A pin of a group may have narrower bounds than the group: it comes as near as it can.
    fn set(&mut self, kind: SettingType, value: u32) {
        if let Some(setting) = self.settings.iter_mut().find(|setting| setting.kind == kind) {
            setting.value = value.max(setting.min).min(setting.max);
        }
    }
}
