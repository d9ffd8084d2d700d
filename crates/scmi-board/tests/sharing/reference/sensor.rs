//! Sensors: one configuration and one set of trip points for all.

use scmi::platform::Space;

use super::agent::Agent;
use super::context::{Context, LIMITS, Of, STATE, done};
use super::{DENIED, INVALID_PARAMETERS, NOT_SUPPORTED, PROTOCOL_ERROR, Reply};
use super::{Subscribers, subscribe};
use crate::messages::{SENSOR, V2};

const COUNT: usize = 3;
const TEMP: usize = 0;
const VOLT: usize = 1;

const fn trip_points(sensor: usize) -> u32 {
    match sensor {
        TEMP => 2,
        VOLT => 0,
        _ => 1,
    }
}

/// In thousandths.
pub(crate) const VALUES: [u32; COUNT] = [42_500, 850, 1800];

/// The update intervals of TEMP: how long in tens of milliseconds, and the word of the configuration.
const INTERVALS: [(u64, u32); 3] = [(1, 0x1_F000), (100, 0x1_0000), (500, 0x5_0000)];

/// At start.
const CONFIG: [u32; COUNT] = [INTERVALS[2].1 | 1, 1, 0];

/// The configuration of each sensor, as CONFIG_GET tells it.
pub(super) struct Sensors {
    config: [u32; COUNT],
    /// Who was the last to set it.
    config_by: [Option<usize>; COUNT],
    trips_to: Subscribers,
    updates_to: Subscribers,
}

impl Default for Sensors {
    fn default() -> Self {
        let (config_by, trips_to, updates_to) = Default::default();
        Self { config: CONFIG, config_by, trips_to, updates_to }
    }
}

impl Sensors {
    fn enabled(&self, sensor: usize) -> bool {
        self.config[sensor] & 1 != 0
    }

    pub(super) fn ask(&mut self, context: &mut Context<'_>, message: u32, params: &[u32]) -> Reply {
        let sensor = context.find(Space::Sensor, params[0])?;
        let agent = context.agent;
        match message {
            4 => {
                let offered = trip_points(sensor) > 0;
                subscribe(self.trips_to.entry(sensor).or_default(), agent, params[1], offered)
            }
            5 => trip_config(context, sensor, params[1]),
            6 => self.read(context, sensor, params[1]),
            9 => Ok(vec![self.config[sensor]]),
            0xA => self.configure(context, sensor, params[1]),
            _ => {
                let offered = sensor == TEMP;
                subscribe(self.updates_to.entry(sensor).or_default(), agent, params[1], offered)
            }
        }
    }

    /// A disabled one cannot be read, since 2.0.
    fn read(&self, context: &mut Context<'_>, sensor: usize, flags: u32) -> Reply {
        match flags {
            0 => {}
            1 if sensor == TEMP => {}
            1 => return Err(NOT_SUPPORTED),
            _ => return Err(INVALID_PARAMETERS),
        }
        let reading = self.reading(context, sensor)?;
        let takes = context.takes(["temp read", "volt read", "off read"][sensor]);
        match flags {
            1 => context.delayed(takes, Of::Reading(sensor)),
            _ if takes > 0 => context.late(takes, Of::Reading(sensor)),
            _ => Ok(reading),
        }
    }

    /// The two words of the timestamp are not compared.
    fn reading(&self, context: &Context<'_>, sensor: usize) -> Reply {
        let readable = context.version() < V2 || self.enabled(sensor);
        if readable { Ok(vec![VALUES[sensor], 0]) } else { Err(PROTOCOL_ERROR) }
    }

    /// It is read when its time has come, as things are then.
    pub(super) fn complete(&self, context: &Context<'_>, sensor: usize, delayed: bool) -> Reply {
        if context.asking().lacks(Space::Sensor, sensor) {
            return Err(DENIED);
        }
        let reading = self.reading(context, sensor)?;
        let own = context.own(Space::Sensor, sensor);
        Ok(if delayed { [vec![own], reading].concat() } else { reading })
    }

    fn configure(&mut self, context: &Context<'_>, sensor: usize, config: u32) -> Reply {
        if config & 0x1FC != 0 {
            return Err(INVALID_PARAMETERS);
        }
        if config & 2 != 0 && sensor != TEMP {
            return Err(NOT_SUPPORTED);
        }
        let interval = config & 0xFFFF_F800;
        if interval >> 16 != 0 && sensor != TEMP {
            return Err(NOT_SUPPORTED);
        }
        context.must(Space::Sensor, sensor, STATE)?;
        let interval = match interval >> 16 {
            0 => self.config[sensor] & 0xFFFF_F800,
            seconds => round(seconds, interval >> 11 & 0x1F, config >> 9 & 3)?,
        };
        self.config[sensor] = interval | config & 3;
        self.config_by[sensor] = Some(context.agent);
        done()
    }

    pub(super) fn leave(&mut self, context: &mut Context<'_>) {
        for (sensor, at_start) in CONFIG.into_iter().enumerate() {
            if !context.gives_back(Space::Sensor, sensor) {
                continue;
            }
            self.trips_to.entry(sensor).or_default().remove(&context.agent);
            self.updates_to.entry(sensor).or_default().remove(&context.agent);
            if context.restores() && self.config_by[sensor] == Some(context.agent) {
                (self.config[sensor], self.config_by[sensor]) = (at_start, None);
            }
        }
    }

    /// What an agent calls the sensor whose updates it is to get, if it is to get any.
    pub(super) fn updates(&self, agents: &[Agent], agent: usize) -> Option<u32> {
        let hears = &agents[agent];
        let subscribed = self.updates_to.get(&TEMP).is_some_and(|to| to.contains(&agent));
        let hears_of_it = hears.connected && hears.version(SENSOR) >= V2;
        let own = hears.own(Space::Sensor, TEMP);
        own.filter(|_| subscribed && hears_of_it && self.enabled(TEMP))
    }
}

/// Trip points cannot be read back; only whether it may be set.
fn trip_config(context: &Context<'_>, sensor: usize, control: u32) -> Reply {
    if control & 0xFFFF_F00C != 0 {
        return Err(INVALID_PARAMETERS);
    }
    if trip_points(sensor) == 0 {
        return Err(NOT_SUPPORTED);
    }
    context.must(Space::Sensor, sensor, LIMITS)?;
    if control >> 4 >= trip_points(sensor) {
        return Err(INVALID_PARAMETERS);
    }
    done()
}

/// To one of the intervals that there are: 0 down, 1 up, otherwise the nearest.
fn round(seconds: u32, exponent: u32, rounding: u32) -> Result<u32, i32> {
    let exponent =
        if exponent >= 16 { exponent.cast_signed() - 32 } else { exponent.cast_signed() };
    // In nanoseconds; what is longer than all there are is out of bounds anyhow.
    let Some(power) = u32::try_from(exponent + 9).ok() else { return Err(INVALID_PARAMETERS) };
    let wanted = u64::from(seconds).saturating_mul(10_u64.saturating_pow(power));
    let nanos = |at: &(u64, u32)| at.0 * 10_000_000;
    let below = INTERVALS.iter().rfind(|at| nanos(at) <= wanted).ok_or(INVALID_PARAMETERS)?;
    let above = INTERVALS.iter().find(|at| nanos(at) >= wanted).ok_or(INVALID_PARAMETERS)?;
    let nearer = if wanted - nanos(below) <= nanos(above) - wanted { below } else { above };
    Ok(match rounding {
        0 => below.1,
        1 => above.1,
        _ => nearer.1,
    })
}
