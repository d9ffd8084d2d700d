//! Agents for which there is no system, or which may only watch it.

use std::vec;

use super::{machine, ms};
use crate::platform::{AgentSpec, Rights, Space};
use crate::protocol::system::V2_1;
use crate::protocol::system::platform::SystemServer;
use crate::protocol::testing::Kit;
use crate::wire::Status;

#[test]
fn who_does_not_see_the_system_hears_nothing_of_it_and_who_may_not_does_not_control_it() {
    // The first controls the system, as far as the model goes.
    let agents = vec![
        AgentSpec::new("watches").may(Space::System, 0, Rights::READ),
        AgentSpec::new("listens"),
        AgentSpec::new("other"),
        AgentSpec::new("blind").sees(Space::System, &[]),
    ];
    let server = alloc::boxed::Box::new(SystemServer::new(alloc::boxed::Box::new(machine())));
    let mut kit = Kit::with_agents(server, V2_1, agents).expect("fits together");
    assert_eq!(kit.ask(0, 3, &[0, 0]), Err(Status::NOT_SUPPORTED));
    assert_eq!(kit.ask(0, 4, &[]), Err(Status::NOT_SUPPORTED));
    for message in 0..=5 {
        assert_eq!(kit.ask(3, message, &[1]), Err(Status::NOT_SUPPORTED), "message {message:#x}");
    }
    for by in [0, 1] {
        kit.ask(by, 5, &[1]).expect("may listen");
    }
    kit.wait(u64::try_from(ms(30).as_millis()).expect("small"));
    assert_eq!([0, 1, 3].map(|by| kit.events(by).len()), [2, 3, 0]);
}
