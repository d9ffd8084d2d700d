//! Which nodes a board has.

use scmi_board::{Board, Sensor, ThermalZone};

use super::tree::{Cell, Node};

/// The label of the Sensor protocol's node, to which consumers refer.
const SENSORS: &str = "scmi_sensor";

/// The root, with everything in it.
pub(super) fn root(board: &Board) -> Node {
    let root = Node::new("").child(Node::new("firmware").child(scmi(board)));
    let zones: Vec<Node> = board
        .sensors
        .iter()
        .enumerate()
        .filter_map(|(id, sensor)| Some(zone(id, sensor, sensor.thermal_zone.as_ref()?)))
        .collect();
    if zones.is_empty() {
        return root;
    }
    root.child(Node { children: zones, ..Node::new("thermal-zones") })
}

/// The node that Linux pairs with the one virtio device; the Base protocol has none of its own.
fn scmi(board: &Board) -> Node {
    let node = Node::new("scmi")
        .label("scmi")
        .text("compatible", "arm,scmi-virtio")
        .number("#address-cells", 1)
        .number("#size-cells", 0);
    if board.sensors.is_empty() { node } else { node.child(sensors(board)) }
}

fn sensors(board: &Board) -> Node {
    let node = Node::new("protocol@15")
        .label(SENSORS)
        .cells("reg", [Cell::Hex(0x15)])
        .number("#thermal-sensor-cells", 1)
        .comment(format!("A consumer names a sensor as thermal-sensors = <&{SENSORS} ID>:"));
    board.sensors.iter().enumerate().fold(node, |node, (id, sensor)| {
        node.comment(format!("{id:>3}  {}, {}", sensor.name(), what(sensor)))
    })
}

/// What a sensor measures, in words.
fn what(sensor: &Sensor) -> String {
    let description = &sensor.description;
    let axes = description.axes.len();
    let kind = description.axes.first().map_or(description.kind, |axis| axis.kind);
    let word = kind.word().map_or_else(|| format!("type {:#04x}", kind.0), String::from);
    if axes == 0 { word } else { format!("{word} on {axes} axes") }
}

fn zone(id: usize, sensor: &Sensor, zone: &ThermalZone) -> Node {
    let polling = u32::try_from(zone.polling.as_millis()).unwrap_or(u32::MAX);
    // A board has at most 65535 sensors.
    let id = u32::try_from(id).unwrap_or(u32::MAX);
    let trips = zone.trips.iter().enumerate().fold(Node::new("trips"), |trips, (number, trip)| {
        trips.child(
            Node::new(format!("{}{number}", trip.action.word()))
                .cells("temperature", [Cell::Signed(trip.temperature)])
                .number("hysteresis", trip.hysteresis)
                .text("type", trip.action.word()),
        )
    });
    Node::new(&zone.name)
        .number("polling-delay-passive", polling)
        .number("polling-delay", polling)
        .comment(format!("Sensor {id} is {}.", sensor.name()))
        .cells("thermal-sensors", [Cell::Reference(SENSORS.into()), Cell::Number(id)])
        .child(trips)
}
