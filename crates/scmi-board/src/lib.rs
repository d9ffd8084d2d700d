//! A TOML board file into a checked board and the models that behave as it says.
//!
//! [`Board::load`] reads a file and gives a [`Board`], or a [`BoardError`] that says everything that is wrong with
//! the file, with line and column. [`Board::platform`] makes the platform that answers for the board;
//! [`Board::sensor_model`] only its sensors. `docs/board-file.md` describes the keys of the file.
//!
//! Values come from a [`Source`]: a pure function of the time handed in, or a file of the host. Nothing here asks
//! for the time, and nothing allocates once the board is built.

#![forbid(unsafe_code)]

mod board;
mod check;
mod error;
mod faults;
mod kinds;
mod model;
mod platform;
mod reload;
mod report;
mod rights;
mod schema;
mod sensor;
mod source;
mod units;
mod value;

pub use board::{Agent, Board, Device, Listed};
pub use error::BoardError;
pub use faults::{
    FaultReport, FaultRule, FaultTally, FaultTotals, Faults, Named, NotAdded, Resource,
};
pub use model::{
    Access, BoardClocks, BoardPerformance, BoardPins, BoardPower, BoardPowercaps, BoardResets,
    BoardSensors, BoardSystem, BoardVoltages, Clock, Cpus, Health, Operator, PerformanceDomain,
    Pin, PinFunction, PinGroup, PinSetting, PowerCap, PowerDomain, RequestCommand, ResetDomain,
    ScriptedOrder, SystemEvent, SystemPower, VoltageDomain,
};
pub use platform::PlatformError;
pub use reload::{BoardFile, Change, HostPath, Need, Refusal, Revision, Tuning};
pub use report::{Problem, Report};
pub use rights::rights_in_words;
pub use schema::schema;
pub use sensor::{Sensor, ThermalZone, Trip, TripAction};
pub use source::{FileReader, FileSource, ReadError, Shape, Source, Step, Steps, Walk, Wave};
pub use units::{Decimal, DecimalError, UnitError, parse_duration};
pub use value::{Measure, ValueError};
