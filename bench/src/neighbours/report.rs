//! The results as a table for people.

use core::fmt;

use comfy_table::{CellAlignment, Table, presets};

use super::Feelings;
use crate::bench::Settings;
use crate::report::{load, micros, spread, thousands};
use crate::stats::Spread;

impl fmt::Display for Feelings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { rounds, seconds, cpu, nice, .. } = self.settings;
        writeln!(
            f,
            "What an agent feels of its neighbours: PROTOCOL_VERSION of Base over vhost-user. Daemon and agent on CPU {cpu}, \
             neighbours on CPU {}, all at nice {nice}",
            self.others_cpu
        )?;
        writeln!(f, "{}", self.machine)?;
        writeln!(f, "{rounds} rounds of {seconds} s for each line")?;
        let [before, after] = self.load_average.map(load);
        writeln!(f, "load average {before} before and {after} after")?;
        writeln!(f)?;
        writeln!(f, "{}", self.table())
    }
}

impl Feelings {
    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        table.set_header([
            "neighbours",
            "in flight",
            "messages/s",
            "p50 us",
            "p99 us",
            "worst us",
            "daemon busy",
        ]);
        for line in &self.lines {
            table.add_row([
                line.situation.to_string(),
                line.depth.to_string(),
                spread(line.rate, thousands),
                spread(line.p50_ns, micros),
                spread(line.p99_ns, micros),
                worst(line.worst_ns),
                spread(line.daemon_busy, percent),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }
}

/// The worst of all rounds is the highest.
fn worst(spread: Spread) -> String {
    format!("{} to {}", micros(spread.min), micros(spread.max))
}

fn percent(part: f64) -> String {
    format!("{:.0} %", part * 100.0)
}
