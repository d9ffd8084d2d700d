//! The messages that are sent, and what their words are.

use scmi::platform::Space;

/// A command: its protocol, its id, since which version it is there, and its words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Command {
    pub(crate) name: &'static str,
    pub(crate) protocol: u32,
    pub(crate) message: u32,
    pub(crate) since: u32,
    pub(crate) words: &'static [Word],
    /// How often it is chosen, of all.
    pub(crate) weight: usize,
}

impl Command {
    /// Without a token.
    pub(crate) const fn header(&self) -> u32 {
        self.protocol << 10 | self.message
    }
}

/// What a word of a command is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Word {
    /// An id of this space.
    Id(Space),
    /// One of these, usually.
    Of(&'static [u32]),
    /// The number of an agent, mostly its own.
    Agent,
    /// The number of any agent.
    Other,
}

/// A notification.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notification {
    pub(crate) protocol: u32,
    pub(crate) message: u32,
    pub(crate) since: u32,
}

impl Notification {
    const fn new(protocol: u32, message: u32, since: u32) -> Self {
        Self { protocol, message, since }
    }
}

pub(crate) const BASE: u32 = 0x10;
pub(crate) const POWER: u32 = 0x11;
pub(crate) const SYSTEM: u32 = 0x12;
pub(crate) const PERF: u32 = 0x13;
pub(crate) const CLOCK: u32 = 0x14;
pub(crate) const SENSOR: u32 = 0x15;
pub(crate) const RESET: u32 = 0x16;
pub(crate) const VOLTAGE: u32 = 0x17;
pub(crate) const POWERCAP: u32 = 0x18;
pub(crate) const PINS: u32 = 0x19;

pub(crate) const NEGOTIATE: u32 = 0x10;

pub(crate) const V1: u32 = 0x1_0000;
pub(crate) const V2: u32 = 0x2_0000;
pub(crate) const V3: u32 = 0x3_0000;
pub(crate) const V4: u32 = 0x4_0000;

pub(crate) const POWER_CHANGED: Notification = Notification::new(POWER, 0, V1);
pub(crate) const POWER_REQUESTED: Notification = Notification::new(POWER, 1, V2);
pub(crate) const LIMITS_CHANGED: Notification = Notification::new(PERF, 0, V1);
pub(crate) const LEVEL_CHANGED: Notification = Notification::new(PERF, 1, V1);
pub(crate) const RATE_CHANGED: Notification = Notification::new(CLOCK, 0, V2);
pub(crate) const RATE_REQUESTED: Notification = Notification::new(CLOCK, 1, V2);
pub(crate) const RESET_ISSUED: Notification = Notification::new(RESET, 0, V1);
pub(crate) const CAP_CHANGED: Notification = Notification::new(POWERCAP, 0, V1);

/// The protocols with the versions that can be spoken, oldest first.
pub(crate) const VERSIONS: &[(u32, &[u32])] = &[
    (BASE, &[V1, V2, 0x2_0001]),
    (POWER, &[V1, V2, V3, 0x3_0001]),
    (PERF, &[V1, V2, V3, V4]),
    (CLOCK, &[V1, V2, V3]),
    (SENSOR, &[V1, V2, V3, 0x3_0001]),
    (RESET, &[V1, V2, V3, 0x3_0001]),
    (VOLTAGE, &[V1, V2, 0x2_0001]),
    (POWERCAP, &[V1, V2]),
    (PINS, &[V1]),
];

const fn command(
    name: &'static str,
    protocol: u32,
    message: u32,
    since: u32,
    words: &'static [Word],
    weight: usize,
) -> Command {
    Command { name, protocol, message, since, words, weight }
}

use Word::{Agent, Id, Of, Other};

const ON_OFF: Word = Of(&[0, 1, 1, 1]);
const FLAGS: Word = Of(&[0, 0, 0, 0, 0, 1, 1, 1, 2, 4]);
const CAP_FLAGS: Word = Of(&[0, 0, 0, 0, 0, 2, 2, 3, 1, 4]);
const SELECTOR: Word = Of(&[0, 0, 1, 1, 2]);

