//! Spaces of ids.

use core::fmt;

use crate::wire::ProtocolId;

/// A kind of resource with ids of its own, dense from 0 for each agent (section 13.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Space {
    /// Power domains.
    PowerDomain,
    /// Performance domains.
    PerfDomain,
    /// Clocks.
    Clock,
    /// Sensors.
    Sensor,
    /// Reset domains.
    ResetDomain,
    /// Voltage domains.
    VoltageDomain,
    /// Domains whose power can be capped.
    PowerCap,
    /// Pins.
    Pin,
    /// Groups of pins.
    PinGroup,
    /// Functions of pins and groups.
    PinFunction,
    /// The system as a whole, which is one: an agent sees number 0, or nothing.
    System,
}

impl Space {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::PowerDomain,
        Self::PerfDomain,
        Self::Clock,
        Self::Sensor,
        Self::ResetDomain,
        Self::VoltageDomain,
        Self::PowerCap,
        Self::Pin,
        Self::PinGroup,
        Self::PinFunction,
        Self::System,
    ];

    /// The protocol that is about them.
    pub const fn protocol(self) -> ProtocolId {
        match self {
            Self::PowerDomain => ProtocolId::POWER,
            Self::PerfDomain => ProtocolId::PERF,
            Self::Clock => ProtocolId::CLOCK,
            Self::Sensor => ProtocolId::SENSOR,
            Self::ResetDomain => ProtocolId::RESET,
            Self::VoltageDomain => ProtocolId::VOLTAGE,
            Self::PowerCap => ProtocolId::POWERCAP,
            Self::Pin | Self::PinGroup | Self::PinFunction => ProtocolId::PINCTRL,
            Self::System => ProtocolId::SYSTEM,
        }
    }

    /// The space without which an agent has nothing of a protocol; none of a protocol without resources.
    pub(crate) fn main_of(protocol: ProtocolId) -> Option<Self> {
        Self::ALL.into_iter().find(|space| space.protocol() == protocol)
    }

    /// What one of them is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PowerDomain => "power domain",
            Self::PerfDomain => "performance domain",
            Self::Clock => "clock",
            Self::Sensor => "sensor",
            Self::ResetDomain => "reset domain",
            Self::VoltageDomain => "voltage domain",
            Self::PowerCap => "power cap",
            Self::Pin => "pin",
            Self::PinGroup => "pin group",
            Self::PinFunction => "pin function",
            Self::System => "system",
        }
    }
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_is_where_its_number_says() {
        for (position, space) in Space::ALL.into_iter().enumerate() {
            assert_eq!(space as usize, position);
        }
        assert_eq!(Space::main_of(ProtocolId::PINCTRL), Some(Space::Pin));
        assert_eq!(Space::main_of(ProtocolId(0x80)), None);
    }
}
