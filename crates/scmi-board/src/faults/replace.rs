//! The rules of a board file that was read again.

use core::sync::atomic::Ordering;

use super::engine::{Books, Faults, NotAdded, Standing};
use super::rule::FaultRule;

impl Faults {
    /// Has the rules of a board file, `is`, take the place of those of an earlier reading of it, `was`.
    ///
    /// A rule that is the same in both is left alone: it goes on counting, and where it was removed it stays so. Rules that were
    /// added since stand behind those of the file. Wake the devices afterwards: what a rule kept that is gone comes back.
    ///
    /// # Errors
    /// The name of a rule that cannot stand beside those that were added, and why; nothing is changed then.
    pub fn replace(&self, was: &[FaultRule], is: &[FaultRule]) -> Result<(), (String, NotAdded)> {
        let mut books = self.books();
        let stays = |rule: &FaultRule| was.contains(rule);
        let own = |books: &Books, name: &str| {
            books.rules.iter().any(|rule| !rule.of_board && rule.rule.name == name)
        };
        if let Some(rule) = is.iter().find(|rule| !stays(rule) && own(&books, &rule.name)) {
            return Err((rule.name.clone(), NotAdded::Name));
        }
        let added = books.rules.iter().filter(|rule| !rule.of_board).count();
        if let Some(rule) = is.get(Self::MAX_RULES.saturating_sub(added)) {
            return Err((rule.name.clone(), NotAdded::Full));
        }
        let (mut known, added): (Vec<_>, Vec<_>) =
            core::mem::take(&mut books.rules).into_iter().partition(|rule| rule.of_board);
        for rule in is {
            if stays(rule) {
                let at = known.iter().position(|known| known.rule.name == rule.name);
                books.rules.extend(at.map(|at| known.remove(at)));
            } else {
                books.issued += 1;
                let standing = Standing::new(books.issued, rule.clone(), true);
                books.rules.push(standing);
            }
        }
        books.rules.extend(added);
        self.shared.rules.store(books.rules.len(), Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scmi_virtio::device::fault::Acts;

    fn rule(name: &str, every: u32) -> FaultRule {
        let mut rule = FaultRule::new(name, Acts::default());
        rule.every = every;
        rule
    }

    fn standing(faults: &Faults) -> Vec<(u64, String, u32)> {
        let reports = faults.reports().into_iter();
        reports.map(|report| (report.id, report.rule.name, report.rule.every)).collect()
    }

    fn of(id: u64, name: &str, every: u32) -> (u64, String, u32) {
        (id, name.to_owned(), every)
    }

    #[test]
    fn rules_of_the_file_are_replaced_and_others_are_kept() {
        let was = [rule("a", 1), rule("b", 1), rule("gone", 1)];
        let faults = Faults::new(&was);
        faults.add(rule("mine", 1)).unwrap();
        let is = [rule("new", 1), rule("b", 2), rule("a", 1)];
        faults.replace(&was, &is).unwrap();
        assert_eq!(
            standing(&faults),
            [of(5, "new", 1), of(6, "b", 2), of(1, "a", 1), of(4, "mine", 1)]
        );
        faults.replace(&is, &[]).unwrap();
        assert_eq!(standing(&faults), [of(4, "mine", 1)]);
    }

    #[test]
    fn what_was_removed_comes_back_only_when_the_file_says_something_else() {
        let was = [rule("a", 1)];
        let faults = Faults::new(&was);
        faults.clear();
        faults.replace(&was, &was).unwrap();
        assert_eq!(standing(&faults), []);
        let chance = |seed| [FaultRule { seed, chance: 5, ..rule("a", 1) }];
        faults.replace(&was, &chance(1)).unwrap();
        faults.replace(&chance(1), &chance(2)).unwrap();
        assert_eq!(standing(&faults), [of(3, "a", 1)]);
    }

    #[test]
    fn a_rule_that_cannot_stand_changes_nothing() {
        let was = [rule("a", 1)];
        let faults = Faults::new(&was);
        faults.add(rule("mine", 1)).unwrap();
        let before = standing(&faults);
        let refused = faults.replace(&was, &[rule("new", 1), rule("mine", 2)]);
        assert_eq!(refused, Err(("mine".to_owned(), NotAdded::Name)));
        let many: Vec<_> = (0..Faults::MAX_RULES).map(|n| rule(&n.to_string(), 1)).collect();
        assert_eq!(faults.replace(&was, &many), Err(("255".to_owned(), NotAdded::Full)));
        assert_eq!(standing(&faults), before);
    }
}
