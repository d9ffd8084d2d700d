//! Linux over the hypervisor of `guest/`, for a person.

use anyhow::{Context, Result, ensure};
use clap::Args;
use scmi_test_kit::{Image, Machine, bare_program, guest_program};
use tempfile::TempDir;

use crate::{guest, setup};

/// How it is run.
#[derive(Args)]
pub(crate) struct Options {
    /// More for the kernel's command line
    #[arg(long, default_value = "")]
    append: String,
    /// Print the command that does the same by hand, without scmictl in the guest, and start nothing
    #[arg(long)]
    print: bool,
}

/// Builds what it takes, and gives the guest's shell.
pub(crate) fn start(options: &Options) -> Result<()> {
    setup::run()?;
    let image = guest::make()?;
    let mut machine = machine(options, &image)?;
    if options.print {
        println!("{}", machine.shell_line());
        return Ok(());
    }
    let dir = TempDir::with_prefix("scmi-hypervisor-")?;
    let initrd = dir.path().join("initrd");
    image.initrd_with(&[("/usr/bin/scmictl", guest_program("scmictl")?)], &initrd)?;
    machine.initrd = Some(initrd);
    println!("starting the guest; `poweroff` ends it, Ctrl-A X kills it");
    println!("in it: scmictl --connect raw:/sys/kernel/debug/scmi/0 list");
    let status = machine.command().status().context("cannot start QEMU")?;
    ensure!(status.success(), "QEMU failed ({status})");
    Ok(())
}

fn machine(options: &Options, image: &Image) -> Result<Machine> {
    let mut machine = Machine::new(image);
    machine.hypervisor = Some(bare_program("hypervisor")?);
    machine.interactive = true;
    machine.kernel_args.clone_from(&options.append);
    Ok(machine)
}
