//! The responder between a device's rules and its platform, which carries plans out.

use core::cell::Cell;
use core::time::Duration;

use alloc::vec;

use scmi::Time;
use scmi::platform::AgentId;
use scmi::wire::{Header, MessageType};

use super::acts::{Acts, Kind};
use super::alter::{HEAD, alter, header_of, set_header, status_only};
use super::saboteur::{Deed, Moment, Plan, Saboteur, Subject};
use super::state::{Hold, Planned, Sabotage, copy};
use super::verdict::Verdict;
use crate::device::responder::{EventOutcome, Outcome, Responder};

/// How far a delayed response that nobody asked for is behind its answer: they lie in different rings, and a guest
/// that takes it first sees another fault than the one that was meant.
const DELAYED_APART: Duration = Duration::from_millis(5);

/// An answer that was deferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<T> {
    /// By the platform.
    Platform(T),
    /// By a plan.
    Own(u64),
}

/// A responder to whose messages a [`Saboteur`]'s plans are done. Made anew for each turn of work.
#[derive(Debug)]
pub struct Sabotaged<'a, R: Responder> {
    pub(super) inner: R,
    state: &'a mut Sabotage<R::Ticket>,
    saboteur: Option<&'a dyn Saboteur>,
    /// Whether plans are to be asked for.
    active: bool,
    agent: AgentId,
    now: Time,
    verdict: &'a Cell<Verdict>,
}

impl<'a, R: Responder> Sabotaged<'a, R> {
    /// Wraps the responder of `agent`'s device. Both queues must be wrapped with the same `verdict`
    /// ([`Lying`](super::Lying)).
    pub fn new(
        inner: R,
        state: &'a mut Sabotage<R::Ticket>,
        saboteur: Option<&'a dyn Saboteur>,
        agent: AgentId,
        now: Time,
        verdict: &'a Cell<Verdict>,
    ) -> Self {
        let active = saboteur.is_some_and(|saboteur| !saboteur.is_idle());
        let mut this = Self { inner, state, saboteur, active, agent, now, verdict };
        if let Some(saboteur) = this.saboteur.filter(|_| !this.state.is_quiet()) {
            this.state.release(now, saboteur);
            this.settle();
        }
        this
    }

    /// The responder that was wrapped.
    pub const fn inner(&self) -> &R {
        &self.inner
    }

    /// Whether a delayed response of a plan's waits for a buffer of the event queue; whether one of the platform's does, the
    /// platform knows.
    pub fn has_due_delayed_response(&self) -> bool {
        self.state.has_due_delayed_response(self.now)
    }

    /// Whether there is an answer to give now that was held back, for instance until another one went.
    pub fn has_due_reply(&self) -> bool {
        self.state.has_due_reply(self.now)
    }

    /// When something that was held back is due next; what is due already is not named.
    pub fn next_deadline(&self) -> Option<Time> {
        self.state.next_deadline(self.now)
    }

    fn plan(&self, moment: Moment, header: Header, payload: &[u8]) -> Option<Plan> {
        let saboteur = self.saboteur.filter(|_| self.active)?;
        let Self { now, agent, .. } = *self;
        saboteur.plan(&Subject { now, agent, moment, header, payload })
    }

    fn report(&self, rule: u64, deed: Deed) {
        if let Some(saboteur) = self.saboteur {
            saboteur.report(self.agent, rule, deed);
        }
    }

    /// Reports each act of a plan as done, or as skipped where it is one of `not`.
    fn report_all(&self, plan: &Plan, not: impl Fn(Kind) -> bool) {
        for kind in plan.acts.kinds() {
            self.report(plan.rule, if not(kind) { Deed::Skipped(kind) } else { Deed::Done(kind) });
        }
    }

    /// Has those answers of the platform that are ready and have a plan held back instead, so that what
    /// [`Responder::poll_reply`] finds at the platform may go as it is.
    fn settle(&mut self) {
        while let Some(ticket) = self.inner.poll_reply() {
            let Some(at) = self.state.plans.iter().position(|plan| plan.ticket == ticket) else {
                return;
            };
            let Planned { plan, room, .. } = self.state.plans.swap_remove(at);
            let mut answer = vec![0; room];
            let len = self.inner.take_reply(ticket, &mut answer);
            let (len, verdict) = self.finish(&plan, &mut answer, len);
            let answer = answer.get(..len).unwrap_or_default();
            self.state.hold(self.now, Name::Platform(ticket), &plan, verdict, answer);
        }
    }

