//! The asking side of the Clock protocol.

use super::wire::{
    Attributes, AttributesGet, AttributesGetV1, AttributesV1, AttributesWord, ClockWord, Config,
    ConfigGet, ConfigSet, ConfigSetV1, ConfigWord, Count, DescribeRates, ExtendedType,
    GetPermissions, NameGet, ParentCount, ParentGet, ParentSet, Permissions, PossibleParentsGet,
    ProtocolAttributes, RateChangeRequestedNotify, RateEvent, RateFlags, RateGet, RateNotify,
    RateSet, RateSetComplete, Rounding, StateChange,
};
use super::{RATE_CHANGE_REQUESTED, RATE_CHANGED, V2, V3};
use crate::agent::{Ask, Asked, CallError, Front, record, take};
#[cfg(doc)]
use crate::agent::{CallerExt, Malformed};
use crate::protocol::asking::{name_of, same};
use crate::protocol::opening::client;
use crate::protocol::page::{Paged, Pages, Total, word};
use crate::wire::{
    Header, LongName, MessageType, ProtocolId, Reader, ShortName, Status, U32, U64, Version,
};

client! {
    /// The clocks of a platform, as an agent sees them.
    Clocks: "Clock", ProtocolAttributes, |attributes| {
        /// How many clocks there are.
        count: u16 = AttributesWord(attributes.get()).clocks(),
        /// How many rate changes can wait at once; 0 where none can.
        max_async: u8 = AttributesWord(attributes.get()).max_async(),
    }
}

/// What a clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its id.
    pub id: u32,
    /// Its name, or the beginning of it: see [`Clocks::name`].
    pub name: ShortName,
    /// What it can, and whether it is on.
    pub attributes: ClockWord,
    /// The longest that enabling it takes, in microseconds; none where that is not known.
    pub enable_delay: Option<u32>,
}

/// Which rates a clock has, in hertz.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateInfo {
    /// One of a list.
    One(u64),
    /// All from the lowest to the highest, in steps.
    Range {
        /// The lowest.
        lowest: u64,
        /// The highest.
        highest: u64,
        /// From one to the next.
        step: u64,
    },
}

