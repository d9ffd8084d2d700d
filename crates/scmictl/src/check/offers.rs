//! What is offered for some resources and not for others.

use scmi::wire::{MessageId, ProtocolId, Status};

use super::asker::{Asker, Stopped, hold_record};
use super::facts::Facts;
use super::messages::There;
use super::resources::Space;
use super::rules;

/// A bit of a resource's description, and the message that it promises.
struct Offer {
    protocol: ProtocolId,
    /// Where the description says it; a number counts as yes if it is not 0.
    bit: &'static str,
    message: u8,
    /// Words behind id and enable.
    more: usize,
}

const fn offer(protocol: ProtocolId, bit: &'static str, message: u8) -> Offer {
    Offer { protocol, bit, message, more: 0 }
}

const NOTIFICATIONS: [Offer; 11] = [
    offer(ProtocolId::POWER, "attributes.change_notifications", 0x6),
    offer(ProtocolId::POWER, "attributes.request_notifications", 0x7),
    offer(ProtocolId::PERF, "attributes.limit_notifications", 0x9),
    offer(ProtocolId::PERF, "attributes.level_notifications", 0xA),
    offer(ProtocolId::CLOCK, "attributes.rate_changed", 0x9),
    offer(ProtocolId::CLOCK, "attributes.rate_change_requested", 0xA),
    offer(ProtocolId::SENSOR, "attributes_low.trip_points", 0x4),
    offer(ProtocolId::SENSOR, "attributes_low.updates", 0xB),
    offer(ProtocolId::RESET, "attributes.notifications", 0x5),
    offer(ProtocolId::POWERCAP, "attributes.cap_notifications", 0xA),
    Offer { more: 2, ..offer(ProtocolId::POWERCAP, "attributes.measurement_notifications", 0xB) },
];

/// Asynchronous reads that are waited for: some take seconds.
const WAITED: usize = 3;

/// Holds what is answered against what is offered. What is offered is only turned on, and off, if `write`.
pub(super) fn check(
    asker: &mut Asker<'_>,
    protocol: ProtocolId,
    there: &There,
    spaces: &[Space],
    write: bool,
) -> Result<(), Stopped> {
    let Some(space) = spaces.first() else { return Ok(()) };
    for offer in NOTIFICATIONS.iter().filter(|offer| offer.protocol == protocol) {
        let message = MessageId(offer.message);
        if !there.contains(&message) {
            continue;
        }
        for (id, facts) in space.each() {
            let params = |enable| [&[id, enable][..], &[0; 2][..offer.more]].concat();
            // All bits but the one that means something: turns nothing on, whoever looks at that one alone.
            let asked = asker.ask(protocol, message, &params(!1))?;
            let held = asked.status() == Some(Status::INVALID_PARAMETERS);
            let expected = || "INVALID_PARAMETERS".into();
            asker.report.judge(rules::RESERVED_BITS, held, &asked, expected);
            if facts.has(offer.bit) {
                if write {
                    for enable in [1, 1, 0] {
                        let asked = asker.ask(protocol, message, &params(enable))?;
                        let held = asked.status() == Some(Status::SUCCESS);
                        let expected = || "SUCCESS".into();
                        asker.report.judge(rules::NOTIFY_OFFERED, held, &asked, expected);
                    }
                }
                continue;
            }
            let asked = asker.ask(protocol, message, &params(1))?;
            let held = asked.status() == Some(Status::NOT_SUPPORTED);
            let expected = || format!("NOT_SUPPORTED: {} is 0", offer.bit);
            asker.report.judge(rules::NOT_OFFERED, held, &asked, expected);
            if asked.status() == Some(Status::SUCCESS) {
                asker.ask(protocol, message, &params(0))?;
            }
        }
    }
    if protocol == ProtocolId::SENSOR {
        readings(asker, space)?;
    }
    Ok(())
}

/// Asynchronous readings, and flags that a reading does not have.
fn readings(asker: &mut Asker<'_>, space: &Space) -> Result<(), Stopped> {
    const READING_GET: MessageId = MessageId(0x6);
    let mut waited = 0;
    for (id, facts) in space.each() {
        let asked = asker.ask(ProtocolId::SENSOR, READING_GET, &[id, !1])?;
        let held = asked.status() == Some(Status::INVALID_PARAMETERS);
        asker.report.judge(rules::RESERVED_BITS, held, &asked, || "INVALID_PARAMETERS".into());
        if !facts.has("attributes_low.async") {
            let asked = asker.ask(ProtocolId::SENSOR, READING_GET, &[id, 1])?;
            let held = asked.status() == Some(Status::NOT_SUPPORTED);
            let expected = || "NOT_SUPPORTED: the sensor is not asynchronous".into();
            asker.report.judge(rules::NOT_OFFERED, held, &asked, expected);
            continue;
        }
        if waited == WAITED {
            continue;
        }
        waited += 1;
        let header = asker.header(ProtocolId::SENSOR, READING_GET).word();
        let request: Vec<u8> = [header, id, 1].iter().flat_map(|word| word.to_le_bytes()).collect();
        // The values of the immediate answer mean nothing.
        let asked = asker.send(request, 136, true)?;
        if asked.status() != Some(Status::SUCCESS) {
            let expected = || "SUCCESS, and a delayed response".into();
            asker.report.judge(rules::DELAYED, false, &asked, expected);
            continue;
        }
        let Some(delayed) = asker.delayed(&asked) else {
            let expected = || "a delayed response to it, of type 2, with its token".into();
            asker.report.judge(rules::DELAYED, false, &asked, expected);
            continue;
        };
        let facts = Facts::of(delayed.answer.as_deref().unwrap_or_default(), asker.version);
        let held = delayed.status() != Some(Status::SUCCESS) || facts.word("sensor_id") == id;
        let expected = || format!("the readings of sensor {id}");
        asker.report.judge(rules::DELAYED, held, &delayed, expected);
        hold_record(&mut asker.report, &facts, &delayed);
    }
    Ok(())
}
