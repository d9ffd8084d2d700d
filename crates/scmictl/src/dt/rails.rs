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
    for (id, rail) in (0..).zip(rails) {
        regulators = match regulator(id, rail) {
            Some(node) => regulators.child(node),
            None => regulators.comment(format!(
                "Domain {id}, \"{}\", goes from {} to {} microvolts: Linux has no negative voltages.",
                rail.name, rail.lowest, rail.highest
            )),
        };
    }
    let node = node.comment("A consumer names a regulator as vin-supply = <&scmi_voltageID>.");
    Some(node.child(regulators))
}

/// None for a rail with a negative voltage: Linux skips it, with a warning at each boot.
fn regulator(id: u32, rail: &Rail) -> Option<Node> {
    let lowest = u32::try_from(rail.lowest).ok()?;
    let highest = u32::try_from(rail.highest).ok()?;
    let node = Node::new(format!("regulator@{id:x}"))
        .label(&format!("scmi_voltage{id}"))
        .cells("reg", [Cell::Hex(id)])
        .text("regulator-name", &rail.name)
        .number("regulator-min-microvolt", lowest)
        .number("regulator-max-microvolt", highest);
    // Half a minute after its boot Linux switches off what nobody uses, and complains of a refusal.
    Some(if rail.can_be_off { node } else { node.flag("regulator-always-on") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dt::tree::Value;

    #[test]
    fn each_rail_is_a_regulator_by_its_id() {
        let rails: Vec<Rail> = (0..17)
            .map(|id| Rail {
                name: format!("rail{id}"),
                lowest: 1_800_000,
                highest: 3_300_000,
                can_be_off: id != 0,
            })
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
        let first = node.children[0].children.first().and_then(|rail| rail.properties.last());
        assert_eq!(first, Some(&("regulator-always-on", Value::Flag)));
    }

    #[test]
    fn a_negative_rail_is_left_to_a_comment_and_keeps_its_number() {
        let rail = |name: &str, lowest, highest| Rail {
            name: name.to_owned(),
            lowest,
            highest,
            can_be_off: true,
        };
        let rails = [rail("vee", -5_000_000, -3_300_000), rail("vdd", 900_000, 900_000)];
        let node = node(Node::new("protocol@17"), &rails).expect("a node");
        let regulators = &node.children[0];
        let names: Vec<&str> = regulators.children.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["regulator@1"]);
        assert_eq!(
            regulators.comments,
            [
                "Domain 0, \"vee\", goes from -5000000 to -3300000 microvolts: Linux has no negative voltages."
            ]
        );
    }
}
