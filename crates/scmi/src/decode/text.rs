//! A message as lines of text.

use core::fmt::{self, Write as _};

use super::value::{Group, Head, Subject, Trouble, Value};
use super::{Direction, Visitor, decode};
use crate::protocol;
use crate::protocol::sensor::SensorType;
use crate::wire::{Header, MessageType, ProtocolId, Status, Version};

/// A message that can be displayed: a line for its header, then a line for each field, indented by what it belongs
/// to. There is no line break at the end.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    bytes: &'a [u8],
    direction: Direction,
    version: Option<Version>,
}

impl<'a> Words<'a> {
    /// The words of a message whose sides speak the newest version of its protocol.
    pub const fn new(bytes: &'a [u8], direction: Direction) -> Self {
        Self { bytes, direction, version: None }
    }

    /// The same, but in this version of the protocol.
    #[must_use]
    pub const fn version(self, version: Version) -> Self {
        Self { version: Some(version), ..self }
    }
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut writer = Writer { f, depth: 0, in_bits: false, started: false, result: Ok(()) };
        decode(self.bytes, self.direction, self.version, &mut writer);
        writer.result
    }
}

/// Writes lines, and keeps the first error: a visitor cannot return one.
struct Writer<'f, 'b> {
    f: &'f mut fmt::Formatter<'b>,
    depth: usize,
    /// Within the line of a word of bits.
    in_bits: bool,
    started: bool,
    result: fmt::Result,
}

impl Writer<'_, '_> {
    fn put(&mut self, text: fmt::Arguments<'_>) {
        if self.result.is_ok() {
            self.result = self.f.write_fmt(text);
        }
    }

    fn line(&mut self, text: fmt::Arguments<'_>) {
        if self.started {
            self.put(format_args!("\n"));
        }
        self.started = true;
        let width = self.depth.saturating_mul(2);
        self.put(format_args!("{:width$}{text}", ""));
    }

    /// Bits follow their word on its line, and flags that are not set are not worth a word.
    fn bits(&mut self, name: &str, value: Value<'_>) {
        match value {
            Value::Flag(false) => {}
            Value::Flag(true) => self.put(format_args!(", {name}")),
            value => self.put(format_args!(", {name} {}", Shown(value))),
        }
    }
}

impl Visitor for Writer<'_, '_> {
    fn head(&mut self, head: &Head) {
        self.line(format_args!("{}", Title(head)));
        self.depth = 1;
    }

    fn field(&mut self, name: &'static str, value: Value<'_>) {
        if self.in_bits {
            self.bits(name, value);
        } else {
            self.line(format_args!("{name}: {}", Shown(value)));
        }
    }

    fn enter(&mut self, name: &'static str, group: Group) {
        match group {
            Group::Bits(word) => {
                self.line(format_args!("{name}: {word:#010x}"));
                self.in_bits = true;
            }
            Group::Record => {
                self.line(format_args!("{name}:"));
                self.depth = self.depth.saturating_add(1);
            }
            Group::List => {}
            Group::Item(position) => {
                self.line(format_args!("{name}[{position}]:"));
                self.depth = self.depth.saturating_add(1);
            }
        }
    }

    fn leave(&mut self, group: Group) {
        match group {
            Group::Bits(_) => self.in_bits = false,
            Group::Record | Group::Item(_) => self.depth = self.depth.saturating_sub(1),
            Group::List => {}
        }
    }

    fn trouble(&mut self, trouble: Trouble<'_>) {
        self.line(format_args!("! {trouble}"));
    }
}

/// The first line.
struct Title<'a>(&'a Head);

impl fmt::Display for Title<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = self.0.header;
        write!(f, "{} {}", self.0.subject.name(), Named(self.0))?;
        if self.0.subject != Subject::Notification || header.token() != 0 {
            write!(f, ", token {}", header.token())?;
        }
        match header.word() >> 28 {
            0 => Ok(()),
            reserved => write!(f, ", reserved bits {reserved:#x}"),
        }
    }
}

/// Protocol and message, by name as far as they have one, and by number.
struct Named<'a>(&'a Head);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = self.0.header;
        match (self.0.protocol, self.0.message) {
            (Some(protocol), Some(message)) => write!(f, "{} {}", protocol.name, message.name)?,
            (Some(protocol), None) => write!(f, "{} unknown message", protocol.name)?,
            (None, _) => match header.protocol().name() {
                Some(name) => write!(f, "{} message", Lower(name))?,
                None => f.write_str("unknown protocol")?,
            },
        }
        write!(f, " ({:#04x}:{:#03x})", header.protocol().0, header.message().0)
    }
}

