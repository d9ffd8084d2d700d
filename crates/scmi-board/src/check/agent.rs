//! `[[agent]]`.

use std::path::PathBuf;

use scmi::protocol;
use scmi::wire::{ProtocolId, Version};

use super::Context;
use super::common::{or, path};
use super::fields::Value;
use crate::board::Agent;
use crate::report::{Problems, alternatives};

/// The bytes of an agent's name in the Base protocol, without its NUL.
const MAX_NAME: usize = 15;

/// The bytes of a UNIX socket's path, without its NUL.
const MAX_SOCKET: usize = 107;

/// The agent at position `at`, from 1.
pub(super) fn agent(
    value: &Value<'_>,
    at: usize,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Agent> {
    let mut fields = value.fields(problems, format!("agent {at}"), "a table [[agent]]")?;
    let expected = "1 to 15 characters of A-Z, a-z, 0-9, '.', '_' and '-', the first no dot";
    let name = fields.require("name", problems, expected).and_then(|value| {
        let text = value.text(problems, expected)?;
        if is_file_name(text) { Some(text) } else { value.fail(problems, expected) }
    });
    let place = name.map_or_else(|| fields.place().to_owned(), |name| format!("agent {name:?}"));
    fields.rename(place.clone());
    let versions = match fields.get("versions") {
        Some(value) => versions(&value, &place, problems),
        None => Some(Vec::new()),
    };
    let qmp = or(fields.get("qmp"), None, |value| socket(value, context, problems).map(Some));
    fields.finish(problems);
    Some(Agent { name: name?.to_owned(), versions: versions?, qmp: qmp? })
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
fn is_file_name(text: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(safe) && !text.starts_with('.')
}

/// The versions that the table says, by protocol.
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
            said.push(version(&value, info.versions, problems).map(|version| (info.id, version)));
        }
    }
    fields.finish(problems);
    said.into_iter().collect()
}

fn version(value: &Value<'_>, known: &[Version], problems: &mut Problems) -> Option<Version> {
    let words: Vec<String> = known.iter().map(|version| format!("\"{version}\"")).collect();
    let expected = format!("the version {} as a text", alternatives(&words));
    let text = value.text(problems, &expected)?;
    let version = known.iter().find(|version| version.to_string() == text);
    version.copied().or_else(|| value.fail(problems, expected))
}
