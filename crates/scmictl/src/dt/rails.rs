//! The node of the Voltage protocol.

use super::contents::Rail;
use super::tree::{Cell, Node};

/// The protocol's node with a regulator for each rail: Linux knows only those that the tree has. None where there
/// are none.
pub(super) fn node(node: Node, rails: &[Rail]) -> Option<Node> {
    if rails.is_empty() {
        return None;
    }
    let mut regulators =
        Node::new("regulators").number("#address-cells", 1).number("#size-cells", 0);
    // A board has at most 65535 voltage domains.
    regulators.children = (0..).zip(rails).map(|(id, rail)| regulator(id, rail)).collect();
    let node = node.comment("A consumer names a regulator as vin-supply = <&scmi_voltageID>.");
    Some(node.child(regulators))
}

fn regulator(id: u32, rail: &Rail) -> Node {
    let node = Node::new(format!("regulator@{id:x}"))
        .label(&format!("scmi_voltage{id}"))
        .cells("reg", [Cell::Hex(id)])
        .text("regulator-name", &rail.name);
    // Linux takes the limits of a regulator for positive numbers.
    match (u32::try_from(rail.lowest), u32::try_from(rail.highest)) {
        (Ok(lowest), Ok(highest)) => node
            .number("regulator-min-microvolt", lowest)
            .number("regulator-max-microvolt", highest),
        _ => node.comment(format!("From {} to {} microvolts.", rail.lowest, rail.highest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dt::tree::Value;

    #[test]
    fn each_rail_is_a_regulator_by_its_id() {
        let rails: Vec<Rail> = (0..17)
            .map(|id| Rail { name: format!("rail{id}"), lowest: 1_800_000, highest: 3_300_000 })
            .collect();
        let node = node(Node::new("protocol@17"), &rails).expect("a node");
        let last = node.children[0].children.last().expect("a regulator");
        assert_eq!(last.name, "regulator@10");
        assert_eq!(last.label.as_deref(), Some("scmi_voltage16"));
        let properties = [
            ("reg", Value::Cells(vec![Cell::Hex(16)])),
            ("regulator-name", Value::Text("rail16".into())),
            ("regulator-min-microvolt", Value::Cells(vec![Cell::Number(1_800_000)])),
            ("regulator-max-microvolt", Value::Cells(vec![Cell::Number(3_300_000)])),
        ];
        assert_eq!(last.properties, properties);
    }

    #[test]
    fn a_negative_rail_has_no_limits() {
        let rails = [Rail { name: "vee".into(), lowest: -5_000_000, highest: -3_300_000 }];
        let node = node(Node::new("protocol@17"), &rails).expect("a node");
        let regulator = &node.children[0].children[0];
        assert_eq!(regulator.properties.len(), 2);
        assert_eq!(regulator.comments, ["From -5000000 to -3300000 microvolts."]);
    }
}
