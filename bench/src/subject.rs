//! The daemons that are measured.

use core::time::Duration;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::Signal;
use scmi_test_kit::{PEER_NAME, PEER_VERSION, Process, peer_program, workspace_root};
use serde::Serialize;
use tempfile::TempDir;

use crate::cases::Case;

/// The board that scmid serves; its agent is called `bench`.
const BOARD: &str = include_str!("../board.toml");
const AGENT_SOCKET: &str = "bench.sock";

/// How long a daemon may take to listen, or to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// A daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// Ours.
    Scmid,
    /// The other one that there is.
    Peer,
    /// The same bytes for everything.
    Floor,
}

impl Subject {
    /// All of them, in the order of their turns.
    pub const ALL: [Self; 3] = [Self::Scmid, Self::Peer, Self::Floor];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scmid => "scmid",
            Self::Peer => "peer",
            Self::Floor => "floor",
        }
    }

    /// What it is, in a line.
    #[must_use]
    pub fn description(self) -> String {
        match self {
            Self::Scmid => {
                format!("scmid {}, with the board bench/board.toml", env!("CARGO_PKG_VERSION"))
            }
            Self::Peer => format!("{} {}, with its fake sensor", PEER_NAME, PEER_VERSION),
            Self::Floor => "constant bytes of the same length, no SCMI".to_owned(),
        }
    }

    /// Whether it answers what it is asked.
    pub(crate) const fn speaks_scmi(self) -> bool {
        !matches!(self, Self::Floor)
    }
}

/// Where the programs of the daemons are.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    scmid: PathBuf,
    peer: PathBuf,
    floor: PathBuf,
}

impl Programs {
    /// Builds or installs them. Ours are taken from `$SCMI_BIN_DIR` instead if that is set.
    pub(crate) fn prepare() -> Result<Self> {
        let ours = ours()?;
        let programs =
            Self { scmid: ours.join("scmid"), peer: peer_program()?, floor: ours.join("floor") };
        for program in [&programs.scmid, &programs.floor] {
            ensure!(program.is_file(), "there is no {}", program.display());
        }
        Ok(programs)
    }

    fn command(&self, subject: Subject, case: Case, dir: &Path) -> Command {
        let socket = dir.join(AGENT_SOCKET);
        match subject {
            Subject::Scmid => scmid(&self.scmid, dir),
            Subject::Peer => {
                let mut command = Command::new(&self.peer);
                command.arg("--socket-path").arg(socket).args(["--device", "fake,name=foo"]);
                command.env_remove("RUST_LOG");
                command
            }
            Subject::Floor => {
                let mut command = Command::new(&self.floor);
                command.arg("--socket").arg(socket);
                command.args(["--bytes", &case.message.answer_len().to_string()]);
                command
            }
        }
    }
}

/// Our daemon, with the board in `dir`.
fn scmid(program: &Path, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("--board").arg(dir.join("board.toml")).arg("--socket-dir").arg(dir);
    command.env_remove("SCMID_LOG");
    command
}

/// Where our daemons are.
fn ours() -> Result<PathBuf> {
    env::var_os("SCMI_BIN_DIR").map_or_else(build, |dir| Ok(PathBuf::from(dir)))
}

/// Builds our daemons beside this program, or above it where this is a bench, and says where that is.
fn build() -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--quiet", "--release", "--bin", "scmid", "--bin", "floor"])
        .args(["--package", "scmid", "--package", "scmi-bench"])
        .current_dir(workspace_root());
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?} says {status}");
    let here = env::current_exe().context("cannot find this program's own file")?;
    // Cargo puts programs into the profile's folder, and benches one below it.
    let mut above = here.ancestors().skip(1);
    let ours = above.find(|folder| folder.join("scmid").is_file());
    Ok(ours.with_context(|| format!("there is no scmid above {}", here.display()))?.to_owned())
}

/// A daemon that runs, for as long as this lives.
#[derive(Debug)]
pub struct Running {
    process: Process,
    socket: PathBuf,
    _dir: TempDir,
}

impl Running {
    /// Starts a daemon and waits until its socket is there. It inherits the CPU of this thread.
    pub(crate) fn start(programs: &Programs, subject: Subject, case: Case) -> Result<Self> {
        let dir = TempDir::with_prefix("scmi-bench-")?;
        fs::write(dir.path().join("board.toml"), BOARD)?;
        let command = programs.command(subject, case, dir.path());
        Self::wait(subject, command, dir, AGENT_SOCKET)
    }

    /// Starts our daemon with a board of one's own, for one of its agents. It is built first, unless `$SCMI_BIN_DIR`
    /// says where it is.
    ///
    /// # Errors
    /// When it does not build or does not start.
    pub fn scmid(board: &str, agent: &str) -> Result<Self> {
        Self::scmid_kept(board, agent, false)
    }

    /// The same, with a state file or without one.
    ///
    /// # Errors
    /// As [`Self::scmid`].
    pub fn scmid_kept(board: &str, agent: &str, kept: bool) -> Result<Self> {
        let dir = TempDir::with_prefix("scmi-bench-")?;
        fs::write(dir.path().join("board.toml"), board)?;
        let mut command = scmid(&ours()?.join("scmid"), dir.path());
        if kept {
            command.arg("--state").arg(dir.path().join("state"));
        }
        Self::wait(Subject::Scmid, command, dir, &format!("{agent}.sock"))
    }

    fn wait(subject: Subject, mut command: Command, dir: TempDir, socket: &str) -> Result<Self> {
        let process = Process::start(subject.name(), &mut command)?;
        let socket = dir.path().join(socket);
        let mut running = Self { process, socket, _dir: dir };
        let deadline = Instant::now() + PATIENCE;
        while !running.socket.exists() {
            if !running.process.is_running() {
                bail!("{} ended:\n{}", subject.name(), running.process.errors().tail(30));
            }
            ensure!(
                Instant::now() < deadline,
                "{} has no socket after {} s:\n{}",
                subject.name(),
                PATIENCE.as_secs(),
                running.process.errors().tail(30)
            );
            thread::sleep(Duration::from_millis(2));
        }
        Ok(running)
    }

    /// Its socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it said on its standard error, for messages about it.
    #[must_use]
    pub fn last_words(&self) -> String {
        self.process.errors().tail(30)
    }

    /// Ends it and waits until it is gone.
    pub(crate) fn stop(mut self) -> Result<()> {
        if self.process.is_running() {
            self.process.signal(Signal::TERM)?;
        }
        self.process.wait(PATIENCE)?;
        Ok(())
    }
}
