//! States of the system in words.

use scmi::protocol::system::wire::SystemState;

/// The first of the vendor's own.
const VENDOR: u32 = 0x8000_0000;

/// A state in words that [`parse`] reads, unless it is reserved.
pub(super) fn show(state: SystemState) -> String {
    match state.word() {
        Some(word) => word.into(),
        None if state.is_vendor() => format!("vendor{}", state.0 - VENDOR),
        None => format!("reserved {}", state.0),
    }
}

/// Reads a state.
pub(super) fn parse(text: &str) -> Result<SystemState, String> {
    let vendor = || {
        let number = text.strip_prefix("vendor")?.parse::<u32>().ok()?;
        Some(SystemState(number.checked_add(VENDOR)?))
    };
    SystemState::from_word(text).or_else(vendor).ok_or_else(|| {
        let words = SystemState::WORDS.map(|(word, _)| word);
        format!("expected {}, or vendor0 and so on", words.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_as_they_are_shown() {
        for (word, state) in [("shutdown", 0), ("suspend", 4), ("vendor2", 0x8000_0002)] {
            assert_eq!(parse(word), Ok(SystemState(state)));
            assert_eq!(show(SystemState(state)), word);
        }
        assert_eq!(show(SystemState(9)), "reserved 9");
        for bad in ["", "off", "vendor", "vendor2147483648"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