/// All that is asked. The gets are also what the comparison reads back.
pub(crate) const COMMANDS: &[Command] = &[
    command("BASE_ATTRIBUTES", BASE, 1, V1, &[], 2),
    command("LIST_PROTOCOLS", BASE, 6, V1, &[Of(&[0, 0, 1, 4, 8])], 3),
    command("SET_DEVICE_PERMISSIONS", BASE, 9, V2, &[Other, DEVICE, PERMIT], 12),
    command("SET_PROTOCOL_PERMISSIONS", BASE, 0xA, V2, &[Other, DEVICE, PROTOCOL, PERMIT], 20),
    command("RESET_AGENT_CONFIGURATION", BASE, 0xB, V2, &[Agent, Of(&[0, 0, 1, 2])], 6),
    command("POWER_STATE_SET", POWER, 4, V1, &[FLAGS, Id(Space::PowerDomain), POWER_STATE], 30),
    command("POWER_STATE_GET", POWER, 5, V1, &[Id(Space::PowerDomain)], 4),
    command("POWER_STATE_NOTIFY", POWER, 6, V1, &[Id(Space::PowerDomain), ON_OFF], 15),
    command("POWER_REQUESTED_NOTIFY", POWER, 7, V2, &[Id(Space::PowerDomain), ON_OFF], 15),
    command("PERF_LIMITS_SET", PERF, 5, V1, &[Id(Space::PerfDomain), MAX, MIN], 20),
    command("PERF_LIMITS_GET", PERF, 6, V1, &[Id(Space::PerfDomain)], 4),
    command("PERF_LEVEL_SET", PERF, 7, V1, &[Id(Space::PerfDomain), LEVEL], 20),
    command("PERF_LEVEL_GET", PERF, 8, V1, &[Id(Space::PerfDomain)], 4),
    command("PERF_NOTIFY_LIMITS", PERF, 9, V1, &[Id(Space::PerfDomain), ON_OFF], 15),
    command("PERF_NOTIFY_LEVEL", PERF, 0xA, V1, &[Id(Space::PerfDomain), ON_OFF], 15),
    command("CLOCK_ATTRIBUTES", CLOCK, 3, V1, &[Id(Space::Clock)], 0),
    command("CLOCK_RATE_SET", CLOCK, 5, V1, &[RATE_FLAGS, Id(Space::Clock), RATE, HIGH], 50),
    command("CLOCK_RATE_GET", CLOCK, 6, V1, &[Id(Space::Clock)], 4),
    command("CLOCK_CONFIG_SET", CLOCK, 7, V1, &[Id(Space::Clock), CLOCK_CONFIG, EXTENDED], 50),
    command("CLOCK_RATE_NOTIFY", CLOCK, 9, V2, &[Id(Space::Clock), ON_OFF], 15),
    command("CLOCK_REQUESTED_NOTIFY", CLOCK, 0xA, V2, &[Id(Space::Clock), ON_OFF], 15),
    command("CLOCK_CONFIG_GET", CLOCK, 0xB, V3, &[Id(Space::Clock), Of(&[0, 1, 2])], 4),
    command("CLOCK_PARENT_SET", CLOCK, 0xD, V3, &[Id(Space::Clock), Id(Space::Clock)], 20),
    command("CLOCK_PARENT_GET", CLOCK, 0xE, V3, &[Id(Space::Clock)], 4),
    command("CLOCK_GET_PERMISSIONS", CLOCK, 0xF, V3, &[Id(Space::Clock)], 2),
    command("SENSOR_TRIP_NOTIFY", SENSOR, 4, V1, &[Id(Space::Sensor), ON_OFF], 15),
    command("SENSOR_TRIP_CONFIG", SENSOR, 5, V1, &[Id(Space::Sensor), TRIP, TRIP_LOW, HIGH], 10),
    command("SENSOR_READING_GET", SENSOR, 6, V1, &[Id(Space::Sensor), READING], 10),
    command("SENSOR_CONFIG_GET", SENSOR, 9, V2, &[Id(Space::Sensor)], 4),
    command("SENSOR_CONFIG_SET", SENSOR, 0xA, V2, &[Id(Space::Sensor), SENSOR_CONFIG], 20),
    command("SENSOR_UPDATE_NOTIFY", SENSOR, 0xB, V2, &[Id(Space::Sensor), ON_OFF], 15),
    command("RESET", RESET, 4, V1, &[Id(Space::ResetDomain), FLAGS_8, RESET_STATE], 20),
    command("RESET_NOTIFY", RESET, 5, V1, &[Id(Space::ResetDomain), ON_OFF], 15),
    command("VOLTAGE_CONFIG_SET", VOLTAGE, 5, V1, &[Id(Space::VoltageDomain), MODE], 30),
    command("VOLTAGE_CONFIG_GET", VOLTAGE, 6, V1, &[Id(Space::VoltageDomain)], 4),
    command("VOLTAGE_LEVEL_SET", VOLTAGE, 7, V1, &[Id(Space::VoltageDomain), FLAGS, VOLTS], 15),
    command("VOLTAGE_LEVEL_GET", VOLTAGE, 8, V1, &[Id(Space::VoltageDomain)], 4),
    command("POWERCAP_CAP_GET", POWERCAP, 4, V1, &[Id(Space::PowerCap)], 4),
    command("POWERCAP_CAP_SET", POWERCAP, 5, V1, &[Id(Space::PowerCap), CAP_FLAGS, CAP], 30),
    command("POWERCAP_PAI_GET", POWERCAP, 6, V1, &[Id(Space::PowerCap)], 4),
    command("POWERCAP_PAI_SET", POWERCAP, 7, V1, &[Id(Space::PowerCap), Of(&[0]), PAI], 8),
    command("POWERCAP_CAP_NOTIFY", POWERCAP, 0xA, V1, &[Id(Space::PowerCap), ON_OFF], 15),
    command("PIN_SETTINGS_GET", PINS, 5, V1, &[Id(Space::Pin), SETTINGS_GET], 4),
    command(
        "PIN_SETTINGS_CONFIGURE",
        PINS,
        6,
        V1,
        &[Id(Space::Pin), FUNCTION, CONFIGURE, SETTING, VALUE],
        20,
    ),
    command("PIN_REQUEST", PINS, 7, V1, &[Id(Space::Pin), SELECTOR], 25),
    command("PIN_RELEASE", PINS, 8, V1, &[Id(Space::Pin), SELECTOR], 20),
];

