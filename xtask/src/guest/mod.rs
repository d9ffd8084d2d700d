//! The Linux guest: a kernel from Debian's source, modules of ours for it, and a root file system of BusyBox, each
//! built once into the cache under the hash of what went in; and our own tool for it. Beside it, the guests without an
//! operating system, and images that are only measured.

pub(crate) mod bare;
mod checkout;
mod compiler;
pub(crate) mod hypervisor;
mod kernel;
mod modules;
mod root;
mod rust;
pub(crate) mod size;
mod tool;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;
use scmi_test_kit::{Cache, Image};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub(crate) use compiler::Compiler;
pub(crate) use modules::transport_with;
pub(crate) use rust::{TARGET, toolchain_has_target};

use kernel::Kernel;

/// What directories of builds in progress start with.
const UNFINISHED: &str = "unfinished-";

/// All guests, built if they are not in the cache yet; the Linux one.
pub(crate) fn make() -> Result<Image> {
    let cache = Cache::find()?;
    let _lock = cache.lock(|| println!("waiting for another build of the guest"))?;
    sweep(&cache)?;
    let image = image(&cache, &Kernel::ordinary(&cache)?, None)?;
    tool::make(&cache)?;
    bare::make(&cache)?;
    size::make(&cache)?;
    image.publish(&cache)?;
    Ok(image)
}

/// Which of the transports over virtio a guest loads, of those that are modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Transport {
    /// Ours: linux/scmi-virtio
    Rust,
    /// The kernel's own
    C,
}

/// The Linux guest with the kernel that takes modules in Rust, and a transport over virtio that it loads when it boots.
pub(crate) fn make_with(transport: Transport) -> Result<Image> {
    let cache = Cache::find()?;
    let _lock = cache.lock(|| println!("waiting for another build of the guest"))?;
    sweep(&cache)?;
    let kernel = Kernel::with_rust(&cache)?;
    let module = match transport {
        Transport::Rust => modules::transport(&cache, &kernel)?,
        Transport::C => kernel.c_transport(),
    };
    image(&cache, &kernel, Some(module))
}

/// `scmictl` for the guest, which [`make`] makes, too.
pub(crate) fn make_tool() -> Result<()> {
    let cache = Cache::find()?;
    let _lock = cache.lock(|| println!("waiting for another build of the guest"))?;
    tool::make(&cache)
}

/// Our transport for that kernel.
pub(crate) fn transport() -> Result<PathBuf> {
    let cache = Cache::find()?;
    let _lock = cache.lock(|| println!("waiting for another build of the guest"))?;
    sweep(&cache)?;
    modules::transport(&cache, &Kernel::with_rust(&cache)?)
}

/// LLVM and Rust, to build modules for a kernel that somebody else built.
pub(crate) fn rust_compiler() -> Result<Compiler> {
    let cache = Cache::find()?;
    let _lock = cache.lock(|| println!("waiting for another build of the guest"))?;
    Compiler::with_rust(&cache)
}

fn image(cache: &Cache, kernel: &Kernel, transport: Option<PathBuf>) -> Result<Image> {
    Ok(Image {
        kernel: kernel.image(),
        initrd: root::make(cache)?.join("root.cpio.gz"),
        consumer: modules::consumer(cache, kernel)?,
        transport,
        release: kernel.release()?,
    })
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
