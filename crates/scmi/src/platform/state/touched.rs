//! Which subjects may have changed since it was last looked.

use core::cell::Cell;

use super::entry::Subject;

/// So many subjects are remembered; a command that touches more has all looked at.
const FEW: usize = 8;

/// The subjects that a command named or that changed otherwise. Nothing is noted while nobody keeps anything.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    wanted: Cell<bool>,
    few: [Cell<Option<Subject>>; FEW],
    count: Cell<usize>,
    all: Cell<bool>,
}

impl Touched {
    /// From now on it is noted what changes.
    pub(in crate::platform) fn begin(&self) {
        self.wanted.set(true);
    }

    /// This may have changed.
    pub(in crate::platform) fn note(&self, subject: Subject) {
        if !self.wanted.get() || self.all.get() {
            return;
        }
        let count = self.count.get();
        let noted = self.few.get(..count).unwrap_or_default();
        if noted.iter().any(|few| few.get() == Some(subject)) {
            return;
        }
        match self.few.get(count) {
            Some(place) => {
                place.set(Some(subject));
                self.count.set(count.saturating_add(1));
            }
            None => self.all.set(true),
        }
    }

    /// Anything may have changed.
    pub(in crate::platform) fn note_all(&self) {
        self.all.set(self.wanted.get());
    }

    /// Takes one of the subjects out that were noted.
    pub(in crate::platform) fn pop(&self) -> Option<Subject> {
        let last = self.count.get().checked_sub(1)?;
        self.count.set(last);
        self.few.get(last)?.take()
    }

    /// Whether all is to be looked at; that is forgotten then.
    pub(in crate::platform) fn take_all(&self) -> bool {
        let all = self.all.take();
        if all {
            self.count.set(0);
        }
        all
    }

    /// Whether there is nothing to look at.
    pub(in crate::platform) fn is_empty(&self) -> bool {
        self.count.get() == 0 && !self.all.get()
    }
}
