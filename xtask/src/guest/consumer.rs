//! The guest's module: `tests/linux/consumer`, a driver that uses what SCMI gives.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use scmi_test_kit::{Cache, workspace_root};

use crate::command::output;
use crate::guest::{entry, kernel};

/// Goes into the hash: count up when the steps below change what comes out.
const RECIPE: &str = "1";

const MODULE: &str = "consumer.ko";

/// The finished module, for the kernel in that directory.
pub(crate) fn make(cache: &Cache, kernel: &Path) -> Result<PathBuf> {
    let sources = sources(&workspace_root().join("tests/linux/consumer"))?;
    // The kernel's directory is named after what it was made from.
    let kernel_name = kernel.file_name().unwrap_or_default().to_string_lossy();
    let mut inputs = vec![RECIPE, &kernel_name];
    inputs.extend(sources.iter().flat_map(|(name, text)| [name.as_str(), text]));
    let dir = entry(cache, "consumer", &inputs, |dir| {
        println!("building the guest's module");
        build(dir, kernel, &sources)
    })?;
    Ok(dir.join(MODULE))
}

/// The files of a directory by their names.
fn sources(dir: &Path) -> Result<BTreeMap<String, String>> {
    let read = |path: &Path| {
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
    };
    let list = fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
    list.map(|file| {
        let file = file?;
        Ok((file.file_name().to_string_lossy().into_owned(), read(&file.path())?))
    })
    .collect()
}

fn build(dir: &Path, kernel: &Path, sources: &BTreeMap<String, String>) -> Result<()> {
    let place = dir.join("source");
    fs::create_dir(&place)?;
    for (name, text) in sources {
        fs::write(place.join(name), text)?;
    }
    let mut make = kernel::make_in(&kernel.join("build"));
    make.arg(format!("M={}", place.display())).args(["W=1", "KCFLAGS=-Werror", "modules"]);
    // What the compiler says is part of the error.
    output(&mut make)?;
    fs::rename(place.join(MODULE), dir.join(MODULE))?;
    fs::remove_dir_all(place)?;
    Ok(())
}
