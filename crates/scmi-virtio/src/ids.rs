//! The numbers of the SCMI device, from the virtio specification's section on device type 32.

use core::fmt;

/// The virtio device id.
pub const DEVICE: u32 = 32;

/// The PCI device id; there is no transitional one.
pub const PCI_DEVICE: u16 = 0x1060;

/// The queue on which the driver offers commands.
pub const COMMAND_QUEUE: u16 = 0;

/// The queue on which the driver offers buffers for notifications and delayed responses. It exists only if
/// [`P2A_CHANNELS`] was negotiated.
pub const EVENT_QUEUE: u16 = 1;

/// Feature bit 0: the device can send notifications, delayed responses or both.
pub const P2A_CHANNELS: u64 = 1 << 0;

/// Feature bit 1: the device can provide statistics or sensor values in shared memory. Nobody offers it yet.
pub const SHARED_MEMORY: u64 = 1 << 1;

/// A shared memory region of the device, by the specification's table (R16).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedMemoryId(pub u16);

impl SharedMemoryId {
    /// Statistics of the power states.
    pub const POWER_STATISTICS: Self = Self(1);
    /// Statistics of the performance domains.
    pub const PERFORMANCE_STATISTICS: Self = Self(2);
    /// Sensor values.
    pub const SENSOR_VALUES: Self = Self(3);

    /// Whether a vendor gives the region its meaning.
    pub const fn is_vendor(self) -> bool {
        matches!(self.0, 0x80..=0xFF)
    }

    /// Whether the specification has a meaning for it or leaves it to vendors.
    pub const fn is_assigned(self) -> bool {
        matches!(self.0, 1..=3) || self.is_vendor()
    }
}

impl fmt::Debug for SharedMemoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::POWER_STATISTICS => f.write_str("POWER_STATISTICS"),
            Self::PERFORMANCE_STATISTICS => f.write_str("PERFORMANCE_STATISTICS"),
            Self::SENSOR_VALUES => f.write_str("SENSOR_VALUES"),
            Self(other) => write!(f, "{other:#x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pci_id_follows_from_the_device_id() {
        assert_eq!(u32::from(PCI_DEVICE), 0x1040 + DEVICE);
    }

    #[test]
    fn region_ids_are_assigned_as_the_table_says() {
        let assigned: std::vec::Vec<u16> =
            (0..0x200).filter(|&id| SharedMemoryId(id).is_assigned()).collect();
        let expected: std::vec::Vec<u16> = (1..=3).chain(0x80..=0xFF).collect();
        assert_eq!(assigned, expected);
        assert!(!SharedMemoryId::SENSOR_VALUES.is_vendor());
        assert_eq!(std::format!("{:?}", SharedMemoryId(0x81)), "0x81");
    }
}
