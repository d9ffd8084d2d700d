//! The results as tables for people.

use core::fmt;

use comfy_table::{CellAlignment, Table, presets};

use crate::bench::{Line, Results, Settings};
use crate::cases::Case;
use crate::stats::Spread;

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { rounds, seconds, cpu, nice, room } = self.settings;
        writeln!(
            f,
            "SCMI messages over vhost-user: one client, three daemons in turn, all on CPU {cpu} at nice {nice}"
        )?;
        writeln!(f, "{}", self.machine)?;
        writeln!(
            f,
            "{rounds} rounds of {seconds} s for each line, a fresh daemon each time; {room} bytes of answer room"
        )?;
        let [before, after] = self.load_average.map(load);
        writeln!(f, "load average {before} before and {after} after; the bench itself is 1")?;
        writeln!(f)?;
        for (subject, description) in &self.daemons {
            writeln!(f, "  {:<6} {description}", subject.name())?;
        }
        writeln!(f)?;
        writeln!(
            f,
            "Numbers are medians of the rounds, ± half the way from the lowest to the highest one."
        )?;
        writeln!(f, "CPU is CPU time for each message. Ratios are of rates, round by round.")?;
        for case in Case::ALL {
            let lines: Vec<&Line> = self.lines.iter().filter(|line| line.case == case).collect();
            writeln!(f)?;
            writeln!(f, "{case}")?;
            writeln!(f, "{}", table(&lines))?;
        }
        if let Some(ratio) = self.readings_to_peer() {
            writeln!(f)?;
            writeln!(
                f,
                "Sensor readings at depth 32: {} times the peer's rate ({} to {})",
                times(ratio.median),
                times(ratio.min),
                times(ratio.max)
            )?;
        }
        Ok(())
    }
}

fn table(lines: &[&Line]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header([
        "daemon",
        "messages/s",
        "p50 us",
        "p99 us",
        "its CPU ns",
        "client's CPU ns",
        "to peer",
        "to floor",
    ]);
    for line in lines {
        table.add_row([
            line.daemon.name().to_owned(),
            spread(line.rate, thousands),
            spread(line.p50_ns, micros),
            spread(line.p99_ns, micros),
            spread(line.daemon_cpu_ns, thousands),
            spread(line.client_cpu_ns, thousands),
            spread(line.rate_to_peer, times),
            spread(line.rate_to_floor, times),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

pub(crate) fn load(average: Option<f64>) -> String {
    average.map_or_else(|| "unknown".to_owned(), |average| format!("{average:.2}"))
}

/// The median, and half the way from the lowest to the highest in percent of it.
pub(crate) fn spread(spread: Spread, show: fn(f64) -> String) -> String {
    let Spread { median, min, max } = spread;
    let percent = (max - min) / 2.0 / median * 100.0;
    format!("{} ±{percent:.0}%", show(median))
}

pub(crate) fn micros(nanos: f64) -> String {
    format!("{:.1}", nanos / 1e3)
}

fn times(ratio: f64) -> String {
    format!("{ratio:.2}")
}

/// A whole number with its thousands apart.
pub(crate) fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(thousands(0.4), "0");
        assert_eq!(thousands(999.0), "999");
        assert_eq!(thousands(1000.0), "1 000");
        assert_eq!(thousands(1_234_567.8), "1 234 568");
    }

    #[test]
    fn a_spread_is_shown_in_percent_of_the_median() {
        let numbers = Spread { median: 2000.0, min: 1900.0, max: 2500.0 };
        assert_eq!(spread(numbers, thousands), "2 000 ±15%");
        assert_eq!(spread(numbers, micros), "2.0 ±15%");
        assert_eq!(spread(numbers, times), "2000.00 ±15%");
    }
}
