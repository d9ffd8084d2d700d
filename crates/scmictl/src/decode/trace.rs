//! A trace in words, packet by packet.

use core::fmt;
use core::time::Duration;
use std::io::{Read, Write};
use std::time::SystemTime;

use scmi::decode::{Direction, Words};
use scmi::wire::Version;
use scmi_trace::{Channel, Item, Kind, Match, Matcher, Packet, Reader, Statistics, Versions};
use serde_json::{Value as Json, json};

use super::json::document;
use crate::failure::{Failure, Kind as Fault};

/// What is wanted of a trace.
pub(crate) struct Options<'a> {
    /// One agent, not all.
    pub(crate) agent: Option<&'a str>,
    /// A document a line.
    pub(crate) json: bool,
}

/// Decodes a trace to its end, or to where it is damaged.
pub(crate) fn run(
    source: impl Read,
    name: &str,
    options: &Options<'_>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let (mut matcher, mut versions, mut start) = (Matcher::new(), Versions::new(), None);
    for item in Reader::new(source) {
        let item = item.map_err(|error| Failure::because(Fault::File, name, &error))?;
        match &item {
            Item::Packet(packet) => {
                // Both look at every packet, also at those that are not shown.
                let seen = Seen {
                    packet,
                    command: matcher.see(packet),
                    version: versions.see(packet),
                    start: *start.get_or_insert(packet.time),
                };
                let shown = options.agent.is_none_or(|agent| agent == &*packet.agent);
                match (shown, options.json) {
                    (false, _) => continue,
                    (true, true) => writeln!(out, "{}", seen.json())?,
                    (true, false) => {
                        if packet.time == seen.start && packet.number == 1 {
                            writeln!(out, "times in seconds since {}", Clock(packet.time))?;
                        }
                        writeln!(out, "{seen}")?;
                    }
                }
            }
            Item::Statistics(found) if options.agent.is_none_or(|agent| agent == &*found.agent) => {
                statistics(found, options.json, out)?;
            }
            _ => {}
        }
        // Whoever watches a trace that is being written wants to see it now.
        out.flush()?;
    }
    Ok(())
}

fn statistics(found: &Statistics, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let Statistics { agent, received, dropped, .. } = found;
    if json {
        let document = json!({ "agent": &**agent, "recorded": received, "lost": dropped });
        return Ok(writeln!(out, "{}", json!({ "statistics": document }))?);
    }
    Ok(writeln!(out, "{agent}: {received} recorded, {dropped} of them lost")?)
}

/// A packet, and what those before it say of it.
struct Seen<'a> {
    packet: &'a Packet,
    command: Option<Match>,
    version: Option<Version>,
    /// When the trace began.
    start: Duration,
}

impl Seen<'_> {
    fn direction(&self) -> Direction {
        match self.packet.kind {
            Kind::Command | Kind::Dropped => Direction::Command,
            _ => Direction::Response,
        }
    }

    fn arrow(&self) -> &'static str {
        if self.packet.kind.is_inbound() { "->" } else { "<-" }
    }

    fn json(&self) -> Json {
        let packet = self.packet;
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let whole = matches!(packet.kind, Kind::Command | Kind::Answer | Kind::Event);
        let message = whole.then(|| document(&packet.message, self.direction(), self.version));
        json!({
            "packet": packet.number,
            "time_ns": nanos(packet.time),
            "agent": &*packet.agent,
            "kind": packet.kind.name(),
            "channel": packet.channel.name(),
            "room": packet.room,
            "used": packet.used,
            "altered": packet.altered,
            "comments": packet.comments,
            "lost_before": packet.lost,
            "command": self.command.map(|command| command.number),
            "latency_ns": self.command.map(|command| nanos(command.latency)),
            "message": message,
        })
    }

    /// The lines of the message.
    fn words(&self) -> String {
        let words = Words::new(&self.packet.message, self.direction());
        self.version.map_or(words, |version| words.version(version)).to_string()
    }
}

impl fmt::Display for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let packet = self.packet;
        let since = packet.time.saturating_sub(self.start);
        let (seconds, nanos) = (since.as_secs(), since.subsec_nanos());
        write!(f, "{} {seconds}.{nanos:09} {} {} ", packet.number, packet.agent, self.arrow())?;
        let words = self.words();
        let mut lines = words.lines();
        let title = lines.next().unwrap_or_default();
        match packet.kind {
            Kind::Command => write!(f, "{title}, room {}", packet.room)?,
            Kind::Answer | Kind::Event => f.write_str(title)?,
            Kind::Dropped if packet.message.is_empty() => f.write_str("no answer")?,
            Kind::Dropped => write!(f, "no answer to {title}")?,
            Kind::Returned => write!(f, "buffer for events of {} bytes given back", packet.room)?,
            _ => f.write_str("note")?,
        }
        if packet.channel == Channel::A2p
            && packet.kind == Kind::Answer
            && usize::try_from(packet.used) != Ok(packet.message.len() + packet.cut)
        {
            write!(f, ", used {}", packet.used)?;
        }
        if let Some(command) = self.command {
            write!(f, ", to {} after {:?}", command.number, command.latency)?;
        }
        for comment in &packet.comments {
            let what = if packet.altered { "altered: " } else { "" };
            write!(f, "\n    * {what}{comment}")?;
        }
        if packet.lost > 0 {
            write!(f, "\n    * {} before it were lost", packet.lost)?;
        }
        if packet.cut > 0 {
            write!(f, "\n    * {} bytes of it were not kept", packet.cut)?;
        }
        if matches!(packet.kind, Kind::Command | Kind::Answer | Kind::Event) {
            lines.try_for_each(|line| write!(f, "\n    {line}"))?;
        }
        Ok(())
    }
}

/// A moment, as people write it.
struct Clock(Duration);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The last year that can be written is 9999; a damaged trace may name a later one.
        const LAST: Duration = Duration::from_secs(253_402_300_799);
        match SystemTime::UNIX_EPOCH.checked_add(self.0).filter(|_| self.0 <= LAST) {
            Some(time) => write!(f, "{}", humantime::format_rfc3339_nanos(time)),
            None => write!(f, "{:?} after 1970", self.0),
        }
    }
}
