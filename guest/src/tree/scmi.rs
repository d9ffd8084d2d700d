//! The node of SCMI itself.

use core::time::Duration;

use scmi_fdt::{Scmi, Transport};

/// What the tree says of SCMI over virtio. It does not say which device that is: the one that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScmiNode {
    /// How long an answer may take (`arm,max-rx-timeout-ms`).
    pub timeout: Option<Duration>,
    /// Bytes of the longest message without its header (`arm,max-msg-size`).
    pub max_message: Option<u32>,
    /// How many messages there can be at once (`arm,max-msg`).
    pub max_messages: Option<u32>,
}

impl ScmiNode {
    /// What the node says, if it is of SCMI over virtio.
    pub(super) fn of(node: &Scmi<'_>) -> Option<Self> {
        (node.transport == Transport::Virtio).then(|| Self {
            timeout: node.max_rx_timeout_ms.map(|ms| Duration::from_millis(ms.into())),
            max_message: node.max_message_size,
            max_messages: node.max_messages,
        })
    }
}
