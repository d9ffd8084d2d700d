//! The rules that stand, and what they did.

use core::sync::atomic::{AtomicUsize, Ordering};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scmi::platform::AgentId;
use scmi_virtio::device::fault::{Deed, Kind, Plan, Saboteur, Subject};

use super::rule::FaultRule;

/// The rules that stand now. Clones are the same ones.
///
/// Of the rules that match a message and choose it, the first does something to it, and only that one; all that match count it
/// as seen.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    pub(super) shared: Arc<Shared>,
}

#[derive(Debug, Default)]
pub(super) struct Shared {
    /// How many rules there are, to be seen without the lock.
    pub(super) rules: AtomicUsize,
    books: Mutex<Books>,
}

#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) rules: Vec<Standing>,
    pub(super) issued: u64,
    done: BTreeMap<Place, u64>,
    skipped: u64,
    given_back: u64,
}

/// A rule and what it did.
#[derive(Debug)]
pub(super) struct Standing {
    id: u64,
    pub(super) rule: FaultRule,
    /// Whether the board file has it; otherwise it was added since.
    pub(super) of_board: bool,
    seen: u64,
    chosen: u64,
    done: BTreeMap<Place, u64>,
    skipped: u64,
}

/// To whom something was done, and what.
type Place = (AgentId, Kind);

/// How often something was done to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultTally {
    /// To whom.
    pub agent: AgentId,
    /// What.
    pub kind: Kind,
    /// How often.
    pub count: u64,
}

/// What one rule did, since it was added.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FaultReport {
    /// By what number [`Plan::rule`] and traces call it.
    pub id: u64,
    /// The rule.
    pub rule: FaultRule,
    /// Messages that it is about.
    pub seen: u64,
    /// Those that it chose to do something to.
    pub chosen: u64,
    /// What was done to whom, how often, by agent and then by kind; only what was.
    pub done: Vec<FaultTally>,
    /// How often something could not be done.
    pub skipped: u64,
}

/// What was done by all rules, those that are gone included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultTotals {
    /// What was done to whom, how often, by agent and then by kind; only what was.
    pub done: Vec<FaultTally>,
    /// How often something could not be done.
    pub skipped: u64,
    /// Chains of answers that never came which were given back: by a reset, by a queue that stopped, because their rule went.
    pub given_back: u64,
}

/// Why a rule was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAdded {
    /// One of that name stands already.
    #[error("a rule of that name stands already")]
    Name,
    /// No more can stand at a time.
    #[error("{} rules stand already", Faults::MAX_RULES)]
    Full,
}

impl Faults {
    /// Rules that can stand at a time: each message is held against all of them.
    pub const MAX_RULES: usize = 256;

    /// These rules, those of a board file, of which no two have one name; none beyond [`Faults::MAX_RULES`].
    #[must_use]
    pub fn new(rules: &[FaultRule]) -> Self {
        let faults = Self::default();
        for rule in rules {
            if let Err(why) = faults.stand(rule.clone(), true) {
                tracing::warn!("the fault {:?} does not stand: {why}", rule.name);
            }
        }
        faults
    }

    /// Adds a rule behind the others.
    ///
    /// # Errors
    /// [`NotAdded`]
    pub fn add(&self, rule: FaultRule) -> Result<u64, NotAdded> {
        self.stand(rule, false)
    }

    fn stand(&self, rule: FaultRule, of_board: bool) -> Result<u64, NotAdded> {
        let mut books = self.books();
        if books.rules.len() >= Self::MAX_RULES {
            return Err(NotAdded::Full);
        }
        if books.rules.iter().any(|standing| standing.rule.name == rule.name) {
            return Err(NotAdded::Name);
        }
        books.issued += 1;
        let id = books.issued;
        books.rules.push(Standing::new(id, rule, of_board));
        self.shared.rules.store(books.rules.len(), Ordering::Relaxed);
        Ok(id)
    }

    /// Removes the rule of that name; its report at the end, if there was one. What it keeps comes back when the devices look:
    /// wake them.
    pub fn remove(&self, name: &str) -> Option<FaultReport> {
        let mut books = self.books();
        let at = books.rules.iter().position(|standing| standing.rule.name == name)?;
        let gone = books.rules.remove(at);
        self.shared.rules.store(books.rules.len(), Ordering::Relaxed);
        Some(gone.report())
    }

    /// Removes all rules; how many there were.
    pub fn clear(&self) -> usize {
        let mut books = self.books();
        self.shared.rules.store(0, Ordering::Relaxed);
        let rules = core::mem::take(&mut books.rules);
        rules.len()
    }

    /// What each rule that stands did, in their order, and what was done by all: of one moment.
    #[must_use]
    pub fn look(&self) -> (Vec<FaultReport>, FaultTotals) {
        let books = self.books();
        (books.rules.iter().map(Standing::report).collect(), books.totals())
    }

    /// What each rule that stands did, in their order.
    #[must_use]
    pub fn reports(&self) -> Vec<FaultReport> {
        self.books().rules.iter().map(Standing::report).collect()
    }

    /// What was done by all rules.
    #[must_use]
    pub fn totals(&self) -> FaultTotals {
        self.books().totals()
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.shared.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn totals(&self) -> FaultTotals {
        FaultTotals {
            done: tallies(&self.done),
            skipped: self.skipped,
            given_back: self.given_back,
        }
    }
}

fn tallies(done: &BTreeMap<Place, u64>) -> Vec<FaultTally> {
    let tally = |(&(agent, kind), &count): (&Place, &u64)| FaultTally { agent, kind, count };
    done.iter().map(tally).collect()
}

impl Standing {
    pub(super) fn new(id: u64, rule: FaultRule, of_board: bool) -> Self {
        Self { id, rule, of_board, seen: 0, chosen: 0, done: BTreeMap::new(), skipped: 0 }
    }

