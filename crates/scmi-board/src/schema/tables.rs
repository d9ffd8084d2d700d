//! The file as a whole, `[platform]`, `[[agent]]` and `[system]`.

use scmi::platform::Space;
use scmi::protocol;
use scmi::protocol::system::wire::SystemState;

use super::{
    Key, Kind, OTHER, OTHERS, Table, U32, U64, VERSION, faults, items, key, required, sensors,
};
use crate::check::{MAX_NAME, MAX_SOCKET_NAME};
use crate::rights;

/// Tables of a kind: their ids have 16 bits on the wire.
const fn list(of: &'static Kind) -> Kind {
    Kind::Array(of, 0, 65_535)
}

pub(crate) static ROOT: Table = Table {
    keys: &[
        key("version", Kind::Integer(VERSION, VERSION), "Of the form of board files").live(),
        required("platform", Kind::Table(&PLATFORM), "What the Base protocol says of the platform"),
        required("agent", Kind::Array(&AGENT, 1, 255), "Somebody who is served, usually a guest"),
        key("device", list(&DEVICE), "What belongs together; its position is its id"),
        key("sensor", list(&sensors::SENSOR), "A sensor; its position is its id"),
        key("clock", list(&items::CLOCK), "A clock; its position is its id"),
        key("power-domain", list(&items::POWER_DOMAIN), "A power domain; its position is its id"),
        key(
            "performance-domain",
            list(&items::PERFORMANCE_DOMAIN),
            "A performance domain; its position is its id",
        ),
        key(
            "voltage-domain",
            list(&items::VOLTAGE_DOMAIN),
            "A voltage domain; its position is its id",
        ),
        key("reset-domain", list(&items::RESET_DOMAIN), "A reset domain; its position is its id"),
        key("power-cap", list(&items::POWER_CAP), "A domain of power caps; its position is its id"),
        key("pin", list(&items::PIN), "A pin; its position is its id"),
        key("pin-group", list(&items::PIN_GROUP), "Pins that go together"),
        key("pin-function", list(&items::PIN_FUNCTION), "What pins and groups can be for"),
        FAULT,
        key("system", Kind::Table(&SYSTEM), "The power of the system that all agents are part of"),
    ],
};

/// What is done wrong on purpose.
const FAULT: Key =
    key("fault", Kind::Array(&faults::FAULT, 0, 256), "What is done wrong on purpose").live();

/// Faults alone, as they are added to a platform that runs.
pub(crate) static FAULTS: Table = Table { keys: &[FAULT] };

static PLATFORM: Table = Table {
    keys: &[
        required("vendor", Kind::Name(15), "1 to 15 characters of ASCII"),
        key("sub-vendor", Kind::Name(15), "1 to 15 characters of ASCII"),
        key("implementation-version", U32, "The vendor's own number; agents expect it to rise"),
        key("seed", U64, "Of the random walks that have none of their own").live(),
    ],
};

const SEEN: &str = "What it sees: the position is the id by which it knows a resource";

/// A list of what an agent sees of a space, and may do with it; of what can be held, whether it is.
macro_rules! seen {
    ($name:literal, $space:expr $(, $hold:expr)?) => {
        key(
            $name,
            Kind::Array(
                &Kind::Any(&[
                    OTHER,
                    Kind::Table(&Table {
                        keys: &[
                            required("name", OTHER, "What it sees"),
                            key(
                                "may",
                                Kind::Any(&[
                                    Kind::Words(|| rights::single($space)),
                                    Kind::Array(&Kind::Words(|| rights::several($space)), 0, 65_535),
                                ]),
                                "What it may do with it; all where it is not said",
                            ).rights(),
                            $($hold)?
                        ],
                    }),
                ]),
                0,
                65_535,
            ),
            SEEN,
        ).rights()
    };
}

const HOLD: Key =
    key("hold", Kind::Boolean, "Counts as wanted on by the agent from the moment that it comes")
        .at_start();

