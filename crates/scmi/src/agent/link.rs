//! An engine and the channel that it has, or has not yet, or has no more.

use core::task::{Poll, Waker};

use super::engine::Agent;
use super::error::CallError;
use super::events::Event;
use super::request::{Request, Timeouts, Transmit};
use super::slot::CallId;
use super::wakers::Woken;
use crate::time::Time;
use crate::transport::{Channel, Received, SendError};

/// An [`Agent`] and its channel, which may be absent at first, go away and come back.
///
/// This is the one engine under both fronts: [`super::Client`] waits for a call, [`super::Tasks`] lets many tasks wait
/// for many. Whoever has neither threads nor tasks uses it itself: [`Link::start`] calls, [`Link::pump`] at every
/// interrupt and when the moment has come that it returned, [`Link::poll`] for the answers.
///
/// What comes from the channel is not trusted, its lengths included: what it says to have written beyond what it did
/// reads as zeros.
#[derive(Debug)]
pub struct Link<C, const SLOTS: usize = 16, const BYTES: usize = 136, const EVENTS: usize = 32> {
    agent: Agent<SLOTS, BYTES, EVENTS>,
    channel: Option<C>,
    timeouts: Timeouts,
}

impl<C: Channel, const SLOTS: usize, const BYTES: usize, const EVENTS: usize> Default
    for Link<C, SLOTS, BYTES, EVENTS>
{
    fn default() -> Self {
        Self::absent()
    }
}

