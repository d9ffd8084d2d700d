//! What comes from a platform, compared with what was promised.

use std::collections::BTreeSet;
use std::vec;

use super::board::is_value_of;
use super::platform_model::{Expected, Put, place};
use super::platform_world::{LARGE, World, id};
use super::reply::{check_answer, check_delayed, check_described, status_of};
use crate::platform::{EventOutcome, Outcome};
use crate::protocol::sensor::platform::SensorServer;
use crate::wire::{Header, MessageId, MessageType, ProtocolId, Status, Version};

impl World {
    /// A command, and all that may follow from its answer.
    pub(super) fn request(&mut self, agent: usize, request: &[u8], room: usize) {
        let mut reply = vec![0xEE; room];
        let outcome = self.platform.handle(self.now, id(agent), request, &mut reply);
        let expected = &mut self.agents[agent];
        let Some((header, params)) = Header::parse(request).zip(request.get(4..)) else {
            assert_eq!(outcome, Outcome::Dropped);
            expected.counted.headless += 1;
            return;
        };
        expected.counted.commands += 1;
        match outcome {
            Outcome::Dropped => {
                assert!(room < 8 && reply.iter().all(|byte| *byte == 0xEE), "{header:?}");
                expected.counted.no_room += 1;
            }
            Outcome::Later(ticket) => {
                assert_eq!(expected.refusal(header, params.len()), None, "{header:?}");
                assert!(room >= 8 && !expected.tickets.contains(&ticket));
                assert!(expected.put.len() < self.pending);
                let (sensor, flags) = reading(header, params).expect("only readings are late");
                assert_eq!(flags, 0, "asynchronous reads are answered at once");
                expected.tickets.push(ticket);
                let about = &self.board.sensors[usize::try_from(sensor).expect("small")];
                expected.put_off(self.now, header, sensor, about, Some((ticket, room)));
            }
            Outcome::Reply(len) => {
                let answer = &reply[..len];
                let status = check_answer(header, answer, expected.version(header.protocol()));
                self.answered(agent, header, params, status);
            }
        }
    }

    fn answered(&mut self, agent: usize, header: Header, params: &[u8], status: Status) {
        let expected = &mut self.agents[agent];
        expected.counted.answered += 1;
        expected.counted.refused += u64::from(status != Status::SUCCESS);
        expected.counted.too_large += u64::from(status == Status::COMMS_ERROR);
        let reading = reading(header, params);
        match expected.refusal(header, params.len()) {
            Some(refusal) => assert_eq!(status, refusal, "{header:?} {params:x?}"),
            None if status == Status::PROTOCOL_ERROR => {
                assert!(reading.is_some(), "its length is right: {header:?} {params:x?}");
            }
            None if status == Status::BUSY => {
                let full = expected.put.len() >= self.pending;
                let asynchronous = reading.is_some_and(|(_, flags)| flags == 1);
                let most = usize::from(SensorServer::MAX_ASYNC);
                assert!(full || asynchronous && expected.owed() == most, "{expected:?}");
            }
            None => {}
        }
        if status == Status::SUCCESS {
            self.granted(agent, header, params);
        }
    }

    /// What a successful command changes.
    fn granted(&mut self, agent: usize, header: Header, params: &[u8]) {
        let expected = &mut self.agents[agent];
        let word = |nth: usize| word(params, nth);
        let at = place(header.protocol()).expect("it answered");
        let subscribe = |set: &mut BTreeSet<u32>| {
            if word(1) == 1 { set.insert(word(0)) } else { set.remove(&word(0)) }
        };
        match (header.protocol(), header.message().0) {
            (_, 0x10) => expected.effective[at] = Version(word(0)),
            (ProtocolId::BASE, 0x8) => expected.errors = word(0) == 1,
            (ProtocolId::BASE, 0xB) => expected.reset(self.now),
            (ProtocolId::SENSOR, 0x4) => {
                subscribe(&mut expected.trips);
            }
            (ProtocolId::SENSOR, 0xB) => {
                subscribe(&mut expected.updates);
            }
            (ProtocolId::SENSOR, 0x6) if word(1) == 1 => {
                assert_eq!(expected.p2a, Some(true), "no delayed response without a way back");
                let about = &self.board.sensors[usize::try_from(word(0)).expect("small")];
                assert!(about.asynchronous);
                assert!(expected.owed() < usize::from(SensorServer::MAX_ASYNC));
                assert!(expected.put.len() < self.pending);
                expected.put_off(self.now, header, word(0), about, None);
            }
            _ => {}
        }
    }