static AGENT: Kind = Kind::Table(&Table {
    keys: &[
        required("name", Kind::FileName(MAX_NAME), "Also the name of the socket: NAME.sock"),
        key("socket", Kind::FileName(MAX_SOCKET_NAME), "The name of the socket, if it is another")
            .socket(),
        key("trusted", Kind::Boolean, "May change what other agents may do").rights(),
        key("restore", Kind::Boolean, "What it set goes back to what it was when it leaves").live(),
        key("system", Kind::Boolean, "Whether it sees the system as a whole").rights(),
        seen!("power-domains", Space::PowerDomain, HOLD),
        seen!("performance-domains", Space::PerfDomain),
        seen!("clocks", Space::Clock, HOLD),
        seen!("sensors", Space::Sensor),
        seen!("reset-domains", Space::ResetDomain),
        seen!("voltage-domains", Space::VoltageDomain, HOLD),
        seen!("power-caps", Space::PowerCap),
        seen!("pins", Space::Pin),
        seen!("pin-groups", Space::PinGroup),
        key("pin-functions", OTHERS, SEEN).rights(),
        key("qmp", Kind::Text, "Where the guest's VMM listens with QEMU's machine protocol").live(),
        key("versions", Kind::Table(&VERSIONS), "The protocol versions that this agent is told"),
    ],
});

/// A key of `versions`: the versions of the protocol at this position of the list of all.
macro_rules! version {
    ($name:literal, $position:literal) => {
        key(
            $name,
            Kind::Words(|| {
                let info = protocol::ALL.get($position);
                let versions = info.map_or(&[][..], |info| info.versions);
                versions.iter().map(ToString::to_string).collect()
            }),
            "major.minor, as PROTOCOL_VERSION reports it",
        )
    };
}

const BELONGS: &str = "What belongs to it";

static DEVICE: Kind = Kind::Table(&Table {
    keys: &[
        NAME,
        key("power-domains", OTHERS, BELONGS),
        key("performance-domains", OTHERS, BELONGS),
        key("clocks", OTHERS, BELONGS),
        key("sensors", OTHERS, BELONGS),
        key("reset-domains", OTHERS, BELONGS),
        key("voltage-domains", OTHERS, BELONGS),
        key("power-caps", OTHERS, BELONGS),
        key("pins", OTHERS, BELONGS),
        key("pin-groups", OTHERS, BELONGS),
        key("pin-functions", OTHERS, BELONGS),
    ],
});

static VERSIONS: Table = Table {
    keys: &[
        version!("base", 0),
        version!("power", 1),
        version!("system", 2),
        version!("perf", 3),
        version!("clock", 4),
        version!("sensor", 5),
        version!("reset", 6),
        version!("voltage", 7),
        version!("powercap", 8),
        version!("pinctrl", 9),
    ],
};

const TIMEOUT: &str = "How long the platform waits for a graceful shutdown: whole milliseconds";

static SYSTEM: Table = Table {
    keys: &[
        key("agents", OTHERS, "The agents that may shut the system down").rights(),
        key("warm-reset", Kind::Boolean, "Whether the system can be reset warm"),
        key("suspend", Kind::Boolean, "Whether the system can be suspended"),
        key(
            "vendor-states",
            Kind::Array(&Kind::Integer(0x8000_0000, 0xFFFF_FFFF), 0, usize::MAX),
            "States of the vendor's own",
        ),
        key("shutdown-timeout", Kind::Time, TIMEOUT).live(),
        key("separate", Kind::Boolean, "Each agent is a system of its own"),
        key("notify", Kind::Boolean, "Tells its agents of requests and orders"),
        key("on-request", Kind::Table(&ON_REQUEST), "What is run at each request of an agent")
            .live(),
        key(
            "step",
            Kind::Array(&Kind::Table(&STEP), 0, usize::MAX),
            "What the operator orders by itself",
        )
        .live(),
    ],
};

static ON_REQUEST: Table = Table {
    keys: &[
        required(
            "command",
            Kind::Array(&Kind::Text, 1, usize::MAX),
            "A program and its arguments; no shell",
        ),
        key("time-limit", Kind::Time, "10 ms to 1 h, after which the command is killed"),
    ],
};

const ORDER: Kind = Kind::Words(|| SystemState::WORDS.map(|(word, _)| word.to_owned()).into());

static STEP: Table = Table {
    keys: &[
        required("at", Kind::Time, "Since the platform started; not before the step above"),
        required("order", ORDER, "A state that the system can have"),
        key("graceful", Kind::Boolean, "Linux heeds nothing else"),
        key("timeout", Kind::Time, TIMEOUT),
        key("agent", OTHER, "Who is told; all where it is not said"),
    ],
};

/// Keys that many tables have.
pub(super) const NAME: Key = required("name", Kind::Name(63), "1 to 63 characters of ASCII");
pub(super) const AGENTS: Key =
    key("agents", OTHERS, "The agents that may change it; all where it is not said").rights();
pub(super) const KEEP: Key = key("keep", Kind::Boolean, "No agent can switch it off").rights();
pub(super) const NOTIFY: Key = key("notify", Kind::Boolean, "Can tell of its changes");
