//! The way to a platform.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;
use std::path::{Path, PathBuf};

use clap::Args;
use scmi::agent::{Client, Timeouts};
use scmi_vhost::frontend::{Frontend, FrontendError, Options};

use crate::failure::{Failure, Kind};
use crate::units;

/// Whoever talks to the platform: messages of 1024 bytes, and room for the events of a busy second.
pub(crate) type Session<'c> = Client<'c, 16, 1024, 128>;

/// How to reach a platform.
#[derive(Debug, Args)]
pub(crate) struct Link {
    /// The platform, for verbs that ask one: vhost-user:PATH, the socket of an agent of scmid or of another
    /// vhost-user SCMI device.
    #[arg(long, short, global = true, value_name = "vhost-user:PATH")]
    connect: Option<Target>,

    /// How long to wait for each answer.
    #[arg(long, global = true, value_name = "TIME", default_value = "5s", value_parser = units::duration)]
    timeout: Duration,
}

/// A platform by its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target(PathBuf);

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("vhost-user", "")) => Err("the path is missing".into()),
            Some(("vhost-user", path)) => Ok(Self(path.into())),
            _ => Err("expected vhost-user:PATH".into()),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vhost-user:{}", self.0.display())
    }
}

impl Link {
    /// Connects, has `talk` talk to the platform, and disconnects.
    pub(crate) fn with<R>(
        &self,
        talk: impl FnOnce(&mut Session<'_>) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let Some(target) = &self.connect else {
            let what = "which platform? Give --connect vhost-user:PATH";
            return Err(Failure::new(Kind::Usage, what));
        };
        let mut frontend = connect(&target.0, self.timeout)?;
        let mut session = Session::new(&mut frontend);
        session.set_timeouts(Timeouts { response: self.timeout, delayed: self.timeout });
        let result = talk(&mut session);
        // A call that waits learns only that no answer came.
        if frontend.is_closed() {
            return result.map_err(|failure| failure.lost(target));
        }
        result
    }
}

/// Connects to a vhost-user device.
pub(crate) fn connect(path: &Path, patience: Duration) -> Result<Frontend, Failure> {
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
        assert_eq!("vhost-user:/run/a:b".parse(), Ok(Target("/run/a:b".into())));
        for bad in ["vhost-user:", "vhost-user", "/run/a.sock", "unix:/run/a", ""] {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }
}
