//! What is behind a device.

use core::time::Duration;

use scmi::agent::{CallError, Client};
use scmi::protocol::base::agent as base;
use scmi::protocol::clock::agent::Clocks;
use scmi::protocol::clock::wire::Rounding;
use scmi::protocol::sensor::agent::{Event, Info, Sensors};
use scmi::protocol::sensor::wire::{ConfigWord, Interval, Reading};
use scmi_guest::{Amount, Failure, println};

type Platform<'c> = Client<'c>;

/// Sensors that are listed at most.
const MOST_SENSORS: usize = 64;

/// The clock that is set, and its new rate in hertz.
const CLOCK: &str = "uart";
const RATE: u64 = 48_000_000;

/// The sensor that is watched, how often, and from update to update.
const SENSOR: &str = "cpu";
const UPDATES: u32 = 5;
const EACH: Interval = Interval { seconds: 1, exponent: -1 };
/// How long an update may take at most.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long nothing comes after the last one.
const QUIET: Duration = Duration::from_millis(150);

/// Lists the platform, its clocks and its sensors.
pub(crate) fn list(platform: &mut Platform<'_>) -> Result<(), Failure> {
    let who = base::discover(platform).map_err(Failure::asking("who the platform is"))?;
    println!(
        "platform: {} {}, version {:#x}, SCMI Base {}",
        who.vendor, who.sub_vendor, who.implementation_version, who.version
    );
    let each = &mut |protocol| println!("protocol: {protocol}");
    base::protocols(platform, each).map_err(Failure::asking("its protocols"))?;
    list_clocks(platform).map_err(Failure::asking("its clocks"))?;
    list_sensors(platform).map_err(Failure::asking("its sensors"))
}

fn list_clocks(platform: &mut Platform<'_>) -> Result<(), CallError> {
    let Some(mut clocks) = Clocks::find(platform)? else {
        println!("clocks: none");
        return Ok(());
    };
    for id in 0..u32::from(clocks.count()) {
        let info = clocks.info(id)?;
        let (name, rate, on) = (clocks.name(&info)?, clocks.rate(id)?, clocks.enabled(id)?);
        println!("clock {id}: {name}, {rate} Hz, {}", if on { "on" } else { "off" });
    }
    Ok(())
}

fn list_sensors(platform: &mut Platform<'_>) -> Result<(), CallError> {
    let Some(mut sensors) = Sensors::find(platform)? else {
        println!("sensors: none");
        return Ok(());
    };
    let infos = infos(&mut sensors)?;
    for info in infos.iter().flatten() {
        let (id, name) = (info.id, sensors.name(info)?);
        if info.axes > 0 {
            println!("sensor {id}: {name}, {} axes", info.axes);
            continue;
        }
        match read(&mut sensors, info) {
            Ok(amount) => println!("sensor {id}: {name}, {amount} {}", info.high.kind()),
            // A sensor may be off, or broken; the others are not.
            Err(CallError::Refused(status)) => println!("sensor {id}: {name}, {status}"),
            Err(error) => return Err(error),
        }
    }
    let left = usize::from(sensors.count()).saturating_sub(MOST_SENSORS);
    if left > 0 {
        println!("sensors: {left} more");
    }
    Ok(())
}

/// The descriptions of the first sensors.
fn infos(sensors: &mut Sensors<'_>) -> Result<[Option<Info>; MOST_SENSORS], CallError> {
    let mut infos = [None; MOST_SENSORS];
    let mut places = infos.iter_mut();
    sensors.describe(&mut |info| {
        if let Some(place) = places.next() {
            *place = Some(*info);
        }
    })?;
    Ok(infos)
}

/// What a scalar sensor measures.
fn read(sensors: &mut Sensors<'_>, info: &Info) -> Result<Amount, CallError> {
    let mut reading = [Reading { value: 0.into(), timestamp: 0.into() }];
    sensors.read(info.id, &mut reading)?;
    let [Reading { value, .. }] = reading;
    Ok(Amount { number: value.get(), exponent: info.high.exponent() })
}

/// Sets the rate of a clock and switches it on, if the board has that clock.
pub(crate) fn set_a_clock(platform: &mut Platform<'_>) -> Result<(), Failure> {
    set_clock(platform).map_err(Failure::asking("to set a clock"))
}

fn set_clock(platform: &mut Platform<'_>) -> Result<(), CallError> {
    let Some(mut clocks) = Clocks::find(platform)? else {
        println!("set: there is no clock");
        return Ok(());
    };
    for id in 0..u32::from(clocks.count()) {
        let info = clocks.info(id)?;
        if clocks.name(&info)?.as_str() != CLOCK {
            continue;
        }
        let before = clocks.rate(id)?;
        clocks.set_rate(id, RATE, Rounding::Nearest)?;
        clocks.set_enabled(id, true)?;
        let (after, on) = (clocks.rate(id)?, clocks.enabled(id)?);
        println!(
            "set: clock {CLOCK} from {before} Hz to {after} Hz, {}",
            if on { "on" } else { "off" }
        );
        return Ok(());
    }
    println!("set: there is no clock {CLOCK}");
    Ok(())
}

/// Watches a sensor for some updates, if the board has that sensor and the device can notify.
pub(crate) fn watch_a_sensor(platform: &mut Platform<'_>) -> Result<(), Failure> {
    if !platform.p2a() {
        println!("watch: the device does not notify");
        return Ok(());
    }
    watch(platform).map_err(Failure::asking("to watch a sensor"))
}

fn watch(platform: &mut Platform<'_>) -> Result<(), CallError> {
    let infos = infos(&mut Sensors::open(platform)?)?;
    let Some(info) = infos.into_iter().flatten().find(|info| info.name.as_str() == SENSOR) else {
        println!("watch: there is no sensor {SENSOR}");
        return Ok(());
    };
    let mut sensors = Sensors::open(platform)?;
    sensors.set_config(info.id, ConfigWord::new(true, true, EACH))?;
    sensors.notify_updates(info.id, true)?;
    for _ in 0..UPDATES {
        let deadline = platform.now().after(PATIENCE);
        let Some(event) = platform.next_event(deadline) else {
            println!("watch: no update in {} s", PATIENCE.as_secs());
            break;
        };
        if let Some(Event::Update { sensor, readings }) =
            Event::parse(event.header(), event.payload())
            && sensor == info.id
        {
            print_update(&info, readings.iter().next());
        }
    }
    Sensors::open(platform)?.notify_updates(info.id, false)?;
    // What was on its way still comes; then nothing does, and it is the timer that ends the wait.
    let mut more = 0_u32;
    while more < UPDATES && platform.next_event(platform.now().after(QUIET)).is_some() {
        more += 1;
    }
    println!("watch: over, {more} more");
    Ok(())
}

fn print_update(info: &Info, reading: Option<Reading>) {
    let Some(Reading { value, timestamp }) = reading else { return };
    let amount = Amount { number: value.get(), exponent: info.high.exponent() };
    println!("watch: sensor {SENSOR}, {amount} {} at {} ns", info.high.kind(), timestamp.get());
}
