//! A fault for each rule.

use scmi::wire::Status;

use super::super::layout::NO_ID;
use super::super::rules::{self, Rule};
use super::wrong::Asked;

/// Changes an answer, or loses it.
pub(super) type Fault = fn(&Asked<'_>, &mut Option<Vec<u8>>);

const BASE: u8 = 0x10;
const PERF: u8 = 0x13;
const CLOCK: u8 = 0x14;
const SENSOR: u8 = 0x15;
const VOLTAGE: u8 = 0x17;
const POWERCAP: u8 = 0x18;

fn is(asked: &Asked<'_>, protocol: u8, message: u8) -> bool {
    (asked.protocol, asked.message) == (protocol, message) && asked.word >> 8 & 3 == 0
}

/// It asks whether a message is there.
fn about(asked: &Asked<'_>, protocol: u8, message: u32) -> bool {
    is(asked, protocol, 0x2) && asked.params == [message]
}

fn status(answer: &Option<Vec<u8>>) -> Option<Status> {
    let status = answer.as_deref()?.get(4..8)?.first_chunk::<4>()?;
    Some(Status(i32::from_le_bytes(*status)))
}

fn refuse(answer: &mut Option<Vec<u8>>, status: Status) {
    if let Some(bytes) = answer {
        bytes.truncate(4);
        bytes.extend(status.0.to_le_bytes());
    }
}

/// Accepts with these values.
fn accept(answer: &mut Option<Vec<u8>>, values: &[u32]) {
    refuse(answer, Status::SUCCESS);
    if let Some(bytes) = answer {
        bytes.extend(values.iter().flat_map(|word| word.to_le_bytes()));
    }
}

/// Puts a word where values have one, if there are as many.
fn put(answer: &mut Option<Vec<u8>>, word: usize, change: impl Fn(u32) -> u32) {
    let Some(bytes) = answer else { return };
    let at = 8 + word * 4;
    if let Some(place) = bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<4>) {
        *place = change(u32::from_le_bytes(*place)).to_le_bytes();
    }
}

/// Puts text where values have a name.
fn name(answer: &mut Option<Vec<u8>>, word: usize, text: &[u8]) {
    if let Some(place) = answer.as_mut().and_then(|bytes| bytes.get_mut(8 + word * 4..)) {
        place.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
    }
}

