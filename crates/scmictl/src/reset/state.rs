//! Kinds of reset in words.

use scmi::protocol::reset::wire::ResetState;

/// A kind of reset in words that [`parse`] reads, unless it is reserved.
pub(super) fn show(state: ResetState) -> String {
    match state {
        ResetState::COLD => "cold".into(),
        state if state.is_own() => format!("own{}", state.0 & !(1 << 31)),
        state => format!("reserved {}", state.0),
    }
}

/// Reads a kind of reset.
pub(super) fn parse(text: &str) -> Result<ResetState, String> {
    if text == "cold" {
        return Ok(ResetState::COLD);
    }
    let own = text.strip_prefix("own").and_then(|id| id.parse::<u32>().ok());
    let own = own.filter(|id| *id < 1 << 31).map(ResetState::own);
    own.ok_or_else(|| "expected cold, or a number of the platform's own such as own3".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resets_are_read_as_they_are_shown() {
        for (word, state) in [("cold", 0), ("own0", 0x8000_0000), ("own3", 0x8000_0003)] {
            assert_eq!(parse(word), Ok(ResetState(state)));
            assert_eq!(show(ResetState(state)), word);
        }
        assert_eq!(show(ResetState(3)), "reserved 3");
        for bad in ["", "own", "warm", "own2147483648"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
