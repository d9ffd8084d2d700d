//! What `--check` says of a board.

use core::fmt;
use std::collections::BTreeMap;
use std::path::Path;

use scmi_board::{Board, Sensor};

/// A board in a few lines.
pub(crate) struct Summary<'a> {
    pub(crate) board: &'a Board,
    pub(crate) path: &'a Path,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Board { identity: platform, agents, sensors, .. } = self.board;
        let names: Vec<&str> = agents.iter().map(|agent| agent.name.as_str()).collect();
        writeln!(f, "{}: good", self.path.display())?;
        writeln!(
            f,
            "  platform  {} {}, version {:#010x}",
            platform.vendor, platform.sub_vendor, platform.implementation_version
        )?;
        writeln!(f, "  agents    {}: {}", names.len(), names.join(", "))?;
        write!(f, "  sensors   {}", sensors.len())?;
        let mut kinds = BTreeMap::new();
        for sensor in sensors {
            *kinds.entry(kind(sensor)).or_insert(0_usize) += 1;
        }
        let kinds: Vec<String> =
            kinds.iter().map(|((_, word), count)| format!("{count} {word}")).collect();
        writeln!(f, "{}{}", if kinds.is_empty() { "" } else { ": " }, kinds.join(", "))
    }
}

/// What a sensor measures: by number, to sort, and in words.
fn kind(sensor: &Sensor) -> (u8, String) {
    let first = sensor.description.axes.first();
    let kind = first.map_or(sensor.description.kind, |axis| axis.kind);
    (kind.0, kind.word().map_or_else(|| format!("type {:#04x}", kind.0), String::from))
}
