//! The daemon, as its users run it.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitStatus};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::PATIENCE;
use crate::board::Board;
use crate::process::Process;
use crate::programs::program;
use crate::record::RECORD_VARIABLE;
use crate::witness::Guests;

/// The folder in which every daemon leaves a trace; without it none does.
pub const TRACES_VARIABLE: &str = "SCMI_TRACES";

/// Some hundred boots; what floods on purpose is of no use beyond that.
const TRACE_LIMIT: &str = "64M";

/// Where this daemon is to leave its trace: under the name of the test, and a number, as a test may have several.
fn wanted_trace() -> Option<PathBuf> {
    static STARTED: AtomicU64 = AtomicU64::new(0);
    let folder = env::var_os(TRACES_VARIABLE)?;
    let thread = thread::current();
    let test = thread.name().unwrap_or("scmid").replace("::", "-");
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    Some(Path::new(&folder).join(format!("{test}-{}-{number}.pcapng", process::id())))
}

/// What stands in the last line about each agent.
const COUNTERS: &str = "counters agent=";

/// How many agents a daemon serves, which it says when it is ready.
fn served(log: &str) -> Option<usize> {
    let (_, rest) = log.split_once("ready, ")?;
    rest.split_once(" agents")?.0.parse().ok()
}

/// A running `scmid` with its sockets in a temporary directory.
#[derive(Debug)]
pub struct Scmid {
    process: Process,
    board: PathBuf,
    dir: TempDir,
    guests: Guests,
    /// How many agents it serves, all of which it tells of when it is asked for counters.
    agents: usize,
}

/// What the daemon counted for one agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentCounters {
    /// The counters by name: `commands`, `answered`, `dropped`, `refused`, `notifications`, `delayed`.
    pub counts: BTreeMap<String, u64>,
    /// What it refused, each kind once.
    pub refusals: Vec<Refusal>,
    /// How many commands it answered with success, by protocol and message.
    answered: BTreeMap<(u32, u32), u64>,
}

/// Commands of one kind that the daemon answered with an error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// The protocol's number.
    pub protocol: u32,
    /// The message's number.
    pub message: u32,
    /// The status by name.
    pub status: String,
    /// How often.
    pub count: u64,
}

impl Scmid {
    /// Starts it and waits until every socket listens.
    ///
    /// # Errors
    /// When it refuses the board or does not get ready; the message has what it logged.
    pub fn start(board: &Board) -> Result<Self> {
        Self::start_with(board, wanted_trace().as_deref())
    }

    /// The same, with everything that is said written to `trace`.
    ///
    /// # Errors
    /// As [`Scmid::start`].
    pub fn start_traced(board: &Board, trace: &Path) -> Result<Self> {
        Self::start_with(board, Some(trace))
    }

    fn start_with(board: &Board, trace: Option<&Path>) -> Result<Self> {
        let dir = TempDir::with_prefix("scmid-")?;
        let board = board.place(dir.path())?;
        let mut command = Command::new(program("scmid")?);
        command.arg("--board").arg(&board).arg("--socket-dir").arg(dir.path());
        if let Some(trace) = trace {
            command.arg("--trace").arg(trace).args(["--trace-limit", TRACE_LIMIT]);
        }
        let process = Process::start("scmid", command.env("SCMID_LOG", "debug"))?;
        let agents = process.errors().wait(0, PATIENCE, "scmid to be ready", served)?;
        Ok(Self { process, board, dir, guests: Guests::default(), agents })
    }

    /// The socket of an agent.
    #[must_use]
    pub fn socket(&self, agent: &str) -> PathBuf {
        self.dir.path().join(format!("{agent}.sock"))
    }

    /// The board file it serves.
    #[must_use]
    pub fn board(&self) -> &Path {
        &self.board
    }

    /// Which of its agents are Linux guests.
    pub(crate) fn guests(&self) -> Guests {
        self.guests.clone()
    }

    /// What `scmictl --json` prints when it plays one of the agents: another one than the guest, to see the board with
    /// eyes that are not the guest's.
    ///
    /// # Errors
    /// When it fails, with what it said.
    pub fn ask<'args>(
        &self,
        agent: &str,
        arguments: impl IntoIterator<Item = &'args str>,
    ) -> Result<Value> {
        let mut command = self.scmictl(agent)?;
        let output = command.args(arguments).output().context("cannot run scmictl")?;
        ensure!(
            output.status.success(),
            "{command:?} failed ({}):\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("{command:?} printed no JSON"))
    }

    /// Starts `scmictl --json` as one of the agents, with something that goes on: its lines come in the process's
    /// output. [`Self::wait_answered`] tells when it has subscribed.
    ///
    /// # Errors
    /// When it does not start.
    pub fn watch<'args>(
        &self,
        agent: &str,
        arguments: impl IntoIterator<Item = &'args str>,
    ) -> Result<Process> {
        Process::start("scmictl", self.scmictl(agent)?.args(arguments))
    }

    fn scmictl(&self, agent: &str) -> Result<Command> {
        let mut command = Command::new(program("scmictl")?);
        let socket = format!("vhost-user:{}", self.socket(agent).display());
        command.args(["--json", "--connect", &socket]);
        Ok(command)
    }

    /// Waits until it has answered an agent that many commands of one kind, with success.
    ///
    /// # Errors
    /// When it has not in two minutes.
    pub fn wait_answered(
        &mut self,
        agent: &str,
        protocol: u32,
        message: u32,
        count: u64,
    ) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answered = self.counters(agent)?.answered(protocol, message);
            if answered >= count {
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "{agent} was answered {answered} commands {message:#x} of protocol {protocol:#x}, {count} are wanted"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The process, for signals.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.errors().since(0)
    }

    /// Asks it for its counters of an agent.
    ///
    /// # Errors
    /// When it has ended or does not say.
    pub fn counters(&mut self, agent: &str) -> Result<AgentCounters> {
        let mark = self.process.errors().mark();
        self.process.signal(Signal::USR1)?;
        let what = format!("scmid's counters of {agent}");
        // To the end of what it says: the rest would be taken for the beginning of the next answer.
        let (agents, errors) = (self.agents, self.process.errors());
        errors.wait(mark, PATIENCE, &what, |log| {
            let complete = log.matches(COUNTERS).count() >= agents && log.ends_with('\n');
            complete.then(|| AgentCounters::parse(log, agent))?
        })
    }

    /// Ends it as a service manager would, and waits for that.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(mut self) -> Result<ExitStatus> {
        self.process.signal(Signal::TERM)?;
        self.process.wait(Duration::from_secs(60))
    }
}

