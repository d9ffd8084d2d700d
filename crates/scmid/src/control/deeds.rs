//! What faults did between two looks, as one event a look.

use std::collections::BTreeMap;

use scmi::platform::AgentId;
use scmi_board::{FaultReport, FaultTally, FaultTotals};
use scmi_virtio::device::fault::Kind;
use serde_json::{Value, json};

/// Lines of an event: a flood of faults by many rules is no flood of events, nor a large one.
const MAX_LINES: usize = 64;

/// What was counted when it was looked at: by rule, agent and kind, and by all rules, those that are gone included.
#[derive(Debug, Default)]
pub(super) struct Deeds {
    rules: BTreeMap<(u64, AgentId, Kind), u64>,
    names: BTreeMap<u64, String>,
    all: BTreeMap<(AgentId, Kind), u64>,
}

impl Deeds {
    pub(super) fn new((reports, totals): (Vec<FaultReport>, FaultTotals)) -> Self {
        let (mut rules, mut names) = (BTreeMap::new(), BTreeMap::new());
        for report in reports {
            let tally = |tally: &FaultTally| ((report.id, tally.agent, tally.kind), tally.count);
            rules.extend(report.done.iter().map(tally));
            names.insert(report.id, report.rule.name);
        }
        let tally = |tally: &FaultTally| ((tally.agent, tally.kind), tally.count);
        Self { rules, names, all: totals.done.iter().map(tally).collect() }
    }

    /// What was done since `before`, in the words of an event; nothing where nothing was. What rules did that went meanwhile has no
    /// name. `agent` gives an agent's.
    pub(super) fn since(&self, before: &Self, agent: impl Fn(AgentId) -> String) -> Option<Value> {
        let mut lines = Vec::new();
        let mut others: BTreeMap<(AgentId, Kind), u64> = BTreeMap::new();
        for (place, count) in &self.all {
            others
                .insert(*place, count.saturating_sub(before.all.get(place).copied().unwrap_or(0)));
        }
        for (place @ (rule, of, kind), count) in &self.rules {
            let count = count.saturating_sub(before.rules.get(place).copied().unwrap_or(0));
            if count != 0 {
                lines.push((self.names.get(rule), *of, *kind, count));
            }
            if let Some(rest) = others.get_mut(&(*of, *kind)) {
                *rest = rest.saturating_sub(count);
            }
        }
        let gone = others.into_iter().filter(|(_, count)| *count != 0);
        lines.extend(gone.map(|((of, kind), count)| (None, of, kind, count)));
        if lines.is_empty() {
            return None;
        }
        let (shown, more) = lines.split_at(lines.len().min(MAX_LINES));
        let done = shown.iter().map(|(fault, of, kind, count)| {
            json!({ "fault": fault, "agent": agent(*of), "kind": kind.word(), "count": count })
        });
        let more: u64 = more.iter().map(|(_, _, _, count)| count).sum();
        Some(json!({ "done": done.collect::<Vec<_>>(), "more": more }))
    }
}

#[cfg(test)]
mod tests {
    use scmi_board::{FaultRule, Faults};
    use scmi_virtio::device::fault::{Acts, Deed, Saboteur as _};

    use super::*;

    fn rule(name: &str) -> FaultRule {
        let mut acts = Acts::default();
        acts.twice = true;
        FaultRule::new(name, acts)
    }

    fn agent(index: usize) -> AgentId {
        AgentId::from_index(index).expect("an agent")
    }

    fn named(agent: AgentId) -> String {
        format!("vm{}", agent.number())
    }

    #[test]
    fn a_look_is_one_event_however_much_was_done() {
        let faults = Faults::new(&[rule("a"), rule("b")]);
        let before = Deeds::new(faults.look());
        assert_eq!(Deeds::new(faults.look()).since(&before, named), None);
        for _ in 0..100_000 {
            faults.report(agent(0), 1, Deed::Done(Kind::Twice));
        }
        faults.report(agent(1), 1, Deed::Done(Kind::Twice));
        faults.report(agent(1), 2, Deed::Done(Kind::Delay));
        let now = Deeds::new(faults.look());
        let wanted = json!({ "more": 0, "done": [
            { "fault": "a", "agent": "vm1", "kind": "twice", "count": 100_000 },
            { "fault": "a", "agent": "vm2", "kind": "twice", "count": 1 },
            { "fault": "b", "agent": "vm2", "kind": "delay", "count": 1 },
        ] });
        assert_eq!(now.since(&before, named), Some(wanted));
        assert_eq!(now.since(&now, named), None);
    }

    #[test]
    fn what_a_rule_did_that_is_gone_is_told_without_its_name() {
        let faults = Faults::new(&[rule("a")]);
        faults.report(agent(0), 1, Deed::Done(Kind::Twice));
        let before = Deeds::new(faults.look());
        faults.report(agent(0), 1, Deed::Done(Kind::Twice));
        faults.remove("a").expect("it stood");
        let wanted = json!({ "more": 0, "done": [
            { "fault": null, "agent": "vm1", "kind": "twice", "count": 1 },
        ] });
        assert_eq!(Deeds::new(faults.look()).since(&before, named), Some(wanted));
    }

    #[test]
    fn an_event_has_an_end_and_says_how_much_it_leaves_out() {
        let rules: Vec<_> = (0..100).map(|number| rule(&number.to_string())).collect();
        let faults = Faults::new(&rules);
        let before = Deeds::new(faults.look());
        for id in 1..=100 {
            faults.report(agent(0), id, Deed::Done(Kind::Twice));
            faults.report(agent(0), id, Deed::Done(Kind::Twice));
        }
        let event = Deeds::new(faults.look()).since(&before, named).expect("an event");
        assert_eq!(event["done"].as_array().map(Vec::len), Some(MAX_LINES));
        assert_eq!(event["more"], 72);
    }
}