    /// Does to an answer all that a plan says but to hold it back.
    fn finish(&mut self, plan: &Plan, room: &mut [u8], len: usize) -> (usize, Verdict) {
        let acts = &plan.acts;
        if acts.never {
            self.state.lose(plan, header_of(room));
            self.report(plan.rule, Deed::Done(Kind::Never));
            return (len, Verdict::default());
        }
        let mut lost = [false; Kind::ALL.len()];
        let mut lose = |kind: Kind, lost_it: bool| {
            if let Some(place) = lost.get_mut(kind.index()) {
                *place |= lost_it;
            }
        };
        lose(Kind::Flood, true);
        if acts.unrequested {
            let mut copied = room.get(..len).unwrap_or_default().to_vec();
            let header = header_of(&copied).delayed_response();
            set_header(&mut copied, header);
            let due = self.now.after(DELAYED_APART);
            lose(
                Kind::Unrequested,
                !self.state.push_event(&copied, due, Verdict::event(plan, None)),
            );
        }
        let (mut len, whole) = alter(acts, room, len, HEAD);
        lose(Kind::Extend, !whole);
        let used = acts.used_length;
        let mut verdict = Verdict { used, twice: acts.twice, plan: Some(*plan) };
        if acts.event_queue {
            let message = room.get(..len).unwrap_or_default();
            if self.state.push_event(message, self.now, Verdict::event(plan, used)) {
                len = 0;
                verdict.used = None;
            } else {
                lose(Kind::EventQueue, true);
            }
        }
        self.report_all(plan, |kind| lost.get(kind.index()).copied().unwrap_or(false));
        (len, verdict)
    }

    /// Does to an event what a plan says; how long it is, or none if it does not come now.
    fn event(
        &mut self,
        plan: &Plan,
        moment: Moment,
        buffer: &mut [u8],
        len: usize,
    ) -> Option<usize> {
        let acts = &plan.acts;
        if acts.never {
            self.state.lose(plan, header_of(buffer));
            self.report(plan.rule, Deed::Done(Kind::Never));
            return None;
        }
        let delayed = moment == Moment::DelayedResponse;
        let mut len = len;
        let mut not = [Kind::Swap, Kind::EventQueue, Kind::Unrequested].to_vec();
        if let Some(flood) = acts.flood {
            let message = buffer.get(..len).unwrap_or_default();
            let started = !delayed && self.state.start_flood(self.now, flood, plan, message);
            // Each message of it is counted when it goes.
            if !started {
                self.report(plan.rule, Deed::Skipped(Kind::Flood));
            }
        }
        if let Some(status) = acts.status {
            if delayed {
                len = status_only(buffer, header_of(buffer), status);
            } else {
                not.push(Kind::Status);
            }
        }
        let head = if delayed { HEAD } else { Header::BYTES };
        let (len, whole) = alter(acts, buffer, len, head);
        if !whole {
            not.push(Kind::Extend);
        }
        let message = buffer.get(..len).unwrap_or_default();
        let due = self.now.after(acts.delay.unwrap_or_default());
        let verdict = Verdict::event(plan, acts.used_length);
        if acts.twice && !self.state.push_event(message, due, verdict) {
            not.push(Kind::Twice);
        }
        let later = acts.delay.is_some() && self.state.push_event(message, due, verdict);
        if !later {
            not.push(Kind::Delay);
        }
        let without_flood = Plan { acts: Acts { flood: None, ..*acts }, ..*plan };
        self.report_all(&without_flood, |kind| not.contains(&kind));
        if later {
            return None;
        }
        self.verdict.set(verdict);
        Some(len)
    }
}

