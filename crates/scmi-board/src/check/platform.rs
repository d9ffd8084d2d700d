//! `[platform]`.

use scmi::protocol::base::platform::Identity;

use super::fields::Value;
use crate::report::Problems;

/// The bytes of a name in the Base protocol, without its NUL.
const MAX_NAME: usize = 15;

/// The identity and the seed of the board's random sources.
pub(super) fn platform(value: &Value<'_>, problems: &mut Problems) -> Option<(Identity, u64)> {
    let mut fields = value.fields(problems, "platform", "the table [platform]")?;
    let expected = "a text of 1 to 15 characters of ASCII";
    let vendor = fields
        .require("vendor", problems, expected)
        .and_then(|value| short_name(&value, problems, expected));
    let sub_vendor = match fields.get("sub-vendor") {
        Some(value) => short_name(&value, problems, expected),
        None => Some(String::new()),
    };
    let version = match fields.get("implementation-version") {
        Some(value) => value.integer(problems),
        None => Some(1),
    };
    let seed = match fields.get("seed") {
        Some(value) => value.integer(problems),
        None => Some(0),
    };
    fields.finish(problems);
    Some((
        Identity { vendor: vendor?, sub_vendor: sub_vendor?, implementation_version: version? },
        seed?,
    ))
}

fn short_name(value: &Value<'_>, problems: &mut Problems, expected: &str) -> Option<String> {
    let text = value.text(problems, expected)?;
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if text.is_empty() || text.len() > MAX_NAME || !printable {
        return value.fail(problems, expected);
    }
    Some(text.to_owned())
}
