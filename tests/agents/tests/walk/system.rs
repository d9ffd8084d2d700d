//! System power.

use scmi::agent::CallerExt as _;
use scmi::protocol::system::agent::{Event, SystemPower};
use scmi::protocol::system::wire::{ProtocolAttributes, SystemState};
use scmi::protocol::system::{INFO, V2};
use scmi::wire::{Status, U32};
use scmi_tests_agents::{Agent, Never, Walk, walk};

const NEVER: &[Never] = &[Never::refused(
    0x3,
    Status::DENIED,
    "a virtual machine is not asked whether its other processors run",
)];

fn system<'a>(agent: &'a mut Agent<'_>) -> SystemPower<'a> {
    SystemPower::open(agent).expect("system power")
}

#[test]
fn every_message_of_system() {
    walk(&INFO, NEVER, |walk| {
        refusals(walk);
        requests(walk);
    });
}

fn refusals(walk: &mut Walk<'_>) {
    assert_eq!(walk.two.raw(3, &[2, 0]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(walk.two.raw(3, &[0, 5]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(walk.one.raw(3, &[0, 0]), Err(Status::NOT_SUPPORTED));
    assert_eq!(walk.one.raw(4, &[]), Err(Status::NOT_SUPPORTED));
    assert_eq!(walk.one.raw(5, &[2]), Err(Status::INVALID_PARAMETERS));
    assert_eq!(walk.deaf.raw(5, &[1]), Err(Status::NOT_SUPPORTED));
}

/// Agent two shuts the system down, and agent one is told.
fn requests(walk: &mut Walk<'_>) {
    assert_eq!(walk.two.call(&ProtocolAttributes).map(U32::get), Ok(0));
    let mut two = system(&mut walk.two);
    let can = two.abilities().expect("abilities");
    assert!(can.warm_reset && can.suspend);
    assert_eq!(two.state(), Ok(SystemState::POWER_UP));
    system(&mut walk.one).notify(true).expect("subscribed");
    for (state, timeout) in [(SystemState::WARM_RESET, 0), (SystemState::SHUTDOWN, 1000)] {
        system(&mut walk.two).set_state(state, true).expect("requested");
        let told = walk.one.told(Event::parse);
        assert_eq!((told.agent, told.state, told.graceful), (2, state, true));
        let timeout = (walk.version >= V2).then_some(timeout);
        assert_eq!(told.timeout_ms.unwrap_or(0), timeout.unwrap_or(0));
    }
}
