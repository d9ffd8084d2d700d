//! `scmictl dt`: a board as device tree.

mod contents;
mod cpus;
mod merge;
mod nodes;
mod pins;
mod rails;
mod source;
mod tree;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use contents::Contents;
use merge::Base;

use crate::board;
use crate::failure::{Failure, Kind};

/// Write the device tree by which a guest finds a board.
///
/// Without --base it is source text: the node /firmware/scmi with the board's protocols, and the thermal zones that the
/// board file asks for. With --base the same nodes are added to a compiled tree, and its CPUs get the performance domains
/// that drive them; nothing else of it changes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The board file.
    #[arg(long, short, value_name = "FILE")]
    board: PathBuf,

    /// The agent that the tree is for. All agents see the same; the name is only checked.
    #[arg(long, short, value_name = "NAME")]
    agent: Option<String>,

    /// The compiled device tree to add to, as QEMU writes it with -machine dumpdtb=FILE.
    #[arg(long, value_name = "FILE.dtb", requires = "output")]
    base: Option<PathBuf>,

    /// Where to write; source text goes to standard output unless given.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  scmictl dt --board board.toml > scmi.dts

  # QEMU's own tree (give the options of the boot), then the board's nodes in it:
  qemu-system-aarch64 -M virt,dumpdtb=virt.dtb -cpu cortex-a57 -m 512 -nic none
  scmictl dt --board board.toml --base virt.dtb -o guest.dtb
  # and boot with -dtb guest.dtb";

/// The largest compiled tree that is read: real ones have less than 2 MiB, and a wrong path may be a disk image.
const MAX_BASE: u64 = 16 << 20;

/// Writes what the command line asks for.
pub(crate) fn run(arguments: &Arguments, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    if json {
        return Err(Failure::new(Kind::Usage, "dt writes device trees, there is no --json for it"));
    }
    let board = board::load(&arguments.board)?;
    if let Some(name) = &arguments.agent
        && !board.agents.iter().any(|agent| agent.name == *name)
    {
        let known: Vec<&str> = board.agents.iter().map(|agent| agent.name.as_str()).collect();
        let what = format!("no agent {name:?} on the board; it has {}", known.join(", "));
        return Err(Failure::new(Kind::File, what));
    }
    let contents = Contents::of(&board);
    let Some(base) = &arguments.base else {
        let root = nodes::root(&contents, &[]);
        let text = source::text(&root, &arguments.board.display().to_string());
        return match &arguments.output {
            Some(path) => write(path, text.as_bytes()),
            None => Ok(out.write_all(text.as_bytes())?),
        };
    };
    let merged = Base::read(&read(base)?)
        .and_then(|base| {
            let root = nodes::root(&contents, &base.cpus());
            base.merge(&root)
        })
        .map_err(|error| Failure::because(Kind::File, base.display(), &error))?;
    match &arguments.output {
        Some(path) => write(path, &merged),
        // The command line asks for both or none.
        None => Ok(out.write_all(&merged)?),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let problem = |error: std::io::Error| Failure::because(Kind::File, path.display(), &error);
    let size = fs::metadata(path).map_err(problem)?.len();
    if size > MAX_BASE {
        let what = format!("{}: {size} bytes are no device tree", path.display());
        return Err(Failure::new(Kind::File, what));
    }
    fs::read(path).map_err(problem)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|error| Failure::because(Kind::File, path.display(), &error))
}
