// SPDX-License-Identifier: GPL-2.0

//! A channel: a queue, its messages, and the core's side of it. `receive.rs` has the way back from the device,
//! `ending.rs` what is done with calls when it is gone.

use crate::core_side::{CoreChannel, Transfer};
use crate::lock::{Completion, IrqLock};
use crate::message::{Answer, Buffer, Handle, Message, Owner, Side, Waiter};
use crate::pool::Pool;
use crate::queue::{Area, Queue};
use crate::wire::{self, COMMS_ERROR};
use kernel::prelude::*;
use kernel::str::CStr;
use kernel::sync::LockClassKey;

/// A queue of the device and what belongs to it. Its memory lives until the device was reset for the last time.
#[pin_data]
pub(crate) struct Channel {
    side: Side,
    /// How many messages there can be at once.
    capacity: u16,
    #[pin]
    pub(super) state: IrqLock<State>,
    /// Said when the last one leaves that `close` waits for.
    #[pin]
    pub(super) left: Completion,
}

/// What of a channel the lock protects: all that changes.
pub(crate) struct State {
    pub(super) side: Side,
    /// None while the device has no queues: suspended, being reset, or gone.
    pub(super) queue: Option<Queue>,
    /// None while the core does not use the channel.
    pub(super) core: Option<CoreChannel>,
    /// Commands are refused otherwise, though there is a queue: it is about to go.
    pub(super) accepting: bool,
    /// How many are in the core's callback now, without the lock.
    pub(super) visits: u32,
    /// `close` waits for them.
    pub(super) leaving: bool,
    /// How many answers have come, to see whether any do; it wraps.
    pub(super) answers: u32,
    pub(super) pool: Pool,
}

/// Why a command was not sent.
pub(crate) enum Refusal {
    /// As the core is told.
    Error(Error),
    /// The ring did not take it, which is worth a word in the log.
    Ring(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// The classes of a channel's locks, each its own.
pub(crate) struct Classes {
    pub(crate) state: (&'static CStr, &'static LockClassKey),
    pub(crate) left: (&'static CStr, &'static LockClassKey),
}

impl Channel {
    /// One without a queue yet, with room for so many messages.
    pub(crate) fn new(side: Side, capacity: u16, classes: Classes) -> impl PinInit<Self, Error> {
        let Classes { state, left } = classes;
        try_pin_init!(Self {
            state <- IrqLock::new(
                State {
                    side,
                    queue: None,
                    core: None,
                    accepting: false,
                    visits: 0,
                    leaving: false,
                    answers: 0,
                    pool: Pool::new(side, capacity)?,
                },
                state.0,
                state.1,
            ),
            left <- Completion::new(left.0, left.1),
            side,
            capacity,
        }? Error)
    }

    /// How many messages there can be at once.
    pub(crate) fn capacity(&self) -> u16 {
        self.capacity
    }

    /// Begins to use this queue. The device was told to run before.
    pub(crate) fn start(&self, queue: Queue) {
        let mut state = self.state.lock();
        state.queue = Some(queue);
        state.accepting = true;
        drop(state);
        self.feed();
    }

    /// Whether the core uses it.
    pub(crate) fn is_open(&self) -> bool {
        self.state.lock().core.is_some()
    }

    /// The core uses it from now on.
    pub(crate) fn open(&self, core: CoreChannel) {
        self.state.lock().core = Some(core);
        self.feed();
    }

    /// The core does not use it any more, and nobody is in its callback when this returns. May sleep.
    ///
    /// Whoever still waits is forgotten: the core has ended those that may wait.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.core = None;
        state.forget_all();
        let anybody = state.visits > 0;
        state.leaving = anybody;
        drop(state);
        if anybody {
            self.left.wait();
        }
    }

    /// Gives the device room for events, once the core wants them.
    fn feed(&self) {
        if self.side == Side::Commands {
            return;
        }
        // The lock is let go each time: there may be a thousand.
        while self.state.lock().feed_one() {}
        if let Some(queue) = self.state.lock().queue.as_mut() {
            queue.kick();
        }
    }

    /// Sends a command.
    pub(crate) fn send(&self, transfer: &Transfer) -> Result<(), Refusal> {
        self.state.lock().send(transfer)
    }

    /// What came of a command is put into its transfer. That is the core's business of an answer that is there.
    pub(crate) fn fetch_response(&self, transfer: &Transfer) {
        let mut state = self.state.lock();
        match state.answer_for(transfer) {
            Some((Answer::Bytes(len), message)) => transfer.take_answer(&message.answer, len),
            Some((Answer::Failure(status), _)) => transfer.take_failure(status),
            None => transfer.take_failure(COMMS_ERROR),
        }
    }

    /// The payload of a notification is put into its transfer, so much at most.
    pub(crate) fn fetch_notification(&self, transfer: &Transfer, most: usize) {
        let mut state = self.state.lock();
        match state.answer_for(transfer) {
            Some((Answer::Bytes(len), message)) => transfer.take_event(&message.answer, len, most),
            _ => transfer.take_failure(COMMS_ERROR),
        }
    }

    /// The core is done with a command of its own, answered or not.
    pub(crate) fn done(&self, transfer: &Transfer, timed_out: bool) {
        let handle = transfer.handle();
        transfer.set_handle(None);
        // The callback has given back what it brought. Only what nobody brought, or a poller left, is still there.
        if timed_out || transfer.polls() {
            self.state.lock().give_up(transfer, handle);
        }
    }

    /// Whether a call that asks again and again need not ask any more. Brings what came for others, too.
    pub(crate) fn poll(&self, transfer: &Transfer) -> bool {
        let Some(handle) = transfer.handle() else {
            return true;
        };
        self.receive(false);
        let mut state = self.state.lock();
        let message = state.pool.find(handle);
        !message.is_some_and(|message| message.owner == Owner::Queue(Waiter::Poller))
    }
}

impl State {
    fn send(&mut self, transfer: &Transfer) -> Result<(), Refusal> {
        let request_len = transfer.request_len().ok_or(ERANGE)?;
        let offered = transfer.answer_len().ok_or(ERANGE)?;
        let (Some(queue), Some(_)) = (self.queue.as_mut(), self.core) else {
            return Err(ENODEV.into());
        };
        if !self.accepting {
            return Err(EBUSY.into());
        }
        let message = self.pool.first_free().ok_or(EBUSY)?;
        let handle = message.handle;
        let request = message.request.as_ref().ok_or(EINVAL)?;
        transfer.write_request(request);
        let request = Area {
            start: request.as_ptr(),
            len: request_len,
        };
        let answer = Area {
            start: message.answer.as_ptr(),
            len: offered,
        };
        // SAFETY: Both are of `kmalloc`, hold as many bytes, and belong to the queue from now on, which nobody else touches.
        unsafe { queue.add_command(request, answer, handle) }.map_err(Refusal::Ring)?;
        let waiter = if transfer.polls() {
            Waiter::Poller
        } else {
            Waiter::Callback
        };
        message.owner = Owner::Queue(waiter);
        message.header = transfer.header();
        message.offered = offered;
        message.xfer = transfer.name();
        self.pool.take();
        // Before the device knows of it, and before anybody can look for it: we hold the lock.
        transfer.set_handle(Some(handle));
        queue.kick();
        Ok(())
    }

