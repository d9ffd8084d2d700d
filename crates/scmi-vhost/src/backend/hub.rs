//! One platform behind many threads.

use std::io;
use std::sync::Arc;

use scmi::Time;
use scmi::platform::{AgentId, Platform};
use scmi_virtio::device::Counters;
use scmi_virtio::device::fault::Saboteur;
use thiserror::Error;

use super::fair::Fair;
use crate::clock::Clock;
use crate::eventfd::Waker;

/// A platform, its clock, and the threads that serve its agents.
///
/// Whoever enters has the platform alone; nobody keeps others out by coming again and again. On the way out, the agents for
/// which something became ready are woken, and one thread, the one that knows the platform's next deadline, keeps watch for it.
pub struct Hub {
    inner: Fair<Inner>,
    clock: Box<dyn Clock>,
    saboteur: Option<Arc<dyn Saboteur>>,
}

struct Inner {
    platform: Platform,
    /// By the agent's index.
    doors: Vec<Door>,
    /// The platform's next deadline, as of the last visit.
    next: Option<Time>,
    watch: Option<Watch>,
}

/// How to reach the thread that serves an agent.
#[derive(Debug, Default)]
struct Door {
    waker: Option<Waker>,
    counters: Counters,
}

/// Which thread wakes by itself, and when.
#[derive(Clone, Copy, Debug)]
struct Watch {
    at: Time,
    by: AgentId,
}

/// What a visit of an agent's thread gave.
pub(super) struct Visit<R> {
    pub(super) value: R,
    /// When this thread has to come again by itself.
    pub(super) timer: Option<Time>,
}

impl Hub {
    /// A hub for a platform.
    pub fn new(platform: Platform, clock: impl Clock + 'static) -> Self {
        let doors = (0..platform.agent_count()).map(|_| Door::default()).collect();
        let inner = Inner { platform, doors, next: None, watch: None };
        Self { inner: Fair::new(inner), clock: Box::new(clock), saboteur: None }
    }

    /// The same, with somebody who decides what goes wrong. Call [`Hub::wake_all`] when it has changed its mind: what it kept
    /// back for ever comes then.
    #[must_use]
    pub fn sabotaged_by(self, saboteur: Arc<dyn Saboteur>) -> Self {
        Self { saboteur: Some(saboteur), ..self }
    }

    /// Has the platform alone for a moment: to read its counters, to change what it knows. Keep it short,
    /// because every agent waits meanwhile.
    pub fn with<R>(&self, visit: impl FnOnce(Time, &mut Platform) -> R) -> R {
        self.enter(None, |now, inner| visit(now, &mut inner.platform)).value
    }

    /// What the device of an agent met so far, over all its connections.
    pub fn device_counters(&self, agent: AgentId) -> Option<Counters> {
        self.inner.enter().doors.get(agent.index()).map(|door| door.counters)
    }

    /// Has every thread look at the clock again. For clocks that somebody moves.
    pub fn wake_all(&self) {
        self.inner
            .enter()
            .doors
            .iter()
            .filter_map(|door| door.waker.as_ref())
            .for_each(Waker::wake);
    }

    pub(super) fn saboteur(&self) -> Option<&dyn Saboteur> {
        self.saboteur.as_deref()
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// A visit of the thread that serves `agent`.
    pub(super) fn visit<R>(
        &self,
        agent: AgentId,
        visit: impl FnOnce(Time, &mut Platform) -> R,
    ) -> Visit<R> {
        self.enter(Some(agent), |now, inner| visit(now, &mut inner.platform))
    }

    /// The same, with a place for what the agent's device has counted, where others can see it.
    pub(super) fn visit_and_report<R>(
        &self,
        agent: AgentId,
        visit: impl FnOnce(Time, &mut Platform, &mut Counters) -> R,
    ) -> Visit<R> {
        self.enter(Some(agent), |now, inner| {
            let mut nowhere = Counters::default();
            let door = inner.doors.get_mut(agent.index());
            let counters = door.map_or(&mut nowhere, |door| &mut door.counters);
            visit(now, &mut inner.platform, counters)
        })
    }

    /// Makes the calling thread the one that serves `agent`, until the guard is dropped.
    pub(super) fn register(&self, agent: AgentId) -> Result<Registration<'_>, AgentTaken> {
        let waker = Waker::new()?;
        let mut inner = self.inner.enter();
        let door = inner.doors.get_mut(agent.index()).ok_or(AgentTaken::Unknown)?;
        if door.waker.is_some() {
            return Err(AgentTaken::Taken);
        }
        door.waker = Some(waker.clone());
        Ok(Registration { hub: self, agent, waker })
    }

    fn enter<R>(&self, by: Option<AgentId>, visit: impl FnOnce(Time, &mut Inner) -> R) -> Visit<R> {
        let mut inner = self.inner.enter();
        let now = self.clock.now();
        if inner.next.is_some_and(|next| next <= now) {
            inner.platform.poll(now);
        }
        let value = visit(now, &mut inner);
        inner.wake_others(by);
        let timer = inner.keep_watch(by);
        Visit { value, timer }
    }
}

impl Inner {
    fn wake_others(&mut self, by: Option<AgentId>) {
        while let Some(agent) = self.platform.poll_woken() {
            if Some(agent) != by {
                self.wake(agent);
            }
        }
    }

    fn wake(&self, agent: AgentId) {
        if let Some(waker) = self.doors.get(agent.index()).and_then(|door| door.waker.as_ref()) {
            waker.wake();
        }
    }

    /// Decides who wakes at the platform's next deadline: the thread that watches already, if it wakes early
    /// enough, otherwise the visitor, or anybody if the visitor serves no agent.
    fn keep_watch(&mut self, by: Option<AgentId>) -> Option<Time> {
        self.next = self.platform.next_deadline();
        let Some(at) = self.next else {
            self.watch = None;
            return None;
        };
        if self.watch.is_some_and(|watch| Some(watch.by) != by && watch.at <= at) {
            return None;
        }
        self.watch = by.map(|by| Watch { at, by });
        if by.is_none() {
            self.wake_anybody();
        }
        by.map(|_| at)
    }

    fn wake_anybody(&self) {
        if let Some(waker) = self.doors.iter().find_map(|door| door.waker.as_ref()) {
            waker.wake();
        }
    }
}

impl core::fmt::Debug for Hub {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}

/// The right to serve an agent.
#[derive(Debug)]
pub(super) struct Registration<'a> {
    hub: &'a Hub,
    agent: AgentId,
    pub(super) waker: Waker,
}

impl Drop for Registration<'_> {
    fn drop(&mut self) {
        let mut inner = self.hub.inner.enter();
        if let Some(door) = inner.doors.get_mut(self.agent.index()) {
            door.waker = None;
        }
        if inner.watch.is_some_and(|watch| watch.by == self.agent) {
            inner.watch = None;
            inner.wake_anybody();
        }
    }
}

/// Why an agent cannot be served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AgentTaken {
    /// The platform has no such agent.
    #[error("the platform has no such agent")]
    Unknown,
    /// Another thread serves it.
    #[error("the agent is being served by another thread")]
    Taken,
    /// The process has no more file descriptors.
    #[error("no file descriptor to be woken by")]
    Waker(#[from] io::Error),
}
