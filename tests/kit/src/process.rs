//! A process that ends with its owner.

use core::time::Duration;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::transcript::Transcript;

/// A child process whose output is recorded. Dropping it kills it, by its own process id.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    /// Whether it has a process group of its own, which ends with it.
    group: bool,
    output: Arc<Transcript>,
    errors: Arc<Transcript>,
}

impl Process {
    /// Starts a command with its standard input, output and error on pipes.
    ///
    /// # Errors
    /// When it cannot be started; the message has the whole command.
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        Self::spawn(name, command, false)
    }

    /// Starts a command that starts others itself: all of them are killed with it.
    ///
    /// # Errors
    /// As [`Process::start`].
    pub fn start_group(name: &str, command: &mut Command) -> Result<Self> {
        Self::spawn(name, command.process_group(0), true)
    }

    fn spawn(name: &str, command: &mut Command, group: bool) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().with_context(|| format!("cannot start {name}: {command:?}"))?;
        let output = follow(child.stdout.take());
        let errors = follow(child.stderr.take());
        Ok(Self { name: name.to_owned(), child, group, output, errors })
    }

    /// What it has written to its standard output so far.
    #[must_use]
    pub fn output(&self) -> &Transcript {
        &self.output
    }

    /// What it has written to its standard error so far.
    #[must_use]
    pub fn errors(&self) -> &Transcript {
        &self.errors
    }

    /// Writes to its standard input.
    ///
    /// # Errors
    /// When the process does not read any more.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = match &mut self.child.stdin {
            Some(stdin) => stdin.write_all(bytes).and_then(|()| stdin.flush()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        };
        written.with_context(|| format!("cannot write to {}", self.name))
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal. A process that has been waited for is not signalled: its number may be
    /// somebody else's by now.
    ///
    /// # Errors
    /// When the process has ended.
    pub fn signal(&mut self, signal: Signal) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("{} has ended already ({status}):\n{}", self.name, self.errors.tail(30));
        }
        let pid = self.pid().with_context(|| format!("{} is no process id", self.child.id()))?;
        kill_process(pid, signal).with_context(|| format!("cannot signal {}", self.name))
    }

    /// Waits for it to end by itself.
    ///
    /// # Errors
    /// When it has not after `patience`; it goes on running then.
    pub fn wait(&mut self, patience: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() >= deadline {
                bail!(
                    "{} still runs after {} s; its last lines:\n{}",
                    self.name,
                    patience.as_secs(),
                    self.errors.tail(30)
                );
            }
            // The standard library has no wait with a deadline.
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills it at once, and waits until it is gone.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(&mut self) -> Result<()> {
        // Once it has been waited for, its number may be somebody else's.
        if self.group
            && self.is_running()
            && let Some(pid) = self.pid()
        {
            let _ = kill_process_group(pid, Signal::KILL);
        }
        self.child.kill().with_context(|| format!("cannot kill {}", self.name))?;
        self.child.wait()?;
        Ok(())
    }

    fn pid(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }

    /// Whether it runs.
    #[must_use]
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It fails only if it has ended already, which is what is wanted.
        let _ = self.kill();
    }
}

fn follow(pipe: Option<impl Read + Send + 'static>) -> Arc<Transcript> {
    let transcript = Transcript::new();
    if let Some(pipe) = pipe {
        transcript.follow(pipe);
    }
    transcript
}
