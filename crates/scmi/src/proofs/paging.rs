//! Lists that come in pages of any size.

use alloc::boxed::Box;
use alloc::vec;
use std::vec::Vec;

use super::board::Board;
use super::fakes;
use super::input::Input;
use super::reply::check_answer;
use crate::platform::{AgentId, Link, Outcome, Platform};
use crate::protocol::base::platform::Identity;
use crate::protocol::sensor::platform::{Intervals, Sensor, SensorServer};
use crate::protocol::sensor::{self, wire::AxisCount, wire::Count};
use crate::time::Time;
use crate::wire::{Header, MessageId, ProtocolId, Status, Version};

/// A page that holds any list of a board whole.
const WHOLE: usize = 8192;

/// Whatever room an agent offers: a list is refused when not one entry fits, and otherwise comes in pages of at least
/// one entry, as many as fit, which add up to the whole; what is returned, what remains and the index are always the
/// same sum.
pub fn paging(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let version = input.pick(&[sensor::V3_1, sensor::V3, sensor::V2, sensor::V1]);
    let p2a = input.chance(128);
    let protocols = input.below(fakes::MOST);
    let rooms = [input.byte(), input.byte(), input.byte()].map(|byte| 8 + usize::from(byte));
    let board = Board::any(&mut input, 50);
    let mut asker = Asker::new(&board, version, p2a, protocols);

    for room in rooms {
        let ids = asker.list(&LIST_PROTOCOLS, None, protocols + 1, room);
        let ids: Vec<u8> = ids.into_iter().flatten().collect();
        assert!(ids.is_empty() || ids.len() == protocols + 1 && ids.is_sorted(), "{ids:x?}");
        asker.list(&DESCRIPTIONS, None, board.sensors.len(), room);
        for (id, sensor) in (0..).zip(&board.sensors).take(8) {
            if version >= sensor::V2 {
                asker.list(&AXES, Some(id), sensor.axes.len(), room);
                asker.list(&INTERVALS, Some(id), interval_count(sensor), room);
            }
            if version >= sensor::V3 {
                asker.list(&AXIS_NAMES, Some(id), sensor.axes.len(), room);
            }
        }
    }
}

const fn interval_count(sensor: &Sensor) -> usize {
    match &sensor.intervals {
        Intervals::List(list) => list.len(),
        // A triplet is one page and has no index.
        Intervals::None | Intervals::Range { .. } => 0,
    }
}

/// A command that returns a list.
struct Listing {
    protocol: ProtocolId,
    message: MessageId,
    /// What its count word says is returned, and what remains where it says so.
    count: fn(u32) -> (usize, Option<usize>),
    /// How long the first entry of these bytes is.
    entry: fn(&[u8]) -> usize,
    /// Entries come in groups of so many bytes.
    unit: usize,
    /// Whether this entry may not share its page.
    alone: fn(&[u8]) -> bool,
}

const LIST_PROTOCOLS: Listing = Listing {
    protocol: ProtocolId::BASE,
    message: MessageId(6),
    count: |word| (usize::try_from(word).expect("32 bits"), None),
    entry: |_| 1,
    unit: 4,
    alone: |_| false,
};

const DESCRIPTIONS: Listing = Listing {
    protocol: ProtocolId::SENSOR,
    message: MessageId(3),
    count: |word| {
        let count = Count::from_word(word);
        (count.returned.into(), Some(count.remaining.into()))
    },
    entry: |bytes| match (word(bytes, 1) >> 8 & 1, word(bytes, 2) >> 8 & 1) {
        (0, _) => 28,
        (_, 0) => 52,
        _ => 32,
    },
    unit: 1,
    alone: |bytes| bytes.len() == 32,
};

const AXES: Listing = Listing {
    message: MessageId(7),
    count: |word| {
        let count = AxisCount::from_word(word);
        (count.returned.into(), Some(count.remaining.into()))
    },
    entry: |bytes| if word(bytes, 1) >> 8 & 1 == 0 { 28 } else { 48 },
    alone: |_| false,
    ..DESCRIPTIONS
};

const INTERVALS: Listing =
    Listing { message: MessageId(8), entry: |_| 4, alone: |_| false, ..DESCRIPTIONS };

