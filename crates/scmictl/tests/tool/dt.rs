//! Device trees: judged by dtc, and on the tree that QEMU really makes.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::{demo_board, scmictl, stderr, stdout};

/// A tree with everything that a merge could disturb: reservations, a boot CPU, phandles old and new, and nodes
/// of the names that a board adds to.
const BASE: &str = r#"
/dts-v1/;
/memreserve/ 0x1000 0x100;
/memreserve/ 0x80000000 0x2000;
/ {
    #address-cells = <2>;
    #size-cells = <2>;
    empty;
    bytes = [00 01 02];
    interrupt-parent = <&gic>;
    gic: interrupt-controller@8000000 { phandle = <0x40>; };
    sensor: other { linux,phandle = <0x41>; phandle = <0x41>; };
    firmware { optee { compatible = "linaro,optee-tz"; }; };
    thermal-zones { board-thermal { thermal-sensors = <&sensor 0>; }; };
    chosen { };
    cpus {
        cpu-map { cluster0 { core0 { cpu = <&first>; }; }; };
        first: cpu@0 { device_type = "cpu"; phandle = <0x3f>; };
        cpu@100 { device_type = "cpu"; };
    };
};
"#;

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

/// Source text into a compiled tree.
fn compile(source: &str, to: &Path, options: &[&str]) {
    let text = to.with_extension("dts");
    fs::write(&text, source).expect("written");
    run(Command::new("dtc")
        .args(["-I", "dts", "-O", "dtb"])
        .args(options)
        .arg("-o")
        .arg(to)
        .arg(text));
}

/// A compiled tree into source text, with its reservations and boot CPU.
fn decompile(tree: &Path) -> Vec<String> {
    let text = run(Command::new("dtc").args(["-q", "-I", "dtb", "-O", "dts"]).arg(tree));
    text.lines().map(String::from).collect()
}

/// Merges the demo board into `base`, and gives both as source text.
fn merge(base: &Path) -> (Vec<String>, Vec<String>) {
    let merged = base.with_extension("merged");
    let (board, base_, merged_) =
        (demo_board(), base.display().to_string(), merged.display().to_string());
    let board = board.display().to_string();
    stdout(&scmictl(&["dt", "--board", &board, "--base", &base_, "-o", &merged_]));
    (decompile(base), decompile(&merged))
}

/// The lines of `longer` that `shorter` does not have; all of `shorter` must be there, in order.
fn added(shorter: &[String], longer: &[String]) -> Vec<String> {
    let mut rest = shorter.iter().peekable();
    let mut added = Vec::new();
    for line in longer {
        if rest.peek() == Some(&line) {
            rest.next();
        } else {
            added.push(line.trim().to_string());
        }
    }
    assert_eq!(rest.next(), None, "a line of the base is gone or out of place");
    added
}

#[test]
fn the_fragment_compiles_without_a_warning() {
    let text = stdout(&scmictl(&["dt", "--board", &demo_board().display().to_string()]));
    let folder = tempfile::tempdir().expect("a folder");
    // -E makes errors of what dtc would only warn of.
    compile(
        &text,
        &folder.path().join("fragment.dtb"),
        &["-E", "unit_address_vs_reg", "-W", "no-reg_format"],
    );
    let lines = decompile(&folder.path().join("fragment.dtb"));
    let count = |wanted: &str| lines.iter().filter(|line| line.trim() == wanted).count();
    assert_eq!(count("compatible = \"arm,scmi-virtio\";"), 1);
    assert_eq!(count("#thermal-sensor-cells = <0x01>;"), 1);
    assert_eq!(count("cpu-thermal {"), 1);
    assert_eq!(count("temperature = <0xfde8>;"), 1, "65 degrees in millidegrees");
}

#[test]
fn firmware_finds_the_node_of_a_board_in_the_merged_tree() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path().join("base.dtb");
    compile(BASE, &base, &["-q"]);
    assert_eq!(scmi_fdt::find(&fs::read(&base).expect("written")), Ok(None));
    merge(&base);
    let merged = fs::read(base.with_extension("merged")).expect("written");
    let node = scmi_fdt::find(&merged).expect("it is a tree").expect("it has the node");
    assert_eq!(node.transport, scmi_fdt::Transport::Virtio);
    assert_eq!((node.areas, node.smc_id), ([None; 2], None));
}

#[test]
fn every_protocol_of_a_board_has_its_node() {
    let board = demo_board();
    let text = stdout(&scmictl(&["dt", "--board", &board.display().to_string()]));
    let folder = tempfile::tempdir().expect("a folder");
    let blob = folder.path().join("fragment.dtb");
    compile(&text, &blob, &["-E", "unit_address_vs_reg", "-W", "no-reg_format"]);
    let lines = decompile(&blob);
    for protocol in 0x11..=0x19 {
        let node = format!("protocol@{protocol:x} {{");
        assert!(lines.iter().any(|line| line.trim() == node), "no {node} in {lines:#?}");
    }
}

#[test]
fn a_merge_only_adds() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path().join("base.dtb");
    compile(BASE, &base, &["-b", "3", "-q"]);
    let (before, after) = merge(&base);
    assert!(before.iter().any(|line| line.contains("/memreserve/")));
    let added = added(&before, &after);
    assert!(added.contains(&"phandle = <0x42>;".into()), "one above the highest: {added:#?}");
    assert!(added.contains(&"thermal-sensors = <0x42 0x00>;".into()), "{added:#?}");
    assert!(added.contains(&"phandle = <0x43>;".into()), "{added:#?}");
    let cpu = added.iter().filter(|line| *line == "power-domains = <0x43 0x00>;").count();
    assert_eq!(cpu, 2, "each CPU is in the performance domain of the board: {added:#?}");
    for kept in ["firmware {", "thermal-zones {", "optee {", "cpu@0 {", "cpu@100 {"] {
        assert_eq!(after.iter().filter(|line| line.trim() == kept).count(), 1, "{kept}");
    }
    let boot_cpu = |path: &Path| fs::read(path).expect("read").get(28..32).map(<[u8]>::to_vec);
    assert_eq!(boot_cpu(&base.with_extension("merged")), Some(vec![0, 0, 0, 3]));
}

