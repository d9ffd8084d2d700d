//! What somebody finds who has taken a daemon over: each attempt is made in a process of its own that closed the sandbox before, and in
//! one without, where it must succeed, or the test would prove nothing.

use core::net::Ipv4Addr;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use scmi_board::Board;
use scmid::sandbox::{Needs, Sandbox, SandboxMode};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

/// What is attempted, and what comes of it in a sandbox.
const ATTEMPTS: [(&str, Ends); 16] = [
    ("read a source", Ends::Well),
    ("read a source that was replaced", Ends::Well),
    ("start a thread", Ends::Well),
    ("remove a socket", Ends::Well),
    ("read another file", Ends::With(libc::EACCES)),
    ("list another folder", Ends::With(libc::EACCES)),
    ("write a source", Ends::With(libc::EACCES)),
    ("make a file beside the sockets", Ends::With(libc::EACCES)),
    ("remove another file", Ends::With(libc::EACCES)),
    ("make another socket", Ends::With(libc::ENOSYS)),
    ("connect to a socket", Ends::With(libc::ENOSYS)),
    ("connect to a port", Ends::With(libc::ENOSYS)),
    ("listen on a port", Ends::With(libc::ENOSYS)),
    ("start a program", Ends::With(libc::ENOSYS)),
    ("become a program", Ends::Killed),
    ("be another user", Ends::Killed),
];

/// How an attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Well,
    /// With this error of the system.
    With(i32),
    /// With the process.
    Killed,
}

/// Says which attempt a process is for.
const ATTEMPT: &str = "SCMID_TEST_ATTEMPT";

/// Where it is made.
const FOLDER: &str = "SCMID_TEST_FOLDER";

/// Whether in a sandbox.
const MODE: &str = "SCMID_TEST_MODE";

/// A folder with what the attempts are made on.
fn scene() -> (tempfile::TempDir, UnixListener) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    for name in ["sources", "sockets", "other"] {
        fs::create_dir(path(name)).expect("made");
    }
    fs::write(path("sources/value"), "42\n").expect("written");
    fs::write(path("other/secret"), "1\n").expect("written");
    let _stays = UnixListener::bind(path("sockets/old.sock")).expect("a socket");
    let listener = UnixListener::bind(path("other/live.sock")).expect("a socket");
    (folder, listener)
}

fn board(folder: &Path) -> Board {
    let text = format!(
        "platform.vendor = \"acme\"\nagent = [{{ name = \"vm1\" }}]\n\
         [[sensor]]\nname = \"s\"\ntype = \"temperature\"\nsource = {{ file = {:?} }}\n",
        folder.join("sources/value")
    );
    Board::parse(&text, "board").unwrap_or_else(|error| panic!("{error}"))
}

/// What one process for an attempt came to.
fn run(attempt: &str, folder: &Path, mode: &str) -> Ends {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "an_attempt", "--nocapture"])
        .envs([(ATTEMPT, attempt), (MODE, mode)])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut said = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut said).expect("text");
    let status = child.wait().expect("ended");
    if status.signal() == Some(libc::SIGSYS) {
        return Ends::Killed;
    }
    let end = said.split("came to ").nth(1).and_then(|rest| rest.split_whitespace().next());
    match end.and_then(|end| end.parse().ok()) {
        Some(0) => Ends::Well,
        Some(error) => Ends::With(error),
        // A program that it became says nothing.
        None if attempt == "become a program" && status.success() => Ends::Well,
        None => panic!("{attempt}: {status}: {said}"),
    }
}

#[test]
fn what_is_not_needed_is_refused_and_what_is_needed_is_not() {
    for (attempt, ends) in ATTEMPTS {
        let (folder, _listener) = scene();
        assert_eq!(run(attempt, folder.path(), "required"), ends, "{attempt}");
    }
}

#[test]
fn without_a_sandbox_every_attempt_succeeds() {
    for (attempt, _) in ATTEMPTS {
        let (folder, _listener) = scene();
        assert_eq!(run(attempt, folder.path(), "off"), Ends::Well, "{attempt}");
    }
}

/// Starts the daemon on a kernel that does not have a call, with what it logs.
fn on_a_kernel_without(call: i64, folder: &Path, mode: &str) -> Child {
    Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "a_daemon_on_an_older_kernel", "--nocapture"])
        .envs([(ATTEMPT, call.to_string().as_str()), (MODE, mode)])
        .env(FOLDER, folder)
        .stderr(Stdio::piped())
        .spawn()
        .expect("started")
}

#[test]
fn what_the_kernel_cannot_is_a_line_in_the_log_and_where_it_is_required_the_end() {
    let without = [
        (
            libc::SYS_landlock_create_ruleset,
            "files cannot be limited: this kernel has no Landlock",
            "no limit of files;",
        ),
        (
            libc::SYS_seccomp,
            "system calls cannot be limited by seccomp: ",
            "no limit of system calls",
        ),
    ];
    for (call, words, also) in without {
        let (folder, _listener) = scene();
        let output = on_a_kernel_without(call, folder.path(), "required").wait_with_output();
        let output = output.expect("ended");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("scmid: {words}")), "{said}");
        assert!(!folder.path().join("sockets/vm1.sock").exists(), "its sockets go");
        let mut daemon = on_a_kernel_without(call, folder.path(), "on");
        let log = BufReader::new(daemon.stderr.take().expect("a pipe"));
        let mut lines = Vec::new();
        for line in log.lines().map_while(Result::ok) {
            let ready = line.contains("ready");
            lines.push(line);
            if ready {
                break;
            }
        }
        daemon.kill().expect("it serves");
        daemon.wait().expect("ended");
        let warned: Vec<&String> = lines.iter().filter(|line| line.contains(" WARN ")).collect();
        assert!(warned.len() == 1 && warned[0].contains(words), "{lines:#?}");
        assert!(warned[0].ends_with("; going on without"), "{lines:#?}");
        assert!(lines.iter().any(|line| line.contains(also)), "{lines:#?}");
    }
}

