//! What a domain is doing.

use core::time::Duration;

use super::super::V2;
use super::model::{PowercapDomain, PowercapModel};
use crate::platform::{AgentSet, Outbox, PerAgent, Space, Topic};
use crate::protocol::powercap::wire::{CapEvent, MeasurementsEvent};
use crate::time::{Time, earliest};
use crate::wire::{MessageId, Status, U32, Version};

pub(super) const CAP_CHANGED: MessageId = MessageId(0);
pub(super) const MEASUREMENTS_CHANGED: MessageId = MessageId(1);

/// Thresholds are looked at no more often than this: an agent that sets an averaging interval of a microsecond must not
/// keep the platform awake.
const LEAST_SAMPLING: Duration = Duration::from_millis(10);

/// A domain as it is now.
#[derive(Debug)]
pub(super) struct Domain {
    /// Its position among all.
    pub(super) id: usize,
    /// The cap that is enforced: the lowest of all agents'.
    pub(super) cap: Option<u32>,
    /// In microseconds.
    pub(super) pai: u32,
    /// An agent went, and its cap with it.
    pub(super) stale: bool,
    /// When a cap that nobody waits for comes into force.
    pub(super) quiet_due: Option<Time>,
    pub(super) cap_agents: AgentSet,
    /// When thresholds are looked at next; none while nobody has any.
    pub(super) sample_due: Option<Time>,
}

/// An agent's thresholds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    pub(super) low: u32,
    pub(super) high: u32,
    /// Whether it was told that they were left, and nothing has come back since.
    pub(super) outside: bool,
}

impl Domain {
    pub(super) fn new(id: usize, description: &PowercapDomain) -> Self {
        Self {
            id,
            cap: None,
            pai: description.initial_pai,
            stale: false,
            quiet_due: None,
            cap_agents: AgentSet::default(),
            sample_due: None,
        }
    }

    /// When something is to be done.
    pub(super) fn due(&self) -> Option<Time> {
        let due = earliest(self.quiet_due, self.sample_due);
        if self.stale { Some(Time::ZERO) } else { due }
    }

    /// Brings the lowest of all caps into force.
    pub(super) fn apply(
        &mut self,
        now: Time,
        cause: u32,
        model: &mut dyn PowercapModel,
        caps: &PerAgent<u32>,
        outbox: &mut Outbox<'_>,
    ) -> Result<(), Status> {
        self.stale = false;
        let cap = caps.of(self.id).map(|(_, cap)| cap).min();
        if cap != self.cap {
            model.set_cap(now, self.id, cap)?;
            self.cap = cap;
            self.tell(cause, model, outbox);
        }
        Ok(())
    }

    /// Tells cap and averaging interval, one of which has changed.
    pub(super) fn tell(&self, cause: u32, model: &dyn PowercapModel, outbox: &mut Outbox<'_>) {
        let Some(description) = model.domains().get(self.id) else { return };
        for agent in self.cap_agents.iter() {
            let cap = cap_word(outbox.version(agent), description, self.cap);
            outbox.notify(agent, CAP_CHANGED, self.topic(), &mut |w, seen| {
                let (agent, pai) = (U32::new(cause), U32::new(self.pai));
                w.put(&CapEvent { agent, domain: seen.word(), cap, pai })
            });
        }
    }

    /// Looks at thresholds from now on, or no longer, or at another interval.
    pub(super) fn resample(&mut self, now: Time, anybody: bool) {
        let interval = Duration::from_micros(self.pai.into()).max(LEAST_SAMPLING);
        self.sample_due = anybody.then(|| now.after(interval));
    }

    /// Tells those whose thresholds the average power has left since they were looked at last.
    pub(super) fn sample(
        &mut self,
        now: Time,
        model: &mut dyn PowercapModel,
        watches: &mut PerAgent<Watch>,
        outbox: &mut Outbox<'_>,
    ) {
        if self.sample_due.is_none_or(|due| due > now) {
            return;
        }
        self.resample(now, true);
        // Whoever asks learns of a fault; there is no event that could say so.
        let Ok(power) = model.power(now, self.id, self.pai) else { return };
        for (agent, watch) in watches.of_mut(self.id) {
            let outside = power < watch.low || power > watch.high;
            if outside && !watch.outside {
                outbox.notify(agent, MEASUREMENTS_CHANGED, self.topic(), &mut |w, seen| {
                    let (agent, power) = (U32::new(0), U32::new(power));
                    w.put(&MeasurementsEvent { agent, domain: seen.word(), power })
                });
            }
            watch.outside = outside;
        }
    }

    const fn topic(&self) -> Topic {
        Topic::new(Space::PowerCap, self.id)
    }
}

/// A cap as an agent of this version reads it: before 2.0 nothing says that there is none, so it is the highest.
pub(super) fn cap_word(version: Version, description: &PowercapDomain, cap: Option<u32>) -> U32 {
    let none = if version < V2 { description.cap.max } else { 0 };
    U32::new(cap.unwrap_or(none))
}
