// SPDX-License-Identifier: GPL-2.0

//! The virtio transport of the kernel's SCMI driver.
//!
//! SCMI's core, its protocols and its client drivers are the kernel's; this carries their messages over the queues of a
//! virtio device, as `scmi_transport_virtio` does. From the outside in:
//!
//! * `transport` is the module and the driver of virtio devices, `platform` that of SCMI's node in the device tree.
//! * `operations` are the functions that the core calls; `core_side` is what is called and touched of the core.
//! * `device` is a device from probe to removal; `queues` what is asked of the virtio core about it.
//! * `channel` is a queue and all that belongs to it, with `receive` and `ending`; `pool` and `message` its messages;
//!   `wire` what is in them.
//! * `queue`, `lock`, `shared`, `counters`, `log` and `bindings` are what C gives.
//!
//! Every message belongs to one at a time, `message::Owner`, who passes it on under the channel's lock; its memory is the
//! channel's, and lives until the device was reset. Nothing of the device's is a pointer: the ring and the core are given
//! names, `message::Handle`, which are looked up.

mod bindings;
mod channel;
mod core_side;
mod counters;
mod device;
mod ending;
mod lock;
mod log;
mod message;
mod operations;
mod platform;
mod pool;
mod queue;
mod queues;
mod receive;
mod shared;
mod wire;

use bindings as b;
use core::ffi::{c_int, c_uint};
use core::ptr;
use kernel::c_str;
use kernel::error::{from_result, to_result};
use kernel::prelude::*;
use log::dev_err;
use shared::Shared;

module! {
    type: Transport,
    name: "scmi_virtio",
    author: "The scmi developers",
    description: "SCMI over virtio",
    license: "GPL",
    alias: ["virtio:d00000020v*"],
}

/// The devices that are ours, and an empty entry as the end.
static DEVICES: Shared<[b::virtio_device_id; 2]> = Shared::new([
    b::virtio_device_id {
        device: b::VIRTIO_ID_SCMI,
        vendor: b::VIRTIO_DEV_ANY_ID,
    },
    b::virtio_device_id {
        device: 0,
        vendor: 0,
    },
]);

static FEATURES: [c_uint; 1] = [b::VIRTIO_SCMI_F_P2A_CHANNELS];

static DRIVER: Shared<b::virtio_driver> = Shared::new({
    // SAFETY: It is numbers, pointers and functions that may be absent.
    let mut driver: b::virtio_driver = unsafe { core::mem::zeroed() };
    driver.driver.name = c_str!("scmi-virtio").as_char_ptr();
    driver.id_table = DEVICES.get().cast();
    driver.feature_table = FEATURES.as_ptr();
    driver.feature_table_size = FEATURES.len() as c_uint;
    driver.validate = Some(validate);
    driver.probe = Some(probe);
    driver.remove = Some(remove);
    driver.config_changed = Some(config_changed);
    driver.freeze = Some(freeze);
    driver.restore = Some(restore);
    driver
});

/// The module, while it is loaded.
struct Transport {
    _counters: counters::Folder,
}

impl kernel::Module for Transport {
    fn init(module: &'static ThisModule) -> Result<Self> {
        operations::configure();
        let counters = counters::Folder::new();
        // SAFETY: The driver lives as long as the module, and is unregistered before it goes.
        to_result(unsafe { b::__register_virtio_driver(DRIVER.get(), module.as_ptr()) })?;
        Ok(Self {
            _counters: counters,
        })
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        // SAFETY: It was registered.
        unsafe { b::unregister_virtio_driver(DRIVER.get()) };
    }
}

/// Whether the device is new enough.
///
/// # Safety
/// `vdev` must be a device that is bound to this driver, or is being bound or unbound.
unsafe extern "C" fn validate(vdev: *mut b::virtio_device) -> c_int {
    // SAFETY: Parameters cannot be changed.
    let wanted = unsafe { b::scmi_virtio_version_1() };
    if wanted && !queues::has_feature(vdev, b::VIRTIO_F_VERSION_1) {
        // SAFETY: The device is there while it is probed.
        let device = unsafe { ptr::addr_of_mut!((*vdev).dev) };
        dev_err!(device, "device does not comply with spec version 1.x\n");
        return EINVAL.to_errno();
    }
    0
}

/// Binds to a device.
///
/// # Safety
/// `vdev` must be a device that is bound to this driver, or is being bound or unbound.
unsafe extern "C" fn probe(vdev: *mut b::virtio_device) -> c_int {
    from_result(|| device::probe(vdev).map(|()| 0))
}

/// Lets go of a device.
///
/// # Safety
/// `vdev` must be a device that is bound to this driver, or is being bound or unbound.
unsafe extern "C" fn remove(vdev: *mut b::virtio_device) {
    device::remove(vdev);
}

/// There is no configuration: it says that the status has changed.
///
/// # Safety
/// `vdev` must be a device that is bound to this driver.
unsafe extern "C" fn config_changed(vdev: *mut b::virtio_device) {
    if let Some(device) = device::of(vdev) {
        device.ask_for_recovery();
    }
}

/// Before a suspend.
///
/// # Safety
/// `vdev` must be a device that is bound to this driver, or is being bound or unbound.
unsafe extern "C" fn freeze(vdev: *mut b::virtio_device) -> c_int {
    from_result(|| device::freeze(vdev).map(|()| 0))
}

/// After a suspend.
///
/// # Safety
/// `vdev` must be a device that is bound to this driver, or is being bound or unbound.
unsafe extern "C" fn restore(vdev: *mut b::virtio_device) -> c_int {
    from_result(|| device::restore(vdev).map(|()| 0))
}
