//! Base (section 6): what protocols there are, and who may change what for whom.

use super::agent::Agent;
use super::{DENIED, INVALID_PARAMETERS, NOT_FOUND, Reply};
use crate::messages::{BASE, VERSIONS};

/// What is to happen to an agent.
pub(super) enum Order {
    /// Nothing.
    Nothing,
    /// It forgets all that it has set, and its permissions go back to what they were or not.
    Reset(usize, bool),
    /// It may use a device, or a protocol's part of it, or not.
    Permit { agent: usize, device: usize, protocol: Option<u32>, allow: bool },
}

/// The words to answer with, and what is to happen.
pub(super) fn ask(
    agents: &[Agent],
    devices: usize,
    agent: usize,
    message: u32,
    params: &[u32],
) -> Result<(Vec<u32>, Order), i32> {
    let asking = &agents[agent];
    match message {
        1 => {
            let protocols = u32::try_from(protocols(asking).len()).expect("few");
            let agents = u32::try_from(agents.len()).expect("few");
            Ok((vec![agents << 8 | protocols], Order::Nothing))
        }
        6 => Ok((list(asking, params[0])?, Order::Nothing)),
        0xB => Ok((Vec::new(), reset(agents, agent, params)?)),
        _ => Ok((Vec::new(), permit(agents, devices, agent, params)?)),
    }
}

/// Those that the agent may use, in the order of their numbers.
fn protocols(agent: &Agent) -> Vec<u32> {
    let all = VERSIONS.iter().map(|(protocol, _)| *protocol);
    let others = all.filter(|protocol| *protocol != BASE);
    others.filter(|protocol| agent.has(*protocol) && !agent.lacks_all(*protocol)).collect()
}

fn list(agent: &Agent, skip: u32) -> Reply {
    let all = protocols(agent);
    let skip = usize::try_from(skip).expect("fits");
    let rest = all.get(skip..).ok_or(INVALID_PARAMETERS)?;
    let words = rest.chunks(4).map(|four| (0..).zip(four).map(|(n, id)| id << (8 * n)).sum());
    Ok(core::iter::once(u32::try_from(rest.len()).expect("few")).chain(words).collect())
}

fn target(agents: &[Agent], number: u32) -> Result<usize, i32> {
    let target = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    target.filter(|target| *target < agents.len()).ok_or(NOT_FOUND)
}

const fn flag(word: u32) -> Result<bool, i32> {
    match word {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(INVALID_PARAMETERS),
    }
}

/// Everybody resets itself, but what was taken from an agent only a trusted one gives back.
fn reset(agents: &[Agent], agent: usize, params: &[u32]) -> Result<Order, i32> {
    let target = target(agents, params[0])?;
    let permissions = flag(params[1])?;
    let itself = target == agent && !(permissions && agents[agent].lacks_something());
    let may = itself || agents[agent].is_trusted();
    if may { Ok(Order::Reset(target, permissions)) } else { Err(DENIED) }
}

/// Three words are about a whole device, four about a protocol's part of it.
fn permit(agents: &[Agent], devices: usize, agent: usize, params: &[u32]) -> Result<Order, i32> {
    let target = target(agents, params[0])?;
    let device = usize::try_from(params[1]).expect("fits");
    if device >= devices {
        return Err(NOT_FOUND);
    }
    let protocol = if let [_, _, protocol, _] = params { Some(*protocol) } else { None };
    let there = |protocol: u32| VERSIONS.iter().any(|(id, _)| *id == protocol & 0xFF);
    if protocol.is_some_and(|protocol| !there(protocol)) {
        return Err(NOT_FOUND);
    }
    let allow = flag(params[params.len() - 1])?;
    if protocol.is_some_and(|protocol| protocol > 0xFF) {
        return Err(INVALID_PARAMETERS);
    }
    if protocol == Some(BASE) || !agents[agent].is_trusted() {
        return Err(DENIED);
    }
    Ok(Order::Permit { agent: target, device, protocol, allow })
}
