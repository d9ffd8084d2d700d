//! Settings of pins in words.

use core::str::FromStr;

use scmi::protocol::pinctrl::wire::{Setting, SettingType};

use crate::quantity::Quantity;

const MILLIAMPERE: Quantity = Quantity { unit: "A", exponent: -3 };

/// `SETTING=VALUE` as the command line gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SettingArgument {
    pub(super) kind: SettingType,
    pub(super) value: u32,
}

impl FromStr for SettingArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, value) = text
            .split_once('=')
            .ok_or("expected SETTING=VALUE, such as pull-up=1 or 'drive-strength=8 mA'")?;
        let kind = kind(word).ok_or_else(|| format!("{word:?} is no setting"))?;
        let quantity = quantity(kind);
        let value = match (value.parse::<u32>(), quantity) {
            (Ok(value), _) => Ok(value),
            (Err(_), Some(quantity)) => {
                let value = quantity.parse(value)?;
                u32::try_from(value).map_err(|_| format!("{value} does not fit into 32 bits"))
            }
            (Err(error), None) => Err(format!("{value:?}: {error}")),
        };
        Ok(Self { kind, value: value? })
    }
}

/// The word of a type.
pub(super) fn word(kind: SettingType) -> String {
    match kind.name() {
        Some(name) => name.to_ascii_lowercase().replace('_', "-"),
        None if kind.is_reserved() => format!("reserved{}", kind.0),
        None => format!("vendor{}", kind.0),
    }
}

/// The type of a word.
fn kind(wanted: &str) -> Option<SettingType> {
    (0..=u8::MAX).map(SettingType).find(|kind| !kind.is_reserved() && word(*kind) == wanted)
}

/// What the values of a type count, where that is said.
fn quantity(kind: SettingType) -> Option<Quantity> {
    match kind {
        SettingType::DRIVE_STRENGTH => Some(MILLIAMPERE),
        SettingType::INPUT_DEBOUNCE => Some(Quantity::MICROSECOND),
        _ => None,
    }
}

/// A setting as the command line takes it.
pub(super) fn show(setting: &Setting) -> String {
    let value = setting.value.get();
    let Ok(kind) = u8::try_from(setting.kind.get()).map(SettingType) else {
        return format!("{:#x}={value}", setting.kind.get());
    };
    let value = quantity(kind).map_or_else(|| value.to_string(), |quantity| quantity.show(value));
    format!("{}={value}", word(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_they_are_shown() {
        let settings =
            [("pull-up=1", 4, 1), ("drive-strength=8 mA", 10, 8), ("vendor200=7", 200, 7)];
        for (text, kind, value) in settings {
            let read = SettingArgument { kind: SettingType(kind), value };
            assert_eq!(text.parse(), Ok(read));
            let setting = Setting { kind: u32::from(kind).into(), value: value.into() };
            assert_eq!(show(&setting), text);
        }
        let debounce: Result<SettingArgument, _> = "input-debounce=5ms".parse();
        assert_eq!(debounce.map(|setting| setting.value), Ok(5000));
        for bad in ["pull-up", "pull-up=high", "pull=1", "reserved21=1", "pull-up=-1"] {
            assert!(bad.parse::<SettingArgument>().is_err(), "{bad}");
        }
    }
}
