//! Byte vectors worked by hand from section 8.8, and both ends against each other.

mod views;

use alloc::boxed::Box;
use std::sync::{Arc, Mutex};
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::V1;
use super::agent::{Item, Pins};
use super::platform::{Function, Group, Members, Pin, PinModel, PinServer, Target};
use super::wire::{ItemWord, Setting, SettingType};
use crate::agent::{CallError, Client};
use crate::decode::Direction;
use crate::platform::AgentId;
use crate::protocol::testing::{
    Kit, agent, any_steps, decoded, every_command_has_its_length, loopback, name,
};
use crate::time::Time;
use crate::wire::Status;

/// Pins 0 to 69: each has pull up and drive strength, but 69 has 20 settings and is not the second agent's, and 68 has
/// none. Group 0 is pins 0, 1, 2; group 1 pins 2, 3; group 2 pins 0 to 64. Function 0 is for groups 0 and 1, function 1
/// makes a GPIO of pins 0 and 69.
#[derive(Debug)]
struct Board {
    pins: Vec<Pin>,
    groups: Vec<Group>,
    functions: Vec<Function>,
    selected: Vec<(Target, usize)>,
    values: Vec<(Target, SettingType, u32)>,
    released: Arc<Mutex<Vec<usize>>>,
}

fn group(name: &str, pins: Vec<usize>) -> Group {
    Group { name: name.into(), pins, settings: vec![SettingType::DRIVE_STRENGTH] }
}

impl Board {
    fn new() -> Self {
        let pin = |id: usize| {
            let settings = match id {
                69 => (0..20).map(SettingType).collect(),
                68 => vec![],
                _ => vec![SettingType::PULL_UP, SettingType::DRIVE_STRENGTH],
            };
            Pin { name: std::format!("pin{id}"), settings }
        };
        let function = |name: &str, members, gpio| Function { name: name.into(), members, gpio };
        Self {
            pins: (0..70).map(pin).collect(),
            groups: vec![
                group("uart", vec![0, 1, 2]),
                group("i2c", vec![2, 3]),
                group("a group with a long name", (0..65).collect()),
            ],
            functions: vec![
                function("serial", Members::Groups(vec![0, 1]), false),
                function("gpio", Members::Pins(vec![0, 69]), true),
            ],
            selected: vec![],
            values: vec![],
            released: Arc::default(),
        }
    }
}

impl PinModel for Board {
    fn pins(&self) -> &[Pin] {
        &self.pins
    }
    fn groups(&self) -> &[Group] {
        &self.groups
    }
    fn functions(&self) -> &[Function] {
        &self.functions
    }
    fn function(&self, of: Target) -> Option<usize> {
        self.selected.iter().find(|(target, _)| *target == of).map(|(_, function)| *function)
    }
    fn select(&mut self, _now: Time, of: Target, function: Option<usize>) -> Result<(), Status> {
        self.selected.retain(|(target, _)| *target != of);
        self.selected.extend(function.map(|function| (of, function)));
        Ok(())
    }
    fn setting(&self, of: Target, kind: SettingType) -> Result<u32, Status> {
        if kind == SettingType(19) {
            return Err(Status::HARDWARE_ERROR);
        }
        let set =
            self.values.iter().rev().find(|(target, of_kind, _)| *target == of && *of_kind == kind);
        Ok(set.map_or_else(|| u32::from(kind.0) + 100, |(.., value)| *value))
    }
    fn check(&self, _of: Target, kind: SettingType, value: u32) -> Result<(), Status> {
        let too_strong = kind == SettingType::DRIVE_STRENGTH && value > 16;
        if too_strong { Err(Status::INVALID_PARAMETERS) } else { Ok(()) }
    }
    fn set(&mut self, _now: Time, of: Target, kind: SettingType, value: u32) -> Result<(), Status> {
        self.values.push((of, kind, value));
        Ok(())
    }
    fn allows(&self, by: AgentId, what: Target) -> bool {
        by == agent(0) || what != Target::Pin(69)
    }
    fn released(&mut self, _now: Time, pin: usize) {
        self.released.lock().expect("whole").push(pin);
    }
}

fn server() -> (Box<PinServer>, Arc<Mutex<Vec<usize>>>) {
    let board = Board::new();
    let released = board.released.clone();
    (Box::new(PinServer::new(Box::new(board)).expect("a good description")), released)
}

