//! The node of the Pin control protocol.

use std::collections::BTreeSet;

use super::contents::PinFunction;
use super::tree::Node;

/// The protocol's node with a state for each group that a function can be given to. A state does nothing until a
/// consumer refers to it. A function of pins gets none: Linux takes its pins for groups. None where there are no
/// functions.
pub(super) fn node(node: Node, functions: &[PinFunction]) -> Option<Node> {
    if functions.is_empty() {
        return None;
    }
    let mut taken = BTreeSet::new();
    let mut node = node.comment(
        "A consumer names a state as pinctrl-0 = <&scmi_pins_...>, with pinctrl-names = \"default\".",
    );
    for function in functions {
        if !function.pins.is_empty() {
            let pins = function.pins.join(", ");
            node = node.comment(format!(
                "Function {} is one of pins ({pins}). Linux 6.12 knows functions of groups only.",
                function.name
            ));
        }
        for group in &function.groups {
            let name = unique(&format!("{}-{group}", function.name), &mut taken);
            let state = Node::new(format!("{name}-pins"))
                .label(&format!("scmi_pins_{}", name.replace('-', "_")))
                .text("function", &function.name)
                .text("groups", group);
            node = node.child(state);
        }
    }
    Some(node)
}

/// What of `wanted` can stand in the name of a node, made different from all that were given out. A node's name has
/// 31 characters, of which "-pins" and a number take some.
fn unique(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' }
    };
    let name: String = wanted.chars().map(plain).take(20).collect();
    let mut candidate = name.clone();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{name}-{number}");
        number += 1;
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_of_a_function_has_a_state_of_its_own() {
        let groups = ["uart0 grp", "UART0_GRP", "a group with a name that is far too long"];
        let uart = PinFunction {
            name: "uart".into(),
            groups: groups.map(String::from).into(),
            pins: Vec::new(),
        };
        let gpio =
            PinFunction { name: "gpio".into(), groups: Vec::new(), pins: vec!["led".into()] };
        let functions = [uart, gpio];
        let node = node(Node::new("protocol@19"), &functions).expect("a node");
        let names: Vec<&str> = node.children.iter().map(|state| state.name.as_str()).collect();
        let wanted = ["uart-uart0-grp-pins", "uart-uart0-grp-2-pins", "uart-a-group-with-a--pins"];
        assert_eq!(names, wanted);
        let comment = node.comments.last().map(String::as_str);
        let said = "Function gpio is one of pins (led). Linux 6.12 knows functions of groups only.";
        assert_eq!(comment, Some(said));
        assert_eq!(node.children[0].label.as_deref(), Some("scmi_pins_uart_uart0_grp"));
    }
}
