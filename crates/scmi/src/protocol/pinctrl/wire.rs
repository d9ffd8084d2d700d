//! Records of the Pin control protocol (section 8.8).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

pub use crate::protocol::common::{Count, NameReply};
use crate::wire::bits::bit_word;
use crate::wire::{Nothing, ProtocolId, ShortName, U32};

/// PROTOCOL_ATTRIBUTES.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ProtocolAttributes;

/// How many pins, groups and functions there are.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Attributes {
    /// `[31:16]` groups, `[15:0]` pins.
    pub low: U32,
    /// `[15:0]` functions.
    pub high: U32,
}

impl Attributes {
    /// So many of each.
    pub fn new(pins: u16, groups: u16, functions: u16) -> Self {
        let low = u32::from(groups) << 16 | u32::from(pins);
        Self { low: U32::new(low), high: U32::new(functions.into()) }
    }

    /// How many pins there are.
    pub fn pins(&self) -> u16 {
        half(self.low.get())
    }

    /// How many groups there are.
    pub fn groups(&self) -> u16 {
        half(self.low.get() >> 16)
    }

    /// How many functions there are.
    pub fn functions(&self) -> u16 {
        half(self.high.get())
    }
}

/// The low half of a word.
const fn half(word: u32) -> u16 {
    let [low, high, ..] = word.to_le_bytes();
    u16::from_le_bytes([low, high])
}

/// PINCTRL_ATTRIBUTES.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ItemAttributesGet {
    /// Which pin, group or function.
    pub id: U32,
    /// `[1:0]` a [`Selector`], the rest reserved.
    pub flags: U32,
}

/// What a pin, group or function is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct ItemAttributes {
    /// See [`ItemWord`].
    pub attributes: U32,
    /// Its name, or the beginning of it.
    pub name: ShortName,
}

/// PINCTRL_LIST_ASSOCIATIONS: a [`Count`], then ids of 16 bits, padded to a word.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ListAssociations {
    /// Which group or function.
    pub id: U32,
    /// `[1:0]` a [`Selector`], the rest reserved.
    pub flags: U32,
    /// The first id that is wanted.
    pub index: U32,
}

/// PINCTRL_SETTINGS_GET: a [`SettingsHead`], then [`Setting`]s.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SettingsGet {
    /// Which pin or group.
    pub id: U32,
    /// See [`GetWord`].
    pub attributes: U32,
}

/// What comes before the settings of a pin or group.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct SettingsHead {
    /// The function that is selected, or [`NO_FUNCTION`].
    pub function: U32,
    /// See [`SettingCount`].
    pub count: U32,
}

/// One setting.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Setting {
    /// `[7:0]` a [`SettingType`], the rest reserved.
    pub kind: U32,
    /// Its value; the meaning depends on the type.
    pub value: U32,
}

/// PINCTRL_SETTINGS_CONFIGURE: this, then [`Setting`]s.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SettingsConfigure {
    /// Which pin or group.
    pub id: U32,
    /// The function to select, or [`NO_FUNCTION`]; without meaning unless the attributes say so.
    pub function: U32,
    /// See [`ConfigureWord`].
    pub attributes: U32,
}

/// PINCTRL_REQUEST.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Request {
    /// Which pin or group.
    pub id: U32,
    /// `[1:0]` a [`Selector`], the rest reserved.
    pub flags: U32,
}

/// PINCTRL_RELEASE.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Release {
    /// Which pin or group.
    pub id: U32,
    /// `[1:0]` a [`Selector`], the rest reserved.
    pub flags: U32,
}

/// PINCTRL_NAME_GET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NameGet {
    /// Which pin, group or function.
    pub id: U32,
    /// `[1:0]` a [`Selector`], the rest reserved.
    pub flags: U32,
}

/// PINCTRL_SET_PERMISSIONS.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SetPermissions {
    /// Which agent.
    pub agent: U32,
    /// Which pin or group.
    pub id: U32,
    /// Their layout is not public.
    pub flags: U32,
}

bind! { ProtocolId::PINCTRL;
    ProtocolAttributes = 0x1 -> Attributes;
    ItemAttributesGet = 0x3 -> ItemAttributes;
    ListAssociations = 0x4 -> U32;
    SettingsGet = 0x5 -> SettingsHead;
    SettingsConfigure = 0x6 -> Nothing;
    Request = 0x7 -> Nothing;
    Release = 0x8 -> Nothing;
    NameGet = 0x9 -> NameReply;
    SetPermissions = 0xA -> Nothing;
}

const _: () = {
    assert!(size_of::<Attributes>() == 8);
    assert!(size_of::<ItemAttributes>() == 20);
    assert!(size_of::<ListAssociations>() == 12);
    assert!(size_of::<SettingsHead>() == 8);
    assert!(size_of::<Setting>() == 8);
    assert!(size_of::<SettingsConfigure>() == 12);
    assert!(size_of::<SetPermissions>() == 12);
};

/// No function is selected.
pub const NO_FUNCTION: u32 = u32::MAX;

crate::wire::open::open_number! {
    /// What an id counts, two bits.
    pub struct Selector(u8) {
        /// Pins.
        PIN = 0,
        /// Groups of pins.
        GROUP = 1,
        /// Functions.
        FUNCTION = 2,
    }
}

impl Selector {
    /// Bits of a flags word that must be zero.
    pub const RESERVED: u32 = !3;

    /// From the low bits of a word.
    pub const fn from_word(word: u32) -> Self {
        let [selector, ..] = word.to_le_bytes();
        Self(selector & 3)
    }

    /// The word of flags that says only this.
    pub fn to_word(self) -> u32 {
        u32::from(self.0 & 3)
    }
}

