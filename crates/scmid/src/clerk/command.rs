//! The command that is told of requests.

use core::time::Duration;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process_group};
use scmi_board::RequestCommand;
use serde::{Deserialize, Serialize};

use super::counters::{Counter, Counters};

/// Commands that run at once; a slow one must not hold up the others, nor a guest fill the host with them.
pub(super) const AT_ONCE: usize = 4;

/// Requests that wait for one of them to end.
pub(super) const WAITING: usize = 16;

/// How often a command is looked at. The standard library has no wait with a deadline.
const LOOK: Duration = Duration::from_millis(10);

/// What a command is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    pub(super) agent: String,
    pub(super) state: String,
    pub(super) graceful: bool,
}

/// What becomes of a command: it begins, and then one of the others.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Ran {
    Begun,
    Well,
    /// It ended otherwise.
    Badly(String),
    /// It could not be run, or not be waited for.
    Not(String),
}

impl Ran {
    /// Counts and logs it.
    pub(super) fn note(&self, command: &RequestCommand, counters: &Counters) {
        let program = command.program.display();
        match self {
            Self::Begun => counters.add(Counter::Commands),
            Self::Well => tracing::debug!("on-request: {program} has ended well"),
            Self::Badly(how) => {
                counters.add(Counter::Failed);
                tracing::warn!("on-request: {program} {how}");
            }
            Self::Not(why) => {
                counters.add(Counter::Failed);
                tracing::error!("on-request: {program} cannot be run: {why}");
            }
        }
    }
}

/// Runs the command, a few at a time.
#[derive(Debug)]
pub(super) struct Runner {
    mailbox: SyncSender<Told>,
}

impl Runner {
    /// Threads that wait for something to run, and tell what becomes of it; they end when this is dropped, and a command that
    /// runs then is left to run.
    pub(super) fn start(
        command: &RequestCommand,
        tell: impl Fn(Ran) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let (mailbox, jobs) = sync_channel(WAITING);
        let (jobs, tell) = (Arc::new(Mutex::new(jobs)), Arc::new(tell));
        for _ in 0..AT_ONCE {
            let (command, jobs, tell) = (command.clone(), Arc::clone(&jobs), Arc::clone(&tell));
            let thread = thread::Builder::new().name("on-request".into());
            thread.spawn(move || {
                while let Some(told) = next(&jobs) {
                    run(&command, &told, &*tell);
                }
            })?;
        }
        Ok(Self { mailbox })
    }

    /// Has it run, unless too many wait already. Never waits.
    pub(super) fn run(&self, told: Told) -> bool {
        self.mailbox.try_send(told).is_ok()
    }

    /// Has it run, and waits while too many wait already.
    pub(super) fn run_all(&self, told: Told) -> bool {
        self.mailbox.send(told).is_ok()
    }
}

fn next(jobs: &Mutex<Receiver<Told>>) -> Option<Told> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn run(command: &RequestCommand, told: &Told, tell: &dyn Fn(Ran)) {
    let child = Command::new(&command.program)
        .args(&command.arguments)
        .env("SCMI_AGENT", &told.agent)
        .env("SCMI_STATE", &told.state)
        .env("SCMI_GRACEFUL", if told.graceful { "yes" } else { "no" })
        .stdin(Stdio::null())
        .stdout(io::stderr())
        // What it starts ends with it, should it take too long.
        .process_group(0)
        .spawn();
    tell(Ran::Begun);
    tell(match child.and_then(|child| ended(child, command.time_limit)) {
        Ok(Some(status)) if status.success() => Ran::Well,
        Ok(Some(status)) => Ran::Badly(format!("ended with {status}")),
        Ok(None) => Ran::Badly(format!("was killed after {:?}", command.time_limit)),
        Err(error) => Ran::Not(error.to_string()),
    });
}

/// How it ended by itself; `None` where it had to be killed.
fn ended(mut child: Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            // It was not waited for yet, so the number is still its own, and its group's.
            let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
            if let Some(group) = group {
                kill_process_group(group, Signal::KILL)?;
            }
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
}
