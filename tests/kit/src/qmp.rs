//! QEMU's machine protocol, over a socket.

use core::time::Duration;
use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// A connection to a running QEMU.
#[derive(Debug)]
pub struct Qmp {
    stream: BufReader<UnixStream>,
    /// Events that came while something else was waited for.
    events: VecDeque<Value>,
}

impl Qmp {
    /// Connects and says hello.
    ///
    /// # Errors
    /// When nobody listens or the greeting is no greeting.
    pub(crate) fn connect(path: &Path) -> Result<Self> {
        let stream = UnixStream::connect(path)
            .with_context(|| format!("cannot reach QEMU on {}", path.display()))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut qmp = Self { stream: BufReader::new(stream), events: VecDeque::new() };
        let greeting = qmp.message()?;
        if greeting.get("QMP").is_none() {
            bail!("QEMU greeted with {greeting}");
        }
        qmp.command("qmp_capabilities")?;
        Ok(qmp)
    }

    /// Runs a command and gives what it returned.
    ///
    /// # Errors
    /// When QEMU refuses, does not answer for a minute, or has gone.
    pub fn execute(&mut self, command: &str, arguments: &Value) -> Result<Value> {
        let request = json!({ "execute": command, "arguments": arguments });
        writeln!(self.stream.get_mut(), "{request}").context("QEMU has gone")?;
        loop {
            let mut message = self.message()?;
            if let Some(value) = message.get_mut("return") {
                return Ok(value.take());
            }
            if let Some(error) = message.get("error") {
                bail!("QEMU refused {request}: {error}");
            }
            self.events.push_back(message);
        }
    }

    /// Runs a command that has no arguments and returns nothing.
    ///
    /// # Errors
    /// As [`Qmp::execute`].
    pub fn command(&mut self, command: &str) -> Result<()> {
        self.execute(command, &json!({})).map(drop)
    }

    /// Waits until QEMU has reported an event, and gives it. Earlier ones are passed over.
    ///
    /// # Errors
    /// When it does not within a minute.
    pub fn event(&mut self, name: &str) -> Result<Value> {
        loop {
            let message = match self.events.pop_front() {
                Some(event) => event,
                None => self.message().with_context(|| format!("no event {name}"))?,
            };
            if message.get("event").and_then(Value::as_str) == Some(name) {
                return Ok(message);
            }
        }
    }

    fn message(&mut self) -> Result<Value> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).context("QEMU does not answer")? == 0 {
            bail!("QEMU closed its control socket");
        }
        serde_json::from_str(&line).with_context(|| format!("QEMU said {line:?}"))
    }
}
