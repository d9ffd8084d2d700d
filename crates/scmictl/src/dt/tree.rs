//! Nodes of a device tree, before they become text or bytes.

/// A node with what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    /// By which references find it.
    pub(super) label: Option<String>,
    /// Its name, with its unit address.
    pub(super) name: String,
    /// For people; only in source text, a line each.
    pub(super) comments: Vec<String>,
    pub(super) properties: Vec<(&'static str, Value)>,
    /// The base has this node, and the properties are added to it.
    pub(super) amends: bool,
    pub(super) children: Vec<Self>,
}

/// The value of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// It is there, and that is all.
    Flag,
    Text(String),
    Cells(Vec<Cell>),
}

/// A cell of 32 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Number(u32),
    /// Temperatures can be below zero.
    Signed(i32),
    Hex(u32),
    /// The phandle of the node with this label.
    Reference(String),
}

impl Node {
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    pub(super) fn label(mut self, label: &str) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds to a node of the base.
    pub(super) fn amending(mut self) -> Self {
        self.amends = true;
        self
    }

    pub(super) fn comment(mut self, line: impl Into<String>) -> Self {
        self.comments.push(line.into());
        self
    }

    pub(super) fn text(mut self, name: &'static str, text: &str) -> Self {
        self.properties.push((name, Value::Text(text.into())));
        self
    }

    pub(super) fn flag(mut self, name: &'static str) -> Self {
        self.properties.push((name, Value::Flag));
        self
    }

    pub(super) fn cells(mut self, name: &'static str, cells: impl Into<Vec<Cell>>) -> Self {
        self.properties.push((name, Value::Cells(cells.into())));
        self
    }

    pub(super) fn number(self, name: &'static str, number: u32) -> Self {
        self.cells(name, [Cell::Number(number)])
    }

    pub(super) fn child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// Whether any property in it refers to `label`.
    pub(super) fn refers_to(&self, label: &str) -> bool {
        let refers = |value: &Value| match value {
            Value::Flag | Value::Text(_) => false,
            Value::Cells(cells) => {
                cells.iter().any(|cell| matches!(cell, Cell::Reference(to) if to == label))
            }
        };
        self.properties.iter().any(|(_, value)| refers(value))
            || self.children.iter().any(|child| child.refers_to(label))
    }
}
