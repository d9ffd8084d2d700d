//! Status codes.

use super::open::open_number;

open_number! {
    /// The status word of a response (section 2): zero is success, -128 and below belong to vendors.
    pub struct Status(i32) {
        /// Done as asked.
        SUCCESS = 0,
        /// No such protocol, no such feature here, or a version that cannot be spoken.
        NOT_SUPPORTED = -1,
        /// Reserved bits, an illegal combination or a value that is not supported.
        INVALID_PARAMETERS = -2,
        /// This agent may not.
        DENIED = -3,
        /// No such domain, sensor, agent or message.
        NOT_FOUND = -4,
        /// An index beyond a list, a level outside the allowed range.
        OUT_OF_RANGE = -5,
        /// Out of resources for pending requests.
        BUSY = -6,
        /// The answer could not be carried.
        COMMS_ERROR = -7,
        /// The operation failed.
        GENERIC_ERROR = -8,
        /// The hardware failed.
        HARDWARE_ERROR = -9,
        /// Malformed: wrong length or type, or asked at the wrong time.
        PROTOCOL_ERROR = -10,
        /// Held by another agent (from release 3.2).
        IN_USE = -11,
    }
}

impl Status {
    /// `Ok` for success, the status itself otherwise.
    ///
    /// # Errors
    /// Every status but [`Status::SUCCESS`].
    pub const fn ok(self) -> Result<(), Self> {
        if self.0 == 0 { Ok(()) } else { Err(self) }
    }
}

impl core::error::Error for Status {}
