//! What Linux counted of its SCMI traffic.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use crate::console::Console;

/// Linux's debugfs counters of the SCMI instance, by their names there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counters(BTreeMap<String, u64>);

impl Counters {
    pub(crate) fn read(console: &mut Console) -> Result<Self> {
        let text = console.ok("cd /sys/kernel/debug/scmi/0/transport/counters && grep -s . *")?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let counters: BTreeMap<String, u64> = text
            .lines()
            .map(|line| {
                let (name, value) = line.split_once(':')?;
                Some((name.to_owned(), value.parse().ok()?))
            })
            .collect::<Option<_>>()
            .with_context(|| format!("these are no counters:\n{text}"))?;
        ensure!(!counters.is_empty(), "Linux has no SCMI counters");
        Ok(Self(counters))
    }

    /// One counter.
    ///
    /// # Errors
    /// When Linux has none of that name.
    pub fn get(&self, name: &str) -> Result<u64> {
        let value = self.0.get(name).copied();
        value.with_context(|| format!("no counter {name}; there are {:?}", self.0.keys()))
    }

    /// The counters that are not 0 although each stands for something that must not happen:
    /// sends refused, answers late, unexpected or invalid. Refusals by the platform
    /// (`err_protocol`) are not among them; a refusal may be due.
    #[must_use]
    pub fn faults(&self) -> BTreeMap<&str, u64> {
        let bad = |name: &str| {
            name.starts_with("err_msg_")
                || name.starts_with("sent_fail")
                || (name.starts_with("xfers_") && name.ends_with("timeout"))
        };
        let faults = self.0.iter().filter(|(name, value)| bad(name) && **value != 0);
        faults.map(|(name, value)| (name.as_str(), *value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_from_the_rest() -> Result<()> {
        let counters = Counters::parse(
            "err_msg_invalid:0\nerr_msg_unexpected:2\nerr_protocol:5\nsent_fail:1\nsent_ok:9\n\
             xfers_response_polled_timeout:0\nxfers_response_timeout:3",
        )?;
        let faults = counters.faults();
        let expected = [("err_msg_unexpected", 2), ("sent_fail", 1), ("xfers_response_timeout", 3)];
        assert_eq!(faults, BTreeMap::from(expected));
        assert_eq!(counters.get("err_protocol")?, 5);
        assert!(counters.get("nonsense").is_err(), "a name Linux does not have");
        Ok(())
    }

    #[test]
    fn an_error_message_is_not_taken_for_counters() {
        assert!(Counters::parse("sh: cd: can't cd to /sys").is_err(), "no number there");
        assert!(Counters::parse("").is_err(), "nothing there");
    }
}
