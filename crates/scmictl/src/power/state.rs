//! Power states in words.

use scmi::protocol::power::wire::PowerState;

/// A state in words that [`parse`] reads.
pub(super) fn show(state: PowerState) -> String {
    match state {
        PowerState::ON => "on".into(),
        PowerState::OFF => "off".into(),
        state if state.0 & PowerState::RESERVED != 0 => format!("{:#010x}", state.0),
        state if state.context_lost() => format!("{}:lost", state.number()),
        state => state.number().to_string(),
    }
}

/// Reads a state such as `on`, `2` or `3:lost`.
pub(super) fn parse(text: &str) -> Result<PowerState, String> {
    match text {
        "on" => return Ok(PowerState::ON),
        "off" => return Ok(PowerState::OFF),
        _ => {}
    }
    let (number, lost) = match text.strip_suffix(":lost") {
        Some(number) => (number, true),
        None => (text, false),
    };
    let number: Option<u32> = number.parse().ok().filter(|number| *number < 1 << 28);
    let state = number.map(|number| PowerState::new(lost, number));
    state.ok_or_else(|| "expected on, off, or a number such as 2 or 3:lost".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_as_they_are_shown() {
        let words = ["on", "off", "2", "3:lost"];
        let states =
            [PowerState(0), PowerState(0x4000_0000), PowerState(2), PowerState(0x4000_0003)];
        for (word, state) in words.into_iter().zip(states) {
            assert_eq!(parse(word), Ok(state));
            assert_eq!(show(state), word);
        }
        assert_eq!(show(PowerState(0x8000_0001)), "0x80000001");
        for bad in ["", "sleep", "-1", "268435456", "lost", ":lost"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
