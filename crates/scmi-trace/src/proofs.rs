//! What must hold for any bytes: bodies for fuzzing, which are property tests too.

use std::io::{self, Read};

use crate::blocks;
use crate::{Item, Matcher, Reader, Versions};

/// Gives bytes in pieces of any size.
struct Pieces<'a> {
    rest: &'a [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = self.size.min(self.rest.len()).min(into.len());
        let (now, later) = self.rest.split_at(len);
        into.get_mut(..len).unwrap_or_default().copy_from_slice(now);
        self.rest = later;
        Ok(len)
    }
}

/// Any bytes are read to their end or to an error that says where, in the same way whatever the pieces in which they come:
/// once as they are, once behind the beginning of a good trace.
pub fn read_any(bytes: &[u8]) {
    read(bytes);
    let start = [blocks::section(), blocks::interface("vm", 0)];
    let mut whole: Vec<u8> = start.into_iter().flatten().flatten().collect();
    whole.extend_from_slice(bytes);
    read(&whole);
}

fn read(bytes: &[u8]) {
    let whole = told(bytes, bytes.len().max(1));
    let size = bytes.first().map_or(1, |first| usize::from(first % 64) + 1);
    assert_eq!(told(bytes, size), whole, "in pieces of {size} bytes");
}

/// What a reader says of bytes, and after what it stops.
fn told(bytes: &[u8], size: usize) -> (Vec<Item>, Option<String>) {
    let (mut matcher, mut versions) = (Matcher::new(), Versions::new());
    let (mut items, mut error) = (Vec::new(), None);
    for item in Reader::new(Pieces { rest: bytes, size }) {
        assert!(error.is_none(), "nothing follows an error");
        match item {
            Ok(item) => {
                if let Item::Packet(packet) = &item {
                    let found = matcher.see(packet);
                    versions.see(packet);
                    assert!(found.is_none_or(|found| found.number < packet.number));
                }
                items.push(item);
            }
            Err(what) => error = Some(what.to_string()),
        }
        assert!(items.len() <= bytes.len(), "every item has bytes of its own");
    }
    (items, error)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::blocks::PacketBlock;

    #[test]
    fn what_fuzzing_begins_with_is_read_or_refused() {
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/trace");
        let files = std::fs::read_dir(corpus).expect("the corpus is part of the tree");
        let mut ran = 0;
        for file in files {
            read_any(&std::fs::read(file.expect("it is listed").path()).expect("it can be read"));
            ran += 1;
        }
        assert!(ran > 0, "the corpus is empty");
    }

    /// A block that may be anything, with a length that may be right.
    fn any_block() -> impl Strategy<Value = Vec<u8>> {
        let kinds = vec![0x0A0D_0D0A, 1, 2, 3, 4, 5, 6, 9, 10, 0xBAD, 0x4000_0BAD, 0x8000_0001];
        let kind = proptest::sample::select(kinds);
        let body = proptest::collection::vec(any::<u8>(), 0..80);
        (kind, body, any::<Option<u32>>(), any::<bool>()).prop_map(
            |(kind, mut body, wrong, pad)| {
                if pad {
                    body.resize(body.len().next_multiple_of(4), 0);
                }
                let len = u32::try_from(body.len() + 12).unwrap_or(0);
                let len = wrong.filter(|wrong| wrong % 5 == 0).unwrap_or(len);
                let (kind, len) = (u32::to_le_bytes(kind), len.to_le_bytes());
                [&kind[..], &len, &body, &len].concat()
            },
        )
    }

    /// A packet of ours around any message.
    fn any_packet() -> impl Strategy<Value = Vec<u8>> {
        let data = proptest::collection::vec(any::<u8>(), 0..40);
        (data, 0u32..2, any::<u64>(), any::<[u8; 3]>()).prop_map(
            |(mut data, interface, time, head)| {
                let start = [1, head[0] % 7, head[1] % 3, head[2]];
                data.splice(0..0, start);
                let len = u32::try_from(data.len()).unwrap_or(0);
                let comments = &["odd"][..];
                let data = data.as_slice();
                let block =
                    PacketBlock { interface, time, data, len, inbound: true, comments, lost: 1 };
                block.to_bytes().expect("block")
            },
        )
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            read_any(&bytes);
        }

        #[test]
        fn any_blocks_are_read_or_refused(
            blocks in proptest::collection::vec(prop_oneof![any_block(), any_packet()], 0..12),
            cut in any::<proptest::sample::Index>(),
            flip in any::<Option<(proptest::sample::Index, u8)>>(),
        ) {
            let mut bytes = blocks.concat();
            if let Some((place, bits)) = flip && !bytes.is_empty() {
                let place = place.index(bytes.len());
                bytes[place] ^= bits;
            }
            bytes.truncate(cut.index(bytes.len() + 1).max(bytes.len() / 2));
            read_any(&bytes);
        }
    }
}
