//! The node of the Pin control protocol.

use std::collections::BTreeSet;

use super::contents::PinFunction;
use super::tree::Node;

/// The protocol's node with a state for each group, or pin, that a function can be given to. A state does nothing
/// until a consumer refers to it. None where there are no functions.
pub(super) fn node(node: Node, functions: &[PinFunction]) -> Option<Node> {
    if functions.is_empty() {
        return None;
    }
    let mut taken = BTreeSet::new();
    let mut node = node.comment(
        "A consumer names a state as pinctrl-0 = <&scmi_pins_...>, with pinctrl-names = \"default\".",
    );
    for function in functions {
        let groups = function.groups.iter().map(|group| ("groups", group));
        let pins = function.pins.iter().map(|pin| ("pins", pin));
        for (kind, member) in groups.chain(pins) {
            let name = unique(&format!("{}-{member}", function.name), &mut taken);
            let state = Node::new(format!("{name}-pins"))
                .label(&format!("scmi_pins_{}", name.replace('-', "_")))
                .text("function", &function.name)
                .text(kind, member);
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
    fn each_member_of_a_function_has_a_state_of_its_own() {
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
        let wanted = [
            "uart-uart0-grp-pins",
            "uart-uart0-grp-2-pins",
            "uart-a-group-with-a--pins",
            "gpio-led-pins",
        ];
        assert_eq!(names, wanted);
        let kinds: Vec<&str> =
            node.children.iter().filter_map(|state| Some(state.properties.last()?.0)).collect();
        assert_eq!(kinds, ["groups", "groups", "groups", "pins"]);
        assert_eq!(node.children[0].label.as_deref(), Some("scmi_pins_uart_uart0_grp"));
    }
}
