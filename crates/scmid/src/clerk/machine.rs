//! A guest's machine, and what is done to it by force.

use core::time::Duration;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::Instant;

use scmi::protocol::system::wire::SystemState;

use super::counters::{Counter, Counters};
use super::qmp::{Qmp, QmpError};

/// How long the VMM may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often somebody who waits for the end of a machine looks for something newer to do.
const LOOK: Duration = Duration::from_millis(100);

/// Acts that wait for the one before them.
const WAITING: usize = 8;

/// What is done to a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// A command of QMP, at once.
    Now(&'static str),
    /// The end, unless it ends by itself within this time. Anything newer calls it off, but for another one of these,
    /// which cannot put it off.
    EndAfter(Duration),
}

impl Act {
    /// What a state means for a machine that is not asked; a vendor's nothing.
    pub(super) fn to_force(state: SystemState) -> Option<Self> {
        Some(Self::Now(match state {
            SystemState::SHUTDOWN => QUIT,
            SystemState::COLD_RESET | SystemState::WARM_RESET => "system_reset",
            SystemState::SUSPEND => "stop",
            SystemState::POWER_UP => "cont",
            _ => return None,
        }))
    }
}

const QUIT: &str = "quit";

/// The machine of an agent. Its thread ends when this is dropped.
#[derive(Debug)]
pub(super) struct Machine {
    path: PathBuf,
    mailbox: SyncSender<Act>,
}

impl Machine {
    /// The machine whose VMM listens at `path`, from time to time.
    pub(super) fn start(agent: &str, path: &Path, counters: &Arc<Counters>) -> io::Result<Self> {
        let (mailbox, acts) = sync_channel(WAITING);
        let worker = Worker {
            agent: agent.to_owned(),
            path: path.to_owned(),
            acts,
            counters: Arc::clone(counters),
        };
        thread::Builder::new().name(format!("qmp-{agent}")).spawn(move || worker.work())?;
        Ok(Self { path: path.to_owned(), mailbox })
    }

    /// Where its VMM listens.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Has it done, unless too much waits already. Never waits.
    pub(super) fn act(&self, act: Act) -> bool {
        self.mailbox.try_send(act).is_ok()
    }
}

/// The thread of a machine.
struct Worker {
    agent: String,
    path: PathBuf,
    acts: Receiver<Act>,
    counters: Arc<Counters>,
}

/// How waiting for the end of a machine ended.
enum Waited {
    Ended,
    NotInTime(Qmp),
    Newer(Act),
    Stopped,
}

impl Worker {
    fn work(&self) {
        let mut newer = None;
        while let Some(act) = newer.take().or_else(|| self.acts.recv().ok()) {
            newer = match act {
                Act::Now(command) => {
                    self.say(command, self.connect().and_then(|qmp| execute(qmp, command)));
                    None
                }
                Act::EndAfter(timeout) => self.end_after(timeout),
            };
        }
    }

    fn connect(&self) -> Result<Qmp, QmpError> {
        Qmp::connect(&self.path, PATIENCE)
    }

    /// The connection is held while the machine has time: another one on the same socket later may be another machine.
    fn end_after(&self, timeout: Duration) -> Option<Act> {
        let deadline = Instant::now() + timeout;
        let agent = &self.agent;
        let waited = self.connect().and_then(|qmp| self.wait(qmp, deadline));
        match waited {
            Ok(Waited::Ended) => tracing::info!("machine of {agent}: has ended by itself"),
            Ok(Waited::NotInTime(qmp)) => {
                tracing::warn!("machine of {agent}: still runs {timeout:?} after it was to end");
                self.say(QUIT, execute(qmp, QUIT));
            }
            Ok(Waited::Newer(act)) => return Some(act),
            Ok(Waited::Stopped) => {}
            Err(error) => self.say("waiting for its end", Err(error)),
        }
        None
    }

    fn wait(&self, mut qmp: Qmp, deadline: Instant) -> Result<Waited, QmpError> {
        loop {
            match self.acts.try_recv() {
                // The first of them had its time first.
                Ok(Act::EndAfter(_)) | Err(TryRecvError::Empty) => {}
                Ok(newer @ Act::Now(_)) => return Ok(Waited::Newer(newer)),
                Err(TryRecvError::Disconnected) => return Ok(Waited::Stopped),
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Waited::NotInTime(qmp));
            }
            match qmp.event(left.min(LOOK)) {
                // One that does not quit on its own rests from then on.
                Ok(Some(event)) if event == "SHUTDOWN" => return Ok(Waited::Ended),
                Ok(_) => {}
                Err(QmpError::Gone) => return Ok(Waited::Ended),
                Err(error) => return Err(error),
            }
        }
    }

    fn say(&self, what: &str, result: Result<(), QmpError>) {
        let (agent, path) = (&self.agent, self.path.display());
        self.counters.add(Counter::Acts);
        match result {
            Ok(()) => tracing::info!("machine of {agent}: {what}"),
            Err(error) => {
                self.counters.add(Counter::Failed);
                tracing::warn!("machine of {agent}: {what} failed: {path}: {error}");
            }
        }
    }
}

fn execute(mut qmp: Qmp, command: &str) -> Result<(), QmpError> {
    match qmp.execute(command, PATIENCE) {
        // It may be gone before it has said so.
        Err(QmpError::Gone) if command == QUIT => Ok(()),
        result => result,
    }
}
