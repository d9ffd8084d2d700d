//! What a daemon needs of the file system and of the network.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use scmi_board::{Board, Source};

use crate::control::Address;

/// What a daemon needs, once its board was read.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Files or folders to read.
    pub(super) read: BTreeSet<PathBuf>,
    /// Folders in which sockets are made, replaced and removed.
    pub(super) sockets: BTreeSet<PathBuf>,
    /// Folders in which a file is written beside its old one and put in its place.
    pub(super) replaced: BTreeSet<PathBuf>,
    /// The port to listen on.
    pub(super) port: Option<u16>,
    /// Whether somebody else's UNIX sockets are connected to.
    pub(super) connects: bool,
}

impl Needs {
    /// What the sources and the machines of a board need.
    #[must_use]
    pub fn of(board: &Board) -> Self {
        let sources = board.sensors.iter().flat_map(|sensor| &sensor.sources);
        let files = sources.filter_map(|source| match source {
            Source::File(file) => Some(to_read(file.path())),
            _ => None,
        });
        // Where the C library learns whether it may give memory back.
        let files = files.chain([PathBuf::from("/proc/sys/vm/overcommit_memory")]);
        let connects = board.agents.iter().any(|agent| agent.qmp.is_some());
        Self { read: files.collect(), connects, ..Self::default() }
    }

    /// A file that is read again later, such as the board's, and may be another one by then.
    #[must_use]
    pub fn file(mut self, path: &Path) -> Self {
        self.read.insert(to_read(path));
        self
    }

    /// A folder of sockets.
    #[must_use]
    pub fn sockets(mut self, folder: &Path) -> Self {
        self.sockets.insert(folder.to_owned());
        self
    }

    /// Where the control interface listens.
    #[must_use]
    pub fn control(mut self, address: &Address) -> Self {
        match address {
            Address::Unix(path) => self.sockets(folder(path)),
            Address::Loopback(address) => {
                self.port = Some(address.port());
                self
            }
        }
    }

    /// A file that is written anew beside the old one, which it then replaces.
    #[must_use]
    pub fn replaced(mut self, path: &Path) -> Self {
        self.replaced.insert(folder(path).to_owned());
        self
    }
}

/// The folder that a file is in.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// What is to be readable so that a file can be read whenever it is wanted. A file that is replaced is another one to the kernel, so
/// it is its folder; but never all of the file system, and of the kernel's own files, which nobody replaces, just the one.
fn to_read(path: &Path) -> PathBuf {
    let whole = path.canonicalize();
    let is_kernels = |path: &Path| path.starts_with("/sys") || path.starts_with("/proc");
    match &whole {
        Ok(path) if is_kernels(path) => return path.clone(),
        _ => {}
    }
    let folder = folder(path).to_owned();
    let is_root = folder.canonicalize().is_ok_and(|folder| folder.parent().is_none());
    if is_root { path.to_owned() } else { folder }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_may_be_replaced_is_its_folder_but_not_all_of_the_file_system() {
        let folder = tempfile::tempdir().expect("a folder");
        let there = folder.path().join("there");
        std::fs::write(&there, "1").expect("written");
        assert_eq!(to_read(&there), folder.path());
        assert_eq!(to_read(&folder.path().join("later")), folder.path());
        assert_eq!(to_read(Path::new("value")), Path::new("."));
        assert_eq!(to_read(Path::new("/proc/version")), Path::new("/proc/version"));
        assert_eq!(to_read(Path::new("/value")), Path::new("/value"));
        assert_eq!(to_read(Path::new("/usr/../value")), Path::new("/usr/../value"));
        // What leads to a file of the kernel's is that one.
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/proc/version", &link).expect("a link");
        assert_eq!(to_read(&link), Path::new("/proc/version"));
    }
}
