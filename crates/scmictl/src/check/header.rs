//! Headers, and room for answers: what only a way shows that carries anything.

use scmi::wire::{Header, MessageId, MessageType, ProtocolId, Status};

use super::asker::{Asker, Stopped};
use super::messages::refused_with;
use super::report::Exchange;
use super::rules;

/// Sends what no agent sends. Comes last: whoever does not survive it has shown the rest by then.
pub(super) fn check(asker: &mut Asker<'_>) -> Result<(), Stopped> {
    let version = asker.header(ProtocolId::BASE, MessageId::PROTOCOL_VERSION).word();
    let asked = asker.exchange((version | 0xF000_0000).to_le_bytes().into(), 12, false)?;
    let held = asked.status() == Some(Status::SUCCESS) && echoed(&asked);
    asker.report.judge(rules::HEADER_RESERVED, held, &asked, || "SUCCESS, header echoed".into());

    for kind in [MessageType::DELAYED_RESPONSE, MessageType::NOTIFICATION, MessageType(1)] {
        let word = asker.header(ProtocolId::BASE, MessageId::PROTOCOL_VERSION).word();
        let word = word | u32::from(kind.0) << 8;
        let asked = asker.exchange(word.to_le_bytes().into(), 12, false)?;
        refused_with(asker, rules::HEADER_TYPE, &asked, &[Status::PROTOCOL_ERROR]);
    }

    // Twelve bytes do not fit into eight.
    let word = asker.header(ProtocolId::BASE, MessageId::PROTOCOL_VERSION).word();
    let asked = asker.send(word.to_le_bytes().into(), 8, false)?;
    let refused = asked.status().is_some_and(|status| status != Status::SUCCESS);
    let held = refused && asked.answer.as_ref().is_some_and(|answer| answer.len() == 8);
    asker.report.judge(rules::ROOM, held, &asked, || "an error in 8 bytes".into());

    let asked = asker.send(vec![0xFF; 3], 12, false)?;
    let empty = asked.answer.as_ref().is_some_and(Vec::is_empty);
    asker.report.judge(rules::NO_HEADER, empty, &asked, || "an empty buffer".into());
    Ok(())
}

fn echoed(exchange: &Exchange) -> bool {
    let answer = exchange.answer.as_deref().unwrap_or_default();
    answer.get(..4) == exchange.request.get(..4) && Header::parse(answer).is_some()
}
