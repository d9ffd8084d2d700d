//! The guest's shell, for a program.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::sync::Arc;

use anyhow::{Result, ensure};

use crate::PATIENCE;
use crate::process::Process;
use crate::witness;

/// What the guest prints when its shell is ready for a program.
const READY: &str = "@guest-ready@\n";

/// What a command in the guest did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its standard output and error.
    pub text: String,
    /// Its exit status.
    pub status: u32,
}

/// The shell on the guest's serial port, which is QEMU's standard input and output.
///
/// Each command runs in a shell of its own: a change of directory or a syntax error ends with it.
#[derive(Debug)]
pub struct Console {
    qemu: Process,
    commands: u32,
    read: usize,
    injected: Arc<AtomicBool>,
}

impl Console {
    pub(crate) fn new(qemu: Process) -> Self {
        Self { qemu, commands: 0, read: 0, injected: Arc::default() }
    }

    /// The QEMU process.
    pub fn qemu(&mut self) -> &mut Process {
        &mut self.qemu
    }

    /// Whether a command so far sent SCMI messages past Linux's drivers.
    pub(crate) fn injected(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.injected)
    }

    /// Waits for the shell: after power-on, and again after each reboot.
    ///
    /// # Errors
    /// When QEMU ends or the time is over; the message shows the last lines.
    pub fn wait_for_shell(&mut self, patience: Duration) -> Result<()> {
        self.read += self.wait("the guest's shell", patience, |text| {
            text.find(READY).map(|start| start + READY.len())
        })?;
        Ok(())
    }

    /// Runs a shell command in the guest, to its end.
    ///
    /// # Errors
    /// When it has not ended in two minutes, or QEMU has.
    pub fn run(&mut self, command: &str) -> Result<Output> {
        self.run_within(command, PATIENCE)
    }

    /// [`Console::run`] with another deadline.
    ///
    /// # Errors
    /// As there.
    pub fn run_within(&mut self, command: &str, patience: Duration) -> Result<Output> {
        self.commands += 1;
        let marker = format!("@end-{}:", self.commands);
        self.send(&format!("sh -c {} </dev/null 2>&1; echo \"{marker}$?@\"\n", quoted(command)))?;
        let (output, length) = self.wait(command, patience, |text| parse(text, &marker))?;
        self.read += length;
        Ok(output)
    }

    /// Runs a command that must succeed, and gives what it printed.
    ///
    /// # Errors
    /// Also when its exit status is not 0.
    pub fn ok(&mut self, command: &str) -> Result<String> {
        let Output { text, status } = self.run(command)?;
        ensure!(status == 0, "`{command}` ended with status {status} in the guest:\n{text}");
        Ok(text.trim_end_matches('\n').to_owned())
    }

    /// Sends a line to the guest's shell and waits for nothing: for `poweroff -f` and the like.
    ///
    /// # Errors
    /// When QEMU has ended.
    pub fn send(&mut self, line: &str) -> Result<()> {
        if witness::injects(line) {
            self.injected.store(true, Ordering::Relaxed);
        }
        self.qemu.write(line.as_bytes())
    }

    /// All that has appeared on the serial port.
    #[must_use]
    pub fn transcript(&self) -> String {
        self.qemu.output().since(0)
    }

    fn wait<T>(
        &mut self,
        what: &str,
        patience: Duration,
        found: impl FnMut(&str) -> Option<T>,
    ) -> Result<T> {
        self.qemu.output().wait(self.read, patience, what, found).map_err(|error| {
            let errors = self.qemu.errors().tail(10);
            if errors.is_empty() { error } else { error.context(format!("QEMU said:\n{errors}")) }
        })
    }
}

/// The command's output and status once its end marker is there, and how much text that was.
fn parse(text: &str, marker: &str) -> Option<(Output, usize)> {
    let (output, rest) = text.split_once(marker)?;
    let (status, _) = rest.split_once("@\n")?;
    let length = output.len() + marker.len() + status.len() + "@\n".len();
    Some((Output { text: output.to_owned(), status: status.parse().ok()? }, length))
}

/// One word for a shell, whatever is in it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_and_status_stand_around_the_marker() {
        let marker = "@end-1:";
        assert_eq!(parse("hello\n@end-1:", marker), None);
        let (output, length) = parse("hello\n@end-1:130@\nnext", marker).unwrap();
        assert_eq!(output, Output { text: "hello\n".into(), status: 130 });
        assert_eq!(length, "hello\n@end-1:130@\n".len());
    }

    #[test]
    fn a_quoted_word_survives_a_shell() {
        let word = "it's \"$HOME\" \\ `here`\nand there";
        let script = format!("printf %s {}", quoted(word));
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
    }
}
