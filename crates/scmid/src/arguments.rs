//! The command line and the exit codes.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap_complete::Shell;
use scmid::control::Address;
use scmid::sandbox::SandboxMode;

/// Serve an SCMI platform to guests, over vhost-user.
///
/// A board file says what the platform has and who its agents are. Each agent is a guest, or whoever else connects to
/// its socket: NAME.sock in the directory given, where the board names no other. VMMs may come and go; one at a time is served on a socket.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP, after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The board file.
    #[arg(long, short, value_name = "FILE", required_unless_present_any = ["schema", "completions", "man", "run_requests"])]
    pub(crate) board: Option<PathBuf>,

    /// The directory for the agents' sockets. A stale socket there is replaced, one that is in use is not.
    #[arg(long, short, value_name = "DIR", required_unless_present_any = ["check", "schema", "completions", "man", "run_requests"])]
    pub(crate) socket_dir: Option<PathBuf>,

    /// Where to serve the control interface, HTTP and JSON: a path for a UNIX socket that only this user can use, or
    /// tcp:127.0.0.1:PORT, which anybody on this machine can use. Other addresses are refused.
    #[arg(long, value_name = "PATH", value_parser = clap::value_parser!(Address))]
    pub(crate) control: Option<Address>,

    /// Only say whether the board can be served, and what is on it.
    #[arg(long)]
    pub(crate) check: bool,

    /// Only print the JSON Schema of board files, by which editors complete and check them.
    #[arg(long, conflicts_with_all = SERVES)]
    pub(crate) schema: bool,

    /// Only print what makes a shell complete this command line.
    #[arg(long, value_name = "SHELL", conflicts_with_all = SERVES)]
    pub(crate) completions: Option<Shell>,

    /// Only print the manual page.
    #[arg(long, conflicts_with_all = SERVES)]
    pub(crate) man: bool,

    /// Keep in FILE what agents set, and take it up from there at the next start: rates, levels, caps, settings, votes,
    /// permissions, subscriptions. What was answered is kept even if the process is killed. A file of another board is
    /// refused; one that is corrupt is renamed to FILE.corrupt. FILE.new is used too. With --check, only say what FILE has.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,

    /// Write every message to FILE as well, as pcapng, for scmictl decode and Wireshark; - is standard output. FILE may be a
    /// FIFO: its reader is waited for first. Nobody waits for the file then; what it cannot take in time is lost and counted.
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    pub(crate) trace: Option<PathBuf>,

    /// End the trace when its file has this many bytes: a number, or one with k, M or G.
    #[arg(long, value_name = "SIZE", requires = "trace", value_parser = size)]
    pub(crate) trace_limit: Option<u64>,

    /// Whether to give up what is not needed, before a guest is served: other files, other sockets, other system calls. On: as far as
    /// the kernel can, and it says what it cannot; required: or it does not start.
    #[arg(long, value_name = "WHETHER", default_value_t)]
    pub(crate) sandbox: SandboxMode,

    /// Run the board's command for the daemon that started this: see scmid::Helper.
    #[arg(long, hide = true)]
    pub(crate) run_requests: bool,

    /// How much to log to standard error: off, error, warn, info, debug or trace, or directives of tracing such as
    /// info,scmi_vhost=debug.
    #[arg(long, short, value_name = "LEVEL", env = "SCMID_LOG", default_value = "info")]
    pub(crate) log: String,
}

/// What makes no sense where something is only printed. Not how much to log, which the environment may say for all.
const SERVES: [&str; 5] = ["board", "socket_dir", "control", "check", "trace"];

const AFTER_HELP: &str = "\
Signals:
  SIGTERM, SIGINT  end; the sockets are removed
  SIGHUP           read the board file again: what can change while guests run does, or nothing
                   does and the log says why
  SIGUSR1          log what happened so far, for each agent: counters, messages, refusals
  SIGRTMIN+4       order a graceful shutdown of all guests, within the board's shutdown-timeout
  SIGRTMIN+5       order a graceful cold reset of all guests
  SIGRTMIN+6       order a graceful suspend of all guests

Exit codes:
  0  ended by a signal, checked, or printed
  1  failed while running, cannot write the trace at all, or cannot have the sandbox that is required
  2  the command line is wrong
  3  the board file cannot be read or served
  4  a socket cannot be had: in use, no such directory, no permission
  5  the state file is of another board, in use, or cannot be written

Examples:
  scmid --board board.toml --check
  scmid --schema > board.schema.json
  scmid --completions bash > /etc/bash_completion.d/scmid
  scmid --man | man -l -
  scmid --board board.toml --socket-dir /run/scmi
  scmid --board board.toml --socket-dir /run/scmi --state /var/lib/scmi/board.state

  # A guest of QEMU 8.1 or newer as agent vm1; its device tree comes from scmictl dt:
  qemu-system-aarch64 -M virt -cpu cortex-a57 -m 512 -nographic \\
    -kernel Image -initrd root.cpio.gz -dtb guest.dtb -append console=ttyAMA0 \\
    -object memory-backend-memfd,id=mem,size=512M,share=on -numa node,memdev=mem \\
    -chardev socket,id=scmi,path=/run/scmi/vm1.sock \\
    -device vhost-user-scmi-pci,chardev=scmi";

/// Reads `4096`, `100k`, `20M`, `1G`: powers of 1024.
fn size(text: &str) -> Result<u64, String> {
    let number = text.trim_end_matches(['k', 'K', 'M', 'G']);
    let shift = match text.get(number.len()..) {
        Some("") => 0,
        Some("k" | "K") => 10,
        Some("M") => 20,
        Some("G") => 30,
        _ => return Err("expected a number of bytes, or one with k, M or G such as 20M".into()),
    };
    let bytes = number.parse::<u64>().map_err(|error| error.to_string())?;
    bytes.checked_shl(shift).filter(|size| size >> shift == bytes).ok_or_else(|| "too large".into())
}

/// How it ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Exit {
    Clean,
    Failed,
    Usage,
    Board,
    Socket,
    State,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Board => 3,
            Exit::Socket => 4,
            Exit::State => 5,
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

    #[test]
    fn sizes_are_read_with_and_without_a_letter() {
        assert_eq!(size("4096"), Ok(4096));
        assert_eq!(size("20M"), Ok(20 << 20));
        assert_eq!((size("3k"), size("1G")), (Ok(3072), Ok(1 << 30)));
        for wrong in ["", "M", "1MM", "1T", "-1", "99999999999G"] {
            size(wrong).expect_err(wrong);
        }
    }
}
