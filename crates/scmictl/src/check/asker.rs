//! One command, one answer, and the rules that every answer is held against.

use core::time::Duration;

use scmi::protocol::{self, Field, Layout, MessageInfo, Shape};
use scmi::transport::{Channel, Received, SendError};
use scmi::wire::{Header, MessageId, ProtocolId, Status, Version};

use super::facts::Facts;
use super::report::{Exchange, Report};
use super::rules;

/// What a way to a platform lets through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    /// Headers come back as the platform sent them, and any command can be sent.
    pub(super) whole: bool,
    /// It is virtio.
    pub(super) virtio: bool,
}

/// The platform does not answer any more: nothing else can be found out.
#[derive(Debug)]
pub(super) struct Stopped;

/// Asks, and keeps the report.
pub(super) struct Asker<'c> {
    channel: &'c mut dyn Channel,
    patience: Duration,
    pub(super) way: Way,
    pub(super) report: Report,
    /// Version of the protocol that is looked at.
    pub(super) version: Version,
    next: u16,
    /// Delayed responses and notifications that came and were not looked at.
    events: Vec<Vec<u8>>,
}

/// Room that Linux offers for a list: more than any platform needs for one entry.
const ROOM: usize = 136;

impl<'c> Asker<'c> {
    pub(super) fn new(
        channel: &'c mut dyn Channel,
        patience: Duration,
        way: Way,
        first_token: u16,
    ) -> Self {
        Self {
            channel,
            patience,
            way,
            report: Report::default(),
            version: Version(0),
            next: first_token,
            events: Vec::new(),
        }
    }

    /// Asks a command of words, and holds its answer against what holds for all.
    pub(super) fn ask(
        &mut self,
        protocol: ProtocolId,
        message: MessageId,
        params: &[u32],
    ) -> Result<Exchange, Stopped> {
        let bytes: Vec<u8> = params.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.ask_bytes(protocol, message, &bytes)
    }

    /// The same with bytes.
    pub(super) fn ask_bytes(
        &mut self,
        protocol: ProtocolId,
        message: MessageId,
        params: &[u8],
    ) -> Result<Exchange, Stopped> {
        let header = self.header(protocol, message);
        let request = [&header.word().to_le_bytes(), params].concat();
        self.exchange(request, ROOM, false)
    }

    /// A header with a token that was not used for long.
    pub(super) fn header(&mut self, protocol: ProtocolId, message: MessageId) -> Header {
        self.next = self.next.wrapping_add(1);
        Header::command(protocol, message, self.next & Header::TOKEN_MASK)
    }

    /// Sends any bytes, and holds the answer against what holds for all. `twice` if a delayed response is asked for.
    pub(super) fn exchange(
        &mut self,
        request: Vec<u8>,
        room: usize,
        twice: bool,
    ) -> Result<Exchange, Stopped> {
        let exchange = self.send(request, room, twice)?;
        self.hold_against_all(&exchange);
        Ok(exchange)
    }

    /// Sends any bytes; the answer may be anything, but must come.
    pub(super) fn send(
        &mut self,
        request: Vec<u8>,
        room: usize,
        twice: bool,
    ) -> Result<Exchange, Stopped> {
        let answer = self.carry(&request, room, twice);
        let exchange = Exchange { version: self.version, request, answer };
        let came = exchange.answer.is_some();
        let lives = came || self.lives();
        if lives && !came && !self.way.whole && is_long(&exchange.request) {
            self.report.unseen += 1;
            return Ok(exchange);
        }
        let expected = || format!("an answer within {:?}", self.patience);
        self.report.judge(rules::ANSWERED, came, &exchange, expected);
        if !lives {
            self.report.stopped = Some(exchange);
            return Err(Stopped);
        }
        Ok(exchange)
    }

    /// Whether the platform answers something simple.
    fn lives(&mut self) -> bool {
        let header = self.header(ProtocolId::BASE, MessageId::PROTOCOL_VERSION);
        self.carry(&header.word().to_le_bytes(), 12, false).is_some()
    }

    /// Carries a command there and its answer back. None: nothing came.
    fn carry(&mut self, request: &[u8], room: usize, twice: bool) -> Option<Vec<u8>> {
        self.report.requests += 1;
        let room = room.min(self.channel.limits().max_message);
        let tag = self.next;
        let end = self.channel.now().after(self.patience);
        loop {
            let sent = match twice {
                false => self.channel.send(tag, request, room),
                true => self.channel.send_delayed(tag, request, room),
            };
            match sent {
                Ok(()) => break,
                Err(SendError::Full) if self.channel.now() < end => self.channel.wait(end),
                Err(_) => return None,
            }
        }
        loop {
            if let Some(answer) = self.take(tag) {
                return Some(answer);
            }
            if self.channel.now() >= end {
                return None;
            }
            self.channel.wait(end);
        }
    }