#[test]
fn the_tree_that_qemu_makes_takes_a_board() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path().join("virt.dtb");
    let machine = format!("virt,dumpdtb={}", base.display());
    run(Command::new("qemu-system-aarch64").args([
        "-M",
        &machine,
        "-cpu",
        "cortex-a57",
        "-nodefaults",
    ]));
    let (before, after) = merge(&base);
    let added = added(&before, &after);
    assert!(added.contains(&"compatible = \"arm,scmi-virtio\";".into()), "{added:#?}");
    assert!(added.contains(&"cpu-thermal {".into()), "{added:#?}");
    assert!(added.contains(&"power-domain-names = \"perf\";".into()), "{added:#?}");
}

#[test]
fn a_tree_that_cannot_take_the_board_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let board = demo_board().display().to_string();
    let refused = |source: &str| {
        let base = folder.path().join("base.dtb");
        compile(source, &base, &["-q"]);
        let base = base.display().to_string();
        stderr(&scmictl(&["dt", "--board", &board, "--base", &base, "-o", "/dev/null"]), 4)
    };
    let other = refused("/dts-v1/; / { a { b { compatible = \"arm,scmi-virtio\"; }; }; };");
    assert!(other.contains("/a/b is an arm,scmi-virtio node already"), "{other}");
    let same = refused("/dts-v1/; / { thermal-zones { cpu-thermal { }; }; };");
    assert!(same.contains("the tree has /thermal-zones/cpu-thermal already"), "{same}");
    let full = refused("/dts-v1/; / { a { phandle = <0xfffffffe>; }; };");
    assert!(full.contains("no phandle left"), "{full}");
    let driven = refused("/dts-v1/; / { cpus { cpu@0 { power-domains = <0>; }; }; };");
    assert!(driven.contains("/cpus/cpu@0 of the tree has power-domains already"), "{driven}");
}

#[test]
fn files_that_are_no_tree_are_refused() {
    let board = demo_board().display().to_string();
    let merge = |base: &str| {
        stderr(&scmictl(&["dt", "--board", &board, "--base", base, "-o", "/dev/null"]), 4)
    };
    assert!(merge("/dev/null").contains("/dev/null: not a compiled device tree"));
    assert!(merge(&board).contains("not a compiled device tree"));
    assert!(merge("/nonexistent.dtb").contains("/nonexistent.dtb: No such file"));
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let board = demo_board().display().to_string();
    let one = stderr(&scmictl(&["dt", "--board", &board, "--agent", "vm9"]), 4);
    assert!(one.contains("no agent \"vm9\" on the board; it has vm1, vm2"), "{one}");
    stdout(&scmictl(&["dt", "--board", &board, "--agent", "vm2"]));
    stderr(&scmictl(&["dt", "--board", &board, "--base", "/dev/null"]), 2);
    stderr(&scmictl(&["dt", "--board", &board, "--json"]), 2);
    let missing = stderr(&scmictl(&["dt", "--board", "/nonexistent.toml"]), 4);
    assert!(missing.contains("/nonexistent.toml: cannot be read"), "{missing}");
}

#[test]
fn a_tree_is_what_one_agent_sees_by_its_own_numbers() {
    let board = demo_board().with_file_name("two-guests.toml").display().to_string();
    let all = stderr(&scmictl(&["dt", "--board", &board]), 2);
    assert!(all.contains("--agent is needed: one of media, gateway, operator"), "{all}");
    let of = |agent: &str| {
        let text = stdout(&scmictl(&["dt", "--board", &board, "--agent", agent]));
        text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    let (media, gateway, operator) = (of("media"), of("gateway"), of("operator"));
    let has = |tree: &[String], wanted: &str| tree.iter().any(|line| line == wanted);
    for (tree, wanted) in [
        (&media, "/*   0  gpu */"),
        (&media, "/*   1  pixel */"),
        (&media, "regulator-name = \"vdd-display\";"),
        (&media, "groups = \"lcd\";"),
        (&gateway, "/*   0  uart */"),
        (&gateway, "/*   1  osc */"),
        (&gateway, "scmi_voltage0: regulator@0 {"),
        (&gateway, "groups = \"uart\";"),
        (&operator, "/*   3  pixel */"),
        (&operator, "protocol@18 {"),
    ] {
        assert!(has(tree, wanted), "no {wanted} in {tree:#?}");
    }
    assert!(!has(&gateway, "protocol@18 {"), "no power caps");
    let hidden = [(&media, "uart"), (&gateway, "lcd"), (&gateway, "gpu"), (&gateway, "pixel")];
    for (tree, hidden) in hidden {
        assert!(!tree.iter().any(|line| line.contains(hidden)), "{hidden} in {tree:#?}");
    }
}

#[test]
fn a_bad_board_is_shown_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bad.toml");
    fs::write(&path, "[platform]\nvendor = 3\n").expect("written");
    let text = stderr(&scmictl(&["dt", "--board", &path.display().to_string()]), 4);
    assert!(text.contains("bad.toml:2:"), "{text}");
}
