//! What several agents see: each by its own number, and none can take it from another.

use scmi::wire::{ProtocolId, Status};

use crate::guests::guests;
use crate::{GROUP, PIN};

const MEDIA: u32 = 1;
const GATEWAY: u32 = 2;

#[test]
fn a_clock_is_told_of_by_the_receivers_number() {
    const CLOCK: ProtocolId = ProtocolId::CLOCK;
    guests(|[media, gateway, operator]| {
        // The GPU's clock is number 0 of media and 2 of the board.
        media.ask(CLOCK, 9, &[0, 1]).expect("subscribed");
        operator.ask(CLOCK, 9, &[2, 1]).expect("subscribed");
        let rate = 300_000_000;
        assert_eq!(media.ask_delayed(CLOCK, 5, &[1, 0, rate, 0]), Ok(vec![0, rate, 0]));
        assert_eq!(media.told(CLOCK), (0, vec![MEDIA, 0, rate, 0]));
        assert_eq!(operator.told(CLOCK), (0, vec![MEDIA, 2, rate, 0]));
        assert_eq!(operator.ask(CLOCK, 6, &[2]), Ok(vec![rate, 0]));
        // Who owns the pixel clock sets it; others learn that, and cannot.
        let pixel = 148_500_000;
        assert_eq!(operator.ask(CLOCK, 5, &[0, 3, pixel, 0]), Err(Status::DENIED));
        media.ask(CLOCK, 5, &[0, 1, pixel, 0]).expect("the owner");
        assert_eq!(operator.ask(CLOCK, 6, &[3]), Ok(vec![pixel, 0]));
        // It may only look at the crystal, which nobody switches off.
        assert_eq!(media.ask(CLOCK, 7, &[2, 0, 0]), Err(Status::DENIED));
        gateway.ask(CLOCK, 7, &[1, 1, 0]).expect("switched on");
        gateway.ask(CLOCK, 7, &[1, 0, 0]).expect("switched off");
        assert_eq!(media.ask(CLOCK, 0xB, &[2, 0]).map(|words| words[1]), Ok(1), "kept");
    });
}

#[test]
fn a_power_domain_and_its_performance_are_told_of_by_the_receivers_number() {
    const POWER: ProtocolId = ProtocolId::POWER;
    const PERF: ProtocolId = ProtocolId::PERF;
    guests(|[media, gateway, operator]| {
        operator.ask(POWER, 6, &[1, 1]).expect("subscribed");
        media.ask(POWER, 4, &[0, 1, 1 << 30]).expect("the display off");
        assert_eq!(operator.told(POWER), (0, vec![MEDIA, 1, 1 << 30]));
        // The gateway holds the network from the moment that it comes; the operator's cleanup does not take it.
        operator.ask(POWER, 4, &[0, 2, 0]).expect("on");
        operator.ask(POWER, 4, &[0, 2, 1 << 30]).expect("off, for the operator");
        assert_eq!(gateway.ask(POWER, 5, &[0]), Ok(vec![0]));
        // The GPU's performance is number 1 of media and 2 of the board.
        operator.ask(PERF, 0xA, &[2, 1]).expect("subscribed");
        media.ask(PERF, 7, &[1, 800_000]).expect("faster");
        assert_eq!(operator.told(PERF), (1, vec![MEDIA, 2, 800_000]));
        assert_eq!(operator.ask(PERF, 7, &[1, 2_000_000]), Err(Status::DENIED), "media owns it");
        assert_eq!(gateway.ask(PERF, 7, &[1, 800_000]), Err(Status::NOT_FOUND));
    });
}

#[test]
fn resets_and_caps_are_told_of_by_the_receivers_number() {
    const RESET: ProtocolId = ProtocolId::RESET;
    const POWERCAP: ProtocolId = ProtocolId::POWERCAP;
    guests(|[media, gateway, operator]| {
        operator.ask(RESET, 5, &[1, 1]).expect("subscribed");
        assert_eq!(gateway.ask_delayed(RESET, 4, &[0, 5, 0]), Ok(vec![0]));
        assert_eq!(operator.told(RESET), (0, vec![GATEWAY, 1, 0]));
        assert_eq!(media.ask(RESET, 4, &[1, 1, 0]), Err(Status::NOT_FOUND));
        operator.ask(POWERCAP, 0xA, &[1, 1]).expect("subscribed");
        media.ask(POWERCAP, 5, &[0, 0, 2_000_000]).expect("capped");
        let (number, words) = operator.told(POWERCAP);
        assert_eq!((number, &words[..3]), (0, &[MEDIA, 1, 2_000_000][..]));
    });
}

