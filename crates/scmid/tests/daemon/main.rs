//! The daemon, run as its users run it, and an agent without a VM at its sockets.

mod board;
mod control;
mod process;
mod sandbox;
mod serving;
mod signals;
mod sockets;
mod state;
mod system;
mod trace;
mod vmm;