impl<R: Responder> Responder for Sabotaged<'_, R> {
    type Ticket = Name<R::Ticket>;

    fn handle(&mut self, now: Time, request: &[u8], reply: &mut [u8]) -> Outcome<Self::Ticket> {
        self.verdict.take();
        let header = header_of(request);
        let params = request.get(Header::BYTES..).unwrap_or_default();
        let plan = self.plan(Moment::Answer, header, params);
        let status = plan.and_then(|plan| plan.acts.status);
        let outcome = match status {
            Some(status) => match status_only(reply, header, status) {
                0 => Outcome::Dropped,
                len => Outcome::Reply(len),
            },
            None => self.inner.handle(now, request, reply),
        };
        match (outcome, plan) {
            (Outcome::Reply(len), None) => {
                self.state.answer_goes(now);
                Outcome::Reply(len)
            }
            (Outcome::Reply(len), Some(plan)) => {
                let (len, verdict) = self.finish(&plan, reply, len);
                let Acts { delay, never, swap, .. } = plan.acts;
                if never || swap || delay.is_some() {
                    let name = self.state.issue();
                    let answer = reply.get(..len).unwrap_or_default();
                    self.state.hold(now, name, &plan, verdict, answer);
                    return Outcome::Later(name);
                }
                self.state.answer_goes(now);
                self.verdict.set(verdict);
                Outcome::Reply(len)
            }
            (Outcome::Later(ticket), plan) => {
                let room = reply.len();
                self.state.plans.extend(plan.map(|plan| Planned { ticket, plan, room }));
                Outcome::Later(Name::Platform(ticket))
            }
            (Outcome::Dropped, plan) => {
                if let Some(plan) = plan {
                    self.report_all(&plan, |_| true);
                }
                Outcome::Dropped
            }
        }
    }

    fn poll_reply(&self) -> Option<Self::Ticket> {
        let own = self.state.due_reply(self.now);
        own.or_else(|| self.inner.poll_reply().map(Name::Platform))
    }

    fn take_reply(&mut self, ticket: Self::Ticket, reply: &mut [u8]) -> usize {
        self.verdict.take();
        let len = match (self.state.take_held(ticket), ticket) {
            (Some(held), _) => {
                if held.hold == Hold::Kept {
                    self.report(held.rule, Deed::GivenBack);
                }
                self.verdict.set(held.verdict);
                copy(&held.bytes, reply)
            }
            (None, Name::Platform(ticket)) => self.inner.take_reply(ticket, reply),
            (None, Name::Own(_)) => 0,
        };
        self.state.answer_goes(self.now);
        self.settle();
        len
    }

    fn has_event(&self) -> bool {
        let state = &self.state;
        state.events.iter().any(|event| event.due <= self.now)
            || self.inner.has_event()
            || state.floods.iter().any(|flood| flood.next <= self.now)
    }

    fn poll_event(&mut self, buffer: &mut [u8]) -> EventOutcome {
        self.verdict.take();
        if let Some(event) = self.state.pop_event(self.now) {
            self.verdict.set(event.verdict);
            return EventOutcome::Wrote(copy(&event.bytes, buffer));
        }
        loop {
            let len = match self.inner.poll_event(buffer) {
                EventOutcome::Wrote(len) => len,
                EventOutcome::TooSmall => return EventOutcome::TooSmall,
                EventOutcome::Empty => break,
            };
            let message = buffer.get(..len).unwrap_or_default();
            let header = header_of(message);
            let (moment, head) = match header.kind() {
                MessageType::DELAYED_RESPONSE => (Moment::DelayedResponse, HEAD),
                _ => (Moment::Notification, Header::BYTES),
            };
            let payload = message.get(head..).unwrap_or_default();
            let Some(plan) = self.plan(moment, header, payload) else {
                return EventOutcome::Wrote(len);
            };
            if let Some(len) = self.event(&plan, moment, buffer, len) {
                return EventOutcome::Wrote(len);
            }
        }
        let Some((len, plan)) = self.state.flow(self.now, buffer) else {
            return EventOutcome::Empty;
        };
        self.report(plan.rule, Deed::Done(Kind::Flood));
        self.verdict.set(Verdict::event(&plan, plan.acts.used_length));
        EventOutcome::Wrote(len)
    }
}
