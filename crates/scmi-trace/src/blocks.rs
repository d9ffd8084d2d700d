//! The blocks that a trace is made of (pcapng, sections 4.1 to 4.6).

use std::borrow::Cow;
use std::io;

use pcap_parser::pcapng::{
    EnhancedPacketBlock, InterfaceDescriptionBlock, InterfaceStatisticsBlock, OptionCode,
    PcapNGOption, SectionHeaderBlock,
};
use pcap_parser::{Linktype, ToVec};

use crate::frame::{Frame, LINK_TYPE};

/// Nanoseconds: a unit of 10^-9 seconds.
const RESOLUTION: u8 = 9;

/// The options of a packet that the parser has no names for.
const PACKET_FLAGS: OptionCode = OptionCode(2);
const PACKET_DROP_COUNT: OptionCode = OptionCode(4);

/// The flags' lowest two bits.
const INBOUND: u32 = 1;
const OUTBOUND: u32 = 2;

/// The start of the file.
pub(crate) fn section() -> io::Result<Vec<u8>> {
    let mut block = SectionHeaderBlock {
        block_type: 0,
        block_len1: 0,
        bom: 0,
        major_version: 1,
        minor_version: 0,
        section_len: -1,
        options: vec![text(OptionCode::ShbUserAppl, concat!("scmid ", env!("CARGO_PKG_VERSION")))],
        block_len2: 0,
    };
    bytes(&mut block)
}

/// An agent.
pub(crate) fn interface(name: &str, snap: u32) -> io::Result<Vec<u8>> {
    let mut block = InterfaceDescriptionBlock {
        block_type: 0,
        block_len1: 0,
        linktype: Linktype(LINK_TYPE.into()),
        reserved: 0,
        snaplen: snap,
        options: vec![
            text(OptionCode::IfName, name),
            text(OptionCode::IfDescription, "SCMI agent"),
            PcapNGOption {
                code: OptionCode::IfTsresol,
                len: 1,
                value: Cow::Borrowed(&[RESOLUTION]),
            },
            number(OptionCode::IfTsoffset, 0),
        ],
        block_len2: 0,
        if_tsresol: RESOLUTION,
        if_tsoffset: 0,
    };
    bytes(&mut block)
}

/// A message, or what there is of one.
pub(crate) struct PacketBlock<'a> {
    pub(crate) interface: u32,
    /// Nanoseconds since 1970.
    pub(crate) time: u64,
    /// Header and message.
    pub(crate) data: &'a [u8],
    /// Bytes of header and message before the message was cut.
    pub(crate) len: u32,
    pub(crate) inbound: bool,
    pub(crate) comments: &'a [&'a str],
    /// Records of this interface that were lost before it.
    pub(crate) lost: u32,
}

impl PacketBlock<'_> {
    pub(crate) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let flags = if self.inbound { INBOUND } else { OUTBOUND };
        let mut options = vec![PcapNGOption {
            code: PACKET_FLAGS,
            len: 4,
            value: Cow::Owned(flags.to_le_bytes().to_vec()),
        }];
        if self.lost > 0 {
            options.push(number(PACKET_DROP_COUNT, self.lost.into()));
        }
        options.extend(self.comments.iter().map(|comment| text(OptionCode::Comment, comment)));
        let (high, low) = halves(self.time);
        let mut block = EnhancedPacketBlock {
            block_type: 0,
            block_len1: 0,
            if_id: self.interface,
            ts_high: high,
            ts_low: low,
            caplen: u32::try_from(self.data.len()).unwrap_or(u32::MAX),
            origlen: self.len,
            data: self.data,
            options,
            block_len2: 0,
        };
        bytes(&mut block)
    }
}

/// What became of an agent's records.
pub(crate) fn statistics(
    interface: u32,
    time: u64,
    received: u64,
    dropped: u64,
) -> io::Result<Vec<u8>> {
    let (high, low) = halves(time);
    let mut block = InterfaceStatisticsBlock {
        block_type: 0,
        block_len1: 0,
        if_id: interface,
        ts_high: high,
        ts_low: low,
        options: vec![
            number(OptionCode::IsbIfRecv, received),
            number(OptionCode::IsbIfDrop, dropped),
        ],
        block_len2: 0,
    };
    bytes(&mut block)
}

/// Bytes that [`statistics`] has.
pub(crate) const STATISTICS: u64 = 52;

/// The longest packet of a message of so many bytes, its comments not counted.
pub(crate) const fn snap(message: usize) -> usize {
    message + Frame::HEADER
}

fn bytes(block: &mut impl ToVec) -> io::Result<Vec<u8>> {
    block.to_vec().map_err(|error| io::Error::other(format!("a block cannot be made: {error:?}")))
}

/// A text of at most 64 KiB.
fn text(code: OptionCode, text: &str) -> PcapNGOption<'_> {
    let end = text.floor_char_boundary(usize::from(u16::MAX));
    let value = text.as_bytes().get(..end).unwrap_or_default();
    let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
    PcapNGOption { code, len, value: Cow::Borrowed(value) }
}

fn number(code: OptionCode, number: u64) -> PcapNGOption<'static> {
    PcapNGOption { code, len: 8, value: Cow::Owned(number.to_le_bytes().to_vec()) }
}

/// The upper and the lower word.
fn halves(number: u64) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
    (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_as_large_as_is_kept_free_for_them() {
        let block = statistics(1, 2, 3, 4).expect("block");
        assert_eq!(block.len() as u64, STATISTICS);
    }
}
