//! The command line and the exit codes.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Serve an SCMI platform to guests, over vhost-user.
///
/// A board file says what the platform has and who its agents are. Each agent is a guest, or whoever else connects to
/// its socket: NAME.sock in the directory given. VMMs may come and go; one at a time is served on a socket.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP, after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The board file.
    #[arg(long, short, value_name = "FILE", required_unless_present = "schema")]
    pub(crate) board: Option<PathBuf>,

    /// The directory for the agents' sockets. A stale socket there is replaced, one that is in use is not.
    #[arg(long, short, value_name = "DIR", required_unless_present_any = ["check", "schema"])]
    pub(crate) socket_dir: Option<PathBuf>,

    /// Only say whether the board can be served, and what is on it.
    #[arg(long)]
    pub(crate) check: bool,

    /// Only print the JSON Schema of board files, by which editors complete and check them.
    #[arg(long, exclusive = true)]
    pub(crate) schema: bool,

    /// How much to log to standard error: off, error, warn, info, debug or trace, or directives of tracing such as
    /// info,scmi_vhost=debug.
    #[arg(long, short, value_name = "LEVEL", env = "SCMID_LOG", default_value = "info")]
    pub(crate) log: String,
}

const AFTER_HELP: &str = "\
Signals:
  SIGTERM, SIGINT  end; the sockets are removed
  SIGUSR1          log what happened so far, for each agent: counters, messages, refusals
  SIGRTMIN+4       order a graceful shutdown of all guests, within the board's shutdown-timeout
  SIGRTMIN+5       order a graceful cold reset of all guests
  SIGRTMIN+6       order a graceful suspend of all guests

Exit codes:
  0  ended by a signal, checked, or printed
  1  failed while running
  2  the command line is wrong
  3  the board file cannot be read or served
  4  a socket cannot be had: in use, no such directory, no permission

Examples:
  scmid --board board.toml --check
  scmid --schema > board.schema.json
  scmid --board board.toml --socket-dir /run/scmi

  # A guest of QEMU 8.1 or newer as agent vm1; its device tree comes from scmictl dt:
  qemu-system-aarch64 -M virt -cpu cortex-a57 -m 512 -nographic \\
    -kernel Image -initrd root.cpio.gz -dtb guest.dtb -append console=ttyAMA0 \\
    -object memory-backend-memfd,id=mem,size=512M,share=on -numa node,memdev=mem \\
    -chardev socket,id=scmi,path=/run/scmi/vm1.sock \\
    -device vhost-user-scmi-pci,chardev=scmi";

/// How it ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Exit {
    Clean,
    Failed,
    Usage,
    Board,
    Socket,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Board => 3,
            Exit::Socket => 4,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
