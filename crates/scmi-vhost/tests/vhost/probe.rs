//! A protocol of our own that does on demand what the standard ones do only sometimes: answers late, answers
//! twice, notifies others.

use core::time::Duration;

use scmi::platform::{AgentId, Call, Handled, Server, Work, exact};
use scmi::protocol::{MessageInfo, ProtocolInfo};
use scmi::wire::{Header, MessageId, ProtocolId, Reader, Status, U32, Version, Writer};

/// Its number, of those for vendors.
pub(crate) const PROBE: ProtocolId = ProtocolId(0x80);

/// Returns its parameter word after as many milliseconds as it says.
pub(crate) const LATE: MessageId = MessageId(0x3);
/// Returns at once and sends its parameter word in a delayed response after as many milliseconds.
pub(crate) const DELAYED: MessageId = MessageId(0x4);
/// Sends a notification to the agent at the index in its parameter.
pub(crate) const NOTIFY: MessageId = MessageId(0x5);
/// Returns as many bytes as its parameter says.
pub(crate) const FILL: MessageId = MessageId(0x6);

const V1: Version = Version::new(1, 0);

static INFO: ProtocolInfo = ProtocolInfo {
    id: PROBE,
    name: "probe",
    versions: &[V1],
    negotiable_from: Version(u32::MAX),
    commands: &[
        MessageInfo::command(0x1, "PROTOCOL_ATTRIBUTES", "nothing", V1),
        MessageInfo::command(0x3, "LATE", "answers late", V1),
        MessageInfo::command(0x4, "DELAYED", "answers twice", V1).needs_p2a(),
        MessageInfo::command(0x5, "NOTIFY", "notifies an agent", V1),
        MessageInfo::command(0x6, "FILL", "answers at length", V1),
    ],
    notifications: &[MessageInfo::notification(
        0x0,
        "NOTIFIED",
        "another agent asked for it",
        V1,
        &[],
    )],
};

/// The protocol's server.
#[derive(Debug)]
pub(crate) struct Probe;

impl Server for Probe {
    fn info(&self) -> &'static ProtocolInfo {
        &INFO
    }

    fn max_payload(&self) -> usize {
        64
    }

    fn handle(
        &mut self,
        call: &mut Call<'_>,
        message: MessageId,
        params: Reader<'_>,
        reply: &mut Writer<'_>,
    ) -> Result<Handled, Status> {
        let word = exact::<U32>(params)?.get();
        let span = Duration::from_millis(word.into());
        match message {
            LATE => return Ok(Handled::Late(span, Work(word.into()))),
            DELAYED => return Ok(Handled::Delayed(span, Work(word.into()))),
            NOTIFY => {
                let index = usize::try_from(word).map_err(|_| Status::NOT_FOUND)?;
                let agent = AgentId::from_index(index).ok_or(Status::NOT_FOUND)?;
                let from = U32::new(call.agent.number());
                call.outbox.announce(agent, MessageId(0), 0, &mut |w| w.put(&from));
            }
            FILL => {
                let bytes = vec![0x5A; usize::try_from(word).unwrap_or(0)];
                reply.put_bytes(&bytes)?;
            }
            _ => return Err(Status::NOT_FOUND),
        }
        Ok(Handled::Now)
    }

    fn finish(
        &mut self,
        _: &mut Call<'_>,
        work: Work,
        reply: &mut Writer<'_>,
    ) -> Result<(), Status> {
        Ok(reply.put(&U32::new(u32::try_from(work.0).unwrap_or(0)))?)
    }
}

/// A command of the protocol.
pub(crate) fn command(message: MessageId, token: u16, word: u32) -> Vec<u8> {
    request(PROBE, message, token, &word.to_le_bytes())
}

/// Any command.
pub(crate) fn request(
    protocol: ProtocolId,
    message: MessageId,
    token: u16,
    params: &[u8],
) -> Vec<u8> {
    let header = Header::command(protocol, message, token).word().to_le_bytes();
    [&header[..], params].concat()
}
