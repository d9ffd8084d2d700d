//! What the performance domains of a board consume, and have consumed.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use scmi::Time;

use super::{PerformanceDomain, PowerDomain};

/// Changes of a domain's power that are remembered. A longer past counts as if it had been as the oldest of them.
const REMEMBERED: usize = 64;

/// The power of all performance domains over time: the level that each is at costs what its table says, and nothing
/// while the power domain that it is in is off.
///
/// Three models share it. All are called with the platform's lock held, so its own lock is always free.
#[derive(Debug)]
pub(crate) struct Activity {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    meters: Vec<Meter>,
    /// Whether each power domain is on.
    on: Vec<bool>,
}

#[derive(Debug)]
struct Meter {
    /// Of each level, in microwatts.
    costs: Vec<u64>,
    level: usize,
    power_domain: Option<usize>,
    on: bool,
    /// The first is what was before all others; times rise.
    changes: VecDeque<Change>,
}

/// From a moment on it is so much.
#[derive(Clone, Copy, Debug)]
struct Change {
    at: u64,
    /// In microwatts.
    power: u64,
}

impl Activity {
    /// Everything as it is at start.
    pub(crate) fn new(domains: &[PerformanceDomain], power: &[PowerDomain]) -> Self {
        let meter = |domain: &PerformanceDomain| {
            let on =
                domain.power_domain.and_then(|id| power.get(id)).is_none_or(PowerDomain::is_on);
            let mut meter = Meter {
                costs: domain.microwatts(),
                level: domain.description.initial,
                power_domain: domain.power_domain,
                on,
                changes: VecDeque::with_capacity(REMEMBERED),
            };
            meter.note(0);
            meter
        };
        let meters = domains.iter().map(meter).collect();
        let on = power.iter().map(PowerDomain::is_on).collect();
        Self { state: Mutex::new(State { meters, on }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A meter is never left half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A performance domain has a level now.
    pub(crate) fn level(&self, now: Time, domain: usize, level: usize) {
        if let Some(meter) = self.state().meters.get_mut(domain) {
            meter.level = level;
            meter.note(now.as_nanos());
        }
    }

    /// A power domain is on or off now.
    pub(crate) fn switched(&self, now: Time, domain: usize, on: bool) {
        let State { meters, on: all } = &mut *self.state();
        if let Some(known) = all.get_mut(domain) {
            *known = on;
        }
        for meter in meters.iter_mut().filter(|meter| meter.power_domain == Some(domain)) {
            meter.on = on;
            meter.note(now.as_nanos());
        }
    }

    /// A performance domain is in another power domain now, or in none.
    pub(crate) fn moved(&self, now: Time, domain: usize, to: Option<usize>) {
        let State { meters, on } = &mut *self.state();
        let Some(meter) = meters.get_mut(domain).filter(|meter| meter.power_domain != to) else {
            return;
        };
        meter.power_domain = to;
        meter.on = to.and_then(|to| on.get(to)).is_none_or(|on| *on);
        meter.note(now.as_nanos());
    }

    /// What a performance domain has consumed on average over the last `span` nanoseconds, in microwatts.
    pub(crate) fn average(&self, now: Time, domain: usize, span: u64) -> u64 {
        let state = self.state();
        state.meters.get(domain).map_or(0, |meter| meter.average(now.as_nanos(), span.max(1)))
    }
}

impl Meter {
    fn note(&mut self, at: u64) {
        let cost = self.costs.get(self.level).copied().unwrap_or(0);
        let power = if self.on { cost } else { 0 };
        if let Some(last) = self.changes.back_mut().filter(|last| last.at == at) {
            last.power = power;
            return;
        }
        if self.changes.len() == REMEMBERED {
            self.changes.pop_front();
        }
        self.changes.push_back(Change { at, power });
    }

    fn average(&self, now: u64, span: u64) -> u64 {
        let start = now.saturating_sub(span);
        let mut energy = 0_u128;
        // Backwards: each change reaches to the next one, and the oldest back to the start.
        let mut until = now;
        for (nth, change) in self.changes.iter().enumerate().rev() {
            let from = if nth == 0 { start } else { change.at.clamp(start, until) };
            energy += u128::from(until - from) * u128::from(change.power);
            until = from;
        }
        let over = u128::from(now - start);
        match energy.checked_div(over) {
            Some(power) => u64::try_from(power).unwrap_or(u64::MAX),
            // At the very start there is no past.
            None => self.changes.back().map_or(0, |change| change.power),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(changes: &[(u64, u64)]) -> Meter {
        Meter {
            costs: Vec::new(),
            level: 0,
            power_domain: None,
            on: true,
            changes: changes.iter().map(|&(at, power)| Change { at, power }).collect(),
        }
    }

    #[test]
    fn an_average_weighs_each_power_with_its_time() {
        let meter = meter(&[(0, 100), (50, 300), (80, 0)]);
        assert_eq!(meter.average(40, 20), 100);
        assert_eq!(meter.average(80, 30), 300);
        assert_eq!(meter.average(80, 60), 200, "30 of 100 and 30 of 300");
        assert_eq!(meter.average(100, 100), 140, "50 of 100, 30 of 300 and 20 of nothing");
        assert_eq!(meter.average(100, 1000), 140, "there was nothing before the start");
        assert_eq!(meter.average(0, 1000), 0);
    }

    #[test]
    fn who_is_moved_consumes_by_the_power_domain_that_it_is_in_now() {
        let costs = || Meter { costs: vec![100], power_domain: Some(0), ..meter(&[(0, 100)]) };
        let state = State { meters: vec![costs()], on: vec![true, false] };
        let activity = Activity { state: Mutex::new(state) };
        let at = Time::from_millis;
        let now = |millis| activity.average(at(millis), 0, 1);
        activity.moved(at(10), 0, Some(0));
        assert_eq!(now(11), 100, "it was there");
        activity.moved(at(20), 0, Some(1));
        assert_eq!(now(21), 0, "that one is off");
        activity.switched(at(30), 1, true);
        assert_eq!(now(31), 100);
        activity.switched(at(40), 1, false);
        activity.switched(at(41), 0, false);
        activity.moved(at(50), 0, Some(0));
        assert_eq!(now(51), 0, "it went off meanwhile");
        activity.moved(at(60), 0, None);
        assert_eq!(now(61), 100, "it is in none");
    }

    #[test]
    fn the_past_is_bounded() {
        let mut meter = meter(&[]);
        meter.costs = vec![7];
        for at in 0..1000 {
            meter.note(at);
        }
        assert_eq!(meter.changes.len(), REMEMBERED);
        assert_eq!(meter.average(1000, 1000), 7);
    }
}
