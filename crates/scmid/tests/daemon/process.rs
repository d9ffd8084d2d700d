//! A running daemon.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use scmi::agent::Client;
use scmi_vhost::frontend::{Frontend, Options};

/// How long anything may take; far more than it does, and then the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The board that the project ships; its agents are vm1 and vm2.
pub(crate) fn demo_board() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/demo.toml")
}

/// The daemon with these arguments, to its end.
pub(crate) fn run<A: AsRef<OsStr>>(arguments: &[A]) -> Output {
    command().args(arguments).output().expect("scmid runs")
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scmid"));
    command.env_remove("SCMID_LOG");
    command
}

/// The messages of a run that ended with this exit code.
pub(crate) fn refused(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

/// A daemon that serves; killed when dropped.
pub(crate) struct Daemon {
    child: Child,
    log: Arc<Mutex<String>>,
    /// To be closed at the end of the line.
    close: Arc<AtomicBool>,
    directory: PathBuf,
}

impl Daemon {
    /// Serves the demo board on sockets in `directory`.
    pub(crate) fn start(directory: &Path) -> Self {
        Self::start_on(&demo_board(), directory)
    }

    /// Serves the board in this file on sockets in `directory`.
    pub(crate) fn start_on(board: &Path, directory: &Path) -> Self {
        Self::start_with(board, directory, &[])
    }

    /// The same with more arguments.
    pub(crate) fn start_with(board: &Path, directory: &Path, more: &[&OsStr]) -> Self {
        Self::spawn(command(), board, directory, more)
    }

    /// The same, by a shell that does `first` before.
    pub(crate) fn start_after(
        first: &str,
        board: &Path,
        directory: &Path,
        more: &[&OsStr],
    ) -> Self {
        let mut shell = Command::new("sh");
        shell.env_remove("SCMID_LOG");
        shell.args(["-c", &format!("{first}; exec \"$0\" \"$@\"")]);
        shell.arg(env!("CARGO_BIN_EXE_scmid"));
        Self::spawn(shell, board, directory, more)
    }

    fn spawn(mut command: Command, board: &Path, directory: &Path, more: &[&OsStr]) -> Self {
        let mut child = command
            .args(["--board".as_ref(), board.as_os_str()])
            .args(["--socket-dir".as_ref(), directory.as_os_str()])
            .args(more)
            .stderr(Stdio::piped())
            .spawn()
            .expect("scmid starts");
        let log = Arc::new(Mutex::new(String::new()));
        let close = Arc::new(AtomicBool::new(false));
        let errors = child.stderr.take().expect("a pipe");
        let (to, closing) = (Arc::clone(&log), Arc::clone(&close));
        thread::spawn(move || {
            let mut lines = BufReader::new(errors).lines().map_while(Result::ok);
            while !closing.load(Ordering::Relaxed)
                && let Some(line) = lines.next()
            {
                to.lock().expect("nobody panics with it").push_str(&(line + "\n"));
            }
        });
        let daemon = Self { child, log, close, directory: directory.to_owned() };
        daemon.wait_for("ready");
        daemon
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("nobody panics with it").clone()
    }

    /// Waits until it has logged a line with `text` in it.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        let give_up = Instant::now() + PATIENCE;
        loop {
            let log = self.log();
            if let Some(line) = log.lines().find(|line| line.contains(text)) {
                return line.to_owned();
            }
            assert!(Instant::now() < give_up, "no {text:?} in:\n{log}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Closes our end of its standard error.
    pub(crate) fn close_log(&mut self) {
        self.close.store(true, Ordering::Relaxed);
        // The reader is in the middle of a line that has not come yet.
        self.signal(Signal::USR1);
        self.wait_for_the_reader();
    }

    /// Waits until nobody reads the log any more.
    fn wait_for_the_reader(&self) {
        let give_up = Instant::now() + PATIENCE;
        while Arc::strong_count(&self.log) > 1 {
            assert!(Instant::now() < give_up, "the log does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn socket(&self, agent: &str) -> PathBuf {
        self.directory.join(format!("{agent}.sock"))
    }

    /// Talks to it as this agent.
    pub(crate) fn connect(&self, agent: &str) -> Frontend {
        Frontend::connect(self.socket(agent), Options::default()).expect("a connection")
    }

    /// Does `talk` as this agent over a connection of its own.
    pub(crate) fn with<R>(&self, agent: &str, talk: impl FnOnce(&mut Client<'_>) -> R) -> R {
        talk(&mut Client::new(&mut self.connect(agent)))
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("it lives");
    }

    /// Sends SIGRTMIN and `offset`, as a shell does.
    pub(crate) fn real_time_signal(&self, offset: i32) {
        let (signal, pid) = (libc::SIGRTMIN() + offset, self.child.id());
        let kill = Command::new("sh").args(["-c", &format!("kill -{signal} {pid}")]).status();
        assert!(kill.expect("sh runs").success());
    }

    /// Waits until it has ended, and for all that it logged.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let give_up = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().expect("our child") {
                Some(status) => break status,
                None if Instant::now() > give_up => panic!("it does not end:\n{}", self.log()),
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        // The reader has the only other handle until its pipe ends.
        self.wait_for_the_reader();
        let log = self.log();
        (status, log)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Harmless when it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
