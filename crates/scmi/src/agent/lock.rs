//! How several tasks share one engine.

use core::cell::RefCell;

/// A place for an engine that several tasks reach, a moment each.
///
/// What an executor on one thread needs is a [`RefCell`], which is one. Where interrupts or other threads reach the
/// engine it is a mutex or a critical section, around which this takes a few lines:
///
/// ```
/// struct Mutex<T>(std::sync::Mutex<T>);
///
/// impl<T> scmi::agent::Lock for Mutex<T> {
///     type Inside = T;
///
///     fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
///         Some(work(&mut *self.0.lock().ok()?))
///     }
/// }
/// ```
pub trait Lock {
    /// What is in it.
    type Inside;

    /// Does some work with what is inside, alone; the work is short, and neither waits nor asks for the lock. None
    /// when that is impossible: the lock is broken, or whoever asks holds it already. Calls end then with
    /// [`super::CallError::Locked`].
    fn with<R>(&self, work: impl FnOnce(&mut Self::Inside) -> R) -> Option<R>;
}

impl<T> Lock for RefCell<T> {
    type Inside = T;

    fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        Some(work(&mut *self.try_borrow_mut().ok()?))
    }
}

impl<L: Lock + ?Sized> Lock for &L {
    type Inside = L::Inside;

    fn with<R>(&self, work: impl FnOnce(&mut L::Inside) -> R) -> Option<R> {
        (**self).with(work)
    }
}
