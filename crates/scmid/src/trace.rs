//! What agents and the platform say, given to the trace.

use std::sync::{Arc, Mutex};

use scmi_trace::{Channel, Entry, Kind, Port, Status};
use scmi_vhost::backend::{self, Record, Tap};

/// Gives what one agent's server hears to a port. Only that agent's thread ever takes the lock.
#[derive(Debug)]
struct Ear(Mutex<Port>);

/// What to let a server tell.
pub(crate) fn tap(port: Port) -> Arc<dyn Tap> {
    Arc::new(Ear(Mutex::new(port)))
}

impl Tap for Ear {
    fn saw(&self, record: &Record<'_>) {
        let (kind, channel) = match record.kind {
            backend::Kind::Command => (Kind::Command, Channel::A2p),
            backend::Kind::Answer => (Kind::Answer, Channel::A2p),
            backend::Kind::Event => (Kind::Event, Channel::P2a),
            backend::Kind::Dropped => (Kind::Dropped, Channel::A2p),
            backend::Kind::Returned => (Kind::Returned, Channel::P2a),
            _ => (Kind::Note, Channel::A2p),
        };
        if let Ok(mut port) = self.0.try_lock() {
            port.record(&Entry {
                kind,
                channel,
                room: record.room,
                used: record.used,
                message: record.message,
                len: record.len,
                reason: record.reason,
                mark: record.mark,
            });
        }
    }
}

/// Logs how far a trace has come.
pub(crate) fn log(status: &Status) {
    for (agent, recorded, lost) in &status.agents {
        tracing::info!("trace agent={agent} recorded={recorded} lost={lost}");
    }
    if let Some(ended) = &status.ended {
        tracing::info!("trace ended: {ended}");
    }
}
