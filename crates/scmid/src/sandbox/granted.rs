//! Which files may be read.

use std::path::{Path, PathBuf};

use scmi_board::Need;

use super::needs::Needs;

/// What a sandbox lets the process read: for whoever reloads a board, which may name other files than at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// Files and folders without links in their paths; none where everything is granted.
    roots: Option<Vec<PathBuf>>,
    /// Whether sockets can be connected to.
    connects: bool,
    /// Whether programs can be started.
    runs: bool,
}

impl Granted {
    /// What is granted without a sandbox.
    #[must_use]
    pub const fn everything() -> Self {
        Self { roots: None, connects: true, runs: true }
    }

    /// What a sandbox with these needs lets through that limits no files.
    pub(super) fn without_files(needs: &Needs) -> Self {
        Self { roots: None, connects: needs.connects, runs: false }
    }

    /// What a sandbox with these needs lets through. What was not there when it was closed is not among it.
    pub(super) fn of(needs: &Needs) -> Self {
        let roots = needs.read.iter().filter_map(|path| path.canonicalize().ok());
        Self { roots: Some(roots.collect()), connects: needs.connects, runs: false }
    }

    /// Whether the file at `path` can be read, or could if it were there.
    #[must_use]
    pub fn reads(&self, path: &Path) -> bool {
        let Some(roots) = &self.roots else { return true };
        let Some(path) = resolved(path) else { return false };
        roots.iter().any(|root| path.starts_with(root))
    }

    /// Whether a path of the host can be used for something that it was not used for at start.
    ///
    /// # Errors
    /// Why not, in words.
    pub fn allows(&self, need: Need, path: &Path) -> Result<(), String> {
        match need {
            Need::Read if self.reads(path) => Ok(()),
            Need::Read => Err(format!(
                "the sandbox was closed without a right to read {}: start again, or put it into the folder of another source",
                path.display()
            )),
            Need::Connect if self.connects => Ok(()),
            Need::Connect => Err("the sandbox was closed without a right to connect".to_owned()),
            // By a process of its own, which there is not.
            _ if self.runs => Ok(()),
            _ => Err("no program can be started in the sandbox: start again".to_owned()),
        }
    }
}

/// The path without links; of a file that is not there, its folder's and its name.
fn resolved(path: &Path) -> Option<PathBuf> {
    if let Ok(path) = path.canonicalize() {
        return Some(path);
    }
    let name = path.file_name()?;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    Some(folder.unwrap_or_else(|| Path::new(".")).canonicalize().ok()?.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_granted_is_found_by_links_and_detours_and_nothing_else_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        for name in ["mine", "other"] {
            std::fs::create_dir(path(name)).expect("made");
            std::fs::write(path(name).join("value"), "1").expect("written");
        }
        std::os::unix::fs::symlink(path("other/value"), path("mine/away")).expect("a link");
        std::os::unix::fs::symlink(path("mine/value"), path("other/back")).expect("a link");
        let granted = Granted::of(&Needs::default().file(&path("mine/value")));
        for name in ["mine/value", "mine/later", "other/../mine/value", "other/back"] {
            assert!(granted.reads(&path(name)), "{name}");
        }
        for name in ["other/value", "mine/away", "mine/../other/value", "mine/none/value", "mine2"]
        {
            assert!(!granted.reads(&path(name)), "{name}");
        }
        let refused = granted.allows(Need::Read, &path("other/value")).expect_err("refused");
        assert!(refused.contains("other/value"), "{refused}");
        assert_eq!(granted.allows(Need::Read, &path("mine/later")), Ok(()));
        for need in [Need::Connect, Need::Run] {
            granted.allows(need, Path::new("/x")).expect_err("nothing of the kind was there");
            assert_eq!(Granted::everything().allows(need, Path::new("/x")), Ok(()));
        }
        assert!(Granted::everything().reads(Path::new("/etc/shadow")));
    }
}