/// The process that [`on_a_kernel_without`] starts; by itself it has nothing to do.
#[test]
fn a_daemon_on_an_older_kernel() {
    let (Ok(call), Some(folder)) = (std::env::var(ATTEMPT), std::env::var_os(FOLDER)) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let arch = TargetArch::try_from(std::env::consts::ARCH).expect("an architecture");
    let rules = [(call.parse().expect("a number"), Vec::new())].into();
    let nosys = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, nosys, arch).expect("a filter");
    let filter: BpfProgram = filter.try_into().expect("a program");
    seccompiler::apply_filter_all_threads(&filter).expect("applied");
    let mode = std::env::var(MODE).expect("a mode");
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_scmid"));
    daemon.env_remove("SCMID_LOG").args(["--sandbox", &mode, "--board"]).arg(text(&folder));
    let error = daemon.arg("--socket-dir").arg(folder.join("sockets")).exec();
    panic!("{error}");
}

/// A board file for [`scene`].
fn text(folder: &Path) -> PathBuf {
    let board = folder.join("board.toml");
    fs::write(&board, "platform.vendor = \"acme\"\nagent = [{ name = \"vm1\" }]\n")
        .expect("written");
    board
}

/// The process that [`run`] starts; by itself it has nothing to do.
#[test]
fn an_attempt() {
    let (Ok(attempt), Some(folder)) = (std::env::var(ATTEMPT), std::env::var_os(FOLDER)) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let mode = match std::env::var(MODE).as_deref() {
        Ok("off") => SandboxMode::Off,
        _ => SandboxMode::Required,
    };
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let needs = Needs::of(&board(&folder)).sockets(&folder.join("sockets"));
    let mut mover = (attempt == "read a source that was replaced").then(|| Mover::start(&folder));
    let sandbox = Sandbox::files(mode, needs).expect("Landlock");
    let granted = sandbox.calls().expect("seccomp");
    assert!(granted.reads(&folder.join("sources/value")));
    assert_eq!(granted.reads(&folder.join("other/secret")), mode == SandboxMode::Off);
    let result = attempted(&attempt, &folder, &port, &mut mover);
    let number = result.map_or_else(|error| error.raw_os_error().unwrap_or(-1), |()| 0);
    writeln!(io::stdout(), "came to {number}").expect("told");
}

/// Somebody outside, who puts another file in the place of the source when told.
struct Mover(Child);

impl Mover {
    fn start(folder: &Path) -> Self {
        let fresh = folder.join("other/fresh");
        fs::write(&fresh, "43\n").expect("written");
        let mut shell = Command::new("sh");
        shell.args(["-c", "read go; mv \"$0\" \"$1\"; echo done"]);
        shell.arg(fresh).arg(folder.join("sources/value"));
        let child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        Self(child.expect("a shell"))
    }

    fn go(&mut self) {
        let pipes = self.0.stdin.take().zip(self.0.stdout.take());
        let (mut to, mut from) = pipes.expect("pipes");
        to.write_all(b"go\n").expect("told");
        let mut said = String::new();
        from.read_to_string(&mut said).expect("an answer");
        assert_eq!(said, "done\n");
    }
}

fn attempted(
    attempt: &str,
    folder: &Path,
    port: &TcpListener,
    mover: &mut Option<Mover>,
) -> io::Result<()> {
    let path = |name: &str| folder.join(name);
    match attempt {
        "read a source" => fs::read_to_string(path("sources/value")).map(drop),
        "read a source that was replaced" => {
            mover.as_mut().expect("somebody outside").go();
            let value = fs::read_to_string(path("sources/value"))?;
            assert_eq!(value, "43\n");
            Ok(())
        }
        "start a thread" => thread::Builder::new().spawn(|| ()).map(|thread| drop(thread.join())),
        "remove a socket" => fs::remove_file(path("sockets/old.sock")),
        "read another file" => fs::read(path("other/secret")).map(drop),
        "list another folder" => fs::read_dir(path("other")).map(drop),
        "write a source" => fs::write(path("sources/value"), "0"),
        "make a file beside the sockets" => fs::write(path("sockets/file"), "0"),
        "remove another file" => fs::remove_file(path("other/secret")),
        "make another socket" => UnixListener::bind(path("sockets/new.sock")).map(drop),
        "connect to a socket" => UnixStream::connect(path("other/live.sock")).map(drop),
        "connect to a port" => TcpStream::connect(port.local_addr()?).map(drop),
        "listen on a port" => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map(drop),
        "start a program" => Command::new("/bin/true").status().map(drop),
        "become a program" => Err(Command::new("/bin/true").exec()),
        // Its own one, which anybody can become.
        "be another user" => Ok(rustix::thread::set_thread_uid(rustix::process::getuid())?),
        other => panic!("nobody knows how to {other}"),
    }
}
