//! Who waits for a typed call: the thread, or a task.

use super::ask::Ask;
use super::caller::Caller;
use super::steps::Steps;

/// A way to have typed calls answered. Each protocol's calls (`protocol::*::agent`) are written once, over this.
///
/// There are two: [`Blocking`], whose calls return a `Result` when they have ended, and a reference to
/// [`super::Tasks`], whose calls return a future of that `Result`.
pub trait Front {
    /// What a call returns.
    type Out<'f, S: Steps + Unpin + 'f>
    where
        Self: 'f;

    /// Asks what is to be asked.
    fn run<'f, S: Steps + Unpin + 'f>(&'f mut self, steps: S) -> Self::Out<'f, S>;
}

/// What a call of one command returns: with [`Blocking`] a `Result<T, CallError>`, with tasks a future of that.
pub type Asked<'f, F, T> = <F as Front>::Out<'f, Ask<T>>;

/// Any [`Caller`], which waits in the thread that calls.
pub struct Blocking<'c>(pub(crate) &'c mut dyn Caller);

impl core::fmt::Debug for Blocking<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Blocking").finish_non_exhaustive()
    }
}

impl<'c> Blocking<'c> {
    /// Has this caller wait.
    pub const fn new(caller: &'c mut dyn Caller) -> Self {
        Self(caller)
    }

    /// Who waits. The compiler is not to know that, so that a function of many callers is told where a client is, and
    /// not by each of them what lies there: firmware is small.
    pub(crate) fn caller(&mut self) -> &mut dyn Caller {
        core::hint::black_box(&mut *self).0
    }
}

impl Front for Blocking<'_> {
    type Out<'f, S: Steps + Unpin + 'f>
        = Result<S::Output, super::CallError>
    where
        Self: 'f;

    #[inline(always)]
    fn run<'f, S: Steps + Unpin + 'f>(&'f mut self, steps: S) -> Self::Out<'f, S> {
        steps.block_on(self)
    }
}
