// SPDX-License-Identifier: GPL-2.0

//! The transport as the SCMI core sees it: a table of functions and a description.

use crate::bindings as b;
use crate::channel::{Channel, Refusal};
use crate::core_side::{CoreChannel, Transfer};
use crate::device::Device;
use crate::log::dev_err;
use crate::message::{Side, MAX_PAYLOAD};
use crate::shared::Shared;
use core::ffi::{c_int, c_uint, c_void};
use core::ptr::NonNull;
use kernel::prelude::*;

/// How long a call waits for its answer, in milliseconds, unless the device tree says otherwise: a platform in software may
/// take its time.
const MAX_RX_TIMEOUT_MS: c_int = 60_000;

static OPERATIONS: b::scmi_transport_ops = b::scmi_transport_ops {
    chan_available: Some(chan_available),
    chan_setup: Some(chan_setup),
    chan_free: Some(chan_free),
    get_max_msg: Some(get_max_msg),
    send_message: Some(send_message),
    mark_txdone: Some(mark_txdone),
    fetch_response: Some(fetch_response),
    fetch_notification: Some(fetch_notification),
    clear_channel: None,
    poll_done: Some(poll_done),
};

/// What the core knows of us. It writes to it: the timeout of the device tree.
pub(crate) static DESCRIPTION: Shared<b::scmi_desc> = Shared::new(b::scmi_desc {
    ops: &OPERATIONS,
    max_rx_timeout_ms: MAX_RX_TIMEOUT_MS,
    // `get_max_msg` says it.
    max_msg: 0,
    max_msg_size: MAX_PAYLOAD as c_int,
    force_polling: false,
    sync_cmds_completed_on_ret: false,
    atomic_enabled: false,
});

/// Takes the module's parameters over, before anything is registered.
pub(crate) fn configure() {
    let description = DESCRIPTION.get();
    // SAFETY: Nobody else has the description yet, and parameters cannot be changed.
    unsafe {
        (*description).atomic_enabled = b::scmi_virtio_atomic();
        (*description).force_polling = b::scmi_virtio_force_polling();
    }
}

/// The channel that `chan_setup` left in the core's.
///
/// # Safety
/// It must be a channel of the core's that was set up. What it leads to is there until the virtio device is let go of, and
/// that is after the core is unbound.
unsafe fn channel<'a>(info: *mut b::scmi_chan_info) -> Option<&'a Channel> {
    // SAFETY: The caller says so.
    unsafe { (*info).transport_info.cast::<Channel>().as_ref() }
}

/// What most operations are given.
///
/// # Safety
/// As for [`channel`] and [`Transfer::new`].
unsafe fn arguments<'a>(
    info: *mut b::scmi_chan_info,
    transfer: *mut b::scmi_xfer,
) -> Option<(&'a Channel, Transfer)> {
    // SAFETY: The caller says so.
    unsafe { Some((channel(info)?, Transfer::new(NonNull::new(transfer)?))) }
}

/// Whether the core may set a channel up.
///
/// # Safety
/// Nothing is asked of what it is given.
unsafe extern "C" fn chan_available(_node: *mut b::device_node, index: c_int) -> bool {
    let side = match index {
        0 => Side::Commands,
        1 => Side::Events,
        _ => return false,
    };
    let channel = Device::present().and_then(|device| device.channel(side));
    channel.is_some_and(|channel| !channel.is_open())
}

/// The core begins to use a channel.
///
/// # Safety
/// `info` must be a channel of the core's, which is there until after `chan_free`.
unsafe extern "C" fn chan_setup(
    info: *mut b::scmi_chan_info,
    _device: *mut b::device,
    commands: bool,
) -> c_int {
    let side = if commands {
        Side::Commands
    } else {
        Side::Events
    };
    let Some(channel) = Device::present().and_then(|device| device.channel(side)) else {
        return ENODEV.to_errno();
    };
    let Some(core) = NonNull::new(info) else {
        return EINVAL.to_errno();
    };
    // SAFETY: The core's channel is there until after `chan_free`, which waits for who is in its callback.
    unsafe {
        (*info).transport_info = core::ptr::from_ref(channel).cast_mut().cast();
        channel.open(CoreChannel::new(core));
    }
    0
}

