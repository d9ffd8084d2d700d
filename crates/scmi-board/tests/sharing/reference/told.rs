//! What agents are told.

use std::collections::BTreeMap;

use super::Reply;
use crate::engine::Mail;

/// What agents are to be told, each in the order of things: the agent and the words.
#[derive(Default)]
pub(super) struct Told {
    notifications: Vec<(usize, Vec<u32>)>,
    answers: Vec<(usize, Vec<u32>)>,
}

impl Told {
    pub(super) fn notify(&mut self, agent: usize, words: Vec<u32>) {
        self.notifications.push((agent, words));
    }

    /// A late answer, or a delayed response: what type, stands in the header.
    pub(super) fn answer(&mut self, agent: usize, header: u32, reply: Reply) {
        let words = match reply {
            Ok(values) => [vec![header, 0], values].concat(),
            Err(status) => vec![header, status.cast_unsigned()],
        };
        self.answers.push((agent, words));
    }

    /// Sorted; of notifications that say the same of the same thing, the newest.
    pub(super) fn take(&mut self) -> Mail {
        let mut newest: BTreeMap<(usize, u32, u32), Vec<u32>> = BTreeMap::new();
        for (agent, words) in self.notifications.drain(..) {
            // The first word behind the header of a notification is the cause, then comes of what.
            newest.insert((agent, words[0], words[2]), words);
        }
        let mut mail = Mail::new();
        let newest = newest.into_iter().map(|((agent, ..), words)| (agent, words));
        for (agent, words) in newest.chain(self.answers.drain(..)) {
            mail.entry(agent).or_default().push(words);
        }
        mail.values_mut().for_each(|messages| messages.sort());
        mail
    }
}
