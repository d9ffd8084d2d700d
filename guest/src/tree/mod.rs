//! The device tree, and what of it is wanted.

mod bridge;
mod scmi;

use core::fmt;

use dtoolkit::error::FdtParseError;
use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::standard::NodeStandard as _;
use dtoolkit::{Node as _, Property as _};

pub use bridge::Bridge;
pub use scmi::ScmiNode;

/// The device tree of the machine.
#[derive(Clone, Copy)]
pub struct Tree {
    fdt: Fdt<'static>,
}

/// Registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where they are.
    pub address: u64,
    /// Bytes of them.
    pub len: u64,
}

/// An interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number at the controller.
    pub number: u32,
    /// Whether its level counts; its edge otherwise.
    pub level: bool,
}

/// A place for a virtio device, with one or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VirtioPlace {
    /// Its registers.
    pub place: Place,
    /// Its interrupt.
    pub line: Line,
}

/// An interrupt controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller {
    /// GIC version 2.
    V2 {
        /// What all processors share.
        distributor: Place,
        /// What each has of its own.
        processor: Place,
    },
    /// GIC version 3.
    V3 {
        /// What all processors share.
        distributor: Place,
        /// One redistributor a processor.
        redistributors: Place,
    },
}

impl Tree {
    /// The tree at that address.
    ///
    /// # Errors
    /// When there is none.
    ///
    /// # Safety
    /// `address` is that of a tree, and nobody writes there from now on; or what is there does not begin like one.
    pub unsafe fn at(address: *const u8) -> Result<Self, FdtParseError> {
        // SAFETY: the caller promises the same.
        unsafe { Fdt::from_raw(address) }.map(|fdt| Self { fdt })
    }

    /// All of it.
    pub const fn fdt(self) -> Fdt<'static> {
        self.fdt
    }

    /// The nodes at the root that are compatible with that.
    fn compatible(self, with: &str) -> impl Iterator<Item = FdtNode<'static>> {
        self.fdt.root().children().filter(move |node| node.is_compatible(with))
    }

    /// Where the serial port is that messages go to.
    pub(crate) fn console(self) -> Option<Place> {
        let chosen = self.fdt.find_node("/chosen")?;
        let path = chosen.property("stdout-path")?;
        // Speed and format come after a colon.
        let path = path.value_as::<&str>().ok()?.split(':').next()?;
        let node = self.fdt.find_node(path)?;
        node.is_compatible("arm,pl011").then(|| places(node).next()).flatten()
    }

    /// Whether PSCI is reached by `smc`.
    pub(crate) fn psci_is_secure(self) -> bool {
        let node = self.fdt.find_node("/psci");
        let method = node.and_then(|node| node.property("method"));
        method.is_some_and(|method| method.value_as::<&str>() == Ok("smc"))
    }

    /// The interrupt controller.
    pub fn controller(self) -> Option<Controller> {
        let two = |node| {
            let mut places = places(node);
            Some((places.next()?, places.next()?))
        };
        if let Some(node) = self.compatible("arm,gic-v3").next() {
            let (distributor, redistributors) = two(node)?;
            return Some(Controller::V3 { distributor, redistributors });
        }
        let v2 = self.compatible("arm,cortex-a15-gic").chain(self.compatible("arm,gic-400"));
        let (distributor, processor) = two(v2.into_iter().next()?)?;
        Some(Controller::V2 { distributor, processor })
    }

    /// The interrupt of the virtual timer.
    pub fn timer(self) -> Option<Line> {
        let node = self.compatible("arm,armv8-timer").next()?;
        // By its binding: secure, not secure, virtual, and the hypervisor's.
        lines(node).nth(2)
    }

    /// The places for virtio devices.
    pub fn virtio(self) -> impl Iterator<Item = VirtioPlace> {
        self.compatible("virtio,mmio").filter_map(|node| {
            Some(VirtioPlace { place: places(node).next()?, line: lines(node).next()? })
        })
    }

    /// The PCI bridge.
    pub fn bridge(self) -> Option<Bridge> {
        Bridge::of(self, self.compatible("pci-host-ecam-generic").next()?)
    }

    /// What the tree says of SCMI, if it does.
    pub fn scmi(self) -> Option<ScmiNode> {
        ScmiNode::of(&scmi_fdt::find(self.fdt.data()).ok()??)
    }

    /// The node at the root with that handle.
    fn handle(self, handle: u32) -> Option<FdtNode<'static>> {
        self.fdt.root().children().find(|node| node.phandle() == Ok(Some(handle)))
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").finish_non_exhaustive()
    }
}

/// The registers of a node.
fn places(node: FdtNode<'static>) -> impl Iterator<Item = Place> {
    node.reg()
        .ok()
        .flatten()
        .into_iter()
        .flatten()
        .filter_map(|reg| Some(Place { address: reg.address().ok()?, len: reg.size().ok()? }))
}

/// The interrupts of a node, at a GIC.
fn lines(node: FdtNode<'static>) -> impl Iterator<Item = Line> {
    let property = node.property("interrupts");
    let words = property.and_then(|property| property.value_as::<&'static [u8]>().ok());
    let (triples, _) = words.unwrap_or_default().as_chunks::<12>();
    triples.iter().filter_map(|triple| {
        let (words, _) = triple.as_chunks::<4>();
        line(words.iter().map(|word| u32::from_be_bytes(*word)))
    })
}

/// An interrupt as a GIC's binding has it: kind, number, flags.
fn line(mut cells: impl Iterator<Item = u32>) -> Option<Line> {
    let (kind, number, flags) = (cells.next()?, cells.next()?, cells.next()?);
    let first = match kind {
        0 => 32,
        1 => 16,
        _ => return None,
    };
    Some(Line { number: number.checked_add(first)?, level: flags & 0b1100 != 0 })
}
