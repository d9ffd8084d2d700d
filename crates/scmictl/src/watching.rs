//! Waiting for what platforms tell unasked.

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io::Write;
use std::sync::Arc;

use clap::Args;
use scmi::agent::{CallError, CallerExt};
use scmi::wire::{Header, ProtocolId};
use serde_json::{Value, json};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::connect::Session;
use crate::failure::{Failure, Kind};
use crate::resource::Resource;
use crate::units;

/// When a watch ends.
#[derive(Debug, Args)]
pub(crate) struct Until {
    /// End after so many events.
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<u64>,

    /// End after so long.
    #[arg(long, value_name = "SECONDS", value_parser = units::seconds)]
    pub(crate) seconds: Option<Duration>,
}

/// How long what was set stays.
#[derive(Debug, Args)]
pub(crate) struct Hold {
    /// Stay connected for so long, or until Ctrl-C: a platform takes back what an agent wants of it (a clock on, a
    /// domain's state, level or cap, a pin) when the agent's connection ends.
    #[arg(long, value_name = "TIME", value_parser = units::duration)]
    hold: Option<Duration>,
}

impl Hold {
    /// Holds, if that is asked for.
    pub(crate) fn wait(
        &self,
        session: &mut Session<'_>,
        protocol: ProtocolId,
    ) -> Result<(), Failure> {
        let Some(span) = self.hold else { return Ok(()) };
        let until = Until { count: None, seconds: Some(span) };
        events(session, protocol, &until, &mut |_, _, _| Ok(false))
    }
}

/// An event, to be shown.
pub(crate) struct Happening {
    /// What kind, for programs.
    pub(crate) event: &'static str,
    /// What it happened to.
    pub(crate) name: String,
    /// For people.
    pub(crate) text: String,
    /// The rest, for programs.
    pub(crate) fields: Value,
}

/// Takes an event: how long after the start, and what came. Says whether it was one that counts.
type Taking<'t> = dyn FnMut(Duration, Header, &[u8]) -> Result<bool, Failure> + 't;

/// How long a wait lasts at most: then signals are looked for.
const SLICE: Duration = Duration::from_millis(100);

/// After so long without an event the platform is asked whether it is still there.
const QUIET: Duration = Duration::from_secs(1);

/// The width of the names in lines of text: most names have no more, and longer ones are not cut.
const NAME: usize = 15;

/// Takes events until the end.
pub(crate) fn events(
    session: &mut Session<'_>,
    protocol: ProtocolId,
    until: &Until,
    each: &mut Taking<'_>,
) -> Result<(), Failure> {
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&ended))
            .map_err(|error| Failure::because(Kind::Usage, "cannot wait for signals", &error))?;
    }
    let start = session.now();
    let mut quiet_since = start;
    let mut seen = 0;
    let over = |seen: u64| until.count.is_some_and(|count| seen >= count);
    while !over(seen) && !ended.load(Ordering::Relaxed) {
        let now = session.now();
        let mut next = now.after(SLICE);
        if let Some(span) = until.seconds {
            if now >= start.after(span) {
                break;
            }
            next = next.min(start.after(span));
        }
        let event = session.next_event(next);
        let now = session.now();
        let Some(event) = event else {
            if now.since(quiet_since) >= QUIET {
                quiet_since = now;
                session.protocol_version(protocol).map_err(|error| {
                    Failure::call("asking whether the platform is there", &error)
                })?;
            }
            continue;
        };
        quiet_since = now;
        if each(now.since(start), event.header(), event.payload())? {
            seen += 1;
        }
    }
    match session.agent().counters().events_lost {
        0 => Ok(()),
        lost => Err(Failure::new(Kind::Platform, format_args!("{lost} events came too fast"))),
    }
}

/// That notifications can come at all.
pub(crate) fn possible(session: &Session<'_>) -> Result<(), Failure> {
    if session.p2a() {
        return Ok(());
    }
    let what = "the platform has no channel for notifications, so nothing can be watched";
    Err(Failure::new(Kind::Platform, what))
}

/// Subscribes to events of `wanted`, prints them until the end, and ends the subscriptions.
///
/// `subscribe` begins (true) and ends (false) all that is wanted of one.
pub(crate) fn watch<T: Resource>(
    session: &mut Session<'_>,
    protocol: ProtocolId,
    wanted: &[&T],
    subscribe: &mut dyn FnMut(&mut Session<'_>, &T, bool) -> Result<(), CallError>,
    parse: &dyn Fn(Header, &[u8]) -> Option<Happening>,
    how: Printing<'_>,
) -> Result<(), Failure> {
    possible(session)?;
    if wanted.is_empty() {
        let what = format!("no {} tells of anything", T::KIND);
        return Err(Failure::new(Kind::Platform, what));
    }
    let mut begun = Vec::new();
    let mut watched = Ok(());
    for entry in wanted {
        begun.push(entry);
        watched = subscribe(session, entry, true).map_err(|error| {
            Failure::call(format_args!("asking for events of {}", entry.called()), &error)
        });
        if watched.is_err() {
            break;
        }
    }
    if watched.is_ok() {
        watched = how.print(session, protocol, parse);
    }
    // Also when something failed: half of it may have been done.
    for entry in begun.into_iter().rev() {
        let ended = subscribe(session, entry, false).map_err(|error| {
            Failure::call(format_args!("ending the events of {}", entry.called()), &error)
        });
        watched = watched.and(ended);
    }
    watched
}

/// How events are printed, and until when.
pub(crate) struct Printing<'p> {
    pub(crate) until: &'p Until,
    pub(crate) json: bool,
    pub(crate) out: &'p mut dyn Write,
}

impl Printing<'_> {
    /// Prints what `parse` understands.
    pub(crate) fn print(
        self,
        session: &mut Session<'_>,
        protocol: ProtocolId,
        parse: &dyn Fn(Header, &[u8]) -> Option<Happening>,
    ) -> Result<(), Failure> {
        let Self { until, json, out } = self;
        events(session, protocol, until, &mut |elapsed, header, payload| {
            let Some(happening) = parse(header, payload) else { return Ok(false) };
            happening.write(elapsed, json, out)?;
            out.flush()?;
            Ok(true)
        })
    }
}

impl Happening {
    /// One of a newer kind than this tool knows.
    pub(crate) fn other(event: &dyn fmt::Debug) -> Self {
        let text = format!("{event:?}");
        Self { event: "other", name: String::new(), fields: json!({ "text": text }), text }
    }

    fn write(self, elapsed: Duration, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
        let seconds = elapsed.as_secs_f64();
        let Self { event, name, text, fields } = self;
        if !json {
            return Ok(writeln!(out, "{seconds:>10.3} s  {name:<NAME$}  {text}")?);
        }
        let mut document = json!({ "event": event, "at_s": seconds, "name": name });
        if let (Some(all), Value::Object(more)) = (document.as_object_mut(), fields) {
            all.extend(more);
        }
        Ok(writeln!(out, "{document}")?)
    }
}

/// The name of the one with this id.
pub(crate) fn name_of<T: Resource>(entries: &[T], id: u32) -> String {
    let found = entries.iter().find(|entry| entry.id() == id);
    found.map_or_else(|| format!("{} {id}", T::KIND), |entry| entry.name().to_owned())
}

/// Who caused an event, for people.
pub(crate) fn by(agent: u32) -> String {
    if agent == 0 { "by the platform".into() } else { format!("by agent {agent}") }
}
