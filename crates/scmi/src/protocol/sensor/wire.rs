//! Records of the Sensor protocol (section 8.6).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::SensorType;
pub use crate::protocol::common::{Count, NameReply};
use crate::wire::bits::bit_word;
use crate::wire::{I64, LongName, Nothing, ProtocolId, ShortName, U32, U64};

/// PROTOCOL_ATTRIBUTES.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ProtocolAttributes;

/// How many sensors there are.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Attributes {
    /// `[15:0]` sensors, `[23:16]` most asynchronous reads at once.
    pub attributes: U32,
    /// Shared memory of sensor values; 0 where there is none.
    pub shared_memory_address: U64,
    /// Its bytes; 0 where there is none.
    pub shared_memory_length: U32,
}

/// DESCRIPTION_GET: a count word, then descriptors, see [`Descriptor`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DescriptionGet {
    /// The first sensor that is wanted.
    pub index: U32,
}

/// The part that every descriptor has. From version 2.0, where [`AttributesLow::EXTENDED`] is set, the power
/// word follows, and for a sensor without axes a [`Range`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Descriptor {
    /// The sensor.
    pub id: U32,
    /// See [`AttributesLow`].
    pub low: U32,
    /// See [`AttributesHigh`] and, for version 1.0, [`AttributesHighV1`].
    pub high: U32,
    /// Its name, or the beginning of it.
    pub name: ShortName,
}

/// Resolution and limits of a scalar sensor or of an axis.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Range {
    /// `[31:27]` signed exponent, `[26:0]` value; 0 unknown.
    pub resolution: U32,
    /// Lowest reading, or [`Range::NO_MIN`].
    pub min: I64,
    /// Highest reading, or [`Range::NO_MAX`].
    pub max: I64,
}

impl Range {
    /// An unknown minimum.
    pub const NO_MIN: i64 = i64::MIN;
    /// An unknown maximum.
    pub const NO_MAX: i64 = i64::MAX;
}

/// AXIS_DESCRIPTION_GET: a count word, then [`AxisDescriptor`]s, each with a [`Range`] where its extended bit says so.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct AxisDescriptionGet {
    /// Which sensor.
    pub sensor: U32,
    /// The first axis that is wanted.
    pub index: U32,
}

/// The part that every axis descriptor has.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct AxisDescriptor {
    /// The axis.
    pub id: U32,
    /// [`Self::EXTENDED_NAME`] and [`Self::EXTENDED`].
    pub low: U32,
    /// `[15:11]` exponent, `[7:0]` type.
    pub high: U32,
    /// Its name, or the beginning of it.
    pub name: ShortName,
}

impl AxisDescriptor {
    /// AXIS_NAME_GET knows the whole name (3.0); mind that a sensor has another bit for its name.
    pub const EXTENDED_NAME: u32 = 1 << 9;
    /// A [`Range`] follows.
    pub const EXTENDED: u32 = 1 << 8;
}

/// TRIP_POINT_NOTIFY.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct TripPointNotify {
    /// Which sensor.
    pub sensor: U32,
    /// `[0]` on or off, the rest reserved.
    pub enable: U32,
}

/// TRIP_POINT_CONFIG.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct TripPointConfig {
    /// Which sensor.
    pub sensor: U32,
    /// `[11:4]` trip point, `[1:0]` mode: 0 off, 1 rising, 2 falling, 3 both.
    pub control: U32,
    /// Where, in units of the sensor.
    pub value: I64,
}

/// READING_GET: the reply is one [`Reading`] (version 1.0: a value without timestamp) or one an axis.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ReadingGet {
    /// Which sensor.
    pub sensor: U32,
    /// `[0]` asynchronous, the rest reserved.
    pub flags: U32,
}

/// A value and when it was taken.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Reading {
    /// In units of the sensor: the physical value is this times ten to the exponent.
    pub value: I64,
    /// In the descriptor's timestamp unit; 0 when timestamps are off.
    pub timestamp: U64,
}

