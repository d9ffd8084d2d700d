//! A typed call as a future.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::error::CallError;
use super::line::{Line, Wake};
use super::lock::Lock;
use super::request::Timeouts;
use super::slot::CallId;
use super::steps::Steps;

/// A call that goes on. Dropping it gives the call up; what still comes for it is counted as late.
#[derive(Debug)]
#[must_use = "a future that is not awaited asks nothing"]
pub struct Asking<'t, L: Lock<Inside: Line>, S> {
    lock: &'t L,
    steps: S,
    stage: Stage,
    timeouts: Option<Timeouts>,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// The next question is to be asked.
    Next,
    Asked(CallId),
    Ended,
}

impl<'t, L: Lock<Inside: Line>, S: Steps> Asking<'t, L, S> {
    pub(super) const fn new(lock: &'t L, steps: S) -> Self {
        Self { lock, steps, stage: Stage::Next, timeouts: None }
    }

    /// Waits so long for each answer, instead of what the link says.
    pub const fn within(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = Some(timeouts);
        self
    }

    fn advance(
        &mut self,
        line: &mut L::Inside,
        waker: &Waker,
    ) -> Poll<Result<S::Output, CallError>> {
        loop {
            match self.stage {
                Stage::Next => {
                    let Some(request) = self.steps.question() else {
                        return Poll::Ready(self.steps.finish());
                    };
                    match line.begin(&request, self.timeouts) {
                        Ok(call) => self.stage = Stage::Asked(call),
                        Err(CallError::NoSlot { .. }) if wait_for_slot(line, waker) => {
                            return Poll::Pending;
                        }
                        Err(error) => self.steps.answer(Err(error))?,
                    }
                }
                Stage::Asked(call) => {
                    line.pump();
                    let Poll::Ready(values) = line.poll_or_wake(call, waker) else {
                        return Poll::Pending;
                    };
                    self.stage = Stage::Next;
                    self.steps.answer(values)?;
                }
                // Asked again after its end, which nobody should.
                Stage::Ended => return Poll::Pending,
            }
        }
    }
}

/// Has a task wait for a slot, if one can still become free and there is room to wait.
fn wait_for_slot(line: &mut impl Line, waker: &Waker) -> bool {
    // Answers that have come may free one.
    line.pump();
    !line.is_exhausted() && line.wait_for_change(waker)
}

impl<L: Lock<Inside: Line>, S: Steps + Unpin> Future for Asking<'_, L, S> {
    type Output = Result<S::Output, CallError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let lock = this.lock;
        let polled = lock.with(|line| {
            let polled = this.advance(line, context.waker());
            if polled.is_ready() {
                this.stage = Stage::Ended;
            }
            (polled, line.take_woken())
        });
        let Some((polled, woken)) = polled else { return Poll::Ready(Err(CallError::Locked)) };
        woken.wake();
        polled
    }
}

impl<L: Lock<Inside: Line>, S> Drop for Asking<'_, L, S> {
    fn drop(&mut self) {
        let Stage::Asked(call) = self.stage else { return };
        let woken = self.lock.with(|line| {
            line.forget(call);
            line.take_woken()
        });
        // Where the lock is broken, nobody is left to be woken.
        if let Some(woken) = woken {
            woken.wake();
        }
    }
}
