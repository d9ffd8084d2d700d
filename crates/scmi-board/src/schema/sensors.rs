//! `[[sensor]]`, with its axes and its sources.

use super::{Kind, Table, U64, key, required};
use crate::kinds;

const NAME: &str = "1 to 63 bytes of UTF-8, no control characters";
const KIND: Kind = Kind::Any(&[
    Kind::Words(|| kinds::spellings().map(str::to_owned).collect()),
    Kind::Integer(0, 255),
]);
const KIND_ABOUT: &str = "What it measures: a name, the sign of a unit, or a number";
const EXPONENT: Kind = Kind::Integer(-16, 15);
const EXPONENT_ABOUT: &str = "Readings count 10^exponent of the unit";
const RESOLUTION_ABOUT: &str = "The smallest difference that it tells apart";
const SOURCE_ABOUT: &str = "Where its values come from";

pub(super) static SENSOR: Kind = Kind::Table(&Table {
    keys: &[
        required("name", Kind::Name(63), NAME),
        key("type", KIND, KIND_ABOUT),
        key("exponent", EXPONENT, EXPONENT_ABOUT),
        key("source", SOURCE, SOURCE_ABOUT).live(),
        key("resolution", Kind::Quantity, RESOLUTION_ABOUT),
        key("min", Kind::Quantity, "The least value; the source must stay above"),
        key("max", Kind::Quantity, "The greatest value; the source must stay below"),
        key("trip-points", Kind::Integer(0, 255), "How many thresholds an agent can set"),
        key("update-intervals", INTERVALS, "The intervals to choose from, rising"),
        key("update-interval", Kind::Time, "The one set at the start: one of update-intervals")
            .at_start(),
        key("updates", Kind::Boolean, "Can send its readings by itself"),
        key("async", Kind::Boolean, "Can be read asynchronously; Linux then always does"),
        key("read-time", Kind::Time, "How long a reading takes, at most 10 s").live(),
        key("timestamps", TIMESTAMPS, "Readings can have timestamps, in 10^this seconds"),
        key("power", Kind::QuantityText, "What the sensor itself consumes"),
        key("enabled", Kind::Boolean, "Enabled at the start").at_start(),
        key("thermal-zone", Kind::Table(&ZONE), "For scmictl dt: what Linux makes of it").live(),
        key("axis", Kind::Array(&AXIS, 1, 63), "Makes it a sensor with axes"),
    ],
});

static AXIS: Kind = Kind::Table(&Table {
    keys: &[
        required("name", Kind::Name(63), NAME),
        key("type", KIND, KIND_ABOUT),
        key("exponent", EXPONENT, EXPONENT_ABOUT),
        required("source", SOURCE, SOURCE_ABOUT).live(),
        key("resolution", Kind::Quantity, RESOLUTION_ABOUT),
        key("min", Kind::Quantity, "The least value"),
        key("max", Kind::Quantity, "The greatest value"),
    ],
});

const TIMESTAMPS: Kind = Kind::Any(&[Kind::Boolean, Kind::Integer(-9, 0)]);

const INTERVALS: Kind = Kind::Any(&[
    Kind::Array(&Kind::Time, 1, 4095),
    Kind::Table(&Table {
        keys: &[
            required("first", Kind::Time, "The shortest"),
            required("last", Kind::Time, "The longest"),
            required("step", Kind::Time, "From one to the next"),
        ],
    }),
]);

const SOURCE: Kind = Kind::Any(&[
    Kind::Quantity,
    Kind::Table(&VALUE),
    Kind::Table(&WAVE),
    Kind::Table(&WALK),
    Kind::Table(&STEPS),
    Kind::Table(&FILE),
]);

static VALUE: Table = Table { keys: &[required("value", Kind::Quantity, "It never changes")] };

static WAVE: Table = Table {
    keys: &[
        required(
            "wave",
            Kind::Words(|| crate::check::SHAPES.map(|(word, _)| word.into()).into()),
            "The shape",
        ),
        required("min", Kind::Quantity, "The least value"),
        required("max", Kind::Quantity, "The greatest value"),
        required("period", Kind::Time, "Above 0"),
        key("phase", Kind::Any(&[Kind::Number, Kind::Time]), "How far into its period it begins"),
    ],
};

static WALK: Table = Table {
    keys: &[
        required("walk", Kind::True, "A random walk"),
        required("min", Kind::Quantity, "Where it turns around"),
        required("max", Kind::Quantity, "Where it turns around"),
        key("start", Kind::Quantity, "The middle where it is not said"),
        required("step", Kind::Quantity, "It never moves by more at once"),
        required("every", Kind::Time, "How often it moves: 1 ms to 1 d"),
        key("seed", U64, "Equal seeds walk alike"),
    ],
};

static STEPS: Table = Table {
    keys: &[
        required(
            "steps",
            Kind::Array(
                &Kind::Table(&Table {
                    keys: &[
                        required("at", Kind::Time, "Since the platform started"),
                        required("value", Kind::Quantity, "From then on"),
                    ],
                }),
                1,
                usize::MAX,
            ),
            "From these times on, these values",
        ),
        key("repeat", Kind::Any(&[Kind::Boolean, Kind::Time]), "Start over after this time"),
        key("interpolate", Kind::Boolean, "Straight lines from step to step"),
    ],
};

static FILE: Table = Table {
    keys: &[
        required("file", Kind::Text, "A file of the host that begins with a number"),
        key("scale", Kind::Number, "The number in the file times this is the value; not 0"),
        key("every", Kind::Time, "It is read at most this often: 1 ms to 1 d"),
    ],
};

static ZONE: Table = Table {
    keys: &[
        required("trips", Kind::Array(&Kind::Table(&TRIP), 1, usize::MAX), "What Linux does when"),
        key("polling", Kind::Time, "How often Linux reads the sensor: 1 ms to 1 h"),
        key("name", Kind::Name(19), "The name of the zone's node; unique"),
    ],
};

static TRIP: Table = Table {
    keys: &[
        required("at", Kind::Quantity, "In degrees Celsius"),
        key("hysteresis", Kind::Quantity, "How far it must fall below to end the trip"),
        required(
            "type",
            Kind::Words(|| crate::check::ACTIONS.map(|action| action.word().into()).into()),
            "What Linux does; it powers off at critical",
        ),
    ],
};
