//! Bytes and words from text.

use core::fmt;

/// Why a text is no message. Positions count characters from 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HexError {
    /// There is nothing.
    Empty,
    /// A group of digits that does not make whole bytes.
    Odd(String),
    /// Something that is no group of hex digits.
    NotHex(String),
    /// A word with `0x` where bytes were expected.
    Word(String),
    /// More than eight digits where a word was expected.
    TooLong(String),
}

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("expected a message in hex, found nothing"),
            Self::Odd(group) => {
                write!(f, "{group:?} has {} digits: a byte has two", group.len())
            }
            Self::NotHex(group) => write!(f, "{group:?} is not hex"),
            Self::Word(group) => {
                write!(
                    f,
                    "{group:?} looks like a word; give --words for words, or bytes without 0x"
                )
            }
            Self::TooLong(group) => {
                write!(f, "{group:?} has {} digits: a word has up to eight", group.len())
            }
        }
    }
}

/// Bytes in the order of the wire.
pub(crate) fn bytes(text: &str) -> Result<Vec<u8>, HexError> {
    let mut bytes = Vec::new();
    for group in groups(text) {
        let (digits, prefixed) = digits(group)?;
        if prefixed && digits.len() > 2 {
            return Err(HexError::Word(group.into()));
        }
        // One digit after 0x is a byte; without it, half of one.
        if prefixed && digits.len() == 1 {
            bytes.extend(u8::from_str_radix(digits, 16));
            continue;
        }
        if digits.len() % 2 != 0 {
            return Err(HexError::Odd(digits.into()));
        }
        let pairs = digits.as_bytes().chunks(2).filter_map(|pair| str::from_utf8(pair).ok());
        bytes.extend(pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()));
    }
    if bytes.is_empty() { Err(HexError::Empty) } else { Ok(bytes) }
}

/// The bytes of words, each of them low byte first.
pub(crate) fn words(text: &str) -> Result<Vec<u8>, HexError> {
    let mut bytes = Vec::new();
    for group in groups(text) {
        let (digits, _) = digits(group)?;
        let word = u32::from_str_radix(digits, 16);
        bytes.extend(word.map_err(|_| HexError::TooLong(digits.into()))?.to_le_bytes());
    }
    if bytes.is_empty() { Err(HexError::Empty) } else { Ok(bytes) }
}

/// What stands between white space and the usual punctuation.
fn groups(text: &str) -> impl Iterator<Item = &str> {
    let between = |letter: char| letter.is_whitespace() || ",;:|-_[](){}".contains(letter);
    text.split(between).filter(|group| !group.is_empty())
}

/// The digits of a group, and whether `0x` stood before them.
fn digits(group: &str) -> Result<(&str, bool), HexError> {
    let stripped = group.strip_prefix("0x").or_else(|| group.strip_prefix("0X"));
    let digits = stripped.unwrap_or(group);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(HexError::NotHex(group.into()));
    }
    Ok((digits, stripped.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_in_any_common_form() {
        let expected = Ok(vec![0x06, 0x54, 0x14, 0x00]);
        let forms = [
            "06 54 14 00",
            "06541400",
            "06:54:14:00",
            "0x06, 0x54, 0x14, 0x0",
            "[06, 54] 1400",
            "06-54-14-00",
        ];
        for form in forms {
            assert_eq!(bytes(form), expected, "{form}");
        }
    }

    #[test]
    fn words_are_little_endian() {
        assert_eq!(words("0x00145406 3"), Ok(vec![6, 0x54, 0x14, 0, 3, 0, 0, 0]));
    }

    #[test]
    fn what_is_no_hex_is_refused_by_name() {
        assert_eq!(bytes("06 5"), Err(HexError::Odd("5".into())));
        assert_eq!(bytes("06 xy"), Err(HexError::NotHex("xy".into())));
        assert_eq!(bytes("0x00145406"), Err(HexError::Word("0x00145406".into())));
        assert_eq!(words("123456789"), Err(HexError::TooLong("123456789".into())));
        assert_eq!(bytes(" "), Err(HexError::Empty));
        assert_eq!(words("0x"), Err(HexError::NotHex("0x".into())));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(message in proptest::collection::vec(any::<u8>(), 1..64)) {
            let text: String = message.iter().map(|byte| format!("{byte:02x}")).collect();
            prop_assert_eq!(bytes(&text), Ok(message));
        }

        #[test]
        fn any_text_is_taken_or_refused(text in ".*") {
            prop_assert!(bytes(&text).is_ok_and(|bytes| !bytes.is_empty()) || bytes(&text).is_err());
            prop_assert!(words(&text).map_or(true, |bytes| bytes.len() % 4 == 0));
        }
    }
}
