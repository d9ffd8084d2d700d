//! What a platform must know of its pins.

use alloc::string::String;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;

use super::super::wire::SettingType;
use crate::platform::{AgentId, BadDescription, Space};
use crate::protocol::serving::check_names;
use crate::time::Time;
use crate::wire::Status;

/// The pins of a platform: what they are, and how they are set up.
///
/// The server calls it with the platform's lock held, so a call must not block. Ids are positions. Who holds what is the
/// server's; how the settings of a group and of its pins depend on each other is the model's.
pub trait PinModel: Any + Send + fmt::Debug {
    /// What the pins are; at least one, at most 65535, as with groups and functions. None of the three may change while
    /// the platform lives.
    fn pins(&self) -> &[Pin];

    /// What the groups are.
    fn groups(&self) -> &[Group];

    /// What the functions are.
    fn functions(&self) -> &[Function];

    /// The function that a pin or group has.
    fn function(&self, of: Target) -> Option<usize>;

    /// Gives a pin or group a function that can be given to it, or none.
    ///
    /// # Errors
    /// The status to answer with.
    fn select(&mut self, now: Time, of: Target, function: Option<usize>) -> Result<(), Status>;

    /// The value of a setting that the pin or group has.
    ///
    /// # Errors
    /// The status to answer with; [`Status::NOT_SUPPORTED`] for one that cannot be read.
    fn setting(&self, of: Target, kind: SettingType) -> Result<u32, Status>;

    /// Whether a setting that the pin or group has can have this value. All of a command are asked before any is set,
    /// so that a command is done or not done.
    ///
    /// # Errors
    /// The status to answer with, usually [`Status::INVALID_PARAMETERS`].
    fn check(&self, of: Target, kind: SettingType, value: u32) -> Result<(), Status> {
        let _ = (of, kind, value);
        Ok(())
    }

    /// Sets a value that [`PinModel::check`] let through.
    ///
    /// # Errors
    /// The status to answer with; settings before it stay set.
    fn set(&mut self, now: Time, of: Target, kind: SettingType, value: u32) -> Result<(), Status>;

    /// Whether an agent may hold and set up a pin or group.
    fn allows(&self, agent: AgentId, what: Target) -> bool {
        let _ = (agent, what);
        true
    }

    /// Nobody holds a pin any more.
    fn released(&mut self, now: Time, pin: usize) {
        let _ = (now, pin);
    }
}

/// A pin or a group, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A pin.
    Pin(usize),
    /// A group.
    Group(usize),
}

/// What a pin is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// 1 to 63 bytes of ASCII; more than 15 make it an extended name.
    pub name: String,
    /// Which settings it has, in ascending order.
    pub settings: Vec<SettingType>,
}

/// What a group of pins is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// 1 to 63 bytes of ASCII; more than 15 make it an extended name.
    pub name: String,
    /// Its pins; at least one, and none twice. A pin can be in several groups.
    pub pins: Vec<usize>,
    /// Which settings it has as a whole, in ascending order.
    pub settings: Vec<SettingType>,
}

/// What a function is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// 1 to 63 bytes of ASCII; more than 15 make it an extended name.
    pub name: String,
    /// What it can be given to.
    pub members: Members,
    /// Whether it makes general-purpose inputs and outputs of pins.
    pub gpio: bool,
}

/// What a function can be given to; at least one, and none twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Members {
    /// Single pins.
    Pins(Vec<usize>),
    /// Groups.
    Groups(Vec<usize>),
}

impl Members {
    pub(super) fn ids(&self) -> &[usize] {
        match self {
            Self::Pins(ids) | Self::Groups(ids) => ids,
        }
    }

    /// The space of what it is.
    pub(super) const fn space(&self) -> Space {
        match self {
            Self::Pins(_) => Space::Pin,
            Self::Groups(_) => Space::PinGroup,
        }
    }

    pub(super) fn has(&self, target: Target) -> bool {
        match (self, target) {
            (Self::Pins(ids), Target::Pin(id)) | (Self::Groups(ids), Target::Group(id)) => {
                ids.contains(&id)
            }
            _ => false,
        }
    }
}

/// Whether these pins, groups and functions can be.
pub(super) fn check(model: &dyn PinModel) -> Result<(), BadDescription> {
    let (pins, groups, functions) = (model.pins(), model.groups(), model.functions());
    check_names("pin", pins.iter().map(|pin| pin.name.as_str()))?;
    check_names("pin group", groups.iter().map(|group| group.name.as_str()))?;
    check_names("pin function", functions.iter().map(|function| function.name.as_str()))?;
    // Linux gives up the protocol then.
    if pins.is_empty() {
        return Err(BadDescription::new("pin", 0, "there is none"));
    }
    for (id, pin) in pins.iter().enumerate() {
        check_settings("pin", id, &pin.settings)?;
    }
    for (id, group) in groups.iter().enumerate() {
        check_ids("pin group", id, &group.pins, pins.len())?;
        check_settings("pin group", id, &group.settings)?;
    }
    for (id, function) in functions.iter().enumerate() {
        let count = match function.members {
            Members::Pins(_) => pins.len(),
            Members::Groups(_) => groups.len(),
        };
        check_ids("pin function", id, function.members.ids(), count)?;
    }
    Ok(())
}

fn check_settings(
    kind: &'static str,
    id: usize,
    settings: &[SettingType],
) -> Result<(), BadDescription> {
    if settings.iter().any(|setting| setting.is_reserved()) {
        return Err(BadDescription::new(kind, id, "one of its settings is reserved"));
    }
    if !settings.is_sorted_by(|one, next| one < next) {
        return Err(BadDescription::new(kind, id, "its settings are not in ascending order"));
    }
    Ok(())
}

fn check_ids(
    kind: &'static str,
    id: usize,
    ids: &[usize],
    count: usize,
) -> Result<(), BadDescription> {
    if ids.is_empty() {
        return Err(BadDescription::new(kind, id, "it has no members"));
    }
    if ids.iter().any(|member| *member >= count) {
        return Err(BadDescription::new(kind, id, "one of its members does not exist"));
    }
    let mut rest = ids.iter();
    while let Some(member) = rest.next() {
        if rest.as_slice().contains(member) {
            return Err(BadDescription::new(kind, id, "one of its members is there twice"));
        }
    }
    Ok(())
}
