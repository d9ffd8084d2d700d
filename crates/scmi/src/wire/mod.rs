//! The wire: header, status, names, cursors and open numbers. It knows no meaning beyond the record.

pub(crate) mod bits;
mod cursor;
mod header;
mod message;
mod name;
pub(crate) mod open;
mod status;
mod version;

pub use cursor::{Full, Reader, Record, Short, Writer};
pub use header::{Header, MessageId, MessageType, ProtocolId};
pub use message::{Command, Message, Nothing};
pub use name::{LongName, Name, ShortName};
pub use status::Status;
pub use version::Version;
pub use zerocopy::little_endian::{I32, I64, U32, U64};
