//! Reads the vectors.
//!
//! A file names its protocol; then each vector has a heading, `NAME 0xID kind [versions], N bytes`, and a line for each
//! field: its name, its bytes, and the decoder's words for them, in columns that two spaces or more keep apart. `00*5`
//! is a byte five times, `-` no bytes. A line with a name alone is the beginning of an item of a list, whose fields are
//! indented. `N bytes` are what follows the header. What follows a `#` is for the reader.

use core::fmt;
use core::ops::RangeInclusive;

use scmi::decode::Direction;
use scmi::protocol::{self, ProtocolInfo};
use scmi::wire::{Header, MessageId, MessageType, ProtocolId, Version};

/// The files, by name.
pub(crate) const FILES: &[(&str, &str)] = &[
    ("base.txt", include_str!("base.txt")),
    ("power.txt", include_str!("power.txt")),
    ("system.txt", include_str!("system.txt")),
    ("perf.txt", include_str!("perf.txt")),
    ("clock.txt", include_str!("clock.txt")),
    ("sensor.txt", include_str!("sensor.txt")),
    ("reset.txt", include_str!("reset.txt")),
    ("voltage.txt", include_str!("voltage.txt")),
    ("powercap.txt", include_str!("powercap.txt")),
    ("pinctrl.txt", include_str!("pinctrl.txt")),
];

/// The token of every command here.
pub(crate) const TOKEN: u16 = 0x155;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Command,
    Response,
    /// A response that is an error.
    Refusal,
    Delayed,
    Notification,
}

/// A message, field by field.
#[derive(Debug)]
pub(crate) struct Vector {
    file: &'static str,
    line: usize,
    pub(crate) info: &'static ProtocolInfo,
    pub(crate) name: &'static str,
    pub(crate) id: MessageId,
    pub(crate) kind: Kind,
    versions: RangeInclusive<Version>,
    pub(crate) size: usize,
    pub(crate) lines: Vec<Line>,
}

/// A line of a vector.
#[derive(Debug)]
pub(crate) struct Line {
    indent: &'static str,
    pub(crate) name: &'static str,
    /// `None` where an item of a list begins.
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) words: &'static str,
}

impl fmt::Display for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} {:?}", self.file, self.line, self.name, self.kind)
    }
}

impl Vector {
    /// What follows the header.
    pub(crate) fn payload(&self) -> Vec<u8> {
        self.lines.iter().flat_map(|line| line.bytes.iter().flatten().copied()).collect()
    }

    /// The whole message: its header by section 1, then the payload.
    pub(crate) fn message(&self) -> Vec<u8> {
        let (kind, token) = match self.kind {
            Kind::Command | Kind::Response | Kind::Refusal => (0, TOKEN),
            Kind::Delayed => (2, TOKEN),
            Kind::Notification => (3, 0),
        };
        let word = u32::from(self.id.0)
            | kind << 8
            | u32::from(self.info.id.0) << 10
            | u32::from(token) << 18;
        [word.to_le_bytes().to_vec(), self.payload()].concat()
    }

    /// Which way it goes.
    pub(crate) fn direction(&self) -> Direction {
        if self.kind == Kind::Command { Direction::Command } else { Direction::Response }
    }

    /// The versions of the protocol in which it looks so.
    pub(crate) fn versions(&self) -> impl Iterator<Item = Version> {
        self.info.versions.iter().copied().filter(|version| self.versions.contains(version))
    }

    /// The newest of them.
    pub(crate) fn newest(&self) -> Version {
        self.versions().last().expect("a version")
    }

    /// The decoder's first line.
    pub(crate) fn title(&self) -> String {
        let kind = match self.kind {
            Kind::Command => "command",
            Kind::Response | Kind::Refusal => "response",
            Kind::Delayed => "delayed response",
            Kind::Notification => "notification",
        };
        let token = if self.kind == Kind::Notification { "" } else { ", token 341" };
        let (protocol, name) = (self.info.name, self.name);
        format!("{kind} {protocol} {name} ({:#04x}:{:#03x}){token}", self.info.id.0, self.id.0)
    }

    /// The decoder's other lines.
    pub(crate) fn words(&self) -> String {
        let lines = self.lines.iter().map(|Line { indent, name, bytes, words }| match bytes {
            Some(_) => format!("{indent}{name}: {words}"),
            None => format!("{indent}{name}:"),
        });
        lines.collect::<Vec<String>>().join("\n")
    }

