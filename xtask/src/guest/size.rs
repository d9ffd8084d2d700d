//! The images of `bench/size`, which are linked to be measured: how much code firmware gets.

use anyhow::{Context, Result};
use scmi_test_kit::{Cache, LINKED_MOST, Linked, size_target_dir, workspace_root};

use crate::command::run;
use crate::guest::{rust, sweep};
use crate::setup;

/// Beside those of the profile in `bench/size/Cargo.toml`: fixed addresses, and no tables for unwinding, which are
/// neither instructions nor read by any.
const FLAGS: &str = "-Crelocation-model=static -Ccode-model=tiny -Cforce-unwind-tables=no -Cllvm-args=-enable-machine-outliner";

/// How many symbols are printed of each.
const SYMBOLS: usize = 12;

/// Links them all.
pub(super) fn make(cache: &Cache) -> Result<()> {
    for arguments in
        [&["--bin=agent", "--bin=control"][..], &["--bin=platform", "--features=platform"]]
    {
        let mut build = rust::build(cache, FLAGS, &size_target_dir(cache))?;
        build.args(["--release", "--locked"]).args(arguments);
        run(build.current_dir(workspace_root().join("bench/size")))
            .context("an image of bench/size was not linked: can it panic?")?;
    }
    Ok(())
}

/// Links them and prints how large they are.
pub(crate) fn print() -> Result<()> {
    setup::run()?;
    let cache = Cache::find()?;
    {
        let _lock = cache.lock(|| println!("waiting for another build of the guest"))?;
        sweep(&cache)?;
        make(&cache)?;
    }
    println!("Bytes of .text and .rodata for {}, linked with", rust::TARGET);
    println!("opt-level = \"s\", lto = \"fat\", codegen-units = 1, panic = \"abort\", {FLAGS}");
    let agent = Linked::find("agent")?;
    println!(
        "\n{:7}  agent, driver with virtio-mmio and PCI, Base, Clock, Reset, Power domain: every call of theirs; at most {LINKED_MOST}",
        agent.bytes()?
    );
    print_symbols(&agent)?;
    let platform = Linked::find("platform")?;
    println!("\n{:7}  platform engine with all ten servers, without models", platform.bytes()?);
    print_symbols(&platform)
}

fn print_symbols(image: &Linked) -> Result<()> {
    for (bytes, name) in image.symbols()?.iter().take(SYMBOLS) {
        println!("{bytes:9}  {name}");
    }
    Ok(())
}
