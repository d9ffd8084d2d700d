//! What pins, groups and functions there are.

use scmi::agent::CallError;
use scmi::protocol::pinctrl::agent::{Info, Item, Pins};
use scmi::protocol::pinctrl::wire::Selector;

use crate::connect::Session;
use crate::failure::{Failure, Kind};
use crate::resource::{self, Resource};
use crate::units::printable;

/// All of them; the position is the id.
pub(super) struct Catalog {
    pub(super) pins: Vec<Entry>,
    pub(super) groups: Vec<Entry>,
    pub(super) functions: Vec<Entry>,
}

/// A pin, a group or a function.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) info: Info,
}

impl Resource for Entry {
    const KIND: &'static str = "pin, group or function";

    fn id(&self) -> u32 {
        self.info.item.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn called(&self) -> String {
        let kind = match self.info.item.selector {
            Selector::PIN => "pin",
            Selector::GROUP => "group",
            _ => "function",
        };
        format!("{kind} {} ({})", self.id(), self.name)
    }
}

impl Catalog {
    /// Asks for all of them.
    pub(super) fn load(session: &mut Session<'_>) -> Result<Self, Failure> {
        let mut pins = open(session)?;
        let counts = pins.counts();
        let mut load = |count, item: fn(u32) -> Item| {
            resource::load(count, |id| Entry::load(&mut pins, item(id)))
        };
        Ok(Self {
            pins: load(counts.pins().into(), Item::pin)?,
            groups: load(counts.groups().into(), Item::group)?,
            functions: load(counts.functions().into(), Item::function)?,
        })
    }

    /// A pin or group as the command line names it.
    pub(super) fn find(&self, wanted: &str) -> Result<&Entry, Failure> {
        match wanted.split_once(':') {
            Some(("pin", name)) => return resource::find(&self.pins, name),
            Some(("group", name)) => return resource::find(&self.groups, name),
            _ => {}
        }
        let named = |entries: &[Entry]| entries.iter().position(|entry| entry.name == wanted);
        match (named(&self.pins), named(&self.groups)) {
            (Some(_), Some(_)) => {
                let what =
                    format!("{wanted:?} is a pin and a group: say pin:{wanted} or group:{wanted}");
                Err(Failure::new(Kind::Usage, what))
            }
            (_, Some(_)) => resource::find(&self.groups, wanted),
            (Some(_), _) => resource::find(&self.pins, wanted),
            _ if wanted.parse::<u32>().is_ok() => {
                let what = format!("{wanted} is which? Say pin:{wanted} or group:{wanted}");
                Err(Failure::new(Kind::Usage, what))
            }
            // Only for what it says of names that are alike.
            _ => {
                resource::find(&self.groups, wanted).or_else(|_| resource::find(&self.pins, wanted))
            }
        }
    }
}

impl Entry {
    fn load(pins: &mut Pins<'_>, item: Item) -> Result<Self, CallError> {
        let info = pins.info(item)?;
        let name = printable(pins.name(&info)?.as_str());
        Ok(Self { name, info })
    }
}

pub(super) fn open<'s>(session: &'s mut Session<'_>) -> Result<Pins<'s>, Failure> {
    Pins::open(session).map_err(|error| Failure::call("asking for the pins", &error))
}
