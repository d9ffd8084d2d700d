//! Pin control.

use scmi::agent::CallError;
use scmi::protocol::pinctrl::INFO;
use scmi::protocol::pinctrl::agent::{Item, Pins};
use scmi::protocol::pinctrl::wire::{Setting, SettingType};
use scmi::wire::{Status, U32};
use scmi_tests_agents::{Agent, Never, Walk, walk};

const LONG: u32 = 0;
const PLAIN: u32 = 1;
const PRIVATE: u32 = 2;
const NONE: u32 = 3;

const UART: u32 = 0;
const GPIO: u32 = 1;

const PIN: u32 = 0;
const GROUP: u32 = 1;
const NO_SELECTOR: u32 = 3;

/// SETTINGS_CONFIGURE with one setting, of a pin.
const ONE: u32 = 1 << 2;
const DRIVE: u32 = 10;

const NEVER: &[Never] = &[
    Never::refused(0x4, Status::DENIED, "every agent may look at every pin"),
    Never::answered(0xA, "no agent is trusted with permissions"),
];

fn pins<'a>(agent: &'a mut Agent<'_>) -> Pins<'a> {
    Pins::open(agent).expect("pins")
}

fn drive(value: u32) -> Setting {
    Setting { kind: U32::new(SettingType::DRIVE_STRENGTH.0.into()), value: U32::new(value) }
}

#[test]
fn every_message_of_pinctrl() {
    walk(&INFO, NEVER, |walk| {
        describe(walk);
        use_them(walk);
        describing_is_refused(walk);
        using_is_refused(walk);
    });
}

fn describe(walk: &mut Walk<'_>) {
    let mut pins = pins(&mut walk.one);
    let counts = pins.counts();
    assert_eq!((counts.pins(), counts.groups(), counts.functions()), (3, 1, 2));
    let info = pins.info(Item::pin(LONG)).expect("a pin");
    assert_eq!(pins.name(&info).expect("a name").as_str(), "a pin with a long name");
    let mut listed = Vec::new();
    for item in [Item::group(UART), Item::function(UART), Item::function(GPIO)] {
        pins.associations(item, &mut |id| listed.push(id)).expect("a list");
    }
    assert_eq!(listed, [0, 1, 0, 0, 2]);
    let mut settings = 0;
    pins.settings(Item::pin(LONG), &mut |_| settings += 1).expect("settings");
    assert_eq!(settings, 3);
    let refused = pins.set_permissions(2, LONG, 0);
    assert_eq!(refused, Err(CallError::Refused(Status::NOT_FOUND)));
}

fn use_them(walk: &mut Walk<'_>) {
    let mut pins = pins(&mut walk.one);
    let group = Item::group(UART);
    pins.request(group).expect("mine");
    pins.configure(group, Some(Some(UART)), &[drive(8)]).expect("set up");
    assert_eq!(pins.function(group), Ok(Some(UART)));
    assert_eq!(pins.setting(group, SettingType::DRIVE_STRENGTH), Ok(8));
    assert_eq!(walk.two.raw(7, &[PLAIN, PIN]), Err(Status::IN_USE));
    assert_eq!(walk.two.raw(6, &[PLAIN, 0, ONE, DRIVE, 4]), Err(Status::IN_USE));
    assert_eq!(walk.two.raw(8, &[UART, GROUP]), Err(Status::INVALID_PARAMETERS));
    self::pins(&mut walk.one).release(group).expect("yours");
    self::pins(&mut walk.two).request(Item::pin(PLAIN)).expect("mine");
    self::pins(&mut walk.two).release(Item::pin(PLAIN)).expect("anybody's");
}

fn describing_is_refused(walk: &mut Walk<'_>) {
    let one = &mut walk.one;
    for message in [3, 9] {
        assert_eq!(one.raw(message, &[NONE, PIN]), Err(Status::NOT_FOUND));
        assert_eq!(one.raw(message, &[LONG, NO_SELECTOR]), Err(Status::INVALID_PARAMETERS));
    }
    assert_eq!(one.raw(4, &[NONE, GROUP, 0]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(4, &[LONG, NO_SELECTOR, 0]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(4, &[LONG, PIN, 0]), Err(Status::NOT_SUPPORTED));
    assert_eq!(one.raw(4, &[UART, GROUP, 2]), Err(Status::OUT_OF_RANGE));
    assert_eq!(one.raw(5, &[NONE, DRIVE]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(5, &[LONG, 1 << 31]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(5, &[LONG, 1]), Err(Status::NOT_SUPPORTED));
}

fn using_is_refused(walk: &mut Walk<'_>) {
    let one = &mut walk.one;
    assert_eq!(one.raw(6, &[NONE, 0, ONE, DRIVE, 4]), Err(Status::NOT_FOUND));
    assert_eq!(one.raw(6, &[LONG, 0, 0]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(6, &[LONG, 0, ONE, DRIVE, 17]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(one.raw(6, &[LONG, 0, ONE, 1, 0]), Err(Status::NOT_SUPPORTED));
    assert_eq!(one.raw(6, &[PRIVATE, 0, ONE, 4, 1]), Err(Status::DENIED));
    assert_eq!(one.raw(6, &[LONG, 0, ONE]), Err(Status::PROTOCOL_ERROR));
    for message in [7, 8] {
        assert_eq!(one.raw(message, &[NONE, PIN]), Err(Status::NOT_FOUND));
        assert_eq!(one.raw(message, &[LONG, NO_SELECTOR]), Err(Status::INVALID_PARAMETERS));
    }
    assert_eq!(one.raw(7, &[PRIVATE, PIN]), Err(Status::DENIED));
}
