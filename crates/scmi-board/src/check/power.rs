//! `[[power-domain]]`.

use scmi::protocol::power::platform::{self, PowerStateInfo, Told};
use scmi::protocol::power::wire::PowerState;

use super::Context;
use super::common::{access, delay, flag, item, or};
use super::fields::Value;
use crate::model::PowerDomain;
use crate::report::Problems;

/// The number of a state has 28 bits.
const MAX_STATE: u32 = 0x0FFF_FFFF;

/// The power domain at position `at`, from 1.
pub(super) fn domain(
    value: &Value<'_>,
    at: usize,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<PowerDomain> {
    let (mut fields, name) = item(value, "power domain", at, problems)?;
    let on_latency = delay(&mut fields, "on-latency", problems);
    let off_latency = delay(&mut fields, "off-latency", problems);
    let between = or(fields.get("states"), Vec::new(), |value| states(value, problems));
    let enabled = flag(&mut fields, "enabled", true, problems);
    let synchronous = flag(&mut fields, "sync", true, problems);
    let asynchronous = flag(&mut fields, "async", true, problems);
    let processors = flag(&mut fields, "processors", false, problems);
    let notify = flag(&mut fields, "notify", true, problems);
    let shared = flag(&mut fields, "shared", true, problems);
    let access = access(&mut fields, context, problems);
    let keep = flag(&mut fields, "keep", false, problems);
    let sync_key = fields.get("sync");
    fields.finish(problems);
    if let (Some(false), Some(false), Some(value)) = (synchronous, asynchronous, sync_key) {
        return value
            .refuse(problems, "found false with async = false, expected at least one of them");
    }

    let mut states = vec![PowerStateInfo { state: PowerState::ON, latency: on_latency? }];
    states.extend(between?);
    states.push(PowerStateInfo { state: PowerState::OFF, latency: off_latency? });
    let (enabled, notify) = (enabled?, notify?);
    let description = platform::PowerDomain {
        name: name?,
        initial: if enabled { 0 } else { states.len() - 1 },
        states,
        synchronous: synchronous?,
        asynchronous: asynchronous?,
        processors: processors?,
        change_notifications: notify,
        request_notifications: notify,
        told: if shared? { Told::Asked } else { Told::Actual },
    };
    Some(PowerDomain { description, access: access?, keep: keep? })
}

/// The states between on and off, from the shallowest to the deepest.
fn states(value: &Value<'_>, problems: &mut Problems) -> Option<Vec<PowerStateInfo>> {
    let expected =
        "an array of tables such as { id = 1, latency = \"1 ms\", context-lost = false }";
    let items = value.items(problems, expected)?;
    let label = value.label().to_owned();
    let mut states: Vec<PowerStateInfo> = Vec::with_capacity(items.len());
    let mut good = true;
    for (index, item) in items.iter().enumerate() {
        let place = format!("state {} of {label}", index + 1);
        let Some(mut fields) = item.fields(problems, place, expected) else {
            good = false;
            continue;
        };
        let key = fields.require("id", problems, format!("a whole number from 0 to {MAX_STATE}"));
        let id = key.as_ref().and_then(|value| value.integer(problems));
        let lost = flag(&mut fields, "context-lost", false, problems);
        let latency = delay(&mut fields, "latency", problems);
        fields.finish(problems);
        let (Some(id), Some(lost), Some(latency)) = (id, lost, latency) else {
            good = false;
            continue;
        };
        let state = PowerState::new(lost, id);
        let known = states.iter().any(|other| other.state == state);
        if known || state == PowerState::ON || state == PowerState::OFF {
            key?.fail::<()>(problems, "a state of its own: 0 is on, or off with context-lost");
            good = false;
        }
        states.push(PowerStateInfo { state, latency });
    }
    good.then_some(states)
}
