//! `cpus` of `[[performance-domain]]`: which CPUs of a guest it drives.

use core::ops::Range;
use std::collections::BTreeSet;

use toml::de::DeValue;

use super::fields::Value;
use crate::model::Cpus;
use crate::report::Problems;

const EXPECTED: &str = "\"all\", or an array of numbers of CPUs such as [0, 1]";

/// `cpus` of one domain, and where it stands.
pub(super) type Claim = (Cpus, Range<usize>);

/// What `value` says.
pub(super) fn cpus(value: &Value<'_>, problems: &mut Problems) -> Option<Claim> {
    let found = match value.node() {
        DeValue::String(text) if text == "all" => Cpus::All,
        _ => {
            let items = value.items(problems, EXPECTED)?;
            if items.is_empty() {
                return value.fail(problems, EXPECTED);
            }
            let numbers: Vec<Option<u32>> =
                items.iter().map(|item| item.integer(problems)).collect();
            Cpus::These(numbers.into_iter().collect::<Option<_>>()?)
        }
    };
    Some((found, value.span().clone()))
}

/// Refuses a CPU that two domains claim, or one twice: it has one speed.
pub(super) fn no_cpu_twice<'c>(
    claims: impl Iterator<Item = &'c Claim>,
    problems: &mut Problems,
) -> Option<()> {
    let mut all = false;
    let mut taken = BTreeSet::new();
    let mut good = true;
    for (cpus, place) in claims {
        let twice = match cpus {
            Cpus::All => (all || !taken.is_empty()).then_some("a CPU".to_owned()),
            Cpus::These(_) if all => Some("a CPU".to_owned()),
            Cpus::These(numbers) => numbers
                .iter()
                .find(|number| !taken.insert(**number))
                .map(|number| format!("CPU {number}")),
        };
        all |= *cpus == Cpus::All;
        if let Some(cpu) = twice {
            problems
                .push(place, format!("cpus: found {cpu} twice, expected each in one domain only"));
            good = false;
        }
    }
    good.then_some(())
}
