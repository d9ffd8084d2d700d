//! Everything a process has written, followed as it is written.

use core::time::Duration;
use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Result, bail};

/// The output of a process or of a serial port from its start, readable while it grows.
/// Carriage returns are left out.
#[derive(Debug, Default)]
pub struct Transcript {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    writers: usize,
}

impl Transcript {
    /// An empty transcript that nothing writes to yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Adds all that `reader` gives, from a thread of its own, until it ends.
    pub fn follow(self: &Arc<Self>, mut reader: impl Read + Send + 'static) {
        self.state().writers += 1;
        let transcript = Arc::clone(self);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                let written = buffer.iter().take(count).filter(|byte| **byte != b'\r');
                transcript.state().bytes.extend(written);
                transcript.changed.notify_all();
            }
            transcript.state().writers -= 1;
            transcript.changed.notify_all();
        });
    }

    /// How many bytes there are now: a place to look from later.
    #[must_use]
    pub fn mark(&self) -> usize {
        self.state().bytes.len()
    }

    /// The text from a place on. Each byte that is no UTF-8 becomes a question mark.
    #[must_use]
    pub fn since(&self, mark: usize) -> String {
        text(&self.state().bytes, mark)
    }

    /// The last lines, for an error message.
    #[must_use]
    pub fn tail(&self, lines: usize) -> String {
        let all = self.since(0);
        let mut last: Vec<&str> = all.lines().rev().take(lines).collect();
        last.reverse();
        last.join("\n")
    }

    /// Waits until `found` sees what it looks for in the text after `mark`.
    ///
    /// # Errors
    /// When the time is over, or the writers have ended and it is not there. The message names
    /// `what` and shows the last lines.
    pub fn wait<T>(
        &self,
        mark: usize,
        patience: Duration,
        what: &str,
        mut found: impl FnMut(&str) -> Option<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + patience;
        let mut state = self.state();
        loop {
            if let Some(value) = found(&text(&state.bytes, mark)) {
                return Ok(value);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let why = if state.writers == 0 {
                "the process ended".to_owned()
            } else if left.is_zero() {
                format!("{} s are over", patience.as_secs())
            } else {
                state = self
                    .changed
                    .wait_timeout(state, left)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
                continue;
            };
            drop(state);
            bail!("waited for {what}, but {why}; the last lines were:\n{}", self.tail(30));
        }
    }

    /// All of it, when whoever writes it has ended.
    ///
    /// # Errors
    /// When the time is over.
    pub fn whole(&self, patience: Duration) -> Result<String> {
        let deadline = Instant::now() + patience;
        let mut state = self.state();
        while state.writers > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                drop(state);
                bail!(
                    "more may come after {} s; the last lines were:\n{}",
                    patience.as_secs(),
                    self.tail(30)
                );
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(text(&state.bytes, 0))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes as text of the same length: each byte that is no UTF-8 becomes a question mark.
fn text(bytes: &[u8], mark: usize) -> String {
    let mut text = String::new();
    for chunk in bytes.get(mark..).unwrap_or_default().utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Write, pipe};

    #[test]
    fn what_is_written_after_a_mark_is_found() -> Result<()> {
        let (reader, mut writer) = pipe()?;
        let transcript = Transcript::new();
        transcript.follow(reader);
        writer.write_all(b"one\r\ntwo\r\n")?;
        transcript
            .wait(0, Duration::from_secs(60), "two", |text| text.contains("two\n").then_some(()))?;
        let mark = transcript.mark();
        writer.write_all(b"three\n")?;
        let seen = transcript.wait(mark, Duration::from_secs(60), "three", |text| {
            text.strip_suffix('\n').map(str::to_owned)
        })?;
        assert_eq!(seen, "three");
        assert_eq!(transcript.since(0), "one\ntwo\nthree\n");
        Ok(())
    }

    #[test]
    fn places_hold_whatever_was_written() {
        let bytes = b"a\xff\xfe\xc3\xa9b";
        assert_eq!(text(bytes, 0), "a??\u{e9}b");
        assert_eq!(text(bytes, 0).len(), bytes.len());
    }

    #[test]
    fn an_ended_writer_fails_the_wait_with_the_last_lines() -> Result<()> {
        let (reader, mut writer) = pipe()?;
        let transcript = Transcript::new();
        transcript.follow(reader);
        writer.write_all(b"the last words")?;
        drop(writer);
        let error =
            transcript.wait(0, Duration::from_secs(60), "more", |_| None::<()>).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("waited for more") && message.contains("the last words"),
            "{message}"
        );
        Ok(())
    }
}
