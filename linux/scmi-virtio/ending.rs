// SPDX-License-Identifier: GPL-2.0

//! What is done with the calls of a channel when its device goes, for a while or for good.

use crate::channel::{Channel, State};
use crate::core_side::CoreChannel;
use crate::counters::Counter;
use crate::message::{Answer, Handle, Owner, Side, Waiter};
use crate::queue::Queue;
use crate::wire::COMMS_ERROR;

impl Channel {
    /// No command is sent from now on, until [`Self::start`]; what is on its way goes on.
    pub(crate) fn refuse(&self) {
        self.state.lock().accepting = false;
    }

    /// Whether somebody waits for an answer.
    pub(crate) fn is_busy(&self) -> bool {
        let waits = |owner| matches!(owner, Owner::Queue(Waiter::Callback | Waiter::Poller));
        self.state
            .lock()
            .pool
            .all()
            .any(|message| waits(message.owner))
    }

    /// How many answers have come; it wraps.
    pub(crate) fn answers(&self) -> u32 {
        self.state.lock().answers
    }

    /// Whether the queue cannot be used any more.
    pub(crate) fn is_broken(&self) -> bool {
        self.state
            .lock()
            .queue
            .as_ref()
            .is_some_and(Queue::is_broken)
    }

    /// The queue, which nobody uses from now on.
    pub(crate) fn stop(&self) -> Option<Queue> {
        self.state.lock().queue.take()
    }

    /// Ends every call that waits, now, with ECOMM. The device keeps their memory.
    pub(crate) fn fail_all(&self) {
        let mut state = self.state.lock();
        while let Some((core, header, handle)) = state.next_to_fail() {
            state.visits += 1;
            drop(state);
            core.deliver(header, handle);
            state = self.state.lock();
            state.was_told(handle);
            self.leave(&mut state);
        }
    }

    /// Takes the memory back that the device had.
    ///
    /// It must have been reset, and nobody may wait: [`Self::fail_all`] comes before.
    pub(crate) fn reclaim(&self) {
        self.state.lock().reclaim();
    }
}

impl State {
    /// The next call that the core is to be told of; those that poll see it for themselves.
    fn next_to_fail(&mut self) -> Option<(CoreChannel, u32, Handle)> {
        let core = self.core;
        for message in self.pool.all() {
            match (message.owner, core) {
                (Owner::Queue(Waiter::Poller), _) => {
                    Counter::Failed.add();
                    message.owner = Owner::Queue(Waiter::Failed(COMMS_ERROR));
                }
                (Owner::Queue(Waiter::Callback), Some(core)) => {
                    Counter::Failed.add();
                    message.owner = Owner::Queue(Waiter::Told(COMMS_ERROR));
                    return Some((core, message.header, message.handle));
                }
                _ => {}
            }
        }
        None
    }

    /// The core was told that a call failed.
    fn was_told(&mut self, handle: Handle) {
        let Some(message) = self.pool.find(handle) else {
            return;
        };
        match message.owner {
            Owner::Queue(Waiter::Told(_)) => message.owner = Owner::Queue(Waiter::Nobody),
            // The device gave it back meanwhile.
            Owner::Core(_) => self.pool.give_back(handle),
            Owner::Queue(_) | Owner::Poller(_) | Owner::Free => {}
        }
    }

    /// Nobody waits any more.
    pub(super) fn forget_all(&mut self) {
        let commands = self.side == Side::Commands;
        let mut next = 0;
        while let Some(message) = self.pool.at(next) {
            next += 1;
            match message.owner {
                Owner::Queue(Waiter::Callback | Waiter::Poller | Waiter::Failed(_)) if commands => {
                    message.owner = Owner::Queue(Waiter::Nobody);
                }
                Owner::Poller(_) => {
                    let handle = message.handle;
                    self.pool.give_back(handle);
                }
                _ => {}
            }
        }
    }

    fn reclaim(&mut self) {
        let mut next = 0;
        while let Some(message) = self.pool.at(next) {
            next += 1;
            let handle = message.handle;
            match message.owner {
                Owner::Queue(Waiter::Failed(status)) => {
                    message.owner = Owner::Poller(Answer::Failure(status));
                }
                Owner::Queue(Waiter::Told(status)) => {
                    message.owner = Owner::Core(Answer::Failure(status));
                }
                Owner::Queue(_) => self.pool.give_back(handle),
                Owner::Core(_) | Owner::Poller(_) | Owner::Free => {}
            }
        }
    }
}
