//! The tables of all items but sensors.

use super::tables::{AGENTS, KEEP, NAME, NOTIFY};
use super::{Kind, OTHER, OTHERS, Table, U32, key, required};

/// Values that rise, or all from the lowest to the highest.
const CHOICE: Kind = Kind::Any(&[Kind::Array(&Kind::Quantity, 1, 65_535), Kind::Table(&RANGE)]);

static RANGE: Table = Table {
    keys: &[
        required("min", Kind::Quantity, "The lowest"),
        required("max", Kind::Quantity, "The highest"),
        required("step", Kind::Quantity, "From one to the next"),
    ],
};

pub(super) static CLOCK: Kind = Kind::Table(&Table {
    keys: &[
        NAME,
        key("rates", CHOICE, "The rates to choose from"),
        key("rate", Kind::Quantity, "At start: one of rates").at_start(),
        key("parents", Kind::Array(&OTHER, 1, 255), "What agents can choose its parent from"),
        key("parent", OTHER, "At start; without parents for ever").at_start(),
        key(
            "divide",
            Kind::Integer(1, 0xFFFF_FFFF),
            "It has the rate of its parent divided by this",
        ),
        key("enabled", Kind::Boolean, "Runs at start").at_start(),
        key("duty-cycle", Kind::Integer(0, 100), "Percent at start; it can be set").at_start(),
        key("phase", Kind::Integer(0, 359), "Degrees at start; it can be set").at_start(),
        key("enable-delay", Kind::Time, "How long it takes to switch it on"),
        key("rate-change", Kind::Time, "How long it takes to change its rate").live(),
        AGENTS,
        KEEP,
        key("owner", Kind::Name(15), "The only agent that may set its rate").rights(),
        NOTIFY,
    ],
});

pub(super) static POWER_DOMAIN: Kind = Kind::Table(&Table {
    keys: &[
        NAME,
        key("on-latency", Kind::Time, "How long it takes to come on").live(),
        key("off-latency", Kind::Time, "How long it takes to go off").live(),
        key(
            "states",
            Kind::Array(&Kind::Table(&POWER_STATE), 0, usize::MAX),
            "States between on and off, from the shallowest to the deepest",
        ),
        key("enabled", Kind::Boolean, "On at start, and when nobody asks for a state").at_start(),
        key("sync", Kind::Boolean, "Can be set with the answer at the end"),
        key("async", Kind::Boolean, "Can be set with the answer at the beginning"),
        key("processors", Kind::Boolean, "Holds processors: answered before the state changes"),
        key(
            "shared",
            Kind::Boolean,
            "An agent is told the state that it asked for; true unless said",
        ),
        AGENTS,
        KEEP,
        NOTIFY,
    ],
});

static POWER_STATE: Table = Table {
    keys: &[
        required("id", Kind::Integer(0, 0x0FFF_FFFF), "Its number"),
        key("context-lost", Kind::Boolean, "Whether what the domain held is lost in it"),
        key("latency", Kind::Time, "How long it takes to get there").live(),
    ],
};

/// The number or the frequency of a level; a rate has 63 bits.
const LEVEL: Kind = Kind::Any(&[Kind::Integer(0, 4_294_967_295_000), Kind::QuantityText]);

pub(super) static PERFORMANCE_DOMAIN: Kind = Kind::Table(&Table {
    keys: &[
        NAME,
        required("levels", Kind::Array(&Kind::Table(&PERFORMANCE_LEVEL), 1, 4095), "Rising"),
        key("level", LEVEL, "At start: the number or the frequency of one of levels").at_start(),
        key("sustained-level", LEVEL, "Can be held for ever"),
        key("indexed", Kind::Boolean, "Agents name levels by index"),
        key("rate-limit", Kind::Time, "To leave between requests: at most 1048575 us"),
        key("power-domain", OTHER, "The power domain that it is in").live(),
        key(
            "cpus",
            Kind::Any(&[
                Kind::Words(|| vec!["all".into()]),
                Kind::Array(&Kind::Integer(0, 4095), 1, 4096),
            ]),
            "The CPUs of a guest that it drives, for scmictl dt",
        )
        .live(),
        AGENTS,
        key("owner", Kind::Name(15), "The only agent that may set its level").rights(),
        NOTIFY,
    ],
});

