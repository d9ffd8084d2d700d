//! What becomes of caps that are not in force yet.

use std::vec;
use std::vec::Vec;

use super::{newest, server};
use crate::platform::{AgentSpec, Device, Permit, Space};
use crate::protocol::powercap::V2;
use crate::protocol::testing::{Kit, agent as id, words};
use crate::wire::Status;

const CAP_GET: u8 = 4;
const CAP_SET: u8 = 5;

/// A cap on the slow domain: waits for it, has a delayed response, is never told.
const WAYS: [u32; 3] = [0, 2, 3];

/// What comes for agent 1, late answers first.
fn answers(kit: &mut Kit) -> Vec<Vec<u32>> {
    let mut answers = Vec::new();
    while let Some(ticket) = kit.platform.poll_reply(id(1)) {
        let mut reply = [0; 136];
        let len = kit.platform.take_reply(id(1), ticket, &mut reply);
        answers.push(words(&reply[4..len]));
    }
    answers.extend(kit.events(1).into_iter().map(|(_, words)| words));
    answers
}

#[test]
fn a_cap_that_is_on_its_way_when_its_domain_is_taken_does_not_come() {
    for way in WAYS {
        let agents = vec![AgentSpec::new("host"), AgentSpec::new("guest")];
        let device = Device::new("cpu").needs(Space::PowerCap, &[1]);
        let kit = Kit::with_devices(server(), V2, agents, vec![device]);
        let mut kit = kit.expect("fits together");
        let _ticket = kit.send(1, CAP_SET, &[1, way, 1300]);
        let permit = Permit { agent: id(1), device: 0, protocol: None, allow: false };
        kit.platform.permit(kit.now, permit);
        kit.wait(30);
        let refused = vec![Status::DENIED.0.cast_unsigned()];
        let told = if way == 3 { vec![] } else { vec![refused] };
        assert_eq!(answers(&mut kit), told, "flags {way}");
        assert_eq!(kit.ask(0, CAP_GET, &[1]), Ok(vec![0]), "flags {way}");
    }
}

#[test]
fn who_is_reset_has_no_cap_on_its_way() {
    for way in WAYS {
        let mut kit = newest();
        let _ticket = kit.send(1, CAP_SET, &[1, way, 1300]);
        kit.wait(10);
        kit.platform.reset_configuration(kit.now, id(1), false);
        // A transport holds the buffer of a command that waits: it comes back at once.
        let refused = vec![Status::GENERIC_ERROR.0.cast_unsigned()];
        let told = if way == 0 { vec![refused] } else { vec![] };
        assert_eq!(answers(&mut kit), told, "flags {way}");
        kit.wait(30);
        assert_eq!(answers(&mut kit), [[0; 0]; 0], "flags {way}");
        assert_eq!(kit.ask(0, CAP_GET, &[1]), Ok(vec![0]), "flags {way}");
    }
}

#[test]
fn of_two_caps_at_the_same_moment_the_later_one_stays() {
    let mut kit = newest();
    // The place of the first is free again when the third comes, which then has a place before that of the second.
    kit.ask(1, CAP_SET, &[1, 2, 1000]).expect("can");
    kit.wait(30);
    let _ticket = kit.send(1, CAP_SET, &[1, 0, 2200]);
    assert_eq!(answers(&mut kit), [[0, 1, 1000]]);
    let _ticket = kit.send(1, CAP_SET, &[1, 0, 3100]);
    kit.wait(30);
    assert_eq!(answers(&mut kit), [[0], [0]]);
    assert_eq!(kit.ask(0, CAP_GET, &[1]), Ok(vec![3100]));
}
