//! The node of SCMI itself.

use core::time::Duration;

use dtoolkit::fdt::FdtNode;
use dtoolkit::standard::NodeStandard as _;
use dtoolkit::{Node as _, Property as _};

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
    /// What a node says, if it is SCMI's.
    pub(super) fn of(node: &FdtNode<'static>) -> Option<Self> {
        if !node.is_compatible("arm,scmi-virtio") {
            return None;
        }
        let number = |name| node.property(name)?.value_as::<u32>().ok();
        Some(Self {
            timeout: number("arm,max-rx-timeout-ms").map(|ms| Duration::from_millis(ms.into())),
            max_message: number("arm,max-msg-size"),
            max_messages: number("arm,max-msg"),
        })
    }
}
