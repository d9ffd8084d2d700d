//! A tree as source text.

use super::tree::{Cell, Node, Value};

/// Source text that compiles as it is; `origin` is said to be where it comes from.
pub(super) fn text(root: &Node, origin: &str) -> String {
    let mut text = format!("/* From {} by scmictl dt. */\n\n/dts-v1/;\n\n", plain(origin));
    let mut root = root.clone();
    root.name = "/".into();
    node(&root, 0, &mut text);
    text
}

fn node(node_: &Node, depth: usize, text: &mut String) {
    let tabs = "\t".repeat(depth);
    let inner = "\t".repeat(depth + 1);
    let label = node_.label.as_ref().map_or_else(String::new, |label| format!("{label}: "));
    text.push_str(&format!("{tabs}{label}{} {{\n", node_.name));
    for (name, value) in &node_.properties {
        text.push_str(&format!("{inner}{name}{};\n", shown(value)));
    }
    for line in &node_.comments {
        text.push_str(&format!("{inner}/* {} */\n", plain(line)));
    }
    for (position, child) in node_.children.iter().enumerate() {
        if position > 0 || !node_.properties.is_empty() {
            text.push('\n');
        }
        node(child, depth + 1, text);
    }
    text.push_str(&format!("{tabs}}};\n"));
}

/// What stands between a property's name and its end.
fn shown(value: &Value) -> String {
    match value {
        Value::Flag => String::new(),
        Value::Text(text) => format!(" = \"{}\"", text.escape_default()),
        Value::Cells(cells) => {
            let cells: Vec<String> = cells.iter().map(cell).collect();
            format!(" = <{}>", cells.join(" "))
        }
    }
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Number(number) => number.to_string(),
        // dtc wants an expression in parentheses.
        Cell::Signed(number) if *number < 0 => format!("({number})"),
        Cell::Signed(number) => number.to_string(),
        Cell::Hex(number) => format!("{number:#x}"),
        Cell::Reference(label) => format!("&{label}"),
    }
}

/// What may stand in a comment: names of sensors are anything.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect::<String>().replace("*/", "* /")
}
