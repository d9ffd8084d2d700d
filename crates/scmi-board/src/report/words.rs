//! The words that messages are made of.

use toml::de::DeValue;

/// Characters of a found text that a message repeats.
const MAX_QUOTED: usize = 40;

/// Names longer than this are no slip of the finger; comparing them would only cost time.
const MAX_COMPARED: usize = 64;

/// `node` in a few words, as it stands in the file.
pub(crate) fn found(node: &DeValue<'_>) -> String {
    match node {
        DeValue::String(text) => quoted(text),
        DeValue::Integer(number) => cut(&number.to_string()),
        DeValue::Float(number) => cut(number.as_str()),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(date) => format!("the date {date}"),
        DeValue::Array(items) if items.is_empty() => "an empty array".to_owned(),
        DeValue::Array(items) if items.len() == 1 => "an array of 1 value".to_owned(),
        DeValue::Array(items) => format!("an array of {} values", items.len()),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// `text` in quotes, cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(MAX_QUOTED).collect();
    if short.len() < text.len() {
        return format!("{short:?}... ({} bytes)", text.len());
    }
    format!("{short:?}")
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MAX_QUOTED {
        return text.to_owned();
    }
    text.chars().take(MAX_QUOTED).chain("...".chars()).collect()
}

/// "a", "a or b", "a, b or c".
pub(crate) fn alternatives<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// The candidate that `found` is a slip of, if one is near enough.
pub(crate) fn did_you_mean<'a>(
    found: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if found.len() > MAX_COMPARED {
        return None;
    }
    let plain = |word: &str| word.to_lowercase().replace(['_', ' '], "-");
    let wanted = plain(found);
    let nearest = candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &plain(candidate)), candidate))
        .min_by_key(|(distance, _)| *distance);
    let limit = (wanted.chars().count() / 3).max(1);
    nearest
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.len())
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_the_word_that_was_meant() {
        let keys = ["name", "type", "exponent", "trip-points", "update-intervals", "x"];
        let mean = |word| did_you_mean(word, keys);
        assert_eq!(mean("exponant"), Some("exponent"));
        assert_eq!(mean("trip_points"), Some("trip-points"));
        assert_eq!(mean("Trip Points"), Some("trip-points"));
        assert_eq!(mean("tpye"), Some("type"));
        assert_eq!(mean("update-interval"), Some("update-intervals"));
        assert_eq!(mean("colour"), None);
        assert_eq!(mean("y"), None);
        assert_eq!(mean(&"e".repeat(10_000)), None);
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(alternatives(&["a"]), "a");
        assert_eq!(alternatives(&["a", "b"]), "a or b");
        assert_eq!(alternatives(&["a", "b", "c"]), "a, b or c");
    }

    #[test]
    fn long_values_are_cut() {
        let (value, _) =
            DeValue::parse_recoverable("\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeee\"");
        assert_eq!(
            found(value.get_ref()),
            "\"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd\"... (44 bytes)"
        );
        let (value, _) = DeValue::parse_recoverable("[1, [2]]");
        assert_eq!(found(value.get_ref()), "an array of 2 values");
    }
}
