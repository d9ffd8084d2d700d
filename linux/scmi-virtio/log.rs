// SPDX-License-Identifier: GPL-2.0

//! Lines of the kernel's log that name a device.

macro_rules! log_as {
    ($function:ident, $device:expr, $($message:tt)*) => {{
        let device = $device;
        let message = format_args!($($message)*);
        // SAFETY: The device is there, and `%pA` is for what `format_args` makes.
        unsafe {
            $crate::bindings::$function(
                device,
                kernel::c_str!("%pA").as_char_ptr(),
                core::ptr::addr_of!(message).cast::<core::ffi::c_void>(),
            )
        }
    }};
}

macro_rules! dev_err {
    ($device:expr, $($message:tt)*) => { $crate::log::log_as!(_dev_err, $device, $($message)*) };
}

macro_rules! dev_warn {
    ($device:expr, $($message:tt)*) => { $crate::log::log_as!(_dev_warn, $device, $($message)*) };
}

macro_rules! dev_info {
    ($device:expr, $($message:tt)*) => { $crate::log::log_as!(_dev_info, $device, $($message)*) };
}

pub(crate) use {dev_err, dev_info, dev_warn, log_as};