const AXIS_NAMES: Listing = Listing { message: MessageId(0xD), entry: |_| 68, ..AXES };

struct Asker {
    platform: Platform,
    agent: AgentId,
    version: Version,
}

impl Asker {
    fn new(board: &Board, version: Version, p2a: bool, protocols: usize) -> Self {
        let mut builder = Platform::builder(Identity::default())
            .server(Box::new(SensorServer::new(Box::new(board.clone()))))
            .agent("one", &[(ProtocolId::SENSOR, version)]);
        for at in 0..protocols {
            builder = builder.server(fakes::fake(at));
        }
        let mut platform = builder.build().expect("it fits together");
        let agent = AgentId::from_index(0).expect("small");
        platform.connect(Time::ZERO, agent, Link::new(p2a));
        Self { platform, agent, version }
    }

    /// The entries of a list of so many, asked for with so much room a page; none if one does not fit.
    fn list(
        &mut self,
        listing: &Listing,
        of: Option<u32>,
        total: usize,
        room: usize,
    ) -> Vec<Vec<u8>> {
        let whole = self.pages(listing, of, total, WHOLE).expect("it fits");
        let paged = self.pages(listing, of, total, room);
        if let Some(paged) = &paged {
            assert_eq!(*paged, whole, "{room} bytes a page");
        }
        paged.unwrap_or_default()
    }

    fn pages(
        &mut self,
        listing: &Listing,
        of: Option<u32>,
        total: usize,
        room: usize,
    ) -> Option<Vec<Vec<u8>>> {
        let mut entries: Vec<Vec<u8>> = Vec::new();
        let mut last_room = None;
        while entries.len() < total {
            let index = entries.len();
            let answer = self.ask(listing, of, index, room);
            let list = match answer {
                Ok(list) => list,
                Err(Status::COMMS_ERROR) => {
                    // It must have been too long for the room, which is seen with more of it.
                    let list = self.ask(listing, of, index, WHOLE).expect("it fits");
                    let first = (listing.entry)(&list[4..]).next_multiple_of(listing.unit);
                    assert!(first + 12 > room, "an entry of {first} bytes fits into {room}");
                    return None;
                }
                Err(other) => panic!("{other}"),
            };
            let (returned, remaining) = (listing.count)(word(&list, 0));
            assert!(returned > 0, "an agent would ask for ever");
            assert!(remaining.is_none_or(|remaining| returned + remaining + index == total));
            let mut rest = &list[4..];
            for _ in 0..returned {
                let (entry, after) = rest.split_at((listing.entry)(rest));
                // As much as fitted: so this one did not fit on the page before.
                if let Some(left) = last_room.take() {
                    let needs = entry.len().next_multiple_of(listing.unit);
                    let before = entries.last().is_some_and(|entry| (listing.alone)(entry));
                    assert!(needs > left || before || (listing.alone)(entry), "{left} left");
                }
                assert!(returned == 1 || !(listing.alone)(entry), "it shares a page of {returned}");
                entries.push(entry.to_vec());
                rest = after;
            }
            assert!(rest.len() < listing.unit, "{} bytes are left over", rest.len());
            last_room = Some(room - 8 - list.len());
        }
        Some(entries)
    }

    fn ask(
        &mut self,
        listing: &Listing,
        of: Option<u32>,
        index: usize,
        room: usize,
    ) -> Result<Vec<u8>, Status> {
        let header = Header::command(listing.protocol, listing.message, 5);
        let index = u32::try_from(index).expect("small");
        let words = [Some(header.word()), of, Some(index)];
        let request: Vec<u8> =
            words.into_iter().flatten().flat_map(|word| word.to_le_bytes()).collect();
        let mut reply = vec![0; room];
        match self.platform.handle(Time::ZERO, self.agent, &request, &mut reply) {
            Outcome::Reply(len) => {
                check_answer(header, &reply[..len], self.version).ok()?;
                Ok(reply[8..len].to_vec())
            }
            other => panic!("{other:?}"),
        }
    }
}

fn word(bytes: &[u8], nth: usize) -> u32 {
    u32::from_le_bytes(bytes[nth * 4..][..4].try_into().expect("four bytes"))
}
