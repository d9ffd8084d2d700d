//! What sensors there are, and what their values mean.

use scmi::agent::{CallError, Caller};
use scmi::protocol::sensor::agent::{AxisInfo, Info, IntervalInfo, Sensors};
use scmi::protocol::sensor::wire::{AttributesLow, Range, Reading, Resolution};
use scmi::protocol::sensor::{SensorType, V2};
use scmi::wire::Version;

use crate::failure::Failure;
use crate::resource::{self, Resource};
use crate::units::{Scale, printable};

/// The sensors of a platform; the position is the id.
pub(crate) struct Catalog {
    pub(crate) version: Version,
    pub(crate) entries: Vec<Entry>,
}

/// A sensor.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: u32,
    pub(crate) name: String,
    /// Its descriptor.
    pub(crate) info: Info,
    /// What its value means: one for a scalar, one an axis otherwise.
    pub(crate) channels: Vec<Channel>,
}

/// A scalar's value, or that of an axis.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    /// The axis' name; empty for a scalar.
    pub(crate) axis: String,
    pub(crate) scale: Scale,
    /// Resolution and limits, where they are given.
    pub(crate) range: Option<Range>,
}

impl Catalog {
    /// Of a platform without sensors.
    #[cfg(feature = "host")]
    pub(crate) fn empty() -> Self {
        Self { version: Version(0), entries: Vec::new() }
    }

    /// Asks for all descriptors, axes and names.
    pub(crate) fn load(caller: &mut dyn Caller) -> Result<Self, Failure> {
        let failed = |error: CallError| Failure::call("listing the sensors", &error);
        let mut sensors = Sensors::open(caller).map_err(failed)?;
        let version = sensors.version();
        let mut infos = Vec::with_capacity(sensors.count().into());
        sensors.describe(&mut |info| infos.push(*info)).map_err(failed)?;
        let entries = infos.into_iter().map(|info| {
            Entry::load(&mut sensors, info).map_err(|error| {
                Failure::call(format_args!("describing sensor {} ({})", info.id, info.name), &error)
            })
        });
        Ok(Self { version, entries: entries.collect::<Result<_, _>>()? })
    }

    /// The sensors that are named by id or name; all of them where none is.
    pub(crate) fn select(&self, wanted: &[String]) -> Result<Vec<&Entry>, Failure> {
        resource::select(&self.entries, wanted)
    }
}

impl Resource for Entry {
    const KIND: &'static str = "sensor";

    fn id(&self) -> u32 {
        self.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Entry {
    fn load(sensors: &mut Sensors<'_>, info: Info) -> Result<Self, CallError> {
        let name = printable(sensors.name(&info)?.as_str());
        let mut channels = Vec::new();
        if info.axes == 0 {
            let (kind, exponent) = (info.high.kind(), info.high.exponent());
            channels.push(Channel::new(String::new(), kind, exponent, info.range));
            return Ok(Self { id: info.id, name, info, channels });
        }
        let mut extended = false;
        sensors.axes(info.id, info.axes, &mut |axis: &AxisInfo| {
            extended |= axis.extended_name;
            let (kind, exponent) = (axis.high.kind(), axis.high.exponent());
            channels.push(Channel::new(printable(axis.name.as_str()), kind, exponent, axis.range));
        })?;
        if extended {
            let mut names = Vec::new();
            sensors.axis_names(info.id, info.axes, &mut |axis| {
                names.push(printable(axis.name.as_str()))
            })?;
            channels.iter_mut().zip(names).for_each(|(channel, name)| channel.axis = name);
        }
        Ok(Self { id: info.id, name, info, channels })
    }

    /// What it measures; of a sensor with axes, what the first one does.
    pub(crate) fn kind(&self) -> SensorType {
        self.channels.first().map_or_else(|| self.info.high.kind(), |channel| channel.scale.kind)
    }

    /// Whether the descriptor has all these bits.
    pub(crate) fn has(&self, bits: u32) -> bool {
        self.info.low.has(bits)
    }

    /// Whether it can send its readings unasked.
    pub(crate) fn updates(&self, version: Version) -> bool {
        version >= V2 && self.has(AttributesLow::UPDATES)
    }

    /// When a reading was taken, in seconds of the platform's clock; none where it does not say.
    pub(crate) fn timestamp(&self, reading: &Reading) -> Option<(u64, i8)> {
        let timestamp = reading.timestamp.get();
        let known = self.has(AttributesLow::TIMESTAMPS) && timestamp != 0;
        known.then(|| (timestamp, self.info.low.timestamp_exponent()))
    }
}

impl Channel {
    fn new(axis: String, kind: SensorType, exponent: i8, range: Option<Range>) -> Self {
        let resolution = range.map(|range| Resolution::from_word(range.resolution.get()));
        Self { axis, scale: Scale::new(kind, exponent, resolution), range }
    }

    /// The smallest difference that it tells apart, where that is known.
    pub(crate) fn resolution(&self) -> Option<Resolution> {
        let resolution = Resolution::from_word(self.range?.resolution.get());
        (resolution.value != 0).then_some(resolution)
    }

    /// The lowest and the highest value, where they are known.
    pub(crate) fn limits(&self) -> (Option<i64>, Option<i64>) {
        let known = |value: i64, unknown: i64| (value != unknown).then_some(value);
        match self.range {
            None => (None, None),
            Some(range) => {
                (known(range.min.get(), Range::NO_MIN), known(range.max.get(), Range::NO_MAX))
            }
        }
    }
}

/// The update intervals of a sensor; none where it has none.
pub(super) fn intervals(
    caller: &mut dyn Caller,
    version: Version,
    entry: &Entry,
) -> Result<Vec<IntervalInfo>, CallError> {
    if version < V2 {
        return Ok(entry.info.interval.map(IntervalInfo::One).into_iter().collect());
    }
    let mut intervals = Vec::new();
    let result = Sensors::open(caller)?.intervals(entry.id, &mut |each| intervals.push(each));
    match result {
        // The platform's way to say that there are none.
        Err(CallError::Refused(_)) => Ok(Vec::new()),
        other => other.map(|()| intervals),
    }
}

/// Reads a sensor: one reading for a scalar, one an axis otherwise.
pub(crate) fn read(
    sensors: &mut Sensors<'_>,
    entry: &Entry,
    asynchronous: bool,
) -> Result<Vec<Reading>, CallError> {
    let empty = Reading { value: 0.into(), timestamp: 0.into() };
    let mut readings = vec![empty; entry.channels.len()];
    let came = if asynchronous {
        sensors.read_async(entry.id, &mut readings)?
    } else {
        sensors.read(entry.id, &mut readings)?
    };
    readings.truncate(came);
    Ok(readings)
}
