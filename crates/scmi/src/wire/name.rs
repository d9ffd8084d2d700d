//! Names in fixed fields.

use core::fmt;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// A name in a field of `N` bytes: NUL-terminated, so at most `N - 1` bytes of it, padded with zeros
/// (section 3.2). Whatever a peer put there is kept; [`Name::as_str`] shows what is text in it.
#[derive(Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(transparent)]
pub struct Name<const N: usize>([u8; N]);

/// The field of a short name.
pub type ShortName = Name<16>;
/// The field of an extended name.
pub type LongName = Name<64>;

impl<const N: usize> Name<N> {
    /// The most bytes of text that fit.
    pub const MAX: usize = N.saturating_sub(1);

    /// As much of `text` as fits, cut between characters.
    pub fn new(text: &str) -> Self {
        let mut end = text.len().min(Self::MAX);
        while !text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        let mut bytes = [0; N];
        for (to, from) in bytes.iter_mut().zip(text.bytes().take(end)) {
            *to = from;
        }
        Self(bytes)
    }

    /// The same text in a longer field, or as much of it as fits into a shorter one.
    pub fn resized<const M: usize>(&self) -> Name<M> {
        let text = self.text();
        Name::of(text.get(..Name::<M>::MAX).unwrap_or(text))
    }

    /// As many bytes of a name as fit, whatever they are.
    // Not into each caller: firmware is small.
    #[inline(never)]
    pub(crate) fn of(text: &[u8]) -> Self {
        let mut bytes = [0; N];
        bytes.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        Self(bytes)
    }

    /// Whether `text` fits without being cut.
    pub const fn fits(text: &str) -> bool {
        text.len() <= Self::MAX
    }

    /// The bytes before the first NUL.
    pub fn text(&self) -> &[u8] {
        self.0.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    /// The name as far as it is UTF-8.
    pub fn as_str(&self) -> &str {
        match core::str::from_utf8(self.text()) {
            Ok(text) => text,
            Err(error) => {
                let valid = self.text().get(..error.valid_up_to()).unwrap_or_default();
                core::str::from_utf8(valid).unwrap_or_default()
            }
        }
    }
}

impl<const N: usize> Default for Name<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> fmt::Debug for Name<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const N: usize> fmt::Display for Name<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_between_characters_and_terminated() {
        assert_eq!(ShortName::new("0123456789abcdefg").as_str(), "0123456789abcde");
        assert_eq!(ShortName::new("0123456789abcd\u{e9}").as_str(), "0123456789abcd");
        assert!(ShortName::fits("0123456789abcde"));
        assert!(!ShortName::fits("0123456789abcdef"));
    }

    #[test]
    fn a_name_moves_to_a_field_of_another_size() {
        let long: LongName = ShortName::new("a sensor").resized();
        assert_eq!(long, LongName::new("a sensor"));
        let short: ShortName = LongName::new("0123456789abcdefg").resized();
        assert_eq!(short, ShortName::new("0123456789abcde"));
        let unterminated = ShortName::read_from_bytes(&[b'x'; 16]).expect("16 bytes");
        assert_eq!(unterminated.resized::<64>().as_str(), "xxxxxxxxxxxxxxxx");
    }

    #[test]
    fn a_peer_s_field_without_end_or_text_is_harmless() {
        let unterminated = ShortName::read_from_bytes(&[b'x'; 16]).expect("16 bytes");
        assert_eq!(unterminated.as_str(), "xxxxxxxxxxxxxxxx");
        let garbage = ShortName::read_from_bytes(&[0xFF; 16]).expect("16 bytes");
        assert_eq!(garbage.as_str(), "");
    }
}
