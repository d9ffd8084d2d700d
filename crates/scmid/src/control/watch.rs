//! What changes, told to who listens: two looks at the platform are compared.
//!
//! Nothing of it lies on the way of a message. A guest that changes something as fast as it can makes one event a look.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;

use scmi_board::{Board, SystemEvent};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::{Instant, interval};

use super::agents::{self, AgentState, RefusalTally};
use super::board::{BoardState, Measure};
use super::deeds::Deeds;
use super::desk::{Desk, name};
use super::events::Events;
use super::routes::{ReloadState, refused};
use crate::control::board::word;
use crate::{ReloadError, Reloaded};

/// How often there is a look while somebody listens.
const LOOK: Duration = Duration::from_millis(100);

/// How often a quiet connection is written to.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The state of each resource, by kind and number.
type Resources = BTreeMap<(&'static str, u64), Value>;

/// Looks for as long as the daemon lives, while somebody listens.
pub(super) async fn watch(desk: Arc<Desk>) {
    loop {
        if !desk.events.are_wanted() {
            desk.events.wanted.notified().await;
        }
        let (mut agents, mut resources) = (agents::states(&desk), resources(&desk));
        let mut deeds = Deeds::new(desk.daemon.faults());
        desk.events.greet();
        let (mut ticks, mut written) = (interval(LOOK), Instant::now());
        while desk.events.are_wanted() {
            ticks.tick().await;
            let now = agents::states(&desk);
            now.iter().zip(&agents).for_each(|(now, before)| tell_agent(&desk, now, before));
            agents = now;
            let now = self::resources(&desk);
            tell_resources(&desk, &now, &resources);
            resources = now;
            let now = Deeds::new(desk.daemon.faults());
            if let Some(event) = now.since(&deeds, |agent| desk.name(agent)) {
                desk.events.tell("fault", &event);
            }
            deeds = now;
            desk.events.greet();
            if written.elapsed() >= KEEP_ALIVE {
                written = Instant::now();
                desk.events.keep_alive();
            }
        }
    }
}

fn tell_agent(desk: &Desk, now: &AgentState, before: &AgentState) {
    let lives = now.lives.wrapping_sub(before.lives);
    let tell = |what: &str| {
        desk.events.tell("agent", &json!({ "agent": now.name, "what": what, "lives": now.lives }));
    };
    if before.connected && (!now.connected || lives > 0) {
        tell("gone");
    }
    if lives > 0 {
        tell("came");
        if !now.connected {
            tell("gone");
        }
    }
    for refusal in &now.refusals {
        let same = |other: &&RefusalTally| {
            other.protocol == refusal.protocol
                && other.message == refusal.message
                && other.status == refusal.status
        };
        let known = before.refusals.iter().find(same).map_or(0, |refusal| refusal.count);
        if refusal.count != known {
            let count = refusal.count.wrapping_sub(known);
            let event = json!({
                "agent": now.name,
                "protocol": refusal.protocol,
                "message": refusal.message,
                "status": refusal.status,
                "count": count,
            });
            desk.events.tell("refusal", &event);
        }
    }
}

fn tell_resources(desk: &Desk, now: &Resources, before: &Resources) {
    for ((kind, id), state) in now {
        if before.get(&(*kind, *id)) != Some(state) {
            desk.events.tell("changed", &json!({ "kind": kind, "id": id, "now": state }));
        }
    }
}

fn resources(desk: &Desk) -> Resources {
    let board = BoardState::of(desk, Measure::Nothing);
    let mut all = Resources::new();
    add(&mut all, "power-domain", &board.power_domains);
    add(&mut all, "performance-domain", &board.performance_domains);
    add(&mut all, "clock", &board.clocks);
    add(&mut all, "sensor", &board.sensors);
    add(&mut all, "reset-domain", &board.reset_domains);
    add(&mut all, "voltage-domain", &board.voltage_domains);
    add(&mut all, "power-cap", &board.power_caps);
    add(&mut all, "pin", &board.pins);
    add(&mut all, "pin-group", &board.pin_groups);
    add(&mut all, "system", &Vec::from_iter(board.system));
    all
}

fn add<T: Serialize>(all: &mut Resources, kind: &'static str, states: &[T]) {
    // A state is plain data: there is nothing in it that JSON cannot say.
    let states = states.iter().map(|state| serde_json::to_value(state).unwrap_or_default());
    all.extend((0..).zip(states).map(|(id, state)| ((kind, id), state)));
}

/// Tells of a reload of the board file, or of its refusal.
pub(super) fn tell_reload(events: &Events, result: &Result<Reloaded, ReloadError>) {
    // It is plain data: there is nothing in it that JSON cannot say.
    let data = match result {
        Ok(done) => serde_json::to_value(ReloadState::from(done)),
        Err(error) => serde_json::to_value(refused(error)),
    };
    events.tell("reload", &data.unwrap_or_default());
}

/// Tells of a request of an agent, or of an order.
pub(super) fn tell_system(board: &Board, events: &Events, event: &SystemEvent) {
    match event {
        SystemEvent::Requested(request) => {
            let event = json!({
                "agent": name(board, request.agent),
                "state": word(request.state),
                "graceful": request.graceful,
            });
            events.tell("request", &event);
        }
        SystemEvent::Ordered { order, told } => {
            let event = json!({
                "agent": order.to.map(|agent| name(board, agent)),
                "state": word(order.state),
                "graceful": order.graceful,
                "told": told,
            });
            events.tell("order", &event);
        }
        _ => {}
    }
}
