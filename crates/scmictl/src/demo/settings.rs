//! What happens in the show besides sensors: a clock and a processor change, and what that costs is measured.

use std::time::Instant;

use scmi::agent::CallError;
use scmi::protocol::clock::agent::{Clocks, RateInfo};
use scmi::protocol::clock::wire::{Permissions, Rounding};
use scmi::protocol::perf::agent::PerfDomains;
use scmi::protocol::perf::wire::DomainFlags;
use scmi::protocol::powercap::agent::PowercapDomains;
use scmi::wire::ProtocolId;

use super::play::Play;
use crate::connect::Session;
use crate::failure::Failure;
use crate::quantity::Quantity;
use crate::resource::Resource as _;
use crate::{clock, perf, powercap};

/// What was changed, and is put back at the end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Undo {
    Rate {
        clock: u32,
        rate: u64,
    },
    /// The level as commands name it.
    Level {
        domain: u32,
        level: u32,
    },
}

impl Undo {
    pub(super) fn perform(self, session: &mut Session<'_>) -> Result<(), Failure> {
        let done = match self {
            Self::Rate { clock, rate } => Clocks::open(session)
                .and_then(|mut clocks| clocks.set_rate(clock, rate, Rounding::Nearest)),
            Self::Level { domain, level } => {
                PerfDomains::open(session).and_then(|mut domains| domains.set_level(domain, level))
            }
        };
        done.map_err(|error| Failure::call("putting back what was changed", &error))
    }
}

/// What the first power cap that the board has measures.
#[derive(Clone, Debug)]
pub(super) struct Power {
    domain: u32,
    name: String,
    unit: Quantity,
    /// Before the processor was made faster.
    before: u32,
}

impl Play<'_, '_, '_, '_> {
    /// Sets the first clock that has another rate to that one, asynchronously where the platform can.
    pub(super) fn change_clock(&mut self) -> Result<(), Failure> {
        if !self.has(ProtocolId::CLOCK) {
            return Ok(());
        }
        for entry in clock::Entry::load(self.session)? {
            let asked = |error| Failure::call(format_args!("changing {}", entry.called()), &error);
            let mut clocks = Clocks::open(self.session).map_err(asked)?;
            let Some((old, new)) = other_rate(&mut clocks, &entry).map_err(asked)? else {
                continue;
            };
            let before = Instant::now();
            let how = if clocks.max_async() > 0 {
                clocks.set_rate_async(entry.id(), new, Rounding::Nearest).map_err(asked)?;
                "asynchronously"
            } else {
                clocks.set_rate(entry.id(), new, Rounding::Nearest).map_err(asked)?;
                "at once"
            };
            let took = before.elapsed().as_millis();
            self.undo.push(Undo::Rate { clock: entry.id(), rate: old });
            let [old, new] = [old, new].map(|rate| Quantity::HERTZ.show(rate));
            let text = format!("clock set {how} from {old} to {new}, there {took} ms later");
            return self.note(entry.name(), text);
        }
        Ok(())
    }

    /// Takes the first performance domain that may be set to its highest level.
    pub(super) fn raise_level(&mut self) -> Result<(), Failure> {
        if !self.has(ProtocolId::PERF) {
            return Ok(());
        }
        self.power = self.measure()?;
        for entry in perf::Entry::load(self.session)? {
            let asked = |error| Failure::call(format_args!("changing {}", entry.called()), &error);
            let Some(highest) = entry.levels.last() else { continue };
            let mut domains = PerfDomains::open(self.session).map_err(asked)?;
            let old = domains.level(entry.id()).map_err(asked)?;
            let limits = domains.limits(entry.id()).map_err(asked)?;
            let new = entry.word(highest);
            if old == new || new > limits.max || !entry.has(DomainFlags::SET_LEVEL) {
                continue;
            }
            domains.set_level(entry.id(), new).map_err(asked)?;
            self.undo.push(Undo::Level { domain: entry.id(), level: old });
            let old = entry.by_word(old).map_or_else(String::new, |level| entry.show(level));
            let new = entry.show(highest);
            return self
                .note(entry.name(), format!("performance level raised from {old} to {new}"));
        }
        Ok(())
    }

    /// Says what the higher level costs.
    pub(super) fn tell_power(&mut self) -> Result<(), Failure> {
        let Some(Power { domain, name, unit, before }) = self.power.take() else { return Ok(()) };
        let Some(now) = average(self.session, domain)? else { return Ok(()) };
        let [before, now] = [before, now].map(|power| unit.show(power));
        self.note(&name, format!("draws {now} on average now, {before} before"))
    }

    fn measure(&mut self) -> Result<Option<Power>, Failure> {
        if !self.has(ProtocolId::POWERCAP) {
            return Ok(None);
        }
        let first = powercap::Entry::load(self.session)?.into_iter().next();
        let Some(entry) = first else { return Ok(None) };
        let before = average(self.session, entry.id())?;
        let (domain, unit) = (entry.id(), entry.power);
        Ok(before.map(|before| Power { domain, name: entry.name, unit, before }))
    }
}

/// The average power of a domain, if the platform says it.
fn average(session: &mut Session<'_>, domain: u32) -> Result<Option<u32>, Failure> {
    let asked = PowercapDomains::open(session).and_then(|mut caps| caps.measurements(domain));
    match asked {
        Ok(measurements) => Ok(Some(measurements.power.get())),
        Err(CallError::Refused(_)) => Ok(None),
        Err(error) => Err(Failure::call("measuring power", &error)),
    }
}

/// A clock's rate, and the next one that it may be set to.
fn other_rate(
    clocks: &mut Clocks<'_>,
    entry: &clock::Entry,
) -> Result<Option<(u64, u64)>, CallError> {
    if !clocks.permissions(&entry.info)?.has(Permissions::RATE) {
        return Ok(None);
    }
    let rate = clocks.rate(entry.id())?;
    let mut other = None;
    clocks.rates(entry.id(), &mut |info| {
        let next = match info {
            RateInfo::One(one) => one,
            RateInfo::Range { highest, step, .. } if rate < highest => rate.saturating_add(step),
            RateInfo::Range { step, .. } => rate.saturating_sub(step),
        };
        if next != rate {
            other.get_or_insert(next);
        }
    })?;
    Ok(other.map(|next| (rate, next)))
}
