//! `cargo xtask vm`: a Linux guest with a board, for a person.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use scmi_test_kit::{
    Board, Image, Machine, Port, Scmid, Transport, guest_program, make_device_tree, workspace_root,
};
use tempfile::TempDir;

use crate::{guest, setup};

/// What the guest is to be like.
#[derive(Args)]
pub(crate) struct Options {
    /// The board file; the shipped demo board without it
    #[arg(long, value_name = "FILE")]
    board: Option<PathBuf>,
    /// Which of the board's agents the guest is
    #[arg(long, default_value = "vm1")]
    agent: String,
    /// Attach the SCMI device by virtio-mmio instead of PCI
    #[arg(long)]
    mmio: bool,
    /// Boot the kernel that takes modules in Rust, and have it load this transport
    #[arg(long, value_enum)]
    transport: Option<guest::Transport>,
    /// Number of CPUs
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=8))]
    cpus: u32,
    /// More for the kernel's command line
    #[arg(long, default_value = "")]
    append: String,
    /// Device-tree source to merge into the guest's tree
    #[arg(long, value_name = "FILE")]
    device_tree: Option<PathBuf>,
    /// Print the commands that do the same by hand, and start nothing
    #[arg(long)]
    print: bool,
    /// More arguments for QEMU, after `--`
    #[arg(last = true)]
    qemu: Vec<String>,
}

impl Options {
    fn machine(&self, image: &Image, socket: PathBuf) -> Machine {
        let mut machine = Machine::new(image);
        let transport = if self.mmio { Transport::Mmio } else { Transport::Pci };
        machine.port = Some(Port { socket, transport });
        machine.cpus = self.cpus;
        machine.interactive = true;
        machine.kernel_args.clone_from(&self.append);
        machine.extra.clone_from(&self.qemu);
        machine
    }

    fn board(&self) -> PathBuf {
        self.board.clone().unwrap_or_else(|| workspace_root().join("examples/demo.toml"))
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let image = match options.transport {
        Some(transport) => {
            setup::run_for_rust_kernel()?;
            guest::make_tool()?;
            guest::make_with(transport)?
        }
        None => {
            setup::run()?;
            guest::make()?
        }
    };
    if options.print { print(options, &image) } else { start(options, &image) }
}

fn start(options: &Options, image: &Image) -> Result<()> {
    let scmid = Scmid::start(&Board::File(options.board()))?;
    let mut machine = options.machine(image, scmid.socket(&options.agent));
    let dir = TempDir::with_prefix("scmi-vm-")?;
    let fragments = match &options.device_tree {
        None => vec![],
        Some(path) => {
            let text = fs::read_to_string(path);
            vec![text.with_context(|| format!("cannot read {}", path.display()))?]
        }
    };
    machine.device_tree = Some(make_device_tree(
        &machine,
        Some(scmid.board()),
        Some(&options.agent),
        &fragments,
        dir.path(),
    )?);
    let initrd = dir.path().join("initrd");
    let modules = image.boot_modules();
    let modules = modules.iter().map(|(to, from)| (to.as_str(), from.clone()));
    let mut files: Vec<(&str, PathBuf)> = modules.collect();
    files.push(("/usr/bin/scmictl", guest_program("scmictl")?));
    image.initrd_with(&files, &initrd)?;
    machine.initrd = Some(initrd);
    println!("starting the guest; `poweroff` ends it, Ctrl-A X kills it");
    println!("in it: scmictl --connect raw:/sys/kernel/debug/scmi/0 list");
    let status = machine.command().status().context("cannot start QEMU")?;
    let log = scmid.log();
    scmid.stop()?;
    ensure!(status.success(), "QEMU failed ({status}); scmid logged:\n{log}");
    Ok(())
}

fn print(options: &Options, image: &Image) -> Result<()> {
    let board = options.board().display().to_string();
    let mut machine = options.machine(image, format!("{}.sock", options.agent).into());
    let dump = machine.dump_device_tree("virt.dtb".as_ref());
    machine.device_tree = Some("guest.dtb".into());
    println!("scmid --board {board} --socket-dir . &");
    println!("{}", crate::command::line(&dump));
    println!("scmictl dt --board {board} --base virt.dtb -o guest.dtb");
    println!("{}", machine.shell_line());
    Ok(())
}
