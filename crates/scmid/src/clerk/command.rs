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

use super::counters::{Counter, Counters};

/// Commands that run at once; a slow one must not hold up the others, nor a guest fill the host with them.
const AT_ONCE: usize = 4;

/// Requests that wait for one of them to end.
const WAITING: usize = 16;

/// How often a command is looked at. The standard library has no wait with a deadline.
const LOOK: Duration = Duration::from_millis(10);

/// What a command is told.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) agent: String,
    pub(super) state: String,
    pub(super) graceful: bool,
}

/// Runs the command, a few at a time.
#[derive(Debug)]
pub(super) struct Runner {
    mailbox: SyncSender<Told>,
}

impl Runner {
    /// Threads that wait for something to run; they end when this is dropped, and a command that runs then is left to
    /// run.
    pub(super) fn start(command: &RequestCommand, counters: &Arc<Counters>) -> io::Result<Self> {
        let (mailbox, jobs) = sync_channel(WAITING);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..AT_ONCE {
            let (command, counters) = (command.clone(), Arc::clone(counters));
            let jobs = Arc::clone(&jobs);
            let thread = thread::Builder::new().name("on-request".into());
            thread.spawn(move || {
                while let Some(told) = next(&jobs) {
                    run(&command, &told, &counters);
                }
            })?;
        }
        Ok(Self { mailbox })
    }

    /// Has it run, unless too many wait already. Never waits.
    pub(super) fn run(&self, told: Told) -> bool {
        self.mailbox.try_send(told).is_ok()
    }
}

fn next(jobs: &Mutex<Receiver<Told>>) -> Option<Told> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn run(command: &RequestCommand, told: &Told, counters: &Counters) {
    let program = command.program.display();
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
    counters.add(Counter::Commands);
    match child.and_then(|child| ended(child, command.time_limit)) {
        Ok(Some(status)) if status.success() => {
            tracing::debug!("on-request: {program} has ended well");
        }
        Ok(Some(status)) => {
            counters.add(Counter::Failed);
            tracing::warn!("on-request: {program} ended with {status}");
        }
        Ok(None) => {
            counters.add(Counter::Failed);
            tracing::warn!("on-request: {program} was killed after {:?}", command.time_limit);
        }
        Err(error) => {
            counters.add(Counter::Failed);
            tracing::error!("on-request: {program} cannot be run: {error}");
        }
    }
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