    /// The answer with this tag, if it is there; what else comes is kept or belongs to what was given up.
    fn take(&mut self, wanted: u16) -> Option<Vec<u8>> {
        let mut buffer = [0; 4096];
        while let Some(received) = self.channel.receive(&mut buffer) {
            match received {
                Received::Reply { tag, len } if tag == wanted => {
                    return Some(buffer.get(..len)?.to_vec());
                }
                Received::Reply { .. } => {}
                Received::Event { len } => {
                    self.events.extend(buffer.get(..len).map(<[u8]>::to_vec))
                }
            }
        }
        None
    }

    /// The delayed response to a command that was accepted, if it comes.
    pub(super) fn delayed(&mut self, command: &Exchange) -> Option<Exchange> {
        let wanted = Header::parse(&command.request)?.delayed_response();
        let end = self.channel.now().after(self.patience);
        loop {
            // No tag has this number twice in a row: nothing else is in flight.
            let _nothing = self.take(self.next.wrapping_add(1));
            let found = self.events.iter().position(|event| Header::parse(event) == Some(wanted));
            if let Some(at) = found {
                return Some(Exchange {
                    answer: Some(self.events.swap_remove(at)),
                    ..command.clone()
                });
            }
            if self.channel.now() >= end {
                return None;
            }
            self.channel.wait(end);
        }
    }

    fn hold_against_all(&mut self, exchange: &Exchange) {
        let Some(answer) = exchange.answer.as_deref() else { return };
        let report = &mut self.report;
        if self.way.whole {
            let echoed = answer.get(..4) == exchange.request.get(..4);
            report.judge(rules::HEADER, echoed, exchange, || "the command's header".into());
        }
        let Some(status) = exchange.status() else {
            let expected = || "a header and a status, 8 bytes at least".into();
            report.judge(rules::LAYOUT, false, exchange, expected);
            return;
        };
        let known = (-11..=0).contains(&status.0) || status.0 <= -128;
        report.judge(rules::STATUS_KNOWN, known, exchange, || "a status of the table".into());
        if status != Status::SUCCESS {
            let alone = answer.len() == 8;
            report.judge(rules::STATUS_ALONE, alone, exchange, || format!("{status} in 8 bytes"));
            return;
        }
        // Whatever came back, it is read as the answer to what was asked.
        let Some(header) = exchange.request.get(..4) else { return };
        let read_as = [header, answer.get(4..).unwrap_or_default()].concat();
        hold_record(report, &Facts::of(&read_as, exchange.version), exchange);
    }
}

/// Whether the answer may be longer than what the raw mode of Linux carries.
fn is_long(request: &[u8]) -> bool {
    let grows = |field: &Field| {
        matches!(field.shape, Shape::Repeat(_) | Shape::ShortIds | Shape::ProtocolIds)
    };
    asked(request).is_some_and(|info| info.reply.iter().any(grows))
}

/// The row of the tables for a command.
fn asked(request: &[u8]) -> Option<&'static MessageInfo> {
    let header = Header::parse(request)?;
    protocol::find(header.protocol())?.command(header.message())
}

/// Bytes of the names of a record: all of them have the same.
fn name_size(layout: Layout) -> Option<usize> {
    layout.iter().find_map(|field| match field.shape {
        Shape::Name(size) => Some(size),
        Shape::Group(inner) | Shape::Repeat(inner) => name_size(inner),
        _ => None,
    })
}

/// What holds for every record.
pub(super) fn hold_record(report: &mut Report, facts: &Facts, exchange: &Exchange) {
    let expected = || format!("the record of the table; {}", facts.troubles.join("; "));
    report.judge(rules::LAYOUT, facts.troubles.is_empty(), exchange, expected);
    let expected = || {
        let words: Vec<String> =
            facts.reserved.iter().map(|(name, bits)| format!("{bits:#x} of {name}")).collect();
        format!("0 in the bits without a name: {}", words.join(", "))
    };
    report.judge(rules::RESERVED_ZERO, facts.reserved.is_empty(), exchange, expected);
    let size = asked(&exchange.request).and_then(|info| name_size(info.reply));
    for name in &facts.names {
        let ended = Some(name.len()) != size;
        report.judge(rules::NAME_ENDED, ended, exchange, || "a NUL in the name's field".into());
        let text = !name.is_empty()
            && str::from_utf8(name).is_ok_and(|text| !text.chars().any(char::is_control));
        report.judge(rules::NAME_TEXT, text, exchange, || "a name that is text".into());
    }
}
