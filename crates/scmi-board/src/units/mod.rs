//! Numbers and quantities as people write them: `35.0`, `"250 ms"`, `"850 mV"`.
//!
//! Everything is exact: a text either becomes the number it says or an error, never the nearest
//! number a float happens to hold.

mod decimal;
mod duration;
mod quantity;

pub use decimal::{Decimal, DecimalError};
pub use duration::parse_duration;
pub use quantity::UnitError;

pub(crate) use decimal::Scaled;
pub(crate) use duration::nanoseconds;
pub(crate) use quantity::parse_quantity;
