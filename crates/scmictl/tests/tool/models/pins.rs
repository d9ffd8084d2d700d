//! Four pins, two groups of them, two functions.

use std::collections::BTreeMap;

use scmi::Time;
use scmi::protocol::pinctrl::platform::{Function, Group, Members, Pin, PinModel, Target};
use scmi::protocol::pinctrl::wire::SettingType;
use scmi::wire::Status;

#[derive(Debug)]
pub(super) struct Pins {
    pins: Vec<Pin>,
    groups: Vec<Group>,
    functions: Vec<Function>,
    selected: BTreeMap<Target, usize>,
    values: BTreeMap<(Target, SettingType), u32>,
}

impl Pins {
    pub(super) fn new() -> Self {
        let settings = vec![SettingType::PULL_UP, SettingType::DRIVE_STRENGTH];
        let pin = |name: &str| Pin { name: name.into(), settings: settings.clone() };
        let group = |name: &str, pins: [usize; 2]| Group {
            name: name.into(),
            pins: pins.into(),
            settings: settings.clone(),
        };
        let function = |name: &str, members, gpio| Function { name: name.into(), members, gpio };
        Self {
            pins: ["tx", "rx", "led", "both"].map(pin).into(),
            groups: vec![group("uart0", [0, 1]), group("both", [1, 2])],
            functions: vec![
                function("uart", Members::Groups(vec![0]), false),
                function("gpio", Members::Pins(vec![2, 3]), true),
            ],
            selected: BTreeMap::new(),
            values: BTreeMap::new(),
        }
    }
}

impl PinModel for Pins {
    fn pins(&self) -> &[Pin] {
        &self.pins
    }

    fn groups(&self) -> &[Group] {
        &self.groups
    }

    fn functions(&self) -> &[Function] {
        &self.functions
    }

    fn function(&self, of: Target) -> Option<usize> {
        self.selected.get(&of).copied()
    }

    fn select(&mut self, _now: Time, of: Target, function: Option<usize>) -> Result<(), Status> {
        match function {
            Some(function) => self.selected.insert(of, function),
            None => self.selected.remove(&of),
        };
        Ok(())
    }

    fn setting(&self, of: Target, kind: SettingType) -> Result<u32, Status> {
        Ok(self.values.get(&(of, kind)).copied().unwrap_or_default())
    }

    fn set(&mut self, _now: Time, of: Target, kind: SettingType, value: u32) -> Result<(), Status> {
        self.values.insert((of, kind), value);
        Ok(())
    }
}
