//! What a platform must know of its powercap domains.

use alloc::string::String;
use core::any::Any;
use core::fmt;
use core::time::Duration;

use super::super::wire::{self, PowerUnit};
use crate::platform::{AgentId, BadDescription};
use crate::protocol::serving::{check_names, unless};
use crate::time::Time;
use crate::wire::{Status, U32};

/// The powercap domains of a platform: what they are, how they are capped, and what they consume.
///
/// The server calls it with the platform's lock held, so a call must not block. A domain's id is its position. Whose
/// caps there are, latencies, thresholds and subscriptions are the server's; what the cap of a domain means for those
/// that are part of it is the model's.
pub trait PowercapModel: Any + Send + fmt::Debug {
    /// What the domains are. At most 65535. Their number, and what agents are told of them, must not
    /// change while the platform lives.
    fn domains(&self) -> &[PowercapDomain];

    /// Whether an agent may set a domain's cap and averaging interval; DENIED otherwise.
    fn may_set(&self, agent: AgentId, domain: usize) -> bool {
        let _ = (agent, domain);
        true
    }

    /// Keeps a domain below a cap from now on, or lets it go.
    ///
    /// # Errors
    /// The status to answer with, usually [`Status::HARDWARE_ERROR`]; the domain stays as it is then.
    fn set_cap(&mut self, now: Time, domain: usize, cap: Option<u32>) -> Result<(), Status>;

    /// Averages a domain's power over so many microseconds from now on.
    ///
    /// # Errors
    /// The status to answer with; the domain stays as it is then.
    fn set_pai(&mut self, now: Time, domain: usize, pai_us: u32) -> Result<(), Status> {
        let _ = (now, domain, pai_us);
        Ok(())
    }

    /// What a domain has consumed on average over the last so many microseconds, in its unit. Asked only of domains
    /// that are measured.
    ///
    /// # Errors
    /// The status to answer with, usually [`Status::HARDWARE_ERROR`].
    fn power(&mut self, now: Time, domain: usize, pai_us: u32) -> Result<u32, Status>;
}

/// What a powercap domain is. It can be capped, or it is measured, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PowercapDomain {
    /// At most 63 bytes of ASCII; more than 15 make it an extended name.
    pub name: String,
    /// What its power is in. Linux ignores a domain in abstract units, and gives up on a tree that has one inside.
    pub unit: PowerUnit,
    /// The caps that can be set, in its unit; it cannot be capped where there is only one.
    pub cap: Steps,
    /// The averaging intervals that can be set, in microseconds; nothing can be set where there is only one.
    pub pai: Steps,
    /// The averaging interval at start, in microseconds.
    pub initial_pai: u32,
    /// What it can consume for ever, in its unit.
    pub sustainable_power: u32,
    /// How exact measurements are, in thousandths of a percent.
    pub accuracy: u32,
    /// The domain that it is part of.
    pub parent: Option<usize>,
    /// Whether it is measured.
    pub monitoring: bool,
    /// Whether its cap can be set asynchronously.
    pub asynchronous: bool,
    /// How long a cap takes to be in force: it is answered that much later. Linux waits 2 s for a delayed response.
    pub set_time: Duration,
    /// Whether it can tell that its cap or its averaging interval changed.
    pub cap_notifications: bool,
    /// Whether it can tell that its average power left some thresholds.
    pub measurement_notifications: bool,
}

/// From the least to the most, in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// The least; not 0.
    pub min: u32,
    /// The most.
    pub max: u32,
    /// From one to the next; not 0 unless there is only one.
    pub step: u32,
}

impl Steps {
    /// Only one value, which cannot be set.
    pub const fn fixed(value: u32) -> Self {
        Self { min: value, max: value, step: 0 }
    }

    /// Whether there is only one value.
    pub const fn is_fixed(&self) -> bool {
        self.min == self.max
    }

    /// The next step at or below a value; none outside. Linux sends multiples of the step, whatever the least is.
    pub fn at_or_below(&self, value: u32) -> Option<u32> {
        let above = value.checked_sub(self.min).filter(|_| value <= self.max)?;
        value.checked_sub(above.checked_rem(self.step).unwrap_or(0))
    }

    pub(super) fn record(&self) -> wire::Steps {
        wire::Steps { min: U32::new(self.min), max: U32::new(self.max), step: U32::new(self.step) }
    }
}

impl PowercapDomain {
    /// Linux gives up on the protocol for most of what is wrong here, and overruns memory for a circle of parents.
    fn check(&self, id: usize, all: &[Self]) -> Result<(), &'static str> {
        let sound = |steps: &Steps| {
            steps.min != 0 && steps.min <= steps.max && (steps.is_fixed() || steps.step != 0)
        };
        unless(sound(&self.cap), "its caps have a 0, or go backwards")?;
        unless(sound(&self.pai), "its averaging intervals have a 0, or go backwards")?;
        let initial = self.pai.at_or_below(self.initial_pai) == Some(self.initial_pai);
        unless(initial, "its averaging interval at start is none that can be set")?;
        let useful = self.monitoring || !self.cap.is_fixed();
        unless(useful, "it can neither be capped nor measured")?;
        let told = self.monitoring || !self.measurement_notifications;
        unless(told, "it tells measurements and has none")?;
        self.check_parents(id, all)
    }

    fn check_parents(&self, id: usize, all: &[Self]) -> Result<(), &'static str> {
        let mut parent = self.parent;
        // A way to the root passes no domain twice.
        for _ in all {
            let Some(above) = parent else { return Ok(()) };
            unless(above != id, "it is part of itself")?;
            let missing = "it is part of a domain that is not there";
            parent = all.get(above).ok_or(missing)?.parent;
        }
        unless(parent.is_none(), "it is part of domains that are part of each other")
    }
}

/// Checks what the model says.
pub(super) fn check(domains: &[PowercapDomain]) -> Result<(), BadDescription> {
    check_names(KIND, domains.iter().map(|domain| domain.name.as_str()))?;
    for (id, domain) in domains.iter().enumerate() {
        domain.check(id, domains).map_err(|what| BadDescription::new(KIND, id, what))?;
    }
    Ok(())
}

const KIND: &str = "powercap domain";
