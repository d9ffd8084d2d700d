//! The guest's device tree: what of the machine's it has, and SCMI.
//!
//! The guest has the processor, the interrupt controller, the timer, the serial port and other devices that do nothing to
//! memory by themselves. One that does (virtio, PCI, QEMU's configuration device) would do it past stage 2, also to our
//! memory: that would take an SMMU. So these are left out, there and in [`Stage2`].

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use dtoolkit::fdt::Fdt;
use dtoolkit::model::{DeviceTree, DeviceTreeNode, DeviceTreeProperty};
use dtoolkit::standard::NodeStandard as _;
use dtoolkit::{Node as _, Property as _, ToPropertyValue};

use crate::board::PROTOCOLS;
use crate::calls::SCMI;
use crate::failure::Failure;
use crate::layout::{AREA_BYTES, GUEST, MEMORY, SHARED};
use crate::stage2::{How, Stage2};

/// Registers that the guest has whole: a serial port, a clock, a switch.
const GIVEN: [&str; 3] = ["arm,pl011", "arm,pl031", "arm,pl061"];

/// A GIC of version 2. One of version 3 writes to memory where its registers say.
const CONTROLLER: &str = "arm,cortex-a15-gic";

/// Of the controller's registers, the distributor's and the processor's. The others are a hypervisor's.
const CONTROLLER_PARTS: usize = 2;

/// Bytes of an address and a length in `reg`, which `virt` has in two cells each.
const REG: usize = 16;

/// What others refer to the area by, and to a protocol, whose number is added. `virt`'s own are elsewhere.
const PHANDLE: u32 = 0x5C00_0000;

/// The guest's tree. What registers it has are added to `reach`, and its memory.
///
/// # Errors
/// When the machine is another one than thought.
pub(crate) fn for_guest(machine: &Fdt<'_>, reach: &mut Stage2) -> Result<Vec<u8>, Failure> {
    let mut tree = DeviceTree::from_fdt(machine);
    tree.memory_reservations.clear();
    let root = &mut tree.root;
    let absent: Vec<String> =
        root.children().filter(|node| !is_kept(node)).map(|node| node.name().into()).collect();
    for name in absent {
        root.remove_child(&name);
    }
    let memory = memory(root)?;
    reach.add(memory.clone(), How::Memory)?;
    reach.add(SHARED, How::Shared)?;
    let mut controllers = 0;
    for node in root.children_mut() {
        if is_compatible(node, &[CONTROLLER]) {
            controllers += 1;
            keep_two_parts(node);
        } else if !is_compatible(node, &GIVEN) {
            continue;
        }
        for range in ranges(node) {
            reach.add(range, How::Device)?;
        }
    }
    if controllers == 0 {
        return Err(Failure::Tree("interrupt controller of version 2"));
    }
    add_scmi(root);
    Ok(tree.to_dtb())
}

/// Whether the guest has a node: one without registers or a bus, the memory's, or one that it is given.
fn is_kept(node: &DeviceTreeNode) -> bool {
    let is_nowhere = ["reg", "ranges"].iter().all(|name| node.property(name).is_none());
    let is_memory = node.name_without_address() == "memory";
    is_nowhere || is_memory || is_compatible(node, &[CONTROLLER]) || is_compatible(node, &GIVEN)
}

/// The guest's part of the memory, which the tree then says.
fn memory(root: &mut DeviceTreeNode) -> Result<Range<u64>, Failure> {
    let is_it = |node: &&mut DeviceTreeNode| node.name_without_address() == "memory";
    let node = root.children_mut().find(is_it).ok_or(Failure::Tree("memory"))?;
    let all = ranges(node).into_iter().find(|range| range.start == MEMORY.start);
    let end = all.map_or(0, |range| range.end.min(MEMORY.end));
    if end <= GUEST {
        return Err(Failure::Tree("memory for a guest"));
    }
    let [high, low] = [GUEST, end - GUEST].map(u64::to_be_bytes);
    set(node, "reg", [high, low].as_flattened());
    Ok(GUEST..end)
}

/// Takes from the interrupt controller what a hypervisor would use, and what turns writes into interrupts.
fn keep_two_parts(node: &mut DeviceTreeNode) {
    let children: Vec<String> = node.children().map(|child| child.name().into()).collect();
    for name in children {
        node.remove_child(&name);
    }
    let reg = node.property("reg").map(|reg| reg.value().to_vec()).unwrap_or_default();
    set(node, "reg", reg.get(..CONTROLLER_PARTS * REG).unwrap_or(&reg));
}

/// The area and the platform, by their bindings.
fn add_scmi(root: &mut DeviceTreeNode) {
    let bytes = u64::try_from(AREA_BYTES).unwrap_or(0);
    let mut area = DeviceTreeNode::new_unchecked(format!("scmi-shmem@{:x}", SHARED.start));
    set(&mut area, "compatible", "arm,scmi-shmem");
    set(&mut area, "reg", [SHARED.start, bytes].map(u64::to_be_bytes).as_flattened());
    set(&mut area, "no-map", [0_u8; 0]);
    set(&mut area, "phandle", PHANDLE);
    let reserved = child(root, "reserved-memory");
    set(reserved, "#address-cells", 2_u32);
    set(reserved, "#size-cells", 2_u32);
    set(reserved, "ranges", [0_u8; 0]);
    reserved.add_child(area);

    let mut scmi = DeviceTreeNode::new_unchecked("scmi");
    set(&mut scmi, "compatible", "arm,scmi-smc");
    set(&mut scmi, "arm,smc-id", SCMI);
    set(&mut scmi, "shmem", PHANDLE);
    set(&mut scmi, "#address-cells", 1_u32);
    set(&mut scmi, "#size-cells", 0_u32);
    for (number, cells) in PROTOCOLS {
        let mut protocol = DeviceTreeNode::new_unchecked(format!("protocol@{number:x}"));
        set(&mut protocol, "reg", number);
        set(&mut protocol, cells, 1_u32);
        set(&mut protocol, "phandle", PHANDLE + number);
        scmi.add_child(protocol);
    }
    child(root, "firmware").add_child(scmi);
}

/// A child of that name, which is added if it is not there.
fn child<'n>(node: &'n mut DeviceTreeNode, name: &str) -> &'n mut DeviceTreeNode {
    node.add_child_mut(DeviceTreeNode::new_unchecked(name))
}

fn set(node: &mut DeviceTreeNode, name: &str, value: impl ToPropertyValue) {
    node.add_property(DeviceTreeProperty::new_unchecked(name, value));
}

fn is_compatible(node: &DeviceTreeNode, with: &[&str]) -> bool {
    with.iter().any(|with| node.is_compatible(with))
}

/// What `reg` says.
fn ranges(node: &DeviceTreeNode) -> Vec<Range<u64>> {
    let reg = node.property("reg");
    let reg = reg.as_ref().map_or(&[][..], |reg| reg.value());
    let (parts, _) = reg.as_chunks::<REG>();
    let range = |part: &[u8; REG]| {
        let (address, len) = part.split_at(REG / 2);
        let number = |bytes: &[u8]| bytes.iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
        let start = number(address);
        start..start.saturating_add(number(len))
    };
    parts.iter().map(range).collect()
}
