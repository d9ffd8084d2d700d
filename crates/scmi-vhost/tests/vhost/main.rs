//! A real backend against a real frontend, over real sockets, rings and shared memory.

mod daemon;
mod fair;
mod garbage;
mod lives;
mod malformed;
mod probe;
mod random;
mod rawguest;
mod talk;
mod tap;
