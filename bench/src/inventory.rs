//! Everything that there is on a platform, asked for as an agent does that begins.

use scmi::agent::{CallError, Caller};
use scmi::protocol::clock::agent::Clocks;
use scmi::protocol::clock::wire::ClockWord;
use scmi::protocol::perf::agent::PerfDomains;
use scmi::protocol::pinctrl::agent::{Item, Pins};
use scmi::protocol::power::agent::PowerDomains;
use scmi::protocol::powercap::agent::PowercapDomains;
use scmi::protocol::reset::agent::Resets;
use scmi::protocol::sensor::agent::{Info, Sensors};
use scmi::protocol::voltage::agent::Voltages;
use scmi::wire::Status;

/// Asks for every domain, clock, sensor, pin, group and function, its whole name, and what it can be: levels, rates,
/// parents, intervals, axes, members. Says how much there is.
///
/// # Errors
/// As the calls; a sensor without intervals may refuse to tell them.
pub fn inventory(caller: &mut dyn Caller) -> Result<usize, CallError> {
    let mut found = power(caller)? + performance(caller)? + clocks(caller)? + sensors(caller)?;
    found += resets(caller)? + rails(caller)? + caps(caller)? + pins(caller)?;
    Ok(found)
}

fn power(caller: &mut dyn Caller) -> Result<usize, CallError> {
    let mut domains = PowerDomains::open(caller)?;
    for id in 0..u32::from(domains.count()) {
        let info = domains.info(id)?;
        domains.name(&info)?;
    }
    Ok(domains.count().into())
}

fn performance(caller: &mut dyn Caller) -> Result<usize, CallError> {
    let mut domains = PerfDomains::open(caller)?;
    for id in 0..u32::from(domains.count()) {
        let info = domains.info(id)?;
        domains.name(&info)?;
        domains.levels(id, &mut |_| ())?;
    }
    Ok(domains.count().into())
}

fn clocks(caller: &mut dyn Caller) -> Result<usize, CallError> {
    let mut clocks = Clocks::open(caller)?;
    for id in 0..u32::from(clocks.count()) {
        let info = clocks.info(id)?;
        clocks.name(&info)?;
        clocks.rates(id, &mut |_| ())?;
        if info.attributes.has(ClockWord::PARENTS) {
            clocks.possible_parents(id, &mut |_| ())?;
        }
    }
    Ok(clocks.count().into())
}

fn sensors(caller: &mut dyn Caller) -> Result<usize, CallError> {
    let mut sensors = Sensors::open(caller)?;
    let mut infos: Vec<Info> = Vec::with_capacity(sensors.count().into());
    sensors.describe(&mut |info| infos.push(*info))?;
    for info in &infos {
        sensors.name(info)?;
        sensors.axes(info.id, info.axes, &mut |_| ())?;
        match sensors.intervals(info.id, &mut |_| ()) {
            Ok(()) | Err(CallError::Refused(Status::NOT_SUPPORTED)) => (),
            Err(error) => return Err(error),
        }
    }
    Ok(infos.len())
}

fn resets(caller: &mut dyn Caller) -> Result<usize, CallError> {
    let mut resets = Resets::open(caller)?;
    for id in 0..u32::from(resets.count()) {
        let info = resets.info(id)?;
        resets.name(&info)?;
    }
    Ok(resets.count().into())
}

fn rails(caller: &mut dyn Caller) -> Result<usize, CallError> {
    let mut rails = Voltages::open(caller)?;
    for id in 0..u32::from(rails.count()) {
        let info = rails.info(id)?;
        rails.name(&info)?;
        rails.levels(id, &mut |_| ())?;
    }
    Ok(rails.count().into())
}

fn caps(caller: &mut dyn Caller) -> Result<usize, CallError> {
    let mut caps = PowercapDomains::open(caller)?;
    for id in 0..u32::from(caps.count()) {
        let info = caps.info(id)?;
        caps.name(&info)?;
    }
    Ok(caps.count().into())
}

fn pins(caller: &mut dyn Caller) -> Result<usize, CallError> {
    let mut pins = Pins::open(caller)?;
    let counts = pins.counts();
    let all = (0..counts.pins().into()).map(Item::pin);
    let all = all.chain((0..counts.groups().into()).map(Item::group));
    let mut found = 0;
    for item in all.chain((0..counts.functions().into()).map(Item::function)) {
        let info = pins.info(item)?;
        pins.name(&info)?;
        if item != Item::pin(item.id) {
            pins.associations(item, &mut |_| ())?;
        }
        found += 1;
    }
    Ok(found)
}
