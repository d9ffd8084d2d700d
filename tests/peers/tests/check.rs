//! `scmictl check` against a platform of ours, which breaks no rule, and one of others, which is known to break some.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{Board, Scmid, program, start_peer};
use serde_json::Value;

/// What the check says of the platform on a socket, and its exit code.
fn check(socket: &Path, arguments: &[&str]) -> Result<(Value, Option<i32>)> {
    let mut tool = Command::new(program("scmictl")?);
    tool.args(["--json", "--timeout", "2s", "--connect"]);
    tool.arg(format!("vhost-user:{}", socket.display())).arg("check").args(arguments);
    let output = tool.output().context("cannot run scmictl")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout).with_context(|| format!("{errors}"))?;
    Ok((report, output.status.code()))
}

/// The rules of a report that were broken.
fn broken(report: &Value) -> Vec<&str> {
    let rules = report["rules"].as_array().map(Vec::as_slice).unwrap_or_default();
    let broken = rules.iter().filter(|rule| rule["broken"].as_u64() != Some(0));
    broken.filter_map(|rule| rule["rule"].as_str()).collect()
}

/// That every agent of a board finds nothing.
fn conforms(board: &Board) -> Result<()> {
    let scmid = Scmid::start(board)?;
    for agent in ["vm1", "vm2", "manager"] {
        for arguments in [&[][..], &["--write"]] {
            let (report, code) = check(&scmid.socket(agent), arguments)?;
            assert_eq!((broken(&report), code), (vec![], Some(0)), "{agent}: {report:#}");
        }
    }
    Ok(())
}

#[test]
fn our_platform_breaks_no_rule() -> Result<()> {
    conforms(&Board::demo())
}

#[test]
fn nor_does_it_in_the_oldest_versions() -> Result<()> {
    let Board::File(demo) = Board::demo() else { unreachable!("it is a file of the tree") };
    let demo = fs::read_to_string(demo)?;
    let oldest = "versions = { base = \"1.0\", power = \"1.0\", system = \"1.0\", perf = \"1.0\", \
                  clock = \"1.0\", sensor = \"1.0\", reset = \"1.0\", voltage = \"1.0\", \
                  powercap = \"1.0\", pinctrl = \"1.0\" }";
    let old = demo.replace("[[agent]]\n", &format!("[[agent]]\n{oldest}\n"));
    ensure!(old != demo, "the demo board has no agents");
    conforms(&Board::Text(old))
}

#[test]
fn vhost_device_scmi_is_found_to_break_some_and_to_stop_answering() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let socket = dir.path().join("peer.sock");
    let _peer = start_peer(&socket)?;
    let (report, code) = check(&socket, &[])?;
    assert_eq!(code, Some(1));
    assert_eq!(report["conforms"], false);
    // An unknown message and an unknown sensor are refused as something else, a disabled sensor and reserved flags too;
    // more protocols than there are can be skipped; and a command that is too long is the last one.
    let expected =
        ["answered", "message-unknown", "id-unknown", "reserved-bits", "reads", "base-skip"];
    assert_eq!(broken(&report), expected, "{report:#}");
    assert_eq!(report["stopped_after"].as_str().map(|hex| &hex[..5]), Some("00 40"));
    let findings = report["findings"].as_array().context("findings")?;
    let whole = |finding: &Value| {
        finding["request"]["hex"].is_string()
            && finding["expected"].is_string()
            && finding["section"].is_string()
    };
    assert!(findings.iter().all(whole), "{report:#}");
    Ok(())
}