fn kit() -> Kit {
    Kit::new(server().0, &[V1, V1], true)
}

#[test]
fn a_command_has_the_length_of_its_table_and_no_other() {
    every_command_has_its_length(&|| server().0);
}

#[test]
fn pins_groups_and_functions_are_counted_and_described() {
    let mut kit = kit();
    assert_eq!(kit.ask(0, 1, &[]), Ok(vec![3 << 16 | 70, 2]));
    assert_eq!(kit.ask(0, 3, &[5, 0]), Ok([&[0], &name::<4>("pin5")[..]].concat()));
    assert_eq!(kit.ask(0, 3, &[0, 1]), Ok([&[3], &name::<4>("uart")[..]].concat()));
    let long = name::<4>("a group with a ");
    assert_eq!(kit.ask(0, 3, &[2, 1]), Ok([&[1 << 31 | 65], &long[..]].concat()));
    assert_eq!(kit.ask(0, 3, &[0, 2]), Ok([&[2], &name::<4>("serial")[..]].concat()));
    let gpio = 1 << 17 | 1 << 16 | 2;
    assert_eq!(kit.ask(0, 3, &[1, 2]), Ok([&[gpio], &name::<4>("gpio")[..]].concat()));
    let whole = name::<16>("a group with a long name");
    assert_eq!(kit.ask(0, 9, &[2, 1]), Ok([&[0], &whole[..]].concat()));
    assert_eq!(kit.ask(0, 9, &[1, 2]), Ok([&[0], &name::<16>("gpio")[..]].concat()));
}

#[test]
fn associations_are_halves_of_words_padded_to_whole_ones() {
    let mut kit = kit();
    assert_eq!(kit.ask(0, 4, &[0, 1, 0]), Ok(vec![3, 1 << 16, 2]));
    assert_eq!(kit.ask(0, 4, &[0, 1, 1]), Ok(vec![2, 2 << 16 | 1]));
    assert_eq!(kit.ask(0, 4, &[1, 2, 0]), Ok(vec![2, 69 << 16]));
    // 124 bytes hold 62.
    let page = kit.ask(0, 4, &[2, 1, 0]).expect("answers");
    assert_eq!((page[0], page[31], page.len()), (3 << 16 | 62, 61 << 16 | 60, 32));
    assert_eq!(kit.ask(0, 4, &[2, 1, 62]), Ok(vec![3, 63 << 16 | 62, 64]));
}

