//! What the bench of a big board asks for is everything, and in so many messages.

use scmi::agent::Client;
use scmi::platform::Link;
use scmi::transport::Loopback;
use scmi_bench::inventory;
use scmi_board::Board;
use scmi_test_kit::big;

/// `docs/performance.md` has the same number.
const COMMANDS: u64 = 2330;

#[test]
fn everything_on_a_big_board_is_found_in_so_many_messages() {
    let board = Board::parse(&big::text(), "big").expect("a board");
    let platform = board.platform().expect("a platform");
    let agent = platform.agent("vm1").expect("an agent");
    let mut channel = Loopback::new(platform, agent, Link::new(true));
    let found = inventory(&mut Client::<16>::new(&mut channel)).expect("answers");
    assert_eq!(found, big::ITEMS);
    let counters = channel.platform().counters(agent).expect("the agent's");
    let commands: u64 = counters.messages().map(|count| count.succeeded + count.refused).sum();
    assert_eq!(commands, COMMANDS);
    let text = include_str!("../../docs/performance.md");
    assert!(text.contains(&format!("{COMMANDS} commands")), "docs/performance.md says otherwise");
}