impl<F: Front> Clocks<'_, F> {
    /// Describes a clock.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, clock: u32) -> Asked<'_, F, Info> {
        self.front.run(info(self.version, clock))
    }

    /// A clock's whole name: the short one where the platform knows no longer one.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn name(&mut self, info: &Info) -> Asked<'_, F, LongName> {
        let longer = self.version >= V2 && info.attributes.has(ClockWord::EXTENDED_NAME);
        let command = NameGet { clock: U32::new(info.id) };
        self.front.run(name_of(&info.name, longer.then_some(command)))
    }

    /// The rates of a clock, lowest first.
    ///
    /// # Errors
    /// As [`CallerExt::call`], and [`Malformed::List`] for a list that contradicts itself.
    pub fn rates<'f>(
        &'f mut self,
        clock: u32,
        each: &'f mut dyn FnMut(RateInfo),
    ) -> F::Out<'f, Pages<Rates<'f>>> {
        self.front.run(Pages::new(Rates { clock, each, total: Total::default() }))
    }

    /// A clock's rate in hertz.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn rate(&mut self, clock: u32) -> Asked<'_, F, u64> {
        let command = RateGet { clock: U32::new(clock) };
        self.front.run(Ask::new(&command, clock, |_, values| Ok(record::<U64>(values)?.get())))
    }

    /// Sets a clock's rate and waits until it has it; one that it does not have is rounded.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_rate(&mut self, clock: u32, rate: u64, rounding: Rounding) -> Asked<'_, F, ()> {
        let flags = RateFlags::default().with_rounding(rounding);
        self.front.run(Ask::done(&rate_set(clock, rate, flags)))
    }

    /// Sets a clock's rate asynchronously, waits for the delayed response and returns the rate that it says.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`Status::NOT_SUPPORTED`] where the platform cannot, [`Status::BUSY`] when it cannot
    /// now, and [`Malformed::OtherResource`] when the delayed response is for another clock.
    pub fn set_rate_async(
        &mut self,
        clock: u32,
        rate: u64,
        rounding: Rounding,
    ) -> Asked<'_, F, u64> {
        let flags = RateFlags(RateFlags::ASYNC).with_rounding(rounding);
        let read = |asked: u32, values: &[u8]| {
            let complete: RateSetComplete = record(values)?;
            same(asked, complete.clock)?;
            Ok(complete.rate.get())
        };
        self.front.run(Ask::new(&rate_set(clock, rate, flags), clock, read).delayed())
    }

    /// Has a clock's rate set at some time, without a response when it is.
    ///
    /// # Errors
    /// As [`Clocks::set_rate_async`].
    pub fn queue_rate(&mut self, clock: u32, rate: u64, rounding: Rounding) -> Asked<'_, F, ()> {
        let flags = RateFlags(RateFlags::ASYNC | RateFlags::NO_DELAYED_RESPONSE);
        self.front.run(Ask::done(&rate_set(clock, rate, flags.with_rounding(rounding))))
    }

    /// Switches a clock on, or off as far as this agent is concerned.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_enabled(&mut self, clock: u32, enabled: bool) -> Asked<'_, F, ()> {
        let state = if enabled { StateChange::ENABLE } else { StateChange::DISABLE };
        self.set_config(clock, ConfigWord::new(state, ExtendedType::NONE), 0)
    }

    /// Sets an extended value, and leaves the gate as it is.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`Status::NOT_SUPPORTED`] before version 3.0.
    pub fn set_extended(&mut self, clock: u32, kind: ExtendedType, value: u32) -> Asked<'_, F, ()> {
        if self.version < V3 {
            return self.front.run(Ask::refused(Status::NOT_SUPPORTED));
        }
        self.set_config(clock, ConfigWord::new(StateChange::UNCHANGED, kind), value)
    }

    /// CLOCK_CONFIG_SET, of two words before version 3.0.
    fn set_config(&mut self, clock: u32, config: ConfigWord, value: u32) -> Asked<'_, F, ()> {
        let (clock, attributes) = (U32::new(clock), U32::new(config.0));
        self.front.run(if self.version < V3 {
            Ask::done(&ConfigSetV1 { clock, attributes })
        } else {
            Ask::done(&ConfigSet { clock, attributes, extended: U32::new(value) })
        })
    }

    /// Whether a clock is on.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn enabled(&mut self, clock: u32) -> Asked<'_, F, bool> {
        self.front.run(if self.version < V3 {
            // The longer answer of version 2.0 begins with that of version 1.0.
            Ask::new(&AttributesGetV1 { clock: U32::new(clock) }, clock, |_, values| {
                let head: AttributesV1 = record(values)?;
                Ok(ClockWord(head.attributes.get()).has(ClockWord::ENABLED))
            })
        } else {
            let read = |_, values: &[u8]| Ok(record::<Config>(values)?.config.get() & 1 == 1);
            Ask::new(&config(clock, ExtendedType::NONE), clock, read)
        })
    }

    /// An extended value.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`Status::INVALID_PARAMETERS`] where the clock does not have it, and
    /// [`Status::NOT_FOUND`] before version 3.0.
    pub fn extended(&mut self, clock: u32, kind: ExtendedType) -> Asked<'_, F, u32> {
        let read = |_, values: &[u8]| Ok(record::<Config>(values)?.extended.get());
        self.front.run(Ask::new(&config(clock, kind), clock, read))
    }

    /// The clocks that can be a clock's parent.
    ///
    /// # Errors
    /// As [`Clocks::rates`]; [`Status::NOT_SUPPORTED`] where there is no choice.
    pub fn possible_parents<'f>(
        &'f mut self,
        clock: u32,
        each: &'f mut dyn FnMut(u32),
    ) -> F::Out<'f, Pages<Parents<'f>>> {
        self.front.run(Pages::new(Parents { clock, each, total: Total::default() }))
    }

    /// A clock's parent.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`Status::NOT_SUPPORTED`] where there is no choice.
    pub fn parent(&mut self, clock: u32) -> Asked<'_, F, u32> {
        self.front.run(Ask::word(&ParentGet { clock: U32::new(clock) }))
    }

    /// Gives a clock another parent.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_parent(&mut self, clock: u32, parent: u32) -> Asked<'_, F, ()> {
        let command = ParentSet { clock: U32::new(clock), parent: U32::new(parent) };
        self.front.run(Ask::done(&command))
    }

    /// What this agent may change of a clock; everything where the clock does not say that it is restricted.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn permissions(&mut self, info: &Info) -> Asked<'_, F, Permissions> {
        if self.version < V3 || !info.attributes.has(ClockWord::RESTRICTED) {
            return self.front.run(Ask::known(Permissions::ALL));
        }
        let command = GetPermissions { clock: U32::new(info.id) };
        let read = |_, values: &[u8]| Ok(Permissions(record::<U32>(values)?.get()));
        self.front.run(Ask::new(&command, info.id, read))
    }

    /// Subscribes to changes of a clock's rate, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_rate(&mut self, clock: u32, enable: bool) -> Asked<'_, F, ()> {
        let command = RateNotify { clock: U32::new(clock), enable: U32::new(enable.into()) };
        self.front.run(Ask::done(&command))
    }

    /// Subscribes to rates that others ask for in vain, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_requests(&mut self, clock: u32, enable: bool) -> Asked<'_, F, ()> {
        let (clock, enable) = (U32::new(clock), U32::new(enable.into()));
        self.front.run(Ask::done(&RateChangeRequestedNotify { clock, enable }))
    }
}

