// SPDX-License-Identifier: GPL-2.0

//! What is asked of the virtio core about a device: its features, its status, its queues.

use crate::bindings as b;
use crate::device;
use crate::log::{dev_err, dev_info};
use crate::message::Side;
use crate::queue::Queue;
use core::ptr::{self, NonNull};
use kernel::c_str;
use kernel::error::to_result;
use kernel::prelude::*;

/// A command takes a descriptor for its request and one for its answer.
const DESCRIPTORS_OF_A_COMMAND: u32 = 2;

/// The queues of a device.
pub(crate) struct Found {
    pub(crate) commands: Queue,
    pub(crate) events: Option<Queue>,
}

/// Whether the device and we agreed on this feature.
pub(crate) fn has_feature(vdev: *mut b::virtio_device, bit: u32) -> bool {
    // SAFETY: `vdev` is a device that is bound to us, and its features do not change.
    unsafe { (*vdev).features >> bit & 1 == 1 }
}

/// Whether the device can say something by itself.
pub(crate) fn has_events(vdev: *mut b::virtio_device) -> bool {
    has_feature(vdev, b::VIRTIO_SCMI_F_P2A_CHANNELS)
}

/// The functions of the bus that the device is on.
fn config<'a>(vdev: *mut b::virtio_device) -> &'a b::virtio_config_ops {
    // SAFETY: Every device has them, and they are a constant.
    unsafe { &*(*vdev).config }
}

/// The device's status as its registers have it.
pub(crate) fn status(vdev: *mut b::virtio_device) -> u8 {
    // SAFETY: The device is there, and we may sleep.
    config(vdev)
        .get_status
        .map_or(0, |get| unsafe { get(vdev) })
}

/// Lets the device run.
pub(crate) fn ready(vdev: *mut b::virtio_device) {
    // SAFETY: The device is bound to us and has its queues.
    unsafe { b::scmi_virtio_device_ready(vdev) };
}

/// Sets the queues up.
pub(crate) fn find(vdev: *mut b::virtio_device, has_events: bool) -> Result<Found> {
    let info = |name: &'static CStr| b::virtqueue_info {
        name: name.as_char_ptr(),
        callback: Some(something_came),
        ctx: false,
    };
    // Their names are those of the kernel's own transport.
    let mut infos = [info(c_str!("tx")), info(c_str!("rx"))];
    let mut queues = [ptr::null_mut(); 2];
    let count = if has_events { 2 } else { 1 };
    let find = config(vdev).find_vqs.ok_or(EINVAL)?;
    // SAFETY: Both tables have `count` entries, and the names live for ever.
    let found = to_result(unsafe {
        find(
            vdev,
            count,
            queues.as_mut_ptr(),
            infos.as_mut_ptr(),
            ptr::null_mut(),
        )
    });
    if let Err(error) = found {
        // SAFETY: The device is there.
        let device = unsafe { ptr::addr_of_mut!((*vdev).dev) };
        dev_err!(device, "no {} virtqueue(s): {:?}\n", count, error);
        return Err(error);
    }
    // SAFETY: They are of `find_vqs` just now, and whoever deletes them drops these first.
    let queue = |queue| NonNull::new(queue).map(|queue| unsafe { Queue::new(queue) });
    let [commands, events] = queues.map(queue);
    Ok(Found {
        commands: commands.ok_or(EINVAL)?,
        events,
    })
}

/// Deletes the queues, of which none may be in use.
pub(crate) fn delete(vdev: *mut b::virtio_device) {
    if let Some(delete) = config(vdev).del_vqs {
        // SAFETY: The device is there and does not use them, nor does anybody else.
        unsafe { delete(vdev) };
    }
}

/// For how many messages a queue has room; no more than there are tokens.
pub(crate) fn capacity(vdev: *mut b::virtio_device, side: Side, queue: &Queue) -> u16 {
    let size = queue.size();
    let (name, room) = match side {
        Side::Commands => ("tx", size / DESCRIPTORS_OF_A_COMMAND),
        Side::Events => ("rx", size),
    };
    let most = b::MSG_TOKEN_MAX;
    if room > most {
        // SAFETY: The device is there.
        let device = unsafe { ptr::addr_of_mut!((*vdev).dev) };
        dev_info!(
            device,
            "the {} virtqueue could hold {} messages, of which {} are used\n",
            name,
            room,
            most
        );
    }
    u16::try_from(room.min(most)).unwrap_or(u16::MAX)
}

/// The interrupt of a queue.
///
/// # Safety
/// `queue` must be one of a device that is bound to us.
unsafe extern "C" fn something_came(queue: *mut b::virtqueue) {
    // SAFETY: The virtio core calls this for queues that are there, of a device that is bound to us.
    let (vdev, index) = unsafe { ((*queue).vdev, (*queue).index) };
    let Some(device) = device::of(vdev) else {
        return;
    };
    let side = if index == b::VIRTIO_SCMI_VQ_TX {
        Side::Commands
    } else {
        Side::Events
    };
    if let Some(channel) = device.channel(side) {
        if !channel.receive(true) {
            device.ask_for_recovery();
        }
    }
}
