//! Pins and groups as they are, for whoever operates the platform.

use super::super::wire::SettingType;
use super::{PinModel, PinServer, Target};
use crate::platform::AgentId;

/// A pin or a group as it is right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PinStatus {
    /// The function that it has, by position.
    pub function: Option<usize>,
    /// Who holds it; of a group who has requested it as a whole.
    pub held_by: Option<AgentId>,
}

impl PinServer {
    /// The model, for what may change while agents are there: what they were told must not.
    pub fn model_mut(&mut self) -> &mut dyn PinModel {
        self.model.as_mut()
    }

    /// A pin or group as it is; none beyond the last.
    pub fn status(&self, of: Target) -> Option<PinStatus> {
        let exists = match of {
            Target::Pin(pin) => pin < self.model.pins().len(),
            Target::Group(group) => group < self.model.groups().len(),
        };
        let (function, held_by) = (self.model.function(of), self.holders.holder(of));
        exists.then_some(PinStatus { function, held_by })
    }

    /// The settings of a pin or group that can be read, and their values.
    pub fn settings(&self, of: Target) -> impl Iterator<Item = (SettingType, u32)> {
        let kinds = self.settings_of(of).iter();
        kinds.filter_map(move |kind| Some((*kind, self.model.setting(of, *kind).ok()?)))
    }
}
