//! What a good file becomes.

use core::time::Duration;
use std::path::Path;

use scmi::protocol::sensor::SensorType;
use scmi::protocol::sensor::platform::{Intervals, SensorConfig};
use scmi::protocol::sensor::wire::{Interval, Resolution};
use scmi::wire::{ProtocolId, Version};
use scmi_board::{Board, Sensor, Source, TripAction};

const HEAD: &str = "[platform]\nvendor = \"acme\"\n[[agent]]\nname = \"vm1\"\n";

fn board(rest: &str) -> Board {
    Board::parse(&format!("{HEAD}{rest}"), "test").unwrap_or_else(|error| panic!("{error}"))
}

fn sensor(keys: &str) -> Sensor {
    board(&format!("[[sensor]]\nname = \"s\"\n{keys}")).sensors.remove(0)
}

fn milli(seconds: u16) -> Interval {
    Interval { seconds, exponent: -3 }
}

#[test]
fn the_least_board_has_defaults_for_the_rest() {
    let board = board("");
    assert_eq!(board.identity.vendor, "acme");
    assert_eq!(board.identity.sub_vendor, "");
    assert_eq!(board.identity.implementation_version, 1);
    assert_eq!(board.agents[0].name, "vm1");
    assert!(board.agents[0].versions.is_empty());
    assert!(board.sensors.is_empty());
}

#[test]
fn the_least_sensor_has_defaults_for_the_rest() {
    let Sensor { description, sources, thermal_zone, .. } =
        sensor("type = \"temperature\"\nsource = 35");
    assert_eq!((description.kind, description.exponent), (SensorType::TEMPERATURE_C, -3));
    assert_eq!(sources, [Source::Constant(35_000)]);
    assert_eq!(description.limits, Default::default());
    assert_eq!((description.trip_points, description.power, description.timestamps), (0, 0, None));
    assert_eq!(
        (description.updates, description.asynchronous, description.read_time),
        (false, false, Duration::ZERO)
    );
    assert_eq!(description.intervals, Intervals::None);
    assert_eq!(
        description.config,
        SensorConfig { enabled: true, timestamps: false, interval: Interval::default() }
    );
    assert_eq!(thermal_zone, None);
}

#[test]
fn every_key_of_a_sensor_arrives() {
    let Sensor { description, sources, .. } = sensor(
        "type = \"V\"\nexponent = -6\nsource = \"850 mV\"\ntrip-points = 3\nresolution = 0.005\nmin = 0\nmax = \"1.2 V\"\n\
         update-intervals = [\"10ms\", \"250 ms\", \"1s\"]\nupdate-interval = \"250ms\"\nupdates = false\nasync = true\n\
         read-time = \"40 ms\"\ntimestamps = -6\npower = \"1.5 mW\"\nenabled = false",
    );
    assert_eq!((description.kind, description.exponent), (SensorType::VOLTAGE, -6));
    assert_eq!(sources, [Source::Constant(850_000)]);
    assert_eq!(description.limits.resolution, Some(Resolution { value: 5, exponent: -3 }));
    assert_eq!((description.limits.min, description.limits.max), (Some(0), Some(1_200_000)));
    assert_eq!(
        (description.trip_points, description.power, description.timestamps),
        (3, 1500, Some(-6))
    );
    assert_eq!((description.updates, description.asynchronous), (false, true));
    assert_eq!(description.read_time, Duration::from_millis(40));
    let interval = Interval { seconds: 25, exponent: -2 };
    assert_eq!(description.config, SensorConfig { enabled: false, timestamps: false, interval });
}

#[test]
fn intervals_are_exact_and_the_slowest_is_set_unless_said_otherwise() {
    let listed =
        sensor("type = \"V\"\nsource = 1\nupdate-intervals = [\"1 ms\", \"1.5s\", \"65535 s\"]")
            .description;
    let nanos = |intervals: &[Interval]| {
        intervals.iter().map(|interval| interval.as_nanos()).collect::<Vec<_>>()
    };
    let Intervals::List(list) = &listed.intervals else { panic!("{listed:?}") };
    assert_eq!(nanos(list), [1_000_000, 1_500_000_000, 65_535_000_000_000]);
    assert_eq!(listed.config.interval, Interval { seconds: 65_535, exponent: 0 });
    assert!(listed.updates, "a sensor with intervals sends updates");

    let range = sensor(
        "type = \"V\"\nsource = 1\nupdate-intervals = { first = \"5 ms\", last = \"105 ms\", step = \"50 ms\" }\nupdate-interval = \"55 ms\"",
    );
    let Intervals::Range { first, last, step } = range.description.intervals else {
        panic!("{range:?}")
    };
    assert_eq!(nanos(&[first, last, step]), [5_000_000, 105_000_000, 50_000_000]);
    assert_eq!(range.description.config.interval, milli(55));
}

#[test]
fn an_axis_takes_from_its_sensor_what_it_does_not_say() {
    let Sensor { description, sources, .. } = sensor(
        "type = \"m/s2\"\nmin = -20\nmax = 20\nresolution = 0.01\n\
         [[sensor.axis]]\nname = \"X\"\nsource = 1\n\
         [[sensor.axis]]\nname = \"Y\"\ntype = \"temperature\"\nexponent = 0\nmin = 0\nmax = 50\nsource = 7",
    );
    let [x, y] = description.axes.as_slice() else { panic!("{description:?}") };
    assert_eq!((x.kind, x.exponent, x.limits.min), (SensorType::ACCELERATION, -3, Some(-20_000)));
    assert_eq!((y.kind, y.exponent, y.limits.min), (SensorType::TEMPERATURE_C, 0, Some(0)));
    assert_eq!(x.limits.resolution, Some(Resolution { value: 1, exponent: -2 }));
    assert_eq!(sources, [Source::Constant(1000), Source::Constant(7)]);
}