    /// Gives the device room for one event; whether there may be another.
    fn feed_one(&mut self) -> bool {
        let (Some(queue), Some(_)) = (self.queue.as_mut(), self.core) else {
            return false;
        };
        let Some(message) = self.pool.first_free() else {
            return false;
        };
        if post(queue, message).is_err() {
            return false;
        }
        self.pool.take();
        true
    }

    /// The answer that belongs to whom this transfer is of, and the message that it is in.
    fn answer_for(&mut self, transfer: &Transfer) -> Option<(Answer, &mut Message)> {
        let message = self.pool.find(transfer.handle()?)?;
        let answer = match message.owner {
            Owner::Core(answer) | Owner::Poller(answer) => answer,
            Owner::Queue(Waiter::Failed(status) | Waiter::Told(status)) => Answer::Failure(status),
            Owner::Queue(_) | Owner::Free => return None,
        };
        Some((answer, message))
    }

    /// A call does not wait any more. What the device has stays there until it comes back.
    fn give_up(&mut self, transfer: &Transfer, handle: Option<Handle>) {
        // A delayed response that came first has left its own handle in the transfer.
        let named = handle.filter(|handle| self.pool.find(*handle).is_some());
        let handle = named.or_else(|| self.handle_of(transfer.name()));
        let Some(handle) = handle else {
            return;
        };
        let Some(message) = self.pool.find(handle) else {
            return;
        };
        match message.owner {
            Owner::Queue(Waiter::Callback | Waiter::Poller | Waiter::Failed(_)) => {
                message.owner = Owner::Queue(Waiter::Nobody);
            }
            Owner::Poller(_) => self.pool.give_back(handle),
            // Who tells the core, or brings the answer right now, ends it.
            Owner::Queue(Waiter::Told(_) | Waiter::Nobody) | Owner::Core(_) | Owner::Free => {}
        }
    }

    /// The message that somebody waits for with this transfer.
    fn handle_of(&mut self, transfer: usize) -> Option<Handle> {
        let waits = |message: &&mut Message| {
            message.xfer == transfer
                && matches!(
                    message.owner,
                    Owner::Poller(_)
                        | Owner::Queue(Waiter::Callback | Waiter::Poller | Waiter::Failed(_))
                )
        };
        self.pool.all().find(waits).map(|message| message.handle)
    }

    /// Whether somebody else's command with this token is on its way.
    pub(super) fn token_in_use(&mut self, token: u32) -> bool {
        self.pool.all().any(|message| {
            matches!(
                message.owner,
                Owner::Queue(Waiter::Callback | Waiter::Poller)
            ) && wire::token(message.header) == token
        })
    }
}

/// Gives the device room for an event, under a new name.
pub(super) fn post(queue: &mut Queue, message: &mut Message) -> Result {
    message.handle = message.handle.next();
    let area = Area {
        start: message.answer.as_ptr(),
        len: Buffer::SIZE,
    };
    // SAFETY: It is of `kmalloc`, holds as many bytes, and belongs to the queue from now on, which nobody else touches.
    unsafe { queue.add_event(area, message.handle) }?;
    message.owner = Owner::Queue(Waiter::Callback);
    message.offered = Buffer::SIZE;
    Ok(())
}
