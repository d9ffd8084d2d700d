//! A machine with one program and no operating system.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::PATIENCE;
use crate::device_tree::make_device_tree;
use crate::guest_tool::bare_program;
use crate::machine::Machine;
use crate::places::Place;
use crate::process::Process;

/// A program of `guest/` in a machine of its own.
#[derive(Debug)]
pub struct Bare {
    /// The machine. A device is to be attached to it, or none.
    pub machine: Machine,
    fragments: Vec<String>,
}

impl Bare {
    /// The program in a machine without an SCMI device.
    ///
    /// # Errors
    /// When it was not built.
    pub fn new(program: &str) -> Result<Self> {
        Ok(Self { machine: Machine::bare(bare_program(program)?), fragments: Vec::new() })
    }

    /// Device-tree source to merge into the machine's tree.
    pub fn device_tree(&mut self, fragment: &str) {
        self.fragments.push(fragment.to_owned());
    }

    /// Runs it until it switches its machine off; what it printed. The tree has the SCMI node of the board, if one is
    /// given.
    ///
    /// # Errors
    /// When QEMU fails, or the machine still runs after [`PATIENCE`].
    pub fn run(mut self, board: Option<&Path>) -> Result<String> {
        let _place = Place::take();
        let dir = TempDir::with_prefix("scmi-bare-")?;
        let tree = make_device_tree(&self.machine, board, None, &self.fragments, dir.path())?;
        self.machine.device_tree = Some(tree);
        let mut qemu = Process::start("QEMU", &mut self.machine.command())?;
        let status = qemu.wait(PATIENCE);
        let status = status.with_context(|| format!("it printed:\n{}", qemu.output().tail(30)))?;
        let printed = qemu.output().whole(PATIENCE)?;
        let errors = qemu.errors().tail(10);
        ensure!(status.success(), "QEMU failed ({status}): {errors}\nit printed:\n{printed}");
        Ok(printed)
    }
}
