// SPDX-License-Identifier: GPL-2.0

//! What comes back from the device, and to whom it goes.

use crate::channel::{post, Channel, State};
use crate::core_side::CoreChannel;
use crate::counters::Counter;
use crate::message::{Answer, Handle, Owner, Side, Waiter};
use crate::wire::{self, PROTOCOL_ERROR};

/// What the core is to be told of.
struct News {
    core: CoreChannel,
    header: u32,
    handle: Handle,
}

impl Channel {
    /// Brings everything that the device is done with to whom it is for. False if the queue cannot be used any more.
    ///
    /// Interrupts may call it, and so may several at once: each message goes to one of them. For the queue's own
    /// `interrupt` there are no others until the queue is empty, and then again.
    pub(crate) fn receive(&self, interrupt: bool) -> bool {
        let mut state = self.state.lock();
        loop {
            if let (true, Some(queue)) = (interrupt, state.queue.as_mut()) {
                queue.disable_callback();
            }
            let mut posted = false;
            while let Some(news) = state.next_news(&mut posted) {
                state.visits += 1;
                drop(state);
                news.core.deliver(news.header, news.handle);
                state = self.state.lock();
                posted |= state.delivered(news.handle);
                self.leave(&mut state);
            }
            let Some(queue) = state.queue.as_mut() else {
                return true;
            };
            if posted {
                queue.kick();
            }
            if queue.is_broken() {
                return false;
            }
            // Something may have come between, for which there will be no interrupt.
            if !interrupt || queue.enable_callback() {
                return true;
            }
        }
    }

    /// Ends a visit to the core.
    pub(super) fn leave(&self, state: &mut State) {
        state.visits = state.visits.saturating_sub(1);
        if state.visits == 0 && core::mem::take(&mut state.leaving) {
            self.left.complete();
        }
    }
}

impl State {
    /// Takes what the device is done with, until the core is to be told of something.
    fn next_news(&mut self, posted: &mut bool) -> Option<News> {
        loop {
            let (handle, used) = self.queue.as_mut()?.next()?;
            let used = usize::try_from(used).unwrap_or(usize::MAX);
            let header = match self.side {
                Side::Commands => self.answered(handle, used),
                Side::Events => self.happened(handle, used, posted),
            };
            // Without a core nobody waits, and events have been posted again.
            if let (Some(header), Some(core)) = (header, self.core) {
                return Some(News {
                    core,
                    header,
                    handle,
                });
            }
        }
    }

    /// The device has answered a command. The header, if the core is to be told.
    fn answered(&mut self, handle: Handle, used: usize) -> Option<u32> {
        self.answers = self.answers.wrapping_add(1);
        let has_core = self.core.is_some();
        let Some(message) = self.pool.find(handle) else {
            Counter::Unknown.add();
            return None;
        };
        let Owner::Queue(waiter) = message.owner else {
            Counter::Unknown.add();
            return None;
        };
        let header = message.header;
        let judged = wire::judge_answer(&message.answer, used, message.offered, header);
        if let Err(counter) = judged {
            counter.add();
        }
        let answer = judged.map_or(Answer::Failure(PROTOCOL_ERROR), Answer::Bytes);
        match waiter {
            Waiter::Callback if has_core => {
                message.owner = Owner::Core(answer);
                return Some(header);
            }
            Waiter::Poller => message.owner = Owner::Poller(answer),
            Waiter::Failed(status) => message.owner = Owner::Poller(Answer::Failure(status)),
            // Who tells the core gives it back.
            Waiter::Told(status) => message.owner = Owner::Core(Answer::Failure(status)),
            Waiter::Callback | Waiter::Nobody => {
                Counter::Late.add();
                // The core is told of what comes late, so that it counts it, unless it would take it for somebody else's.
                let told = judged.is_ok() && has_core;
                message.owner = Owner::Core(answer);
                if told && !self.token_in_use(wire::token(header)) {
                    return Some(header);
                }
                self.pool.give_back(handle);
            }
        }
        None
    }

    /// The device has written an event. The header, if the core is to be told.
    fn happened(&mut self, handle: Handle, used: usize, posted: &mut bool) -> Option<u32> {
        let Some(message) = self.pool.find(handle) else {
            Counter::Unknown.add();
            return None;
        };
        let judged = wire::judge_event(&message.answer, used);
        message.owner = Owner::Core(Answer::Bytes(used));
        match judged {
            Ok(header) if self.core.is_some() => return Some(header),
            Ok(_) => {}
            Err(counter) => counter.add(),
        }
        *posted |= self.delivered(handle);
        None
    }

    /// The core has been told. Whether the device was given room for another event.
    fn delivered(&mut self, handle: Handle) -> bool {
        let Some(message) = self.pool.find(handle) else {
            return false;
        };
        if let (Side::Events, Some(queue)) = (self.side, self.queue.as_mut()) {
            if post(queue, message).is_ok() {
                return true;
            }
        }
        // Its name may have changed when the device did not take it.
        let handle = message.handle;
        self.pool.give_back(handle);
        false
    }
}
