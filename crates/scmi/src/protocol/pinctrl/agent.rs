//! The asking side of the Pin control protocol.

use super::wire::{
    Attributes, ConfigureWord, Count, GetWord, ItemAttributesGet, ItemWord, ListAssociations,
    NO_FUNCTION, NameGet, ProtocolAttributes, Release, Request, Selector, SetPermissions, Setting,
    SettingCount, SettingType, SettingsConfigure, SettingsGet, SettingsHead,
};
use crate::agent::{CallError, Caller, CallerExt, Malformed, take};
use crate::protocol::page::{VALUES, next_index, page_of, word};
use crate::wire::{LongName, Message, ProtocolId, ShortName, U32, Version, Writer};

/// The pins, groups and functions of a platform, as an agent sees them.
pub struct Pins<'c> {
    caller: &'c mut dyn Caller,
    version: Version,
    counts: Attributes,
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

    fn id(self) -> U32 {
        U32::new(self.id)
    }

    fn flags(self) -> U32 {
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

impl core::fmt::Debug for Pins<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Pins")
            .field("version", &self.version)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

impl<'c> Pins<'c> {
    /// Asks for the version and how much there is.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where there is no Pin control protocol.
    pub fn open(caller: &'c mut dyn Caller) -> Result<Self, CallError> {
        let version = caller.protocol_version(ProtocolId::PINCTRL)?;
        let counts = caller.call(&ProtocolAttributes)?;
        Ok(Self { caller, version, counts })
    }

    /// The version of the protocol.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// How many pins, groups and functions there are.
    pub const fn counts(&self) -> Attributes {
        self.counts
    }

    /// Describes a pin, a group or a function.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, item: Item) -> Result<Info, CallError> {
        let info = self.caller.call(&ItemAttributesGet { id: item.id(), flags: item.flags() })?;
        Ok(Info { item, name: info.name, attributes: ItemWord(info.attributes.get()) })
    }

    /// The whole name: the short one where the platform knows no longer one.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn name(&mut self, info: &Info) -> Result<LongName, CallError> {
        if !info.attributes.has(ItemWord::EXTENDED_NAME) {
            return Ok(LongName::new(info.name.as_str()));
        }
        let (id, flags) = (info.item.id(), info.item.flags());
        Ok(self.caller.call(&NameGet { id, flags })?.name)
    }

    /// The pins of a group; the groups that a function can be given to, or its pins where
    /// [`ItemWord::SELECTS_PINS`] says so.
    ///
    /// # Errors
    /// As [`CallerExt::call`], and [`Malformed::List`] for a list that contradicts itself.
    pub fn associations(&mut self, item: Item, each: &mut dyn FnMut(u16)) -> Result<(), CallError> {
        let mut index: usize = 0;
        loop {
            let command =
                ListAssociations { id: item.id(), flags: item.flags(), index: word(index) };
            let mut buffer = [0; VALUES];
            let came = page_of(self.caller, &command, &mut buffer)?;
            let mut values = buffer.get(..came).unwrap_or_default();
            let count = Count::from_word(take::<U32>(&mut values)?.get());
            for _ in 0..count.returned {
                each(u16::from_le_bytes(take(&mut values)?));
            }
            if count.remaining == 0 {
                return Ok(());
            }
            index = next_index(index, count.returned.into(), u16::MAX.into())?;
        }
    }

    /// The function that a pin or group has, if any.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn function(&mut self, item: Item) -> Result<Option<u32>, CallError> {
        let attributes = U32::new(GetWord::function(item.selector).0);
        let head = self.caller.call(&SettingsGet { id: item.id(), attributes })?;
        let function = head.function.get();
        Ok((function != NO_FUNCTION).then_some(function))
    }

    /// One setting of a pin or group.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] for one that it does not have, and
    /// [`Malformed::OtherResource`] when another type is answered.
    pub fn setting(&mut self, item: Item, kind: SettingType) -> Result<u32, CallError> {
        let attributes = U32::new(GetWord::one(item.selector, kind).0);
        let mut buffer = [0; size_of::<SettingsHead>() + size_of::<Setting>()];
        let command = SettingsGet { id: item.id(), attributes };
        let mut values = self.caller.call_into(&command, false, &mut buffer)?;
        take::<SettingsHead>(&mut values)?;
        let setting: Setting = take(&mut values)?;
        let (asked, named) = (u32::from(kind.0), setting.kind.get());
        if named != asked {
            return Err(Malformed::OtherResource { asked, named }.into());
        }
        Ok(setting.value.get())
    }

    /// All settings of a pin or group.
    ///
    /// # Errors
    /// As [`Pins::associations`].
    pub fn settings(&mut self, item: Item, each: &mut dyn FnMut(Setting)) -> Result<(), CallError> {
        let mut index: usize = 0;
        loop {
            let skip = u8::try_from(index).unwrap_or(u8::MAX);
            let attributes = U32::new(GetWord::all(item.selector, skip).0);
            let command = SettingsGet { id: item.id(), attributes };
            let mut buffer = [0; VALUES];
            let came = page_of(self.caller, &command, &mut buffer)?;
            let mut values = buffer.get(..came).unwrap_or_default();
            let head: SettingsHead = take(&mut values)?;
            let count = SettingCount::from_word(head.count.get());
            for _ in 0..count.returned {
                each(take(&mut values)?);
            }
            if count.remaining == 0 {
                return Ok(());
            }
            // What can be skipped has 8 bits.
            index = next_index(index, count.returned.into(), u8::MAX.into())?;
        }
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
    ) -> Result<(), CallError> {
        let bytes = size_of_val(settings).saturating_add(size_of::<SettingsConfigure>());
        let too_large = CallError::TooLarge { bytes, most: VALUES };
        let count = u8::try_from(settings.len()).map_err(|_| too_large)?;
        let attributes = ConfigureWord::new(item.selector, count, function.is_some());
        let head = SettingsConfigure {
            id: item.id(),
            function: U32::new(function.flatten().unwrap_or(NO_FUNCTION)),
            attributes: U32::new(attributes.0),
        };
        let mut buffer = [0; VALUES];
        let mut params = Writer::new(&mut buffer);
        let put = params.put(&head).and_then(|()| settings.iter().try_for_each(|s| params.put(s)));
        put.map_err(|_| too_large)?;
        let request = crate::agent::Request {
            protocol: ProtocolId::PINCTRL,
            message: SettingsConfigure::ID,
            params: params.written(),
            values: 0,
            delayed: false,
        };
        self.caller.exchange(&request, &mut [])?;
        Ok(())
    }

    /// Holds a pin or group alone.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::IN_USE`] where another agent holds any of it.
    pub fn request(&mut self, item: Item) -> Result<(), CallError> {
        self.caller.call(&Request { id: item.id(), flags: item.flags() })?;
        Ok(())
    }

    /// Lets a pin or group go.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn release(&mut self, item: Item) -> Result<(), CallError> {
        self.caller.call(&Release { id: item.id(), flags: item.flags() })?;
        Ok(())
    }

    /// Lets an agent use a pin or group, or not; what the flags mean is not public.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_permissions(&mut self, agent: u32, id: u32, flags: u32) -> Result<(), CallError> {
        let (id, flags) = (U32::new(id), U32::new(flags));
        self.caller.call(&SetPermissions { agent: U32::new(agent), id, flags })?;
        Ok(())
    }
}
