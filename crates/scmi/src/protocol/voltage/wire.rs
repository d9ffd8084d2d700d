//! Records of the Voltage protocol (section 8.5).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

pub use crate::protocol::common::{Count, NameReply};
use crate::wire::bits::bit_word;
use crate::wire::{I32, Nothing, ProtocolId, ShortName, U32};

/// PROTOCOL_ATTRIBUTES: the reply is a word, `[15:0]` domains.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ProtocolAttributes;

/// VOLTAGE_DOMAIN_ATTRIBUTES.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DomainAttributesGet {
    /// Which domain.
    pub domain: U32,
}

/// What a voltage domain is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct DomainAttributes {
    /// See [`DomainWord`]; zero in version 1.0.
    pub attributes: U32,
    /// Its name, or the beginning of it.
    pub name: ShortName,
}

/// VOLTAGE_DESCRIBE_LEVELS: a [`Count`], then levels in microvolts.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DescribeLevels {
    /// Which domain.
    pub domain: U32,
    /// The first level that is wanted; without meaning where they are a triplet.
    pub index: U32,
}

/// VOLTAGE_CONFIG_SET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ConfigSet {
    /// Which domain.
    pub domain: U32,
    /// `[3:0]` a [`Mode`], the rest reserved.
    pub config: U32,
}

/// VOLTAGE_CONFIG_GET: the reply is a word, `[3:0]` a [`Mode`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ConfigGet {
    /// Which domain.
    pub domain: U32,
}

/// VOLTAGE_LEVEL_SET; the delayed response is a [`LevelSetComplete`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct LevelSet {
    /// Which domain.
    pub domain: U32,
    /// `[0]` asynchronous, from version 2.0; the rest reserved.
    pub flags: U32,
    /// In microvolts.
    pub level: I32,
}

/// The values of LEVEL_SET_COMPLETE.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct LevelSetComplete {
    /// Which domain.
    pub domain: U32,
    /// The voltage that it has now, in microvolts.
    pub level: I32,
}

/// VOLTAGE_LEVEL_GET: the reply is a level in microvolts.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct LevelGet {
    /// Which domain.
    pub domain: U32,
}

/// VOLTAGE_DOMAIN_NAME_GET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NameGet {
    /// Which domain.
    pub domain: U32,
}

bind! { ProtocolId::VOLTAGE;
    ProtocolAttributes = 0x1 -> U32;
    DomainAttributesGet = 0x3 -> DomainAttributes;
    DescribeLevels = 0x4 -> U32;
    ConfigSet = 0x5 -> Nothing;
    ConfigGet = 0x6 -> U32;
    LevelSet = 0x7 -> Nothing;
    LevelGet = 0x8 -> I32;
    NameGet = 0x9 -> NameReply;
}

const _: () = {
    assert!(size_of::<DomainAttributes>() == 20);
    assert!(size_of::<LevelSet>() == 12);
    assert!(size_of::<LevelSetComplete>() == 8);
};

bit_word! {
    /// The attributes of a voltage domain, from version 2.0.
    pub struct DomainWord {
        /// Its level can be set asynchronously.
        ASYNC = 1 << 31,
        /// VOLTAGE_DOMAIN_NAME_GET knows the whole name.
        EXTENDED_NAME = 1 << 30,
    }
}

/// The flag of LEVEL_SET, from version 2.0: answer before the domain has the level.
pub const LEVEL_SET_ASYNC: u32 = 1 << 0;

crate::wire::open::open_number! {
    /// The mode of a voltage domain, four bits: those from 8 on are the platform's own, the others the architecture's,
    /// of which only two are not reserved.
    pub struct Mode(u8) {
        /// No voltage.
        OFF = 0,
        /// The level that is set.
        ON = 7,
    }
}

impl Mode {
    /// One of the platform's own, of which three bits count.
    pub const fn own(id: u8) -> Self {
        Self(id & 7 | 8)
    }

    /// Whether it is one of the platform's own.
    pub const fn is_own(self) -> bool {
        self.0 & 8 != 0
    }

    /// From a configuration word, if no reserved bit is set.
    pub const fn from_word(word: u32) -> Option<Self> {
        let [mode, ..] = word.to_le_bytes();
        if word & !0xF == 0 { Some(Self(mode)) } else { None }
    }
}
