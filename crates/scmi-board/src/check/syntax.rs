//! What the TOML parser says, in the words of the other messages.

use core::ops::Range;

use crate::report::quoted;

/// What is wrong with the text at `span`, of which the parser said `message`.
pub(super) fn message(text: &str, span: &Range<usize>, message: &str) -> String {
    let there = pointed_at(text, span);
    let found = match there {
        "" if span.start >= text.len() => "the end of the file".to_owned(),
        "" => "the end of the line".to_owned(),
        there => quoted(there),
    };
    let (reason, expected) = match message.split_once(", expected ") {
        Some((reason, "nothing")) => (reason, None),
        Some((reason, expected)) => (reason, Some(expected)),
        None => (message, None),
    };
    match (reason, expected) {
        ("duplicate key", _) => {
            format!("not TOML: found the key {found} a second time, expected each key once")
        }
        ("string values must be quoted", _) => {
            format!("not TOML: found {found}, expected a value; a text needs quotes")
        }
        (reason, Some(expected)) => {
            format!("not TOML: found {found} ({reason}), expected {expected}")
        }
        (reason, None) => format!("not TOML: found {found} ({reason}), expected something else"),
    }
}

/// The first line of the text at `span`; where it marks a point between two characters, the word behind it.
fn pointed_at<'a>(text: &'a str, span: &Range<usize>) -> &'a str {
    let line = |text: &'a str| text.lines().next().unwrap_or_default().trim();
    match text.get(span.clone()).unwrap_or_default() {
        "" => line(text.get(span.start..).unwrap_or_default())
            .split_whitespace()
            .next()
            .unwrap_or_default(),
        marked => line(marked),
    }
}
