//! Linux's power domains.

use anyhow::{Context, Result};
use scmi_test_kit::Guest;

/// A domain as `pm_genpd_summary` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainSummary {
    /// Its name.
    pub name: String,
    /// `on`, or `off-` and the number of its state.
    pub status: String,
    /// Its performance state.
    pub performance: u32,
    /// Its devices, each with what runtime power management says of it: `active`, `suspended`.
    pub devices: Vec<(String, String)>,
}

/// A domain of the guest.
///
/// # Errors
/// When the guest has none of that name.
pub fn domain(guest: &mut Guest, name: &str) -> Result<DomainSummary> {
    let text = guest.ok("cat /sys/kernel/debug/pm_genpd/pm_genpd_summary")?;
    let found = parse(&text)?.into_iter().find(|domain| domain.name == name);
    found.with_context(|| format!("no domain {name} in\n{text}"))
}

fn parse(text: &str) -> Result<Vec<DomainSummary>> {
    let mut domains: Vec<DomainSummary> = Vec::new();
    let (_, lines) = text.split_once("---\n").context("pm_genpd_summary has no head")?;
    for line in lines.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match (line.starts_with(' '), &*words, domains.last_mut()) {
            (false, [name, status, performance], _) => domains.push(DomainSummary {
                name: (*name).to_owned(),
                status: (*status).to_owned(),
                performance: performance.parse()?,
                devices: Vec::new(),
            }),
            (true, [device, runtime, ..], Some(domain)) => {
                domain.devices.push(((*device).to_owned(), (*runtime).to_owned()));
            }
            _ => anyhow::bail!("pm_genpd_summary has {line:?}"),
        }
    }
    Ok(domains)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_devices() {
        let text = "\
domain                          status          children        performance
    /device                         runtime status                  managed by
------------------------------------------------------------------------------
gpu_1                           on                              40
    genpd:2:gfx                     active                      40          SW
usb                             off-0                           0";
        let [gpu, usb] = &*parse(text).unwrap() else { panic!("two domains") };
        assert_eq!((gpu.name.as_str(), gpu.status.as_str(), gpu.performance), ("gpu_1", "on", 40));
        assert_eq!(gpu.devices, [("genpd:2:gfx".to_owned(), "active".to_owned())]);
        assert_eq!((usb.status.as_str(), usb.devices.len()), ("off-0", 0));
        assert!(parse("---\n    a device without a domain").is_err(), "no domain");
    }
}
