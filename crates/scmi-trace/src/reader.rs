//! Reads traces, whatever is in them.

use core::time::Duration;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

use nom::Needed;
use pcap_parser::nom;
use pcap_parser::pcapng::{
    Block, EnhancedPacketBlock, InterfaceDescriptionBlock, InterfaceStatisticsBlock, OptionCode,
    PcapNGOption,
};
use pcap_parser::{parse_block_be, parse_block_le};
use thiserror::Error;

use crate::frame::{Channel, Frame, FrameError, Kind, LINK_TYPE};

/// The longest block that is read: the longest that other tools write are of this order.
const LONGEST_BLOCK: usize = 1 << 24;

/// Interfaces that a section may have: more agents than there are ids for them.
const MAX_INTERFACES: usize = 4096;

/// What a trace holds, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item {
    /// A packet.
    Packet(Packet),
    /// What became of an agent's records, as far as it was known then.
    Statistics(Statistics),
}

/// A packet of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Packet {
    /// Its number in the file, from 1, as other tools count.
    pub number: u64,
    /// Where its block begins in the file.
    pub offset: u64,
    /// Time since 1970.
    pub time: Duration,
    /// The agent's place among the interfaces of the file.
    pub interface: usize,
    /// The agent's name.
    pub agent: Arc<str>,
    /// What it is.
    pub kind: Kind,
    /// Where it passed.
    pub channel: Channel,
    /// Whether it was altered on purpose.
    pub altered: bool,
    /// Bytes of the buffer's writable part.
    pub room: u32,
    /// Bytes that the device said it wrote.
    pub used: u32,
    /// The message, as far as it was kept.
    pub message: Vec<u8>,
    /// Bytes of the message that were not kept.
    pub cut: usize,
    /// What is said about it.
    pub comments: Vec<String>,
    /// Records of this agent that were lost before it.
    pub lost: u64,
}

/// What became of an agent's records.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// The agent's name.
    pub agent: Arc<str>,
    /// How many there were.
    pub received: u64,
    /// How many of them were lost.
    pub dropped: u64,
}

/// Why a file cannot be read on. What came before is good.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is something else.
    #[error("this is no pcapng file: it does not begin with a section header")]
    NotATrace,
    /// A block makes no sense.
    #[error("byte {offset}: {what}")]
    Damaged {
        /// Where it begins.
        offset: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// It ends within a block.
    #[error("byte {offset}: the file ends after {there} bytes of a block")]
    Truncated {
        /// Where the block begins.
        offset: u64,
        /// Bytes of it that there are.
        there: usize,
    },
    /// A packet of an interface of another kind: a capture of something else.
    #[error("byte {offset}: a packet of link type {link}, and a trace has {LINK_TYPE}")]
    Link {
        /// Where its block begins.
        offset: u64,
        /// The interface's link type.
        link: i32,
    },
    /// A packet is not as ours are.
    #[error("byte {offset}: {source}")]
    Frame {
        /// Where its block begins.
        offset: u64,
        /// What is wrong with it.
        source: FrameError,
    },
    /// The system does not give it.
    #[error("byte {offset}: it cannot be read on")]
    Io {
        /// How far it was read.
        offset: u64,
        /// Why.
        source: io::Error,
    },
}

/// Reads a trace, block by block: from a file, or from a pipe while it is written. It keeps one block in memory.
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    /// What was read and not looked at yet.
    buffer: Vec<u8>,
    /// Where `buffer` begins in the file.
    offset: u64,
    at_end: bool,
    big_endian: bool,
    interfaces: Vec<Interface>,
    packets: u64,
    /// Items of a block that were not given out yet: at most one.
    ready: VecDeque<Item>,
    failed: bool,
}

#[derive(Debug)]
struct Interface {
    name: Arc<str>,
    link: i32,
    resolution: u8,
    /// Seconds.
    time_offset: i64,
}

