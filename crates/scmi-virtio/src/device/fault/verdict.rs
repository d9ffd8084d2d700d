//! What a completion says that is not so.

use core::cell::Cell;

use super::acts::UsedLength;
use super::saboteur::Plan;
use crate::device::queue::{DeviceQueue, OutsideMemory, Popped};

/// What the next completion says that is not so; nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub(super) used: Option<UsedLength>,
    pub(super) twice: bool,
    /// On whose account, for whoever listens.
    pub(super) plan: Option<Plan>,
}

impl Verdict {
    /// Of a message on the event queue.
    pub(super) fn event(plan: &Plan, used: Option<UsedLength>) -> Self {
        Self { used, twice: false, plan: Some(*plan) }
    }
}

/// A queue whose completions do as the verdict says that its responder left for them.
#[derive(Debug)]
pub struct Lying<'a, Q> {
    queue: Q,
    verdict: &'a Cell<Verdict>,
}

impl<'a, Q> Lying<'a, Q> {
    /// Wraps `queue`; `verdict` is shared with the responder ([`Sabotaged`](super::Sabotaged)).
    pub const fn new(queue: Q, verdict: &'a Cell<Verdict>) -> Self {
        Self { queue, verdict }
    }
}

impl<Q: DeviceQueue> DeviceQueue for Lying<'_, Q> {
    type Chain = Q::Chain;

    fn pop(&mut self, chain: &mut Q::Chain) -> Popped {
        self.queue.pop(chain)
    }

    fn undo_pop(&mut self) {
        self.queue.undo_pop();
    }

    fn read(&self, chain: &Q::Chain, into: &mut [u8]) -> Result<usize, OutsideMemory> {
        self.queue.read(chain, into)
    }

    fn write(&self, chain: &Q::Chain, bytes: &[u8]) -> Result<(), OutsideMemory> {
        self.queue.write(chain, bytes)
    }

    fn complete(&mut self, chain: &Q::Chain, used: usize) {
        let verdict = self.verdict.take();
        if let Some(plan) = &verdict.plan {
            self.queue.mark(plan);
        }
        let claimed = verdict.used.map_or(used, |length| length.of(used));
        self.queue.complete(chain, claimed);
        if verdict.twice {
            if let Some(plan) = &verdict.plan {
                self.queue.mark(plan);
            }
            self.queue.complete(chain, claimed);
        }
    }
}
