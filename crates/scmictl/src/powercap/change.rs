//! Changing powercap domains. What a domain does then is read back and shown.

use std::io::Write;

use scmi::protocol::powercap::V2;
use scmi::wire::ProtocolId;

use super::entry::open;
use super::{Entry, Set, show};
use crate::connect::Session;
use crate::failure::{Failure, Kind};
use crate::quantity::Quantity;
use crate::resource::{self, Resource};

/// `powercap set`.
pub(super) fn cap(
    session: &mut Session<'_>,
    set: &Set,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let entry = resource::find(&entries, &set.domain)?;
    let cap = match set.cap.as_str() {
        "none" if entry.version < V2 => {
            let what = format_args!(
                "{}: version {} of the protocol has no way to withdraw a cap",
                entry.called(),
                entry.version
            );
            return Err(Failure::new(Kind::Platform, what));
        }
        "none" => 0,
        text => entry.parse(text)?,
    };
    let mut domains = open(session)?;
    let id = entry.info.id;
    let result = if set.asynchronous {
        domains.set_cap_async(id, cap).map(|_| ())
    } else if set.queue {
        domains.set_cap_quietly(id, cap)
    } else {
        domains.set_cap(id, cap)
    };
    result.map_err(|error| {
        let cap = show::cap_text(entry, cap);
        Failure::call(format_args!("setting the cap of {} to {cap}", entry.called()), &error)
    })?;
    show::now(session, &[entry], json, out)?;
    set.hold.wait(session, ProtocolId::POWERCAP)
}

/// `powercap interval`.
pub(super) fn interval(
    session: &mut Session<'_>,
    wanted: &str,
    micros: u32,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let entries = Entry::load(session)?;
    let entry = resource::find(&entries, wanted)?;
    open(session)?.set_pai(entry.info.id, micros).map_err(|error| {
        let interval = Quantity::MICROSECOND.show(micros);
        let what = format_args!("setting the interval of {} to {interval}", entry.called());
        Failure::call(what, &error)
    })?;
    show::now(session, &[entry], json, out)
}
