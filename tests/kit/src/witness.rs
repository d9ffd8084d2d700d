//! Who was who behind a daemon, and what went by: for `docs/coverage.md`.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::collections::BTreeMap;
use std::process;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};

use crate::record::{Record, Side};

/// Which agents of a daemon were Linux guests, and which of these also sent what a test made them send.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guests(Arc<Mutex<Vec<Seat>>>);

#[derive(Debug)]
struct Seat {
    agent: String,
    /// Whether a test sent messages past Linux's drivers.
    injected: Arc<AtomicBool>,
}

impl Guests {
    /// A Linux guest is to be this agent.
    pub(crate) fn seat(&self, agent: &str, injected: Arc<AtomicBool>) {
        let mut seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seats.push(Seat { agent: agent.to_owned(), injected });
    }

    /// Whether whatever came from this agent was Linux's own doing.
    fn are_alone(&self, agent: &str) -> bool {
        let seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut there = seats.iter().filter(|seat| seat.agent == agent).peekable();
        there.peek().is_some() && there.all(|seat| !seat.injected.load(Ordering::Relaxed))
    }

    /// What a daemon logged of messages, as a record that no other has the name of.
    ///
    /// # Errors
    /// When a line of the log cannot be understood.
    pub(crate) fn record(&self, log: &str) -> Result<Record> {
        static RECORDS: AtomicU32 = AtomicU32::new(0);
        let number = RECORDS.fetch_add(1, Ordering::Relaxed);
        let mut record = Record::new(&format!("scmid-{}-{number}", process::id()));
        for line in log.lines().filter(|line| line.contains("message agent=")) {
            let counted = Counted::parse(line).with_context(|| format!("no message: {line}"))?;
            for (times, success) in [(counted.good, true), (counted.bad, false)] {
                if times == 0 {
                    continue;
                }
                let Counted { protocol, kind, message, .. } = counted;
                record.note(Side::Platform, protocol, kind, message, success);
                if self.are_alone(counted.agent) {
                    record.note(Side::Linux, protocol, kind, message, success);
                }
            }
        }
        Ok(record)
    }
}

/// Whether a command for a guest's shell sends messages past Linux's drivers: through raw mode, by hand or by a tool.
pub(crate) fn injects(command: &str) -> bool {
    ["/raw/", "raw:"].iter().any(|mark| command.contains(mark))
}

/// A line of the daemon's about a message.
struct Counted<'log> {
    agent: &'log str,
    protocol: u8,
    kind: u8,
    message: u8,
    good: u64,
    bad: u64,
}

impl<'log> Counted<'log> {
    fn parse(line: &'log str) -> Option<Self> {
        let fields: BTreeMap<&str, &str> =
            line.split_whitespace().filter_map(|word| word.split_once('=')).collect();
        let hex = |name| u8::from_str_radix(fields.get(name)?.strip_prefix("0x")?, 16).ok();
        let count = |name| fields.get(name)?.parse().ok();
        let (kind, good, bad) = match *fields.get("kind")? {
            "command" => (0, count("answered")?, count("refused")?),
            "delayed" => (2, count("sent")?, count("failed")?),
            "notification" => (3, count("sent")?, 0),
            _ => return None,
        };
        let (protocol, message) = (hex("protocol")?, hex("message")?);
        Some(Self { agent: fields.get("agent")?, protocol, kind, message, good, bad })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
        INFO scmid: message agent=vm1 protocol=0x14 message=0x5 kind=command answered=2 refused=1\n\
        INFO scmid: message agent=vm1 protocol=0x14 message=0x5 kind=delayed sent=1 failed=0\n\
        INFO scmid: message agent=tool protocol=0x15 message=0x1 kind=notification sent=3\n\
        INFO scmid: message agent=raw protocol=0x10 message=0x8 kind=command answered=0 refused=7\n\
        INFO scmid: counters agent=vm1 commands=3\n";

    #[test]
    fn only_what_linux_sent_by_itself_is_linux_s() {
        let guests = Guests::default();
        guests.seat("vm1", Arc::new(AtomicBool::new(false)));
        guests.seat("raw", Arc::new(AtomicBool::new(false)));
        // The same agent after a reboot.
        guests.seat("raw", Arc::new(AtomicBool::new(true)));
        let record = guests.record(LOG).unwrap();
        let seen: Vec<String> = record.sightings().map(ToString::to_string).collect();
        assert_eq!(
            seen,
            [
                "platform 16 0 8 refusal",
                "platform 20 0 5 refusal",
                "platform 20 0 5 success",
                "platform 20 2 5 success",
                "platform 21 3 1 success",
                "linux 20 0 5 refusal",
                "linux 20 0 5 success",
                "linux 20 2 5 success",
            ]
        );
        guests.record("x message agent=vm1 protocol=0x14 kind=strange").unwrap_err();
    }

    #[test]
    fn raw_messages_are_told_from_raw_readings() {
        assert!(injects("cat /sys/kernel/debug/scmi/0/raw/message"));
        assert!(injects("scmictl --connect raw:/sys/kernel/debug/scmi/0 clock list"));
        assert!(!injects("cat /sys/bus/iio/devices/iio:device0/in_accel_x_raw"));
    }
}
