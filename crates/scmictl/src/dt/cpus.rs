//! CPUs, and the performance domains that drive them.

use scmi_board::Cpus;

use super::contents::PerfLine;
use super::merge::CPUS;
use super::tree::{Cell, Node};

/// The label of the Performance protocol's node, to which CPUs refer.
pub(super) const PERFORMANCE: &str = "scmi_perf";

/// What is added to the CPUs called `names`, in their order: Linux's cpufreq looks for a power domain called "perf".
/// None where no domain drives any of them.
pub(super) fn node(domains: &[PerfLine], names: &[String]) -> Option<Node> {
    let drives = |domain: &PerfLine, cpu: u32| match &domain.cpus {
        Some(Cpus::All) => true,
        Some(Cpus::These(numbers)) => numbers.contains(&cpu),
        _ => false,
    };
    let cpus = (0..).zip(names).filter_map(|(cpu, name)| {
        let (id, _) = (0..).zip(domains).find(|(_, domain)| drives(domain, cpu))?;
        let node = Node::new(name.as_str())
            .amending()
            .cells("power-domains", [Cell::Reference(PERFORMANCE.into()), Cell::Number(id)])
            .text("power-domain-names", "perf");
        Some(node)
    });
    let cpus: Vec<Node> = cpus.collect();
    (!cpus.is_empty()).then(|| Node { children: cpus, ..Node::new(CPUS) })
}

/// A domain in words.
pub(super) fn line(domain: &PerfLine) -> String {
    let name = &domain.name;
    match &domain.cpus {
        Some(Cpus::All) => format!("{name}, for all CPUs"),
        Some(Cpus::These(numbers)) => {
            let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
            format!("{name}, for the CPUs {}", numbers.join(", "))
        }
        _ => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dt::tree::Value;

    fn domain(name: &str, cpus: Option<Cpus>) -> PerfLine {
        PerfLine { name: name.into(), cpus }
    }

    #[test]
    fn each_cpu_refers_to_its_domain() {
        let domains = [
            domain("gpu", None),
            domain("little", Some(Cpus::These(vec![0, 1, 7]))),
            domain("big", Some(Cpus::These(vec![3]))),
        ];
        let names = ["cpu@0", "cpu@1", "cpu@100", "cpu@101"].map(String::from);
        let node = node(&domains, &names).expect("a node");
        let found: Vec<(&str, &Value)> =
            node.children.iter().map(|cpu| (cpu.name.as_str(), &cpu.properties[0].1)).collect();
        let domain = |id| Value::Cells(vec![Cell::Reference("scmi_perf".into()), Cell::Number(id)]);
        let (little, big) = (domain(1), domain(2));
        assert_eq!(found, [("cpu@0", &little), ("cpu@1", &little), ("cpu@101", &big)]);
        let lines: Vec<String> = domains.iter().map(line).collect();
        assert_eq!(lines, ["gpu", "little, for the CPUs 0, 1, 7", "big, for the CPUs 3"]);
    }

    #[test]
    fn a_tree_without_the_cpus_gets_nothing() {
        assert_eq!(node(&[domain("cpu", Some(Cpus::All))], &[]), None);
        assert_eq!(node(&[domain("gpu", None)], &["cpu@0".into()]), None);
    }
}
