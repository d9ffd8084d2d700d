//! A board as agents see it: bytes in, bytes out, over virtual time.

use scmi::Time;
use scmi::platform::{AgentId, Counters, Link, Outcome, Platform};
use scmi::protocol::sensor::platform::{Intervals, SensorModel};
use scmi::wire::Status;
use scmi_board::Board;

const BOARD: &str = r#"
[platform]
vendor = "acme"
sub-vendor = "demo"
implementation-version = 7

[[agent]]
name = "vm1"

[[agent]]
name = "vm2"
versions = { sensor = "1.0" }

[[sensor]]
name = "ramp"
type = "voltage"
source = { wave = "ramp", min = 0, max = 10, period = "10s" }

[[sensor]]
name = "accel"
type = "acceleration"
axis = [{ name = "a_X", source = 1 }, { name = "a_Y", source = -2 }, { name = "a_Z", source = 9.81 }]
"#;

/// One command of one agent: the words behind the header of its answer.
fn ask(
    platform: &mut Platform,
    agent: AgentId,
    at: u64,
    protocol: u32,
    message: u32,
    params: &[u32],
) -> Vec<u32> {
    let header = protocol << 10 | message;
    let request: Vec<u8> =
        core::iter::once(&header).chain(params).flat_map(|word| word.to_le_bytes()).collect();
    let mut reply = [0; 136];
    match platform.handle(Time::from_millis(at), agent, &request, &mut reply) {
        Outcome::Reply(length) => {
            let words: Vec<u32> = reply[..length]
                .chunks(4)
                .map(|word| u32::from_le_bytes(word.try_into().unwrap()))
                .collect();
            assert_eq!(words[0], header);
            words[1..].to_vec()
        }
        other => panic!("{other:?}"),
    }
}

const BASE: u32 = 0x10;
const SENSOR: u32 = 0x15;

fn platform(text: &str) -> (Platform, Vec<AgentId>) {
    let board = Board::parse(text, "test").unwrap_or_else(|error| panic!("{error}"));
    let mut platform = board.platform().unwrap();
    let agents: Vec<AgentId> =
        board.agents.iter().map(|agent| platform.agent(&agent.name).unwrap()).collect();
    for agent in &agents {
        platform.connect(Time::ZERO, *agent, Link::new(true));
    }
    (platform, agents)
}

#[test]
fn base_says_what_the_file_says() {
    let (mut platform, agents) = platform(BOARD);
    let text = |word: u32| String::from_utf8(word.to_le_bytes().to_vec()).unwrap();
    let vendor = ask(&mut platform, agents[0], 0, BASE, 3, &[]);
    assert_eq!((vendor[0], text(vendor[1]).as_str()), (0, "acme"));
    let sub_vendor = ask(&mut platform, agents[0], 0, BASE, 4, &[]);
    assert_eq!(text(sub_vendor[1]), "demo");
    assert_eq!(ask(&mut platform, agents[0], 0, BASE, 5, &[]), [0, 7]);
    assert_eq!(ask(&mut platform, agents[0], 0, BASE, 6, &[0]), [0, 1, SENSOR]);
    assert_eq!(ask(&mut platform, agents[0], 0, BASE, 1, &[]), [0, 2 << 8 | 1]);
}

#[test]
fn readings_follow_the_time_that_is_handed_in() {
    let (mut platform, agents) = platform(BOARD);
    for (millis, expected) in [(0, 0), (2500, 2500), (9999, 9999), (10_000, 0), (25_000, 5000)] {
        assert_eq!(
            ask(&mut platform, agents[0], millis, SENSOR, 6, &[0, 0]),
            [0, expected, 0, 0, 0]
        );
    }
    let axes = ask(&mut platform, agents[0], 0, SENSOR, 6, &[1, 0]);
    let minus = u32::from_le_bytes((-2000_i32).to_le_bytes());
    assert_eq!(axes, [0, 1000, 0, 0, 0, minus, u32::MAX, 0, 0, 9810, 0, 0, 0]);
}

#[test]
fn an_agent_with_an_old_version_gets_old_answers() {
    let (mut platform, agents) = platform(BOARD);
    assert_eq!(ask(&mut platform, agents[0], 0, SENSOR, 0, &[]), [0, 0x3_0001]);
    assert_eq!(ask(&mut platform, agents[1], 0, SENSOR, 0, &[]), [0, 0x1_0000]);
    assert_eq!(ask(&mut platform, agents[1], 2500, SENSOR, 6, &[0, 0]), [0, 2500, 0]);
}

