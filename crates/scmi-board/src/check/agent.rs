//! `[[agent]]`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use scmi::platform::{AgentId, Space};
use scmi::protocol;
use scmi::wire::{ProtocolId, Version};

use super::common::{flag, or, path};
use super::fields::Value;
use super::{AGENTS, Context, lists};
use crate::board::{Agent, Board};
use crate::report::{Problems, alternatives};

/// The bytes of an agent's name in the Base protocol, without its NUL.
pub(crate) const MAX_NAME: usize = 15;

/// The bytes of the name of an agent's socket.
pub(crate) const MAX_SOCKET_NAME: usize = 64;

/// The bytes of a UNIX socket's path, without its NUL.
const MAX_SOCKET: usize = 107;

/// The agents of `list`.
pub(super) fn agents(
    list: &Value<'_>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Vec<Agent>> {
    let mut sockets: BTreeMap<String, usize> = BTreeMap::new();
    AGENTS.read(list, context, problems, |value, at, problems| {
        let agent = agent(value, at, context, problems)?;
        let place = value.span_of("socket");
        if let Some(earlier) = sockets.insert(agent.socket.clone(), at)
            && !context.agents.is_twice(&agent.name)
        {
            let message = format!(
                "agent {:?}: found the socket {:?} of agent {earlier}, expected one of its own",
                agent.name, agent.socket
            );
            problems.push(&place, message);
        }
        Some(agent)
    })
}

/// Warns of what agents see that makes little sense; `list` is where they stand.
pub(super) fn warn(board: &Board, list: Option<&Value<'_>>, problems: &mut Problems) {
    let values = list.and_then(|list| list.items(problems, "")).unwrap_or_default();
    for ((index, agent), value) in board.agents.iter().enumerate().zip(&values) {
        let name = &agent.name;
        let controls = AgentId::from_index(index)
            .zip(board.system.as_ref())
            .is_some_and(|(id, system)| system.controllers.allows(id));
        if controls && !agent.sees_system() {
            let message = format!(
                "system of agent {name:?}: it is in agents of [system], but does not see it"
            );
            problems.warn(&value.span_of("system"), message);
        }
        let pins: BTreeSet<usize> =
            agent.seen(Space::Pin, board.pins.len()).map(|pin| pin.id).collect();
        for seen in agent.seen(Space::PinGroup, board.pin_groups.len()) {
            let Some(group) = board.pin_groups.get(seen.id) else { continue };
            if let Some(hidden) = group.pins.iter().find(|pin| !pins.contains(pin))
                && !pins.is_empty()
            {
                let pin = board.name_of(Space::Pin, *hidden).unwrap_or_default();
                let message = format!(
                    "pin-groups of agent {name:?}: it sees the group {:?}, but not the pin {pin:?} in it",
                    group.name
                );
                problems.warn(&value.span_of("pin-groups"), message);
            }
        }
    }
}

/// The agent at position `at`, from 1.
fn agent(
    value: &Value<'_>,
    at: usize,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Agent> {
    let mut fields = value.fields(problems, format!("agent {at}"), "a table [[agent]]")?;
    let expected = "1 to 15 characters of A-Z, a-z, 0-9, '.', '_' and '-', the first no dot";
    let name = fields.require("name", problems, expected).and_then(|value| {
        let text = value.text(problems, expected)?;
        if is_file_name(text, MAX_NAME) { Some(text) } else { value.fail(problems, expected) }
    });
    let place = name.map_or_else(|| fields.place().to_owned(), |name| format!("agent {name:?}"));
    fields.rename(place.clone());
    let versions = match fields.get("versions") {
        Some(value) => versions(&value, &place, problems),
        None => Some(Vec::new()),
    };
    let qmp = or(fields.get("qmp"), None, |value| socket(value, context, problems).map(Some));
    let own = or(fields.get("socket"), None, |value| own_socket(value, problems).map(Some));
    let lists = lists::lists(&mut fields, context, problems);
    let system = flag(&mut fields, "system", true, problems);
    let trusted = flag(&mut fields, "trusted", false, problems);
    let restore = flag(&mut fields, "restore", false, problems);
    fields.finish(problems);
    let (name, mut lists) = (name?.to_owned(), lists?);
    if !system? {
        lists.push((Space::System, Vec::new()));
    }
    Some(Agent {
        socket: own?.unwrap_or_else(|| format!("{name}.sock")),
        name,
        versions: versions?,
        lists,
        trusted: trusted?,
        restore: restore?,
        qmp: qmp?,
    })
}

/// The name of the agent's own socket.
fn own_socket(value: &Value<'_>, problems: &mut Problems) -> Option<String> {
    let expected =
        "a name of 1 to 64 characters of A-Z, a-z, 0-9, '.', '_' and '-', the first no dot";
    let text = value.text(problems, expected)?;
    let good = is_file_name(text, MAX_SOCKET_NAME);
    if good { Some(text.to_owned()) } else { value.fail(problems, expected) }
}

/// The path of a socket of somebody else's.
fn socket(value: &Value<'_>, context: &Context<'_>, problems: &mut Problems) -> Option<PathBuf> {
    let path = path(value, "the path of a socket", context, problems)?;
    let length = path.as_os_str().len();
    if length > MAX_SOCKET {
        let expected =
            format!("a path of at most {MAX_SOCKET} bytes, with the folder of the board {length}");
        return value.fail(problems, expected);
    }
    if !context.system {
        value.warn(problems, "nothing is done to the machine on a board without [system]");
    }
    Some(path)
}

/// True for what is safe as the name of a socket: no separators, not hidden, not `..`.
fn is_file_name(text: &str, most: usize) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=most).contains(&text.len()) && text.bytes().all(safe) && !text.starts_with('.')
}

/// The versions that the table says, by protocol, where they are not the newest.
fn versions(
    value: &Value<'_>,
    place: &str,
    problems: &mut Problems,
) -> Option<Vec<(ProtocolId, Version)>> {
    let expected = "a table such as { base = \"2.1\", sensor = \"3.1\" }";
    let mut fields = value.fields(problems, format!("versions of {place}"), expected)?;
    let mut said = Vec::new();
    for info in protocol::ALL {
        if let Some(value) = fields.get(info.name) {
            let version = version(&value, info.versions, problems);
            let newest = version.is_some() && version == info.versions.last().copied();
            said.push(version.map(|version| (!newest).then_some((info.id, version))));
        }
    }
    fields.finish(problems);
    let said: Vec<_> = said.into_iter().collect::<Option<_>>()?;
    Some(said.into_iter().flatten().collect())
}

fn version(value: &Value<'_>, known: &[Version], problems: &mut Problems) -> Option<Version> {
    let words: Vec<String> = known.iter().map(|version| format!("\"{version}\"")).collect();
    let expected = format!("the version {} as a text", alternatives(&words));
    let text = value.text(problems, &expected)?;
    let version = known.iter().find(|version| version.to_string() == text);
    version.copied().or_else(|| value.fail(problems, expected))
}