impl Scmid {
    /// Records which messages went by, if anybody wants that. A daemon that still runs is ended for it as by
    /// [`Scmid::stop`]; what one that was killed had not logged by then was not seen.
    fn record(&mut self) -> Result<()> {
        if env::var_os(RECORD_VARIABLE).is_none() {
            return Ok(());
        }
        if self.process.is_running() {
            self.process.signal(Signal::TERM)?;
            self.process.wait(Duration::from_secs(60))?;
        }
        self.guests.record(&self.log())?.write()
    }
}

impl Drop for Scmid {
    fn drop(&mut self) {
        // What a test saw that failed is of no interest.
        if !thread::panicking()
            && let Err(error) = self.record()
        {
            eprintln!("what scmid saw is not recorded: {error:#}");
        }
    }
}

impl AgentCounters {
    /// One counter.
    ///
    /// # Errors
    /// When the daemon has none of that name.
    pub fn get(&self, name: &str) -> Result<u64> {
        let value = self.counts.get(name).copied();
        value.with_context(|| format!("scmid counts no {name}; it counts {:?}", self.counts.keys()))
    }

    /// How many commands of one kind it answered with success.
    #[must_use]
    pub fn answered(&self, protocol: u32, message: u32) -> u64 {
        self.answered.get(&(protocol, message)).copied().unwrap_or_default()
    }

    /// How many commands of a protocol it answered, refusals among them.
    #[must_use]
    pub fn commands(&self, protocol: u32) -> u64 {
        let answered = self.answered.iter().filter(|((of, _), _)| *of == protocol);
        let refused = self.refusals.iter().filter(|refusal| refusal.protocol == protocol);
        answered.map(|(_, count)| count).sum::<u64>()
            + refused.map(|refusal| refusal.count).sum::<u64>()
    }

    /// The agent's lines in a log, if its counters are there.
    fn parse(log: &str, agent: &str) -> Option<Self> {
        let mut counts = None;
        let mut refusals = Vec::new();
        let mut answered = BTreeMap::new();
        for line in log.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let fields: BTreeMap<&str, &str> =
                line.split_whitespace().filter_map(|word| word.split_once('=')).collect();
            if fields.get("agent") != Some(&agent) {
                continue;
            }
            if line.contains("refused agent=") {
                refusals.push(Refusal::parse(&fields)?);
            } else if fields.get("kind") == Some(&"command") {
                let message = (number(&fields, "protocol")?, number(&fields, "message")?);
                answered.insert(message, fields.get("answered")?.parse().ok()?);
            } else if line.contains(COUNTERS) {
                let numbers = fields
                    .iter()
                    .filter_map(|(name, value)| Some(((*name).to_owned(), value.parse().ok()?)));
                counts = Some(numbers.collect());
            }
        }
        Some(Self { counts: counts?, refusals, answered })
    }
}

impl Refusal {
    fn parse(fields: &BTreeMap<&str, &str>) -> Option<Self> {
        Some(Self {
            protocol: number(fields, "protocol")?,
            message: number(fields, "message")?,
            status: (*fields.get("status")?).to_owned(),
            count: fields.get("count")?.parse().ok()?,
        })
    }
}

/// A field of a log line that is a number, in decimal or with `0x`.
fn number(fields: &BTreeMap<&str, &str>, name: &str) -> Option<u32> {
    let text: &str = fields.get(name)?;
    match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_that_is_ready_says_how_many_agents_it_has() {
        assert_eq!(served("INFO scmid: ready, 12 agents\n"), Some(12));
        assert_eq!(served("INFO scmid: ready, 1"), None, "there may be more");
    }

    #[test]
    fn counters_and_refusals_are_read_from_the_log() {
        let log = "INFO message agent=vm1 protocol=0x15 message=0x6 kind=command answered=9 refused=0\n\
                   INFO refused agent=vm1 protocol=0x15 message=0x3 status=NOT_FOUND count=2\n\
                   INFO refused agent=vm2 protocol=0x10 message=0x9 status=DENIED count=1\n\
                   INFO counters agent=vm1 commands=12 answered=11 refused=2\n\
                   INFO counters agent=vm2 comman";
        let vm1 = AgentCounters::parse(log, "vm1").unwrap();
        assert_eq!(vm1.get("commands").unwrap(), 12);
        assert!(vm1.get("agent").is_err(), "the agent's name is no counter");
        let refusal = Refusal { protocol: 0x15, message: 3, status: "NOT_FOUND".into(), count: 2 };
        assert_eq!(vm1.refusals, [refusal]);
        assert_eq!((vm1.answered(0x15, 6), vm1.answered(0x15, 3)), (9, 0));
        assert_eq!((vm1.commands(0x15), vm1.commands(0x10)), (11, 0));
        assert_eq!(AgentCounters::parse(log, "vm2"), None, "its line is not complete");
    }
}
