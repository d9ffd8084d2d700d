//! Whom to wake.

use core::task::Waker;

/// Wakers of tasks that have something to look at.
///
/// They are taken out while the engine is locked and woken when it is not any more: a task may ask the engine again
/// while it is woken.
#[derive(Debug)]
#[must_use = "tasks that are not woken wait for ever"]
pub struct Woken<const SLOTS: usize> {
    pub(super) calls: [Option<Waker>; SLOTS],
    pub(super) waiting: [Option<Waker>; SLOTS],
    pub(super) events: Option<Waker>,
}

impl<const SLOTS: usize> Woken<SLOTS> {
    pub(super) const NOBODY: Self =
        Self { calls: [const { None }; SLOTS], waiting: [const { None }; SLOTS], events: None };

    /// Wakes all of them.
    pub fn wake(self) {
        let all = self.calls.into_iter().chain(self.waiting).chain([self.events]);
        all.flatten().for_each(Waker::wake);
    }
}

/// Tasks that wait for a slot or for a channel, as many as there are slots.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Waiting<const SLOTS: usize> {
    /// How many there are.
    count: usize,
    /// Something has happened that they wait for.
    changed: bool,
    wakers: [Option<Waker>; SLOTS],
}

impl<const SLOTS: usize> Waiting<SLOTS> {
    pub(super) const NOBODY: Self =
        Self { count: 0, changed: false, wakers: [const { None }; SLOTS] };

    /// Remembers a task; whether there was room.
    pub(super) fn add(&mut self, waker: &Waker) -> bool {
        let same = |place: &Option<Waker>| place.as_ref().is_some_and(|old| old.will_wake(waker));
        if self.wakers.iter().any(same) {
            return true;
        }
        let Some(place) = self.wakers.iter_mut().find(|place| place.is_none()) else {
            return false;
        };
        *place = Some(waker.clone());
        self.count = self.count.wrapping_add(1);
        true
    }

    pub(super) const fn change(&mut self) {
        self.changed = true;
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them, if something has changed for them.
    pub(super) fn take(&mut self) -> [Option<Waker>; SLOTS] {
        let changed = core::mem::take(&mut self.changed);
        let mut woken = [const { None }; SLOTS];
        if changed {
            core::mem::swap(&mut woken, &mut self.wakers);
            self.count = 0;
        }
        woken
    }
}

/// Puts a waker into its place; one that wakes the same task stays.
pub(super) fn register(place: &mut Option<Waker>, waker: &Waker) {
    if !place.as_ref().is_some_and(|old| old.will_wake(waker)) {
        *place = Some(waker.clone());
    }
}
