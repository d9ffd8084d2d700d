//! Running the tool, as its users do.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The board that the project ships.
pub(crate) fn demo_board() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/demo.toml")
}

/// The tool with these arguments.
pub(crate) fn scmictl<A: AsRef<std::ffi::OsStr>>(arguments: &[A]) -> Output {
    scmictl_with_input(arguments, "")
}

/// The tool with these arguments and this on its standard input.
pub(crate) fn scmictl_with_input<A: AsRef<std::ffi::OsStr>>(
    arguments: &[A],
    input: &str,
) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_scmictl"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("scmictl starts");
    // It need not read what it is given.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("scmictl ends")
}

/// Standard output of a run that went well.
pub(crate) fn stdout(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// Standard error of a run that ended with this exit code.
pub(crate) fn stderr(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}
