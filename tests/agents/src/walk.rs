//! A daemon in this process, its agents, and the steps of a test.

use core::cell::RefCell;
use std::thread;

use scmi::agent::{CallError, CallerExt as _, Client};
use scmi::protocol::ProtocolInfo;
use scmi::protocol::common::COMMANDS;
use scmi::wire::{MessageId, Status, Version};
use scmi_board::Board;
use scmi_test_kit::{Record, Side};
use scmi_vhost::backend::Stop;
use scmi_vhost::frontend::{Frontend, Options};
use scmid::Daemon;

use crate::agent::Agent;
use crate::demands::{self, Never};
use crate::ledger::Ledger;

/// The board that is served; this line stands where its agents' versions go.
const BOARD: &str = include_str!("../board.toml");
const VERSIONS: &str = "# versions";

/// No protocol has this message.
const UNKNOWN: u8 = 0x7F;

/// What the steps of a test have at hand.
#[derive(Debug)]
pub struct Walk<'w> {
    /// The agent `one`, which has the id 1.
    pub one: Agent<'w>,
    /// The agent `two`, which has the id 2.
    pub two: Agent<'w>,
    /// The agent `deaf`: it has no event queue.
    pub deaf: Agent<'w>,
    /// The version of the protocol that they are told.
    pub version: Version,
    /// Who serves them.
    pub daemon: &'w Daemon,
}

/// Has the steps ask all of a protocol, in each of its versions, and holds that against the protocol's table.
///
/// # Panics
/// When something was not asked, or came out in a way that the table does not have; with all of it.
pub fn walk(info: &'static ProtocolInfo, never: &[Never], steps: fn(&mut Walk<'_>)) {
    let mut record = Record::new(&format!("agents-{}", info.name));
    let mut all = Ledger::default();
    let mut missing = Vec::new();
    for &version in info.versions {
        let ledger = serve(info, version, steps, &mut record);
        missing.extend(demands::messages(info, version, &ledger, never));
        all.merge(&ledger);
    }
    missing.extend(demands::refusals(info, &all, never));
    assert!(missing.is_empty(), "of {}:\n{}", info.name, missing.join("\n"));
    for (kind, message, seen) in all.iter() {
        if seen.understood {
            record.note(Side::Agent, info.id.0, kind.0, message.0, true);
        }
        if !seen.refused.is_empty() {
            record.note(Side::Agent, info.id.0, kind.0, message.0, false);
        }
    }
    record.write().expect("the record can be written");
}

fn oldest(info: &ProtocolInfo) -> Version {
    *info.versions.first().expect("every protocol has a version")
}

/// Serves the board to agents of this version, while the steps ask.
fn serve(
    info: &'static ProtocolInfo,
    version: Version,
    steps: fn(&mut Walk<'_>),
    record: &mut Record,
) -> Ledger {
    let board = BOARD.replace(VERSIONS, &versions(info, version));
    let board = Board::parse(&board, "board.toml").expect("a good board");
    let directory = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::bind(&board, directory.path()).expect("sockets");
    let ledger = RefCell::default();
    thread::scope(|scope| {
        let _stop = StopOnDrop(daemon.stop_handle());
        scope.spawn(|| daemon.run().expect("it serves"));
        let [mut one, mut two, mut deaf] = ["one", "two", "deaf"].map(|name| {
            let mut options = Options::default();
            options.p2a = name != "deaf";
            let socket = directory.path().join(format!("{name}.sock"));
            Frontend::connect(socket, options).expect("a platform")
        });
        let [one, two, deaf] = [&mut one, &mut two, &mut deaf]
            .map(|frontend| Agent::new(Box::new(Client::new(frontend)), info.id, &ledger));
        let mut walk = Walk { one, two, deaf, version, daemon: &daemon };
        walk.common(info);
        steps(&mut walk);
        for report in daemon.reports() {
            for count in report.platform.messages() {
                let (protocol, kind, message) = (count.protocol.0, count.kind.0, count.message.0);
                for (times, success) in [(count.succeeded, true), (count.refused, false)] {
                    if times > 0 {
                        record.note(Side::Platform, protocol, kind, message, success);
                    }
                }
            }
        }
    });
    ledger.into_inner()
}

/// What an agent of the board file is told: this version of a protocol, and of the others what it is told by itself.
fn versions(info: &ProtocolInfo, version: Version) -> String {
    format!("versions.{} = \"{version}\"", info.name)
}

impl Walk<'_> {
    /// What is the same for every protocol: the common commands, and commands of a wrong length.
    fn common(&mut self, info: &'static ProtocolInfo) {
        let agent = &mut self.one;
        assert_eq!(agent.protocol_version(info.id), Ok(self.version));
        let own = info.commands.iter().filter(|command| command.since <= self.version);
        for command in COMMANDS.iter().chain(own) {
            let there = agent.message_attributes(info.id, command.id);
            let MessageId(id) = command.id;
            // More words than any command has.
            let refusal = agent.raw(id, &[0xFFFF_FFFF; 32]);
            match there {
                Ok(_) => assert_eq!(refusal, Err(Status::PROTOCOL_ERROR), "{}", command.name),
                Err(CallError::Refused(Status::NOT_FOUND)) => {
                    assert_eq!(refusal, Err(Status::NOT_FOUND), "{}", command.name);
                }
                Err(error) => panic!("{}: {error}", command.name),
            }
        }
        assert_eq!(agent.raw(UNKNOWN, &[]), Err(Status::NOT_FOUND));
        let unknown = agent.message_attributes(info.id, MessageId(UNKNOWN));
        assert_eq!(unknown, Err(CallError::Refused(Status::NOT_FOUND)));
        self.negotiate(info);
    }

    /// Down to the oldest version and back, where it can be spoken of.
    fn negotiate(&mut self, info: &'static ProtocolInfo) {
        let agent = &mut self.one;
        if self.version < info.negotiable_from {
            let refused = agent.negotiate(info.id, self.version);
            assert_eq!(refused, Err(CallError::Refused(Status::NOT_FOUND)));
            return;
        }
        for version in [oldest(info), self.version] {
            assert_eq!(agent.negotiate(info.id, version), Ok(()));
            assert_eq!(agent.protocol_version(info.id), Ok(version));
        }
        let beyond = agent.negotiate(info.id, Version::new(0x7FFF, 0));
        assert_eq!(beyond, Err(CallError::Refused(Status::NOT_SUPPORTED)));
    }
}

/// Ends the serving, also when a test failed.
struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}
