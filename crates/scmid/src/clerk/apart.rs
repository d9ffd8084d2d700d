//! The command, run by a process apart: a daemon in a sandbox starts no programs, and what is in a sandbox starts nothing that is not.
//!
//! That process is told the command and the names of the agents before there are guests. From then on it can only be told to run this
//! command for one of these agents, as often as a daemon without a sandbox would.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::time::Duration;
use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use scmi::protocol::system::wire::SystemState;
use scmi_board::{Board, RequestCommand};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::command::{AT_ONCE, Ran, Runner, Told, WAITING};
use super::counters::Counters;

/// The longest line that either side sends the other after the first.
const MAX_LINE: u64 = 4096;

/// What may be run, and for whom.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    program: PathBuf,
    arguments: Vec<String>,
    time_limit: Duration,
    agents: Vec<String>,
}

impl Job {
    /// Whether the command can be told this.
    fn allows(&self, told: &Told) -> bool {
        let number = told.state.strip_prefix("0x").map(|digits| u32::from_str_radix(digits, 16));
        let state = match number {
            Some(number) => number.is_ok(),
            None => SystemState::from_word(&told.state).is_some(),
        };
        state && self.agents.contains(&told.agent)
    }
}

/// A process that runs a board's command.
#[derive(Debug)]
pub struct Helper {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
    command: RequestCommand,
}

impl Helper {
    /// Starts this program once more, with these arguments, by which it must come to [`help`]; nothing where the board has no
    /// command.
    ///
    /// # Errors
    /// The system gives no process.
    pub fn start(board: &Board, arguments: &[&str]) -> io::Result<Option<Self>> {
        let command = board.system.as_ref().and_then(|system| system.on_request.clone());
        let Some(command) = command else { return Ok(None) };
        let mut child = Command::new("/proc/self/exe")
            .args(arguments)
            .arg0("scmid")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A signal of the terminal is the daemon's, which ends it.
            .process_group(0)
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (mut to, from) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        let job = Job {
            program: command.program.clone(),
            arguments: command.arguments.clone(),
            time_limit: command.time_limit,
            agents: board.agents.iter().map(|agent| agent.name.clone()).collect(),
        };
        send(&mut to, &job)?;
        Ok(Some(Self { child, to, from, command }))
    }
}

/// Runs what a daemon wants run, until it has gone: what the process that [`Helper::start`] starts is for.
///
/// # Errors
/// What comes is no job, or there are no threads.
pub fn help() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut line = String::new();
    input.read_line(&mut line)?;
    let job: Job = serde_json::from_str(&line)?;
    let command = RequestCommand::new(job.program.clone(), job.arguments.clone(), job.time_limit);
    let runner = Runner::start(&command, |ran| {
        // Without a daemon there is nobody to tell, and this ends.
        let _gone = send(&mut io::stdout().lock(), &ran);
    })?;
    while let Some(told) = receive::<Told>(&mut input)? {
        // A daemon counts what it wants run; of one that does not, what comes next waits in the pipe.
        let runs = job.allows(&told) && runner.run_all(told);
        if !runs {
            let not = Ran::Not("the daemon wants what it may not".to_owned());
            send(&mut io::stdout().lock(), &not)?;
        }
    }
    Ok(())
}

/// The helper in use.
#[derive(Debug)]
pub(super) struct Apart {
    to: Mutex<Option<ChildStdin>>,
    child: Child,
    /// Commands that it was told to run and that have not ended.
    under_way: Arc<AtomicUsize>,
    closing: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Apart {
    pub(super) fn start(helper: Helper, counters: &Arc<Counters>) -> io::Result<Self> {
        let Helper { child, to, from, command } = helper;
        let (under_way, closing) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let (left, ends, counters) =
            (Arc::clone(&under_way), Arc::clone(&closing), Arc::clone(counters));
        let listener = thread::Builder::new().name("on-request".into()).spawn(move || {
            let mut from = BufReader::new(from);
            while let Ok(Some(ran)) = receive::<Ran>(&mut from) {
                if !matches!(ran, Ran::Begun) {
                    let less = |count: usize| count.checked_sub(1);
                    // There is nothing to do where it ends what it was not told.
                    let _ = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
                }
                ran.note(&command, &counters);
            }
            if !ends.load(Ordering::Relaxed) {
                tracing::error!("on-request: the process that runs the command has ended");
            }
        })?;
        Ok(Self { to: Mutex::new(Some(to)), child, under_way, closing, listener: Some(listener) })
    }

    /// Has the command run, unless too many wait already. What is sent fits the pipe, so this never waits.
    pub(super) fn run(&self, told: &Told) -> bool {
        let more = |count: usize| (count < AT_ONCE + WAITING).then_some(count + 1);
        let place = self.under_way.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        place.is_ok() && to.as_mut().is_some_and(|to| send(to, told).is_ok())
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        // It ends when nobody can tell it anything any more.
        drop(self.to.lock().unwrap_or_else(PoisonError::into_inner).take());
        let _ended = self.child.wait();
        let _panicked = self.listener.take().map(JoinHandle::join);
    }
}

fn send(to: &mut impl Write, what: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    to.write_all(&line)?;
    to.flush()
}

/// What comes next; nothing at the end.
fn receive<T: DeserializeOwned>(from: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    from.take(MAX_LINE).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&line)?))
}
