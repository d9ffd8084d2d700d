//! Many tasks, many calls: futures without an executor.

use super::asking::Asking;
use super::coming::{Attached, Events};
use super::counters::Counters;
use super::error::CallError;
use super::front::Front;
use super::line::{Line, Wake};
use super::lock::Lock;
use super::steps::{Steps, Whole};
use crate::time::Time;
use crate::wire::Command;

/// An agent for tasks: each call is a future, many can be on their way at once. It needs no executor of a certain kind,
/// only [`core::task::Waker`], and allocates nothing.
///
/// Somebody calls [`Tasks::pump`] at the channel's interrupts, and when the moment has come that it returned. That may
/// be another thread or an interrupt handler, as the [`Lock`] allows. Asking for a future's end does the same.
///
/// A future can be dropped, or forgotten, at any time: its slot is free when its buffer is back.
///
/// When all slots are taken, a call waits for one. There is room for as many tasks to wait as there are slots (calls of
/// one task count once); the next one ends with [`CallError::NoSlot`], and so do all when every slot is lost.
///
/// ```
/// # use scmi::{agent::{CallError, Link, Lock, Tasks}, transport::Channel};
/// use core::cell::RefCell;
/// use scmi::protocol::clock::wire::RateGet;
///
/// async fn both<C: Channel>(tasks: &Tasks<RefCell<Link<C>>>) -> Result<u64, CallError> {
///     let first = tasks.call(RateGet { clock: 0.into() });
///     let second = tasks.call(RateGet { clock: 1.into() });
///     Ok(first.await?.get() + second.await?.get())
/// }
/// ```
#[derive(Debug)]
pub struct Tasks<L> {
    lock: L,
}

impl<L: Lock<Inside: Line>> Tasks<L> {
    /// An agent of what is in the lock.
    pub const fn new(lock: L) -> Self {
        Self { lock }
    }

    /// The lock, for its owner.
    pub const fn lock(&self) -> &L {
        &self.lock
    }

    /// Does something with the link, as to attach a channel or to reset it, and wakes whom that concerns.
    ///
    /// # Errors
    /// [`CallError::Locked`].
    pub fn with<R>(&self, work: impl FnOnce(&mut L::Inside) -> R) -> Result<R, CallError> {
        let done = self.lock.with(|line| {
            let result = work(line);
            (result, line.take_woken())
        });
        let (result, woken) = done.ok_or(CallError::Locked)?;
        // Not while the lock is held: who is woken may ask again at once.
        woken.wake();
        Ok(result)
    }

    /// Sends, takes what has come, ends what is over, and wakes whom that concerns; returns when to do it again at
    /// the latest.
    pub fn pump(&self) -> Option<Time> {
        self.with(Line::pump).ok().flatten()
    }

    /// Calls a command whose reply has a fixed size.
    pub const fn call<C: Command>(&self, command: C) -> Asking<'_, L, Whole<C>> {
        self.run(Whole::new(command))
    }

    /// Asks what is to be asked.
    pub const fn run<S: Steps + Unpin>(&self, steps: S) -> Asking<'_, L, S> {
        Asking::new(&self.lock, steps)
    }

    /// Notifications, for the one task that takes them.
    pub const fn events(&self) -> Events<'_, L> {
        Events::new(self)
    }

    /// Waits until there is a channel.
    pub const fn attached(&self) -> Attached<'_, L> {
        Attached::new(self)
    }

    /// What was dropped so far.
    ///
    /// # Errors
    /// [`CallError::Locked`].
    pub fn counters(&self) -> Result<Counters, CallError> {
        self.with(|line| line.counters())
    }
}

impl<L: Lock<Inside: Line>> Front for &Tasks<L> {
    type Out<'f, S: Steps + Unpin + 'f>
        = Asking<'f, L, S>
    where
        Self: 'f;

    fn run<'f, S: Steps + Unpin + 'f>(&'f mut self, steps: S) -> Asking<'f, L, S> {
        Tasks::run(self, steps)
    }
}
