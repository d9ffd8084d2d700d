//! `scmictl check`: does a platform do what it must?

mod asker;
mod base;
mod facts;
mod header;
mod layout;
mod lists;
mod messages;
mod offers;
mod report;
mod resources;
mod rules;
#[cfg(test)]
mod tests;
mod write;

use core::time::Duration;
use std::io::Write;

use clap::Args;
use scmi::protocol::{self, ProtocolInfo};
use scmi::transport::Channel;
use scmi::wire::{MessageId, ProtocolId, Status, Version};

use self::asker::{Asker, Stopped, Way};
use self::messages::There;
use self::report::Report;
use crate::connect::{Link, Target, any_token};
use crate::failure::{Failure, Kind};

/// Hold a platform against the rules of SCMI.
///
/// Every protocol that the platform lists and this tool knows is asked about all of its messages, its resources and
/// its errors. Nothing is changed: what is sent are reads, and commands that must be refused whoever looks at what.
/// Each rule that was broken is reported with the request, the answer, and what was expected. docs/check.md has
/// the rules.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Also set what can be set to what it is, turn notifications on and off, and negotiate versions. A platform that has a fault may then
    /// change something.
    #[arg(long)]
    write: bool,
}

const EXAMPLES: &str = "\
Examples:
  scmictl --connect vhost-user:/run/scmi/vm1.sock check
  scmictl --connect vhost-user:/run/scmi/vm1.sock check --write
  scmictl --connect raw:/sys/kernel/debug/scmi/0 check
  scmictl --connect vhost-user:/run/scmi/vm1.sock --json check | jq '.findings[].rule'

Exit code 0: no rule was broken; 1: at least one was; others as always: it could not be checked.";

const NEGOTIATE: MessageId = MessageId::NEGOTIATE_PROTOCOL_VERSION;

/// Checks, and says what was found.
pub(crate) fn run(
    arguments: &Arguments,
    link: &Link,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut found = None;
    let talked = link.channel(|target, channel| {
        let way = Way::through(target);
        found = Some(check(channel, way, link.timeout(), any_token(), arguments.write));
        Ok(())
    });
    let Some(report) = found else { return talked };
    if json {
        writeln!(out, "{}", report.document())?;
    } else {
        report.write(out)?;
    }
    out.flush()?;
    match report.broken().len() {
        0 => Ok(()),
        broken => {
            let what = format!("the platform breaks {broken} of {} rules", rules::ALL.len());
            Err(Failure::new(Kind::Platform, what))
        }
    }
}

impl Way {
    fn through(target: &Target) -> Self {
        match target {
            Target::VhostUser(_) => Self { whole: true, virtio: true },
            // Linux shows the header that it sent, and another transport may be below it.
            Target::Raw(_) => Self { whole: false, virtio: false },
        }
    }
}

/// Holds whoever is at the other end of a channel against the rules.
fn check(
    channel: &mut dyn Channel,
    way: Way,
    patience: Duration,
    first_token: u16,
    write: bool,
) -> Report {
    let mut asker = Asker::new(channel, patience, way, first_token);
    // Who stopped has said so in the report.
    let _stopped = all(&mut asker, write);
    asker.report
}

/// A protocol that the platform has, in the version that it reports.
struct Spoken {
    protocol: &'static ProtocolInfo,
    version: Version,
    there: There,
}

/// What is whole comes first, then what is odd, then what no agent sends: whoever does not survive one has been
/// looked at as far as could be.
fn all(asker: &mut Asker<'_>, write: bool) -> Result<(), Stopped> {
    let Some(version) = base::version(asker, ProtocolId::BASE)? else { return Ok(()) };
    asker.version = version;
    let listed = base::protocols(asker)?;
    let there = messages::check(asker, &protocol::base::INFO)?;
    base::check(asker, &there, &listed)?;
    negotiate(asker, &protocol::base::INFO, version, write)?;
    messages::unknown_ids(asker, &protocol::base::INFO, &there)?;
    let mut all = vec![Spoken { protocol: &protocol::base::INFO, version, there }];
    for id in &listed {
        asker.version = Version(0);
        let asked = asker.ask(*id, MessageId::PROTOCOL_VERSION, &[])?;
        let expected = || "the version of a protocol that is listed".into();
        asker.report.judge(rules::BASE_LISTED, asked.values().is_some(), &asked, expected);
        let version = base::version(asker, *id)?;
        let (Some(protocol), Some(version)) = (protocol::find(*id), version) else { continue };
        asker.version = version;
        let there = whole(asker, protocol, write)?;
        all.push(Spoken { protocol, version, there });
    }
    base::unknown_protocols(asker, &listed)?;
    for Spoken { protocol, version, there } in &all {
        asker.version = *version;
        messages::odd(asker, protocol, there)?;
    }
    asker.version = version;
    if asker.way.whole {
        header::check(asker)?;
    }
    Ok(())
}

/// Commands as agents send them.
fn whole(
    asker: &mut Asker<'_>,
    protocol: &'static ProtocolInfo,
    write: bool,
) -> Result<There, Stopped> {
    let there = messages::check(asker, protocol)?;
    let spaces = resources::check(asker, protocol, &there)?;
    messages::unknown_ids(asker, protocol, &there)?;
    offers::check(asker, protocol.id, &there, &spaces, write)?;
    if write {
        write::check(asker, protocol, &there, &spaces)?;
    }
    negotiate(asker, protocol, asker.version, write)?;
    Ok(there)
}

/// A version that nobody can speak is refused where versions can be negotiated; if `write`, older ones are tried.
fn negotiate(
    asker: &mut Asker<'_>,
    protocol: &'static ProtocolInfo,
    version: Version,
    write: bool,
) -> Result<(), Stopped> {
    if version < protocol.negotiable_from {
        return Ok(());
    }
    let asked = asker.ask(protocol.id, NEGOTIATE, &[0xFFFE_FFFE])?;
    // Whether it must be there is another rule.
    if asked.status() == Some(Status::NOT_FOUND) {
        return Ok(());
    }
    messages::refused_with(asker, rules::NEGOTIATE, &asked, &[Status::NOT_SUPPORTED]);
    if write {
        for older in protocol.versions.iter().filter(|older| **older < version) {
            speak(asker, protocol, *older, version)?;
        }
    }
    Ok(())
}

/// Speaks an older version for a moment, if the platform does.
fn speak(
    asker: &mut Asker<'_>,
    protocol: &'static ProtocolInfo,
    older: Version,
    reported: Version,
) -> Result<(), Stopped> {
    let asked = asker.ask(protocol.id, NEGOTIATE, &[older.0])?;
    if asked.status() != Some(Status::SUCCESS) {
        messages::refused_with(asker, rules::NEGOTIATED, &asked, &[Status::NOT_SUPPORTED]);
        return Ok(());
    }
    let newer = protocol.commands.iter().find(|info| info.since > older && info.since <= reported);
    if let Some(newer) = newer {
        let message = u32::from(newer.id.0);
        let asked = asker.ask(protocol.id, MessageId::PROTOCOL_MESSAGE_ATTRIBUTES, &[message])?;
        let held = asked.status() == Some(Status::NOT_FOUND);
        let expected = || format!("NOT_FOUND: {} came after {older}", newer.name);
        asker.report.judge(rules::NEGOTIATED, held, &asked, expected);
    }
    let asked = asker.ask(protocol.id, NEGOTIATE, &[reported.0])?;
    let held = asked.status() == Some(Status::SUCCESS);
    asker.report.judge(rules::NEGOTIATED, held, &asked, || format!("SUCCESS: back to {reported}"));
    Ok(())
}
