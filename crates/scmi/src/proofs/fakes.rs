//! Protocols that are there and can nothing.

use alloc::boxed::Box;

use crate::platform::{Call, Handled, Server};
use crate::protocol::ProtocolInfo;
use crate::wire::{MessageId, ProtocolId, Reader, Status, Version, Writer};

/// How many there can be: all numbers from 0x16 on.
pub(super) const MOST: usize = 0xEA;

const VERSIONS: &[Version] = &[Version::new(1, 0)];

const fn info(id: u8) -> ProtocolInfo {
    ProtocolInfo {
        id: ProtocolId(id),
        name: "fake",
        versions: VERSIONS,
        negotiable_from: Version::new(1, 0),
        commands: &[],
        notifications: &[],
    }
}

static INFOS: [ProtocolInfo; MOST] = {
    let mut infos = [const { info(0x16) }; MOST];
    let mut at = 1;
    while at < MOST {
        infos[at] = info(infos[at - 1].id.0 + 1);
        at += 1;
    }
    infos
};

#[derive(Debug)]
struct Fake(&'static ProtocolInfo);

/// The fake protocol at a position, 0 being the one with the lowest number.
pub(super) fn fake(at: usize) -> Box<dyn Server> {
    Box::new(Fake(&INFOS[at]))
}

impl Server for Fake {
    fn info(&self) -> &'static ProtocolInfo {
        self.0
    }

    fn max_payload(&self) -> usize {
        0
    }

    fn handle(
        &mut self,
        _: &mut Call<'_>,
        _: MessageId,
        _: Reader<'_>,
        _: &mut Writer<'_>,
    ) -> Result<Handled, Status> {
        Err(Status::NOT_FOUND)
    }
}