impl<C: Channel, const SLOTS: usize, const BYTES: usize, const EVENTS: usize>
    Link<C, SLOTS, BYTES, EVENTS>
{
    /// Without a channel; until [`Self::attach`] calls end with [`CallError::NoChannel`].
    pub const fn absent() -> Self {
        Self { agent: const { Agent::new() }, channel: None, timeouts: Timeouts::DEFAULT }
    }

    /// Over a channel.
    pub const fn new(channel: C) -> Self {
        Self { agent: const { Agent::new() }, channel: Some(channel), timeouts: Timeouts::DEFAULT }
    }

    /// Goes on with this channel, and returns the one before. Calls that went on over that one end with
    /// [`SendError::Closed`]; slots that it had lost are free; its notifications are dropped, since subscriptions end
    /// with a channel.
    pub fn attach(&mut self, channel: C) -> Option<C> {
        self.agent.close();
        self.agent.drop_events();
        self.channel.replace(channel)
    }

    /// Goes on without a channel, and returns the one before: tear it down, and reset its device, before its memory is
    /// used for anything else. Calls that went on end with [`SendError::Closed`].
    pub fn detach(&mut self) -> Option<C> {
        self.agent.close();
        self.channel.take()
    }

    /// The channel, if there is one.
    pub const fn channel(&self) -> Option<&C> {
        self.channel.as_ref()
    }

    /// The channel, for its owner to look after. Whoever sets it up anew says so with [`Self::reset`].
    pub const fn channel_mut(&mut self) -> Option<&mut C> {
        self.channel.as_mut()
    }

    /// Whether there is a channel, and it has not ended.
    pub fn is_open(&self) -> bool {
        self.channel.as_ref().is_some_and(|channel| !channel.is_closed())
    }

    /// The channel was set up anew: all its buffers are back. All slots are free, whatever held them.
    pub fn reset(&mut self) {
        self.agent.reset();
    }

    /// As [`Agent::nothing_is_owed`].
    pub fn nothing_is_owed(&mut self) {
        self.agent.nothing_is_owed();
    }

    /// How long calls wait from here on, where nothing else is said for one.
    pub const fn set_timeouts(&mut self, timeouts: Timeouts) {
        self.timeouts = timeouts;
    }

    /// How long calls wait.
    pub const fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// The token of the next call: see [`Agent::set_next_token`].
    pub const fn set_next_token(&mut self, token: u16) {
        self.agent.set_next_token(token);
    }

    /// The engine, for its counters and what is lost.
    pub const fn agent(&self) -> &Agent<SLOTS, BYTES, EVENTS> {
        &self.agent
    }

    /// The channel's time; the epoch where there is none.
    pub fn now(&self) -> Time {
        self.channel.as_ref().map_or(Time::ZERO, Channel::now)
    }

    /// Whether notifications and delayed responses can come.
    pub fn p2a(&self) -> bool {
        self.channel.as_ref().is_some_and(|channel| channel.limits().p2a)
    }

    /// Most bytes of values that an answer can have.
    pub fn max_values(&self) -> usize {
        let most = self.channel.as_ref().map_or(BYTES, |channel| channel.limits().max_message);
        BYTES.min(most).saturating_sub(8)
    }

    /// Takes a call in; [`Self::pump`] sends it.
    ///
    /// # Errors
    /// As [`Agent::start`]; [`CallError::NoChannel`] and [`CallError::Channel`] where there is none, or it has ended.
    pub fn start(
        &mut self,
        request: &Request<'_>,
        timeouts: Timeouts,
    ) -> Result<CallId, CallError> {
        let Some(channel) = &self.channel else { return Err(CallError::NoChannel) };
        if channel.is_closed() {
            return Err(SendError::Closed.into());
        }
        self.agent.start(channel.now(), request, timeouts)
    }

    /// Sends what waits to be sent, takes what has come, and ends what is over; returns when to do it again at the
    /// latest. It ends calls, so ask for them afterwards; asking too often is harmless. It takes as many messages as
    /// a round of all slots and events can be, so that a channel without end keeps nobody here.
    pub fn pump(&mut self) -> Option<Time> {
        let all = self.work();
        let channel = self.channel.as_ref()?;
        if all { self.agent.next_deadline() } else { Some(channel.now()) }
    }

    /// As [`Self::pump`], for whoever rests in between; whether all that has come was taken.
    pub(super) fn work(&mut self) -> bool {
        let Some(channel) = self.channel.as_mut() else { return true };
        Self::transmit(&mut self.agent, channel);
        let all = Self::receive(&mut self.agent, channel);
        // Answers that came have made room.
        Self::transmit(&mut self.agent, channel);
        if channel.is_closed() {
            self.agent.close();
        }
        self.agent.handle_timeout(channel.now());
        all
    }

    fn transmit(agent: &mut Agent<SLOTS, BYTES, EVENTS>, channel: &mut C) {
        while let Some(transmit) = agent.poll_transmit() {
            let Transmit { tag, bytes, room, delayed } = transmit;
            let sent = match delayed {
                false => channel.send(tag, bytes, room),
                true => channel.send_delayed(tag, bytes, room),
            };
            match sent {
                Ok(()) => {}
                Err(SendError::Full) => return agent.not_sent(tag),
                Err(error) => agent.refuse(tag, error),
            }
        }
    }

    /// Takes what has come; whether that was all.
    fn receive(agent: &mut Agent<SLOTS, BYTES, EVENTS>, channel: &mut C) -> bool {
        for _ in 0..SLOTS.saturating_add(EVENTS).saturating_mul(2) {
            let mut buffer = [0; BYTES];
            match channel.receive(&mut buffer) {
                Some(Received::Reply { tag, len }) => {
                    agent.handle_reply(channel.now(), tag, buffer.get(..len).unwrap_or(&buffer));
                }
                Some(Received::Event { len }) => {
                    agent.handle_event(buffer.get(..len).unwrap_or(&buffer));
                }
                None => return true,
            }
        }
        false
    }

    /// As [`Agent::poll`].
    pub fn poll(&mut self, call: CallId) -> Option<Result<&[u8], CallError>> {
        self.agent.poll(call)
    }

    /// As [`Agent::poll_or_wake`].
    pub fn poll_or_wake(&mut self, call: CallId, waker: &Waker) -> Poll<Result<&[u8], CallError>> {
        self.agent.poll_or_wake(call, waker)
    }

    /// As [`Agent::forget`].
    pub fn forget(&mut self, call: CallId) {
        self.agent.forget(call);
    }

    /// As [`Agent::poll_event`].
    pub fn poll_event(&mut self) -> Option<Event<BYTES>> {
        self.agent.poll_event()
    }

    /// As [`Agent::poll_event_or_wake`].
    pub fn poll_event_or_wake(&mut self, waker: &Waker) -> Poll<Event<BYTES>> {
        self.agent.poll_event_or_wake(waker)
    }

    /// As [`Agent::wait`].
    pub fn wait_for_change(&mut self, waker: &Waker) -> bool {
        self.agent.wait(waker)
    }

    /// As [`Agent::take_woken`].
    pub fn take_woken(&mut self) -> Woken<SLOTS> {
        self.agent.take_woken()
    }

    /// Waits until something may have come, until the next deadline, or until `until`.
    pub(super) fn rest(&mut self, until: Time) {
        let next = self.agent.due().min(until);
        if let Some(channel) = &mut self.channel {
            channel.wait(next);
        }
    }
}
