//! What happened so far, for Prometheus: its text format, version 0.0.4.

use core::fmt::Write as _;

use super::agents::{self, message_tally, refusal_tally};
use super::desk::Desk;

/// The type of the format.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A page that is being written. A family is one `HELP`, one `TYPE`, and its samples one after the other.
#[derive(Debug, Default)]
struct Page {
    text: String,
    family: &'static str,
}

impl Page {
    fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.family = name;
        // Writing to a string cannot fail.
        let _ = write!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn sample(&mut self, labels: &[(&str, &str)], value: impl core::fmt::Display) {
        self.text.push_str(self.family);
        for (position, (label, value)) in labels.iter().enumerate() {
            let before = if position == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{before}{label}=\"{}\"", escaped(value));
        }
        let after = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.text, "{after} {value}");
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// The page as it is now.
pub(super) fn page(desk: &Desk) -> String {
    let mut page = Page::default();
    daemon(desk, &mut page);
    let connected: Vec<(String, bool, u64)> = agents::states(desk)
        .into_iter()
        .map(|agent| (agent.name, agent.connected, agent.lives))
        .collect();
    page.family("scmid_agent_connected", "gauge", "Whether the agent's driver is there.");
    for (agent, connected, _) in &connected {
        page.sample(&[("agent", agent)], u8::from(*connected));
    }
    page.family("scmid_agent_lives_total", "counter", "How often the agent's driver came.");
    for (agent, _, lives) in &connected {
        page.sample(&[("agent", agent)], lives);
    }
    channels(desk, &mut page);
    faults(desk, &mut page);
    page.text
}

fn daemon(desk: &Desk, page: &mut Page) {
    page.family("scmid_build_info", "gauge", "The version of the daemon.");
    page.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    page.family("scmid_uptime_seconds", "gauge", "How long the daemon has served, in seconds.");
    page.sample(&[], desk.started.elapsed().as_secs_f64());
    page.family("scmid_sensors_held", "gauge", "Sensors that read what the operator says.");
    let held =
        (0..desk.board().sensors.len()).filter(|id| desk.daemon.held_sensor(*id).is_some()).count();
    page.sample(&[], held);
    let events = desk.events.tally();
    page.family("scmid_event_listeners", "gauge", "Clients that listen to events.");
    page.sample(&[], events.listeners);
    page.family("scmid_events_total", "counter", "Events, by what became of them.");
    page.sample(&[("result", "sent")], events.sent);
    page.sample(&[("result", "dropped")], events.dropped);
    page.family(
        "scmid_reloads_total",
        "counter",
        "Reloads of the board file, by what came of them.",
    );
    for (result, count) in desk.daemon.reload_counters() {
        page.sample(&[("result", result)], count);
    }
    if let Some(counts) = desk.daemon.system_counters() {
        page.family("scmid_system_total", "counter", "Requests for and orders of a power state.");
        for (what, count) in counts {
            page.sample(&[("what", what)], count);
        }
    }
}

/// What went over the agents' channels.
fn channels(desk: &Desk, page: &mut Page) {
    let reports = desk.daemon.reports();
    page.family("scmid_device_total", "counter", "What an agent's device met on its queues.");
    for report in &reports {
        for (what, count) in report.device.items() {
            page.sample(&[("agent", &report.name), ("what", what)], count);
        }
    }
    page.family("scmid_channel_total", "counter", "What the platform did on an agent's channel.");
    for report in &reports {
        for (what, count) in agents::platform(report) {
            page.sample(&[("agent", &report.name), ("what", what)], count);
        }
    }
    page.family("scmid_messages_total", "counter", "Messages to an agent, by kind and result.");
    for report in &reports {
        for tally in report.platform.messages().map(message_tally) {
            for (result, count) in [("success", tally.succeeded), ("refused", tally.refused)] {
                let labels = [
                    ("agent", report.name.as_str()),
                    ("protocol", &tally.protocol),
                    ("kind", &tally.kind),
                    ("message", &tally.message),
                    ("result", result),
                ];
                page.sample(&labels, count);
            }
        }
    }
    page.family("scmid_refusals_total", "counter", "Commands that were refused, by status.");
    for report in &reports {
        for tally in report.platform.refusals().iter().map(refusal_tally) {
            let labels = [
                ("agent", report.name.as_str()),
                ("protocol", &tally.protocol),
                ("message", &tally.message),
                ("status", &tally.status),
            ];
            page.sample(&labels, tally.count);
        }
    }
}

/// What went wrong on purpose. Rules have names of the operator's: there are samples of those that stand, at most 256, and of what
/// they did; the totals by agent and kind know no rules, and never go back.
fn faults(desk: &Desk, page: &mut Page) {
    let (rules, totals) = desk.daemon.faults();
    page.family("scmid_faults_total", "counter", "What faults did, by rules that are gone too.");
    for tally in &totals.done {
        let agent = desk.name(tally.agent);
        page.sample(&[("agent", &agent), ("kind", tally.kind.word())], tally.count);
    }
    page.family("scmid_faults_not_done_total", "counter", "What faults could not do.");
    page.sample(&[], totals.skipped);
    page.family("scmid_faults_given_back_total", "counter", "Buffers that faults gave back.");
    page.sample(&[], totals.given_back);
    page.family("scmid_fault_seen_total", "counter", "Messages that a fault is about.");
    for rule in &rules {
        page.sample(&[("fault", &rule.rule.name)], rule.seen);
    }
    page.family("scmid_fault_chosen_total", "counter", "Messages that a fault chose.");
    for rule in &rules {
        page.sample(&[("fault", &rule.rule.name)], rule.chosen);
    }
    page.family("scmid_fault_done_total", "counter", "What a fault did, to whom.");
    for rule in &rules {
        for tally in &rule.done {
            let agent = desk.name(tally.agent);
            let labels = [
                ("fault", rule.rule.name.as_str()),
                ("agent", &agent),
                ("kind", tally.kind.word()),
            ];
            page.sample(&labels, tally.count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_samples_without_labels_have_no_braces() {
        let mut page = Page::default();
        page.family("a_total", "counter", "Help.");
        page.sample(&[("x", "a\"b\\c\nd"), ("y", "")], 1);
        page.sample(&[], 2);
        let text = "# HELP a_total Help.\n# TYPE a_total counter\n\
            a_total{x=\"a\\\"b\\\\c\\nd\",y=\"\"} 1\na_total 2\n";
        assert_eq!(page.text, text);
    }
}
