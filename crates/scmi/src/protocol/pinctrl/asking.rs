//! What the longer calls of the asking side ask, and how they read the answers.

use super::agent::{Info, Item};
use super::wire::{
    ConfigureWord, Count, GetWord, ItemAttributesGet, ItemWord, ListAssociations, NO_FUNCTION,
    Setting, SettingCount, SettingsConfigure, SettingsGet, SettingsHead,
};
use crate::agent::{CallError, Request, Steps, Whole, take};
use crate::protocol::page::{Paged, Total, word};
use crate::wire::{Message, ProtocolId, U32, Writer};

/// PINCTRL_ATTRIBUTES.
#[derive(Debug)]
pub struct Describing {
    pub(super) item: Item,
    pub(super) whole: Whole<ItemAttributesGet>,
}

impl Steps for Describing {
    type Output = Info;

    fn question(&self) -> Option<Request<'_>> {
        self.whole.question()
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        self.whole.answer(values)
    }

    fn finish(&mut self) -> Result<Info, CallError> {
        let info = self.whole.finish()?;
        let attributes = ItemWord(info.attributes.get());
        Ok(Info { item: self.item, name: info.name, attributes })
    }
}

/// The pages of PINCTRL_LIST_ASSOCIATIONS.
pub struct Associations<'e> {
    pub(super) item: Item,
    pub(super) each: &'e mut dyn FnMut(u16),
    pub(super) total: Total,
}

impl Paged for Associations<'_> {
    type Command = ListAssociations;

    fn command(&self, index: usize) -> ListAssociations {
        ListAssociations { id: self.item.id(), flags: self.item.flags(), index: word(index) }
    }

    fn page(&mut self, index: usize, mut values: &[u8]) -> Result<Option<usize>, CallError> {
        let count = Count::from_word(take::<U32>(&mut values)?.get());
        for _ in 0..count.returned {
            (self.each)(u16::from_le_bytes(take(&mut values)?));
        }
        self.total.next(index, count.returned, count.remaining)
    }
}

/// The pages of PINCTRL_SETTINGS_GET.
pub struct Settings<'e> {
    pub(super) item: Item,
    pub(super) each: &'e mut dyn FnMut(Setting),
    pub(super) total: Total,
}

impl Paged for Settings<'_> {
    type Command = SettingsGet;

    fn command(&self, index: usize) -> SettingsGet {
        // What can be skipped has 8 bits; so has the length of the list.
        let skip = u8::try_from(index).unwrap_or(u8::MAX);
        let attributes = U32::new(GetWord::all(self.item.selector, skip).0);
        SettingsGet { id: self.item.id(), attributes }
    }

    fn page(&mut self, index: usize, mut values: &[u8]) -> Result<Option<usize>, CallError> {
        let head: SettingsHead = take(&mut values)?;
        let count = SettingCount::from_word(head.count.get());
        for _ in 0..count.returned {
            (self.each)(take(&mut values)?);
        }
        self.total.next(index, count.returned, count.remaining)
    }
}

/// Bytes of parameters: whatever the channel, a command of more is not sent.
const VALUES: usize = 1032;

/// PINCTRL_SETTINGS_CONFIGURE, with as many settings as a command carries.
#[derive(Debug)]
pub struct Configuring {
    params: [u8; VALUES],
    len: usize,
    /// How it ended; that there were too many settings is known from the start.
    ended: Option<Result<(), CallError>>,
}

impl Configuring {
    pub(super) fn new(item: Item, function: Option<Option<u32>>, settings: &[Setting]) -> Self {
        let mut params = [0; VALUES];
        let bytes = size_of_val(settings).saturating_add(size_of::<SettingsConfigure>());
        let too_large = CallError::too_large(bytes, VALUES);
        let written = u8::try_from(settings.len()).ok().and_then(|count| {
            let attributes = ConfigureWord::new(item.selector, count, function.is_some());
            let head = SettingsConfigure {
                id: item.id(),
                function: U32::new(function.flatten().unwrap_or(NO_FUNCTION)),
                attributes: U32::new(attributes.0),
            };
            let mut writer = Writer::new(&mut params);
            writer.put(&head).ok()?;
            settings.iter().try_for_each(|setting| writer.put(setting)).ok()?;
            Some(writer.len())
        });
        let ended = if written.is_some() { None } else { Some(Err(too_large)) };
        Self { params, len: written.unwrap_or(0), ended }
    }
}

impl Steps for Configuring {
    type Output = ();

    fn question(&self) -> Option<Request<'_>> {
        if self.ended.is_some() {
            return None;
        }
        Some(Request {
            protocol: ProtocolId::PINCTRL,
            message: SettingsConfigure::ID,
            params: self.params.get(..self.len).unwrap_or_default(),
            values: 0,
            delayed: false,
        })
    }

    fn answer(&mut self, values: Result<&[u8], CallError>) -> Result<(), CallError> {
        self.ended = Some(values.map(|_| ()));
        Ok(())
    }

    fn finish(&mut self) -> Result<(), CallError> {
        self.ended.unwrap_or(Ok(()))
    }
}