/// CLOCK_ATTRIBUTES, whose answer has no delay before version 2.0.
fn info(version: Version, clock: u32) -> Ask<Info> {
    let id = U32::new(clock);
    if version < V2 {
        let read = |id, values: &[u8]| Ok(described(id, record(values)?, 0));
        Ask::new(&AttributesGetV1 { clock: id }, clock, read)
    } else {
        let read = |id, values: &[u8]| {
            let Attributes { head, enable_delay } = record(values)?;
            Ok(described(id, head, enable_delay.get()))
        };
        Ask::new(&AttributesGet { clock: id }, clock, read)
    }
}

fn described(id: u32, head: AttributesV1, delay: u32) -> Info {
    let attributes = ClockWord(head.attributes.get());
    Info { id, name: head.name, attributes, enable_delay: (delay != 0).then_some(delay) }
}

const fn config(clock: u32, kind: ExtendedType) -> ConfigGet {
    ConfigGet { clock: U32::new(clock), flags: U32::new(kind.0 as u32) }
}

/// The pages of CLOCK_DESCRIBE_RATES.
pub struct Rates<'e> {
    clock: u32,
    each: &'e mut dyn FnMut(RateInfo),
    total: Total,
}

impl Paged for Rates<'_> {
    type Command = DescribeRates;

    fn command(&self, index: usize) -> DescribeRates {
        DescribeRates { clock: U32::new(self.clock), index: word(index) }
    }

    fn page(&mut self, index: usize, mut values: &[u8]) -> Result<Option<usize>, CallError> {
        let count = Count::from_word(take::<U32>(&mut values)?.get());
        let mut rate = || take::<U64>(&mut values).map(U64::get);
        if count.triplet {
            (self.each)(RateInfo::Range { lowest: rate()?, highest: rate()?, step: rate()? });
            return Ok(None);
        }
        for _ in 0..count.returned {
            (self.each)(RateInfo::One(rate()?));
        }
        self.total.next(index, count.returned, count.remaining)
    }
}

/// The pages of CLOCK_POSSIBLE_PARENTS_GET.
pub struct Parents<'e> {
    clock: u32,
    each: &'e mut dyn FnMut(u32),
    total: Total,
}

impl Paged for Parents<'_> {
    type Command = PossibleParentsGet;

    fn command(&self, index: usize) -> PossibleParentsGet {
        PossibleParentsGet { clock: U32::new(self.clock), skip: word(index) }
    }

    fn page(&mut self, index: usize, mut values: &[u8]) -> Result<Option<usize>, CallError> {
        let count = ParentCount::from_word(take::<U32>(&mut values)?.get());
        for _ in 0..count.returned {
            (self.each)(take::<U32>(&mut values)?.get());
        }
        self.total.next(index, count.returned, count.remaining)
    }
}

const fn rate_set(clock: u32, rate: u64, flags: RateFlags) -> RateSet {
    RateSet { flags: U32::new(flags.0), clock: U32::new(clock), rate: U64::new(rate) }
}

/// A notification of the Clock protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A clock has another rate.
    RateChanged {
        /// The agent that caused it; 0 the platform.
        agent: u32,
        /// Which clock.
        clock: u32,
        /// In hertz.
        rate: u64,
    },
    /// An agent asked for a rate that the clock was not given.
    RateChangeRequested {
        /// The agent.
        agent: u32,
        /// Which clock.
        clock: u32,
        /// In hertz.
        rate: u64,
    },
}

impl Event {
    /// Reads a notification of the Clock protocol; none if it is another one, or too short.
    pub fn parse(header: Header, payload: &[u8]) -> Option<Self> {
        if header.kind() != MessageType::NOTIFICATION || header.protocol() != ProtocolId::CLOCK {
            return None;
        }
        let event: RateEvent = Reader::new(payload).take().ok()?;
        let (agent, clock, rate) = (event.agent.get(), event.clock.get(), event.rate.get());
        match header.message() {
            RATE_CHANGED => Some(Self::RateChanged { agent, clock, rate }),
            RATE_CHANGE_REQUESTED => Some(Self::RateChangeRequested { agent, clock, rate }),
            _ => None,
        }
    }
}
