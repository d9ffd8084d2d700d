//! Orders of the operator by signal.

use core::ffi::c_int;
use core::time::Duration;

use scmi::protocol::system::platform::Order;
use scmi::protocol::system::wire::SystemState;
use scmi_board::Board;

/// What each signal orders, by its distance from SIGRTMIN; the first two as systemd has them.
const ORDERS: [(c_int, SystemState); 3] =
    [(4, SystemState::SHUTDOWN), (5, SystemState::COLD_RESET), (6, SystemState::SUSPEND)];

/// The signals that are orders.
pub(crate) fn signals() -> impl Iterator<Item = c_int> {
    ORDERS.iter().map(|(offset, _)| libc::SIGRTMIN() + offset)
}

/// What a signal orders: something graceful, of all agents.
pub(crate) fn order(signal: c_int, board: &Board) -> Option<Order> {
    let offset = signal - libc::SIGRTMIN();
    let (_, state) = ORDERS.iter().find(|(of_order, _)| *of_order == offset)?;
    let system = board.system.as_ref().filter(|_| *state == SystemState::SHUTDOWN);
    let timeout = system.map_or(Duration::ZERO, |system| system.system.shutdown_timeout);
    Some(Order { to: None, state: *state, graceful: true, timeout })
}
