//! The asking side of the Clock protocol.

use super::wire::{
    Attributes, AttributesGet, AttributesGetV1, AttributesV1, AttributesWord, ClockWord, Config,
    ConfigGet, ConfigSet, ConfigSetV1, ConfigWord, DescribeRates, ExtendedType, GetPermissions,
    NameGet, ParentGet, ParentSet, Permissions, PossibleParentsGet, ProtocolAttributes,
    RateChangeRequestedNotify, RateEvent, RateFlags, RateGet, RateNotify, RateSet, RateSetComplete,
    Rounding, StateChange,
};
use super::{RATE_CHANGE_REQUESTED, RATE_CHANGED, V2, V3};
use core::convert::identity;
use core::mem::offset_of;

use crate::agent::{Ask, Asked, Front, Kept};
#[cfg(doc)]
use crate::agent::{CallerExt, Malformed};
use crate::protocol::asking::{Naming, name_of};
use crate::protocol::list::{Entries, Form, Listing};
use crate::protocol::opening::client;
use crate::wire::{Header, MessageType, ProtocolId, Reader, ShortName, Status, U32, U64, Version};

client! {
    /// The clocks of a platform, as an agent sees them.
    Clocks: "Clock", ProtocolAttributes, |[low, _]| {
        /// How many clocks there are.
        count: u16 = AttributesWord(low).clocks(),
        /// How many rate changes can wait at once; 0 where none can.
        max_async: u8 = AttributesWord(low).max_async(),
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
        self.front.run(info(self.opened.version, clock))
    }

    /// A clock's whole name: the short one where the platform knows no longer one.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn name<'f>(&'f mut self, info: &'f Info) -> F::Out<'f, Naming<'f>> {
        let longer = self.opened.version >= V2 && info.attributes.has(ClockWord::EXTENDED_NAME);
        let command = NameGet { clock: U32::new(info.id) };
        self.front.run(name_of(&info.name, &command, longer))
    }

    /// The rates of a clock, lowest first.
    ///
    /// # Errors
    /// As [`CallerExt::call`], and [`Malformed::List`] for a list that contradicts itself.
    pub fn rates<'f>(
        &'f mut self,
        clock: u32,
        each: &'f mut dyn FnMut(RateInfo),
    ) -> F::Out<'f, Listing<Rates<'f>>> {
        let command = DescribeRates { clock: U32::new(clock), index: U32::new(0) };
        self.front.run(Listing::new(&command, &RATES, Rates(each)))
    }

    /// A clock's rate in hertz.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn rate(&mut self, clock: u32) -> Asked<'_, F, u64> {
        let command = RateGet { clock: U32::new(clock) };
        self.front.run(Ask::long_at(&command, 0, identity))
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
        let rate_at = offset_of!(RateSetComplete, rate);
        // The clock is its second parameter.
        let ask = Ask::long_at(&rate_set(clock, rate, flags), rate_at, identity).names(1);
        self.front.run(ask.delayed())
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
        if self.opened.version < V3 {
            return self.front.run(Ask::refused(Status::NOT_SUPPORTED));
        }
        self.set_config(clock, ConfigWord::new(StateChange::UNCHANGED, kind), value)
    }

    /// CLOCK_CONFIG_SET, of two words before version 3.0.
    fn set_config(&mut self, clock: u32, config: ConfigWord, value: u32) -> Asked<'_, F, ()> {
        let (clock, attributes) = (U32::new(clock), U32::new(config.0));
        if self.opened.version < V3 {
            return self.front.run(Ask::done(&ConfigSetV1 { clock, attributes }));
        }
        self.front.run(Ask::done(&ConfigSet { clock, attributes, extended: U32::new(value) }))
    }

    /// Whether a clock is on.
    ///
    /// # Errors
    /// As [`CallerExt::call`].
    pub fn enabled(&mut self, clock: u32) -> Asked<'_, F, bool> {
        let on = |word| ClockWord(word).has(ClockWord::ENABLED);
        self.front.run(if self.opened.version < V3 {
            // The longer answer of version 2.0 begins with that of version 1.0.
            let at = offset_of!(AttributesV1, attributes);
            Ask::word_at(&AttributesGetV1 { clock: U32::new(clock) }, at, on)
        } else {
            // The same bit.
            Ask::word_at(&config(clock, ExtendedType::NONE), offset_of!(Config, config), on)
        })
    }

    /// An extended value.
    ///
    /// # Errors
    /// As [`CallerExt::call`]; [`Status::INVALID_PARAMETERS`] where the clock does not have it, and
    /// [`Status::NOT_FOUND`] before version 3.0.
    pub fn extended(&mut self, clock: u32, kind: ExtendedType) -> Asked<'_, F, u32> {
        let at = offset_of!(Config, extended);
        self.front.run(Ask::word_at(&config(clock, kind), at, |value| value))
    }

    /// The clocks that can be a clock's parent.
    ///
    /// # Errors
    /// As [`Clocks::rates`]; [`Status::NOT_SUPPORTED`] where there is no choice.
    pub fn possible_parents<'f>(
        &'f mut self,
        clock: u32,
        each: &'f mut dyn FnMut(u32),
    ) -> F::Out<'f, Listing<Parents<'f>>> {
        let command = PossibleParentsGet { clock: U32::new(clock), skip: U32::new(0) };
        self.front.run(Listing::new(&command, &PARENTS, Parents(each)))
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
        if self.opened.version < V3 || !info.attributes.has(ClockWord::RESTRICTED) {
            return self.front.run(Ask::known(Permissions::ALL));
        }
        let command = GetPermissions { clock: U32::new(info.id) };
        self.front.run(Ask::word_at(&command, 0, Permissions))
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
#[inline(always)]
fn info(version: Version, clock: u32) -> Ask<Info> {
    let least = if version < V2 { size_of::<AttributesV1>() } else { size_of::<Attributes>() };
    let read = |kept: &Kept| {
        let (id, Attributes { head, enable_delay }) = kept.of();
        let (attributes, delay) = (ClockWord(head.attributes.get()), enable_delay.get());
        Info { id, name: head.name, attributes, enable_delay: (delay != 0).then_some(delay) }
    };
    Ask::fixed(&AttributesGet { clock: U32::new(clock) }, read).at_least(least)
}

const fn config(clock: u32, kind: ExtendedType) -> ConfigGet {
    ConfigGet { clock: U32::new(clock), flags: U32::new(kind.0 as u32) }
}

/// Who is given the rates of CLOCK_DESCRIBE_RATES.
pub struct Rates<'e>(&'e mut dyn FnMut(RateInfo));

/// Its pages: see [`Count`](super::wire::Count).
const RATES: Form = Form { returned: 0xFFF, remaining: 16, triplet: 1 << 12, size: 8 };

impl Entries for Rates<'_> {
    fn entry(&mut self, bytes: &[u8]) {
        let (rates, _) = bytes.as_chunks();
        match *rates {
            [rate] => (self.0)(RateInfo::One(u64::from_le_bytes(rate))),
            [lowest, highest, step] => {
                let [lowest, highest, step] = [lowest, highest, step].map(u64::from_le_bytes);
                (self.0)(RateInfo::Range { lowest, highest, step });
            }
            _ => {}
        }
    }
}

/// Who is given the parents of CLOCK_POSSIBLE_PARENTS_GET.
pub struct Parents<'e>(&'e mut dyn FnMut(u32));

/// Its pages: see [`ParentCount`](super::wire::ParentCount).
const PARENTS: Form = Form { returned: 0xFF, remaining: 24, triplet: 0, size: 4 };

impl Entries for Parents<'_> {
    fn entry(&mut self, bytes: &[u8]) {
        if let Some(parent) = bytes.first_chunk() {
            (self.0)(u32::from_le_bytes(*parent));
        }
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
