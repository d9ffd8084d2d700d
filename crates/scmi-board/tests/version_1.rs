//! What is promised of board files of version 1: they stay right, and mean what they meant.
//!
//! `tests/version-1` has a board with every key that there was when that was promised, and what its agents were told. Neither
//! is ever edited.

use core::fmt::Write as _;

use scmi::Time;
use scmi::platform::{AgentId, Link, Outcome, Platform};
use scmi::protocol::{self, MessageInfo, ProtocolInfo};
use scmi::wire::Header;
use scmi_board::Board;

const BOARD: &str = include_str!("version-1/board.toml");
const TOLD: &str = include_str!("version-1/told.txt");

/// What messages are called that ask and change nothing.
const ASKING: [&str; 7] =
    ["VERSION", "ATTRIBUTES", "DESCRI", "LIST", "DISCOVER", "_GET", "POSSIBLE"];

/// FNV-1a, of 64 bits.
fn sum(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// Asks for something by an id, with nothing else said; the values of the answer where there is one now.
fn ask(
    platform: &mut Platform,
    agent: AgentId,
    info: &ProtocolInfo,
    message: &MessageInfo,
    id: u32,
) -> Option<Vec<u8>> {
    let mut request = Header::command(info.id, message.id, 0).word().to_le_bytes().to_vec();
    for field in message.payload {
        let names_it = field.name == "id" || field.name.ends_with("_id");
        request.extend(if names_it { id } else { 0 }.to_le_bytes());
    }
    let mut reply = [0; 4096];
    let Outcome::Reply(length) = platform.handle(Time::ZERO, agent, &request, &mut reply) else {
        return None;
    };
    let (status, values) = reply.get(4..length)?.split_first_chunk()?;
    (i32::from_le_bytes(*status) == 0).then(|| values.to_vec())
}

/// What the first two agents are told of everything that they can ask for, a line an answer.
fn told(board: &Board) -> String {
    let mut platform = board.platform().expect("a platform");
    let mut lines = String::new();
    for index in 0..2 {
        let agent = AgentId::from_index(index).expect("small");
        platform.connect(Time::ZERO, agent, Link::new(true));
        for info in protocol::ALL {
            let commands = protocol::common::COMMANDS.iter().chain(info.commands);
            let asking = commands.filter(|it| ASKING.iter().any(|part| it.name.contains(part)));
            for message in asking {
                for id in 0..if message.payload.is_empty() { 1 } else { 9 } {
                    let Some(values) = ask(&mut platform, agent, info, message, id) else {
                        continue;
                    };
                    let _ = write!(lines, "vm{} {} {} {id}:", index + 1, info.name, message.name);
                    for byte in values {
                        let _ = write!(lines, " {byte:02x}");
                    }
                    lines.push('\n');
                }
            }
        }
    }
    lines
}

#[test]
fn a_board_of_version_1_is_right_and_its_agents_are_told_what_they_were() {
    assert_eq!(sum(BOARD), 0x8B98_F686_3273_E227, "the board of the promise was edited");
    let board = Board::parse(BOARD, "board.toml").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(sum(TOLD), 0x5162_1E82_34DE_971E, "what agents were told was edited");
    let now = told(&board);
    let other = TOLD.lines().zip(now.lines()).find(|(then, now)| then != now);
    assert_eq!(other, None, "then, and now");
    assert_eq!(TOLD.lines().count(), now.lines().count());
}