/// LIST_UPDATE_INTERVALS: a count word, then interval words.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ListUpdateIntervals {
    /// Which sensor.
    pub sensor: U32,
    /// The first interval that is wanted; without meaning where they are a triplet.
    pub index: U32,
}

/// CONFIG_GET: the reply is a [`ConfigWord`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ConfigGet {
    /// Which sensor.
    pub sensor: U32,
}

/// CONFIG_SET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ConfigSet {
    /// Which sensor.
    pub sensor: U32,
    /// See [`ConfigWord`].
    pub config: U32,
}

/// CONTINUOUS_UPDATE_NOTIFY.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ContinuousUpdateNotify {
    /// Which sensor.
    pub sensor: U32,
    /// `[0]` on or off, the rest reserved.
    pub enable: U32,
}

/// NAME_GET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NameGet {
    /// Which sensor.
    pub sensor: U32,
}

/// AXIS_NAME_GET: a count word, then [`AxisName`]s.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct AxisNameGet {
    /// Which sensor.
    pub sensor: U32,
    /// The first axis that is wanted.
    pub index: U32,
}

/// The long name of an axis.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct AxisName {
    /// The axis.
    pub axis: U32,
    /// Its name.
    pub name: LongName,
}

/// The payload of SENSOR_TRIP_POINT_EVENT.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct TripPointEvent {
    /// Zero, the platform.
    pub agent: U32,
    /// Which sensor.
    pub sensor: U32,
    /// `[16]` rising, `[7:0]` trip point.
    pub description: U32,
}

/// The payload of SENSOR_UPDATE: this head, then one [`Reading`] or one an axis.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Update {
    /// Zero, the platform.
    pub agent: U32,
    /// Which sensor.
    pub sensor: U32,
}

bind! { ProtocolId::SENSOR;
    ProtocolAttributes = 0x1 -> Attributes;
    DescriptionGet = 0x3 -> U32;
    TripPointNotify = 0x4 -> Nothing;
    TripPointConfig = 0x5 -> Nothing;
    ReadingGet = 0x6 -> Nothing;
    AxisDescriptionGet = 0x7 -> U32;
    ListUpdateIntervals = 0x8 -> U32;
    ConfigGet = 0x9 -> U32;
    ConfigSet = 0xA -> Nothing;
    ContinuousUpdateNotify = 0xB -> Nothing;
    NameGet = 0xC -> NameReply;
    AxisNameGet = 0xD -> U32;
}

const _: () = {
    assert!(size_of::<Attributes>() == 16);
    assert!(size_of::<Descriptor>() == 28);
    assert!(size_of::<Range>() == 20);
    assert!(size_of::<AxisDescriptor>() == 28);
    assert!(size_of::<TripPointConfig>() == 16);
    assert!(size_of::<Reading>() == 16);
    assert!(size_of::<AxisName>() == 68);
    assert!(size_of::<TripPointEvent>() == 12);
    assert!(size_of::<Update>() == 8);
};

/// Five bits as a signed number.
const fn signed5(word: u32, low: u32) -> i8 {
    let [bits, ..] = (word.wrapping_shr(low) & 0x1F).to_le_bytes();
    // The sign bit goes to the top and comes back as the upper bits.
    ((bits << 3).cast_signed()) >> 3
}

/// A signed number in five bits.
const fn unsigned5(value: i8, low: u32) -> u32 {
    u32::from_le_bytes([value.cast_unsigned() & 0x1F, 0, 0, 0]).wrapping_shl(low)
}

/// Whether a bit of a word is set.
const fn bit(word: u32, number: u32) -> bool {
    word.wrapping_shr(number) & 1 == 1
}

/// The low byte of a word.
const fn low_byte(word: u32) -> u8 {
    let [low, ..] = word.to_le_bytes();
    low
}

bit_word! {
    /// The first attributes word of a descriptor.
    pub struct AttributesLow {
        /// Asynchronous reads are possible.
        ASYNC = 1 << 31,
        /// Continuous updates are possible (2.0).
        UPDATES = 1 << 30,
        /// NAME_GET knows the whole name (3.0).
        EXTENDED_NAME = 1 << 29,
        /// Readings can have timestamps (2.0).
        TIMESTAMPS = 1 << 9,
        /// Extended attributes follow (2.0).
        EXTENDED = 1 << 8,
    }
}

