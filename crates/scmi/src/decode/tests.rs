//! Vectors worked by hand from the tables of the wire reference, and any bytes at all.

use std::string::{String, ToString};
use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::wire::Status;

/// The bytes of these words.
fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn command(message: &[u32]) -> String {
    Words::new(&words(message), Direction::Command).to_string()
}

fn response(message: &[u32]) -> String {
    Words::new(&words(message), Direction::Response).to_string()
}

#[test]
fn a_reading_and_its_answers() {
    // Message 6, protocol 0x15, token 5.
    let header = 0x0014_5406;
    assert_eq!(
        command(&[header, 3, 1]),
        "command sensor SENSOR_READING_GET (0x15:0x6), token 5\n  \
           sensor_id: 3\n  \
           flags: 0x00000001, async"
    );
    // -1250 at 1,000,000.
    let reading = [0xFFFF_FB1E, 0xFFFF_FFFF, 1_000_000, 0];
    let [low, high, time, zero] = reading;
    assert_eq!(
        response(&[header, 0, low, high, time, zero]),
        "response sensor SENSOR_READING_GET (0x15:0x6), token 5\n  \
           status: SUCCESS (0)\n  \
           readings[0]:\n    \
             value: -1250\n    \
             timestamp: 1000000"
    );
    let old = words(&[header, 0, low, high]);
    assert_eq!(
        Words::new(&old, Direction::Response).version(Version::new(1, 0)).to_string(),
        "response sensor SENSOR_READING_GET (0x15:0x6), token 5\n  \
           status: SUCCESS (0)\n  \
           readings[0]:\n    \
             value: -1250"
    );
    // The type says what it is, whatever direction is claimed.
    assert_eq!(
        command(&[header | 2 << 8, 0, 3, low, high, time, zero]),
        "delayed response sensor SENSOR_READING_GET (0x15:0x6), token 5\n  \
           status: SUCCESS (0)\n  \
           sensor_id: 3\n  \
           readings[0]:\n    \
             value: -1250\n    \
             timestamp: 1000000"
    );
}

#[test]
fn descriptors_are_as_long_as_their_bits_say() {
    let name = |text: &str| -> Vec<u32> {
        let mut field = [0; 16];
        field.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        field.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect()
    };
    // Token 21; two returned, one remaining.
    let mut message = Vec::from([0x0054_5403, 0, 0x0001_0002]);
    // Async, updates, extended name, timestamps of 10^-9, extended attributes, two trip points; 10^-3 degrees.
    message.extend([0, 0xE000_5F02, 0x0000_E802]);
    message.extend(name("cpu-temp"));
    // 1500 microwatts, resolution 5 * 10^-1, -40000 to 125000.
    message.extend([1500, 0xF800_0005, 0xFFFF_63C0, 0xFFFF_FFFF, 125_000, 0]);
    // Updates; three axes.
    message.extend([1, 0x4000_0000, 0x0003_0100]);
    message.extend(name("accel"));
    assert_eq!(
        response(&message),
        "response sensor SENSOR_DESCRIPTION_GET (0x15:0x3), token 21\n  \
           status: SUCCESS (0)\n  \
           count: 0x00010002, remaining 1, returned 2\n  \
           descriptors[0]:\n    \
             id: 0\n    \
             attributes_low: 0xe0005f02, async, updates, extended_name, timestamp_exponent -9, timestamps, \
               extended, trip_points 2\n    \
             attributes_high: 0x0000e802, axes 0, exponent -3, type temperature (°C)\n    \
             name: \"cpu-temp\"\n    \
             power: 1500\n    \
             range:\n      \
               resolution: 0xf8000005, exponent -1, value 5\n      \
               min: -40000\n      \
               max: 125000\n  \
           descriptors[1]:\n    \
             id: 1\n    \
             attributes_low: 0x40000000, updates, timestamp_exponent 0, trip_points 0\n    \
             attributes_high: 0x00030100, axes 3, exponent 0, has_axes, type none\n    \
             name: \"accel\""
    );
}

#[test]
fn notifications_have_an_id_space_of_their_own() {
    // Type 3, message 0: not PROTOCOL_VERSION.
    assert_eq!(
        response(&[0x0000_5700, 0, 2, 0x0001_0001]),
        "notification sensor SENSOR_TRIP_POINT_EVENT (0x15:0x0)\n  \
           agent_id: 0\n  \
           sensor_id: 2\n  \
           description: 0x00010001, rising, trip_point 1"
    );
    assert_eq!(
        response(&[0x0000_4300, 1, 0x8000_0001, 0x0014_5406, 0xFFFF_FFF7]),
        "notification base BASE_ERROR_EVENT (0x10:0x0)\n  \
           agent_id: 1\n  \
           error_status: 0x80000001, fatal, count 1\n  \
           reports[0]:\n    \
             header: 0x00145406, sensor SENSOR_READING_GET (0x15:0x6), token 5\n    \
             status: HARDWARE_ERROR (-9)"
    );
}

#[test]
fn base_lists_and_names() {
    assert_eq!(
        response(&[0x0000_4006, 0, 5, 0x1615_1413, 0x80]),
        "response base BASE_DISCOVER_LIST_PROTOCOLS (0x10:0x6), token 0\n  \
           status: SUCCESS (0)\n  \
           num_protocols: 5\n  \
           protocols: perf (0x13), clock (0x14), sensor (0x15), reset (0x16), 0x80"
    );
    assert_eq!(
        response(&[0x0000_4000, 0, 0x0002_0001]),
        "response base PROTOCOL_VERSION (0x10:0x0), token 0\n  \
           status: SUCCESS (0)\n  \
           version: 2.1"
    );
    // "vm1": before 2.0 the name comes alone.
    let agent = words(&[0x0000_4007, 0, 0x0031_6D76, 0, 0, 0]);
    assert_eq!(
        Words::new(&agent, Direction::Response).version(Version::new(1, 0)).to_string(),
        "response base BASE_DISCOVER_AGENT (0x10:0x7), token 0\n  \
           status: SUCCESS (0)\n  \
           name: \"vm1\""
    );
}

