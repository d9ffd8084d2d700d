// SPDX-License-Identifier: GPL-2.0

//! SCMI's node in the device tree: for it there is a device of the core's, which is told to use us.

use crate::bindings as b;
use crate::core_side::FUNCTIONS;
use crate::device::Device;
use crate::log::dev_warn;
use crate::operations::DESCRIPTION;
use crate::shared::Shared;
use core::ffi::{c_int, c_void};
use core::mem::size_of;
use core::ptr;
use kernel::c_str;
use kernel::error::to_result;
use kernel::prelude::*;

/// The binding's name of this transport.
const COMPATIBLE: &[u8] = b"arm,scmi-virtio";

/// The nodes that are ours, and an empty entry as the end.
static NODES: Shared<[b::of_device_id; 2]> = Shared::new({
    // SAFETY: It is numbers and a pointer, for which zeroes are the values of an empty entry.
    let mut nodes: [b::of_device_id; 2] = unsafe { core::mem::zeroed() };
    let mut index = 0;
    while index < COMPATIBLE.len() {
        nodes[0].compatible[index] = COMPATIBLE[index] as _;
        index += 1;
    }
    nodes
});

static DRIVER: Shared<b::platform_driver> = Shared::new({
    // SAFETY: It is numbers, pointers and functions that may be absent.
    let mut driver: b::platform_driver = unsafe { core::mem::zeroed() };
    driver.probe = Some(probe);
    // As of the kernel's own transport: the two cannot be there at once, and the log reads the same.
    driver.driver.name = c_str!("scmi_virtio_transport").as_char_ptr();
    driver.driver.of_match_table = NODES.get().cast();
    driver
});

/// From now on the core may use the transport; it does so, if there is a node, before this returns.
pub(crate) fn register() -> Result {
    // SAFETY: The driver lives for ever, and is registered once at a time: there is one device.
    to_result(unsafe { b::__platform_driver_register(DRIVER.get(), crate::THIS_MODULE.as_ptr()) })
}

/// The core does not use the transport when this returns.
pub(crate) fn unregister() {
    // SAFETY: It was registered.
    unsafe { b::platform_driver_unregister(DRIVER.get()) };
}

/// There is a node for us.
///
/// # Safety
/// `node` must be a device that is being bound.
unsafe extern "C" fn probe(node: *mut b::platform_device) -> c_int {
    // SAFETY: The driver core calls this for a device that is there.
    let node = unsafe { ptr::addr_of_mut!((*node).dev) };
    match link(node).and_then(|()| make_core_device(node)) {
        Ok(()) => 0,
        Err(error) => error.to_errno(),
    }
}

/// Whoever uses SCMI is suspended before the virtio device, and resumed after it.
fn link(node: *mut b::device) -> Result {
    let supplier = Device::present().ok_or(ENODEV)?.device();
    // SAFETY: Both are there, and the link is deleted when the node's driver is unbound, before the virtio device goes.
    let link = unsafe { b::device_link_add(node, supplier, b::DL_FLAG_STATELESS) };
    if link.is_null() {
        dev_warn!(
            node,
            "suspends are not in order: there is no link to the virtio device\n"
        );
        return Ok(());
    }
    when_unbound(node, delete_link, link.cast())
}

/// What `link` did is undone.
///
/// # Safety
/// `link` must be of `device_link_add`.
unsafe extern "C" fn delete_link(link: *mut c_void) {
    // SAFETY: It is of `device_link_add`.
    unsafe { b::device_link_del(link.cast()) };
}

/// The core's driver binds to a device of this name, and learns of us by what is attached to it.
fn make_core_device(node: *mut b::device) -> Result {
    // SAFETY: The name is a string of C.
    let device = unsafe {
        b::platform_device_alloc(c_str!("arm-scmi").as_char_ptr(), b::PLATFORM_DEVID_AUTO)
    };
    if device.is_null() {
        return Err(ENOMEM);
    }
    let transport = b::scmi_transport {
        supplier: node,
        desc: DESCRIPTION.get(),
        core_ops: FUNCTIONS.as_ptr(),
    };
    // SAFETY: The device is new and ours; what is attached is copied.
    let added = unsafe {
        b::device_set_of_node_from_dev(ptr::addr_of_mut!((*device).dev), node);
        let attached = ptr::addr_of!(transport).cast();
        to_result(b::platform_device_add_data(
            device,
            attached,
            size_of::<b::scmi_transport>(),
        ))
        .and_then(|()| to_result(b::platform_device_add(device)))
    };
    if let Err(error) = added {
        // SAFETY: It was not added, so that this is the last reference.
        unsafe { b::platform_device_put(device) };
        return Err(error);
    }
    when_unbound(node, unregister_device, device.cast())
}

/// What `make_core_device` did is undone.
///
/// # Safety
/// `device` must have been added.
unsafe extern "C" fn unregister_device(device: *mut c_void) {
    // SAFETY: It was added.
    unsafe { b::platform_device_unregister(device.cast()) };
}

/// Has something done when the node's driver is unbound, the last first; now, if that cannot be had.
fn when_unbound(
    node: *mut b::device,
    action: unsafe extern "C" fn(*mut c_void),
    data: *mut c_void,
) -> Result {
    // SAFETY: The node is being bound, and the functions take what they are given here.
    unsafe {
        let name = c_str!("scmi_virtio").as_char_ptr();
        to_result(b::__devm_add_action(node, Some(action), data, name))
            .inspect_err(|_| action(data))
    }
}
