//! Modules of ours for a guest's kernel: `tests/linux/consumer`, a driver that uses what SCMI gives, and
//! `linux/scmi-virtio`, SCMI's transport over virtio in Rust.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use scmi_test_kit::{Cache, workspace_root};

use crate::command::output;
use crate::guest::entry;
use crate::guest::kernel::Kernel;

/// Goes into the hash: count up when the steps below change what comes out.
const RECIPE: &str = "1";

/// What Kbuild makes of our sources among them, when somebody builds there.
const GENERATED: &str = "bindings_generated.rs";

/// The finished driver, for this kernel.
pub(crate) fn consumer(cache: &Cache, kernel: &Kernel) -> Result<PathBuf> {
    in_cache(cache, kernel, "consumer", "tests/linux/consumer", "consumer.ko")
}

/// The finished transport, for a kernel that takes modules in Rust.
pub(crate) fn transport(cache: &Cache, kernel: &Kernel) -> Result<PathBuf> {
    in_cache(cache, kernel, "scmi-virtio", TRANSPORT_FOLDER, TRANSPORT)
}

/// Where the transport's source is.
const TRANSPORT_FOLDER: &str = "linux/scmi-virtio";
/// What it is called.
const TRANSPORT: &str = "scmi_virtio.ko";

/// The transport for a kernel that somebody else built: `make` is what builds its modules. It is made in `place`.
pub(crate) fn transport_with(make: Command, place: &Path) -> Result<PathBuf> {
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    build(make, place, &sources(&workspace_root().join(TRANSPORT_FOLDER))?)?;
    Ok(place.join(TRANSPORT))
}

fn in_cache(
    cache: &Cache,
    kernel: &Kernel,
    name: &str,
    folder: &str,
    module: &str,
) -> Result<PathBuf> {
    let sources = sources(&workspace_root().join(folder))?;
    // The kernel's directory is named after what it was made from.
    let kernel_name = kernel.dir().file_name().unwrap_or_default().to_string_lossy();
    let mut inputs = vec![RECIPE, &kernel_name];
    inputs.extend(sources.iter().flat_map(|(name, text)| [name.as_str(), text]));
    let dir = entry(cache, name, &inputs, |dir| {
        println!("building the guest's module {module}");
        let place = dir.join("source");
        build(kernel.modules(), &place, &sources)?;
        fs::rename(place.join(module), dir.join(module))?;
        Ok(fs::remove_dir_all(place)?)
    })?;
    Ok(dir.join(module))
}

/// What a module is built from, by name: of a directory where somebody built one there is more.
fn sources(dir: &Path) -> Result<BTreeMap<String, String>> {
    let list = fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
    let mut sources = BTreeMap::new();
    for file in list {
        let (path, name) = file.map(|file| (file.path(), file.file_name()))?;
        let name = name.to_string_lossy().into_owned();
        let end = name.rsplit_once('.').map_or("", |(_, end)| end);
        let is_source = name == "Kbuild" || (matches!(end, "c" | "h" | "rs") && name != GENERATED);
        // C that Kbuild makes beside the module is called `scmi_virtio.mod.c`.
        if is_source && !name.ends_with(".mod.c") {
            let text = fs::read_to_string(&path);
            let text = text.with_context(|| format!("cannot read {}", path.display()))?;
            sources.insert(name, text);
        }
    }
    if !sources.contains_key("Kbuild") {
        bail!("{} has no Kbuild", dir.display());
    }
    Ok(sources)
}

fn build(mut make: Command, place: &Path, sources: &BTreeMap<String, String>) -> Result<()> {
    fs::create_dir_all(place)?;
    for (name, text) in sources {
        fs::write(place.join(name), text)?;
    }
    make.arg(format!("M={}", place.display()));
    make.args(["W=1", "KCFLAGS=-Werror", "KRUSTFLAGS=-Dwarnings", "modules"]);
    // What the compiler says is part of the error.
    output(&mut make)?;
    Ok(())
}
