//! The asking side of the Clock protocol.

use super::wire::{
    Attributes, AttributesGet, AttributesGetV1, AttributesWord, ClockWord, Config, ConfigGet,
    ConfigSet, ConfigSetV1, ConfigWord, Count, DescribeRates, ExtendedType, GetPermissions,
    NameGet, ParentCount, ParentGet, ParentSet, Permissions, PossibleParentsGet,
    ProtocolAttributes, RateChangeRequestedNotify, RateEvent, RateFlags, RateGet, RateNotify,
    RateSet, RateSetComplete, Rounding, StateChange,
};
use super::{RATE_CHANGE_REQUESTED, RATE_CHANGED, V2, V3};
use crate::agent::{CallError, Caller, CallerExt, Malformed, take};
use crate::protocol::asking::counted;
use crate::protocol::page::{VALUES, next_index, page_of, word};
use crate::wire::{
    Header, LongName, MessageType, ProtocolId, Reader, ShortName, Status, U32, U64, Version,
};

/// The clocks of a platform, as an agent sees them.
pub struct Clocks<'c> {
    caller: &'c mut dyn Caller,
    version: Version,
    count: u16,
    max_async: u8,
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

counted! { Clocks, "clocks" }

impl<'c> Clocks<'c> {
    /// Asks for the version and the number of clocks.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`Status::NOT_SUPPORTED`] where there is no Clock protocol.
    pub fn open(caller: &'c mut dyn Caller) -> Result<Self, CallError> {
        let version = caller.protocol_version(ProtocolId::CLOCK)?;
        let attributes = AttributesWord(caller.call(&ProtocolAttributes)?.get());
        let (count, max_async) = (attributes.clocks(), attributes.max_async());
        Ok(Self { caller, version, count, max_async })
    }

    /// How many rate changes can wait at once; 0 where none can.
    pub const fn max_async(&self) -> u8 {
        self.max_async
    }

