//! What is wrong with a description.

use core::fmt;

/// Why a description cannot be served: an agent would see something that the protocol rules out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Which resource, counted from 0.
    pub resource: usize,
    /// What is wrong with it, to be read after "resource 3: ".
    pub what: &'static str,
}

impl Defect {
    /// `Ok` where `holds`, and otherwise what is wrong.
    ///
    /// # Errors
    /// The defect.
    pub const fn unless(holds: bool, resource: usize, what: &'static str) -> Result<(), Self> {
        if holds { Ok(()) } else { Err(Self { resource, what }) }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "resource {}: {}", self.resource, self.what)
    }
}

impl core::error::Error for Defect {}
