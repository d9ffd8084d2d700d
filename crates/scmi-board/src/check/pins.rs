//! `[[pin]]`, `[[pin-group]]` and `[[pin-function]]`.

use scmi::protocol::pinctrl::platform::{Function, Members};
use scmi::protocol::pinctrl::wire::SettingType;
use toml::de::DeValue;

use super::Context;
use super::common::{Names, access, flag, item, or};
use super::fields::Value;
use crate::model::{Pin, PinFunction, PinGroup, PinSetting};
use crate::report::{Problems, did_you_mean};

/// Members of a group or a function: what 16 bits count.
const MAX_MEMBERS: usize = 65_535;

const EXPECTED: &str =
    "a table such as { drive-strength = 4, pull-up = { value = 0, min = 0, max = 1 } }";

/// The pin at position `at`, from 1.
pub(super) fn pin(
    value: &Value<'_>,
    at: usize,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Pin> {
    let (mut fields, name) = item(value, "pin", at, problems)?;
    let settings = or(fields.get("settings"), Vec::new(), |value| settings(value, problems));
    let access = access(&mut fields, context, problems);
    fields.finish(problems);
    Some(Pin { name: name?, settings: settings?, access: access? })
}

/// The group at position `at`, from 1, of the pins called `pins`.
pub(super) fn group(
    value: &Value<'_>,
    at: usize,
    pins: &Names<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<PinGroup> {
    let (mut fields, name) = item(value, "pin group", at, problems)?;
    let members = fields
        .require("pins", problems, "an array of names of pins")
        .and_then(|value| pins.find_all(&value, 1..=MAX_MEMBERS, problems));
    let settings = or(fields.get("settings"), Vec::new(), |value| settings(value, problems));
    let access = access(&mut fields, context, problems);
    fields.finish(problems);
    Some(PinGroup { name: name?, pins: members?, settings: settings?, access: access? })
}

/// The function at position `at`, from 1.
pub(super) fn function(
    value: &Value<'_>,
    at: usize,
    (pins, groups): (&Names<'_>, &Names<'_>),
    problems: &mut Problems,
) -> Option<PinFunction> {
    let (mut fields, name) = item(value, "pin function", at, problems)?;
    let key = fields.first_of(&["groups", "pins"]).unwrap_or("groups");
    let names = if key == "groups" { groups } else { pins };
    let list = fields.require(key, problems, "an array of names of groups, or pins");
    let members = list.as_ref().and_then(|value| names.find_all(value, 1..=MAX_MEMBERS, problems));
    let other = if key == "groups" { "pins" } else { "groups" };
    fields.refuse(other, problems, "found beside groups, expected one of the two");
    if let Some(value) = list.filter(|_| key == "pins") {
        value.warn(problems, "Linux 6.12 takes them for groups, and cannot use the function");
    }
    let selected = or(fields.get("selected"), Vec::new(), |value| {
        let ids = names.find_all(value, 0..=MAX_MEMBERS, problems)?;
        let known = members.as_ref().is_none_or(|all| ids.iter().all(|id| all.contains(id)));
        if known { Some(ids) } else { value.fail(problems, format!("some of {key}")) }
    });
    let gpio = flag(&mut fields, "gpio", false, problems);
    fields.finish(problems);
    let members = if key == "groups" { Members::Groups(members?) } else { Members::Pins(members?) };
    let description = Function { name: name?, members, gpio: gpio? };
    Some(PinFunction { description, selected: selected? })
}

/// The names of settings, beside vendor-192 to vendor-255.
pub(crate) fn setting_words() -> Vec<String> {
    (0..=u8::MAX).map(SettingType).filter_map(word).collect()
}

/// The words for settings: the standard's names.
fn word(kind: SettingType) -> Option<String> {
    Some(kind.name()?.to_ascii_lowercase().replace('_', "-"))
}

fn kind(text: &str) -> Option<SettingType> {
    let standard = (0..=u8::MAX).map(SettingType).find(|kind| word(*kind).as_deref() == Some(text));
    let vendor = || {
        let number = text.strip_prefix("vendor-")?.parse().ok().map(SettingType)?;
        (number >= SettingType::FIRST_VENDOR).then_some(number)
    };
    standard.or_else(vendor)
}

fn settings(value: &Value<'_>, problems: &mut Problems) -> Option<Vec<PinSetting>> {
    let DeValue::Table(_) = value.node() else {
        return value.fail(problems, EXPECTED);
    };
    let mut settings = Vec::new();
    let mut good = true;
    for (key, value) in value.entries() {
        match kind(key) {
            Some(kind) => match setting(kind, &value, problems) {
                Some(setting) => settings.push(setting),
                None => good = false,
            },
            None => {
                let words = setting_words();
                let help = did_you_mean(key, words.iter().map(String::as_str))
                    .map(|key| format!("did you mean {key}?"));
                let message = format!(
                    "{}: found an unknown setting, expected one such as drive-strength, or vendor-192 to vendor-255",
                    value.label()
                );
                problems.push_with_help(value.span(), message, help);
                good = false;
            }
        }
    }
    settings.sort_by_key(|setting: &PinSetting| setting.kind);
    settings.dedup_by_key(|setting| setting.kind);
    good.then_some(settings)
}

fn setting(kind: SettingType, value: &Value<'_>, problems: &mut Problems) -> Option<PinSetting> {
    match value.node() {
        DeValue::Boolean(on) => return Some(PinSetting::new(kind, u32::from(*on), 0, 1)),
        DeValue::Table(_) => {}
        _ => {
            let number = value.integer(problems)?;
            return Some(PinSetting::new(kind, number, 0, u32::MAX));
        }
    }
    let expected = "a whole number, true, false, or a table { value, min, max }";
    let mut fields = value.fields(problems, value.label(), expected)?;
    let number = fields.require("value", problems, "a whole number");
    let start = number.as_ref().and_then(|value| value.integer(problems));
    let min = or(fields.get("min"), 0, |value| value.integer(problems));
    let max = or(fields.get("max"), u32::MAX, |value| value.integer(problems));
    fields.finish(problems);
    let (start, min, max) = (start?, min?, max?);
    if !(min..=max).contains(&start) {
        return number?.fail(problems, format!("from min to max, which are {min} and {max}"));
    }
    Some(PinSetting::new(kind, start, min, max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_has_the_name_that_the_standard_gives_it() {
        assert_eq!(kind("drive-strength"), Some(SettingType::DRIVE_STRENGTH));
        assert_eq!(kind("vendor-192"), Some(SettingType(192)));
        assert_eq!((kind("vendor-191"), kind("vendor-256"), kind("reserved")), (None, None, None));
    }
}
