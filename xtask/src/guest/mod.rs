//! The Linux guest: a kernel from Debian's source, a module of ours for it, and a root file system of BusyBox, each
//! built once into the cache under the hash of what went in; and our own tool for it. Beside it, the guests without an
//! operating system, and images that are only measured.

pub(crate) mod bare;
mod consumer;
pub(crate) mod hypervisor;
mod kernel;
mod root;
mod rust;
pub(crate) mod size;
mod tool;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use scmi_test_kit::{Cache, Image};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub(crate) use rust::{TARGET, toolchain_has_target};

/// What directories of builds in progress start with.
const UNFINISHED: &str = "unfinished-";

/// All guests, built if they are not in the cache yet; the Linux one.
pub(crate) fn make() -> Result<Image> {
    let cache = Cache::find()?;
    let _lock = cache.lock(|| println!("waiting for another build of the guest"))?;
    sweep(&cache)?;
    let kernel = kernel::make(&cache)?;
    let root = root::make(&cache)?;
    let consumer = consumer::make(&cache, &kernel)?;
    let release = kernel.join("release");
    let release = fs::read_to_string(&release)
        .with_context(|| format!("cannot read {}", release.display()))?;
    let image = Image {
        kernel: kernel.join("Image"),
        initrd: root.join("root.cpio.gz"),
        consumer,
        release: release.trim().to_owned(),
    };
    tool::make(&cache)?;
    bare::make(&cache)?;
    size::make(&cache)?;
    image.publish(&cache)?;
    Ok(image)
}

/// The directory `name-<hash of inputs>` in the cache. If it is not there, `build` fills a
/// temporary one that is renamed when complete: an interrupted build is never taken for a good one.
fn entry(
    cache: &Cache,
    name: &str,
    inputs: &[&str],
    build: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let finished = cache.root().join(format!("{name}-{}", hash(inputs)));
    if finished.is_dir() {
        return Ok(finished);
    }
    let draft = TempDir::with_prefix_in(UNFINISHED, cache.root())?;
    build(draft.path()).with_context(|| format!("the guest's {name} was not built"))?;
    let draft = draft.keep();
    fs::rename(&draft, &finished).with_context(|| format!("cannot make {}", finished.display()))?;
    Ok(finished)
}

/// A short name for the inputs; the length of each goes in, so that they do not run together.
fn hash(inputs: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for input in inputs {
        hasher.update(input.len().to_le_bytes());
        hasher.update(input);
    }
    hasher.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Removes what killed builds left. Nobody builds now: we hold the lock.
fn sweep(cache: &Cache) -> Result<()> {
    for entry in fs::read_dir(cache.root())? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_do_not_run_together() {
        assert_eq!(hash(&["ab", "c"]), hash(&["ab", "c"]));
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(hash(&[]).len(), 12);
    }
}
