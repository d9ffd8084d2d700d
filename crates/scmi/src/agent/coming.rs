//! What a task waits for without having asked: notifications, and a channel.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::error::CallError;
use super::line::Line;
use super::lock::Lock;
use super::tasks::Tasks;

/// The notifications of a platform.
#[derive(Debug)]
pub struct Events<'t, L> {
    tasks: &'t Tasks<L>,
}

impl<'t, L: Lock<Inside: Line>> Events<'t, L> {
    pub(super) const fn new(tasks: &'t Tasks<L>) -> Self {
        Self { tasks }
    }

    /// The next one, when it comes; [`super::Event::missed`] says how many were lost before it.
    pub const fn next(&mut self) -> NextEvent<'_, L> {
        NextEvent { tasks: self.tasks }
    }

    /// The next one if it has come, for whoever has a stream of another kind.
    pub fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<<L::Inside as Line>::Event, CallError>> {
        let polled = self.tasks.with(|line| {
            line.pump();
            line.poll_event_or_wake(context.waker())
        });
        match polled {
            Ok(polled) => polled.map(Ok),
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

/// A notification that is awaited.
#[derive(Debug)]
#[must_use = "a future that is not awaited asks nothing"]
pub struct NextEvent<'t, L> {
    tasks: &'t Tasks<L>,
}

impl<L: Lock<Inside: Line>> Future for NextEvent<'_, L> {
    type Output = Result<<L::Inside as Line>::Event, CallError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Events { tasks: self.tasks }.poll_next(context)
    }
}

/// A channel that is awaited.
#[derive(Debug)]
#[must_use = "a future that is not awaited asks nothing"]
pub struct Attached<'t, L> {
    tasks: &'t Tasks<L>,
}

impl<'t, L> Attached<'t, L> {
    pub(super) const fn new(tasks: &'t Tasks<L>) -> Self {
        Self { tasks }
    }
}

impl<L: Lock<Inside: Line>> Future for Attached<'_, L> {
    type Output = Result<(), CallError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = self.tasks.with(|line| {
            if line.is_open() {
                Poll::Ready(Ok(()))
            } else if line.wait_for_change(context.waker()) {
                Poll::Pending
            } else {
                // More tasks wait than there is room for.
                Poll::Ready(Err(CallError::NoChannel))
            }
        });
        polled.unwrap_or_else(|error| Poll::Ready(Err(error)))
    }
}