#[test]
fn a_board_without_sensors_has_no_sensor_protocol() {
    let (mut platform, agents) = platform("[platform]\nvendor = \"a\"\n[[agent]]\nname = \"a\"");
    assert_eq!(ask(&mut platform, agents[0], 0, BASE, 6, &[0]), [0, 0]);
    let not_supported = u32::from_le_bytes(Status::NOT_SUPPORTED.0.to_le_bytes());
    assert_eq!(ask(&mut platform, agents[0], 0, SENSOR, 0, &[]), [not_supported]);
    assert_eq!(platform.counters(agents[0]).map(|counters: &Counters| counters.commands), Some(2));
}

#[test]
fn two_hundred_and_fifty_five_agents_are_served() {
    let agents: String =
        (1..=255).map(|number| format!("[[agent]]\nname = \"vm{number}\"\n")).collect();
    let (mut platform, agents) = platform(&format!("[platform]\nvendor = \"a\"\n{agents}"));
    assert_eq!(ask(&mut platform, agents[254], 0, BASE, 1, &[]), [0, 255 << 8]);
}

#[test]
fn a_file_without_a_number_is_a_hardware_error_until_it_has_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("temp1_input");
    let text = format!(
        "[platform]\nvendor = \"a\"\n[[agent]]\nname = \"a\"\n[[sensor]]\nname = \"host\"\ntype = \"temperature\"\nmin = 0\nmax = 100\n\
         source = {{ file = {:?}, scale = 0.001, every = \"100 ms\" }}",
        path.display().to_string()
    );
    let mut model = Board::parse(&text, "test").unwrap().sensor_model();
    let mut read = |millis: u64| {
        let mut value = [0];
        let result = model.read(Time::from_millis(millis), 0, &mut value);
        (result.map(|()| value[0]), model.health(0).failures, model.health(0).healthy)
    };
    assert_eq!(read(0), (Err(Status::HARDWARE_ERROR), 1, false));
    std::fs::write(&path, "45500\n").unwrap();
    assert_eq!(read(50), (Err(Status::HARDWARE_ERROR), 1, false), "read again only after a while");
    assert_eq!(read(100), (Ok(45_500), 1, true));
    std::fs::write(&path, "-5000\n").unwrap();
    assert_eq!(read(200), (Ok(0), 1, true), "held at the sensor's minimum");
    std::fs::write(&path, "hot\n").unwrap();
    assert_eq!(read(300), (Err(Status::HARDWARE_ERROR), 2, false));
}

/// Walks a paged list: `count` splits the first word behind the status into returned and remaining.
fn pages(mut page: impl FnMut(u32) -> Vec<u32>, count: impl Fn(u32) -> (u32, u32)) -> u32 {
    let mut index = 0;
    loop {
        let words = page(index);
        assert_eq!(words[0], 0, "at {index}");
        let (returned, remaining) = count(words[1]);
        index += returned;
        if remaining == 0 {
            return index;
        }
        assert!(returned > 0, "an agent would ask for ever at {index}");
    }
}

#[test]
fn the_wide_board_is_enumerated_within_the_buffers_of_linux() {
    let text = include_str!("../../../examples/sensors-200.toml");
    let (mut platform, agents) = platform(text);
    let sensors = Board::parse(text, "wide").unwrap().sensors;
    let mut list = |message: u32, params: &[u32], count: fn(u32) -> (u32, u32)| {
        let page = |index| {
            let params: Vec<u32> = params.iter().copied().chain([index]).collect();
            ask(&mut platform, agents[0], 0, SENSOR, message, &params)
        };
        pages(page, count)
    };
    assert_eq!(list(3, &[], |word| (word & 0xFFF, word >> 16)), 200);
    for (id, sensor) in sensors.iter().enumerate() {
        let (id, axes) = (u32::try_from(id).unwrap(), sensor.description.axes.len());
        if axes > 0 {
            let axis_count = |word| (word & 0x3F, word >> 26);
            assert_eq!(list(7, &[id], axis_count), u32::try_from(axes).unwrap());
            assert_eq!(list(0xD, &[id], axis_count), u32::try_from(axes).unwrap());
        }
        if let Intervals::List(intervals) = &sensor.description.intervals {
            let returned = list(8, &[id], |word| (word & 0xFFF, word >> 16));
            assert_eq!(returned, u32::try_from(intervals.len()).unwrap(), "{}", sensor.name());
        }
    }
}
