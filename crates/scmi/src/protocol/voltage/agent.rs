//! The asking side of the Voltage protocol.

use super::V2;
use super::wire::{
    ConfigGet, ConfigSet, Count, DescribeLevels, DomainAttributesGet, DomainWord, LEVEL_SET_ASYNC,
    LevelGet, LevelSet, LevelSetComplete, Mode, NameGet, ProtocolAttributes,
};
use crate::agent::{CallError, Caller, CallerExt, Malformed, take};
use crate::protocol::asking::counted;
use crate::protocol::page::{VALUES, next_index, page_of, word};
use crate::wire::{I32, LongName, ProtocolId, ShortName, U32, Version};

/// The voltage domains of a platform, as an agent sees them.
pub struct Voltages<'c> {
    caller: &'c mut dyn Caller,
    version: Version,
    count: u16,
}

/// What a voltage domain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its id.
    pub id: u32,
    /// Its name, or the beginning of it: see [`Voltages::name`].
    pub name: ShortName,
    /// What it can; nothing in version 1.0.
    pub attributes: DomainWord,
}

/// Which levels a domain has, in microvolts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelInfo {
    /// One of a list.
    One(i32),
    /// All from the lowest to the highest, in steps.
    Range {
        /// The lowest.
        lowest: i32,
        /// The highest.
        highest: i32,
        /// From one to the next.
        step: i32,
    },
}

counted! { Voltages, "domains" }

impl<'c> Voltages<'c> {
    /// Asks for the version and the number of voltage domains.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where there is no Voltage protocol.
    pub fn open(caller: &'c mut dyn Caller) -> Result<Self, CallError> {
        let version = caller.protocol_version(ProtocolId::VOLTAGE)?;
        let [low, high, ..] = caller.call(&ProtocolAttributes)?.get().to_le_bytes();
        Ok(Self { caller, version, count: u16::from_le_bytes([low, high]) })
    }

    /// Describes a domain.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, domain: u32) -> Result<Info, CallError> {
        let info = self.caller.call(&DomainAttributesGet { domain: U32::new(domain) })?;
        let attributes = if self.version < V2 { 0 } else { info.attributes.get() };
        Ok(Info { id: domain, name: info.name, attributes: DomainWord(attributes) })
    }

    /// A domain's whole name: the short one where the platform knows no longer one.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn name(&mut self, info: &Info) -> Result<LongName, CallError> {
        if !info.attributes.has(DomainWord::EXTENDED_NAME) {
            return Ok(LongName::new(info.name.as_str()));
        }
        Ok(self.caller.call(&NameGet { domain: U32::new(info.id) })?.name)
    }

    /// The levels of a domain, lowest first.
    ///
    /// # Errors
    /// As [`CallerExt::call`], and [`Malformed::List`] for a list that contradicts itself.
    pub fn levels(
        &mut self,
        domain: u32,
        each: &mut dyn FnMut(LevelInfo),
    ) -> Result<(), CallError> {
        let mut index: usize = 0;
        loop {
            let command = DescribeLevels { domain: U32::new(domain), index: word(index) };
            let mut buffer = [0; VALUES];
            let came = page_of(self.caller, &command, &mut buffer)?;
            let mut values = buffer.get(..came).unwrap_or_default();
            let count = Count::from_word(take::<U32>(&mut values)?.get());
            let mut level = || take::<I32>(&mut values).map(I32::get);
            if count.triplet {
                each(LevelInfo::Range { lowest: level()?, highest: level()?, step: level()? });
                return Ok(());
            }
            for _ in 0..count.returned {
                each(LevelInfo::One(level()?));
            }
            if count.remaining == 0 {
                return Ok(());
            }
            index = next_index(index, count.returned.into(), u16::MAX.into())?;
        }
    }

    /// The mode of a domain.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn mode(&mut self, domain: u32) -> Result<Mode, CallError> {
        let [config, ..] =
            self.caller.call(&ConfigGet { domain: U32::new(domain) })?.get().to_le_bytes();
        Ok(Mode(config & 0xF))
    }

    /// Puts a domain into a mode, as far as this agent is concerned.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_mode(&mut self, domain: u32, mode: Mode) -> Result<(), CallError> {
        let config = U32::new(mode.0.into());
        self.caller.call(&ConfigSet { domain: U32::new(domain), config })?;
        Ok(())
    }

    /// A domain's level in microvolts: of one that is off, the level that it will have when it is on.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn level(&mut self, domain: u32) -> Result<i32, CallError> {
        Ok(self.caller.call(&LevelGet { domain: U32::new(domain) })?.get())
    }

    /// Sets a domain's level in microvolts and waits until it has it.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::INVALID_PARAMETERS`] for a level that it cannot have.
    pub fn set_level(&mut self, domain: u32, level: i32) -> Result<(), CallError> {
        self.caller.call(&level_set(domain, 0, level))?;
        Ok(())
    }

    /// Sets a domain's level asynchronously, waits for the delayed response and returns the level that it says.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the domain cannot, and
    /// [`Malformed::OtherResource`] when the delayed response is for another domain.
    pub fn set_level_async(&mut self, domain: u32, level: i32) -> Result<i32, CallError> {
        let command = level_set(domain, LEVEL_SET_ASYNC, level);
        let mut buffer = [0; size_of::<LevelSetComplete>()];
        let mut values = self.caller.call_into(&command, true, &mut buffer)?;
        let complete: LevelSetComplete = take(&mut values)?;
        let named = complete.domain.get();
        if named != domain {
            return Err(Malformed::OtherResource { asked: domain, named }.into());
        }
        Ok(complete.level.get())
    }
}

const fn level_set(domain: u32, flags: u32, level: i32) -> LevelSet {
    LevelSet { domain: U32::new(domain), flags: U32::new(flags), level: I32::new(level) }
}