const DEVICE: Word = Of(&[0, 0, 0, 1, 1, 2, 3]);
const PERMIT: Word = Of(&[0, 0, 1, 1, 2]);
const PROTOCOL: Word =
    Of(&[POWER, PERF, CLOCK, SENSOR, RESET, VOLTAGE, POWERCAP, PINS, BASE, SYSTEM, 0x114]);
const POWER_STATE: Word = Of(&[0, 0, 0x4000_0000, 0x4000_0000, 1, 0x4000_0002]);
const LEVEL: Word = Of(&[
    0, 1, 2, 3, 500_000, 1_000_000, 1_000_000, 1_200_000, 1_500_000, 2_000_000, 2_000_000,
    2_000_001,
]);
const MAX: Word = Of(&[0, 2, 3, 750_000, 1_000_000, 1_500_000, 1_500_000, 2_000_000, 2_000_000]);
const MIN: Word =
    Of(&[0, 0, 1, 1, 2, 500_000, 750_000, 1_000_000, 1_000_000, 1_500_000, 2_000_000]);
const RATE_FLAGS: Word = Of(&[0, 0, 0, 0, 1, 1, 3, 4, 5, 8, 0xC, 0x10]);
const RATE: Word = Of(&[
    24_000_000,
    24_000_000,
    48_000_000,
    48_000_000,
    96_000_000,
    25_000_000,
    50_000_000,
    200_000_000,
    600_000_000,
    640_000_000,
    660_000_000,
    2_000_000_000,
    2_000_000_001,
    1,
]);
const HIGH: Word = Of(&[0]);
const CLOCK_CONFIG: Word =
    Of(&[0, 0, 1, 1, 1, 2, 3, 0x1_0003, 0x1_0001, 0x2_0003, 0x2_0000, 0x3_0003]);
const EXTENDED: Word = Of(&[0, 25, 100, 101, 359, 360]);
const TRIP: Word = Of(&[0, 1, 2, 3, 0x11, 0x12, 0x20, 0x31]);
const TRIP_LOW: Word = Of(&[10_000, 50_000, 90_000]);
const READING: Word = Of(&[0, 0, 0, 1, 1, 2]);
const SENSOR_CONFIG: Word = Of(&[
    0, 1, 1, 3, 2, 0x1_0001, 0x1_0000, 0x5_0001, 0xA_F801, 0x1_0403, 0xA_E801, 0x2_0201, 0x3_0401,
]);
const FLAGS_8: Word = Of(&[0, 1, 1, 2, 2, 3, 4, 5, 8]);
const RESET_STATE: Word = Of(&[0, 0, 0, 1, 0x8000_0001, 0x8000_0002]);
const MODE: Word = Of(&[0, 0, 0, 7, 7, 7, 1, 8, 0x10]);
const VOLTS: Word = Of(&[
    1_800_000, 3_300_000, 600_000, 612_500, 620_000, 850_000, 1_200_000, 1_800_000, 3_300_000, 0,
]);
const CAP: Word = Of(&[
    0, 0, 500_000, 1_000_000, 1_050_000, 2_000_000, 3_000_000, 5_000_000, 12_000_000, 12_100_000,
]);
const PAI: Word = Of(&[10_000, 15_000, 20_000, 1_000_000, 10_000_000, 10_000_001, 0]);
const SETTINGS_GET: Word = Of(&[0x4_0000, 0x8_0000, 0x4_0000 | 1 << 16, 0x8_0000 | 1 << 16]);
const FUNCTION: Word = Of(&[0, 0, 1, 1, 2, 0xFFFF_FFFF]);
/// One setting, or one and the function, or only the function (then two words too many); of a pin, or a group.
const CONFIGURE: Word = Of(&[4, 4, 5, 5, 4 | 1 << 10, 5 | 1 << 10, 1 << 10, 1 | 1 << 10]);
const SETTING: Word = Of(&[4, 10, 10, 20]);
const VALUE: Word = Of(&[0, 1, 2, 4, 16, 17]);
