//! Bits that all transports share.

use core::fmt;

/// A device's status.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Status(pub u8);

impl Status {
    /// The device was reset.
    pub const RESET: Self = Self(0);
    /// The driver saw the device.
    pub const ACKNOWLEDGE: Self = Self(1);
    /// The driver knows how to drive it.
    pub const DRIVER: Self = Self(2);
    /// The driver runs.
    pub const DRIVER_OK: Self = Self(4);
    /// Both agree on the features.
    pub const FEATURES_OK: Self = Self(8);
    /// The device is in trouble, and of no use until it was reset.
    pub const NEEDS_RESET: Self = Self(0x40);
    /// The driver gave up.
    pub const FAILED: Self = Self(0x80);
    /// What a bus without a device reads as.
    pub const GONE: Self = Self(0xFF);

    /// Whether all bits of `other` are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These bits and those of `other`.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04x}", self.0)
    }
}

/// Why a device interrupted. Bits that no version has yet are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Interrupts(pub u8);

impl Interrupts {
    /// A queue has used entries.
    pub const fn queue(self) -> bool {
        self.0 & 1 != 0
    }

    /// The configuration or the status changed.
    pub const fn configuration(self) -> bool {
        self.0 & 2 != 0
    }
}

/// Why something is not an SCMI device that this driver can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProbeError {
    /// It is no virtio-mmio device: its first register is not "virt".
    Magic(u32),
    /// It is virtio-mmio of another version: 1 is legacy, which has no VERSION_1.
    Version(u32),
    /// It is another virtio device, or none if 0.
    Device(u32),
    /// It is another PCI function.
    Pci {
        /// Whose.
        vendor: u16,
        /// Which.
        device: u16,
    },
    /// One of the regions that a PCI device must have is absent, too short, or could not be mapped. The number
    /// is its type: 1 common, 2 notifications, 3 interrupt status.
    Region(u8),
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic(found) => write!(f, "no virtio-mmio device: it begins with {found:#x}"),
            Self::Version(1) => f.write_str("the virtio-mmio device is a legacy one, of version 1"),
            Self::Version(found) => write!(f, "virtio-mmio of version {found}, not 2"),
            Self::Device(0) => f.write_str("an empty place for a virtio device"),
            Self::Device(found) => write!(f, "a virtio device of type {found}, not 32"),
            Self::Pci { vendor, device } => write!(f, "the PCI function {vendor:04x}:{device:04x}"),
            Self::Region(kind) => {
                write!(f, "the device's region of type {kind} is absent or of no use")
            }
        }
    }
}

impl core::error::Error for ProbeError {}
