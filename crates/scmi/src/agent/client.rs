//! One call at a time, or a few, for whoever can wait.

use super::caller::Caller;
use super::engine::Agent;
use super::error::CallError;
use super::events::Event;
use super::link::Link;
use super::request::{Request, Timeouts};
use super::slot::CallId;
use crate::time::Time;
use crate::transport::Channel;

/// An agent over a channel, for whoever can wait.
///
/// The sizes are those of [`Agent`]: a client makes one call at a time, but calls that timed out keep slots.
pub struct Client<'c, const SLOTS: usize = 16, const BYTES: usize = 136, const EVENTS: usize = 32> {
    link: Link<&'c mut dyn Channel, SLOTS, BYTES, EVENTS>,
}

impl<const SLOTS: usize, const BYTES: usize, const EVENTS: usize> core::fmt::Debug
    for Client<'_, SLOTS, BYTES, EVENTS>
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Client").field("agent", self.agent()).finish_non_exhaustive()
    }
}

impl<'c, const SLOTS: usize, const BYTES: usize, const EVENTS: usize>
    Client<'c, SLOTS, BYTES, EVENTS>
{
    /// A client of the platform at the other end of `channel`.
    pub fn new(channel: &'c mut dyn Channel) -> Self {
        Self { link: Link::new(channel) }
    }

    /// A client that has no channel yet; until [`Self::attach`] calls end with [`CallError::NoChannel`].
    pub fn absent() -> Self {
        Self { link: Link::absent() }
    }

    /// Goes on with this channel: see [`Link::attach`].
    pub fn attach(&mut self, channel: &'c mut dyn Channel) -> Option<&'c mut dyn Channel> {
        self.link.attach(channel)
    }

    /// Goes on without a channel: see [`Link::detach`].
    pub fn detach(&mut self) -> Option<&'c mut dyn Channel> {
        self.link.detach()
    }

    /// The channel was set up anew: see [`Link::reset`].
    pub fn reset(&mut self) {
        self.link.reset();
    }

    /// The platform has dropped the delayed responses that it owed: see [`Agent::nothing_is_owed`].
    pub fn nothing_is_owed(&mut self) {
        self.link.nothing_is_owed();
    }

    /// How long calls wait from here on.
    pub fn set_timeouts(&mut self, timeouts: Timeouts) {
        self.link.set_timeouts(timeouts);
    }

    /// The token of the next call: see [`Agent::set_next_token`].
    pub const fn set_next_token(&mut self, token: u16) {
        self.link.set_next_token(token);
    }

    /// A caller that waits so long, instead of what [`Self::set_timeouts`] says.
    pub const fn within(&mut self, timeouts: Timeouts) -> Within<'_, 'c, SLOTS, BYTES, EVENTS> {
        Within { client: self, timeouts, polling: false }
    }

    /// A caller that asks the channel again and again instead of waiting for an interrupt, for at most
    /// [`Timeouts::polling`] a call: for where there are none yet, or may be none. Delayed responses have their own
    /// deadline here too.
    pub const fn polling(&mut self) -> Within<'_, 'c, SLOTS, BYTES, EVENTS> {
        let timeouts = self.link.timeouts();
        Within { client: self, timeouts, polling: true }
    }

    /// The engine, for its counters.
    pub const fn agent(&self) -> &Agent<SLOTS, BYTES, EVENTS> {
        self.link.agent()
    }

    /// Whether notifications and delayed responses can come.
    pub fn p2a(&self) -> bool {
        self.link.p2a()
    }

    /// The channel's time; the epoch where there is none.
    pub fn now(&self) -> Time {
        self.link.now()
    }

    /// The next notification, if one comes until then.
    pub fn next_event(&mut self, until: Time) -> Option<Event<BYTES>> {
        loop {
            self.link.work();
            if let Some(event) = self.link.poll_event() {
                return Some(event);
            }
            if self.link.channel().is_none() || self.link.now() >= until {
                return None;
            }
            self.link.rest(until);
        }
    }

    /// Starts a call and sends it if it can be sent now, to be asked for with [`Self::wait`]; so several can be on
    /// their way at once.
    ///
    /// # Errors
    /// As [`Link::start`].
    pub fn start(&mut self, request: &Request<'_>) -> Result<CallId, CallError> {
        let call = self.link.start(request, self.link.timeouts())?;
        self.link.work();
        Ok(call)
    }

    /// Waits for a call's end, until `until`: its values, or none while it goes on. With a moment that has passed it
    /// only looks.
    ///
    /// # Errors
    /// As [`Caller::exchange`].
    pub fn wait(&mut self, call: CallId, until: Time) -> Option<Result<&[u8], CallError>> {
        loop {
            self.link.work();
            if !self.link.agent().goes_on(call) || self.link.now() >= until {
                return self.link.poll(call);
            }
            self.link.rest(until);
        }
    }

    /// Gives a call up: see [`Agent::forget`].
    pub fn forget(&mut self, call: CallId) {
        self.link.forget(call);
    }

    fn exchange_so(
        &mut self,
        request: &Request<'_>,
        timeouts: Timeouts,
        polling: bool,
    ) -> Result<&[u8], CallError> {
        let values = request.values.max(self.link.max_values());
        let call = self.link.start(&Request { values, ..*request }, timeouts)?;
        loop {
            self.link.work();
            // It does not for ever: the call has its own deadline.
            if !self.link.agent().goes_on(call) {
                break;
            }
            if polling {
                core::hint::spin_loop();
            } else {
                self.link.rest(Time::NEVER);
            }
        }
        self.link.poll(call).unwrap_or(Err(CallError::TimedOut { delayed: request.delayed }))
    }
}

impl<const SLOTS: usize, const BYTES: usize, const EVENTS: usize> Caller
    for Client<'_, SLOTS, BYTES, EVENTS>
{
    fn exchange(&mut self, request: &Request<'_>) -> Result<&[u8], CallError> {
        self.exchange_so(request, self.link.timeouts(), false)
    }

    fn max_values(&self) -> usize {
        self.link.max_values()
    }
}

/// A [`Client`] with other timeouts, or that polls.
#[derive(Debug)]
pub struct Within<'a, 'c, const SLOTS: usize, const BYTES: usize, const EVENTS: usize> {
    client: &'a mut Client<'c, SLOTS, BYTES, EVENTS>,
    timeouts: Timeouts,
    polling: bool,
}

impl<const SLOTS: usize, const BYTES: usize, const EVENTS: usize> Caller
    for Within<'_, '_, SLOTS, BYTES, EVENTS>
{
    fn exchange(&mut self, request: &Request<'_>) -> Result<&[u8], CallError> {
        let mut timeouts = self.timeouts;
        if self.polling {
            timeouts.response = timeouts.polling;
        }
        self.client.exchange_so(request, timeouts, self.polling)
    }

    fn max_values(&self) -> usize {
        self.client.max_values()
    }
}
