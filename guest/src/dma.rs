//! Memory that devices share with the program. It is never given back.

use core::cell::UnsafeCell;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};

use scmi_virtio::driver::{ALIGNMENT, Region};

/// Enough for four drivers with 64 entries in each queue.
const LEN: usize = 256 * 1024;

#[repr(align(4096))]
struct Arena(UnsafeCell<[u8; LEN]>);

// SAFETY: its bytes are reached through regions only, of which each has its own ones.
unsafe impl Sync for Arena {}

static ARENA: Arena = Arena(UnsafeCell::new([0; LEN]));

/// How many bytes were given out.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// So many bytes, or none if there are not so many left.
pub fn take(len: usize) -> Option<Region> {
    let rounded = len.checked_next_multiple_of(ALIGNMENT)?;
    let claim = |taken: usize| taken.checked_add(rounded).filter(|taken| *taken <= LEN);
    let start = TAKEN.fetch_update(Ordering::Relaxed, Ordering::Relaxed, claim).ok()?;
    let base: NonNull<u8> = NonNull::new(ARENA.0.get())?.cast();
    // SAFETY: `claim` saw that `start` and `len` bytes after it lie within the arena.
    let pointer = unsafe { base.add(start) };
    // Addresses are as they are, so the device's is the same.
    let address = u64::try_from(pointer.expose_provenance().get()).ok()?;
    // SAFETY: static memory that lives for ever; `TAKEN` goes up only, so nobody else has these bytes, and there is
    // no reference to the arena's inside.
    unsafe { Region::new(pointer, len, address) }
}