#[test]
fn an_odd_room_is_filled_to_the_last_whole_word() {
    let mut kit = kit();
    let request = [4, 0x64, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    for (room, ids) in [(16, 2), (17, 2), (18, 2), (19, 2), (20, 3)] {
        let mut reply = [0xEE; 32];
        let now = kit.now;
        let outcome = kit.platform.handle(now, agent(0), &request, &mut reply[..room]);
        let words = 3 + usize::from(ids == 3) + 1;
        assert_eq!(outcome, crate::platform::Outcome::Reply(words * 4), "room {room}");
        assert_eq!(reply[8], ids);
        assert_eq!(reply[10], 3 - ids);
        assert!(reply[room..].iter().all(|byte| *byte == 0xEE));
    }
}

#[test]
fn settings_are_read_one_all_or_none() {
    let mut kit = kit();
    // Function, count, then type and value.
    assert_eq!(kit.ask(0, 5, &[0, 10]), Ok(vec![u32::MAX, 1, 10, 110]));
    assert_eq!(kit.ask(0, 5, &[0, 1 << 18]), Ok(vec![u32::MAX, 2, 4, 104, 10, 110]));
    assert_eq!(kit.ask(0, 5, &[0, 1 << 18 | 1 << 8]), Ok(vec![u32::MAX, 1, 10, 110]));
    assert_eq!(kit.ask(0, 5, &[0, 2 << 18]), Ok(vec![u32::MAX, 0]));
    assert_eq!(kit.ask(0, 5, &[68, 1 << 18]), Ok(vec![u32::MAX, 0]));
    assert_eq!(kit.ask(0, 5, &[1, 1 << 18 | 1 << 16]), Ok(vec![u32::MAX, 1, 10, 110]));
    // 120 bytes hold fifteen; the twentieth cannot be read.
    let page = kit.ask(0, 5, &[69, 1 << 18]).expect("answers");
    assert_eq!((page[1], page.len()), (5 << 24 | 15, 32));
    assert_eq!(kit.ask(0, 5, &[69, 1 << 18 | 15 << 8]), Err(Status::HARDWARE_ERROR));
    assert_eq!(kit.ask(0, 5, &[69, 19]), Err(Status::HARDWARE_ERROR));
}

#[test]
fn functions_and_settings_are_set_together() {
    let mut kit = kit();
    // Function 0 for group 1, and a drive strength of 8 mA.
    assert_eq!(kit.ask(0, 6, &[1, 0, 1 << 10 | 1 << 2 | 1, 10, 8]), Ok(vec![]));
    assert_eq!(kit.ask(0, 5, &[1, 1 << 16 | 10]), Ok(vec![0, 1, 10, 8]));
    // Two settings of a pin in the order of a device tree; the function is not looked at.
    assert_eq!(kit.ask(0, 6, &[0, 77, 2 << 2, 10, 4, 4, 1]), Ok(vec![]));
    assert_eq!(kit.ask(0, 5, &[0, 1 << 18]), Ok(vec![u32::MAX, 2, 4, 1, 10, 4]));
    assert_eq!(kit.ask(0, 6, &[1, u32::MAX, 1 << 10 | 1]), Ok(vec![]));
    assert_eq!(kit.ask(0, 5, &[1, 2 << 18 | 1 << 16]), Ok(vec![u32::MAX, 0]));
    assert_eq!(kit.ask(0, 6, &[69, 1, 1 << 10]), Ok(vec![]));
    assert_eq!(kit.ask(0, 5, &[69, 2 << 18]), Ok(vec![1, 0]));
    // One that cannot be leaves the others alone.
    assert_eq!(
        kit.ask(0, 6, &[0, 1, 1 << 10 | 2 << 2, 4, 7, 10, 17]),
        Err(Status::INVALID_PARAMETERS)
    );
    assert_eq!(kit.ask(0, 5, &[0, 1 << 18]), Ok(vec![u32::MAX, 2, 4, 1, 10, 4]));
}

#[test]
fn what_cannot_be_is_refused_with_the_status_of_section_8_8() {
    kit().refused(&[
        (1, &[0], Status::PROTOCOL_ERROR),
        (3, &[70, 0], Status::NOT_FOUND),
        (3, &[3, 1], Status::NOT_FOUND),
        (3, &[2, 2], Status::NOT_FOUND),
        (3, &[0, 3], Status::INVALID_PARAMETERS),
        (3, &[0, 4], Status::INVALID_PARAMETERS),
        (3, &[70, 4], Status::NOT_FOUND),
        (3, &[0, 6], Status::INVALID_PARAMETERS),
        (3, &[0], Status::PROTOCOL_ERROR),
        (4, &[0, 0, 0], Status::NOT_SUPPORTED),
        (4, &[70, 0, 0], Status::NOT_FOUND),
        (4, &[3, 1, 0], Status::NOT_FOUND),
        (4, &[0, 5, 0], Status::INVALID_PARAMETERS),
        (4, &[0, 1, 3], Status::OUT_OF_RANGE),
        (5, &[70, 10], Status::NOT_FOUND),
        (5, &[0, 2 << 16 | 10], Status::INVALID_PARAMETERS),
        (5, &[0, 1 << 20 | 10], Status::INVALID_PARAMETERS),
        (5, &[0, 3 << 18], Status::INVALID_PARAMETERS),
        (5, &[0, 1 << 18 | 2 << 8], Status::INVALID_PARAMETERS),
        (5, &[0, 21], Status::INVALID_PARAMETERS),
        (5, &[0, 6], Status::NOT_SUPPORTED),
        (5, &[0, 192], Status::NOT_SUPPORTED),
        // Count and length differ, whatever the id is.
        (6, &[70, 0, 2 << 2, 10, 8], Status::PROTOCOL_ERROR),
        (6, &[0, 0, 0, 10, 8], Status::PROTOCOL_ERROR),
        (6, &[0, 0, 1 << 2, 10], Status::PROTOCOL_ERROR),
        (6, &[0, 0], Status::PROTOCOL_ERROR),
        (6, &[70, 0, 1 << 2, 10, 8], Status::NOT_FOUND),
        (6, &[0, 2, 1 << 10], Status::NOT_FOUND),
        (6, &[0, 0, 1 << 11 | 1 << 2, 10, 8], Status::INVALID_PARAMETERS),
        (6, &[0, 0, 2 | 1 << 2, 10, 8], Status::INVALID_PARAMETERS),
        (6, &[0, 0, 0], Status::INVALID_PARAMETERS),
        (6, &[0, 0, 1 << 2, 21, 8], Status::INVALID_PARAMETERS),
        (6, &[0, 0, 1 << 2, 266, 8], Status::INVALID_PARAMETERS),
        (6, &[0, 0, 1 << 2, 6, 8], Status::NOT_SUPPORTED),
        (6, &[1, 1, 1 << 10], Status::NOT_SUPPORTED),
        (6, &[0, 0, 1 << 10], Status::NOT_SUPPORTED),
        (6, &[2, 0, 1 << 10 | 1], Status::NOT_SUPPORTED),
        (6, &[0, 0, 1 << 2, 10, 17], Status::INVALID_PARAMETERS),
        (7, &[70, 0], Status::NOT_FOUND),
        (7, &[0, 2], Status::INVALID_PARAMETERS),
        (7, &[0, 4], Status::INVALID_PARAMETERS),
        (8, &[70, 0], Status::NOT_FOUND),
        (8, &[0, 0], Status::INVALID_PARAMETERS),
        (8, &[0, 1], Status::INVALID_PARAMETERS),
        (9, &[70, 0], Status::NOT_FOUND),
        (9, &[0, 3], Status::INVALID_PARAMETERS),
        (0xA, &[1, 0, 0], Status::NOT_FOUND),
        (2, &[0xA], Status::NOT_FOUND),
        (0xB, &[], Status::NOT_FOUND),
    ]);
    let mut kit = kit();
    assert_eq!(kit.ask(1, 7, &[69, 0]), Err(Status::DENIED));
    assert_eq!(kit.ask(1, 6, &[69, 0, 1 << 2, 10, 99]), Err(Status::DENIED));
}

#[test]
fn a_pin_is_held_by_one_agent_alone_or_through_a_group() {
    let (server, released) = server();
    let mut kit = Kit::new(server, &[V1, V1], true);
    assert_eq!(kit.ask(0, 7, &[0, 1]), Ok(vec![]));
    assert_eq!(kit.ask(0, 7, &[0, 1]), Ok(vec![]), "again");
    assert_eq!(kit.ask(0, 7, &[2, 0]), Ok(vec![]), "its own pin, too");
    for (id, selector) in [(2, 0), (0, 0), (1, 1), (0, 1), (2, 1)] {
        let request = kit.ask(1, 7, &[id, selector]);
        assert_eq!(request, Err(Status::IN_USE), "{id} {selector}");
        let configure = kit.ask(1, 6, &[id, 0, 1 << 2 | selector, 10, 8]);
        assert_eq!(configure, Err(Status::IN_USE), "{id} {selector}");
        assert_eq!(kit.ask(1, 8, &[id, selector]), Err(Status::INVALID_PARAMETERS));
    }
    // Looking is free, and so are other pins.
    assert_eq!(kit.ask(1, 5, &[0, 10]), Ok(vec![u32::MAX, 1, 10, 110]));
    assert_eq!(kit.ask(1, 7, &[3, 0]), Ok(vec![]));
    assert_eq!(kit.ask(0, 7, &[1, 1]), Err(Status::IN_USE));
    assert_eq!(kit.ask(0, 8, &[0, 1]), Ok(vec![]));
    assert_eq!(*released.lock().expect("whole"), [0, 1], "pin 2 was requested itself");
    assert_eq!(kit.ask(1, 7, &[1, 1]), Err(Status::IN_USE));
    assert_eq!(kit.ask(0, 8, &[2, 0]), Ok(vec![]));
    assert_eq!(kit.ask(0, 8, &[2, 0]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(kit.ask(1, 7, &[1, 1]), Ok(vec![]));
    // A pin of a held group is not released by itself.
    assert_eq!(kit.ask(1, 8, &[2, 0]), Err(Status::INVALID_PARAMETERS));
}

#[test]
fn an_agent_that_goes_lets_its_pins_go() {
    let (server, released) = server();
    let mut kit = Kit::new(server, &[V1, V1], true);
    kit.ask(0, 7, &[0, 1]).expect("free");
    kit.ask(0, 7, &[2, 0]).expect("its own");
    kit.ask(1, 7, &[3, 0]).expect("free");
    kit.restart(0);
    assert_eq!(*released.lock().expect("whole"), [0, 1, 2]);
    assert_eq!(kit.ask(1, 7, &[0, 1]), Ok(vec![]));
    assert_eq!(kit.ask(0, 7, &[3, 0]), Err(Status::IN_USE));
    assert_eq!(kit.ask(0, 8, &[0, 1]), Err(Status::INVALID_PARAMETERS));
}

#[test]
fn a_description_that_cannot_be_is_refused() {
    let refused = |change: &dyn Fn(&mut Board)| {
        let mut board = Board::new();
        change(&mut board);
        PinServer::new(Box::new(board)).map(|_| ()).expect_err("cannot be")
    };
    let none = refused(&|board| board.pins.clear());
    assert_eq!((none.kind, none.what), ("pin", "there is none"));
    let error = refused(&|board| board.pins[3].settings = vec![SettingType(100)]);
    assert_eq!((error.kind, error.id), ("pin", 3));
    let error = refused(&|board| board.groups[1].pins = vec![70]);
    assert_eq!((error.kind, error.id), ("pin group", 1));
    let error = refused(&|board| board.groups[1].pins = vec![4, 4]);
    assert_eq!((error.kind, error.id), ("pin group", 1));
    let error = refused(&|board| board.functions[0].members = Members::Groups(vec![3]));
    assert_eq!((error.kind, error.id), ("pin function", 0));
    let error = refused(&|board| board.functions[1].name.clear());
    assert_eq!((error.kind, error.id), ("pin function", 1));
}

#[test]
fn an_agent_finds_and_uses_what_the_platform_has() {
    let mut channel = loopback(server().0, V1, false);
    let mut client = Client::<16>::new(&mut channel);
    let mut pins = Pins::open(&mut client).expect("there");
    let counts = pins.counts();
    assert_eq!((counts.pins(), counts.groups(), counts.functions()), (70, 3, 2));
    let info = pins.info(Item::group(2)).expect("there");
    assert_eq!(pins.name(&info).expect("has one").as_str(), "a group with a long name");
    let gpio = pins.info(Item::function(1)).expect("there");
    assert!(gpio.attributes.has(ItemWord::GPIO | ItemWord::SELECTS_PINS));
    assert_eq!((gpio.attributes.elements(), gpio.name.as_str()), (2, "gpio"));
    let mut ids = Vec::new();
    pins.associations(Item::group(2), &mut |id| ids.push(id)).expect("lists");
    assert_eq!(ids, (0..65).collect::<Vec<_>>());
    pins.request(Item::group(0)).expect("free");
    let strength = Setting { kind: 10.into(), value: 12.into() };
    pins.configure(Item::group(0), Some(Some(0)), &[strength]).expect("can");
    assert_eq!(pins.function(Item::group(0)), Ok(Some(0)));
    assert_eq!(pins.setting(Item::group(0), SettingType::DRIVE_STRENGTH), Ok(12));
    let mut settings = Vec::new();
    pins.settings(Item::group(0), &mut |setting| settings.push(setting)).expect("lists");
    assert_eq!(settings, [strength]);
    pins.configure(Item::group(0), Some(None), &[]).expect("can");
    assert_eq!(pins.function(Item::group(0)), Ok(None));
    pins.release(Item::group(0)).expect("held");
    let read = pins.settings(Item::pin(69), &mut |_| ());
    assert_eq!(read, Err(CallError::Refused(Status::HARDWARE_ERROR)));
    // Fifteen fit into a message of 136 bytes.
    pins.configure(Item::pin(0), None, &[strength; 15]).expect("fits");
    let many = pins.configure(Item::pin(0), None, &[strength; 16]);
    assert!(matches!(many, Err(CallError::TooLarge { .. })), "{many:?}");
    let permissions = pins.set_permissions(1, 0, 0);
    assert_eq!(permissions, Err(CallError::Refused(Status::NOT_FOUND)));
}

#[test]
fn a_list_of_ids_that_ends_too_soon_is_told_so() {
    let cut = decoded(&[0x19 << 10 | 4, 0, 3, 7 << 16 | 6], Direction::Response);
    assert!(cut.ends_with("! ends within ids: 8 bytes wanted, 4 there: 0x00070006"), "{cut}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_commands_in_any_order_are_answered(steps in any_steps()) {
        Kit::new(server().0, &[V1, V1], true).survive(&steps);
    }
}
