//! Changes of a message's bytes.

use scmi::wire::{Header, Status};

use super::acts::Acts;

/// Header and status.
pub(super) const HEAD: usize = 8;

/// The header at the start of a message; zero where there is none.
pub(super) fn header_of(message: &[u8]) -> Header {
    Header::parse(message).unwrap_or(Header::from_word(0))
}

/// Puts a header at the start of a message that has room for one.
pub(super) fn set_header(message: &mut [u8], header: Header) {
    if let Some(place) = message.first_chunk_mut() {
        *place = header.word().to_le_bytes();
    }
}

/// Makes a message of a header and a status; 0 where there is no room for them.
pub(super) fn status_only(room: &mut [u8], header: Header, status: Status) -> usize {
    let Some((head, rest)) = room.split_first_chunk_mut() else { return 0 };
    let Some(tail) = rest.first_chunk_mut() else { return 0 };
    *head = header.word().to_le_bytes();
    *tail = status.0.to_le_bytes();
    HEAD
}

/// Changes the message in the first `len` bytes of `room`, of which `head` are header and status; how long it is then, and
/// whether all that it was to be extended by had room.
pub(super) fn alter(acts: &Acts, room: &mut [u8], len: usize, head: usize) -> (usize, bool) {
    let mut len = len.min(room.len());
    if acts.garble
        && let Some(values) = room.get_mut(head..len)
    {
        values.fill(0xFF);
    }
    if len >= Header::BYTES {
        let header = header_of(room);
        let token = header.token().wrapping_add(acts.token.unwrap_or(0)) & Header::TOKEN_MASK;
        let word = header.word() & !(0x3FF << 18) | u32::from(token) << 18;
        let header = Header::from_word(word);
        set_header(room, acts.header.map_or(header, |bits| bits.apply(header)));
    }
    if let Some(most) = acts.truncate {
        len = len.min(usize::try_from(most).unwrap_or(usize::MAX));
    }
    let more = acts.extend.map_or(0, |more| usize::try_from(more).unwrap_or(usize::MAX));
    let end = len.saturating_add(more).min(room.len());
    if let Some(behind) = room.get_mut(len..end) {
        behind.fill(0xEE);
    }
    let whole = end == len.saturating_add(more);
    (end, whole)
}
