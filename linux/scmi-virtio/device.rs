// SPDX-License-Identifier: GPL-2.0

//! The virtio device: its life from probe to removal, through suspends and resets.

use crate::bindings as b;
use crate::channel::{Channel, Classes};
use crate::counters::Counter;
use crate::log::{dev_err, dev_info, dev_warn};
use crate::message::Side;
use crate::queues;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use kernel::prelude::*;
use kernel::time::msecs_to_jiffies;
use kernel::types::Opaque;
use kernel::{c_str, container_of, static_lock_class};

/// For how long a device that goes in good order may still answer, in steps.
const GRACE: u32 = 100;
/// How long a step is, in milliseconds.
const STEP: u32 = 10;

/// What registers show of a device that is not there any more.
const ABSENT: u8 = 0xff;

/// The one device that there can be: SCMI's node in the device tree does not say which.
static DEVICE: AtomicPtr<Device> = AtomicPtr::new(ptr::null_mut());

/// A device that answers for an SCMI platform.
#[pin_data(PinnedDrop)]
pub(crate) struct Device {
    vdev: *mut b::virtio_device,
    #[pin]
    commands: Channel,
    /// None if the device cannot say anything by itself.
    #[pin]
    events: Channel,
    has_events: bool,
    /// We let go of it: from now on nothing but that is done with it.
    going: AtomicBool,
    #[pin]
    recovery: Opaque<b::work_struct>,
}

impl Device {
    /// The device, while the transport is registered.
    pub(crate) fn present() -> Option<&'static Self> {
        // SAFETY: It is there as long as the pointer is, and the pointer as long as the platform driver is registered, from
        // which all calls of this come.
        unsafe { DEVICE.load(Ordering::Acquire).as_ref() }
    }

    /// To log with.
    pub(crate) fn device(&self) -> *mut b::device {
        // SAFETY: The device is there as long as we are bound to it.
        unsafe { ptr::addr_of_mut!((*self.vdev).dev) }
    }

    /// The channel of one side, if it has it.
    pub(crate) fn channel(&self, side: Side) -> Option<&Channel> {
        match side {
            Side::Commands => Some(&self.commands),
            Side::Events => self.has_events.then_some(&self.events),
        }
    }

    fn new(
        vdev: *mut b::virtio_device,
        commands: u16,
        events: Option<u16>,
    ) -> impl PinInit<Self, Error> {
        let command_classes = Classes {
            state: (c_str!("scmi_virtio: commands"), static_lock_class!()),
            left: (c_str!("scmi_virtio: commands left"), static_lock_class!()),
        };
        let event_classes = Classes {
            state: (c_str!("scmi_virtio: events"), static_lock_class!()),
            left: (c_str!("scmi_virtio: events left"), static_lock_class!()),
        };
        try_pin_init!(Self {
            vdev,
            has_events: events.is_some(),
            going: AtomicBool::new(false),
            commands <- Channel::new(Side::Commands, commands, command_classes),
            events <- Channel::new(Side::Events, events.unwrap_or(0), event_classes),
            // SAFETY: `slot` is valid for writes, and the class lives for ever.
            recovery <- Opaque::ffi_init(|slot| unsafe {
                let class: *const kernel::sync::LockClassKey = static_lock_class!();
                b::init_work_with_key(
                    slot,
                    Some(recover),
                    false,
                    c_str!("scmi_virtio: recovery").as_char_ptr(),
                    class.cast_mut().cast(),
                );
            }),
        }? Error)
    }

    /// Whether the device is not there any more.
    fn is_absent(&self) -> bool {
        queues::status(self.vdev) == ABSENT
    }

    /// Has the device reset, as soon as somebody may sleep. Interrupts may call it.
    pub(crate) fn ask_for_recovery(&self) {
        // SAFETY: The work was initialised, and is cancelled before this goes. The queue of work waits during suspends.
        unsafe {
            b::queue_work_on(
                b::wq_misc_consts_WORK_CPU_UNBOUND as _,
                b::system_freezable_wq,
                self.recovery.get(),
            );
        }
    }

    /// Sets queues up and lets the device run.
    fn begin(&self) -> Result {
        let found = queues::find(self.vdev, self.has_events)?;
        queues::ready(self.vdev);
        self.commands.start(found.commands);
        if let Some(queue) = found.events {
            self.events.start(queue);
        }
        Ok(())
    }

    /// Lets calls that wait have their answers for a while, and takes no more.
    fn calm_down(&self) {
        self.commands.refuse();
        self.wait_while(|| self.commands.is_busy());
    }

    /// Whether there are calls, and for a while no answer to any.
    fn is_silent(&self) -> bool {
        let before = self.commands.answers();
        self.wait_while(|| self.commands.is_busy() && self.commands.answers() == before)
    }

    /// Sleeps as long as that holds, but not for ever; whether it still does.
    fn wait_while(&self, holds: impl Fn() -> bool) -> bool {
        for _ in 0..GRACE {
            if !holds() {
                return false;
            }
            if self.commands.is_broken() {
                break;
            }
            // SAFETY: We may sleep: this is the context of a process, without locks.
            unsafe { b::schedule_timeout_uninterruptible(msecs_to_jiffies(STEP) as _) };
        }
        holds()
    }

    /// Takes everything from the device: its queues, and the memory that it had.
    fn end(&self) {
        let queues = [self.commands.stop(), self.events.stop()];
        self.commands.fail_all();
        // SAFETY: The device is ours, and we may sleep. Nobody kicks: the queues are out of the channels.
        unsafe { b::virtio_reset_device(self.vdev) };
        for mut queue in queues.into_iter().flatten() {
            // SAFETY: The device was reset.
            while unsafe { queue.detach() }.is_some() {}
        }
        queues::delete(self.vdev);
        self.commands.reclaim();
        self.events.reclaim();
    }
}

