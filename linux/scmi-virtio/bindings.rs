// SPDX-License-Identifier: GPL-2.0

//! What of C's headers is used here: the kernel's own bindings, and those that Kbuild makes for virtio, platform devices
//! and the SCMI core.

#![allow(
    missing_docs,
    non_camel_case_types,
    non_upper_case_globals,
    non_snake_case,
    dead_code,
    improper_ctypes,
    unreachable_pub,
    unsafe_op_in_unsafe_fn,
    unnecessary_transmutes,
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    reason = "bindgen wrote it"
)]

pub(crate) use kernel::{bindings::*, ffi};

include!("bindings_generated.rs");

// SAFETY: The pointers in it lead to tables that nobody changes.
unsafe impl Sync for scmi_transport_ops {}
