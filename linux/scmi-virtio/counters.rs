// SPDX-License-Identifier: GPL-2.0

//! What the device does that it should not, and what was done about it, counted in `/sys/kernel/debug/scmi_virtio`.

use core::sync::atomic::{AtomicU32, Ordering};
#[cfg(CONFIG_DEBUG_FS)]
use {crate::bindings as b, core::ptr, kernel::c_str, kernel::str::CStr};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Counter {
    /// An answer without a status.
    Short,
    /// An answer that is longer than what was offered, as the device says.
    Long,
    /// An answer with another header than its command's.
    Header,
    /// An answer to a call that was given up.
    Late,
    /// An event that is none, or too short, or too long.
    Event,
    /// A buffer that the device does not have.
    Unknown,
    /// A call that ended without an answer, because the device went or was reset.
    Failed,
    /// The device was reset because it asked for it, or because its ring was broken.
    Reset,
    /// The device was put away for a suspend.
    Suspend,
}

const COUNT: usize = 9;

static COUNTERS: [AtomicU32; COUNT] = [const { AtomicU32::new(0) }; COUNT];

impl Counter {
    /// One more.
    pub(crate) fn add(self) {
        if let Some(counter) = COUNTERS.get(self as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The folder of the counters, while it lives.
#[cfg(CONFIG_DEBUG_FS)]
pub(crate) struct Folder(*mut b::dentry);

#[cfg(CONFIG_DEBUG_FS)]
const NAMES: [&CStr; COUNT] = [
    c_str!("answers_short"),
    c_str!("answers_long"),
    c_str!("answers_header"),
    c_str!("answers_late"),
    c_str!("events_bad"),
    c_str!("buffers_unknown"),
    c_str!("calls_failed"),
    c_str!("resets"),
    c_str!("suspends"),
];

#[cfg(CONFIG_DEBUG_FS)]
impl Folder {
    /// Makes it. That it could not be made is no reason not to work.
    pub(crate) fn new() -> Self {
        // SAFETY: The name is a string of C; no parent is the top.
        let folder =
            unsafe { b::debugfs_create_dir(c_str!("scmi_virtio").as_char_ptr(), ptr::null_mut()) };
        for (name, counter) in NAMES.iter().zip(&COUNTERS) {
            // SAFETY: `folder` is of `debugfs_create_dir`, of which errors may be passed on, and the counter lives as long
            // as the module, which removes the files first.
            unsafe { b::debugfs_create_u32(name.as_char_ptr(), 0o444, folder, counter.as_ptr()) };
        }
        Self(folder)
    }
}

#[cfg(CONFIG_DEBUG_FS)]
impl Drop for Folder {
    fn drop(&mut self) {
        // SAFETY: It is of `debugfs_create_dir`; errors are ignored.
        unsafe { b::debugfs_remove(self.0) };
    }
}

// SAFETY: Debugfs may be used from anywhere, and this is only used to remove it.
#[cfg(CONFIG_DEBUG_FS)]
unsafe impl Send for Folder {}

// SAFETY: As above.
#[cfg(CONFIG_DEBUG_FS)]
unsafe impl Sync for Folder {}

/// Without debugfs nobody can look.
#[cfg(not(CONFIG_DEBUG_FS))]
pub(crate) struct Folder;

#[cfg(not(CONFIG_DEBUG_FS))]
impl Folder {
    pub(crate) fn new() -> Self {
        Self
    }
}
