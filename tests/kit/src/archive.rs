//! A second archive behind the guest's root file system: files that one test wants in its guest.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

const DIRECTORY: u32 = 0o040_755;
const REGULAR: u32 = 0o100_000;

/// A file of the host, and where it is to be in the guest.
#[derive(Clone, Debug)]
pub(crate) struct Addition {
    /// An absolute path in the guest.
    pub(crate) to: String,
    pub(crate) from: PathBuf,
}

/// Writes `initrd` with the files behind it to `target`. Linux unpacks archives that stand one after the other, the
/// first one compressed or not, if each starts at a multiple of four bytes.
pub(crate) fn extend(initrd: &Path, files: &[Addition], target: &Path) -> Result<()> {
    let mut all = fs::read(initrd).with_context(|| format!("cannot read {}", initrd.display()))?;
    all.resize(all.len().next_multiple_of(4), 0);
    let mut archive = Archive::default();
    for file in files {
        let path = file.to.strip_prefix('/').unwrap_or_default();
        ensure!(!path.is_empty(), "{:?} is no absolute path in the guest", file.to);
        let read = || anyhow::Ok((fs::read(&file.from)?, fs::metadata(&file.from)?.permissions()));
        let (contents, permissions) =
            read().with_context(|| format!("cannot read {}", file.from.display()))?;
        archive.file(path, permissions.mode() & 0o777, &contents)?;
    }
    all.extend(archive.finish()?);
    fs::write(target, all).with_context(|| format!("cannot write {}", target.display()))
}

/// An archive of the kind that `cpio --format=newc` writes.
#[derive(Debug, Default)]
struct Archive {
    bytes: Vec<u8>,
    directories: BTreeSet<PathBuf>,
    entries: u32,
}

impl Archive {
    /// A file, after the directories it is in: Linux makes none by itself.
    fn file(&mut self, path: &str, mode: u32, contents: &[u8]) -> Result<()> {
        let above: Vec<&Path> = Path::new(path).ancestors().skip(1).collect();
        for directory in above.into_iter().rev().filter(|path| !path.as_os_str().is_empty()) {
            if self.directories.insert(directory.to_owned()) {
                self.entry(&directory.to_string_lossy(), DIRECTORY, &[])?;
            }
        }
        self.entry(path, REGULAR | mode, contents)
    }

    fn entry(&mut self, name: &str, mode: u32, contents: &[u8]) -> Result<()> {
        self.entries += 1;
        let size = u32::try_from(contents.len()).context("a file of 4 GiB or more")?;
        let name_size = u32::try_from(name.len() + 1)?;
        // In the order of the format: inode, mode, owner, group, links, time, size, device, the device that the file
        // is, length of the name with its zero, check sum.
        let fields = [self.entries, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name_size, 0];
        self.bytes.extend(b"070701");
        for field in fields {
            write!(self.bytes, "{field:08X}")?;
        }
        self.bytes.extend(name.as_bytes());
        self.bytes.push(0);
        self.align();
        self.bytes.extend(contents);
        self.align();
        Ok(())
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }

    fn finish(mut self) -> Result<Vec<u8>> {
        self.entry("TRAILER!!!", 0, &[])?;
        Ok(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::process::{Command, Stdio};

    #[test]
    fn cpio_reads_what_was_added() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let (first, program) = (dir.path().join("first"), dir.path().join("program"));
        fs::write(&first, b"12345")?;
        fs::write(&program, b"#!/bin/sh\n")?;
        fs::set_permissions(&program, Permissions::from_mode(0o750))?;
        let whole = dir.path().join("whole");
        let add = |to: &str| Addition { to: to.to_owned(), from: program.clone() };
        extend(&first, &[add("/opt/bin/one"), add("/opt/two")], &whole)?;

        let whole = fs::read(whole)?;
        assert_eq!(whole.get(..8), Some(b"12345\0\0\0".as_slice()), "the first one is padded");
        let archive = dir.path().join("archive");
        fs::write(&archive, whole.get(8..).unwrap_or_default())?;
        let cpio = Command::new("cpio")
            .args(["--quiet", "--extract", "--verbose", "--make-directories"])
            .current_dir(dir.path())
            .stdin(fs::File::open(archive)?)
            .stdout(Stdio::null())
            .output()?;
        assert_eq!(String::from_utf8(cpio.stderr)?, "opt\nopt/bin\nopt/bin/one\nopt/two\n");
        let one = dir.path().join("opt/bin/one");
        assert_eq!(fs::read(&one)?, b"#!/bin/sh\n");
        assert_eq!(fs::metadata(&one)?.permissions().mode() & 0o777, 0o750);
        Ok(())
    }

    #[test]
    fn a_path_that_is_not_absolute_is_refused() {
        let file = Addition { to: "opt/one".to_owned(), from: "/dev/null".into() };
        let error = extend(Path::new("/dev/null"), &[file], Path::new("/dev/null")).unwrap_err();
        assert!(error.to_string().contains("\"opt/one\" is no absolute path"), "{error}");
    }
}
