//! A lock that is not kept from those who wait for it.
//!
//! A thread that finds an ordinary lock taken sleeps, and is woken when the lock is free: whoever has just given it back and comes
//! again is there first, each time. To hand the lock to the one that waits, each time, costs a switch between threads for every
//! visit, and much of the speed. So this one can be passed a few times, and then it is handed over (docs/performance.md).

use core::hint::spin_loop;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicBool, Ordering};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

/// How often others pass the one that waits longest, before it is let in.
const PASSES: u32 = 16;

/// How often a thread looks again before it lines up: visits are short, and to sleep and be woken is not.
const LOOKS: u32 = 100;

/// How many can wait before the line takes more memory: the agents that there can be, and a few that serve none.
const LINE: usize = 272;

/// Something that one thread has at a time.
pub(super) struct Fair<T> {
    /// Held for a moment only.
    door: Mutex<Door>,
    /// Whether it was taken lately: what the door says counts.
    taken: AtomicBool,
    /// Nobody ever waits here: who was let in has it alone.
    value: Mutex<T>,
}

struct Door {
    taken: bool,
    /// How many were let in from the line: the ticket of its first.
    let_in: u64,
    /// In the order in which they came.
    line: VecDeque<Thread>,
    /// How often the first of the line was passed.
    passed: u32,
}

/// The right to have it. Dropping it opens the door for others.
pub(super) struct Entered<'a, T> {
    // Before the door opens.
    value: MutexGuard<'a, T>,
    _leave: Leave<'a, T>,
}

struct Leave<'a, T>(&'a Fair<T>);

impl<T> Fair<T> {
    pub(super) fn new(value: T) -> Self {
        let line = VecDeque::with_capacity(LINE);
        let door = Door { taken: false, let_in: 0, line, passed: 0 };
        Self { door: Mutex::new(door), taken: AtomicBool::new(false), value: Mutex::new(value) }
    }

    /// Waits for its turn. A visitor that panicked left the value in whatever state; the others still have a right to it.
    pub(super) fn enter(&self) -> Entered<'_, T> {
        for _ in 0..LOOKS {
            if !self.taken.load(Ordering::Relaxed) {
                break;
            }
            spin_loop();
        }
        let ticket = unpoisoned(&self.door).come();
        if let Some(ticket) = ticket {
            while !unpoisoned(&self.door).lets_in(ticket) {
                thread::park();
            }
        }
        self.taken.store(true, Ordering::Relaxed);
        let leave = Leave(self);
        Entered { value: unpoisoned(&self.value), _leave: leave }
    }
}

impl Door {
    /// In at once, or a ticket.
    fn come(&mut self) -> Option<u64> {
        if self.taken {
            let ticket = self.let_in + self.line.len() as u64;
            self.line.push_back(thread::current());
            return Some(ticket);
        }
        self.taken = true;
        if !self.line.is_empty() {
            self.passed += 1;
        }
        None
    }

    /// Whether the one with this ticket is in: it was handed the lock, or it is its turn and nobody has it.
    fn lets_in(&mut self, ticket: u64) -> bool {
        if ticket == self.let_in && !self.taken {
            self.hand_over();
        }
        ticket < self.let_in
    }

    /// To the first of the line, if there is one.
    fn hand_over(&mut self) -> Option<Thread> {
        let first = self.line.pop_front();
        self.taken = first.is_some();
        self.let_in += u64::from(first.is_some());
        self.passed = 0;
        first
    }

    /// Says whom to wake.
    fn leave(&mut self) -> Option<Thread> {
        if self.passed >= PASSES {
            return self.hand_over();
        }
        self.taken = false;
        self.line.front().cloned()
    }
}

impl<T> Drop for Leave<'_, T> {
    fn drop(&mut self) {
        self.0.taken.store(false, Ordering::Relaxed);
        let next = unpoisoned(&self.0.door).leave();
        if let Some(next) = next {
            next.unpark();
        }
    }
}

impl<T> Deref for Entered<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Entered<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;

    #[test]
    fn one_has_it_at_a_time_and_all_get_it() {
        // A cell would lose some of them, if two had it at once.
        let fair = Fair::new(Cell::new(0_u32));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..2_000 {
                        let count = fair.enter();
                        let before = count.get();
                        spin_loop();
                        count.set(before + 1);
                    }
                });
            }
        });
        assert_eq!(fair.enter().get(), 16_000);
    }

    #[test]
    fn they_have_it_in_the_order_in_which_they_came() {
        let fair = Fair::new(Vec::new());
        thread::scope(|scope| {
            let mut first = fair.enter();
            for number in 1..=5 {
                let fair = &fair;
                scope.spawn(move || fair.enter().push(number));
                while unpoisoned(&fair.door).line.len() < number {
                    thread::yield_now();
                }
            }
            first.push(0);
        });
        assert_eq!(*fair.enter(), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn who_panics_lets_the_next_one_in() {
        let fair = Fair::new(1);
        let panicked = thread::scope(|scope| {
            scope
                .spawn(|| {
                    let _entered = fair.enter();
                    std::panic::resume_unwind(Box::new(()));
                })
                .join()
        });
        panicked.expect_err("it panicked");
        assert_eq!(*fair.enter(), 1);
    }
}
