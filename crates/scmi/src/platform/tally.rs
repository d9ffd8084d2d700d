//! How often each message of the tables went by.

use alloc::vec::Vec;

use crate::protocol::{ProtocolInfo, common};
use crate::wire::{Header, MessageId, MessageType, ProtocolId, Status};

/// How often a message of a protocol's table went from the platform to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageCount {
    /// The protocol.
    pub protocol: ProtocolId,
    /// The immediate response to a command, a delayed response or a notification.
    pub kind: MessageType,
    /// The message.
    pub message: MessageId,
    /// Responses with success; every notification.
    pub succeeded: u64,
    /// Responses with another status.
    pub refused: u64,
}

/// A count for every message that the protocols' tables have. It is as long as these when it is made, so counting
/// takes no memory, and what no table has is not counted here.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(Vec<MessageCount>);

/// The order of the counts: by protocol, kind and message.
type Key = (ProtocolId, MessageType, MessageId);

impl Tally {
    pub(super) fn new(protocols: &[&'static ProtocolInfo]) -> Self {
        let mut counts: Vec<MessageCount> =
            protocols.iter().flat_map(|info| all_of(info)).collect();
        counts.sort_by_key(key);
        Self(counts)
    }

    /// Counts a message on its way to an agent; `status` is that of a response.
    pub(super) fn count(&mut self, header: Header, status: Status) {
        let wanted = (header.protocol(), header.kind(), header.message());
        let Ok(index) = self.0.binary_search_by_key(&wanted, key) else { return };
        let Some(count) = self.0.get_mut(index) else { return };
        if status == Status::SUCCESS {
            count.succeeded = count.succeeded.wrapping_add(1);
        } else {
            count.refused = count.refused.wrapping_add(1);
        }
    }

    /// The messages that went by, in ascending order.
    pub(super) fn seen(&self) -> impl Iterator<Item = &MessageCount> {
        self.0.iter().filter(|count| count.succeeded != 0 || count.refused != 0)
    }
}

fn key(count: &MessageCount) -> Key {
    (count.protocol, count.kind, count.message)
}

fn all_of(info: &'static ProtocolInfo) -> impl Iterator<Item = MessageCount> {
    let count = |kind: MessageType, message: MessageId| MessageCount {
        protocol: info.id,
        kind,
        message,
        succeeded: 0,
        refused: 0,
    };
    let commands = common::COMMANDS.iter().chain(info.commands);
    let delayed = info.commands.iter().filter(|command| command.delayed.is_some());
    let commands = commands.map(move |command| count(MessageType::COMMAND, command.id));
    let delayed = delayed.map(move |command| count(MessageType::DELAYED_RESPONSE, command.id));
    let notifications = info.notifications.iter();
    let notifications = notifications.map(move |event| count(MessageType::NOTIFICATION, event.id));
    commands.chain(delayed).chain(notifications)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{clock, sensor};

    #[test]
    fn each_message_of_the_tables_is_counted_and_no_other() {
        let mut tally = Tally::new(&[&sensor::INFO, &clock::INFO]);
        let rate_set = Header::command(ProtocolId::CLOCK, MessageId(5), 3);
        tally.count(rate_set, Status::SUCCESS);
        tally.count(rate_set, Status::BUSY);
        tally.count(rate_set.delayed_response(), Status::SUCCESS);
        tally.count(Header::notification(ProtocolId::CLOCK, MessageId(0)), Status::SUCCESS);
        tally.count(Header::command(ProtocolId::SENSOR, MessageId(0), 0), Status::SUCCESS);
        // No table has these: a message, a delayed response, a notification, a protocol.
        tally.count(Header::command(ProtocolId::CLOCK, MessageId(0x77), 0), Status::NOT_FOUND);
        let rate_get = Header::command(ProtocolId::CLOCK, MessageId(6), 0);
        tally.count(rate_get.delayed_response(), Status::SUCCESS);
        tally.count(Header::notification(ProtocolId::CLOCK, MessageId(9)), Status::SUCCESS);
        tally.count(Header::command(ProtocolId::RESET, MessageId(0), 0), Status::NOT_SUPPORTED);

        let seen: Vec<_> = tally
            .seen()
            .map(|c| (c.protocol, c.kind, c.message.0, c.succeeded, c.refused))
            .collect();
        assert_eq!(
            seen,
            [
                (ProtocolId::CLOCK, MessageType::COMMAND, 5, 1, 1),
                (ProtocolId::CLOCK, MessageType::DELAYED_RESPONSE, 5, 1, 0),
                (ProtocolId::CLOCK, MessageType::NOTIFICATION, 0, 1, 0),
                (ProtocolId::SENSOR, MessageType::COMMAND, 0, 1, 0),
            ]
        );
    }
}