/// The core does not use a channel any more. It is called once for each protocol that shares it.
///
/// # Safety
/// `info` must be a channel that was set up.
unsafe extern "C" fn chan_free(_id: c_int, info: *mut c_void, _data: *mut c_void) -> c_int {
    // SAFETY: The core's channel was set up.
    if let Some(channel) = unsafe { channel(info.cast()) } {
        channel.close();
    }
    0
}

/// How many messages there can be at once.
///
/// # Safety
/// `info` must be a channel that was set up.
unsafe extern "C" fn get_max_msg(info: *mut b::scmi_chan_info) -> c_uint {
    // SAFETY: The core's channel was set up.
    unsafe { channel(info) }.map_or(0, |channel| channel.capacity().into())
}

/// Sends a command. It does not sleep.
///
/// # Safety
/// `info` must be a channel that was set up, and `transfer` one of the core's that nobody else changes.
unsafe extern "C" fn send_message(
    info: *mut b::scmi_chan_info,
    transfer: *mut b::scmi_xfer,
) -> c_int {
    // SAFETY: The core's channel was set up, and the transfer is the core's to us.
    let Some((channel, transfer)) = (unsafe { arguments(info, transfer) }) else {
        return EINVAL.to_errno();
    };
    match channel.send(&transfer) {
        Ok(()) => 0,
        Err(Refusal::Error(error)) => error.to_errno(),
        Err(Refusal::Ring(error)) => {
            // SAFETY: The core's channel has a device while it is set up.
            let device = unsafe { (*info).dev };
            dev_err!(
                device,
                "failed to add to TX virtqueue ({})\n",
                error.to_errno()
            );
            if let (true, Some(device)) = (channel.is_broken(), Device::present()) {
                device.ask_for_recovery();
            }
            error.to_errno()
        }
    }
}

/// The core is done with a command.
///
/// # Safety
/// As for [`send_message`].
unsafe extern "C" fn mark_txdone(
    info: *mut b::scmi_chan_info,
    result: c_int,
    transfer: *mut b::scmi_xfer,
) {
    // SAFETY: The core's channel was set up, and the transfer is the core's to us.
    if let Some((channel, transfer)) = unsafe { arguments(info, transfer) } {
        channel.done(&transfer, result == ETIMEDOUT_ERRNO);
    }
}

/// `ETIMEDOUT` as operations return it; the kernel crate has no name for it.
const ETIMEDOUT_ERRNO: c_int = -(b::ETIMEDOUT as c_int);

/// Takes an answer or a delayed response that the core was told of, or that it polled for.
///
/// # Safety
/// As for [`send_message`].
unsafe extern "C" fn fetch_response(info: *mut b::scmi_chan_info, transfer: *mut b::scmi_xfer) {
    // SAFETY: The core's channel was set up, and the transfer is the core's to us.
    if let Some((channel, transfer)) = unsafe { arguments(info, transfer) } {
        channel.fetch_response(&transfer);
    }
}

/// Takes a notification that the core was told of.
///
/// # Safety
/// As for [`send_message`].
unsafe extern "C" fn fetch_notification(
    info: *mut b::scmi_chan_info,
    most: usize,
    transfer: *mut b::scmi_xfer,
) {
    // SAFETY: The core's channel was set up, and the transfer is the core's to us.
    if let Some((channel, transfer)) = unsafe { arguments(info, transfer) } {
        channel.fetch_notification(&transfer, most);
    }
}

/// Whether the core need not ask any more.
///
/// # Safety
/// As for [`send_message`].
unsafe extern "C" fn poll_done(info: *mut b::scmi_chan_info, transfer: *mut b::scmi_xfer) -> bool {
    // SAFETY: The core's channel was set up, and the transfer is the core's to us.
    match unsafe { arguments(info, transfer) } {
        Some((channel, transfer)) => channel.poll(&transfer),
        None => true,
    }
}
