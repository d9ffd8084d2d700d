//! Any bytes as a request.

use alloc::boxed::Box;
use alloc::vec;

use super::board::Board;
use super::input::Input;
use super::reply::check_answer;
use crate::platform::{AgentId, Link, Outcome, Platform};
use crate::protocol::base::platform::Identity;
use crate::protocol::sensor::platform::SensorServer;
use crate::protocol::{base, sensor};
use crate::time::Time;
use crate::wire::{Header, ProtocolId};

/// A request gets an answer that fits, a ticket, or nothing at all and a count.
///
/// The first byte chooses versions, P2A and the agent, the second the room for the answer; the rest is the request.
pub fn platform_request(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let choice = usize::from(input.byte());
    let room = input.below(201);
    let request = input.all();

    let base = base::INFO.versions[choice % base::INFO.versions.len()];
    let sensor = sensor::INFO.versions[(choice >> 2) % sensor::INFO.versions.len()];
    let mut platform = Platform::builder(Identity::default())
        .server(Box::new(SensorServer::new(Box::new(Board::mixed()))))
        .agent("one", &[(ProtocolId::BASE, base), (ProtocolId::SENSOR, sensor)])
        .agent("two", &[])
        .notifications(4)
        .pending(4)
        .build()
        .expect("it fits together");
    let connected = AgentId::from_index(0).expect("small");
    platform.connect(Time::ZERO, connected, Link::new(choice & 0x10 != 0));
    // An agent that does not exist has no room for answers either.
    let agent =
        if choice & 0xE0 == 0xE0 { AgentId::from_index(9).expect("small") } else { connected };

    let mut reply = vec![0xEE; room];
    let outcome = platform.handle(Time::ZERO, agent, request, &mut reply);

    let Some(counters) = platform.counters(agent) else {
        assert_eq!(outcome, Outcome::Dropped);
        return;
    };
    let counted = (counters.headless, counters.commands, counters.no_room, counters.answered);
    let Some(header) = Header::parse(request) else {
        assert_eq!((outcome, counted), (Outcome::Dropped, (1, 0, 0, 0)));
        assert!(reply.iter().all(|byte| *byte == 0xEE));
        return;
    };
    match outcome {
        Outcome::Reply(len) => {
            let version = if header.protocol() == ProtocolId::BASE { base } else { sensor };
            check_answer(header, &reply[..len], version);
            assert_eq!(counted, (0, 1, 0, 1));
        }
        Outcome::Later(_) => {
            assert!(room >= 8);
            assert_eq!(counted, (0, 1, 0, 0));
        }
        Outcome::Dropped => {
            assert!(room < 8 && reply.iter().all(|byte| *byte == 0xEE));
            assert_eq!(counted, (0, 1, 1, 0));
        }
    }
}