#[test]
fn a_type_can_be_a_bare_number() {
    let sensor = sensor("type = 0x80\nsource = 12").description;
    assert_eq!((sensor.kind, sensor.exponent), (SensorType(0x80), 0));
}

#[test]
fn a_thermal_zone_is_in_millidegrees() {
    let zone = sensor(
        "type = \"temperature\"\nsource = 35\n\
         thermal-zone = { polling = \"500 ms\", trips = [{ at = 70.5, type = \"passive\" }, { at = 90, hysteresis = 0, type = \"critical\" }] }",
    );
    let zone = zone.thermal_zone.unwrap();
    assert_eq!((zone.name.as_str(), zone.polling), ("s-thermal", Duration::from_millis(500)));
    let trips: Vec<_> =
        zone.trips.iter().map(|trip| (trip.temperature, trip.hysteresis, trip.action)).collect();
    assert_eq!(trips, [(70_500, 2000, TripAction::Passive), (90_000, 0, TripAction::Critical)]);
}

#[test]
fn an_agent_is_told_the_versions_that_the_file_says() {
    let board = board(
        "versions = { base = \"2.0\", sensor = \"3.1\" }\n[[agent]]\nname = \"old_vm.2\"\nversions = { sensor = \"1.0\" }",
    );
    let [first, second] = board.agents.as_slice() else { panic!("{board:?}") };
    // The newest is what it is told anyway.
    assert_eq!(first.versions, [(ProtocolId::BASE, Version(0x2_0000))]);
    assert_eq!(second.versions, [(ProtocolId::SENSOR, Version(0x1_0000))]);
}

#[test]
fn a_relative_path_is_relative_to_the_board_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("board.toml");
    let text = format!(
        "{HEAD}[[sensor]]\nname = \"a\"\ntype = \"V\"\nsource = {{ file = \"values/a\" }}\n\
         [[sensor]]\nname = \"b\"\ntype = \"V\"\nsource = {{ file = \"/sys/b\" }}"
    );
    std::fs::write(&path, text).unwrap();
    let board = Board::load(&path).unwrap();
    let paths: Vec<&Path> = board
        .sensors
        .iter()
        .map(|sensor| match &sensor.sources[0] {
            Source::File(file) => file.path(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(paths, [folder.path().join("values/a").as_path(), Path::new("/sys/b")]);
}

#[test]
fn a_script_that_repeats_lets_its_last_step_last_as_long_as_the_one_before() {
    let source = |keys: &str| {
        sensor(&format!("type = \"rpm\"\nsource = {{ steps = [{{ at = \"0s\", value = 0 }}, {{ at = \"10s\", value = 100 }}], {keys} }}")).sources.remove(0)
    };
    let at = |source: &Source, seconds: u64| source.value_at(seconds * 1_000_000_000).unwrap();
    let values = |keys: &str| [0, 5, 10, 15, 20, 25].map(|seconds| at(&source(keys), seconds));
    assert_eq!(values("repeat = true"), [0, 0, 100, 100, 0, 0]);
    assert_eq!(values("repeat = true, interpolate = true"), [0, 50, 100, 50, 0, 50]);
    assert_eq!(values("repeat = \"15s\""), [0, 0, 100, 0, 0, 100]);
    assert_eq!(values("repeat = false"), [0, 0, 100, 100, 100, 100]);
}

#[test]
fn the_phase_of_a_wave_is_a_part_or_a_time() {
    let first = |phase: &str| {
        let keys = format!(
            "type = \"V\"\nsource = {{ wave = \"ramp\", min = 0, max = 4, period = \"20s\", phase = {phase} }}"
        );
        sensor(&keys).sources[0].value_at(0)
    };
    assert_eq!(
        [first("0"), first("0.25"), first("\"5s\""), first("1"), first("\"45s\"")],
        [Some(0), Some(1000), Some(1000), Some(0), Some(1000)]
    );
}

#[test]
fn random_walks_differ_by_name_and_seed_and_by_nothing_else() {
    let text = |seed: u32, names: [&str; 2]| {
        let walk =
            "type = \"V\"\nsource = { walk = true, min = 0, max = 100, step = 1, every = \"1s\" }";
        format!(
            "[platform]\nvendor = \"acme\"\nseed = {seed}\n[[agent]]\nname = \"a\"\n[[sensor]]\nname = \"{}\"\n{walk}\n[[sensor]]\nname = \"{}\"\n{walk}",
            names[0], names[1]
        )
    };
    let path = |board: &Board, name: &str| {
        let (_, sensor) = board.sensor(name).unwrap();
        (0..50)
            .map(|second| sensor.sources[0].value_at(second * 1_000_000_000).unwrap())
            .collect::<Vec<_>>()
    };
    let parse = |seed, names| Board::parse(&text(seed, names), "test").unwrap();
    let (one, swapped, other) = (parse(1, ["x", "y"]), parse(1, ["y", "x"]), parse(2, ["x", "y"]));
    assert_ne!(path(&one, "x"), path(&one, "y"));
    assert_eq!(path(&one, "x"), path(&swapped, "x"));
    assert_ne!(path(&one, "x"), path(&other, "x"));
}
