//! `resource` of `[[fault]]`.

use scmi::platform::{AgentId, Space};
use scmi::protocol;
use scmi::wire::ProtocolId;
use toml::de::DeValue;

use super::Context;
use super::fields::Value;
use crate::board::Agent;
use crate::faults::{Named, Resource, spaces};
use crate::report::{Problems, did_you_mean};

/// Names that an error lists.
const SHOWN: usize = 16;

/// A resource by the agent's id or by its name on the board. `whose` are the messages of which protocol, where that is said;
/// `agents` are those of the platform, unless something is wrong with them.
pub(super) fn resource(
    value: &Value<'_>,
    whose: (Option<AgentId>, Option<ProtocolId>),
    agents: Option<&[Agent]>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Resource> {
    let DeValue::String(name) = value.node() else {
        return value.integer(problems).map(Resource::Id);
    };
    let (agent, protocol) = whose;
    let Some(protocol) = protocol else {
        return value.refuse(problems, "a name says nothing without the protocol");
    };
    let spaces = spaces(protocol);
    if spaces.is_empty() {
        let protocol = protocol::find(protocol)
            .map_or_else(|| format!("protocol {:#04x}", protocol.0), |info| info.name.to_owned());
        return value.refuse(problems, format!("{protocol} has nothing with a name"));
    }
    let kinds: Vec<&str> = spaces.iter().map(|space| space.name()).collect();
    let kinds = kinds.join(" or ");
    let there = |space: Space| context.everything.of_kind(space);
    let found = |space: &Space| Some((*space, there(*space)?.position(name)?));
    let found: Vec<(Space, usize)> = spaces.iter().filter_map(found).collect();
    if found.is_empty() {
        let names: Vec<&str> =
            spaces.iter().filter_map(|space| there(*space)).flat_map(|names| names.all()).collect();
        let help = did_you_mean(name, names.iter().copied());
        let help = help.map(|name| format!("did you mean {name:?}?"));
        let expected =
            format!("the name of a {kinds} ({}), or an id", listed(&names, "there is none"));
        return value.fail_with_help(problems, expected, help);
    }
    // What is wrong with the agents was said.
    let agents = agents?;
    let seen = |space: Space, id: usize| {
        let count = there(space).map_or(0, |names| names.count());
        let known = move |agent: &Agent| {
            let at = agent.seen(space, count).position(|listed| listed.id == id)?;
            u32::try_from(at).ok()
        };
        (space, agents.iter().map(known).collect())
    };
    let named = Named::new(&**name, found.into_iter().map(|(space, id)| seen(space, id)).collect());
    let blind = match agent {
        Some(agent) => named.ids(agent).next().is_none(),
        None => !named.is_seen(),
    };
    if !blind {
        return Some(Resource::Named(named));
    }
    let Some(agent) = agent.and_then(|agent| agents.get(agent.index())) else {
        return value.refuse(problems, format!("no agent sees {name:?}"));
    };
    let sees = |space: &Space| {
        let (names, space) = (there(*space), *space);
        let count = names.map_or(0, |names| names.count());
        let name = move |id| names.and_then(|names| names.name(id));
        agent.seen(space, count).filter_map(move |listed| name(listed.id)).collect::<Vec<_>>()
    };
    let names: Vec<&str> = spaces.iter().flat_map(sees).collect();
    let expected = format!(
        "a {kinds} that agent {:?} sees ({}), or its id of one",
        agent.name,
        listed(&names, "it sees none")
    );
    value.fail(problems, expected)
}

/// The names, of many the first; `none` where there are none.
fn listed(names: &[&str], none: &str) -> String {
    match names.split_at_checked(SHOWN) {
        Some((shown, more)) if !more.is_empty() => {
            format!("{} and {} more", shown.join(", "), more.len())
        }
        _ if names.is_empty() => none.to_owned(),
        _ => names.join(", "),
    }
}