    fn report(&self) -> FaultReport {
        FaultReport {
            id: self.id,
            rule: self.rule.clone(),
            seen: self.seen,
            chosen: self.chosen,
            done: tallies(&self.done),
            skipped: self.skipped,
        }
    }

    /// Counts a message if the rule is about it; whether something is to be done to it.
    fn chooses(&mut self, subject: &Subject<'_>) -> bool {
        if !self.rule.is_about(subject) {
            return false;
        }
        let nth = self.seen;
        self.seen += 1;
        subject.now.since(scmi::Time::ZERO) >= self.rule.from
            && self.rule.count.is_none_or(|most| self.chosen < most)
            && self.rule.chooses(nth)
    }
}

impl Saboteur for Faults {
    fn is_idle(&self) -> bool {
        self.shared.rules.load(Ordering::Relaxed) == 0
    }

    fn plan(&self, subject: &Subject<'_>) -> Option<Plan> {
        let mut books = self.books();
        let mut plan = None;
        for standing in &mut books.rules {
            if standing.chooses(subject) && plan.is_none() {
                standing.chosen += 1;
                plan = Some(Plan { rule: standing.id, acts: standing.rule.acts });
            }
        }
        plan
    }

    fn stands(&self, rule: u64) -> bool {
        self.books().rules.iter().any(|standing| standing.id == rule)
    }

    fn report(&self, agent: AgentId, rule: u64, deed: Deed) {
        let mut books = self.books();
        let Books { rules, done, skipped, given_back, .. } = &mut *books;
        let mut standing = rules.iter_mut().find(|standing| standing.id == rule);
        let name = standing.as_ref().map_or("gone", |standing| standing.rule.name.as_str());
        tracing::debug!(agent = agent.number(), fault = name, ?deed, "on purpose");
        match deed {
            Deed::Done(kind) => {
                let own = standing.map(|standing| &mut standing.done);
                for counts in [Some(done), own].into_iter().flatten() {
                    *counts.entry((agent, kind)).or_default() += 1;
                }
            }
            Deed::Skipped(_) => {
                *skipped += 1;
                if let Some(standing) = &mut standing {
                    standing.skipped += 1;
                }
            }
            Deed::GivenBack => *given_back += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;
    use scmi::Time;
    use scmi::wire::{Header, MessageId, ProtocolId};
    use scmi_virtio::device::fault::{Acts, Moment};

    fn agent() -> AgentId {
        AgentId::from_index(0).unwrap()
    }

    fn ask(faults: &Faults, millis: u64) -> Option<u64> {
        let header = Header::command(ProtocolId::CLOCK, MessageId(6), 0);
        let now = Time::from_millis(millis);
        let subject =
            Subject { now, agent: agent(), moment: Moment::Answer, header, payload: &[0; 4] };
        faults.plan(&subject).map(|plan| plan.rule)
    }

    fn rule(name: &str, change: impl FnOnce(&mut FaultRule)) -> FaultRule {
        let mut acts = Acts::default();
        acts.twice = true;
        let mut rule = FaultRule::new(name, acts);
        change(&mut rule);
        rule
    }

    #[test]
    fn the_first_rule_that_chooses_a_message_has_it_and_all_have_seen_it() {
        let faults = Faults::new(&[
            rule("second", |rule| rule.every = 2),
            rule("once", |rule| rule.count = Some(1)),
        ]);
        let asked: Vec<_> = (0..4).map(|_| ask(&faults, 0)).collect();
        assert_eq!(asked, [Some(2), Some(1), None, Some(1)]);
        let seen: Vec<_> = faults.reports().iter().map(|one| (one.seen, one.chosen)).collect();
        assert_eq!(seen, [(4, 2), (4, 1)]);
    }

    #[test]
    fn nothing_is_done_before_its_time() {
        let faults = Faults::new(&[rule("late", |rule| rule.from = Duration::from_millis(10))]);
        assert_eq!([0, 9, 10, 11].map(|at| ask(&faults, at)), [None, None, Some(1), Some(1)]);
    }

    #[test]
    fn rules_come_and_go_and_what_was_done_stays_counted() {
        let faults = Faults::new(&[]);
        assert!(faults.is_idle());
        assert_eq!(faults.add(rule("a", |_| ())), Ok(1));
        assert_eq!(faults.add(rule("a", |_| ())), Err(NotAdded::Name));
        assert!(!faults.is_idle() && faults.stands(1));
        faults.report(agent(), 1, Deed::Done(Kind::Twice));
        faults.report(agent(), 1, Deed::Skipped(Kind::Delay));
        let gone = faults.remove("a").unwrap();
        let twice = FaultTally { agent: agent(), kind: Kind::Twice, count: 1 };
        assert_eq!((gone.done, gone.skipped), (vec![twice], 1));
        assert!(faults.is_idle() && !faults.stands(1) && faults.remove("a").is_none());
        faults.report(agent(), 1, Deed::GivenBack);
        assert_eq!(faults.add(rule("a", |_| ())), Ok(2), "a number of its own");
        assert_eq!((faults.clear(), faults.clear()), (1, 0));
        let totals = faults.totals();
        assert_eq!((totals.done, totals.skipped, totals.given_back), (vec![twice], 1, 1));
    }

    #[test]
    fn there_are_not_too_many() {
        let rules: Vec<_> = (0..300).map(|n| rule(&n.to_string(), |_| ())).collect();
        let faults = Faults::new(&rules);
        assert_eq!(faults.reports().len(), Faults::MAX_RULES);
        assert_eq!(faults.add(rule("more", |_| ())), Err(NotAdded::Full));
    }
}