    /// A buffer for what waits; whether it was used.
    pub(super) fn event(&mut self, agent: usize, room: usize) -> bool {
        let mut buffer = vec![0xEE; room];
        let outcome = self.platform.poll_event(id(agent), &mut buffer);
        let expected = &mut self.agents[agent];
        let owed = expected.first_ready(false);
        match outcome {
            EventOutcome::Empty => {
                assert!(owed.is_none(), "a delayed response is lost: {owed:?}");
                assert!(!self.platform.has_event(id(agent)), "there is something");
            }
            EventOutcome::TooSmall => assert!(room < 8 && owed.is_some()),
            EventOutcome::Wrote(len) => {
                let message = &buffer[..len];
                assert_eq!(expected.p2a, Some(true), "{message:x?}");
                match owed {
                    Some((put, version)) => {
                        expected.counted.delayed += 1;
                        expected.delivered(&put);
                        let status = check_delayed(put.header, message, version);
                        self.check_reading(
                            &put,
                            status,
                            message.get(8..).unwrap_or_default(),
                            room,
                        );
                    }
                    None => {
                        expected.counted.notifications += 1;
                        check_notification(expected, agent, message);
                    }
                }
                return true;
            }
        }
        false
    }

    /// The values of a late answer or a delayed response belong to the sensor that was asked for.
    fn check_reading(&self, put: &Put, status: Status, values: &[u8], room: usize) {
        let broken = self.board.broken[usize::try_from(put.sensor).expect("small")];
        assert_eq!(status == Status::GENERIC_ERROR, put.refused, "{status} ends {put:?}");
        match status {
            Status::GENERIC_ERROR => {}
            Status::SUCCESS => {
                let values = match put.late {
                    None => {
                        assert_eq!(word(values, 0), put.sensor);
                        &values[4..]
                    }
                    Some(_) => values,
                };
                let value = values[..8].try_into().map(i64::from_le_bytes).expect("eight");
                let sensor = usize::try_from(put.sensor).expect("small");
                assert!(is_value_of(value, sensor, 0), "{value}");
            }
            Status::HARDWARE_ERROR => assert!(broken),
            // It was disabled meanwhile.
            Status::PROTOCOL_ERROR => {}
            Status::COMMS_ERROR => assert!(room < LARGE),
            other => panic!("{other} ends {put:?}"),
        }
    }

    /// Takes the late answers.
    pub(super) fn late(&mut self, agent: usize) {
        loop {
            let expected = &mut self.agents[agent];
            let first = expected.first_ready(true);
            let ticket = first.and_then(|(put, _)| put.late).map(|(ticket, _)| ticket);
            assert_eq!(self.platform.poll_reply(id(agent)), ticket, "{expected:?}");
            let Some((put, version)) = first else { return };
            let Some((ticket, room)) = put.late else { return };
            let mut reply = vec![0; room];
            let len = self.platform.take_reply(id(agent), ticket, &mut reply);
            let status = check_answer(put.header, &reply[..len], version);
            expected.delivered(&put);
            expected.counted.late += 1;
            expected.counted.answered += 1;
            expected.counted.refused += u64::from(status != Status::SUCCESS);
            expected.counted.too_large += u64::from(status == Status::COMMS_ERROR);
            self.check_reading(&put, status, &reply[8..len], room);
            let again = self.platform.take_reply(id(agent), ticket, &mut reply);
            assert_eq!(again, 0, "an answer is given once");
        }
    }
}

/// A word of parameters.
fn word(params: &[u8], nth: usize) -> u32 {
    let bytes = params[nth * 4..][..4].try_into().expect("four bytes");
    u32::from_le_bytes(bytes)
}

/// The sensor and the flags, if it is a reading of a sensor.
fn reading(header: Header, params: &[u8]) -> Option<(u32, u32)> {
    let reading = header.kind() == MessageType::COMMAND
        && header.protocol() == ProtocolId::SENSOR
        && header.message() == MessageId(0x6)
        && params.len() == 8;
    reading.then(|| (word(params, 0), word(params, 1)))
}

/// A notification comes to whoever asked for it, in the version that is spoken.
fn check_notification(expected: &Expected, agent: usize, message: &[u8]) {
    let header = Header::parse(message).expect("a header");
    let plain = Header::notification(header.protocol(), header.message());
    assert_eq!(header, plain, "token and reserved bits are 0");
    check_described(message, expected.version(header.protocol()));
    let payload = &message[4..];
    match (header.protocol(), header.message().0) {
        (ProtocolId::BASE, 0) => {
            assert!(expected.errors);
            assert_eq!(word(payload, 0), id(agent).number());
            let count = usize::try_from(word(payload, 1) & 0x3FF).expect("small");
            assert_eq!(payload.len(), 8 + 8 * count);
            if count > 0 {
                // Reported by us, or by the platform of a command without room for an answer.
                let status = status_of(&payload[8..]);
                let known = matches!(status, Status::GENERIC_ERROR | Status::COMMS_ERROR);
                assert!(known, "{status}");
            }
        }
        (ProtocolId::SENSOR, 0) => {
            assert_eq!(word(payload, 0), 0);
            assert!(expected.trips.contains(&word(payload, 1)), "{expected:?} {message:x?}");
        }
        (ProtocolId::SENSOR, 1) => {
            assert_eq!(word(payload, 0), 0);
            assert!(expected.updates.contains(&word(payload, 1)), "{expected:?} {message:x?}");
        }
        _ => panic!("{header:?}"),
    }
}
