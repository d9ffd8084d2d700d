//! The asking side of the Voltage protocol.

use super::V2;
use super::wire::{
    ConfigGet, ConfigSet, Count, DescribeLevels, DomainAttributes, DomainAttributesGet, DomainWord,
    LEVEL_SET_ASYNC, LevelGet, LevelSet, LevelSetComplete, Mode, NameGet, ProtocolAttributes,
};
use crate::agent::{Ask, Asked, CallError, Front, record, take};
#[cfg(doc)]
use crate::agent::{CallerExt, Malformed};
use crate::protocol::asking::{Naming, name_of, same};
use crate::protocol::opening::{client, low_half};
use crate::protocol::page::{Paged, Pages, Total, word};
use crate::wire::{I32, ShortName, U32};

client! {
    /// The voltage domains of a platform, as an agent sees them.
    Voltages: "Voltage", ProtocolAttributes, |[low, _]| {
        /// How many domains there are.
        count: u16 = low_half(low),
    }
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

impl<F: Front> Voltages<'_, F> {
    /// Describes a domain.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, domain: u32) -> Asked<'_, F, Info> {
        let described = |id, values: &[u8]| {
            let info: DomainAttributes = record(values)?;
            Ok(Info { id, name: info.name, attributes: DomainWord(info.attributes.get()) })
        };
        let named = |id, values: &[u8]| {
            let info: DomainAttributes = record(values)?;
            Ok(Info { id, name: info.name, attributes: DomainWord(0) })
        };
        let command = DomainAttributesGet { domain: U32::new(domain) };
        self.front.run(if self.opened.version < V2 {
            Ask::new(&command, domain, named)
        } else {
            Ask::new(&command, domain, described)
        })
    }

    /// A domain's whole name: the short one where the platform knows no longer one.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn name<'f>(&'f mut self, info: &'f Info) -> F::Out<'f, Naming<'f>> {
        let longer = info.attributes.has(DomainWord::EXTENDED_NAME);
        let command = NameGet { domain: U32::new(info.id) };
        self.front.run(name_of(&info.name, &command, longer))
    }

    /// The levels of a domain, lowest first.
    ///
    /// # Errors
    /// As [`CallerExt::call`], and [`Malformed::List`] for a list that contradicts itself.
    pub fn levels<'f>(
        &'f mut self,
        domain: u32,
        each: &'f mut dyn FnMut(LevelInfo),
    ) -> F::Out<'f, Pages<Levels<'f>>> {
        self.front.run(Pages::new(Levels { domain, each, total: Total::default() }))
    }

    /// The mode of a domain.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn mode(&mut self, domain: u32) -> Asked<'_, F, Mode> {
        let read = |_, values: &[u8]| {
            let [config, ..] = record::<U32>(values)?.get().to_le_bytes();
            Ok(Mode(config & 0xF))
        };
        self.front.run(Ask::new(&ConfigGet { domain: U32::new(domain) }, domain, read))
    }

    /// Puts a domain into a mode, as far as this agent is concerned.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_mode(&mut self, domain: u32, mode: Mode) -> Asked<'_, F, ()> {
        let config = U32::new(mode.0.into());
        self.front.run(Ask::done(&ConfigSet { domain: U32::new(domain), config }))
    }

    /// A domain's level in microvolts: of one that is off, the level that it will have when it is on.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn level(&mut self, domain: u32) -> Asked<'_, F, i32> {
        let read = |_, values: &[u8]| Ok(record::<I32>(values)?.get());
        self.front.run(Ask::new(&LevelGet { domain: U32::new(domain) }, domain, read))
    }

    /// Sets a domain's level in microvolts and waits until it has it.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::INVALID_PARAMETERS`] for a level that it cannot have.
    pub fn set_level(&mut self, domain: u32, level: i32) -> Asked<'_, F, ()> {
        self.front.run(Ask::done(&level_set(domain, 0, level)))
    }

    /// Sets a domain's level asynchronously, waits for the delayed response and returns the level that it says.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`crate::wire::Status::NOT_SUPPORTED`] where the domain cannot, and
    /// [`Malformed::OtherResource`] when the delayed response is for another domain.
    pub fn set_level_async(&mut self, domain: u32, level: i32) -> Asked<'_, F, i32> {
        let read = |asked, values: &[u8]| {
            let complete: LevelSetComplete = record(values)?;
            same(asked, complete.domain)?;
            Ok(complete.level.get())
        };
        self.front.run(Ask::new(&level_set(domain, LEVEL_SET_ASYNC, level), domain, read).delayed())
    }
}

/// The pages of VOLTAGE_DESCRIBE_LEVELS.
pub struct Levels<'e> {
    domain: u32,
    each: &'e mut dyn FnMut(LevelInfo),
    total: Total,
}

impl Paged for Levels<'_> {
    type Command = DescribeLevels;

    fn command(&self, index: usize) -> DescribeLevels {
        DescribeLevels { domain: U32::new(self.domain), index: word(index) }
    }

    fn page(&mut self, index: usize, mut values: &[u8]) -> Result<Option<usize>, CallError> {
        let count = Count::from_word(take::<U32>(&mut values)?.get());
        let mut level = || take::<I32>(&mut values).map(I32::get);
        if count.triplet {
            (self.each)(LevelInfo::Range { lowest: level()?, highest: level()?, step: level()? });
            return Ok(None);
        }
        for _ in 0..count.returned {
            (self.each)(LevelInfo::One(level()?));
        }
        self.total.next(index, count.returned, count.remaining)
    }
}

const fn level_set(domain: u32, flags: u32, level: i32) -> LevelSet {
    LevelSet { domain: U32::new(domain), flags: U32::new(flags), level: I32::new(level) }
}
