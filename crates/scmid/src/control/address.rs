//! Where the control interface listens.

use core::fmt;
use core::net::SocketAddr;
use core::str::FromStr;
use std::path::PathBuf;

use thiserror::Error;

/// Where the control interface listens: a path, or `tcp:` and an address of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Address {
    /// A UNIX socket.
    Unix(PathBuf),
    /// A port of the loopback interface. Whoever runs on this machine can use it.
    Loopback(SocketAddr),
}

/// Why a text is no [`Address`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddressError {
    /// There is no path.
    #[error("found nothing, expected a path or tcp:127.0.0.1:PORT")]
    Empty,
    /// What follows `tcp:` is no address and port.
    #[error("found {found:?} after tcp:, expected an address and a port such as 127.0.0.1:8000")]
    NoAddress {
        /// What follows.
        found: String,
    },
    /// Others could reach it through the network, and nobody asks who they are.
    #[error("found {found}, expected an address of the loopback interface: 127.0.0.1 or [::1]")]
    NotLoopback {
        /// The address.
        found: SocketAddr,
    },
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let Some(found) = text.strip_prefix("tcp:") else {
            return if text.is_empty() {
                Err(AddressError::Empty)
            } else {
                Ok(Self::Unix(text.into()))
            };
        };
        let address: SocketAddr =
            found.parse().map_err(|_| AddressError::NoAddress { found: found.to_owned() })?;
        if !address.ip().is_loopback() {
            return Err(AddressError::NotLoopback { found: address });
        }
        Ok(Self::Loopback(address))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "{}", path.display()),
            Self::Loopback(address) => write!(f, "tcp:{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_path_or_of_this_machine() {
        let parse = |text: &str| text.parse::<Address>().map_err(|error| error.to_string());
        assert_eq!(parse("/run/c.sock"), Ok(Address::Unix("/run/c.sock".into())));
        for text in ["tcp:127.0.0.1:8000", "tcp:[::1]:8000", "tcp:127.9.9.9:0"] {
            assert_eq!(parse(text).map(|address| address.to_string()), Ok(text.into()));
        }
        for text in ["tcp:0.0.0.0:8000", "tcp:[::]:8000", "tcp:192.0.2.1:8000"] {
            assert!(parse(text).is_err_and(|error| error.contains("loopback")), "{text}");
        }
        for text in ["tcp:", "tcp:localhost:80", "tcp:127.0.0.1", "tcp:127.0.0.1:99999", ""] {
            assert!(parse(text).is_err_and(|error| error.contains("expected")), "{text}");
        }
    }
}
