//! The node of a PCI bridge.

use dtoolkit::fdt::FdtNode;
use dtoolkit::standard::NodeStandard as _;
use dtoolkit::{Node as _, Property as _};

use super::{Line, Place, Tree, line, places};

/// In the first word of a PCI address: memory that is reached by 32 bits.
const MEMORY32: u32 = 0x0200_0000;
const SPACE: u32 = 0x0300_0000;

/// A PCI bridge whose configuration spaces are memory (ECAM).
#[derive(Clone, Copy, Debug)]
pub struct Bridge {
    /// The configuration spaces.
    pub configuration: Place,
    /// Where functions of the bus can be, as the bus counts.
    pub window: Place,
    tree: Tree,
    node: FdtNode<'static>,
}

impl Bridge {
    /// What the node says. None if it lacks a part, or addresses of the bus are not the processor's.
    pub(super) fn of(tree: Tree, node: FdtNode<'static>) -> Option<Self> {
        let configuration = places(node).next()?;
        let window = words(node, "ranges")?.as_chunks::<7>().0.iter().find_map(|range| {
            let range = range.map(u32::from_be_bytes);
            let [space, bus_high, bus_low, high, low, len_high, len_low] = range;
            let wide = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
            let address = wide(bus_high, bus_low);
            (space & SPACE == MEMORY32 && address == wide(high, low))
                .then(|| Place { address, len: wide(len_high, len_low) })
        })?;
        Some(Self { configuration, window, tree, node })
    }

    /// The interrupt of a function's pin: 1 is A, 4 is D.
    pub fn interrupt(&self, device: u8, function: u8, pin: u8) -> Option<Line> {
        let [mask, .., pin_mask] =
            <[[u8; 4]; 4]>::try_from(words(self.node, "interrupt-map-mask")?)
                .ok()?
                .map(u32::from_be_bytes);
        let wanted = (u32::from(device) << 11 | u32::from(function) << 8) & mask;
        let pin = u32::from(pin) & pin_mask;
        let mut map = words(self.node, "interrupt-map")?;
        // Each entry: the function's address and pin, the controller, an address and an interrupt there.
        loop {
            let ([address, _, _, entry_pin, handle], rest) = map.split_first_chunk::<5>()?;
            let controller = self.tree.handle(u32::from_be_bytes(*handle))?;
            let skipped = usize::try_from(controller.address_cells().ok()?).ok()?;
            let (interrupt, rest) = rest.get(skipped..)?.split_first_chunk::<3>()?;
            if [*address, *entry_pin].map(u32::from_be_bytes) == [wanted, pin] {
                return line(interrupt.iter().map(|word| u32::from_be_bytes(*word)));
            }
            map = rest;
        }
    }
}

/// A property's words, each with its highest byte first.
fn words(node: FdtNode<'static>, name: &str) -> Option<&'static [[u8; 4]]> {
    Some(node.property(name)?.value_as::<&'static [u8]>().ok()?.as_chunks::<4>().0)
}
