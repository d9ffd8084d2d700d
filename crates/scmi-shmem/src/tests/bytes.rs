//! Areas byte by byte, worked out by hand from the layout.

use scmi::Time;
use scmi::transport::{Channel as _, Received};
use scmi::wire::ProtocolId;

use super::rig::{Way, World, area, bytes, put, words};
use crate::{Area, AreaTooSmall, ChannelStatus};

/// The first words of an area, one a line.
#[rustfmt::skip]
const COMMAND: [u8; 36] = [
    0x55, 0x55, 0x55, 0x55, // reserved, left alone
    0x00, 0x00, 0x00, 0x00, // status: the platform has it
    0x55, 0x55, 0x55, 0x55, // reserved, left alone
    0x55, 0x55, 0x55, 0x55, // reserved, left alone
    0x01, 0x00, 0x00, 0x00, // flags: interrupt when done
    0x08, 0x00, 0x00, 0x00, // length: header and one word
    0x02, 0x40, 0x14, 0x00, // header: message 2 of Base (0x10 << 10), token 5 << 18
    0x07, 0x00, 0x00, 0x00, // which message
    0x55, 0x55, 0x55, 0x55, // not of the message, left alone
];

#[rustfmt::skip]
const ANSWER: [u8; 36] = [
    0x55, 0x55, 0x55, 0x55,
    0x01, 0x00, 0x00, 0x00, // status: free
    0x55, 0x55, 0x55, 0x55,
    0x55, 0x55, 0x55, 0x55,
    0x01, 0x00, 0x00, 0x00, // flags: as they were
    0x0C, 0x00, 0x00, 0x00, // length: header, status, attributes
    0x02, 0x40, 0x14, 0x00, // header: echoed
    0x00, 0x00, 0x00, 0x00, // SUCCESS
    0x00, 0x00, 0x00, 0x00, // no attributes
];

#[rustfmt::skip]
const UPDATE: [u8; 52] = [
    0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, // status: the agent has it
    0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, // flags: interrupt when taken
    0x1C, 0x00, 0x00, 0x00, // length: header and six words
    0x01, 0x57, 0x00, 0x00, // header: notification (3 << 8) 1 of Sensor (0x15 << 10), token 0
    0x00, 0x00, 0x00, 0x00, // agent: the platform itself
    0x00, 0x00, 0x00, 0x00, // sensor 0
    0xFC, 0x53, 0x00, 0x00, // 21500, lower half
    0x00, 0x00, 0x00, 0x00, // upper half
    0x00, 0x00, 0x00, 0x00, // no timestamp
    0x00, 0x00, 0x00, 0x00, // upper half
];

#[test]
fn a_command_and_its_answer_lie_where_the_layout_says() {
    let mut world = World::new(Way::Deaf);
    for offset in [0, 8, 12, 32] {
        put(world.commands, offset, &[0x55; 4]);
    }
    let request = super::rig::command(ProtocolId::BASE, 2, 5, &[7]);
    assert_eq!(world.agent.send(3, &request, 12), Ok(()));
    assert_eq!(bytes(world.commands)[..36], COMMAND);

    let mut host = world.host.0.borrow_mut();
    let host = &mut *host;
    host.end.command(Time::ZERO, &mut host.platform);
    assert_eq!(bytes(world.commands)[..36], ANSWER);
}

#[test]
fn an_event_lies_where_the_layout_says() {
    let mut world = World::new(Way::Call);
    // Sensor 0 on, and its updates.
    for (message, params) in [(0xB, [0, 1]), (0xA, [0, 1])] {
        let request = super::rig::command(ProtocolId::SENSOR, message, 0, &params);
        let mut buffer = [0xFF; 8];
        world.agent.send(0, &request, 8).expect("it is free");
        assert_eq!(world.agent.receive(&mut buffer), Some(Received::Reply { tag: 0, len: 8 }));
        assert_eq!(buffer[4..], [0; 4]);
    }
    world.agent.wait(Time::from_millis(10));
    assert_eq!(bytes(world.events)[..52], UPDATE);
    let mut buffer = [0; 136];
    assert_eq!(world.agent.receive(&mut buffer), Some(Received::Event { len: 28 }));
    assert_eq!(buffer[..28], UPDATE[24..]);
    assert_eq!(bytes(world.events)[4..8], [1, 0, 0, 0], "it is free again");
}

#[test]
fn what_is_no_message_gets_the_error_bit_and_is_left_alone() {
    let world = World::new(Way::Deaf);
    let before: [u8; 12] = [0, 0, 0, 0, 3, 0, 0, 0, 0xAA, 0xBB, 0xCC, 0xDD];
    put(world.commands, 16, &before);
    put(world.commands, 4, &[0; 4]);
    let mut host = world.host.0.borrow_mut();
    let host = &mut *host;
    host.end.command(Time::ZERO, &mut host.platform);
    assert_eq!(bytes(world.commands)[4..8], [3, 0, 0, 0], "free and error");
    assert_eq!(bytes(world.commands)[16..28], before);
    assert_eq!(host.end.counters().bad_length, 1);
}

#[test]
fn a_message_that_is_no_whole_number_of_words_is_filled_up() {
    let memory = words(40, 0xFFFF_FFFF);
    let area = area(memory);
    area.write(&[1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(bytes(memory)[20..24], [7, 0, 0, 0]);
    assert_eq!(bytes(memory)[24..36], [1, 2, 3, 4, 5, 6, 7, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
    let mut buffer = [9; 7];
    area.read(&mut buffer);
    assert_eq!(buffer, [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn an_area_has_room_for_a_header_and_a_status() {
    assert_eq!(Area::new(words(28, 0)).map(|_| ()), Err(AreaTooSmall { bytes: 28 }));
    assert_eq!(area(words(32, 0)).max_message(), 8);
    assert_eq!(area(words(128, 0)).max_message(), 104);
    let text = std::string::ToString::to_string(&AreaTooSmall { bytes: 28 });
    assert_eq!(text, "28 bytes are no area: it has at least 32");
}

#[test]
fn unknown_bits_of_the_status_are_kept() {
    let memory = words(32, 0);
    put(memory, 4, &[0xF1, 0, 0, 0x80]);
    let status = area(memory).status();
    assert_eq!(status, ChannelStatus(0x8000_00F1));
    assert!(status.is_free() && !status.is_error());
}
