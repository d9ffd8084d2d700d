//! What each agent sees of a board, by which ids, and what it may do.

use scmi::Time;
use scmi::platform::{AgentId, Link, Outcome, Platform, Rights, Space};
use scmi_board::{Agent, Board};

const BOARD: &str = r#"
[platform]
vendor = "acme"

[[agent]]
name = "vm1"
clocks = ["pll", "uart"]
sensors = []
system = false
reset-domains = [{ name = "usb", may = "read" }]

[[agent]]
name = "vm2"
socket = "second.sock"
trusted = true
clocks = [{ name = "uart", may = ["state", "rate"] }, { name = "osc", may = "read" }]

[[agent]]
name = "all"

[[clock]]
name = "osc"
rates = ["24 MHz"]

[[clock]]
name = "uart"
rates = ["24 MHz", "48 MHz"]
owner = "vm1"

[[clock]]
name = "pll"
rates = ["1 GHz"]

[[sensor]]
name = "cpu"
type = "temperature"
source = 35.0

[[reset-domain]]
name = "gpu"

[[reset-domain]]
name = "usb"

[[device]]
name = "serial"
clocks = ["uart"]
reset-domains = ["usb", "gpu"]

[system]
"#;

fn board() -> Board {
    Board::parse(BOARD, "lists").unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_is_kept_and_what_is_held_stays_on() {
    let text =
        BOARD.replace("name = \"osc\"\nrates", "name = \"osc\"\nkeep = true\nrates").replace(
            "clocks = [\"pll\", \"uart\"]",
            "restore = true\nclocks = [{ name = \"pll\", hold = true }, \"uart\"]",
        );
    let board = Board::parse(&text, "kept").unwrap_or_else(|error| panic!("{error}"));
    assert!(board.clocks[0].keep && board.agents[0].restore && !board.agents[1].restore);
    let mut platform = board.platform().expect("good");
    for agent in 0..3 {
        platform.connect(Time::ZERO, AgentId::from_index(agent).expect("small"), Link::new(true));
    }
    let clock = 0x14 << 10;
    // The third agent switches both on and off again; the second may only look at the first, and sees it run.
    for id in [0, 2] {
        assert_eq!(ask(&mut platform, 2, clock | 7, &[id, 1, 0]).0, 0);
        assert_eq!(ask(&mut platform, 2, clock | 7, &[id, 0, 0]).0, 0);
    }
    assert_eq!(ask(&mut platform, 1, clock | 0xB, &[1, 0]).1[1], 1, "kept");
    assert_eq!(ask(&mut platform, 0, clock | 0xB, &[0, 0]).1[1], 1, "held");
    // A rate of an agent that restores is as it was when the agent has gone.
    assert_eq!(ask(&mut platform, 0, clock | 5, &[0, 1, 48_000_000, 0]).0, 0);
    assert_eq!(ask(&mut platform, 1, clock | 6, &[0]).1[0], 48_000_000);
    platform.disconnect(Time::ZERO, AgentId::from_index(0).expect("small"));
    assert_eq!(ask(&mut platform, 1, clock | 6, &[0]).1[0], 24_000_000);
}

fn seen(agent: &Agent, board: &Board, space: Space) -> Vec<(usize, u32)> {
    agent.seen(space, board.count(space)).map(|listed| (listed.id, listed.rights.0)).collect()
}

#[test]
fn the_position_in_a_list_is_the_id_and_without_a_list_all_is_seen() {
    let (board, all) = (board(), Rights::ALL.0);
    let [vm1, vm2, whole] = board.agents.as_slice() else { panic!("three") };
    assert_eq!(seen(vm1, &board, Space::Clock), [(2, all), (1, all)]);
    assert_eq!(seen(vm1, &board, Space::Sensor), []);
    assert_eq!(seen(vm1, &board, Space::ResetDomain), [(1, 0)]);
    assert!(!vm1.sees_system() && vm2.sees_system() && !vm1.trusted && vm2.trusted);
    assert_eq!(seen(vm2, &board, Space::Clock), [(1, Rights::STATE | Rights::VALUE), (0, 0)]);
    assert_eq!(seen(vm2, &board, Space::Sensor), [(0, all)]);
    assert_eq!(seen(whole, &board, Space::Clock), [(0, all), (1, all), (2, all)]);
    assert_eq!((vm1.socket.as_str(), vm2.socket.as_str()), ("vm1.sock", "second.sock"));
    let device = &board.devices[0];
    let resources = [(Space::Clock, vec![1]), (Space::ResetDomain, vec![1, 0])];
    assert_eq!((device.name.as_str(), device.resources.as_slice()), ("serial", &resources[..]));
    assert_eq!(board.warnings, []);
}

#[test]
fn an_owner_is_the_only_one_that_sets_the_value() {
    let board = board();
    let rights = |agent: usize, space: Space, id: usize| {
        let (agent, number) = (&board.agents[agent], AgentId::from_index(agent).expect("small"));
        let listed = agent.seen(space, board.count(space)).find(|listed| listed.id == id);
        board.rights(number, space, listed.expect("seen"))
    };
    assert_eq!(rights(0, Space::Clock, 1), Rights::ALL);
    assert_eq!(rights(1, Space::Clock, 1), Rights(Rights::STATE));
    assert_eq!(rights(2, Space::Clock, 1), Rights(Rights::ALL.0 & !Rights::VALUE));
    assert_eq!(rights(2, Space::Clock, 0), Rights::ALL);
}

/// What the platform answers an agent: the status, and the words after it.
fn ask(platform: &mut Platform, agent: usize, word: u32, params: &[u32]) -> (i32, Vec<u32>) {
    let request: Vec<u8> =
        [&[word], params].concat().iter().flat_map(|word| word.to_le_bytes()).collect();
    let (mut reply, agent) = ([0; 128], AgentId::from_index(agent).expect("small"));
    let Outcome::Reply(len) = platform.handle(Time::ZERO, agent, &request, &mut reply) else {
        panic!("no answer")
    };
    let (words, _) = reply[..len].as_chunks::<4>();
    let words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    (words[1].cast_signed(), words[2..].to_vec())
}

#[test]
fn the_platform_of_a_board_keeps_to_its_lists() {
    let mut platform = board().platform().expect("good");
    for agent in 0..3 {
        platform.connect(Time::ZERO, AgentId::from_index(agent).expect("small"), Link::new(true));
    }
    let (base, clock, sensor, system) = (0x10 << 10, 0x14 << 10, 0x15 << 10, 0x12 << 10);
    // The protocols beside Base.
    let count = |platform: &mut Platform, agent| ask(platform, agent, base | 1, &[]).1[0] & 0xFF;
    assert_eq!([0, 1, 2].map(|agent| count(&mut platform, agent)), [2, 4, 4]);
    assert_eq!(ask(&mut platform, 0, sensor, &[]).0, -1, "no sensors");
    assert_eq!(ask(&mut platform, 0, system, &[]).0, -1, "no system");
    let clocks =
        |platform: &mut Platform, agent| ask(platform, agent, clock | 1, &[]).1[0] & 0xFFFF;
    assert_eq!([0, 1, 2].map(|agent| clocks(&mut platform, agent)), [2, 2, 3]);
    // RATE_GET of number 1 is of uart, osc and uart.
    let rate = |platform: &mut Platform, agent| ask(platform, agent, clock | 6, &[1]).1[0];
    assert_eq!([0, 1, 2].map(|agent| rate(&mut platform, agent)), [24_000_000; 3]);
    assert_eq!(ask(&mut platform, 0, clock | 6, &[2]).0, -4, "NOT_FOUND");
    // RATE_SET of uart: its owner's, by each one's own number.
    let set = |platform: &mut Platform, agent, id, hertz| {
        ask(platform, agent, clock | 5, &[0, id, hertz, 0]).0
    };
    assert_eq!(set(&mut platform, 1, 0, 48_000_000), -3, "DENIED");
    assert_eq!(set(&mut platform, 2, 1, 48_000_000), -3, "DENIED");
    assert_eq!(set(&mut platform, 0, 1, 48_000_000), 0);
    assert_eq!(ask(&mut platform, 1, clock | 6, &[0]).1[0], 48_000_000);
}

#[test]
fn what_makes_little_sense_is_a_warning() {
    let text = "[platform]\nvendor = \"acme\"\n[[agent]]\nname = \"vm1\"\nsystem = false\npins = [\"a\"]\n\
                [[pin]]\nname = \"a\"\n[[pin]]\nname = \"b\"\n[[pin-group]]\nname = \"g\"\npins = [\"a\", \"b\"]\n\
                [system]\nagents = [\"vm1\"]\n";
    let board = Board::parse(text, "odd").unwrap_or_else(|error| panic!("{error}"));
    let warnings: Vec<(usize, &str)> =
        board.warnings.iter().map(|warning| (warning.line(), warning.message())).collect();
    let expected = [
        (3, "pin-groups of agent \"vm1\": it sees the group \"g\", but not the pin \"b\" in it"),
        (5, "system of agent \"vm1\": it is in agents of [system], but does not see it"),
    ];
    assert_eq!(warnings, expected);
}
