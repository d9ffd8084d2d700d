//! The dump, as Linux's trace event tells it.

use scmi::protocol;
use scmi::wire::{Header, MessageId, ProtocolId, Status, Version};

const TEXT: &str = include_str!("../data/linux.dump");

/// All that was said, in order.
pub(crate) struct Dump {
    pub(crate) messages: Vec<Message>,
}

/// Which way a message went, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Command,
    Response,
    Delayed,
    Notification,
}

/// A message.
pub(crate) struct Message {
    pub(crate) line: &'static str,
    pub(crate) kind: Kind,
    pub(crate) header: Header,
    /// Of responses.
    pub(crate) status: Status,
    /// What follows the header, or the status.
    pub(crate) payload: Vec<u8>,
}

impl Dump {
    pub(crate) fn read() -> Self {
        let lines = TEXT.lines().filter(|line| !line.starts_with('#'));
        Self {
            messages: lines.map(|line| parse(line).unwrap_or_else(|| panic!("{line}"))).collect(),
        }
    }

    /// The version of a protocol that Linux was told; it negotiates none.
    pub(crate) fn version(&self, protocol: ProtocolId) -> Version {
        let told = self.messages.iter().find(|message| {
            message.kind == Kind::Response
                && message.header.protocol() == protocol
                && message.header.message() == MessageId::PROTOCOL_VERSION
        });
        let version = Version(told.expect("Linux asked for it").words()[0]);
        let info = protocol::find(protocol).expect("a known protocol");
        assert!(info.versions.contains(&version), "{protocol} {version}");
        version
    }
}

impl Message {
    /// As it was on the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.header.word().to_le_bytes().to_vec();
        if matches!(self.kind, Kind::Response | Kind::Delayed) {
            bytes.extend(self.status.0.to_le_bytes());
        }
        bytes.extend(&self.payload);
        bytes
    }

    pub(crate) fn words(&self) -> Vec<u32> {
        let (words, rest) = self.payload.as_chunks::<4>();
        assert_eq!(rest, [0; 0], "{}", self.line);
        words.iter().map(|word| u32::from_le_bytes(*word)).collect()
    }
}

/// `id=0 ch=10 pt=14 t=CMND msg_id=06 seq=002D s=0 pyld=00000000`, all but the status in hex.
fn parse(line: &'static str) -> Option<Message> {
    let field = |name: &str| {
        let mut fields = line.split(' ').filter_map(|field| field.split_once('='));
        Some(fields.find(|(field, _)| *field == name)?.1)
    };
    let hex = |name| u16::from_str_radix(field(name)?, 16).ok();
    let (protocol, message) = (hex("pt")?.try_into().ok()?, hex("msg_id")?.try_into().ok()?);
    let (protocol, message) = (ProtocolId(protocol), MessageId(message));
    let command = Header::command(protocol, message, hex("seq")?);
    let (kind, header) = match field("t")? {
        "CMND" => (Kind::Command, command),
        "RESP" => (Kind::Response, command),
        "DLYD" => (Kind::Delayed, command.delayed_response()),
        "NOTI" => (Kind::Notification, Header::notification(protocol, message)),
        _ => return None,
    };
    let status = Status(field("s")?.parse().ok()?);
    let (digits, []) = field("pyld")?.as_bytes().as_chunks::<2>() else { return None };
    let byte = |digits: &[u8; 2]| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok();
    let payload = digits.iter().map(byte).collect::<Option<_>>()?;
    Some(Message { line, kind, header, status, payload })
}
