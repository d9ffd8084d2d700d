//! Changing performance domains. What a domain does then is read back and shown.

use std::io::Write;

use scmi::protocol::perf::{V3, agent};
use scmi::wire::ProtocolId;

use super::entry::open;
use super::level::Wanted;
use super::{Entry, Limits, show};
use crate::connect::Session;
use crate::failure::{Failure, Kind};
use crate::resource::{self, Resource};
use crate::watching::Hold;

/// `perf set`.
pub(super) fn level(
    session: &mut Session<'_>,
    domain: &str,
    wanted: Wanted,
    hold: &Hold,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let entry = resource::find(&entries, domain)?;
    let word = entry.find(wanted)?;
    open(session)?.set_level(entry.info.id, word).map_err(|error| {
        let level = entry.show_word(word);
        Failure::call(format_args!("setting {} to level {level}", entry.called()), &error)
    })?;
    show::now(session, &[entry], json, out)?;
    hold.wait(session, ProtocolId::PERF)
}

/// `perf limits`.
pub(super) fn limits(
    session: &mut Session<'_>,
    wanted: &Limits,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let entry = resource::find(&entries, &wanted.domain)?;
    let find = |wanted: Option<Wanted>| wanted.map(|wanted| limit(entry, wanted)).transpose();
    let (min, max) = (find(wanted.min)?, find(wanted.max)?);
    let failed =
        |error| Failure::call(format_args!("setting the limits of {}", entry.called()), &error);
    let mut domains = open(session)?;
    // 0 leaves a limit as it is; before 3.0 nothing does but the limit itself.
    let before = match domains.version() < V3 {
        true => domains.limits(entry.info.id).map_err(failed)?,
        false => agent::Limits { max: 0, min: 0 },
    };
    let limits = agent::Limits { max: max.unwrap_or(before.max), min: min.unwrap_or(before.min) };
    domains.set_limits(entry.info.id, limits).map_err(failed)?;
    show::now(session, &[entry], json, out)?;
    wanted.hold.wait(session, ProtocolId::PERF)
}

/// What a command must say for a limit.
///
/// # Errors
/// The domain has no such level, or it goes by index 0, which is said for a limit that stays as it is.
fn limit(entry: &Entry, wanted: Wanted) -> Result<u32, Failure> {
    let word = entry.find(wanted)?;
    if word == 0 {
        let what = format!("{}: the level of index 0 cannot be a limit", entry.called());
        return Err(Failure::new(Kind::Platform, what));
    }
    Ok(word)
}
