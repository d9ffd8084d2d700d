//! The way to a platform.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;
#[cfg(feature = "host")]
use std::path::Path;
use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use scmi::agent::{Client, Timeouts};
use scmi::transport::Channel;
use scmi_raw::RawChannel;
#[cfg(feature = "host")]
use scmi_vhost::frontend::{Frontend, FrontendError, Options};

use crate::failure::{Failure, Kind};
use crate::units;

/// Whoever talks to the platform: messages of 1024 bytes, and room for the events of a busy second.
pub(crate) type Session<'c> = Client<'c, 16, 1024, 128>;

/// How to reach a platform.
#[derive(Debug, Args)]
pub(crate) struct Link {
    /// The platform, for verbs that ask one: vhost-user:PATH, the socket of an agent of scmid or of another
    /// vhost-user SCMI device; or raw:PATH, this machine's own, through the raw mode of its Linux
    /// (raw:/sys/kernel/debug/scmi/0).
    #[arg(long, short, global = true, value_name = "vhost-user:PATH|raw:PATH")]
    connect: Option<Target>,

    /// How long to wait for each answer.
    #[arg(long, global = true, value_name = "TIME", default_value = "5s", value_parser = units::duration)]
    timeout: Duration,
}

/// A platform by its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A vhost-user device, by its socket.
    VhostUser(PathBuf),
    /// The platform of this machine, by its directory in debugfs.
    Raw(PathBuf),
}

/// What it may mean that no answer came through raw mode.
const RAW_LOSES: &str =
    "raw mode loses answers with more than 124 bytes of values; the kernel's log says so";

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("vhost-user" | "raw", "")) => Err("the path is missing".into()),
            Some(("vhost-user", path)) => Ok(Self::VhostUser(path.into())),
            Some(("raw", path)) => Ok(Self::Raw(path.into())),
            _ => Err("expected vhost-user:PATH or raw:PATH".into()),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VhostUser(path) => write!(f, "vhost-user:{}", path.display()),
            Self::Raw(path) => write!(f, "raw:{}", path.display()),
        }
    }
}

impl Link {
    /// Connects, has `talk` talk to the platform, and disconnects.
    pub(crate) fn with<R>(
        &self,
        talk: impl FnOnce(&mut Session<'_>) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let raw = matches!(self.connect, Some(Target::Raw(_)));
        self.channel(|_, channel| {
            let mut session = Session::new(channel);
            session.set_timeouts(Timeouts::all(self.timeout));
            if raw {
                session.set_next_token(any_token());
            }
            let result = talk(&mut session);
            match raw && session.agent().lost() > 0 {
                true => result.map_err(|failure| failure.hint(RAW_LOSES)),
                false => result,
            }
        })
    }

    /// How long to wait for each answer.
    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Connects, hands the channel to `talk`, and disconnects.
    pub(crate) fn channel<R>(
        &self,
        talk: impl FnOnce(&Target, &mut dyn Channel) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let Some(target) = &self.connect else {
            let what = "which platform? Give --connect vhost-user:PATH or raw:PATH";
            return Err(Failure::new(Kind::Usage, what));
        };
        // A call that waits learns only that no answer came.
        match target {
            #[cfg(feature = "host")]
            Target::VhostUser(path) => {
                let mut frontend = vhost_user(path, self.timeout)?;
                let result = talk(target, &mut frontend);
                match frontend.is_closed() {
                    true => result.map_err(|failure| failure.lost(target)),
                    false => result,
                }
            }
            #[cfg(not(feature = "host"))]
            Target::VhostUser(_) => {
                let what = "this scmictl was built without `host`: raw:PATH is all that it reaches";
                Err(Failure::new(Kind::Usage, what))
            }
            Target::Raw(path) => {
                let mut raw = RawChannel::open(path)
                    .map_err(|error| Failure::from_error(Kind::Connection, &error))?;
                let result = talk(target, &mut raw);
                match raw.trouble() {
                    Some(trouble) => result.map_err(|_| {
                        Failure::because(Kind::Connection, format_args!("lost {target}"), trouble)
                    }),
                    None => result,
                }
            }
        }
    }
}

/// Where tokens begin: other processes, and commands that an earlier one gave up, have some in use.
pub(crate) fn any_token() -> u16 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let [low, high, ..] = (now.subsec_micros() ^ std::process::id()).to_le_bytes();
    u16::from_le_bytes([low, high])
}

/// Connects to a vhost-user device.
#[cfg(feature = "host")]
pub(crate) fn vhost_user(path: &Path, patience: Duration) -> Result<Frontend, Failure> {
    let mut options = Options::default();
    options.patience = patience;
    Frontend::connect(path, options).map_err(|error| match error {
        // It names the path.
        FrontendError::Connect { .. } => Failure::from_error(Kind::Connection, &error),
        _ => Failure::because(Kind::Connection, path.display(), &error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_scheme_and_a_path() {
        assert_eq!("vhost-user:/run/a:b".parse(), Ok(Target::VhostUser("/run/a:b".into())));
        assert_eq!("raw:/sys/a/0".parse(), Ok(Target::Raw("/sys/a/0".into())));
        for bad in ["vhost-user:", "raw:", "vhost-user", "/run/a.sock", "unix:/run/a", ""] {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }
}
