//! Pins and their groups.

use scmi::protocol::pinctrl::platform::{PinServer, PinStatus, Target};
use scmi::protocol::pinctrl::wire::SettingType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::id;
use crate::control::desk::Desk;

/// A pin or a group of pins as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct PinState {
    /// Its number on the board; an agent may see it under another one.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// The function that it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub function: Option<String>,
    /// The agent that holds it; of a group the one that has requested it as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub held_by: Option<String>,
    /// Its settings.
    pub settings: Vec<PinSettingState>,
}

/// A setting of a pin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct PinSettingState {
    /// Which; 192 and above are the platform's own.
    #[serde(rename = "type")]
    pub kind: u8,
    /// Its name.
    #[schema(example = "drive-strength")]
    pub name: String,
    /// Its value, in the setting's own unit.
    pub value: u32,
}

type Seen = (PinStatus, Vec<(SettingType, u32)>);

/// Pins, and groups of pins.
pub(super) fn states(desk: &Desk) -> (Vec<PinState>, Vec<PinState>) {
    let see = |server: &mut PinServer, of| -> Option<Seen> {
        Some((server.status(of)?, server.settings(of).collect()))
    };
    let board = desk.board();
    let (pins, groups) = (&board.pins, &board.pin_groups);
    let seen = desk.each(pins.len(), |_, server, id| see(server, Target::Pin(id)));
    let names = pins.iter().map(|pin| pin.name.as_str());
    let pins = names.zip(seen).enumerate().map(|(id, (name, seen))| state(desk, id, name, seen));
    let seen = desk.each(groups.len(), |_, server, id| see(server, Target::Group(id)));
    let names = groups.iter().map(|group| group.name.as_str());
    let groups = names.zip(seen).enumerate().map(|(id, (name, seen))| state(desk, id, name, seen));
    (pins.collect(), groups.collect())
}

fn state(desk: &Desk, position: usize, name: &str, (status, settings): Seen) -> PinState {
    let board = desk.board();
    let function = status.function.and_then(|id| board.pin_functions.get(id));
    let setting = |(kind, value): (SettingType, u32)| PinSettingState {
        kind: kind.0,
        name: word(kind),
        value,
    };
    PinState {
        id: id(position),
        name: name.to_owned(),
        function: function.map(|function| function.description.name.clone()),
        held_by: status.held_by.map(|agent| desk.name(agent)),
        settings: settings.into_iter().map(setting).collect(),
    }
}

/// The name of a setting in the reference, in small letters.
fn word(kind: SettingType) -> String {
    kind.name().map_or_else(
        || format!("{:#04x}", kind.0),
        |name| name.to_ascii_lowercase().replace('_', "-"),
    )
}
