//! What of the host a board needs.

use std::path::Path;

use crate::board::Board;
use crate::source::Source;

/// What a path of the host is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Need {
    /// A file that a sensor reads, again and again.
    Read,
    /// A socket of a VMM that is connected to when there is something to do.
    Connect,
    /// A program that is run at a request of an agent; a name without a slash is looked for in `PATH`.
    Run,
}

/// A path of the host that a board needs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostPath<'a> {
    /// What for.
    pub need: Need,
    /// As the daemon opens it: relative to its working folder.
    pub path: &'a Path,
    /// The table of the board file that names it, such as `sensor "cpu"`.
    pub item: String,
    /// The key in it.
    pub key: &'static str,
}

impl Board {
    /// All paths of the host that the board needs while it is served, in the order of the board.
    pub fn host_paths(&self) -> impl Iterator<Item = HostPath<'_>> {
        let files = self.sensors.iter().flat_map(|sensor| {
            let files = sensor.sources.iter().filter_map(|source| match source {
                Source::File(file) => Some(file.path()),
                _ => None,
            });
            let item = format!("sensor {:?}", sensor.name());
            let key = if sensor.description.axes.is_empty() { "source" } else { "axis" };
            files.map(move |path| HostPath { need: Need::Read, path, item: item.clone(), key })
        });
        let sockets = self.agents.iter().filter(|_| self.system.is_some()).filter_map(|agent| {
            let item = format!("agent {:?}", agent.name);
            let path = agent.qmp.as_deref()?;
            Some(HostPath { need: Need::Connect, path, item, key: "qmp" })
        });
        let command = self.system.iter().filter_map(|system| system.on_request.as_ref());
        let programs = command.map(|command| HostPath {
            need: Need::Run,
            path: &command.program,
            item: "system".to_owned(),
            key: "on-request",
        });
        files.chain(sockets).chain(programs)
    }
}
