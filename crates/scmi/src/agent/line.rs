//! A link, without its sizes.

use core::task::{Poll, Waker};

use super::counters::Counters;
use super::error::CallError;
use super::events::Event;
use super::link::Link;
use super::request::{Request, Timeouts};
use super::slot::CallId;
use super::wakers::Woken;
use crate::time::Time;
use crate::transport::Channel;

/// A [`Link`] of whatever sizes, as tasks see it.
pub trait Line {
    /// A notification.
    type Event;
    /// Whom to wake.
    type Woken: Wake;

    /// As [`Link::start`]; with as much room for the answer as there is.
    ///
    /// # Errors
    /// As [`Link::start`].
    fn begin(
        &mut self,
        request: &Request<'_>,
        timeouts: Option<Timeouts>,
    ) -> Result<CallId, CallError>;

    /// As [`Link::pump`].
    fn pump(&mut self) -> Option<Time>;

    /// As [`Link::poll_or_wake`].
    fn poll_or_wake(&mut self, call: CallId, waker: &Waker) -> Poll<Result<&[u8], CallError>>;

    /// As [`Link::poll_event_or_wake`].
    fn poll_event_or_wake(&mut self, waker: &Waker) -> Poll<Self::Event>;

    /// As [`Link::wait_for_change`].
    fn wait_for_change(&mut self, waker: &Waker) -> bool;

    /// As [`Link::forget`].
    fn forget(&mut self, call: CallId);

    /// As [`Link::is_open`].
    fn is_open(&self) -> bool;

    /// Whether all slots are lost, so that none can be waited for.
    fn is_exhausted(&self) -> bool;

    /// As [`super::Agent::counters`].
    fn counters(&self) -> Counters;

    /// As [`Link::take_woken`].
    fn take_woken(&mut self) -> Self::Woken;
}

/// Tasks to be woken.
pub trait Wake {
    /// Wakes them.
    fn wake(self);
}

impl<const SLOTS: usize> Wake for Woken<SLOTS> {
    fn wake(self) {
        Self::wake(self);
    }
}

impl<C: Channel, const SLOTS: usize, const BYTES: usize, const EVENTS: usize> Line
    for Link<C, SLOTS, BYTES, EVENTS>
{
    type Event = Event<BYTES>;
    type Woken = Woken<SLOTS>;

    fn begin(
        &mut self,
        request: &Request<'_>,
        timeouts: Option<Timeouts>,
    ) -> Result<CallId, CallError> {
        let values = request.values.max(self.max_values());
        let timeouts = timeouts.unwrap_or_else(|| self.timeouts());
        self.start(&Request { values, ..*request }, timeouts)
    }

    fn pump(&mut self) -> Option<Time> {
        self.pump()
    }

    fn poll_or_wake(&mut self, call: CallId, waker: &Waker) -> Poll<Result<&[u8], CallError>> {
        self.poll_or_wake(call, waker)
    }

    fn poll_event_or_wake(&mut self, waker: &Waker) -> Poll<Event<BYTES>> {
        self.poll_event_or_wake(waker)
    }

    fn wait_for_change(&mut self, waker: &Waker) -> bool {
        self.wait_for_change(waker)
    }

    fn forget(&mut self, call: CallId) {
        self.forget(call);
    }

    fn is_open(&self) -> bool {
        self.is_open()
    }

    fn is_exhausted(&self) -> bool {
        self.agent().lost() >= SLOTS
    }

    fn counters(&self) -> Counters {
        self.agent().counters()
    }

    fn take_woken(&mut self) -> Woken<SLOTS> {
        self.take_woken()
    }
}
