//! Which version of a protocol the two sides of a trace speak.

use std::collections::BTreeMap;

use scmi::wire::{Header, MessageId, ProtocolId, Status, Version};

use crate::frame::Kind;
use crate::reader::Packet;

/// Commands NEGOTIATE_PROTOCOL_VERSION of all agents that wait for an answer and are remembered.
const REMEMBERED: usize = 1024;

/// Follows what PROTOCOL_VERSION and NEGOTIATE_PROTOCOL_VERSION say, for each agent and protocol (sections 4.1.1 and 4.1.6 of the
/// specification's 3.2).
#[derive(Debug, Default)]
pub struct Versions {
    /// By interface and protocol: two tables of at most 256 protocols an interface that there is.
    spoken: BTreeMap<(usize, u8), Version>,
    /// By interface and header: the version that was asked for.
    asked: BTreeMap<(usize, u32), Version>,
}

impl Versions {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the next packet of a trace, and says in which version of its protocol to read it, if it is known.
    pub fn see(&mut self, packet: &Packet) -> Option<Version> {
        if packet.kind == Kind::Note && !packet.altered {
            // Another driver begins with what the platform says first.
            self.spoken.retain(|(interface, _), _| *interface != packet.interface);
            self.asked.retain(|(interface, _), _| *interface != packet.interface);
            return None;
        }
        let header = Header::parse(&packet.message)?;
        let ProtocolId(protocol) = header.protocol();
        let (key, place) = ((packet.interface, header.word()), (packet.interface, protocol));
        let first = packet.message.get(Header::BYTES..).and_then(|rest| rest.first_chunk::<4>());
        let first = first.copied().map(u32::from_le_bytes);
        match (header.message(), packet.kind) {
            (MessageId::NEGOTIATE_PROTOCOL_VERSION, Kind::Command) => {
                if self.asked.len() >= REMEMBERED {
                    self.asked.pop_first();
                }
                self.asked.extend(first.map(|version| (key, Version(version))));
            }
            (MessageId::NEGOTIATE_PROTOCOL_VERSION, Kind::Answer) => {
                let version = self.asked.remove(&key);
                let granted = first.map(u32::cast_signed).map(Status) == Some(Status::SUCCESS);
                self.spoken.extend(version.filter(|_| granted).map(|version| (place, version)));
            }
            (MessageId::PROTOCOL_VERSION, Kind::Answer) => {
                let word = packet.message.get(2 * Header::BYTES..);
                let version = word.and_then(|rest| rest.first_chunk::<4>());
                let version = version.copied().map(|word| Version(u32::from_le_bytes(word)));
                if let Some(version) = version {
                    self.spoken.entry(place).or_insert(version);
                }
            }
            _ => {}
        }
        self.spoken.get(&place).copied()
    }
}
