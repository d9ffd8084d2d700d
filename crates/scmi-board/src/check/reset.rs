//! `[[reset-domain]]`.

use scmi::protocol::reset::platform;
use scmi::protocol::reset::wire::ResetState;

use super::Context;
use super::common::{access, delay, flag, item, or};
use super::fields::Value;
use crate::model::ResetDomain;
use crate::report::Problems;

/// The reset domain at position `at`, from 1.
pub(super) fn domain(
    value: &Value<'_>,
    at: usize,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<ResetDomain> {
    let (mut fields, name) = item(value, "reset domain", at, problems)?;
    let latency = delay(&mut fields, "latency", problems);
    let asynchronous = flag(&mut fields, "async", true, problems);
    let notifies = flag(&mut fields, "notify", true, problems);
    let hold = flag(&mut fields, "hold", true, problems);
    let states = or(fields.get("states"), Vec::new(), |value| states(value, problems));
    let access = access(&mut fields, context, problems);
    fields.finish(problems);
    let description = platform::ResetDomain {
        name: name?,
        latency: latency?,
        latency_known: true,
        asynchronous: asynchronous?,
        notifies: notifies?,
        own_states: states?,
    };
    Some(ResetDomain { description, hold: hold?, access: access? })
}

fn states(value: &Value<'_>, problems: &mut Problems) -> Option<Vec<ResetState>> {
    let items = value.items(problems, "an array of whole numbers")?;
    let read = |item: &Value<'_>| item.integer(problems).map(ResetState::own);
    let states: Vec<Option<ResetState>> = items.iter().map(read).collect();
    states.into_iter().collect()
}
