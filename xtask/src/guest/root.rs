//! The guest's root file system: BusyBox from Debian, and four small files of ours.

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use scmi_test_kit::Cache;

use crate::apt;
use crate::command::run;
use crate::guest::entry;

/// Where in the guest, what, and its mode.
const FILES: [(&str, &str, u32); 4] = [
    ("etc/inittab", include_str!("../../guest/inittab"), 0o644),
    ("etc/rcS", include_str!("../../guest/rcS"), 0o755),
    ("etc/console", include_str!("../../guest/console"), 0o755),
    ("etc/motd", include_str!("../../guest/motd"), 0o644),
];

/// BusyBox installs its links here when the guest starts.
const DIRECTORIES: [&str; 5] = ["bin", "etc", "sbin", "usr/bin", "usr/sbin"];

/// Goes into the hash: count up when the steps below change what comes out.
const RECIPE: &str = "1";

/// The directory with the finished `root.cpio.gz`, and the name of the package it was made from.
pub(crate) fn make(cache: &Cache) -> Result<PathBuf> {
    let mut inputs = vec![RECIPE];
    inputs.extend(FILES.iter().flat_map(|(name, text, _)| [*name, *text]));
    entry(cache, "root", &inputs, |dir| {
        println!("building the guest's root file system, once");
        build(dir)
    })
}

fn build(dir: &Path) -> Result<()> {
    let (downloads, unpacked, root) = (dir.join("apt"), dir.join("unpacked"), dir.join("root"));
    let package = apt::download("busybox-static", &downloads)?;
    run(Command::new("dpkg-deb").arg("--extract").arg(&package).arg(&unpacked))?;
    for path in DIRECTORIES {
        fs::create_dir_all(root.join(path))?;
    }
    let busybox = ["bin/busybox", "usr/bin/busybox"].map(|path| unpacked.join(path));
    let busybox =
        busybox.iter().find(|path| path.is_file()).context("the package has no busybox")?;
    fs::copy(busybox, root.join("bin/busybox"))?;
    symlink("bin/busybox", root.join("init"))?;
    for (path, text, mode) in FILES {
        let path = root.join(path);
        fs::write(&path, text)?;
        fs::set_permissions(&path, Permissions::from_mode(mode))?;
    }
    pack(&root, &dir.join("root.cpio.gz"))?;
    let name = package.file_name().unwrap_or_default().to_string_lossy();
    fs::write(dir.join("package"), format!("{name}\n"))?;
    for path in [downloads, unpacked, root] {
        fs::remove_dir_all(path)?;
    }
    Ok(())
}

fn pack(root: &Path, archive: &Path) -> Result<()> {
    let mut names = Vec::new();
    list(root, root, &mut names)?;
    names.sort();
    let mut cpio = Command::new("cpio")
        .args(["--quiet", "--create", "--format=newc", "--owner=0:0", "--reproducible"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cpio")?;
    let (stdin, stdout) = (cpio.stdin.take(), cpio.stdout.take());
    let mut gzip = Command::new("gzip")
        .arg("--no-name")
        .stdin(stdout.context("cpio has no output")?)
        .stdout(File::create(archive)?)
        .spawn()
        .context("cannot run gzip")?;
    writeln!(stdin.context("cpio has no input")?, "{}", names.join("\n"))?;
    ensure!(cpio.wait()?.success(), "cpio failed");
    ensure!(gzip.wait()?.success(), "gzip failed");
    Ok(())
}

/// The paths below `dir`, relative to `root`; a directory comes before what is in it once sorted.
fn list(root: &Path, dir: &Path, names: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        names.push(entry.path().strip_prefix(root)?.to_string_lossy().into_owned());
        if entry.file_type()?.is_dir() {
            list(root, &entry.path(), names)?;
        }
    }
    Ok(())
}