/// A value as people read it.
struct Shown<'a>(Value<'a>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Unsigned(number) => write!(f, "{number}"),
            Value::Signed(number) => write!(f, "{number}"),
            Value::Hex(word) => write!(f, "{word:#010x}"),
            Value::Flag(set) => f.write_str(if set { "yes" } else { "no" }),
            Value::Version(version) => write!(f, "{version}"),
            Value::Status(status) => show_status(f, status),
            Value::Header(header) => show_header(f, header),
            Value::Protocol(id) => show_protocol(f, id),
            Value::Protocols([]) => f.write_str("none"),
            Value::Protocols(ids) => ids.iter().enumerate().try_for_each(|(position, id)| {
                f.write_str(if position == 0 { "" } else { ", " })?;
                show_protocol(f, ProtocolId(*id))
            }),
            Value::ShortIds([]) => f.write_str("none"),
            Value::ShortIds(ids) => {
                let (ids, _) = ids.as_chunks::<2>();
                ids.iter().enumerate().try_for_each(|(position, id)| {
                    f.write_str(if position == 0 { "" } else { ", " })?;
                    write!(f, "{}", u16::from_le_bytes(*id))
                })
            }
            Value::SensorType(kind) => show_sensor_type(f, kind),
            Value::Named { number, name: Some(name) } => write!(f, "{name} ({number})"),
            Value::Named { number, name: None } => write!(f, "{number}"),
            Value::Name(bytes) => match core::str::from_utf8(bytes) {
                Ok(text) => write!(f, "{text:?}"),
                Err(_) => write!(f, "\"{}\" (not UTF-8)", bytes.escape_ascii()),
            },
        }
    }
}

fn show_status(f: &mut fmt::Formatter<'_>, status: Status) -> fmt::Result {
    match status.name() {
        Some(name) => write!(f, "{name} ({})", status.0),
        None if status.0 <= -128 => write!(f, "vendor's own ({})", status.0),
        None => write!(f, "without a name ({})", status.0),
    }
}

/// A header inside a message is that of a command (BASE_ERROR_EVENT).
fn show_header(f: &mut fmt::Formatter<'_>, header: Header) -> fmt::Result {
    let protocol = protocol::find(header.protocol());
    let message = protocol.and_then(|protocol| protocol.command(header.message()));
    let head = Head { header, subject: Subject::Command, protocol, message };
    write!(f, "{:#010x}, {}, token {}", header.word(), Named(&head), header.token())?;
    match header.kind() {
        MessageType::COMMAND => Ok(()),
        kind => write!(f, ", type {}", kind.0),
    }
}

fn show_protocol(f: &mut fmt::Formatter<'_>, id: ProtocolId) -> fmt::Result {
    match id.name() {
        Some(name) => write!(f, "{} ({:#04x})", Lower(name), id.0),
        None => write!(f, "{:#04x}", id.0),
    }
}

/// A constant's name in lower case.
struct Lower(&'static str);

impl fmt::Display for Lower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| f.write_char(letter.to_ascii_lowercase()))
    }
}

fn show_sensor_type(f: &mut fmt::Formatter<'_>, kind: SensorType) -> fmt::Result {
    match (kind.word(), kind.unit()) {
        (Some(word), "") => f.write_str(word),
        (Some(word), unit) => write!(f, "{word} ({unit})"),
        (None, _) => write!(f, "{:#04x}", kind.0),
    }
}

impl fmt::Display for Trouble<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = match self {
            Self::NoHeader(rest) => {
                write!(f, "a header has 4 bytes, here are {}", rest.len())?;
                rest
            }
            Self::Unknown(rest) => {
                write!(f, "not in the tables, {} bytes follow", rest.len())?;
                rest
            }
            Self::NotInVersion { since, spoken } => {
                return write!(f, "version {spoken} is spoken, the message came with {since}");
            }
            Self::Short { field, wanted, rest } => {
                write!(f, "ends within {field}: {wanted} bytes wanted, {} there", rest.len())?;
                rest
            }
            Self::Leftover(rest) => {
                write!(f, "{} bytes left over", rest.len())?;
                rest
            }
            Self::AfterError(rest) => {
                write!(f, "{} bytes after an error status", rest.len())?;
                rest
            }
        };
        f.write_str(if rest.is_empty() { "" } else { ":" })?;
        show_words(f, rest)
    }
}

/// Whole words as hex numbers, then the bytes that do not fill one.
fn show_words(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        write!(f, " {:#010x}", u32::from_le_bytes(*word))?;
    }
    rest.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
}
