//! What happened to each agent, in numbers.

use scmi::platform::{Counters, MessageCount};
use scmi::wire::MessageType;

/// What happened on an agent's channel, over all its connections.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AgentReport {
    /// The agent's name.
    pub name: String,
    /// What the device met: chains of the two queues.
    pub device: scmi_virtio::device::Counters,
    /// What the platform answered and sent.
    pub platform: Counters,
}

impl AgentReport {
    /// Logs it at level info: a line for each message that went by, one for each kind of refusal, a line `device` for
    /// what went wrong with the queues, if anything did, and last the line `counters`.
    pub fn log(&self) {
        let agent = &self.name;
        for count in self.platform.messages() {
            let MessageCount { protocol, message, .. } = count;
            tracing::info!(
                "message agent={agent} protocol={:#x} message={:#x} {}",
                protocol.0,
                message.0,
                went_by(count)
            );
        }
        for refusal in self.platform.refusals() {
            tracing::info!(
                "refused agent={agent} protocol={:#x} message={:#x} status={} count={}",
                refusal.protocol.0,
                refusal.message.0,
                refusal.status,
                refusal.count
            );
        }
        let odd = self.odd();
        if !odd.is_empty() {
            tracing::info!("device agent={agent}{odd}");
        }
        tracing::info!("{self}");
    }

    /// Counters that stay at zero as long as nothing odd happens, where they did not.
    fn odd(&self) -> String {
        let usual = ["commands", "answered", "deferred", "events"];
        let device = self.device.items().into_iter().filter(|(name, _)| !usual.contains(name));
        let platform = [
            ("replaced", self.platform.replaced),
            ("overflowed", self.platform.overflowed),
            ("omitted", self.platform.omitted),
            ("too_large", self.platform.too_large),
            ("other_refusals", self.platform.other_refusals()),
        ];
        let all = device.chain(platform).filter(|(_, count)| *count != 0);
        all.map(|(name, count)| format!(" {name}={count}")).collect()
    }
}

/// A message's kind, and how often it went by in which way.
fn went_by(count: &MessageCount) -> String {
    let MessageCount { succeeded, refused, .. } = count;
    match count.kind {
        MessageType::COMMAND => format!("kind=command answered={succeeded} refused={refused}"),
        MessageType::DELAYED_RESPONSE => format!("kind=delayed sent={succeeded} failed={refused}"),
        _ => format!("kind=notification sent={succeeded}"),
    }
}

impl core::fmt::Display for AgentReport {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "counters agent={} commands={} answered={} dropped={} refused={} notifications={} delayed={}",
            self.name,
            self.device.commands,
            self.device.answered,
            self.device.dropped(),
            self.platform.refused,
            self.platform.notifications,
            self.platform.delayed
        )
    }
}
