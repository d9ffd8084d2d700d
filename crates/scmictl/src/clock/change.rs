//! Changing clocks. What a clock does then is read back and shown.

use std::io::Write;

use scmi::agent::CallError;
use scmi::protocol::clock::agent::Clocks;
use scmi::protocol::clock::wire::ExtendedType;
use scmi::wire::ProtocolId;

use super::entry::open;
use super::{Entry, Set, show};
use crate::connect::Session;
use crate::failure::Failure;
use crate::quantity::Quantity;
use crate::resource::{self, Resource};
use crate::watching::Hold;

/// `clock set`.
pub(super) fn rate(
    session: &mut Session<'_>,
    set: &Set,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let Set { rate, round, .. } = *set;
    let what = format!("setting the rate to {}", Quantity::HERTZ.show(rate));
    change(session, &set.clock, &what, json, out, |clocks, clock| {
        let (id, round) = (clock.info.id, round.into());
        if set.asynchronous {
            clocks.set_rate_async(id, rate, round).map(|_| ())
        } else if set.queue {
            clocks.queue_rate(id, rate, round)
        } else {
            clocks.set_rate(id, rate, round)
        }
    })
}

/// `clock enable` and, with nothing to hold, `clock disable`.
pub(super) fn enabled(
    session: &mut Session<'_>,
    clock: &str,
    hold: Option<&Hold>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let on = hold.is_some();
    let what = if on { "switching on" } else { "switching off" };
    change(session, clock, what, json, out, |clocks, clock| clocks.set_enabled(clock.info.id, on))?;
    hold.map_or(Ok(()), |hold| hold.wait(session, ProtocolId::CLOCK))
}

/// `clock parent`.
pub(super) fn parent(
    session: &mut Session<'_>,
    clock: &str,
    parent: &str,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let parent = resource::find(&entries, parent)?;
    let what = format!("giving the parent {}", parent.name);
    change(session, clock, &what, json, out, |clocks, clock| {
        clocks.set_parent(clock.info.id, parent.info.id)
    })
}

/// `clock duty`.
pub(super) fn duty(
    session: &mut Session<'_>,
    clock: &str,
    percent: u32,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let what = format!("setting the duty cycle to {percent} %");
    change(session, clock, &what, json, out, |clocks, clock| {
        clocks.set_extended(clock.info.id, ExtendedType::DUTY_CYCLE, percent)
    })
}

/// `clock phase`.
pub(super) fn phase(
    session: &mut Session<'_>,
    clock: &str,
    degrees: u32,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let what = format!("setting the phase to {degrees}°");
    change(session, clock, &what, json, out, |clocks, clock| {
        clocks.set_extended(clock.info.id, ExtendedType::PHASE, degrees)
    })
}

fn change(
    session: &mut Session<'_>,
    wanted: &str,
    what: &str,
    json: bool,
    out: &mut dyn Write,
    change: impl FnOnce(&mut Clocks<'_>, &Entry) -> Result<(), CallError>,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let entry = resource::find(&entries, wanted)?;
    change(&mut open(session)?, entry)
        .map_err(|error| Failure::call(format_args!("{}: {what}", entry.called()), &error))?;
    show::now(session, &entries, &[entry], json, out)
}

/// Reads a duty cycle such as `25` or `25%`.
pub(super) fn percent(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim().parse().ok();
    number.filter(|percent| *percent <= 100).ok_or_else(|| "expected 0 to 100 percent".into())
}

/// Reads a phase such as `90` or `90°`.
pub(super) fn degrees(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix('°').unwrap_or(text).trim().parse().ok();
    number.filter(|degrees| *degrees < 360).ok_or_else(|| "expected 0 to 359 degrees".into())
}
