//! The asking side of the Pin control protocol.

pub use super::asking::{Associations, Configuring, Describing, Settings};
use super::wire::{
    Attributes, GetWord, ItemAttributesGet, ItemWord, NO_FUNCTION, NameGet, ProtocolAttributes,
    Release, Request, Selector, SetPermissions, Setting, SettingType, SettingsGet, SettingsHead,
};
use crate::agent::{Ask, Asked, Front, Whole, record, take};
#[cfg(doc)]
use crate::agent::{CallError, CallerExt, Malformed};
use crate::protocol::asking::{Naming, name_of, same};
use crate::protocol::opening::client;
use crate::protocol::page::{Pages, Total};
use crate::wire::{ShortName, U32};

client! {
    /// The pins, groups and functions of a platform, as an agent sees them.
    Pins: "Pin control", ProtocolAttributes, |[low, high]| {
        /// How many pins, groups and functions there are.
        counts: Attributes = Attributes { low: U32::new(low), high: U32::new(high) },
    }
}

/// A pin, a group or a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// What the id counts.
    pub selector: Selector,
    /// Its id.
    pub id: u32,
}

impl Item {
    /// A pin.
    pub const fn pin(id: u32) -> Self {
        Self { selector: Selector::PIN, id }
    }

    /// A group of pins.
    pub const fn group(id: u32) -> Self {
        Self { selector: Selector::GROUP, id }
    }

    /// A function.
    pub const fn function(id: u32) -> Self {
        Self { selector: Selector::FUNCTION, id }
    }

    pub(super) fn id(self) -> U32 {
        U32::new(self.id)
    }

    pub(super) fn flags(self) -> U32 {
        U32::new(self.selector.to_word())
    }
}

/// What a pin, a group or a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Which it is.
    pub item: Item,
    /// Its name, or the beginning of it: see [`Pins::name`].
    pub name: ShortName,
    /// The number of its elements, and what a function can.
    pub attributes: ItemWord,
}

impl<F: Front> Pins<'_, F> {
    /// Describes a pin, a group or a function.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, item: Item) -> F::Out<'_, Describing> {
        let command = ItemAttributesGet { id: item.id(), flags: item.flags() };
        self.front.run(Describing { item, whole: Whole::new(command) })
    }

    /// The whole name: the short one where the platform knows no longer one.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn name<'f>(&'f mut self, info: &'f Info) -> F::Out<'f, Naming<'f>> {
        let longer = info.attributes.has(ItemWord::EXTENDED_NAME);
        let command = NameGet { id: info.item.id(), flags: info.item.flags() };
        self.front.run(name_of(&info.name, &command, longer))
    }

    /// The pins of a group; the groups that a function can be given to, or its pins where
    /// [`ItemWord::SELECTS_PINS`] says so.
    ///
    /// # Errors
    /// As [`CallerExt::call`], and [`Malformed::List`] for a list that contradicts itself.
    pub fn associations<'f>(
        &'f mut self,
        item: Item,
        each: &'f mut dyn FnMut(u16),
    ) -> F::Out<'f, Pages<Associations<'f>>> {
        self.front.run(Pages::new(Associations { item, each, total: Total::default() }))
    }

    /// The function that a pin or group has, if any.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn function(&mut self, item: Item) -> Asked<'_, F, Option<u32>> {
        let attributes = U32::new(GetWord::function(item.selector).0);
        let read = |_, values: &[u8]| {
            let function = record::<SettingsHead>(values)?.function.get();
            Ok((function != NO_FUNCTION).then_some(function))
        };
        self.front.run(Ask::new(&SettingsGet { id: item.id(), attributes }, item.id, read))
    }

    /// One setting of a pin or group.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] for one that it does not have, and
    /// [`Malformed::OtherResource`] when another type is answered.
    pub fn setting(&mut self, item: Item, kind: SettingType) -> Asked<'_, F, u32> {
        let attributes = U32::new(GetWord::one(item.selector, kind).0);
        let read = |kind, mut values: &[u8]| {
            take::<SettingsHead>(&mut values)?;
            let setting: Setting = take(&mut values)?;
            same(kind, setting.kind)?;
            Ok(setting.value.get())
        };
        let command = SettingsGet { id: item.id(), attributes };
        self.front.run(Ask::new(&command, kind.0.into(), read))
    }

    /// All settings of a pin or group.
    ///
    /// # Errors
    /// As [`Pins::associations`].
    pub fn settings<'f>(
        &'f mut self,
        item: Item,
        each: &'f mut dyn FnMut(Setting),
    ) -> F::Out<'f, Pages<Settings<'f>>> {
        self.front.run(Pages::new(Settings { item, each, total: Total::default() }))
    }

    /// Gives a pin or group a function, or with `Some(None)` takes it away, and sets what is to be set: all in one
    /// command.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`CallError::TooLarge`] for more settings than a command carries,
    /// [`crate::wire::Status::IN_USE`] where another agent holds it.
    pub fn configure(
        &mut self,
        item: Item,
        function: Option<Option<u32>>,
        settings: &[Setting],
    ) -> F::Out<'_, Configuring> {
        self.front.run(Configuring::new(item, function, settings))
    }

    /// Holds a pin or group alone.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::IN_USE`] where another agent holds any of it.
    pub fn request(&mut self, item: Item) -> Asked<'_, F, ()> {
        self.front.run(Ask::done(&Request { id: item.id(), flags: item.flags() }))
    }

    /// Lets a pin or group go.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn release(&mut self, item: Item) -> Asked<'_, F, ()> {
        self.front.run(Ask::done(&Release { id: item.id(), flags: item.flags() }))
    }

    /// Lets an agent use a pin or group, or not; what the flags mean is not public.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_permissions(&mut self, agent: u32, id: u32, flags: u32) -> Asked<'_, F, ()> {
        let (id, flags) = (U32::new(id), U32::new(flags));
        self.front.run(Ask::done(&SetPermissions { agent: U32::new(agent), id, flags }))
    }
}
