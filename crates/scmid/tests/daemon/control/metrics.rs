//! The page for Prometheus, held against the rules of its format.

use std::collections::{BTreeMap, BTreeSet};

use scmi::protocol::clock::agent::Clocks;
use scmi::protocol::clock::wire::Rounding;

use super::Controlled;

/// The samples of a page by name and labels; it panics where a rule of the text format is broken.
fn checked(page: &str) -> BTreeMap<String, f64> {
    let (mut samples, mut families) = (BTreeMap::new(), BTreeSet::new());
    let (mut family, mut helped) = ("", "");
    assert!(page.ends_with('\n'));
    for line in page.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, text) = help.split_once(' ').expect("a text");
            assert!(!text.is_empty() && families.insert(name), "one help a family: {line}");
            helped = name;
        } else if let Some(of) = line.strip_prefix("# TYPE ") {
            let (name, kind) = of.split_once(' ').expect("a type");
            family = name;
            assert_eq!(family, helped, "the type follows the help");
            assert!(["counter", "gauge"].contains(&kind), "{line}");
            assert_eq!(kind == "counter", family.ends_with("_total"), "{line}");
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a value");
            let (metric, labels) = name.split_once('{').unwrap_or((name, "}"));
            assert_eq!(metric, family, "samples follow their family");
            let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(metric.chars().all(legal), "{line}");
            let labels = labels.strip_suffix('}').expect("closed");
            let mut names = BTreeSet::new();
            for label in labels.split("\",").filter(|label| !label.is_empty()) {
                let (label, text) = label.split_once("=\"").expect("a label");
                assert!(label.chars().all(legal) && names.insert(label), "{line}");
                let text = text.trim_end_matches('"');
                assert!(!text.contains(['"', '\n']), "{line}");
            }
            let value: f64 = value.parse().expect("a number");
            assert!(value >= 0.0, "{line}");
            assert!(samples.insert(name.to_owned(), value).is_none(), "twice: {line}");
        }
    }
    samples
}

#[test]
fn every_line_is_as_the_format_wants_it_and_counters_count() {
    let controlled = Controlled::start();
    let page = || {
        let answer = controlled.get("/metrics");
        let kind = "content-type: text/plain; version=0.0.4; charset=utf-8";
        assert!(answer.head.contains(kind), "{answer:?}");
        checked(&answer.body)
    };
    let of = |samples: &BTreeMap<String, f64>, name: &str| samples.get(name).copied();
    let before = page();
    let set = |result| {
        format!(
            "scmid_messages_total{{agent=\"vm1\",protocol=\"clock\",kind=\"response\",\
             message=\"CLOCK_RATE_SET\",result=\"{result}\"}}"
        )
    };
    let connected = "scmid_agent_connected{agent=\"vm1\"}";
    assert_eq!(of(&before, connected), Some(0.0));
    controlled.daemon.with("vm1", |client| {
        let mut clocks = Clocks::open(client).expect("clocks");
        for rate in [400_000_000, 800_000_000] {
            clocks.set_rate(1, rate, Rounding::Nearest).expect("set");
        }
        assert!(clocks.set_rate(0, 24_000_000, Rounding::Nearest).is_err(), "a fixed one");
        let after = page();
        assert_eq!(of(&after, connected), Some(1.0));
        assert_eq!(of(&after, &set("success")), Some(2.0));
        assert_eq!(of(&after, &set("refused")), Some(1.0));
        let refusal = "scmid_refusals_total{agent=\"vm1\",protocol=\"clock\",\
             message=\"CLOCK_RATE_SET\",status=\"DENIED\"}";
        assert_eq!(of(&after, refusal), Some(1.0));
        for (name, value) in before.iter().filter(|(name, _)| name.contains("_total")) {
            assert!(after.get(name).is_some_and(|now| now >= value), "{name} went back");
        }
    });
}
