//! What the tasks do.

use scmi::agent::{CallError, Line, Lock, Tasks};
use scmi::protocol::clock::agent::Clocks;
use scmi::protocol::sensor::agent::{Event, Info, Sensors};
use scmi::protocol::sensor::wire::{AttributesLow, ConfigWord, Interval, Reading};
use scmi_guest::{Amount, println};

/// Updates that are watched, and from one to the next.
const UPDATES: u32 = 3;
const EACH: Interval = Interval { seconds: 1, exponent: -1 };

/// Reads the rates of all clocks.
pub(crate) async fn read_clocks<L: Lock<Inside: Line>>(tasks: &Tasks<L>) -> Result<(), CallError> {
    let mut clocks = Clocks::open_on(tasks).await?;
    let count = u32::from(clocks.count());
    for id in 0..count {
        println!("clocks: clock {id} has {} Hz", clocks.rate(id).await?);
    }
    println!("clocks: all {count} read");
    Ok(())
}

/// Reads the first sensor that is read asynchronously, which takes its time: the answer comes with a delayed response.
pub(crate) async fn read_slow_sensor<L: Lock<Inside: Line>>(
    tasks: &Tasks<L>,
) -> Result<(), CallError> {
    let mut sensors = Sensors::open_on(tasks).await?;
    let slow = |info: &Info| info.low.has(AttributesLow::ASYNC);
    let Some(info) = find(&mut sensors, slow).await? else {
        println!("slow: there is no such sensor");
        return Ok(());
    };
    println!("slow: asks sensor {}", info.id);
    let mut reading = [none()];
    sensors.read_async(info.id, &mut reading).await?;
    println!("slow: sensor {} has {}", info.id, amount(&info, reading[0]));
    Ok(())
}

/// Watches the first sensor.
pub(crate) async fn watch_sensor<L: Lock<Inside: Line<Event = scmi::agent::Event<136>>>>(
    tasks: &Tasks<L>,
) -> Result<(), CallError> {
    let mut sensors = Sensors::open_on(tasks).await?;
    let Some(info) = find(&mut sensors, |info| info.id == 0).await? else {
        println!("watch: there is no sensor");
        return Ok(());
    };
    sensors.set_config(info.id, ConfigWord::new(true, true, EACH)).await?;
    sensors.notify_updates(info.id, true).await?;
    let mut events = tasks.events();
    for _ in 0..UPDATES {
        let event = events.next().await?;
        if let Some(Event::Update { sensor, readings }) =
            Event::parse(event.header(), event.payload())
            && let Some(reading) = readings.iter().next()
        {
            println!("watch: sensor {sensor} has {}", amount(&info, reading));
        }
    }
    sensors.notify_updates(info.id, false).await?;
    println!("watch: over");
    Ok(())
}

/// The first sensor that is wanted.
async fn find<L: Lock<Inside: Line>>(
    sensors: &mut Sensors<'_, &Tasks<L>>,
    wanted: impl Fn(&Info) -> bool,
) -> Result<Option<Info>, CallError> {
    let mut found = None;
    let each = &mut |info: &Info| {
        if found.is_none() && wanted(info) {
            found = Some(*info);
        }
    };
    sensors.describe(each).await?;
    Ok(found)
}

fn none() -> Reading {
    Reading { value: 0.into(), timestamp: 0.into() }
}

fn amount(info: &Info, Reading { value, .. }: Reading) -> Amount {
    Amount { number: value.get(), exponent: info.high.exponent() }
}
