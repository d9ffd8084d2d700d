//! System power.

use scmi::protocol::system::V2;
use scmi::protocol::system::wire::*;
use scmi::wire::ProtocolId;

use crate::entry::{Entries, Refine, command, notification};
use crate::piece::record;
use crate::words::{Says, choice, flags};

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

/// What the types of its words say.
pub(crate) fn words(message: &str, field: &str) -> Option<Says> {
    Some(match (message, field) {
        ("SYSTEM_POWER_STATE_SET" | "SYSTEM_POWER_STATE_NOTIFIER", "flags") => {
            |word| flags(word, &[("graceful", StateSet::GRACEFUL)])
        }
        (_, "system_state") => |word| {
            let state = SystemState(word);
            assert_eq!(state.is_vendor(), word >> 31 == 1);
            choice("state", word, state.name())
        },
        _ => return None,
    })
}