static PERFORMANCE_LEVEL: Table = Table {
    keys: &[
        key("frequency", Kind::Quantity, "Whole kilohertz"),
        key("level", Kind::Integer(1, 0xFFFF_FFFF), "Its number; the frequency in kHz"),
        key("cost", Kind::Any(&[U32, Kind::QuantityText]), "What it consumes"),
        key("latency", Kind::Time, "How long it takes to get there"),
        key("index", U32, "Its name with indexed"),
    ],
};

pub(super) static VOLTAGE_DOMAIN: Kind = Kind::Table(&Table {
    keys: &[
        NAME,
        required("levels", CHOICE, "Negative for a negative rail"),
        key("level", Kind::Quantity, "At start: one of levels").at_start(),
        key("enabled", Kind::Boolean, "On at start").at_start(),
        key("can-be-off", Kind::Boolean, "Whether it can be off"),
        key("async", Kind::Boolean, "Its level can be set without waiting"),
        key("enable-delay", Kind::Time, "How long it takes to come on").live(),
        key("level-change", Kind::Time, "How long it takes to change the level").live(),
        AGENTS,
        KEEP,
    ],
});

pub(super) static RESET_DOMAIN: Kind = Kind::Table(&Table {
    keys: &[
        NAME,
        key("latency", Kind::Time, "How long a cycle takes"),
        key("async", Kind::Boolean, "A cycle can be asked for without waiting for its end"),
        key("hold", Kind::Boolean, "Can be held in reset and let go"),
        key(
            "states",
            Kind::Array(&Kind::Integer(0, 0x7FFF_FFFF), 0, usize::MAX),
            "The platform's own kinds of reset beside the cold one",
        ),
        AGENTS,
        NOTIFY,
    ],
});

const STEPS_OF_POWER: Kind = Kind::Any(&[Kind::Quantity, Kind::Table(&RANGE)]);

const STEPS_OF_TIME: Kind = Kind::Any(&[
    Kind::Time,
    Kind::Table(&Table {
        keys: &[
            required("min", Kind::Time, "The shortest"),
            required("max", Kind::Time, "The longest"),
            required("step", Kind::Time, "From one to the next"),
        ],
    }),
]);

pub(super) static POWER_CAP: Kind = Kind::Table(&Table {
    keys: &[
        NAME,
        required("cap", STEPS_OF_POWER, "The caps that can be set; none can with one power"),
        key("averaging", STEPS_OF_TIME, "The averaging intervals that can be set"),
        key("averaging-interval", Kind::Time, "At start: one of averaging").at_start(),
        key("parent", OTHER, "The power cap that it is part of"),
        key("measures", OTHERS, "Performance domains whose power counts").live(),
        key("power", Kind::Quantity, "What it consumes beside these").live(),
        key("sustainable-power", Kind::Quantity, "What it can consume for ever"),
        key("accuracy", Kind::Number, "Of measurements, in percent"),
        key("monitoring", Kind::Boolean, "Is measured"),
        key("async", Kind::Boolean, "Its cap can be set asynchronously"),
        key("set-time", Kind::Time, "How long a cap takes to be in force").live(),
        AGENTS,
        NOTIFY,
    ],
});

pub(super) const SETTING: Kind = Kind::Any(&[Kind::Boolean, U32, Kind::Table(&SETTING_RANGE)]);

static SETTING_RANGE: Table = Table {
    keys: &[
        required("value", U32, "At start").at_start(),
        key("min", U32, "The least"),
        key("max", U32, "The most"),
    ],
};

const SETTINGS: Kind = Kind::Settings(&SETTING);

pub(super) static PIN: Kind = Kind::Table(&Table {
    keys: &[
        NAME,
        key("settings", SETTINGS, "What can be set up, and how it is at start").at_start(),
        AGENTS,
    ],
});

pub(super) static PIN_GROUP: Kind = Kind::Table(&Table {
    keys: &[
        NAME,
        required("pins", Kind::Array(&OTHER, 1, 65_535), "The pins that it is"),
        key("settings", SETTINGS, "What can be set up, and how it is at start").at_start(),
        AGENTS,
    ],
});

pub(super) static PIN_FUNCTION: Kind = Kind::Table(&Table {
    keys: &[
        NAME,
        key("groups", Kind::Array(&OTHER, 1, 65_535), "The groups that it can be given to"),
        key("pins", Kind::Array(&OTHER, 1, 65_535), "The pins that it can be given to"),
        key("selected", OTHERS, "What has it at start").at_start(),
        key("gpio", Kind::Boolean, "Makes general-purpose inputs and outputs of pins"),
    ],
});
