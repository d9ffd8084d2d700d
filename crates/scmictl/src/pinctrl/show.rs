//! What pins, groups and functions are, and how pins are set up now.

use std::io::Write;

use scmi::agent::CallError;
use scmi::protocol::pinctrl::agent::Pins;
use scmi::protocol::pinctrl::wire::ItemWord;
use serde_json::{Map, Value, json};

use super::catalog::{Catalog, Entry, open};
use super::setting;
use crate::connect::Session;
use crate::failure::Failure;
use crate::resource::{self, Shown, optional};

/// `pinctrl list`.
pub(super) fn pins(
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let catalog = Catalog::load(session)?;
    let mut pins = open(session)?;
    let mut groups: Vec<Vec<&str>> = vec![Vec::new(); catalog.pins.len()];
    for group in &catalog.groups {
        let members = members(&mut pins, group).map_err(|error| {
            Failure::call(format_args!("listing the pins of group {}", group.name), &error)
        })?;
        for pin in members {
            if let Some(of_pin) = groups.get_mut(usize::from(pin)) {
                of_pin.push(&group.name);
            }
        }
    }
    let all: Vec<&Entry> = catalog.pins.iter().collect();
    let mut groups = groups.iter();
    resource::report(&["GROUPS"], &all, json, out, |_| {
        let groups = groups.next().map_or(&[][..], Vec::as_slice);
        Ok(Shown { cells: vec![groups.join(", ")], fields: json!({ "groups": groups }) })
    })
}

/// `pinctrl groups`.
pub(super) fn groups(
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let catalog = Catalog::load(session)?;
    let mut pins = open(session)?;
    let all: Vec<&Entry> = catalog.groups.iter().collect();
    resource::report(&["PINS"], &all, json, out, |group| {
        let pins = names(&catalog.pins, &members(&mut pins, group)?);
        Ok(Shown { cells: vec![pins.join(", ")], fields: json!({ "pins": pins }) })
    })
}

/// `pinctrl functions`.
pub(super) fn functions(
    session: &mut Session<'_>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let catalog = Catalog::load(session)?;
    let mut pins = open(session)?;
    let all: Vec<&Entry> = catalog.functions.iter().collect();
    resource::report(&["OF", "CAN BE GIVEN TO", "GPIO"], &all, json, out, |function| {
        let of_pins = function.info.attributes.has(ItemWord::SELECTS_PINS);
        let gpio = function.info.attributes.has(ItemWord::GPIO);
        let (kind, all) =
            if of_pins { ("pins", &catalog.pins) } else { ("groups", &catalog.groups) };
        let members = names(all, &members(&mut pins, function)?);
        let gpio_text = if gpio { "yes" } else { "" };
        Ok(Shown {
            cells: vec![kind.into(), members.join(", "), gpio_text.into()],
            fields: json!({ kind: members, "gpio": gpio }),
        })
    })
}

fn members(pins: &mut Pins<'_>, of: &Entry) -> Result<Vec<u16>, CallError> {
    let mut members = Vec::new();
    pins.associations(of.info.item, &mut |id| members.push(id))?;
    Ok(members)
}

fn names(entries: &[Entry], ids: &[u16]) -> Vec<String> {
    let name = |id: &u16| match entries.get(usize::from(*id)) {
        Some(entry) => entry.name.clone(),
        None => id.to_string(),
    };
    ids.iter().map(name).collect()
}

/// `pinctrl get`.
pub(super) fn get(
    session: &mut Session<'_>,
    wanted: &[String],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let catalog = Catalog::load(session)?;
    let mut items: Vec<&Entry> =
        wanted.iter().map(|wanted| catalog.find(wanted)).collect::<Result<_, _>>()?;
    if wanted.is_empty() {
        items.extend(&catalog.pins);
    }
    now(session, &catalog, &items, json, out)
}

/// How these pins and groups are set up now.
pub(super) fn now(
    session: &mut Session<'_>,
    catalog: &Catalog,
    wanted: &[&Entry],
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut pins = open(session)?;
    resource::report(&["FUNCTION", "SETTINGS"], wanted, json, out, |entry| {
        let item = entry.info.item;
        let function = pins.function(item)?.map(|id| {
            let function = usize::try_from(id).ok().and_then(|id| catalog.functions.get(id));
            function.map_or_else(|| id.to_string(), |function| function.name.clone())
        });
        let mut settings = Vec::new();
        // One without any settings may be refused.
        optional(pins.settings(item, &mut |setting| settings.push(setting)))?;
        let shown: Vec<String> = settings.iter().map(setting::show).collect();
        let values: Map<String, Value> = settings
            .iter()
            .map(|setting| {
                let shown = setting::show(setting);
                let word = shown.split('=').next().unwrap_or_default();
                (word.to_owned(), setting.value.get().into())
            })
            .collect();
        Ok(Shown {
            cells: vec![function.clone().unwrap_or_else(|| "none".into()), shown.join(", ")],
            fields: json!({ "function": function, "settings": values }),
        })
    })
}
