//! What agents may do.

use crate::wire::bits::bit_word;

bit_word! {
    /// What an agent may do with a resource that it sees; what it may not do is DENIED. Reading, and hearing of changes,
    /// needs no right.
    pub struct Rights {
        /// To switch it: a power domain's state, a clock's gate and extended configuration, a voltage domain's mode, a
        /// sensor's configuration, the system's state.
        STATE = 1 << 0,
        /// To give it a value: a clock's rate, a performance domain's level, a voltage, a power cap.
        VALUE = 1 << 1,
        /// To give a clock another parent.
        PARENT = 1 << 2,
        /// To set its limits: those of a performance domain, a sensor's trip points, the time over which a power is
        /// averaged.
        LIMITS = 1 << 3,
        /// To reset it.
        RESET = 1 << 4,
        /// To hold it and set it up: a pin, a group.
        HOLD = 1 << 5,
    }
}

impl Rights {
    /// Everything.
    pub const ALL: Self = Self(0x3F);
    /// To look at it, and no more.
    pub const READ: Self = Self(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_every_right() {
        let rights = [
            Rights::STATE,
            Rights::VALUE,
            Rights::PARENT,
            Rights::LIMITS,
            Rights::RESET,
            Rights::HOLD,
        ];
        assert_eq!(rights.iter().fold(0, |all, right| all | right), Rights::ALL.0);
        assert!(rights.iter().all(|right| Rights::ALL.has(*right) && !Rights::READ.has(*right)));
    }
}
