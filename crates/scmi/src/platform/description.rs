//! Descriptions that contradict themselves.

use core::fmt;

/// What a model says of a resource that cannot be. A server refuses to be made from it, so that no agent ever sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadDescription {
    /// What kind of resource it is, such as `clock`.
    pub kind: &'static str,
    /// Its id.
    pub id: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

impl BadDescription {
    /// Resources are counted in 16 bits.
    pub(crate) const TOO_MANY: &'static str = "there are more than 65535";
    /// Names are 1 to 63 bytes (section 3.2).
    pub(crate) const NAME: &'static str = "its name is empty, longer than 63 bytes or has a NUL";

    pub(crate) const fn new(kind: &'static str, id: usize, what: &'static str) -> Self {
        Self { kind, id, what }
    }
}

impl fmt::Display for BadDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.kind, self.id, self.what)
    }
}

impl core::error::Error for BadDescription {}