impl AttributesLow {
    /// How many trip points there are.
    pub const fn trip_points(self) -> u8 {
        low_byte(self.0)
    }

    /// Timestamps are in ten to this many seconds (2.0).
    pub const fn timestamp_exponent(self) -> i8 {
        signed5(self.0, 10)
    }

    /// The bits of a timestamp exponent.
    pub const fn timestamp_exponent_bits(exponent: i8) -> u32 {
        unsigned5(exponent, 10)
    }
}

/// The second attributes word of a descriptor from version 2.0, and of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributesHigh(pub u32);

impl AttributesHigh {
    /// A scalar sensor, or an axis.
    pub const fn scalar(kind: SensorType, exponent: i8) -> Self {
        Self(unsigned5(exponent, 11) | u32::from_le_bytes([kind.0, 0, 0, 0]))
    }

    /// A sensor with so many axes, 63 at most.
    pub const fn axes(count: u8) -> Self {
        Self(1 << 8 | u32::from_le_bytes([0, 0, count & 0x3F, 0]))
    }

    /// Whether the sensor has axes.
    pub const fn has_axes(self) -> bool {
        bit(self.0, 8)
    }

    /// How many axes it has; 0 for a scalar.
    pub const fn axis_count(self) -> u8 {
        if self.has_axes() { low_byte(self.0 >> 16) & 0x3F } else { 0 }
    }

    /// A value is in ten to this many units.
    pub const fn exponent(self) -> i8 {
        signed5(self.0, 11)
    }

    /// What it measures.
    pub const fn kind(self) -> SensorType {
        SensorType(low_byte(self.0))
    }
}

/// The second attributes word of version 1.0: as a scalar's, with the update interval on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributesHighV1(pub u32);

impl AttributesHighV1 {
    /// A sensor with its update interval, of which five bits of seconds fit.
    pub const fn new(kind: SensorType, exponent: i8, interval: Interval) -> Self {
        let seconds = if interval.seconds > 31 { 31 } else { interval.seconds };
        let [low, high] = seconds.to_le_bytes();
        Self(
            AttributesHigh::scalar(kind, exponent).0
                | unsigned5(interval.exponent, 22)
                | u32::from_le_bytes([low, high, 0, 0]) << 27,
        )
    }

    /// The update interval.
    pub const fn interval(self) -> Interval {
        let [low, high, ..] = (self.0 >> 27).to_le_bytes();
        Interval { seconds: u16::from_le_bytes([low, high]), exponent: signed5(self.0, 22) }
    }
}

/// A resolution: this times ten to the exponent, in the unit of the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// 27 bits; 0 unknown.
    pub value: u32,
    /// -16 to 15.
    pub exponent: i8,
}

impl Resolution {
    /// From its word.
    pub const fn from_word(word: u32) -> Self {
        Self { value: word & 0x07FF_FFFF, exponent: signed5(word, 27) }
    }

    /// Its word.
    pub const fn to_word(self) -> u32 {
        self.value & 0x07FF_FFFF | unsigned5(self.exponent, 27)
    }
}

/// An update interval: `seconds` times ten to the exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Interval {
    /// 16 bits.
    pub seconds: u16,
    /// -16 to 15.
    pub exponent: i8,
}

impl Interval {
    /// From a word of LIST_UPDATE_INTERVALS.
    pub const fn from_word(word: u32) -> Self {
        let [low, high, ..] = (word >> 5).to_le_bytes();
        Self { seconds: u16::from_le_bytes([low, high]), exponent: signed5(word, 0) }
    }

    /// The word of LIST_UPDATE_INTERVALS.
    pub const fn to_word(self) -> u32 {
        let [low, high] = self.seconds.to_le_bytes();
        u32::from_le_bytes([low, high, 0, 0]) << 5 | unsigned5(self.exponent, 0)
    }