crate::wire::open::open_number! {
    /// What a setting is about; from 192 it is the vendor's.
    pub struct SettingType(u8) {
        /// The platform's default.
        DEFAULT = 0,
        /// Keep the last value on the bus.
        BUS_HOLD = 1,
        /// No bias.
        BIAS_DISABLE = 2,
        /// High impedance.
        HIGH_IMPEDANCE = 3,
        /// Pull up, in ohms or on.
        PULL_UP = 4,
        /// Pull as the platform does by default.
        PULL_DEFAULT = 5,
        /// Pull down, in ohms or on.
        PULL_DOWN = 6,
        /// Drive low only.
        OPEN_DRAIN = 7,
        /// Drive high only.
        OPEN_SOURCE = 8,
        /// Drive both ways.
        PUSH_PULL = 9,
        /// How strongly it drives, in milliamperes.
        DRIVE_STRENGTH = 10,
        /// How long an input must be stable, in microseconds.
        INPUT_DEBOUNCE = 11,
        /// It is an input.
        INPUT_MODE = 12,
        /// How it is pulled.
        PULL_MODE = 13,
        /// What the input reads.
        INPUT_VALUE = 14,
        /// Schmitt trigger.
        SCHMITT = 15,
        /// Low power.
        LOW_POWER = 16,
        /// It is an output.
        OUTPUT_MODE = 17,
        /// What the output drives.
        OUTPUT_VALUE = 18,
        /// Which supply it uses.
        POWER_SOURCE = 19,
        /// How fast it changes.
        SLEW_RATE = 20,
    }
}

impl SettingType {
    /// The first type that vendors define.
    pub const FIRST_VENDOR: Self = Self(192);

    /// Whether the standard keeps it for later.
    pub const fn is_reserved(self) -> bool {
        self.0 > Self::SLEW_RATE.0 && self.0 < Self::FIRST_VENDOR.0
    }
}

bit_word! {
    /// The attributes of a pin, group or function.
    pub struct ItemWord {
        /// PINCTRL_NAME_GET knows the whole name.
        EXTENDED_NAME = 1 << 31,
        /// A function that makes general-purpose inputs and outputs of pins.
        GPIO = 1 << 17,
        /// A function that is given to single pins, not to groups.
        SELECTS_PINS = 1 << 16,
    }
}

impl ItemWord {
    /// The pins of a group, or the groups (or pins) that a function can be given to.
    pub const fn elements(self) -> u16 {
        half(self.0)
    }
}

crate::wire::open::open_number! {
    /// What PINCTRL_SETTINGS_GET asks for, two bits.
    pub struct Which(u8) {
        /// The setting of one type.
        ONE = 0,
        /// All settings.
        ALL = 1,
        /// The function, and no setting.
        FUNCTION = 2,
    }
}

/// The attributes of PINCTRL_SETTINGS_GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetWord(pub u32);

impl GetWord {
    /// Bits that must be zero.
    pub const RESERVED: u32 = !0x000F_FFFF;

    /// One setting.
    pub const fn one(selector: Selector, kind: SettingType) -> Self {
        Self::new(selector, Which::ONE, 0, kind.0)
    }

    /// All settings but the first few.
    pub const fn all(selector: Selector, skip: u8) -> Self {
        Self::new(selector, Which::ALL, skip, 0)
    }

    /// The function.
    pub const fn function(selector: Selector) -> Self {
        Self::new(selector, Which::FUNCTION, 0, 0)
    }

    const fn new(selector: Selector, which: Which, skip: u8, kind: u8) -> Self {
        Self(u32::from_le_bytes([kind, skip, (which.0 & 3) << 2 | selector.0 & 3, 0]))
    }

    /// What the id counts.
    pub const fn selector(self) -> Selector {
        Selector::from_word(self.0 >> 16)
    }

    /// What is asked for.
    pub const fn which(self) -> Which {
        let [which, ..] = (self.0 >> 18).to_le_bytes();
        Which(which & 3)
    }

    /// How many settings are not wanted again.
    pub const fn skip(self) -> u8 {
        let [_, skip, ..] = self.0.to_le_bytes();
        skip
    }

    /// The type that is asked for.
    pub const fn kind(self) -> SettingType {
        let [kind, ..] = self.0.to_le_bytes();
        SettingType(kind)
    }
}

/// The attributes of PINCTRL_SETTINGS_CONFIGURE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigureWord(pub u32);

impl ConfigureWord {
    /// Bits that must be zero.
    pub const RESERVED: u32 = !0x7FF;

    /// So many settings, and perhaps a function.
    pub fn new(selector: Selector, settings: u8, sets_function: bool) -> Self {
        let function = u32::from(sets_function) << 10;
        Self(function | u32::from(settings) << 2 | selector.to_word())
    }

    /// Whether the function is to be selected.
    pub const fn sets_function(self) -> bool {
        self.0 >> 10 & 1 == 1
    }

    /// How many settings follow.
    pub const fn settings(self) -> u8 {
        let [settings, ..] = (self.0 >> 2).to_le_bytes();
        settings
    }

    /// What the id counts.
    pub const fn selector(self) -> Selector {
        Selector::from_word(self.0)
    }
}

/// The count word of PINCTRL_SETTINGS_GET: `[31:24]` remaining, `[7:0]` returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingCount {
    /// In this answer.
    pub returned: u8,
    /// Still to come.
    pub remaining: u8,
}

impl SettingCount {
    /// From its word.
    pub const fn from_word(word: u32) -> Self {
        let [returned, _, _, remaining] = word.to_le_bytes();
        Self { returned, remaining }
    }

    /// Its word.
    pub const fn to_word(self) -> u32 {
        u32::from_le_bytes([self.returned, 0, 0, self.remaining])
    }
}