    /// A header of the message, as the crate writes it.
    pub(crate) fn header(&self) -> Header {
        let command = Header::command(self.info.id, self.id, TOKEN);
        match self.kind {
            Kind::Command | Kind::Response | Kind::Refusal => command,
            Kind::Delayed => command.delayed_response(),
            Kind::Notification => Header::notification(self.info.id, self.id),
        }
    }
}

/// The vectors of a file.
pub(crate) fn read(file: &'static str, text: &'static str) -> Vec<Vector> {
    let mut vectors: Vec<Vector> = Vec::new();
    let mut info = None;
    let (text, _bits) = text.split_once("\nbits of ").unwrap_or((text, ""));
    for (number, line) in text.lines().enumerate() {
        let at = format!("{file}:{}: {line}", number + 1);
        if line.is_empty() || line.starts_with('#') {
        } else if let Some(protocol) = line.strip_prefix("protocol ") {
            info = Some(protocol_line(protocol).expect(&at));
        } else if line.starts_with(' ') {
            vectors.last_mut().expect(&at).lines.push(field_line(line).expect(&at));
        } else {
            vectors.push(heading(line, file, number + 1, info.expect(&at)).expect(&at));
        }
    }
    vectors
}

fn protocol_line(line: &str) -> Option<&'static ProtocolInfo> {
    let (name, id) = line.split_once(' ')?;
    protocol::find(ProtocolId(hex(id)?)).filter(|info| info.name == name)
}

fn hex(text: &str) -> Option<u8> {
    u8::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

fn heading(
    line: &'static str,
    file: &'static str,
    number: usize,
    info: &'static ProtocolInfo,
) -> Option<Vector> {
    let (start, size) = line.split_once(", ")?;
    let (name, start) = start.split_once(' ')?;
    let (id, start) = start.split_once(' ')?;
    let kinds = [
        ("command", Kind::Command),
        ("response", Kind::Response),
        ("refusal", Kind::Refusal),
        ("delayed response", Kind::Delayed),
        ("notification", Kind::Notification),
    ];
    let (versions, kind) =
        kinds.iter().find_map(|(word, kind)| Some((start.strip_prefix(word)?.trim(), *kind)))?;
    let versions = self::versions(versions, info)?;
    let size = size.strip_suffix(" bytes")?.parse().ok()?;
    let id = MessageId(hex(id)?);
    let lines = Vec::new();
    Some(Vector { file, line: number, info, name, id, kind, versions, size, lines })
}

/// `1.0`, `1.0 to 2.0`, `from 2.0`, or nothing for all of them.
pub(crate) fn versions(text: &str, info: &ProtocolInfo) -> Option<RangeInclusive<Version>> {
    let known = |text| version(text).filter(|version| info.versions.contains(version));
    Some(match text.split_once(' ') {
        None if text.is_empty() => Version(0)..=info.newest(),
        None => known(text)?..=known(text)?,
        Some(("from", first)) => known(first)?..=info.newest(),
        Some((first, last)) => known(first)?..=known(last.strip_prefix("to ")?)?,
    })
}

fn version(text: &str) -> Option<Version> {
    let (major, minor) = text.split_once('.')?;
    Some(Version::new(major.parse().ok()?, minor.parse().ok()?))
}

fn field_line(line: &'static str) -> Option<Line> {
    let text = line.trim_start();
    let indent = line.strip_suffix(text)?;
    let line = text.split("  # ").next()?.trim_end();
    let Some((name, rest)) = line.split_once("  ") else {
        return Some(Line { indent, name: line, bytes: None, words: "" });
    };
    let (bytes, words) = rest.trim_start().split_once("  ")?;
    Some(Line { indent, name, bytes: Some(bytes_of(bytes)?), words: words.trim_start() })
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for byte in text.split(' ').filter(|byte| *byte != "-") {
        let (byte, times) = byte.split_once('*').unwrap_or((byte, "1"));
        let byte = u8::from_str_radix(byte, 16).ok()?;
        bytes.resize(bytes.len() + times.parse::<usize>().ok()?, byte);
    }
    Some(bytes)
}

/// The type bits of a header, as the crate names them.
pub(crate) fn message_type(kind: Kind) -> MessageType {
    match kind {
        Kind::Command | Kind::Response | Kind::Refusal => MessageType::COMMAND,
        Kind::Delayed => MessageType::DELAYED_RESPONSE,
        Kind::Notification => MessageType::NOTIFICATION,
    }
}
