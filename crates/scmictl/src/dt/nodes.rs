//! Which nodes a board has.

use scmi_board::ThermalZone;

use super::contents::Contents;
use super::tree::{Cell, Node};
use super::{cpus, pins, rails};

/// The label of the Sensor protocol's node, to which the thermal zones refer.
const SENSORS: &str = "scmi_sensor";

/// The root, with everything in it, for a tree that has these CPUs.
pub(super) fn root(contents: &Contents<'_>, cpus: &[String]) -> Node {
    let mut root = Node::new("").child(Node::new("firmware").child(scmi(contents)));
    root.children.extend(cpus::node(&contents.perf, cpus));
    let zones: Vec<Node> = contents
        .sensors
        .iter()
        .enumerate()
        .filter_map(|(id, sensor)| Some(zone(id, &sensor.name, sensor.zone?)))
        .collect();
    if zones.is_empty() {
        return root;
    }
    root.child(Node { children: zones, ..Node::new("thermal-zones") })
}

/// The node that Linux pairs with the one virtio device; the Base protocol has none of its own.
fn scmi(contents: &Contents<'_>) -> Node {
    let mut node = Node::new("scmi")
        .label("scmi")
        .text("compatible", "arm,scmi-virtio")
        .number("#address-cells", 1)
        .number("#size-cells", 0);
    node.children.extend(protocols(contents));
    node
}

/// A node for each protocol that has something, in the order of their numbers.
fn protocols(contents: &Contents<'_>) -> Vec<Node> {
    let sensors: Vec<String> =
        contents.sensors.iter().map(|sensor| format!("{}, {}", sensor.name, sensor.what)).collect();
    let perf_lines: Vec<String> = contents.perf.iter().map(cpus::line).collect();
    let power = provider(0x11, "scmi_power", "#power-domain-cells")
        .comment("A consumer names a domain as power-domains = <&scmi_power ID>:");
    let perf = provider(0x13, cpus::PERFORMANCE, "#power-domain-cells")
        .comment("A CPU or device names a domain as power-domains = <&scmi_perf ID>,")
        .comment("with power-domain-names = \"perf\":");
    let clocks = provider(0x14, "scmi_clock", "#clock-cells")
        .comment("A consumer names a clock as clocks = <&scmi_clock ID>:");
    let sensor = provider(0x15, SENSORS, "#thermal-sensor-cells")
        .comment(format!("A consumer names a sensor as thermal-sensors = <&{SENSORS} ID>:"));
    let resets = provider(0x16, "scmi_reset", "#reset-cells")
        .comment("A consumer names a domain as resets = <&scmi_reset ID>:");
    let powercap =
        protocol(0x18).comment("Nothing refers to it; Linux shows the domains in sysfs:");
    let nodes = [
        listing(power, &contents.power),
        contents
            .system
            .then(|| protocol(0x12).comment("Nothing refers to it; Linux obeys what it is told.")),
        listing(perf, &perf_lines),
        listing(clocks, &contents.clocks),
        listing(sensor, &sensors),
        listing(resets, &contents.resets),
        rails::node(protocol(0x17), &contents.voltages),
        listing(powercap, &contents.powercap),
        pins::node(protocol(0x19), &contents.pins),
    ];
    nodes.into_iter().flatten().collect()
}

/// A protocol's node.
fn protocol(id: u8) -> Node {
    Node::new(format!("protocol@{id:x}")).cells("reg", [Cell::Hex(id.into())])
}

/// The same of a protocol whose resources are named by one cell.
fn provider(id: u8, label: &str, cells: &'static str) -> Node {
    protocol(id).label(label).number(cells, 1)
}

/// The node, with a comment for each of `lines`; none where there are none.
fn listing(node: Node, lines: &[String]) -> Option<Node> {
    let comment =
        |node: Node, (id, line): (usize, &String)| node.comment(format!("{id:>3}  {line}"));
    (!lines.is_empty()).then(|| lines.iter().enumerate().fold(node, comment))
}

fn zone(id: usize, name: &str, zone: &ThermalZone) -> Node {
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
        .comment(format!("Sensor {id} is {name}."))
        .cells("thermal-sensors", [Cell::Reference(SENSORS.into()), Cell::Number(id)])
        .child(trips)
}

#[cfg(test)]
mod tests {
    use scmi_board::Cpus;

    use super::super::contents::{PerfLine, PinFunction, Rail, SensorLine};
    use super::super::source;
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn everything() -> Contents<'static> {
        let rail = |name: &str, lowest, highest| Rail {
            name: name.into(),
            lowest,
            highest,
            can_be_off: lowest < 0,
        };
        Contents {
            power: names(&["gpu"]),
            system: true,
            perf: vec![
                PerfLine { name: "cpu0".into(), cpus: Some(Cpus::All) },
                PerfLine { name: "npu".into(), cpus: None },
            ],
            clocks: names(&["pll", "uart"]),
            sensors: vec![SensorLine {
                name: "cpu".into(),
                what: "temperature".into(),
                zone: None,
            }],
            resets: names(&["usb"]),
            voltages: vec![
                rail("vdd-io", 1_800_000, 3_300_000),
                rail("vee", -5_000_000, -3_300_000),
            ],
            powercap: names(&["soc"]),
            pins: vec![
                PinFunction {
                    name: "uart".into(),
                    groups: names(&["uart0 grp", "uart1"]),
                    pins: Vec::new(),
                },
                PinFunction { name: "gpio".into(), groups: Vec::new(), pins: names(&["led"]) },
            ],
        }
    }

    #[test]
    fn each_protocol_has_the_cells_that_linux_wants() {
        let wanted = [
            ("protocol@11", Some("#power-domain-cells")),
            ("protocol@12", None),
            ("protocol@13", Some("#power-domain-cells")),
            ("protocol@14", Some("#clock-cells")),
            ("protocol@15", Some("#thermal-sensor-cells")),
            ("protocol@16", Some("#reset-cells")),
            ("protocol@17", None),
            ("protocol@18", None),
            ("protocol@19", None),
        ];
        let nodes = protocols(&everything());
        let found: Vec<_> = nodes
            .iter()
            .map(|node| {
                let mut names = node.properties.iter().map(|(name, _)| *name);
                (node.name.as_str(), names.rfind(|name| name.ends_with("-cells")))
            })
            .collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_protocol_without_anything_has_no_node() {
        assert_eq!(protocols(&Contents::default()), []);
        let clocks = Contents { clocks: names(&["pll"]), ..Contents::default() };
        let nodes = protocols(&clocks);
        assert_eq!(nodes.len(), 1);
        assert_eq!(nodes[0].comments.last().map(String::as_str), Some("  0  pll"));
    }

    #[test]
    fn a_board_with_everything_compiles_without_a_warning() {
        let text = source::text(&root(&everything(), &[]), "a test");
        let folder = tempfile::tempdir().expect("a folder");
        let (dts, dtb) = (folder.path().join("all.dts"), folder.path().join("all.dtb"));
        std::fs::write(&dts, &text).expect("written");
        let output = std::process::Command::new("dtc")
            .args(["-I", "dts", "-O", "dtb", "-E", "unit_address_vs_reg", "-o"])
            .args([&dtb, &dts])
            .output()
            .expect("dtc runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{said}\n{text}");
    }
}
