//! Modes of voltage domains in words.

use scmi::protocol::voltage::wire::Mode;

/// A mode in words; those that are not reserved are read by [`parse`].
pub(super) fn show(mode: Mode) -> String {
    match mode {
        Mode::ON => "on".into(),
        Mode::OFF => "off".into(),
        mode if mode.is_own() => format!("own{}", mode.0 & 7),
        mode => format!("reserved {}", mode.0),
    }
}

/// Reads a mode.
pub(super) fn parse(text: &str) -> Result<Mode, String> {
    match text {
        "on" => return Ok(Mode::ON),
        "off" => return Ok(Mode::OFF),
        _ => {}
    }
    let own = text.strip_prefix("own").and_then(|id| id.parse::<u8>().ok());
    let own = own.filter(|id| *id < 8).map(Mode::own);
    own.ok_or_else(|| "expected on, off, or own0 to own7".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_as_they_are_shown() {
        for (word, mode) in [("on", 7), ("off", 0), ("own0", 8), ("own7", 15)] {
            assert_eq!(parse(word), Ok(Mode(mode)));
            assert_eq!(show(Mode(mode)), word);
        }
        assert_eq!(show(Mode(3)), "reserved 3");
        for bad in ["", "own", "own8", "8"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
