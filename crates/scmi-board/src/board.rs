//! A board, checked.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use scmi::platform::{Rights, Space};
use scmi::protocol::base::platform::Identity;
use scmi::wire::{ProtocolId, Version};

use crate::check;
use crate::error::BoardError;
use crate::faults::FaultRule;
use crate::model::{
    Clock, PerformanceDomain, Pin, PinFunction, PinGroup, PowerCap, PowerDomain, ResetDomain,
    SystemPower, VoltageDomain,
};
use crate::report::Problem;
use crate::sensor::Sensor;

/// The largest board file that is read. 200 sensors take some 50 KB; a wrong path may be a disk image.
const MAX_FILE: u64 = 4 << 20;

/// A board that can be served: what a board file says, checked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Board {
    /// What the Base protocol says of the platform.
    pub identity: Identity,
    /// Who is served, 1 to 255 of them; the first has the agent id 1.
    pub agents: Vec<Agent>,
    /// What permissions can be given and taken by: parts of the board that belong together. The position is the id.
    pub devices: Vec<Device>,
    /// What can be read; the position is the platform's id, here and in the lists below.
    pub sensors: Vec<Sensor>,
    /// What can be clocked.
    pub clocks: Vec<Clock>,
    /// What can be powered.
    pub power_domains: Vec<PowerDomain>,
    /// What can be made faster or slower.
    pub performance_domains: Vec<PerformanceDomain>,
    /// What can be given a voltage.
    pub voltage_domains: Vec<VoltageDomain>,
    /// What can be reset.
    pub reset_domains: Vec<ResetDomain>,
    /// What can be kept below a power.
    pub power_caps: Vec<PowerCap>,
    /// What can be set up.
    pub pins: Vec<Pin>,
    /// Pins that go together.
    pub pin_groups: Vec<PinGroup>,
    /// What pins and groups can be for.
    pub pin_functions: Vec<PinFunction>,
    /// The system as a whole, where agents have to do with it.
    pub system: Option<SystemPower>,
    /// What is done wrong on purpose, from the start.
    pub faults: Vec<FaultRule>,
    /// What is no mistake, but may not be what was meant; at most 50. They were logged when the board was loaded.
    pub warnings: Vec<Problem>,
}

/// Somebody who is served.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Agent {
    /// 1 to 15 characters of `A-Za-z0-9._-`, not beginning with a dot; unique. Safe as a file name.
    pub name: String,
    /// The protocols of which it is told another version than the newest, and which.
    pub versions: Vec<(ProtocolId, Version)>,
    /// The name of its socket, in the directory of the sockets.
    pub socket: String,
    /// What it sees, by kind: the position is the id by which it knows a resource. It sees all of a kind without a list.
    pub lists: Vec<(Space, Vec<Listed>)>,
    /// Whether it may change what others may do.
    pub trusted: bool,
    /// Whether what it was the last to set goes back to what it was at start when it leaves.
    pub restore: bool,
    /// Where the VMM of this guest listens with QEMU's machine protocol, for what is done to the machine by force.
    pub qmp: Option<PathBuf>,
}

/// A resource that an agent sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// The platform's id.
    pub id: usize,
    /// What the agent may do with it, as far as the resource's own `agents` let it.
    pub rights: Rights,
    /// Whether it counts as one that the agent wants on from the moment that it comes.
    pub hold: bool,
}

/// Resources of a board that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Device {
    /// Its name, unique on the board.
    pub name: String,
    /// The platform's ids, by kind.
    pub resources: Vec<(Space, Vec<usize>)>,
}

impl Agent {
    /// What the agent sees of a kind of which the board has `count`, in the order of its own ids.
    pub fn seen(&self, space: Space, count: usize) -> impl Iterator<Item = Listed> {
        let list = self.lists.iter().find(|(of, _)| *of == space).map(|(_, list)| list);
        let listed = list.into_iter().flatten().copied();
        let all = if list.is_some() { 0..0 } else { 0..count };
        listed.chain(all.map(|id| Listed { id, rights: Rights::ALL, hold: false }))
    }

    /// Whether it sees the system as a whole.
    #[must_use]
    pub fn sees_system(&self) -> bool {
        self.seen(Space::System, 1).next().is_some()
    }
}

