//! What takes time, when the platform ends in the middle of it: what was answered for the last time is there at the next
//! start, and nobody waits again.

use core::time::Duration;

use scmi::Time;
use scmi::platform::{AgentId, Link, Outcome, Platform, StateEntry};
use scmi_board::Board;

const BOARD: &str = r#"
platform.vendor = "acme"
agent = [{ name = "vm1" }]
clock = [{ name = "uart", rates = ["24 MHz", "48 MHz"], rate-change = "100 ms", enable-delay = "50 ms" }]
power-domain = [{ name = "gpu", on-latency = "200 ms", enabled = false }]
performance-domain = [{ name = "cpu", levels = [{ level = 1 }, { level = 2, latency = "1 s" }] }]
power-cap = [{ name = "soc", cap = { min = "1 W", max = "9 W", step = "1 W" }, set-time = "300 ms" }]
voltage-domain = [{ name = "vdd", levels = [0.8, 0.9], level-change = "100 ms" }]
reset-domain = [{ name = "usb", latency = "100 ms" }]
"#;

const CLOCK: u32 = 0x14 << 10;
const POWER: u32 = 0x11 << 10;
const PERF: u32 = 0x13 << 10;
const CAP: u32 = 0x18 << 10;
const VOLTAGE: u32 = 0x17 << 10;
const RESET: u32 = 0x16 << 10;

fn agent() -> AgentId {
    AgentId::from_index(0).expect("small")
}

fn platform() -> Platform {
    Board::parse(BOARD, "board").expect("good").platform().expect("a platform")
}

/// The values of an answer; none where it comes later.
fn ask(platform: &mut Platform, words: &[u32]) -> Option<Vec<u32>> {
    let request: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let mut reply = [0; 128];
    match platform.handle(Time::ZERO, agent(), &request, &mut reply) {
        Outcome::Reply(len) => {
            assert_eq!(reply[4..8], [0; 4], "{words:x?}");
            let (words, _) = reply[8..len].as_chunks::<4>();
            Some(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
        }
        Outcome::Later(_) => None,
        Outcome::Dropped => panic!("dropped"),
    }
}

/// A platform where this was asked, and at once another that goes on from there.
fn after(commands: &[&[u32]]) -> Platform {
    let mut first = platform();
    first.connect(Time::ZERO, agent(), Link::new(true));
    for command in commands {
        ask(&mut first, command);
    }
    let mut entries: Vec<StateEntry> = Vec::new();
    let mut second = platform();
    // Pins are not on the board, so all that is said was set.
    first.state(&mut |entry| entries.push(*entry));
    assert_eq!(second.restore(Time::ZERO, &entries, Duration::from_secs(1)), Ok(0));
    assert!(second.resume(agent(), Link::new(true)));
    second
}

#[track_caller]
fn reads(platform: &mut Platform, words: &[u32], value: u32) {
    assert_eq!(ask(platform, words).expect("an answer")[0], value);
}

#[test]
fn what_nobody_is_told_of_is_as_good_as_done() {
    // Asynchronous, without a delayed response.
    let mut platform = after(&[&[CLOCK | 5, 3, 0, 48_000_000, 0], &[CAP | 5, 0, 3, 4_000_000]]);
    reads(&mut platform, &[CLOCK | 6, 0], 48_000_000);
    reads(&mut platform, &[CAP | 4, 0], 4_000_000);
}

#[test]
fn what_somebody_waits_for_is_not_done() {
    let commands: [&[u32]; 4] = [
        &[CLOCK | 5, 0, 0, 48_000_000, 0],
        &[CAP | 5, 0, 0, 4_000_000],
        &[VOLTAGE | 7, 0, 0, 900_000],
        &[RESET | 4, 0, 1, 0],
    ];
    let mut platform = after(&commands);
    reads(&mut platform, &[CLOCK | 6, 0], 24_000_000);
    reads(&mut platform, &[CAP | 4, 0], 0);
    reads(&mut platform, &[VOLTAGE | 8, 0], 800_000);
    assert_eq!(ask(&mut platform, &[RESET | 4, 0, 1, 0]), None, "it can be reset again at once");
}

#[test]
fn votes_and_levels_are_there_without_their_latencies() {
    let commands: [&[u32]; 3] = [&[POWER | 4, 1, 0, 0], &[PERF | 7, 0, 2], &[CLOCK | 7, 0, 1, 0]];
    let mut platform = after(&commands);
    reads(&mut platform, &[POWER | 5, 0], 0);
    reads(&mut platform, &[PERF | 8, 0], 2);
    assert_eq!(ask(&mut platform, &[CLOCK | 0xB, 0, 0]).expect("an answer")[1], 1);
    assert_eq!(platform.next_deadline(), None, "nothing is under way");
}
