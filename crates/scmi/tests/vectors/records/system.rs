//! System power.

use scmi::protocol::system::V2;
use scmi::protocol::system::wire::*;
use scmi::wire::ProtocolId;

use crate::entry::{Entries, Refine, command, notification};
use crate::piece::record;

record! {
    ProtocolAttributes {}
    StateSet { flags: "flags", state: "system_state" }
    StateGet {}
    StateNotify { enable: "notify_enable" }
    Notifier { agent: "agent_id", flags: "flags", state: "system_state" }
    NotifierV2 { notifier: "", timeout: "timeout_ms" }
}

pub(crate) fn entries() -> Entries {
    let list = [
        command::<ProtocolAttributes>(),
        command::<StateSet>(),
        command::<StateGet>(),
        command::<StateNotify>(),
        notification::<Notifier>(ProtocolId::SYSTEM, 0).before(V2),
        notification::<NotifierV2>(ProtocolId::SYSTEM, 0).since(V2),
    ];
    list.into_iter().flatten().collect()
}
