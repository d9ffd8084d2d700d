//! A board with something of each kind for two agents who set, and one who looks.

/// What ends in 0 the first agent sets, what ends in 1 the second.
pub(super) const BOARD: &str = r#"
platform.vendor = "acme"
agent = [
    { name = "vm1" },
    { name = "vm2" },
    # Who may not switch a domain does not hold it by looking.
    { name = "observer", power-domains = [{ name = "pd0", may = "read" }, { name = "pd1", may = "read" }] },
]
clock = [
    { name = "clock0", rates = { min = 1, max = 4e9, step = 1 } },
    { name = "clock1", rates = { min = 1, max = 4e9, step = 1 } },
]
voltage-domain = [
    { name = "rail0", levels = { min = 0.001, max = 2.0, step = 0.000001 } },
    { name = "rail1", levels = { min = 0.001, max = 2.0, step = 0.000001 } },
]
performance-domain = [
    { name = "cpu0", levels = [{ level = 1 }, { level = 2 }, { level = 3 }, { level = 4 }, { level = 5 }, { level = 6 }, { level = 7 }, { level = 8 }] },
    { name = "cpu1", levels = [{ level = 1 }, { level = 2 }, { level = 3 }, { level = 4 }, { level = 5 }, { level = 6 }, { level = 7 }, { level = 8 }] },
]
power-cap = [
    { name = "cap0", cap = { min = 1, max = 4000, step = 0.000001 } },
    { name = "cap1", cap = { min = 1, max = 4000, step = 0.000001 } },
]
power-domain = [{ name = "pd0" }, { name = "pd1" }]
sensor = [
    { name = "temp0", type = "temperature", source = 20, timestamps = true },
    { name = "temp1", type = "temperature", source = 20, timestamps = true },
]
pin = [
    { name = "pin0", settings = { drive-strength = { value = 1, min = 0, max = 1000000 } } },
    { name = "pin1", settings = { drive-strength = { value = 1, min = 0, max = 1000000 } } },
]
"#;

/// Something that an agent sets, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    /// The rate of a clock, in hertz.
    Rate(u32),
    /// Whether the agent wants a clock on.
    Gate(u32),
    /// In microvolts.
    Volts(u32),
    /// A level of performance.
    Level(u32),
    /// In microwatts.
    Cap(u32),
    /// Off or on.
    Domain(u32),
    /// A sensor that is enabled and has timestamps, or not.
    Sensor(u32),
    /// How strongly a pin drives.
    Drive(u32),
}

/// All that an agent sets.
pub(super) fn things(agent: u32) -> Vec<Thing> {
    use Thing::{Cap, Domain, Drive, Gate, Level, Rate, Sensor, Volts};
    let all = [Rate, Gate, Volts, Level, Cap, Domain, Sensor, Drive];
    all.map(|thing| thing(agent)).to_vec()
}

const PERF: u32 = 0x13 << 10;
const CLOCK: u32 = 0x14 << 10;
const DRIVE_STRENGTH: u32 = 10;

impl Thing {
    /// A value to be set, of chance.
    pub(super) fn value(self, chance: u64) -> u32 {
        let below = |most: u64| u32::try_from(chance % most).expect("32 bits");
        match self {
            Self::Rate(_) => 1 + below(4_000_000_000),
            Self::Gate(_) | Self::Domain(_) => below(2),
            Self::Volts(_) => 1000 + below(1_000_000),
            Self::Level(_) => 1 + below(8),
            Self::Cap(_) => 1_000_000 + below(3_000_000_000),
            Self::Sensor(_) => below(4),
            Self::Drive(_) => below(1_000_000),
        }
    }

    /// The header and the words that set it.
    pub(super) fn set(self, value: u32) -> (u32, Vec<u32>) {
        match self {
            Self::Rate(id) => (CLOCK | 5, vec![0, id, value, 0]),
            Self::Gate(id) => (CLOCK | 7, vec![id, value, 0]),
            Self::Volts(id) => (0x17 << 10 | 7, vec![id, 0, value]),
            Self::Level(id) => (PERF | 7, vec![id, value]),
            Self::Cap(id) => (0x18 << 10 | 5, vec![id, 0, value]),
            Self::Domain(id) => {
                (0x11 << 10 | 4, vec![0, id, if value == 1 { 0 } else { 0x4000_0000 }])
            }
            Self::Sensor(id) => (0x15 << 10 | 0xA, vec![id, value]),
            Self::Drive(id) => (0x19 << 10 | 6, vec![id, 0, 1 << 2, DRIVE_STRENGTH, value]),
        }
    }

    /// The header and the words by which anybody reads it, where anybody can.
    pub(super) fn get(self) -> Option<(u32, Vec<u32>)> {
        (!matches!(self, Self::Gate(_))).then(|| self.own_get())
    }

    /// The header and the words by which who has set it reads it.
    pub(super) fn own_get(self) -> (u32, Vec<u32>) {
        match self {
            Self::Rate(id) => (CLOCK | 6, vec![id]),
            Self::Gate(id) => (CLOCK | 0xB, vec![id, 0]),
            Self::Volts(id) => (0x17 << 10 | 8, vec![id]),
            Self::Level(id) => (PERF | 8, vec![id]),
            Self::Cap(id) => (0x18 << 10 | 4, vec![id]),
            Self::Domain(id) => (0x11 << 10 | 5, vec![id]),
            Self::Sensor(id) => (0x15 << 10 | 9, vec![id]),
            Self::Drive(id) => (0x19 << 10 | 5, vec![id, DRIVE_STRENGTH]),
        }
    }

    /// The value in an answer to that.
    pub(super) fn read(self, words: &[u32]) -> u32 {
        match self {
            Self::Gate(_) => words[1],
            Self::Domain(_) => u32::from(words[0] == 0),
            Self::Sensor(_) => words[0] & 3,
            Self::Drive(_) => words[3],
            _ => words[0],
        }
    }
}
