//! The programs of `guest/`, which run without an operating system: built, and run for a person.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use scmi_test_kit::{
    Board, Cache, Machine, Port, Scmid, Transport, bare_program, bare_target_dir, make_device_tree,
    workspace_root,
};
use tempfile::TempDir;

use crate::command::run;
use crate::guest::{rust, sweep};
use crate::setup;

/// Those that use a device of the machine's.
const PROGRAMS: [&str; 2] = ["bare", "tasks"];

/// All of them, by package. Each package is built for itself: one has an allocator, and then so has what is built with it.
const PACKAGES: [(&str, &[&str]); 2] =
    [("scmi-guest", &["bare", "tasks", "hostile"]), ("scmi-guest-hypervisor", &["hypervisor"])];

/// Addresses are fixed: the programs are linked for where the image is loaded.
const FLAGS: &str = "-Crelocation-model=static";

/// Of the cross compiler's package.
const OBJCOPY: &str = "aarch64-linux-gnu-objcopy";

/// What is run, and on what.
#[derive(Args)]
pub(crate) struct Options {
    /// Which program: `bare` asks one thing after the other, `tasks` all at once
    #[arg(long, default_value = "bare", value_parser = PROGRAMS)]
    program: String,
    /// The board file; the shipped demo board without it
    #[arg(long, value_name = "FILE")]
    board: Option<PathBuf>,
    /// Which of the board's agents the program is
    #[arg(long, default_value = "vm1")]
    agent: String,
    /// Attach the SCMI device by virtio-mmio instead of PCI
    #[arg(long)]
    mmio: bool,
    /// Which interrupt controller the machine has: GIC version 2 or 3
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(2..=3))]
    gic: u32,
}

/// Builds them all, each as an image that QEMU boots like a Linux.
pub(super) fn make(cache: &Cache) -> Result<()> {
    let target_dir = bare_target_dir(cache);
    for (package, programs) in PACKAGES {
        let mut build = rust::build(cache, FLAGS, &target_dir)?;
        build.args(["--release", "--locked", "--package", package]);
        run(build.current_dir(workspace_root().join("guest")))
            .with_context(|| format!("{package} in guest/ was not built"))?;
        for program in programs {
            let built = target_dir.join(rust::TARGET).join("release").join(program);
            let image = target_dir.join(program).with_extension("img");
            let mut copy = Command::new(OBJCOPY);
            run(copy.args(["--output-target=binary"]).arg(built).arg(image))?;
        }
    }
    Ok(())
}

/// Clippy over all of them, for their own target: most of what is in them exists on no other.
pub(crate) fn lints() -> Result<()> {
    let cache = Cache::find()?;
    let _lock = cache.lock(|| println!("waiting for another build of the guest"))?;
    for (package, _) in PACKAGES {
        let mut clippy = rust::clippy(&cache, FLAGS, &bare_target_dir(&cache))?;
        clippy.args(["--locked", "--package", package, "--", "-D", "warnings"]);
        run(clippy.current_dir(workspace_root().join("guest")))?;
    }
    Ok(())
}

/// Builds them and runs one against `scmid`, with its serial port on ours.
pub(crate) fn start(options: &Options) -> Result<()> {
    setup::run()?;
    let cache = Cache::find()?;
    {
        let _lock = cache.lock(|| println!("waiting for another build of the guest"))?;
        sweep(&cache)?;
        make(&cache)?;
    }
    let board = options.board.clone();
    let board = board.unwrap_or_else(|| workspace_root().join("examples/demo.toml"));
    let scmid = Scmid::start(&Board::File(board))?;
    let mut machine = Machine::bare(bare_program(&options.program)?);
    let transport = if options.mmio { Transport::Mmio } else { Transport::Pci };
    machine.port = Some(Port { socket: scmid.socket(&options.agent), transport });
    machine.gic = options.gic;
    machine.interactive = true;
    let dir = TempDir::with_prefix("scmi-bare-")?;
    machine.device_tree = Some(make_device_tree(
        &machine,
        Some(scmid.board()),
        Some(&options.agent),
        &[],
        dir.path(),
    )?);
    println!("starting the machine; Ctrl-A X kills it");
    let status = machine.command().status().context("cannot start QEMU")?;
    let log = scmid.log();
    scmid.stop()?;
    ensure!(status.success(), "QEMU failed ({status}); scmid logged:\n{log}");
    Ok(())
}