    /// Describes a clock.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn info(&mut self, clock: u32) -> Result<Info, CallError> {
        let id = U32::new(clock);
        let (head, delay) = if self.version < V2 {
            (self.caller.call(&AttributesGetV1 { clock: id })?, 0)
        } else {
            let Attributes { head, enable_delay } =
                self.caller.call(&AttributesGet { clock: id })?;
            (head, enable_delay.get())
        };
        let attributes = ClockWord(head.attributes.get());
        let enable_delay = (delay != 0).then_some(delay);
        Ok(Info { id: clock, name: head.name, attributes, enable_delay })
    }

    /// A clock's whole name: the short one where the platform knows no longer one.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn name(&mut self, info: &Info) -> Result<LongName, CallError> {
        if self.version < V2 || !info.attributes.has(ClockWord::EXTENDED_NAME) {
            return Ok(LongName::new(info.name.as_str()));
        }
        Ok(self.caller.call(&NameGet { clock: U32::new(info.id) })?.name)
    }

    /// The rates of a clock, lowest first.
    ///
    /// # Errors
    /// As [`CallerExt::call`], and [`Malformed::List`] for a list that contradicts itself.
    pub fn rates(&mut self, clock: u32, each: &mut dyn FnMut(RateInfo)) -> Result<(), CallError> {
        let mut index: usize = 0;
        loop {
            let command = DescribeRates { clock: U32::new(clock), index: word(index) };
            let mut buffer = [0; VALUES];
            let came = page_of(self.caller, &command, &mut buffer)?;
            let mut values = buffer.get(..came).unwrap_or_default();
            let count = Count::from_word(take::<U32>(&mut values)?.get());
            let mut rate = || take::<U64>(&mut values).map(U64::get);
            if count.triplet {
                each(RateInfo::Range { lowest: rate()?, highest: rate()?, step: rate()? });
                return Ok(());
            }
            for _ in 0..count.returned {
                each(RateInfo::One(rate()?));
            }
            if count.remaining == 0 {
                return Ok(());
            }
            // The list is as long as its longest count says, so it ends whatever the pages claim.
            index = next_index(index, count.returned.into(), u16::MAX.into())?;
        }
    }

    /// A clock's rate in hertz.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn rate(&mut self, clock: u32) -> Result<u64, CallError> {
        Ok(self.caller.call(&RateGet { clock: U32::new(clock) })?.get())
    }

    /// Sets a clock's rate and waits until it has it; one that it does not have is rounded.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_rate(&mut self, clock: u32, rate: u64, rounding: Rounding) -> Result<(), CallError> {
        let flags = RateFlags::default().with_rounding(rounding);
        self.caller.call(&rate_set(clock, rate, flags))?;
        Ok(())
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
    ) -> Result<u64, CallError> {
        let flags = RateFlags(RateFlags::ASYNC).with_rounding(rounding);
        let mut buffer = [0; size_of::<RateSetComplete>()];
        let mut values = self.caller.call_into(&rate_set(clock, rate, flags), true, &mut buffer)?;
        let complete: RateSetComplete = take(&mut values)?;
        let named = complete.clock.get();
        if named != clock {
            return Err(Malformed::OtherResource { asked: clock, named }.into());
        }
        Ok(complete.rate.get())
    }

    /// Has a clock's rate set at some time, without a response when it is.
    ///
    /// # Errors
    /// As [`Clocks::set_rate_async`].
    pub fn queue_rate(
        &mut self,
        clock: u32,
        rate: u64,
        rounding: Rounding,
    ) -> Result<(), CallError> {
        let flags = RateFlags(RateFlags::ASYNC | RateFlags::NO_DELAYED_RESPONSE);
        self.caller.call(&rate_set(clock, rate, flags.with_rounding(rounding)))?;
        Ok(())
    }

    /// Switches a clock on, or off as far as this agent is concerned.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_enabled(&mut self, clock: u32, enabled: bool) -> Result<(), CallError> {
        let state = if enabled { StateChange::ENABLE } else { StateChange::DISABLE };
        self.set_config(clock, ConfigWord::new(state, ExtendedType::NONE), 0)
    }

    /// Sets an extended value, and leaves the gate as it is.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`Status::NOT_SUPPORTED`] before version 3.0.
    pub fn set_extended(
        &mut self,
        clock: u32,
        kind: ExtendedType,
        value: u32,
    ) -> Result<(), CallError> {
        if self.version < V3 {
            return Err(CallError::Refused(Status::NOT_SUPPORTED));
        }
        self.set_config(clock, ConfigWord::new(StateChange::UNCHANGED, kind), value)
    }

    /// CLOCK_CONFIG_SET, of two words before version 3.0.
    fn set_config(&mut self, clock: u32, config: ConfigWord, value: u32) -> Result<(), CallError> {
        let (clock, attributes) = (U32::new(clock), U32::new(config.0));
        if self.version < V3 {
            self.caller.call(&ConfigSetV1 { clock, attributes })?;
        } else {
            self.caller.call(&ConfigSet { clock, attributes, extended: U32::new(value) })?;
        }
        Ok(())
    }

    /// Whether a clock is on.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn enabled(&mut self, clock: u32) -> Result<bool, CallError> {
        if self.version < V3 {
            return Ok(self.info(clock)?.attributes.has(ClockWord::ENABLED));
        }
        Ok(self.config(clock, ExtendedType::NONE)?.config.get() & 1 == 1)
    }

    /// An extended value.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`Status::INVALID_PARAMETERS`] where the clock does not have it, and
    /// [`Status::NOT_FOUND`] before version 3.0.
    pub fn extended(&mut self, clock: u32, kind: ExtendedType) -> Result<u32, CallError> {
        Ok(self.config(clock, kind)?.extended.get())
    }

    fn config(&mut self, clock: u32, kind: ExtendedType) -> Result<Config, CallError> {
        let flags = U32::new(kind.0.into());
        self.caller.call(&ConfigGet { clock: U32::new(clock), flags })
    }

    /// The clocks that can be a clock's parent.
    ///
    /// # Errors
    /// As [`Clocks::rates`]; [`Status::NOT_SUPPORTED`] where there is no choice.
    pub fn possible_parents(
        &mut self,
        clock: u32,
        each: &mut dyn FnMut(u32),
    ) -> Result<(), CallError> {
        let mut index: usize = 0;
        loop {
            let command = PossibleParentsGet { clock: U32::new(clock), skip: word(index) };
            let mut buffer = [0; VALUES];
            let came = page_of(self.caller, &command, &mut buffer)?;
            let mut values = buffer.get(..came).unwrap_or_default();
            let count = ParentCount::from_word(take::<U32>(&mut values)?.get());
            for _ in 0..count.returned {
                each(take::<U32>(&mut values)?.get());
            }
            if count.remaining == 0 {
                return Ok(());
            }
            index = next_index(index, count.returned.into(), u16::MAX.into())?;
        }
    }

    /// A clock's parent.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`Status::NOT_SUPPORTED`] where there is no choice.
    pub fn parent(&mut self, clock: u32) -> Result<u32, CallError> {
        Ok(self.caller.call(&ParentGet { clock: U32::new(clock) })?.get())
    }

    /// Gives a clock another parent.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn set_parent(&mut self, clock: u32, parent: u32) -> Result<(), CallError> {
        let command = ParentSet { clock: U32::new(clock), parent: U32::new(parent) };
        self.caller.call(&command)?;
        Ok(())
    }

    /// What this agent may change of a clock; everything where the clock does not say that it is restricted.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn permissions(&mut self, info: &Info) -> Result<Permissions, CallError> {
        if self.version < V3 || !info.attributes.has(ClockWord::RESTRICTED) {
            return Ok(Permissions::ALL);
        }
        Ok(Permissions(self.caller.call(&GetPermissions { clock: U32::new(info.id) })?.get()))
    }

    /// Subscribes to changes of a clock's rate, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_rate(&mut self, clock: u32, enable: bool) -> Result<(), CallError> {
        let command = RateNotify { clock: U32::new(clock), enable: U32::new(enable.into()) };
        self.caller.call(&command)?;
        Ok(())
    }

    /// Subscribes to rates that others ask for in vain, or ends that.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn notify_requests(&mut self, clock: u32, enable: bool) -> Result<(), CallError> {
        let (clock, enable) = (U32::new(clock), U32::new(enable.into()));
        self.caller.call(&RateChangeRequestedNotify { clock, enable })?;
        Ok(())
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
