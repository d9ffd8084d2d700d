//! Adds a tree to a compiled one.

use core::error::Error;
use core::fmt;
use std::collections::BTreeMap;

use dtoolkit::fdt::Fdt;
use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use dtoolkit::{Node as _, Property as _};

use super::tree::{Cell, Node, Value};

/// Where a compiled tree has its size, and the CPU that boots.
const SIZE: usize = 4;
const BOOT_CPU: usize = 28;

/// The node with the CPUs, below the root.
pub(super) const CPUS: &str = "cpus";

/// Properties that hold a node's phandle; the second is the old name of it.
const PHANDLES: [&str; 2] = ["phandle", "linux,phandle"];

/// Why a tree was not merged.
#[derive(Debug)]
pub(super) enum MergeError {
    /// The base is no compiled device tree.
    NotATree(String),
    /// The base has this node already, by its path.
    Exists(String),
    /// The base has this property already, of the node at this path.
    Taken(String, &'static str),
    /// The base has another node for SCMI over virtio; Linux pairs only one.
    OtherScmi(String),
    /// The base uses every phandle there is.
    NoPhandle,
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotATree(why) => write!(f, "not a compiled device tree: {why}"),
            Self::Exists(path) => write!(f, "the tree has {path} already"),
            Self::Taken(path, name) => write!(f, "{path} of the tree has {name} already"),
            Self::OtherScmi(path) => {
                write!(
                    f,
                    "{path} is an arm,scmi-virtio node already, and a guest can have only one"
                )
            }
            Self::NoPhandle => f.write_str("the tree has no phandle left"),
        }
    }
}

impl Error for MergeError {}

/// A compiled tree that can be added to.
pub(super) struct Base {
    tree: DeviceTree,
    boot_cpu: [u8; 4],
}

impl Base {
    /// Understands a compiled tree that has no SCMI over virtio yet.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, MergeError> {
        let bad = |why: &dyn fmt::Display| MergeError::NotATree(why.to_string());
        let word = |at: usize| -> [u8; 4] {
            let word = bytes.get(at..).and_then(|bytes| bytes.first_chunk::<4>());
            word.copied().unwrap_or_default()
        };
        // A file may be longer than the tree in it.
        let size = usize::try_from(u32::from_be_bytes(word(SIZE))).unwrap_or(usize::MAX);
        let fdt = bytes.get(..size).ok_or_else(|| bad(&"it is cut off"))?;
        let tree = DeviceTree::from_fdt(&Fdt::new(fdt).map_err(|error| bad(&error))?);
        match find_scmi(&tree.root, "") {
            Some(path) => Err(MergeError::OtherScmi(path)),
            None => Ok(Self { tree, boot_cpu: word(BOOT_CPU) }),
        }
    }

    /// The names of its CPUs, in their order.
    pub(super) fn cpus(&self) -> Vec<String> {
        let cpus = self.tree.root.child(CPUS).into_iter().flat_map(DeviceTreeNode::children);
        let names = cpus.map(|cpu| cpu.name().to_owned());
        names.filter(|name| name.starts_with("cpu@")).collect()
    }

    /// The tree with the nodes of `root` added. What was there stays as it is, and in its place.
    pub(super) fn merge(mut self, root: &Node) -> Result<Vec<u8>, MergeError> {
        let handles = handles(&self.tree.root, root)?;
        add_children(&mut self.tree.root, root, "", &handles)?;
        let mut merged = self.tree.to_dtb();
        // The library leaves this at 0.
        if let Some(to) = merged.get_mut(BOOT_CPU..).and_then(|rest| rest.first_chunk_mut()) {
            *to = self.boot_cpu;
        }
        Ok(merged)
    }
}

/// The path of a node that Linux would pair with the virtio device.
fn find_scmi(node: &DeviceTreeNode, path: &str) -> Option<String> {
    let compatible =
        node.property("compatible").map_or_else(Vec::new, |names| names.value().into());
    if compatible.split(|byte| *byte == 0).any(|name| name == b"arm,scmi-virtio") {
        return Some(path.into());
    }
    node.children().find_map(|child| find_scmi(child, &format!("{path}/{}", child.name())))
}

/// A phandle for each label in `root` that something there refers to, above all that `base` has.
fn handles(base: &DeviceTreeNode, root: &Node) -> Result<BTreeMap<String, u32>, MergeError> {
    let mut next = highest(base);
    let mut handles = BTreeMap::new();
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        if let Some(label) = node.label.as_ref().filter(|label| root.refers_to(label)) {
            next = next
                .checked_add(1)
                .filter(|next| *next != u32::MAX)
                .ok_or(MergeError::NoPhandle)?;
            handles.insert(label.clone(), next);
        }
        waiting.extend(&node.children);
    }
    Ok(handles)
}

fn highest(node: &DeviceTreeNode) -> u32 {
    let own = PHANDLES.iter().filter_map(|name| {
        let bytes: [u8; 4] = node.property(name)?.value().try_into().ok()?;
        // The last number of all means "none".
        Some(u32::from_be_bytes(bytes)).filter(|handle| *handle != u32::MAX)
    });
    own.chain(node.children().map(highest)).max().unwrap_or(0)
}

/// Adds the children of `from` to `to`. A node that only holds others, or amends one, may be there already.
fn add_children(
    to: &mut DeviceTreeNode,
    from: &Node,
    path: &str,
    handles: &BTreeMap<String, u32>,
) -> Result<(), MergeError> {
    for child in &from.children {
        let path = format!("{path}/{}", child.name);
        match to.child_mut(&child.name) {
            Some(there) if child.amends || child.properties.is_empty() => {
                if let Some((name, _)) =
                    child.properties.iter().find(|(name, _)| there.property(name).is_some())
                {
                    return Err(MergeError::Taken(path, name));
                }
                add_properties(there, child, handles);
                add_children(there, child, &path, handles)?;
            }
            Some(_) => return Err(MergeError::Exists(path)),
            None => to.add_child(compiled(child, handles)),
        }
    }
    Ok(())
}

fn add_properties(to: &mut DeviceTreeNode, from: &Node, handles: &BTreeMap<String, u32>) {
    for (name, value) in &from.properties {
        let value = match value {
            Value::Flag => Vec::new(),
            Value::Text(text) => text.bytes().chain([0]).collect(),
            Value::Cells(cells) => cells.iter().flat_map(|cell| word(cell, handles)).collect(),
        };
        to.add_property(DeviceTreeProperty::new_unchecked::<Vec<u8>>(*name, value));
    }
}

fn compiled(node: &Node, handles: &BTreeMap<String, u32>) -> DeviceTreeNode {
    // Names are our own, or checked by the board file's reader.
    let mut compiled = DeviceTreeNode::new_unchecked(&node.name);
    add_properties(&mut compiled, node, handles);
    if let Some(handle) = node.label.as_ref().and_then(|label| handles.get(label)) {
        compiled.add_property(DeviceTreeProperty::new_unchecked("phandle", *handle));
    }
    for child in &node.children {
        compiled.add_child(self::compiled(child, handles));
    }
    compiled
}

fn word(cell: &Cell, handles: &BTreeMap<String, u32>) -> [u8; 4] {
    let word = match cell {
        Cell::Number(number) | Cell::Hex(number) => *number,
        Cell::Signed(number) => number.cast_unsigned(),
        Cell::Reference(label) => handles.get(label).copied().unwrap_or(u32::MAX),
    };
    word.to_be_bytes()
}
