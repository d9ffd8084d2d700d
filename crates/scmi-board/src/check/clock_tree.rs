//! What can only be said of all clocks together: circles, and the rates of those that divide.

use core::num::NonZeroU64;

use scmi::protocol::clock::platform::Rates;

use super::clock::Draft;
use crate::model::Clock;
use crate::report::Problems;

/// The rates that the rates of a clock may become in a list: those of the wire.
const MAX_RATES: usize = 65_535;

/// The clocks, with the rates of those that divide.
pub(super) fn finish(mut drafts: Vec<Draft>, problems: &mut Problems) -> Option<Vec<Clock>> {
    let order = downwards(&drafts, problems)?;
    let mut good = true;
    for id in order {
        let Some(draft) = drafts.get(id) else { continue };
        let Some(divide) = draft.clock.divide else { continue };
        let parents = draft.parents.iter().filter_map(|parent| drafts.get(*parent));
        let rates = divided(parents.map(|parent| &parent.clock.description.rates), divide);
        match (rates, drafts.get_mut(id)) {
            (Ok(rates), Some(draft)) => draft.clock.description.rates = rates,
            (Err(expected), Some(draft)) => {
                let message =
                    format!("{}: found divide = {divide}, expected {expected}", draft.label);
                problems.push(&draft.place, message);
                good = false;
            }
            (_, None) => {}
        }
    }
    good.then(|| drafts.into_iter().map(|draft| draft.clock).collect())
}

/// The positions of the clocks, parents first.
fn downwards(drafts: &[Draft], problems: &mut Problems) -> Option<Vec<usize>> {
    let mut waiting: Vec<usize> = drafts.iter().map(|draft| draft.parents.len()).collect();
    let mut children = vec![Vec::new(); drafts.len()];
    for (id, draft) in drafts.iter().enumerate() {
        for parent in &draft.parents {
            children.get_mut(*parent)?.push(id);
        }
    }
    let mut order: Vec<usize> =
        waiting.iter().enumerate().filter(|(_, count)| **count == 0).map(|(id, _)| id).collect();
    let mut next = 0;
    while let Some(id) = order.get(next).copied() {
        next += 1;
        for child in children.get(id)? {
            let count = waiting.get_mut(*child)?;
            *count -= 1;
            if *count == 0 {
                order.push(*child);
            }
        }
    }
    if order.len() == drafts.len() {
        return Some(order);
    }
    let circle = drafts.iter().zip(&waiting).find(|(_, count)| **count > 0);
    if let Some((draft, _)) = circle {
        let message = format!(
            "{}: found parents that come from it themselves, or from such clocks, expected no circle",
            draft.label
        );
        problems.push(&draft.place, message);
    }
    None
}

/// All rates of the parents, divided.
fn divided<'a>(
    parents: impl Iterator<Item = &'a Rates>,
    divide: NonZeroU64,
) -> Result<Rates, String> {
    let mut all = Vec::new();
    let mut range = None;
    for rates in parents {
        match rates {
            Rates::List(list) => all.extend(list.iter().map(|rate| *rate / divide)),
            Rates::Range { lowest, highest, step } => {
                let even = *lowest % divide == 0 && *step % divide == 0;
                if !even || range.is_some_and(|other| other != (*lowest, *highest, *step)) {
                    return Err(
                        "a divisor of the lowest rate and the step of the one range of rates above"
                            .into(),
                    );
                }
                range = Some((*lowest, *highest, *step));
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    match range {
        Some(_) if !all.is_empty() => {
            Err("parents that all have lists of rates, or all one range".into())
        }
        Some((lowest, highest, step)) => Ok(Rates::Range {
            lowest: lowest / divide,
            highest: highest / divide,
            step: step / divide,
        }),
        None if all.len() > MAX_RATES => {
            Err(format!("parents with at most {MAX_RATES} rates in all"))
        }
        None => Ok(Rates::List(all)),
    }
}