impl<R: Read> Reader<R> {
    /// Reads from `source`.
    pub const fn new(source: R) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            offset: 0,
            at_end: false,
            big_endian: false,
            interfaces: Vec::new(),
            packets: 0,
            ready: VecDeque::new(),
            failed: false,
        }
    }

    /// Takes the next block; false at the end.
    fn block(&mut self) -> Result<bool, ReadError> {
        loop {
            if self.buffer.is_empty() && self.at_end {
                return Ok(false);
            }
            let buffer = core::mem::take(&mut self.buffer);
            let taken = self.parse(&buffer);
            self.buffer = buffer;
            if let Some(len) = taken? {
                self.buffer.drain(..len);
                self.offset = self.offset.saturating_add(len as u64);
                return Ok(true);
            }
            if self.at_end {
                let there = self.buffer.len();
                return Err(ReadError::Truncated { offset: self.offset, there });
            }
            self.fill()?;
        }
    }

    /// Looks at the block that `bytes` begin with. Its length, if it is there as a whole.
    fn parse(&mut self, bytes: &[u8]) -> Result<Option<usize>, ReadError> {
        const SECTION: [u8; 4] = [0x0A, 0x0D, 0x0D, 0x0A];
        if self.offset == 0 && !SECTION.starts_with(bytes.get(..4).unwrap_or(bytes)) {
            return Err(ReadError::NotATrace);
        }
        let offset = self.offset;
        let damaged = |what| ReadError::Damaged { offset, what };
        let parsed = if self.big_endian { parse_block_be(bytes) } else { parse_block_le(bytes) };
        match parsed {
            Ok((rest, block)) => {
                self.take(&block)?;
                Ok(Some(bytes.len().saturating_sub(rest.len())))
            }
            Err(nom::Err::Incomplete(Needed::Size(more)))
                if bytes.len().saturating_add(more.get()) > LONGEST_BLOCK =>
            {
                Err(damaged("a block that is longer than any"))
            }
            Err(nom::Err::Incomplete(_)) => Ok(None),
            Err(_) => Err(damaged("a block whose lengths do not fit together")),
        }
    }

    fn take(&mut self, block: &Block<'_>) -> Result<(), ReadError> {
        match block {
            Block::SectionHeader(section) => {
                self.big_endian = section.big_endian();
                self.interfaces.clear();
            }
            Block::InterfaceDescription(interface) => self.interface(interface)?,
            Block::EnhancedPacket(packet) => {
                self.packets = self.packets.saturating_add(1);
                let packet = self.packet(packet)?;
                self.ready.push_back(Item::Packet(packet));
            }
            Block::SimplePacket(_) => {
                // It has no time and no interface: nothing that we wrote.
                let what = "a packet without a time";
                return Err(ReadError::Damaged { offset: self.offset, what });
            }
            Block::InterfaceStatistics(statistics) => {
                let statistics = self.statistics(statistics)?;
                self.ready.push_back(Item::Statistics(statistics));
            }
            _ => {}
        }
        Ok(())
    }

    fn interface(&mut self, block: &InterfaceDescriptionBlock<'_>) -> Result<(), ReadError> {
        if self.interfaces.len() >= MAX_INTERFACES {
            let what = "more interfaces than there can be agents";
            return Err(ReadError::Damaged { offset: self.offset, what });
        }
        let name = text(&block.options, OptionCode::IfName).next();
        let name = name.unwrap_or_else(|| format!("interface {}", self.interfaces.len()));
        let resolution = option(&block.options, OptionCode::IfTsresol);
        let time_offset = option(&block.options, OptionCode::IfTsoffset);
        let time_offset = time_offset.and_then(|value| self.number(value)).unwrap_or(0);
        self.interfaces.push(Interface {
            name: name.into(),
            link: block.linktype.0,
            // Microseconds, where nothing is said.
            resolution: resolution.and_then(|value| value.first().copied()).unwrap_or(6),
            time_offset: time_offset.cast_signed(),
        });
        Ok(())
    }

    fn packet(&self, block: &EnhancedPacketBlock<'_>) -> Result<Packet, ReadError> {
        let offset = self.offset;
        let (index, interface) = self.find(block.if_id)?;
        if interface.link != i32::from(LINK_TYPE) {
            return Err(ReadError::Link { offset, link: interface.link });
        }
        let captured = usize::try_from(block.caplen).unwrap_or(usize::MAX);
        let data = block.data.get(..captured).unwrap_or(block.data);
        let frame = Frame::parse(data).map_err(|source| ReadError::Frame { offset, source })?;
        let len = usize::try_from(block.origlen).unwrap_or(usize::MAX);
        let lost = option(&block.options, OptionCode(4)).and_then(|value| self.number(value));
        Ok(Packet {
            number: self.packets,
            offset,
            time: interface.time(block.ts_high, block.ts_low),
            interface: index,
            agent: Arc::clone(&interface.name),
            kind: frame.kind,
            channel: frame.channel,
            altered: frame.altered,
            room: frame.room,
            used: frame.used,
            message: frame.message.to_vec(),
            cut: len.saturating_sub(data.len()),
            comments: text(&block.options, OptionCode::Comment).collect(),
            lost: lost.unwrap_or(0),
        })
    }

    fn statistics(&self, block: &InterfaceStatisticsBlock<'_>) -> Result<Statistics, ReadError> {
        let (_, interface) = self.find(block.if_id)?;
        let count =
            |code| option(&block.options, code).and_then(|value| self.number(value)).unwrap_or(0);
        Ok(Statistics {
            agent: Arc::clone(&interface.name),
            received: count(OptionCode::IsbIfRecv),
            dropped: count(OptionCode::IsbIfDrop),
        })
    }

    fn find(&self, id: u32) -> Result<(usize, &Interface), ReadError> {
        let index = usize::try_from(id).unwrap_or(usize::MAX);
        let what = "a block of an interface that there is not";
        let missing = ReadError::Damaged { offset: self.offset, what };
        self.interfaces.get(index).map(|interface| (index, interface)).ok_or(missing)
    }

    /// Eight bytes in the order of the section.
    fn number(&self, value: &[u8]) -> Option<u64> {
        let bytes = *value.first_chunk()?;
        Some(if self.big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    fn fill(&mut self) -> Result<(), ReadError> {
        let len = self.buffer.len();
        self.buffer.resize(len.saturating_add(1 << 16), 0);
        let room = self.buffer.get_mut(len..).unwrap_or_default();
        let read = loop {
            match self.source.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let filled = *read.as_ref().unwrap_or(&0);
        self.buffer.truncate(len.saturating_add(filled));
        self.at_end = filled == 0;
        let offset = self.offset.saturating_add(len as u64);
        read.map(|_| ()).map_err(|source| ReadError::Io { offset, source })
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Item, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(Ok(item));
            }
            if self.failed {
                return None;
            }
            match self.block() {
                Ok(true) => {}
                Ok(false) if self.offset == 0 => {
                    self.failed = true;
                    return Some(Err(ReadError::NotATrace));
                }
                Ok(false) => return None,
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
    }
}

impl Interface {
    /// Time since 1970 of a packet's two words; what does not fit is cut.
    fn time(&self, high: u32, low: u32) -> Duration {
        const SECOND: u128 = 1_000_000_000;
        let ticks = u128::from(high) << 32 | u128::from(low);
        let exponent = u32::from(self.resolution & 0x7F);
        let base: u128 = if self.resolution & 0x80 == 0 { 10 } else { 2 };
        // A resolution that no clock has leaves nothing of any time.
        let per_second = base.checked_pow(exponent).unwrap_or(u128::MAX);
        let nanos = ticks.saturating_mul(SECOND) / per_second;
        let offset = i128::from(self.time_offset) * 1_000_000_000;
        let nanos = i128::try_from(nanos).unwrap_or(i128::MAX).saturating_add(offset);
        Duration::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
    }
}

/// The value of the first option of a code, without its padding.
fn option<'a>(options: &'a [PcapNGOption<'_>], code: OptionCode) -> Option<&'a [u8]> {
    let option = options.iter().find(|option| option.code == code)?;
    option.as_bytes().ok()
}

/// The texts of all options of a code.
fn text<'a>(
    options: &'a [PcapNGOption<'_>],
    code: OptionCode,
) -> impl Iterator<Item = String> + 'a {
    let options = options.iter().filter(move |option| option.code == code);
    let bytes = options.filter_map(|option| option.as_bytes().ok());
    bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}
