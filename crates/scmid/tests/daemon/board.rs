//! `--check`, and boards that are refused.

use std::fs;

use crate::process::{demo_board, refused, run};

#[test]
fn a_good_board_is_summed_up() {
    let board = demo_board();
    let output = run(&["--board".as_ref(), board.as_os_str(), "--check".as_ref()]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(refused(&output, 0), "", "nothing to complain about");
    for wanted in [
        "demo.toml: good\n",
        "  platform  acme demo, version 0x00010000\n",
        "  system    shutdown, cold-reset, warm-reset, power-up, suspend\n",
        " 4 temperature",
    ] {
        assert!(text.contains(wanted), "no {wanted:?} in:\n{text}");
    }
    let board = scmi_board::Board::load(board).expect("good");
    let counts = [
        ("power", board.power_domains.len()),
        ("perf", board.performance_domains.len()),
        ("clock", board.clocks.len()),
        ("sensor", board.sensors.len()),
        ("reset", board.reset_domains.len()),
        ("voltage", board.voltage_domains.len()),
        ("powercap", board.power_caps.len()),
        ("pinctrl", board.pins.len()),
    ];
    for (protocol, count) in counts {
        let head = format!("  {protocol:8}  {count} ");
        assert!(text.lines().any(|line| line.starts_with(&head)), "no {head:?} in:\n{text}");
    }
}

#[test]
fn a_summary_says_what_each_agent_is_told_and_may_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("board.toml");
    let clocks: String = (0..10)
        .map(|n| format!("[[clock]]\nname = \"c{n}\"\nrates = [\"1 MHz\"]\nagents = [\"vm1\"]\n"))
        .collect();
    let text = format!(
        "[platform]\nvendor = \"acme\"\n[[agent]]\nname = \"vm1\"\nqmp = \"/run/vm1.qmp\"\n\
         [[agent]]\nname = \"vm2\"\nversions = {{ base = \"2.0\", clock = \"3.0\", reset = \"1.0\" }}\n{clocks}\
         [[reset-domain]]\nname = \"gpu\"\nagents = [\"vm1\"]\n[[reset-domain]]\nname = \"usb\"\n\
         [system]\nagents = [\"vm1\"]\nwarm-reset = false\nsuspend = false\nseparate = true\n\
         on-request.command = [\"logger\"]\nstep = [{{ at = \"1 s\", order = \"shutdown\" }}]\n\
         [[fault]]\nname = \"slow\"\ndo.delay = \"1 s\"\n[[fault]]\ndo.never = true\n"
    );
    fs::write(&path, text).expect("written");
    let output = run(&["--board".as_ref(), path.as_os_str(), "--check".as_ref()]);
    let text = String::from_utf8_lossy(&output.stdout);
    let expected = "  platform  acme, version 0x00000001
  system    shutdown, cold-reset, power-up; of each agent alone; 1 step; requests run logger
  clock     10 clocks: c0, c1, c2, c3, c4, c5, c6, c7 and 2 more
  reset     2 reset domains: gpu, usb
  faults    2 rules: slow, fault 2
  agent 1   vm1: newest versions; controls the system; machine at /run/vm1.qmp
  agent 2   vm2: base 2.0, reset 1.0, else the newest versions; may not change any clock, 1 reset domain (gpu)
";
    assert_eq!(text.split_once('\n').map(|(_, rest)| rest), Some(expected));
}

#[test]
fn a_summary_says_what_each_agent_sees() {
    let board = demo_board().with_file_name("two-guests.toml");
    let output = run(&["--board".as_ref(), board.as_os_str(), "--check".as_ref()]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(refused(&output, 0), "", "nothing to complain about");
    assert!(text.contains("\n            2 devices: gpu, net\n"), "{text}");
    let agents: Vec<&str> = text.lines().filter(|line| line.starts_with("  agent")).collect();
    let expected = [
        "  agent 1   media: newest versions; sees 2 power domains (gpu, display); \
         sees 2 performance domains (cpu-big, gpu); sees 3 clocks (gpu, pixel: state, rate, osc: read); \
         sees 2 sensors (gpu, board); sees 1 reset domain (gpu); \
         sees 2 voltage domains (vdd-display, vdd-io); sees 1 power cap (gpu); sees 2 pins (lcd0, lcd1); \
         sees 1 pin group (lcd); sees 1 pin function (lcd); restores what it set",
        "  agent 2   gateway: newest versions; sees 1 power domain (net, held); \
         sees 1 performance domain (cpu-little); sees 2 clocks (uart, osc); sees 1 sensor (board); \
         sees 1 reset domain (net); sees 1 voltage domain (vdd-io: mode); sees no power cap; \
         sees 2 pins (tx, rx); sees 1 pin group (uart); sees 1 pin function (uart)",
        "  agent 3   operator: newest versions; restricted on 2 performance domains (cpu-little: limits, cpu-big: limits); \
         restricted on 1 clock (pixel: state, parent); controls the system; trusted",
    ];
    assert_eq!(agents, expected);
}

#[test]
fn a_bad_board_is_refused_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bad.toml");
    let text = "[platform]\nvendor = \"acme\"\n[[agent]]\nname = \"vm1\"\n\
                [[sensor]]\nname = \"t\"\ntype = \"temprature\"\nsource = 3\n";
    fs::write(&path, text).expect("written");
    for arguments in [&["--check"][..], &["--socket-dir", "/nonexistent"]] {
        let mut all = vec!["--board", path.to_str().expect("text")];
        all.extend(arguments);
        let text = refused(&run(&all), 3);
        assert!(text.contains("bad.toml:7:8: "), "{text}");
        assert!(text.contains("temprature"), "{text}");
    }
}

#[test]
fn a_board_that_is_not_there_is_refused() {
    let text = refused(&run(&["--board", "/nonexistent.toml", "--check"]), 3);
    assert_eq!(
        text,
        "scmid: /nonexistent.toml: cannot be read: No such file or directory (os error 2)\n"
    );
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused() {
    refused(&run(&["--board", "x.toml"]), 2);
    refused(&run(&["--socket-dir", "/tmp"]), 2);
    let text = refused(&run(&["--board", "x.toml", "--check", "--log", "scmid=loud"]), 2);
    assert!(text.contains("scmid=loud"), "{text}");
}

#[test]
fn the_schema_is_printed_without_a_board() {
    let output = run(&["--schema"]);
    assert_eq!(refused(&output, 0), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), scmi_board::schema());
    // Whatever the environment says for all.
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_scmid"));
    let again = command.env("SCMID_LOG", "debug").arg("--schema").output().expect("scmid runs");
    assert_eq!(again.stdout, output.stdout, "{again:?}");
    refused(&run(&["--schema", "--board", "x.toml"]), 2);
}

#[test]
fn help_says_the_exit_codes_and_how_to_attach_a_guest() {
    let output = run(&["--help"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0));
    for wanted in ["Exit codes:", "SIGUSR1", "vhost-user-scmi-pci", "SCMID_LOG"] {
        assert!(text.contains(wanted), "no {wanted} in:\n{text}");
    }
}
