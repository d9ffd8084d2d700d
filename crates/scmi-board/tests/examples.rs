//! The boards in `examples/`: they load, and a Linux guest can live with what they say.

use std::path::{Path, PathBuf};

use scmi::Time;
use scmi::protocol::sensor::SensorType;
use scmi::protocol::sensor::platform::{Intervals, Sensor, SensorModel};
use scmi_board::{Board, TripAction};

const DEMO: &str = "demo.toml";
const WIDE: &str = "sensors-200.toml";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}

fn board(name: &str) -> Board {
    Board::load(path(name)).unwrap_or_else(|error| panic!("{error}"))
}

/// Every reading of every sensor over `seconds`, ten a second.
fn watch(board: &Board, seconds: u64, mut each: impl FnMut(&Sensor, &[i64])) {
    let mut model = board.sensor_model();
    let mut values = [0; 63];
    for tenth in 0..seconds * 10 {
        for (id, sensor) in board.sensors.iter().enumerate() {
            let values = &mut values[..sensor.sources.len()];
            model.read(Time::from_millis(tenth * 100), id, values).unwrap();
            each(&sensor.description, values);
        }
    }
}

const HWMON: [SensorType; 5] = [
    SensorType::TEMPERATURE_C,
    SensorType::VOLTAGE,
    SensorType::CURRENT,
    SensorType::POWER,
    SensorType::ENERGY,
];

#[test]
fn hwmon_kinds_are_never_negative_because_linux_scales_them_unsigned() {
    for name in [DEMO, WIDE] {
        watch(&board(name), 90, |sensor, values| {
            if sensor.axes.is_empty() && HWMON.contains(&sensor.kind) {
                assert!(values[0] >= 0, "{}: {values:?}", sensor.name);
            }
        });
    }
}

#[test]
fn the_demo_board_shows_every_kind_that_hwmon_knows() {
    let board = board(DEMO);
    assert!(board.sensors.len() >= 16);
    for kind in HWMON {
        assert!(board.sensors.iter().any(|sensor| sensor.description.kind == kind), "{kind:?}");
    }
    let names: Vec<&str> = board.agents.iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(names, ["vm1", "vm2", "manager"]);
    assert!(board.sensors.iter().any(|sensor| sensor.name().len() > 15), "an extended name");
    assert!(
        board.sensors.iter().any(|sensor| sensor.description.asynchronous),
        "an asynchronous sensor"
    );
}

#[test]
fn a_sensor_that_linux_makes_an_iio_device_of_is_one_it_accepts() {
    for name in [DEMO, WIDE] {
        let mut found = 0;
        for sensor in board(name).sensors.iter().map(|sensor| &sensor.description) {
            let motion = [SensorType::ACCELERATION, SensorType::ANGULAR_VELOCITY];
            if sensor.axes.len() != 3 || !motion.contains(&sensor.axes[0].kind) {
                continue;
            }
            found += 1;
            assert!(sensor.updates, "{}: the probe fails without updates", sensor.name);
            assert_ne!(sensor.config.interval.as_nanos(), 0, "{}: divided by", sensor.name);
            assert_ne!(sensor.intervals, Intervals::None);
            for (axis, end) in sensor.axes.iter().zip(["_X", "_Y", "_Z"]) {
                assert!(axis.name.ends_with(end), "{}", axis.name);
                // Linux divides the resolution by the scale of the axis and shows nonsense for less than one unit.
                assert!(
                    axis.limits
                        .resolution
                        .is_none_or(|resolution| resolution.exponent >= axis.exponent)
                );
            }
        }
        assert_eq!(found, 2, "{name}: an accelerometer and a gyroscope");
    }
}

#[test]
fn the_demo_board_crosses_its_trips_but_the_critical_ones() {
    let board = board(DEMO);
    let zones: Vec<_> = board
        .sensors
        .iter()
        .filter_map(|sensor| Some((sensor, sensor.thermal_zone.as_ref()?)))
        .collect();
    assert_eq!(zones.len(), 2);
    for (sensor, zone) in zones {
        let (mut least, mut greatest) = (i64::MAX, i64::MIN);
        watch(&board, 60, |description, values| {
            if description.name == sensor.name() {
                least = least.min(values[0]);
                greatest = greatest.max(values[0]);
            }
        });
        for trip in &zone.trips {
            let (at, below) = (
                i64::from(trip.temperature),
                i64::from(trip.temperature) - i64::from(trip.hysteresis),
            );
            let crossed = greatest > at && least < below;
            assert_eq!(
                crossed,
                trip.action != TripAction::Critical,
                "{} at {at}: {least}..{greatest}",
                sensor.name()
            );
        }
    }
}

#[test]
fn everything_on_the_demo_board_moves_but_one_rail() {
    let board = board(DEMO);
    let mut seen = std::collections::BTreeMap::new();
    watch(&board, 60, |sensor, values| {
        let entry = seen
            .entry(sensor.name.clone())
            .or_insert_with(|| (values.to_vec(), vec![false; values.len()]));
        for (index, value) in values.iter().enumerate() {
            entry.1[index] |= *value != entry.0[index];
        }
    });
    let still: Vec<&str> = seen
        .iter()
        .filter(|(_, (_, moved))| moved.contains(&false))
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(still, ["vdd-ddr"]);
}

#[test]
fn the_wide_board_has_every_shape_of_descriptor() {
    let size = std::fs::metadata(path(WIDE)).unwrap().len();
    assert!(size < 60_000, "{size} bytes");
    let board = board(WIDE);
    assert_eq!(board.sensors.len(), 200);
    let has = |what: &dyn Fn(&Sensor) -> bool| {
        board.sensors.iter().any(|sensor| what(&sensor.description))
    };
    let extended = |sensor: &Sensor| sensor.limits.resolution.is_some() || sensor.power != 0;
    assert!(
        has(&|sensor| sensor.name.len() == 15)
            && has(&|sensor| sensor.name.len() == 16)
            && has(&|sensor| sensor.name.len() == 63)
    );
    assert!(
        has(&|sensor| sensor.axes.is_empty() && extended(sensor))
            && has(&|sensor| sensor.axes.is_empty() && !extended(sensor))
    );
    assert!(has(&|sensor| sensor.axes.len() == 1) && has(&|sensor| sensor.axes.len() == 63));
    assert!(has(&|sensor| sensor.axes.iter().any(|axis| axis.name.len() > 15)));
    assert!(
        has(&|sensor| sensor.trip_points == 255)
            && has(&|sensor| sensor.asynchronous)
            && has(&|sensor| !sensor.config.enabled)
    );
    assert!(has(&|sensor| matches!(sensor.intervals, Intervals::Range { .. })));
    assert!(
        has(&|sensor| matches!(&sensor.intervals, Intervals::List(list) if list.len() > 31)),
        "more than a page of intervals"
    );
    let kinds: std::collections::BTreeSet<u8> = board
        .sensors
        .iter()
        .flat_map(|sensor| {
            core::iter::once(sensor.description.kind.0)
                .chain(sensor.description.axes.iter().map(|axis| axis.kind.0))
        })
        .collect();
    assert!((0..=0x5D).chain([0x7A, 0xFF]).all(|kind| kinds.contains(&kind)), "every type");
}
