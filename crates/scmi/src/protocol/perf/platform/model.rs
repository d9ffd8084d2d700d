//! What a platform must know of its performance domains.

use alloc::string::String;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use core::time::Duration;

use super::super::wire::PowerUnit;
use crate::platform::{AgentId, BadDescription};
use crate::protocol::serving::{check_names, unless};
use crate::time::Time;
use crate::wire::Status;

/// The performance domains of a platform: what they are, and how their level is set.
///
/// The server calls it with the platform's lock held, so a call must not block. A domain's id is its position, and
/// levels are named by their position in [`PerfDomain::levels`]. Limits, latencies and subscriptions are the server's.
pub trait PerfModel: Any + Send + fmt::Debug {
    /// What the domains are. At most 65535. Their number, and what agents are told of them, must not
    /// change while the platform lives.
    fn domains(&self) -> &[PerfDomain];

    /// What [`PerfLevel::power_cost`] is in.
    fn power_unit(&self) -> PowerUnit {
        PowerUnit::ABSTRACT
    }

    /// Whether an agent may set a domain's level; DENIED otherwise. One agent a domain is usual.
    fn may_set_level(&self, agent: AgentId, domain: usize) -> bool {
        let _ = (agent, domain);
        true
    }

    /// Whether an agent may set a domain's limits; DENIED otherwise.
    fn may_set_limits(&self, agent: AgentId, domain: usize) -> bool {
        let _ = (agent, domain);
        true
    }

    /// A domain begins to change to a level, which it will have after that level's latency; a change that was under
    /// way is overtaken.
    ///
    /// # Errors
    /// The status to answer with, usually [`Status::HARDWARE_ERROR`]; the domain stays as it is then.
    fn change(&mut self, now: Time, domain: usize, level: usize) -> Result<(), Status>;

    /// A domain has a level now.
    fn changed(&mut self, now: Time, domain: usize, level: usize) {
        let _ = (now, domain, level);
    }

    /// The level for an agent that leaves the choice to the platform; the server puts it inside the limits. The
    /// sustained level, unless said otherwise, and the highest where there is none.
    fn choose(&mut self, now: Time, domain: usize) -> usize {
        let _ = now;
        self.domains().get(domain).map_or(0, PerfDomain::sustained)
    }

    /// A domain whose own limits the platform has changed since it was last asked, and the limits, or none when it
    /// withdraws them; heat, for example. It is asked until it says that there is none, at most once a domain at a time.
    fn take_limits(&mut self, now: Time) -> Option<(usize, Option<Limits>)> {
        let _ = now;
        None
    }

    /// When [`PerfModel::take_limits`] will have something to say, as far as that is known.
    fn next_deadline(&self) -> Option<Time> {
        None
    }
}

/// The highest and the lowest level allowed; levels, not positions or indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The highest.
    pub max: u32,
    /// The lowest.
    pub min: u32,
}

/// What a performance domain is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerfDomain {
    /// At most 63 bytes of ASCII; more than 15 make it an extended name.
    pub name: String,
    /// Its levels, lowest first, at least one and at most 4095. Linux 6.12 takes 32.
    pub levels: Vec<PerfLevel>,
    /// The position of its level at start.
    pub initial: usize,
    /// The frequency of the sustained level, in kHz; 0 where it is not given.
    pub sustained_khz: u32,
    /// The level that can be held for ever; 0 where it is not given. Without level-indexing mode
    /// `sustained_khz * 1000 / sustained_level` is what turns a level into Hz, so it must be a whole number.
    pub sustained_level: u32,
    /// Microseconds that an agent leaves between requests, 20 bits; 0 none.
    pub rate_limit_us: u32,
    /// Whether agents that know how (4.0) name levels by their index.
    pub indexed: bool,
    /// Whether it can tell that its limits changed.
    pub limit_notifications: bool,
    /// Whether it can tell that its level changed.
    pub level_notifications: bool,
}

/// A level of a performance domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerfLevel {
    /// The level; it rises with performance.
    pub level: u32,
    /// What it costs, in the model's unit; 0 where it is not given.
    pub power_cost: u32,
    /// How long it takes to get there; agents are told at most 65535 microseconds.
    pub latency: Duration,
    /// Its frequency, in kHz; 0 where there is none.
    pub frequency_khz: u32,
    /// Its index in level-indexing mode; it rises with the level. As a limit, index 0 cannot be named: 0 leaves a limit as
    /// it is.
    pub index: u32,
}

impl PerfDomain {
    fn check(&self) -> Result<(), &'static str> {
        let rising = |key: fn(&PerfLevel) -> u32| self.levels.is_sorted_by(|a, b| key(a) < key(b));
        let count = self.levels.len();
        unless((1..=0xFFF).contains(&count), "it has not 1 to 4095 levels")?;
        unless(rising(|level| level.level), "its levels do not rise")?;
        let indexes = !self.indexed || rising(|level| level.index);
        unless(indexes, "the indexes of its levels do not rise")?;
        unless(self.initial < count, "it has no level at start")?;
        unless(self.rate_limit_us <= 0xF_FFFF, "its rate limit has more than 20 bits")?;
        let hertz = u64::from(self.sustained_khz).saturating_mul(1000);
        let whole = match hertz.checked_rem(self.sustained_level.into()) {
            Some(rest) => hertz == 0 || rest == 0,
            None => true,
        };
        let what = "its sustained frequency is no whole multiple of its sustained level";
        unless(self.indexed || whole, what)
    }

    /// The position of the sustained level, or of the highest below it; of the highest of all where it is not given.
    fn sustained(&self) -> usize {
        let last = self.levels.len().saturating_sub(1);
        let below = self.levels.iter().rposition(|level| level.level <= self.sustained_level);
        below.filter(|_| self.sustained_level != 0).unwrap_or(last)
    }

    /// The lowest and the highest level.
    pub(super) fn all(&self) -> Limits {
        let level = |level: Option<&PerfLevel>| level.map_or(0, |level| level.level);
        Limits { max: level(self.levels.last()), min: level(self.levels.first()) }
    }

    /// The position of the level inside the limits that is nearest to the one at `position`. Where limits leave no
    /// level between them, the maximum counts.
    pub(super) fn nearest(&self, limits: Limits, position: usize) -> usize {
        let highest = self.levels.iter().rposition(|level| level.level <= limits.max).unwrap_or(0);
        let lowest = self.levels.iter().position(|level| level.level >= limits.min);
        position.max(lowest.unwrap_or(highest)).min(highest)
    }
}

/// Checks what the model says.
pub(super) fn check(domains: &[PerfDomain]) -> Result<(), BadDescription> {
    check_names(KIND, domains.iter().map(|domain| domain.name.as_str()))?;
    for (id, domain) in domains.iter().enumerate() {
        domain.check().map_err(|what| BadDescription::new(KIND, id, what))?;
    }
    Ok(())
}

const KIND: &str = "performance domain";