    /// How long, in nanoseconds; cut below one, [`u64::MAX`] when longer than 584 years.
    pub fn as_nanos(self) -> u64 {
        let mut nanos = u128::from(self.seconds).saturating_mul(1_000_000_000);
        for _ in 0..self.exponent.unsigned_abs() {
            nanos = if self.exponent < 0 { nanos / 10 } else { nanos.saturating_mul(10) };
        }
        u64::try_from(nanos).unwrap_or(u64::MAX)
    }
}

/// The word of CONFIG_GET and CONFIG_SET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigWord(pub u32);

impl ConfigWord {
    /// Bits that CONFIG_SET must leave zero.
    pub const RESERVED: u32 = 0x1FC;

    /// A word with no rounding asked for.
    pub const fn new(enabled: bool, timestamps: bool, interval: Interval) -> Self {
        let [low, high] = interval.seconds.to_le_bytes();
        let flags = if enabled { 1 } else { 0 } | if timestamps { 2 } else { 0 };
        Self(u32::from_le_bytes([flags, 0, low, high]) | unsigned5(interval.exponent, 11))
    }

    /// The sensor is on.
    pub const fn enabled(self) -> bool {
        bit(self.0, 0)
    }

    /// Readings have timestamps.
    pub const fn timestamps(self) -> bool {
        bit(self.0, 1)
    }

    /// The update interval; 0 seconds in CONFIG_SET leaves it as it is.
    pub const fn interval(self) -> Interval {
        let [_, _, low, high] = self.0.to_le_bytes();
        Interval { seconds: u16::from_le_bytes([low, high]), exponent: signed5(self.0, 11) }
    }

    /// Which way an interval that does not exist is rounded.
    pub const fn rounding(self) -> Rounding {
        if bit(self.0, 10) {
            Rounding::Nearest
        } else if bit(self.0, 9) {
            Rounding::Up
        } else {
            Rounding::Down
        }
    }

    /// The same with another rounding.
    pub const fn with_rounding(self, rounding: Rounding) -> Self {
        let bits = match rounding {
            Rounding::Down => 0,
            Rounding::Up => 1 << 9,
            Rounding::Nearest => 1 << 10,
        };
        Self(self.0 & !(3 << 9) | bits)
    }
}

/// Which way a value that does not exist is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the next lower one.
    Down,
    /// To the next higher one.
    Up,
    /// To the nearest one.
    Nearest,
}

/// The trip point control word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TripControl(pub u32);

impl TripControl {
    /// Bits that must be zero.
    pub const RESERVED: u32 = 0xFFFF_F00C;

    /// A control word.
    pub const fn new(trip_point: u8, mode: TripMode) -> Self {
        Self(
            u32::from_le_bytes([trip_point, 0, 0, 0]) << 4
                | u32::from_le_bytes([mode.0 & 3, 0, 0, 0]),
        )
    }

    /// Which trip point.
    pub const fn trip_point(self) -> u8 {
        low_byte(self.0 >> 4)
    }

    /// What to watch for.
    pub const fn mode(self) -> TripMode {
        TripMode(low_byte(self.0) & 3)
    }
}

crate::wire::open::open_number! {
    /// What a trip point watches for.
    pub struct TripMode(u8) {
        /// Nothing.
        OFF = 0,
        /// A value that rises to the trip point.
        RISING = 1,
        /// A value that falls below the trip point.
        FALLING = 2,
        /// Either.
        BOTH = 3,
    }
}

/// A count word of the axis lists: `[31:26]` remaining, `[5:0]` returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisCount {
    /// In this answer.
    pub returned: u8,
    /// Still to come.
    pub remaining: u8,
}

impl AxisCount {
    /// From its word.
    pub const fn from_word(word: u32) -> Self {
        Self { returned: low_byte(word) & 0x3F, remaining: low_byte(word >> 26) }
    }

    /// Its word; both are cut to 6 bits.
    pub const fn to_word(self) -> u32 {
        u32::from_le_bytes([self.returned & 0x3F, 0, 0, self.remaining << 2])
    }
}
