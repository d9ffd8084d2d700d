//! From a phandle to an address of the processor's.

use crate::blob::{BadTree, Blob, Token, cell, strings};

/// Deeper trees are refused; those of real machines have five or six levels.
const DEPTH: usize = 16;

/// Where an area of shared memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Its address, as the processor sees it.
    pub address: u64,
    /// Its bytes.
    pub size: u64,
}

/// A node on the way down.
#[derive(Clone, Copy, Debug)]
struct Level<'a> {
    address_cells: usize,
    size_cells: usize,
    ranges: Option<&'a [u8]>,
    reg: &'a [u8],
    phandle: Option<u32>,
    shmem: bool,
}

impl Level<'_> {
    /// What counts where a node does not say.
    const NEW: Self = Self {
        address_cells: 2,
        size_cells: 1,
        ranges: None,
        reg: &[],
        phandle: None,
        shmem: false,
    };
}

/// The area with a phandle; none where there is none, or it has no address.
pub(crate) fn resolve(blob: Blob<'_>, phandle: u32) -> Result<Option<Area>, BadTree> {
    let mut levels = [Level::NEW; DEPTH];
    let mut depth: usize = 0;
    for token in blob.tokens() {
        let token = token?;
        if let Token::Property { name, value } = token {
            if let Some(level) = depth.checked_sub(1).and_then(|at| levels.get_mut(at)) {
                take(level, name, value);
            }
            continue;
        }
        // The properties of the deepest node are all there now.
        let path = levels.get(..depth).unwrap_or_default();
        if path.last().is_some_and(|level| level.phandle == Some(phandle)) {
            return Ok(translate(path));
        }
        if token == Token::Begin {
            *levels.get_mut(depth).ok_or(BadTree::TooDeep)? = Level::NEW;
            depth = depth.saturating_add(1);
        } else {
            depth = depth.saturating_sub(1);
        }
    }
    Ok(None)
}

fn take<'a>(level: &mut Level<'a>, name: &[u8], value: &'a [u8]) {
    let count =
        || cell(value, 0).and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX);
    match name {
        b"#address-cells" => level.address_cells = count(),
        b"#size-cells" => level.size_cells = count(),
        b"ranges" => level.ranges = Some(value),
        b"reg" => level.reg = value,
        b"phandle" => level.phandle = cell(value, 0),
        b"compatible" => level.shmem = strings(value).any(|string| string == b"arm,scmi-shmem"),
        _ => {}
    }
}

/// The first piece of the last node's `reg`, through the `ranges` of every bus above it.
fn translate(path: &[Level<'_>]) -> Option<Area> {
    let (node, above) = path.split_last()?;
    let (bus, _) = above.split_last()?;
    if !node.shmem {
        return None;
    }
    let mut cells = Cells(node.reg);
    let mut address = cells.take(bus.address_cells)?;
    let size = cells.take(bus.size_cells)?;
    // The root's addresses are the processor's.
    for pair in above.windows(2).rev() {
        let [parent, bus] = pair else { return None };
        address = up(bus, parent, address, size)?;
    }
    address.checked_add(size)?;
    Some(Area { address, size })
}

/// An address on a bus as one of the bus above it.
fn up(bus: &Level<'_>, parent: &Level<'_>, address: u64, size: u64) -> Option<u64> {
    let mut ranges = Cells(bus.ranges?);
    if ranges.0.is_empty() {
        return Some(address);
    }
    let end = address.checked_add(size)?;
    loop {
        let from = ranges.take(bus.address_cells)?;
        let to = ranges.take(parent.address_cells)?;
        let len = ranges.take(bus.size_cells)?;
        if address >= from && from.checked_add(len).is_some_and(|last| end <= last) {
            return to.checked_add(address.checked_sub(from)?);
        }
        // A bus without addresses would have ranges without end.
        if bus.address_cells == 0 && bus.size_cells == 0 && parent.address_cells == 0 {
            return None;
        }
    }
}

/// Numbers of one or two cells.
struct Cells<'a>(&'a [u8]);

impl Cells<'_> {
    /// The next number; none where it is missing or larger than 64 bits. One of no cells is 0.
    fn take(&mut self, cells: usize) -> Option<u64> {
        if cells > 2 {
            return None;
        }
        let mut number = 0;
        for _ in 0..cells {
            number = number << 32 | u64::from(cell(self.0, 0)?);
            self.0 = self.0.get(4..)?;
        }
        Some(number)
    }
}
