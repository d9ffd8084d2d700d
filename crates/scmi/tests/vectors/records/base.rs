//! Base, and what all protocols share.

use scmi::protocol::base::wire::*;
use scmi::protocol::base::{V1, V2};
use scmi::protocol::common::{MessageAttributes, NegotiateVersion, ProtocolVersion};
use scmi::wire::{ProtocolId, ShortName, U32};

use crate::check::{bytes, many, one};
use crate::entry::{Entries, Refine, command, common, notification};
use crate::piece::{Lines, Piece, Worth, record};

record! {
    ProtocolVersion {}
    MessageAttributes { message: "message_id" }
    NegotiateVersion { version: "version" }
    ProtocolAttributes {}
    DiscoverVendor {}
    DiscoverSubVendor {}
    DiscoverImplementationVersion {}
    ListProtocols { skip: "skip" }
    DiscoverAgent { agent: "agent_id" }
    AgentInfo { agent: "agent_id", name: "name" }
    NotifyErrors { enable: "notify_enable" }
    SetDevicePermissions { agent: "agent_id", device: "device_id", flags: "flags" }
    SetProtocolPermissions { agent: "agent_id", device: "device_id", command: "command_id", flags: "flags" }
    ResetAgentConfiguration { agent: "agent_id", flags: "flags" }
    ErrorEvent { agent: "agent_id", error_status: "error_status" }
    ErrorReport { header: "header", status: "status" }
}

/// The one record with fields of less than a word: the text has the word.
impl Piece for Attributes {
    fn made(_: &str, lines: &mut Lines<'_>) -> Self {
        lines.records.insert(core::any::type_name::<Self>());
        let word = U32::made("attributes", lines).get();
        let [protocols, agents, reserved @ ..] = word.to_le_bytes();
        Self { protocols, agents, reserved }
    }

    fn say(&self, said: &mut Vec<Worth>) {
        let Self { protocols, agents, reserved: [low, high] } = *self;
        U32::from_bytes([protocols, agents, low, high]).say(said);
    }
}

pub(crate) fn entries() -> Entries {
    let list = [
        common::<ProtocolVersion>(),
        common::<MessageAttributes>(),
        common::<NegotiateVersion>(),
        command::<ProtocolAttributes>(),
        command::<DiscoverVendor>(),
        command::<DiscoverSubVendor>(),
        command::<DiscoverImplementationVersion>(),
        command::<ListProtocols>().then(bytes),
        command::<DiscoverAgent>().returns(&[one::<ShortName>]).since(V1).before(V2),
        command::<DiscoverAgent>().since(V2),
        command::<NotifyErrors>(),
        command::<SetDevicePermissions>(),
        command::<SetProtocolPermissions>(),
        command::<ResetAgentConfiguration>(),
        notification::<ErrorEvent>(ProtocolId::BASE, 0).then(many::<ErrorReport>),
    ];
    list.into_iter().flatten().collect()
}
