//! Linux's tree of clocks.

use anyhow::{Context, Result};
use scmi_test_kit::Guest;

/// A clock as `clk_summary` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockSummary {
    /// Its name.
    pub name: String,
    /// The clock above it.
    pub parent: Option<String>,
    /// How often it is enabled, by drivers and by clocks below it.
    pub enabled: u32,
    /// How often it is prepared, likewise; for an SCMI clock over virtio that is what switches it on.
    pub prepared: u32,
    /// In hertz.
    pub rate: u64,
    /// In thousandths of a per cent.
    pub duty: u32,
}

/// All clocks of the guest, those above before those below.
///
/// # Errors
/// When the guest does not say.
pub fn clock_summary(guest: &mut Guest) -> Result<Vec<ClockSummary>> {
    parse(&guest.ok("cat /sys/kernel/debug/clk/clk_summary")?)
}

fn parse(text: &str) -> Result<Vec<ClockSummary>> {
    let mut clocks = Vec::new();
    // The names above the line, from the root.
    let mut above: Vec<String> = Vec::new();
    let (_, lines) = text.split_once("---\n").context("clk_summary has no head")?;
    for line in lines.lines() {
        let indent = line.len() - line.trim_start().len();
        // Lines of further consumers are indented to their column.
        if indent > 60 {
            continue;
        }
        let clock = clock(line).with_context(|| format!("clk_summary has {line:?}"))?;
        above.truncate(indent.saturating_sub(1) / 3);
        let parent = above.last().cloned();
        above.push(clock.name.clone());
        clocks.push(ClockSummary { parent, ..clock });
    }
    Ok(clocks)
}

fn clock(line: &str) -> Option<ClockSummary> {
    let mut words = line.split_whitespace();
    let name = words.next()?.to_owned();
    // enable, prepare, protect, rate, accuracy, phase, duty cycle
    let numbers: Vec<u64> = words.take(7).filter_map(|word| word.parse().ok()).collect();
    let [enabled, prepared, _, rate, _, _, duty] = *numbers else { return None };
    let small = |number: u64| u32::try_from(number).ok();
    Some(ClockSummary {
        name,
        parent: None,
        enabled: small(enabled)?,
        prepared: small(prepared)?,
        rate,
        duty: small(duty)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
   clock                          count    count    count        rate   accuracy phase  cycle    enable   consumer
-----------------------------------------------------------------------------------------------------------
 pll                                 0       1        0        1200000000  0          0     50000      Y   a        pll
                                                                                                           deviceless
    uart                             0       2        0        48000000    0          0     25000      Y      b     baud
 osc                                 0       0        0        24000000    0          0     50000      Y   a        osc";

    #[test]
    fn a_tree_has_parents_counts_and_rates() {
        let clocks = parse(TEXT).unwrap();
        let parents: Vec<_> =
            clocks.iter().map(|clock| (clock.name.as_str(), clock.parent.as_deref())).collect();
        assert_eq!(parents, [("pll", None), ("uart", Some("pll")), ("osc", None)]);
        let [_, uart, _] = &*clocks else { panic!("three clocks") };
        assert_eq!((uart.enabled, uart.prepared, uart.rate, uart.duty), (0, 2, 48_000_000, 25_000));
        assert!(parse("---\nnonsense").is_err(), "no numbers");
    }
}