#[test]
fn what_is_not_as_the_tables_say_is_said() {
    let last = |text: String| text.lines().last().map(String::from).unwrap_or_default();
    assert_eq!(
        Words::new(&[0x15, 0x54], Direction::Command).to_string(),
        "! a header has 4 bytes, here are 2: 15 54"
    );
    assert_eq!(
        last(response(&[0x0014_5406, 0xFFFF_FFFC, 7])),
        "  ! 4 bytes after an error status: 0x00000007"
    );
    assert_eq!(
        response(&[0x0014_5406, 0xFFFF_FFFC]),
        "response sensor SENSOR_READING_GET (0x15:0x6), token 5\n  status: NOT_FOUND (-4)"
    );
    assert_eq!(last(command(&[0x0014_5406, 3, 1, 9])), "  ! 4 bytes left over: 0x00000009");
    let mut short = words(&[0x0014_5406, 3]);
    short.extend([1, 0]);
    assert_eq!(
        last(Words::new(&short, Direction::Command).to_string()),
        "  ! ends within flags: 4 bytes wanted, 2 there: 01 00"
    );
    assert_eq!(last(response(&[0x0014_5406])), "  ! ends within status: 4 bytes wanted, 0 there");
    assert_eq!(
        command(&[0xF000_50FF, 1]),
        "command clock unknown message (0x14:0xff), token 0, reserved bits 0xf\n  \
           ! not in the tables, 4 bytes follow: 0x00000001"
    );
    assert_eq!(
        command(&[0x0000_5500]),
        "reserved type sensor unknown message (0x15:0x0), token 0\n  \
           ! not in the tables, 0 bytes follow"
    );
    let late = words(&[0x0000_540C, 0]);
    assert_eq!(
        Words::new(&late, Direction::Command).version(Version::new(2, 0)).to_string(),
        "command sensor SENSOR_NAME_GET (0x15:0xc), token 0\n  \
           ! version 2.0 is spoken, the message came with 3.0\n  \
           sensor_id: 0"
    );
}

#[test]
fn a_bit_without_a_name_is_shown() {
    assert_eq!(
        command(&[0x0000_5406, 0, 0x11]).lines().last(),
        Some("  flags: 0x00000011, async, reserved 0x00000010")
    );
}

/// Notes what it is told, and whether it makes sense.
#[derive(Default)]
struct Notes {
    heads: usize,
    open: Vec<Group>,
    troubles: Vec<String>,
}

impl Visitor for Notes {
    fn head(&mut self, _head: &Head) {
        self.heads += 1;
    }
    fn field(&mut self, _name: &'static str, _value: Value<'_>) {
        assert_eq!(self.heads, 1);
    }
    fn enter(&mut self, _name: &'static str, group: Group) {
        self.open.push(group);
    }
    fn leave(&mut self, group: Group) {
        assert_eq!(self.open.pop(), Some(group));
    }
    fn trouble(&mut self, trouble: Trouble<'_>) {
        self.troubles.push(trouble.to_string());
    }
}

/// Headers of which many name something.
fn header() -> impl Strategy<Value = u32> {
    prop_oneof![
        any::<u32>(),
        (0_u32..0x20, 0_u32..4, 0x10_u32..0x16)
            .prop_map(|(message, kind, protocol)| message | kind << 8 | protocol << 10),
    ]
}

/// Words of which many are small.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![Just(0), 0_u32..64, any::<u32>()];
    (proptest::collection::vec(word, 0..40), 0_usize..4).prop_map(|(list, cut)| {
        let mut bytes = words(&list);
        bytes.truncate(bytes.len().saturating_sub(cut));
        bytes
    })
}

proptest! {
    #[test]
    fn any_bytes_can_be_decoded(
        header in header(),
        payload in payload(),
        response: bool,
        version in proptest::option::of((0_u16..5, 0_u16..3)),
    ) {
        let mut message = words(&[header]);
        message.extend(payload);
        let direction = if response { Direction::Response } else { Direction::Command };
        let version = version.map(|(major, minor)| Version::new(major, minor));
        let mut notes = Notes::default();
        decode(&message, direction, version, &mut notes);
        prop_assert_eq!(notes.heads, 1);
        prop_assert!(notes.open.is_empty());
        let words = Words::new(&message, direction);
        let said = version.map_or(words, |version| words.version(version)).to_string();
        prop_assert!(notes.troubles.iter().all(|trouble| said.contains(trouble)));
    }

    #[test]
    fn any_few_bytes_can_be_decoded(message in proptest::collection::vec(any::<u8>(), 0..12)) {
        let mut notes = Notes::default();
        decode(&message, Direction::Response, None, &mut notes);
        prop_assert_eq!(notes.heads, usize::from(message.len() >= 4));
    }
}

#[test]
fn statuses_without_a_name_are_kept() {
    assert_eq!(
        response(&[0x0000_4000, Status(-200).0.cast_unsigned()]).lines().last(),
        Some("  status: vendor's own (-200)")
    );
}
