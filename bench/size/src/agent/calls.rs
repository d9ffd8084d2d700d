//! Every public call of the four clients, and what they need below them. A test holds it against the sources.

use core::ptr::drop_in_place;

use scmi::Time;
use scmi::agent::{Blocking, Caller, Client};
use scmi::protocol::{base, clock, power, reset};
use scmi::transport::Channel;
use scmi_virtio::driver::{
    Clock, Driver, Mmio, MmioTransport, PciFunction, PciTransport, ProbeError, Region, Transport,
    Window,
};

use crate::table::table;

type Clocks = clock::agent::Clocks<'static, Blocking<'static>>;
type Resets = reset::agent::Resets<'static, Blocking<'static>>;
type PowerDomains = power::agent::PowerDomains<'static, Blocking<'static>>;
type Agent = Client<'static>;
type Device = Driver<&'static mut dyn Transport, Region, Timer>;
type OverMmio = MmioTransport<Mmio>;
type OverPci = PciTransport<Mmio>;
type Function = PciFunction<Mmio>;

table![
    base::agent::discover,
    base::agent::protocols,
    base::agent::agent,
    base::agent::notify_errors,
    base::agent::set_device_permissions,
    base::agent::set_protocol_permissions,
    base::agent::reset_agent_configuration,
    base::agent::Event::parse,
    reports,
];

table![
    Clocks::open,
    Clocks::find,
    Clocks::version,
    Clocks::count,
    Clocks::max_async,
    Clocks::info,
    Clocks::name,
    Clocks::rates,
    Clocks::rate,
    Clocks::set_rate,
    Clocks::set_rate_async,
    Clocks::queue_rate,
    Clocks::set_enabled,
    Clocks::set_extended,
    Clocks::enabled,
    Clocks::extended,
    Clocks::possible_parents,
    Clocks::parent,
    Clocks::set_parent,
    Clocks::permissions,
    Clocks::notify_rate,
    Clocks::notify_requests,
    clock::agent::Event::parse,
];

table![
    Resets::open,
    Resets::find,
    Resets::version,
    Resets::count,
    Resets::info,
    Resets::name,
    Resets::reset,
    Resets::reset_async,
    Resets::assert,
    Resets::deassert,
    Resets::notify,
    reset::agent::Event::parse,
];

table![
    PowerDomains::open,
    PowerDomains::find,
    PowerDomains::version,
    PowerDomains::count,
    PowerDomains::info,
    PowerDomains::name,
    PowerDomains::state,
    PowerDomains::set_state,
    PowerDomains::set_on,
    PowerDomains::set_state_async,
    PowerDomains::notify_changes,
    PowerDomains::notify_requests,
    power::agent::Event::parse,
];

table![
    // The agent, which waits, and whose notifications are taken.
    Agent::new,
    Agent::set_timeouts,
    Agent::now,
    Agent::next_event,
    as_caller,
    drop_in_place::<Agent>,
    // The driver, from its start to its end.
    Region::new,
    Device::new,
    as_channel,
    drop_in_place::<Device>,
    // Both of its bindings.
    OverMmio::new,
    mmio_as_transport,
    Function::new,
    Function::identity,
    Function::bar,
    Function::place_bar,
    Function::enable,
    over_pci,
    OverPci::with_vectors,
    pci_as_transport,
];

fn reports(event: base::agent::Event<'static>) -> usize {
    event.reports().count()
}

fn as_caller(agent: &'static mut Agent) -> &'static mut dyn Caller {
    agent
}

fn as_channel(device: &'static mut Device) -> &'static mut dyn Channel {
    device
}

fn mmio_as_transport(transport: &'static mut OverMmio) -> &'static mut dyn Transport {
    transport
}

fn pci_as_transport(transport: &'static mut OverPci) -> &'static mut dyn Transport {
    transport
}

fn over_pci(
    function: &mut Function,
    map: fn(Window) -> Option<Mmio>,
) -> Result<OverPci, ProbeError> {
    OverPci::new(function, map)
}

/// The processor's counter.
#[derive(Debug)]
pub(crate) struct Timer;

impl Clock for Timer {
    fn now(&self) -> Time {
        let ticks: u64;
        // SAFETY: a counter that is read has no effect on anything.
        unsafe {
            core::arch::asm!("mrs {ticks}, cntvct_el0", ticks = out(reg) ticks, options(nomem, nostack));
        }
        Time::from_nanos(ticks)
    }
}