#[test]
fn a_rail_stays_on_until_nobody_wants_it() {
    const VOLTAGE: ProtocolId = ProtocolId::VOLTAGE;
    guests(|[media, gateway, operator]| {
        // vdd-io is number 1 of media and 0 of the others.
        media.ask(VOLTAGE, 5, &[1, 7]).expect("on");
        gateway.ask(VOLTAGE, 5, &[0, 7]).expect("on");
        media.ask(VOLTAGE, 5, &[1, 0]).expect("off, for media");
        assert_eq!(gateway.ask(VOLTAGE, 6, &[0]), Ok(vec![7]));
        assert_eq!(gateway.ask(VOLTAGE, 7, &[0, 0, 3_300_000]), Err(Status::DENIED));
        assert_eq!(media.ask_delayed(VOLTAGE, 7, &[1, 1, 3_300_000]), Ok(vec![1, 3_300_000]));
        assert_eq!(operator.ask(VOLTAGE, 8, &[0]), Ok(vec![3_300_000]));
    });
}

#[test]
fn a_sensor_is_told_of_by_the_receivers_number() {
    const SENSOR: ProtocolId = ProtocolId::SENSOR;
    guests(|[media, gateway, operator]| {
        // The board's temperature is number 1 of media and 0 of the others. Its trip point is one for all.
        for (guest, id) in [(&mut *media, 1), (&mut *gateway, 0), (&mut *operator, 0)] {
            guest.ask(SENSOR, 4, &[id, 1]).expect("subscribed");
            guest.ask(SENSOR, 6, &[id, 0]).expect("a reading");
        }
        media.ask(SENSOR, 5, &[1, 3, 37_500, 0]).expect("both ways, at 37.5 degrees");
        for (guest, id) in [(media, 1), (&mut *gateway, 0), (operator, 0)] {
            let (number, words) = guest.told(SENSOR);
            assert_eq!((number, words[1]), (0, id));
        }
        assert_eq!(gateway.ask(SENSOR, 6, &[1, 0]), Err(Status::NOT_FOUND));
    });
}

#[test]
fn a_pin_has_one_holder_under_all_its_numbers() {
    const PINCTRL: ProtocolId = ProtocolId::PINCTRL;
    guests(|[media, gateway, operator]| {
        // Pin 0 of media is pin 2 of the board, and in its group 1.
        media.ask(PINCTRL, 7, &[0, PIN]).expect("free");
        assert_eq!(operator.ask(PINCTRL, 7, &[2, PIN]), Err(Status::IN_USE));
        assert_eq!(operator.ask(PINCTRL, 7, &[1, GROUP]), Err(Status::IN_USE));
        gateway.ask(PINCTRL, 7, &[0, PIN]).expect("another pin");
        assert_eq!(media.ask(PINCTRL, 4, &[0, GROUP, 0]), Ok(vec![2, 1 << 16]));
        assert_eq!(operator.ask(PINCTRL, 4, &[1, GROUP, 0]), Ok(vec![2, 3 << 16 | 2]));
    });
}

#[test]
fn who_is_trusted_takes_a_device_from_another_and_gives_it_back() {
    const BASE: ProtocolId = ProtocolId::BASE;
    const CLOCK: ProtocolId = ProtocolId::CLOCK;
    const PERF: ProtocolId = ProtocolId::PERF;
    // Of the board file; the network is 1.
    const GPU: u32 = 0;
    guests(|[media, gateway, operator]| {
        assert_eq!(gateway.ask(BASE, 9, &[MEDIA, GPU, 0]), Err(Status::DENIED), "not trusted");
        media.ask(CLOCK, 7, &[0, 1, 0]).expect("the GPU's clock on");
        operator.ask(BASE, 9, &[MEDIA, GPU, 0]).expect("taken");
        for (protocol, message, params) in [
            (CLOCK, 6, &[0][..]),
            (CLOCK, 7, &[0, 1, 0]),
            (PERF, 8, &[1]),
            (ProtocolId::RESET, 4, &[0, 1, 0]),
        ] {
            let answer = media.ask(protocol, message, params);
            assert_eq!(answer, Err(Status::DENIED), "{protocol:?} {message}");
        }
        media.ask(CLOCK, 6, &[1]).expect("the pixel clock is no part of it");
        gateway.ask(ProtocolId::RESET, 4, &[0, 1, 0]).expect("the network is another device");
        // What it had on is off again.
        operator.ask(BASE, 0xA, &[MEDIA, GPU, u32::from(CLOCK.0), 1]).expect("its clock again");
        assert_eq!(media.ask(CLOCK, 0xB, &[0, 0]).map(|words| words[1]), Ok(0));
        assert_eq!(media.ask(PERF, 8, &[1]), Err(Status::DENIED), "its clock only");
        operator.ask(BASE, 9, &[MEDIA, GPU, 1]).expect("given back");
        media.ask(PERF, 8, &[1]).expect("again");
    });
}