impl Board {
    /// Reads and checks the file at `path`. Paths in it are relative to its folder.
    ///
    /// # Errors
    /// The file cannot be read, is larger than 4 MiB, is not UTF-8, or is no board; the last with a
    /// report of everything that is wrong with it.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, BoardError> {
        let path = path.as_ref();
        of_file(&read(path)?, path)
    }

    /// Checks `text`, which messages call `origin`. Paths in it are relative to the working folder.
    ///
    /// # Errors
    /// The text is no board: a report of everything that is wrong with it.
    pub fn parse(text: &str, origin: &str) -> Result<Self, BoardError> {
        check::board(text, origin, Path::new(""))
    }

    /// How many resources of a kind the board has.
    #[must_use]
    pub fn count(&self, space: Space) -> usize {
        match space {
            Space::PowerDomain => self.power_domains.len(),
            Space::PerfDomain => self.performance_domains.len(),
            Space::Clock => self.clocks.len(),
            Space::Sensor => self.sensors.len(),
            Space::ResetDomain => self.reset_domains.len(),
            Space::VoltageDomain => self.voltage_domains.len(),
            Space::PowerCap => self.power_caps.len(),
            Space::Pin => self.pins.len(),
            Space::PinGroup => self.pin_groups.len(),
            Space::PinFunction => self.pin_functions.len(),
            Space::System => self.system.iter().len(),
            _ => 0,
        }
    }

    /// What the board calls a resource of a kind.
    #[must_use]
    pub fn name_of(&self, space: Space, id: usize) -> Option<&str> {
        let name = match space {
            Space::PowerDomain => &self.power_domains.get(id)?.description.name,
            Space::PerfDomain => &self.performance_domains.get(id)?.description.name,
            Space::Clock => &self.clocks.get(id)?.description.name,
            Space::Sensor => &self.sensors.get(id)?.description.name,
            Space::ResetDomain => &self.reset_domains.get(id)?.description.name,
            Space::VoltageDomain => &self.voltage_domains.get(id)?.description.name,
            Space::PowerCap => &self.power_caps.get(id)?.description.name,
            Space::Pin => &self.pins.get(id)?.name,
            Space::PinGroup => &self.pin_groups.get(id)?.name,
            Space::PinFunction => &self.pin_functions.get(id)?.description.name,
            _ => return None,
        };
        Some(name)
    }

    /// The agent called `name`.
    #[must_use]
    pub fn agent(&self, name: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.name == name)
    }

    /// The sensor called `name`, and its id.
    #[must_use]
    pub fn sensor(&self, name: &str) -> Option<(usize, &Sensor)> {
        self.sensors.iter().enumerate().find(|(_, sensor)| sensor.name() == name)
    }
}

/// The board that a text says, which stands in the file at `path`.
pub(crate) fn of_file(text: &str, path: &Path) -> Result<Board, BoardError> {
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    check::board(text, &path.display().to_string(), folder)
}

/// What stands in a file.
pub(crate) fn read(path: &Path) -> Result<String, BoardError> {
    let unreadable = |source| BoardError::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).is_ok_and(|size| size > MAX_FILE) {
        return Err(BoardError::TooLarge { path: path.to_owned(), limit: MAX_FILE });
    }
    String::from_utf8(bytes)
        .map_err(|error| not_text(path, error.as_bytes(), error.utf8_error().valid_up_to()))
}

fn not_text(path: &Path, bytes: &[u8], at: usize) -> BoardError {
    let before = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default());
    let last = before.rsplit('\n').next().unwrap_or_default();
    BoardError::NotText {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: last.chars().count() + 1,
        byte: bytes.get(at).copied().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_text_says_where() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"# one\nab\xff\n").unwrap();
        let error = Board::load(file.path()).unwrap_err().to_string();
        let path = file.path().display();
        assert_eq!(error, format!("{path}:2:3: found the byte 0xff, expected UTF-8 text"));
    }

    #[test]
    fn a_file_too_large_is_not_read_to_its_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(MAX_FILE + 1).unwrap();
        assert!(matches!(Board::load(file.path()), Err(BoardError::TooLarge { .. })));
    }

    #[test]
    fn a_file_that_is_not_there_names_its_path() {
        let error = Board::load("/nonexistent/board.toml").unwrap_err();
        assert_eq!(error.to_string(), "/nonexistent/board.toml: cannot be read");
        assert!(core::error::Error::source(&error).is_some());
    }
}
