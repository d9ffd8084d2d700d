//! What must hold whatever comes: bodies of property tests and of fuzz targets.
//!
//! Each body takes any bytes, reads choices from them (see [`Input`]), and panics when something does not hold. The
//! tests here run every body on random bytes, and on those of the committed corpora; each target in `fuzz/` is three
//! lines that call one. Nothing of this is part of the crate but in tests and under `cfg(fuzzing)`.

mod agent_model;
mod agent_ops;
pub(crate) mod board;
mod client_ops;
#[cfg(test)]
mod corpora;
mod decode_any;
mod fakes;
mod input;
mod paging;
mod platform_answers;
mod platform_model;
mod platform_ops;
mod platform_request;
mod platform_world;
mod plausible;
#[cfg(test)]
mod records;
mod reply;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod tests;
mod typed_calls;

pub use agent_ops::agent_ops;
pub use client_ops::client_ops;
pub use decode_any::decode_any;
pub use input::Input;
pub use paging::paging;
pub use platform_ops::platform_ops;
pub use platform_request::platform_request;
pub use typed_calls::typed_calls;