#[pinned_drop]
impl PinnedDrop for Device {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: It was initialised; nobody asks for it any more, and it may have run until now.
        unsafe { b::cancel_work_sync(self.recovery.get()) };
    }
}

// SAFETY: The device may be used from anywhere, and the rest says so of itself.
unsafe impl Send for Device {}

// SAFETY: As above.
unsafe impl Sync for Device {}

/// Binds to a device. What it returns is kept in the device until `remove`.
pub(crate) fn probe(vdev: *mut b::virtio_device) -> Result {
    let has_events = queues::has_events(vdev);
    let found = queues::find(vdev, has_events)?;
    let commands = queues::capacity(vdev, Side::Commands, &found.commands);
    let events = found
        .events
        .as_ref()
        .map(|queue| queues::capacity(vdev, Side::Events, queue));
    let made = KBox::try_pin_init(Device::new(vdev, commands, events), GFP_KERNEL);
    let device = match made {
        Ok(device) => device,
        Err(error) => {
            // Nobody uses what was found.
            queues::delete(vdev);
            return Err(error);
        }
    };
    // SAFETY: It stays where it is: only `remove` takes it out of the pointer.
    let device = KBox::into_raw(unsafe { Pin::into_inner_unchecked(device) });
    if let Err(error) = claim(vdev, device) {
        queues::delete(vdev);
        // SAFETY: It is of the box above, and nobody else has it.
        drop(unsafe { Pin::new_unchecked(KBox::from_raw(device)) });
        return Err(error);
    }
    // SAFETY: `vdev` is ours; it has no queue that runs yet.
    unsafe { (*vdev).priv_ = device.cast() };
    queues::ready(vdev);
    // SAFETY: It was made above.
    let this = unsafe { &*device };
    this.commands.start(found.commands);
    if let Some(queue) = found.events {
        this.events.start(queue);
    }
    crate::platform::register().inspect_err(|_| forget(vdev))
}

/// Makes it the one device.
fn claim(vdev: *mut b::virtio_device, device: *mut Device) -> Result {
    let none = ptr::null_mut();
    let claimed = DEVICE.compare_exchange(none, device, Ordering::AcqRel, Ordering::Acquire);
    if claimed.is_err() {
        // SAFETY: The device is there while it is probed.
        let device = unsafe { ptr::addr_of_mut!((*vdev).dev) };
        dev_err!(
            device,
            "there is one SCMI device already, and can only be one\n"
        );
        return Err(EBUSY);
    }
    Ok(())
}

