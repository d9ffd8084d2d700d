//! A reading allocates nothing, whatever its source.

use std::path::Path;

use scmi::Time;
use scmi::protocol::sensor::platform::SensorModel;
use scmi_board::{Board, BoardSensors};

fn allocations(model: &mut BoardSensors, reads: u64, sensors: usize) -> u64 {
    let mut values = [0; 63];
    let info = allocation_counter::measure(|| {
        for read in 0..reads {
            for id in 0..sensors {
                let count = model.sensors()[id].axes.len().max(1);
                let _ = model.read(Time::from_millis(read * 10), id, &mut values[..count]);
            }
        }
    });
    info.count_total
}

#[test]
fn the_boards_of_the_examples_are_read_without_allocating() {
    for name in ["demo.toml", "sensors-200.toml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
        let board = Board::load(path).unwrap();
        assert_eq!(allocations(&mut board.sensor_model(), 100, board.sensors.len()), 0, "{name}");
    }
}

#[test]
fn a_file_is_read_without_allocating() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("value");
    std::fs::write(&path, "45.5\n").unwrap();
    let text = format!(
        "[platform]\nvendor = \"a\"\n[[agent]]\nname = \"a\"\n[[sensor]]\nname = \"host\"\ntype = \"temperature\"\nsource = {{ file = {:?}, every = \"1 ms\" }}",
        path.display().to_string()
    );
    let board = Board::parse(&text, "test").unwrap();
    let mut model = board.sensor_model();
    assert_eq!(allocations(&mut model, 100, 1), 0);
    let mut value = [0];
    model.read(Time::from_millis(2000), 0, &mut value).unwrap();
    assert_eq!(value, [45_500]);
}