pub(super) const FAULTS: &[(&Rule, Fault)] = &[
    (rules::ANSWERED, |asked, answer| {
        if is(asked, CLOCK, 0x6) {
            *answer = None;
        }
    }),
    (rules::HEADER, |asked, answer| {
        if is(asked, CLOCK, 0x6)
            && let Some(byte) = answer.as_mut().and_then(|bytes| bytes.get_mut(3))
        {
            *byte ^= 1;
        }
    }),
    (rules::HEADER_TYPE, |asked, answer| {
        if asked.word >> 8 & 3 != 0 && asked.len == 4 {
            accept(answer, &[0x20001]);
        }
    }),
    (rules::HEADER_RESERVED, |asked, answer| {
        if asked.word >> 28 != 0
            && let Some(byte) = answer.as_mut().and_then(|bytes| bytes.get_mut(3))
        {
            *byte &= 0x0F;
        }
    }),
    (rules::NO_HEADER, |asked, answer| {
        if asked.len < 4 {
            *answer = Some(vec![0xFF; 8]);
        }
    }),
    (rules::STATUS_KNOWN, |asked, answer| {
        if is(asked, CLOCK, 0x6) && status(answer) == Some(Status::NOT_FOUND) {
            refuse(answer, Status(-50));
        }
    }),
    (rules::STATUS_ALONE, |asked, answer| {
        if asked.protocol == 0x7F
            && let Some(bytes) = answer
        {
            bytes.extend([0; 4]);
        }
    }),
    (rules::LAYOUT, |asked, answer| {
        if is(asked, CLOCK, 0x6)
            && let Some(bytes) = answer
        {
            bytes.truncate(12);
        }
    }),
    (rules::RESERVED_ZERO, |asked, answer| {
        if is(asked, CLOCK, 0x3) {
            put(answer, 0, |word| word | 1 << 20);
        }
    }),
    (rules::ROOM, |asked, answer| {
        if is(asked, BASE, 0x0) && status(answer) == Some(Status::COMMS_ERROR) {
            refuse(answer, Status::SUCCESS);
        }
    }),
    (rules::NAME_ENDED, |asked, answer| {
        if is(asked, CLOCK, 0x3) && status(answer) == Some(Status::SUCCESS) {
            name(answer, 1, &[b'x'; 16]);
        }
    }),
    (rules::NAME_TEXT, |asked, answer| {
        if is(asked, CLOCK, 0x3) {
            name(answer, 1, &[0]);
        }
    }),
    (rules::NAME_EXTENDED, |asked, answer| {
        if is(asked, SENSOR, 0xC) {
            name(answer, 1, b"?");
        }
    }),
    (rules::CLOCK_NAMES, |asked, answer| {
        if is(asked, CLOCK, 0x3) && status(answer) == Some(Status::SUCCESS) {
            name(answer, 1, b"same\0");
        }
    }),
    (rules::PROTOCOL_UNKNOWN, |asked, answer| {
        if asked.protocol == 0x7F {
            refuse(answer, Status::NOT_FOUND);
        }
    }),
    (rules::MESSAGE_UNKNOWN, |asked, answer| {
        if is(asked, CLOCK, 0x7F) {
            refuse(answer, Status::NOT_SUPPORTED);
        }
    }),
    (rules::MANDATORY, |asked, answer| {
        if about(asked, CLOCK, 0x6) {
            refuse(answer, Status::NOT_FOUND);
        }
    }),
    (rules::ATTRIBUTES_AGREE, |asked, answer| {
        if about(asked, CLOCK, 0xF) {
            refuse(answer, Status::NOT_FOUND);
        }
    }),
    (rules::ATTRIBUTES_UNKNOWN, |asked, answer| {
        if about(asked, CLOCK, 0x55) {
            accept(answer, &[0]);
        }
    }),
    (rules::ATTRIBUTES_ZERO, |asked, answer| {
        if about(asked, CLOCK, 0x6) {
            accept(answer, &[7]);
        }
    }),
    (rules::LENGTH_SHORT, |asked, answer| {
        if is(asked, CLOCK, 0x6) && asked.len < 8 {
            refuse(answer, Status::INVALID_PARAMETERS);
        }
    }),
    (rules::LENGTH_LONG, |asked, answer| {
        if is(asked, CLOCK, 0x6) && asked.len > 8 {
            refuse(answer, Status::INVALID_PARAMETERS);
        }
    }),
    (rules::ID_UNKNOWN, |asked, answer| {
        if is(asked, CLOCK, 0x6) && asked.params == [NO_ID] {
            refuse(answer, Status::INVALID_PARAMETERS);
        }
    }),
    (rules::EVERY_ID, |asked, answer| {
        if is(asked, CLOCK, 0x3) && asked.params == [2] {
            refuse(answer, Status::NOT_FOUND);
        }
    }),
    (rules::RESERVED_BITS, |asked, answer| {
        if is(asked, CLOCK, 0x9) && status(answer) == Some(Status::INVALID_PARAMETERS) {
            refuse(answer, Status::SUCCESS);
        }
    }),
    (rules::NOT_OFFERED, |asked, answer| {
        if is(asked, SENSOR, 0x6) && status(answer) == Some(Status::NOT_SUPPORTED) {
            accept(answer, &[0; 4]);
        }
    }),
    (rules::READS, |asked, answer| {
        if is(asked, CLOCK, 0x6) && asked.params == [1] {
            refuse(answer, Status::INVALID_PARAMETERS);
        }
    }),
    (rules::DELAYED, |asked, answer| {
        if asked.word >> 8 & 3 == 2 && asked.protocol == SENSOR {
            *answer = None;
        }
    }),
    (rules::LIST_COUNT, |asked, answer| {
        if is(asked, PERF, 0x4) && status(answer) == Some(Status::SUCCESS) {
            put(answer, 0, |count| count + 1);
        }
    }),
    (rules::LIST_SUM, |asked, answer| {
        if is(asked, SENSOR, 0x3) && asked.params.first().is_some_and(|index| *index > 0) {
            put(answer, 0, |count| count + 0x1_0000);
        }
    }),
    (rules::LIST_PROGRESS, |asked, answer| {
        if is(asked, PERF, 0x4) && status(answer) == Some(Status::SUCCESS) {
            accept(answer, &[0x5_0000]);
        }
    }),
    (rules::LIST_INDEX, |asked, answer| {
        if is(asked, PERF, 0x4) && status(answer) == Some(Status::OUT_OF_RANGE) {
            refuse(answer, Status::INVALID_PARAMETERS);
        }
    }),
    (rules::LIST_ORDER, |asked, answer| {
        if is(asked, PERF, 0x4) {
            put(answer, 1, |_| u32::MAX);
        }
    }),
    (rules::BASE_PROTOCOLS, |asked, answer| {
        if is(asked, BASE, 0x1) {
            put(answer, 0, |word| word + 1);
        }
    }),
    (rules::BASE_PADDING, |asked, answer| {
        if is(asked, BASE, 0x6)
            && asked.params == [0]
            && let Some(last) = answer.as_mut().and_then(|bytes| bytes.last_mut())
        {
            *last = 1;
        }
    }),
    (rules::BASE_SKIP, |asked, answer| {
        if is(asked, BASE, 0x6) && asked.params != [0] {
            refuse(answer, Status::INVALID_PARAMETERS);
        }
    }),
    (rules::BASE_LISTED, |asked, answer| {
        if is(asked, VOLTAGE, 0x0) {
            refuse(answer, Status::DENIED);
        }
    }),
    (rules::BASE_AGENTS, |asked, answer| {
        if is(asked, BASE, 0x7) && asked.params == [0] {
            name(answer, 1, b"x\0");
        }
    }),
    (rules::NEGOTIATE, |asked, answer| {
        if is(asked, CLOCK, 0x10) && asked.len == 8 {
            accept(answer, &[]);
        }
    }),
    (rules::NEGOTIATED, |asked, answer| {
        // It agrees, and goes on as before.
        if is(asked, CLOCK, 0x10) && asked.params == [0x10000] {
            asked.stays.set(true);
        }
        if asked.stays.get() && about(asked, CLOCK, 0x8) {
            accept(answer, &[0]);
        }
    }),
    (rules::FAST_CHANNELS, |asked, answer| {
        if is(asked, PERF, 0x3) {
            put(answer, 0, |word| word | 1 << 27);
        }
    }),
    (rules::POWERCAP_TREE, |asked, answer| {
        // The first one's parent is the second, whose parent is the first.
        if is(asked, POWERCAP, 0x3) && asked.params == [0] {
            put(answer, 13, |_| 1);
        }
    }),
    (rules::PARENTS_EXIST, |asked, answer| {
        if is(asked, CLOCK, 0xC) {
            put(answer, 1, |_| 99);
        }
    }),
    (rules::NOTIFY_OFFERED, |asked, answer| {
        if is(asked, CLOCK, 0x9) && asked.params == [0, 1] {
            refuse(answer, Status::DENIED);
        }
    }),
    (rules::SET_SAME, |asked, answer| {
        if is(asked, VOLTAGE, 0x7) && status(answer) == Some(Status::SUCCESS) {
            refuse(answer, Status::OUT_OF_RANGE);
        }
    }),
    (rules::SET_READ_BACK, |asked, answer| {
        if is(asked, VOLTAGE, 0x7) && status(answer) == Some(Status::SUCCESS) {
            asked.stays.set(true);
        }
        if is(asked, VOLTAGE, 0x8) && asked.stays.get() {
            put(answer, 0, |level| level + 1);
        }
    }),
];