/// Lets go of a device.
pub(crate) fn remove(vdev: *mut b::virtio_device) {
    if let Some(device) = of(vdev) {
        let gone = device.is_absent() || device.commands.is_broken();
        // Who does not get an answer now gets none: else its driver would be waited for, a minute by default.
        if gone || device.is_silent() {
            dev_warn!(device.device(), "the device does not answer any more\n");
            device.commands.refuse();
            device.commands.fail_all();
        }
    }
    crate::platform::unregister();
    forget(vdev);
}

/// Ends what `probe` began.
fn forget(vdev: *mut b::virtio_device) {
    DEVICE.store(ptr::null_mut(), Ordering::Release);
    let Some(device) = of(vdev) else {
        return;
    };
    device.going.store(true, Ordering::SeqCst);
    // SAFETY: The work was initialised. An interrupt may ask for it again: then it sees that we are going.
    unsafe { b::cancel_work_sync(device.recovery.get()) };
    device.end();
    // SAFETY: No callback comes any more: there are no queues, and no changes of the configuration after a removal began.
    let device = unsafe { (*vdev).priv_.cast::<Device>() };
    // SAFETY: As above; `probe` left it there, out of a box.
    unsafe {
        (*vdev).priv_ = ptr::null_mut();
        drop(Pin::new_unchecked(KBox::<Device>::from_raw(device)));
    }
}

/// What `probe` left in a device.
pub(crate) fn of<'a>(vdev: *mut b::virtio_device) -> Option<&'a Device> {
    // SAFETY: `vdev` is a device that we are bound to, and what it points to lives until `forget`.
    unsafe { (*vdev).priv_.cast::<Device>().as_ref() }
}

/// Before a suspend: nothing of the device's survives it.
pub(crate) fn freeze(vdev: *mut b::virtio_device) -> Result {
    let device = of(vdev).ok_or(ENODEV)?;
    Counter::Suspend.add();
    device.calm_down();
    device.end();
    Ok(())
}

/// After a suspend.
pub(crate) fn restore(vdev: *mut b::virtio_device) -> Result {
    of(vdev).ok_or(ENODEV)?.begin()
}

/// The device asks for a reset, or its ring is broken: it begins anew, and who waited is told.
///
/// # Safety
/// The work must be that of a device.
unsafe extern "C" fn recover(work: *mut b::work_struct) {
    // SAFETY: The work is in a device, which lives: it is cancelled before.
    let device = unsafe {
        let recovery: *const Opaque<b::work_struct> = work.cast();
        &*container_of!(recovery, Device, recovery)
    };
    if device.going.load(Ordering::SeqCst) {
        return;
    }
    if device.is_absent() {
        device.commands.refuse();
        device.commands.fail_all();
        return;
    }
    let asks = u32::from(queues::status(device.vdev)) & b::VIRTIO_CONFIG_S_NEEDS_RESET != 0;
    if !asks && !device.commands.is_broken() && !device.events.is_broken() {
        return;
    }
    dev_warn!(
        device.device(),
        "resetting the device: {}\n",
        if asks {
            "it asks for it"
        } else {
            "its ring is broken"
        }
    );
    Counter::Reset.add();
    match begin_anew(device) {
        Ok(()) => dev_info!(device.device(), "the device works again\n"),
        Err(error) => dev_err!(device.device(), "the device is lost: {:?}\n", error),
    }
}

/// As a suspend and a resume do it, so that status and features are negotiated as the virtio core does.
#[cfg(CONFIG_PM_SLEEP)]
fn begin_anew(device: &Device) -> Result {
    device.commands.refuse();
    device.end();
    // SAFETY: The device is bound to us. It calls `restore`; no suspend runs beside it: our queue of work is frozen then.
    kernel::error::to_result(unsafe { b::virtio_device_restore(device.vdev) })
}

/// The virtio core negotiates again only where it can suspend.
#[cfg(not(CONFIG_PM_SLEEP))]
fn begin_anew(device: &Device) -> Result {
    device.commands.refuse();
    device.commands.fail_all();
    Err(EOPNOTSUPP)
}
