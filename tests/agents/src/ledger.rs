//! What was asked, and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use scmi::wire::{MessageId, MessageType, Status};

/// What came of the messages of one protocol.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger(BTreeMap<(MessageType, MessageId), Seen>);

/// What came of a message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// A typed call or event understood it.
    pub(crate) understood: bool,
    /// With which statuses it was refused.
    pub(crate) refused: BTreeSet<Status>,
}

impl Ledger {
    fn entry(&mut self, kind: MessageType, message: MessageId) -> &mut Seen {
        self.0.entry((kind, message)).or_default()
    }

    pub(crate) fn understood(&mut self, kind: MessageType, message: MessageId) {
        self.entry(kind, message).understood = true;
    }

    pub(crate) fn refused(&mut self, message: MessageId, status: Status) {
        self.entry(MessageType::COMMAND, message).refused.insert(status);
    }

    /// What came of a message; nothing where it was not asked.
    pub(crate) fn get(&self, kind: MessageType, message: MessageId) -> Seen {
        self.0.get(&(kind, message)).cloned().unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (MessageType, MessageId, &Seen)> {
        self.0.iter().map(|((kind, message), seen)| (*kind, *message, seen))
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (kind, message, seen) in other.iter() {
            let entry = self.entry(kind, message);
            entry.understood |= seen.understood;
            entry.refused.extend(&seen.refused);
        }
    }
}
