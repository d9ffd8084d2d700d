//! How large an image of `bench/size` is.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::cache::Cache;
use crate::guest_tool::size_target_dir;

/// Bytes that the image of the asking end has at most: agent, driver and four clients.
pub const LINKED_MOST: u64 = 20 * 1024;

/// An image that was linked to be measured.
#[derive(Debug)]
pub struct Linked {
    path: PathBuf,
}

impl Linked {
    /// An image by its name: `agent`, `platform`, or `control`, which can panic.
    ///
    /// # Errors
    /// When it was not built.
    pub fn find(name: &str) -> Result<Self> {
        let target = size_target_dir(&Cache::find()?);
        let path = target.join("aarch64-unknown-linux-gnu/release").join(name);
        ensure!(path.is_file(), "no {}; `cargo xtask size` makes it", path.display());
        Ok(Self { path })
    }

    /// Bytes of its instructions and of what they read and never write.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn bytes(&self) -> Result<u64> {
        let listed = tool("size", &["--format=sysv"], &self.path)?;
        let mut bytes = 0;
        for line in listed.lines() {
            let mut words = line.split_whitespace();
            let (Some(name), Some(size)) = (words.next(), words.next()) else { continue };
            if name.starts_with(".text") || name.starts_with(".rodata") {
                bytes += size.parse::<u64>().with_context(|| format!("no size in: {line}"))?;
            }
        }
        ensure!(bytes > 0, "no code in {}", self.path.display());
        Ok(bytes)
    }

    /// What it is made of, the largest first: bytes and name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn symbols(&self) -> Result<Vec<(u64, String)>> {
        let listed = tool("nm", &["--demangle", "--print-size", "--size-sort", "-r"], &self.path)?;
        let symbol = |line: &str| {
            let mut parts = line.splitn(4, ' ').skip(1);
            let size = u64::from_str_radix(parts.next()?, 16).ok()?;
            Some((size, parts.nth(1)?.to_owned()))
        };
        Ok(listed.lines().filter_map(symbol).collect())
    }

    /// What in it has to do with panics.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn panics(&self) -> Result<Vec<String>> {
        let listed = tool("nm", &["--demangle"], &self.path)?;
        let panics =
            listed.lines().filter(|line| line.contains("panic") || line.contains("unwind"));
        Ok(panics.map(str::to_owned).collect())
    }
}

/// Runs a tool of the cross compiler's on a file.
fn tool(name: &str, arguments: &[&str], path: &Path) -> Result<String> {
    let mut command = Command::new(format!("aarch64-linux-gnu-{name}"));
    let ran = command.args(arguments).arg(path).output();
    let ran = ran.with_context(|| format!("cannot run {:?}", command.get_program()))?;
    ensure!(ran.status.success(), "{name}: {}", String::from_utf8_lossy(&ran.stderr));
    Ok(String::from_utf8(ran.stdout)?)
}
