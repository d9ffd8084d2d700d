//! Records of the Base protocol (section 6).

use zerocopy::{FromBytes, I32, Immutable, IntoBytes, KnownLayout, LittleEndian, Unaligned};

use crate::wire::{Nothing, ProtocolId, ShortName, U32};

/// The agent id of the platform itself.
pub const PLATFORM_AGENT: u32 = 0;
/// The agent id by which an agent asks for itself.
pub const MYSELF: u32 = 0xFFFF_FFFF;

/// PROTOCOL_ATTRIBUTES: see [`Attributes`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ProtocolAttributes;

/// How many protocols and agents there are.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Attributes {
    /// Protocols visible to this agent, Base not counted.
    pub protocols: u8,
    /// Agents; 0 where agent discovery is not implemented. The platform is not counted.
    pub agents: u8,
    /// Zero.
    pub reserved: [u8; 2],
}

/// DISCOVER_VENDOR.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DiscoverVendor;

/// DISCOVER_SUB_VENDOR.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DiscoverSubVendor;

/// DISCOVER_IMPLEMENTATION_VERSION.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DiscoverImplementationVersion;

/// DISCOVER_LIST_PROTOCOLS: the reply is the count of ids, then the ids, a byte each, padded to words.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ListProtocols {
    /// How many to skip.
    pub skip: U32,
}

/// DISCOVER_AGENT from version 2.0.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DiscoverAgent {
    /// Which agent; [`MYSELF`] for the caller, [`PLATFORM_AGENT`] for the platform.
    pub agent: U32,
}

/// An agent, from version 2.0. Version 1.0 returns the name alone.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct AgentInfo {
    /// Its real id.
    pub agent: U32,
    /// Its name.
    pub name: ShortName,
}

/// NOTIFY_ERRORS.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NotifyErrors {
    /// `[0]` on or off, the rest reserved.
    pub enable: U32,
}

/// SET_DEVICE_PERMISSIONS.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SetDevicePermissions {
    /// Whose.
    pub agent: U32,
    /// Which device.
    pub device: U32,
    /// `[0]` allow, the rest reserved.
    pub flags: U32,
}

/// SET_PROTOCOL_PERMISSIONS.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SetProtocolPermissions {
    /// Whose.
    pub agent: U32,
    /// Which device.
    pub device: U32,
    /// `[7:0]` the protocol.
    pub command: U32,
    /// `[0]` allow, the rest reserved.
    pub flags: U32,
}

/// RESET_AGENT_CONFIGURATION.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ResetAgentConfiguration {
    /// Whose.
    pub agent: U32,
    /// `[0]` permissions too, the rest reserved.
    pub flags: U32,
}

/// BASE_ERROR_EVENT: this head, then [`ErrorReport`]s.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct ErrorEvent {
    /// Whose commands.
    pub agent: U32,
    /// `[31]` fatal, `[9:0]` how many reports follow.
    pub error_status: U32,
}

impl ErrorEvent {
    /// Most reports in one event: they fill the 128 bytes that every agent can take.
    pub const MAX_REPORTS: usize = 15;
}

/// One command that went wrong.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct ErrorReport {
    /// Its header.
    pub header: U32,
    /// What it ended with.
    pub status: I32<LittleEndian>,
}

bind! { ProtocolId::BASE;
    ProtocolAttributes = 0x1 -> Attributes;
    DiscoverVendor = 0x3 -> ShortName;
    DiscoverSubVendor = 0x4 -> ShortName;
    DiscoverImplementationVersion = 0x5 -> U32;
    ListProtocols = 0x6 -> U32;
    DiscoverAgent = 0x7 -> AgentInfo;
    NotifyErrors = 0x8 -> Nothing;
    SetDevicePermissions = 0x9 -> Nothing;
    SetProtocolPermissions = 0xA -> Nothing;
    ResetAgentConfiguration = 0xB -> Nothing;
}

const _: () = {
    assert!(size_of::<ProtocolAttributes>() == 0);
    assert!(size_of::<Attributes>() == 4);
    assert!(size_of::<ListProtocols>() == 4);
    assert!(size_of::<AgentInfo>() == 20);
    assert!(size_of::<SetDevicePermissions>() == 12);
    assert!(size_of::<SetProtocolPermissions>() == 16);
    assert!(size_of::<ResetAgentConfiguration>() == 8);
    assert!(size_of::<ErrorEvent>() == 8);
    assert!(size_of::<ErrorReport>() == 8);
};
