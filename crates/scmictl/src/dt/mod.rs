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
use scmi_board::{Agent, Board};

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

    /// The agent that the tree is for: the tree has what it sees, by its own ids. Needed where agents see different things.
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
  scmictl dt --board board.toml --agent vm1 > scmi.dts

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
    let contents = Contents::of(&board, agent(&board, arguments.agent.as_deref())?);
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

/// The agent that a tree is for. Where all see the same it need not be named.
fn agent<'b>(board: &'b Board, name: Option<&str>) -> Result<Option<&'b Agent>, Failure> {
    let known = || {
        let names: Vec<&str> = board.agents.iter().map(|agent| agent.name.as_str()).collect();
        names.join(", ")
    };
    let Some(name) = name else {
        let lists = board.agents.first().map(|agent| &agent.lists);
        if board.agents.iter().all(|agent| Some(&agent.lists) == lists) {
            return Ok(board.agents.first());
        }
        let what = format!("agents see different things, so --agent is needed: one of {}", known());
        return Err(Failure::new(Kind::Usage, what));
    };
    match board.agent(name) {
        Some(agent) => Ok(Some(agent)),
        None => {
            let what = format!("no agent {name:?} on the board; it has {}", known());
            Err(Failure::new(Kind::File, what))
        }
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
