//! Both ends, over memory in this process and virtual time.

mod agent;
mod both;
mod bytes;
mod hostile;
mod ordering;
mod platform;
mod rig;
mod threads;
