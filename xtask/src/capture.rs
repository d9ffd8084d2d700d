//! `cargo xtask capture`: what a real Linux and `scmid` say to each other, byte for byte, for the tests of `scmi`.
//!
//! A guest boots with the demo board and uses what its drivers offer; Linux's trace event `scmi_msg_dump` keeps every
//! message. The tests `replay` of `scmi` and of `scmi-board` read it: whoever changes what Linux is answered, and means to, writes it
//! anew.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{Board, Guest, program, workspace_root};

use crate::{guest, setup};

const BOARD: &str = "examples/demo.toml";
const FILE: &str = "crates/scmi/tests/data/linux.dump";
/// The board as it was then.
const ITS_BOARD: &str = "crates/scmi/tests/data/linux.toml";

/// What uses clocks, resets, domains, rails and pins, as drivers do.
const CONSUMER: &str = "\
    clocks = <&scmi_clock 3>, <&scmi_clock 2>, <&scmi_clock 4>; clock-names = \"baud\", \"div4\", \"pwm\";
    resets = <&scmi_reset 0>, <&scmi_reset 1>; reset-names = \"mac\", \"video\";
    power-domains = <&scmi_power 1>, <&scmi_perf 1>; power-domain-names = \"power\", \"perf\";
    pinctrl-names = \"default\", \"i2c\"; pinctrl-0 = <&scmi_pins_uart_uart0>; pinctrl-1 = <&scmi_pins_i2c_i2c0>;";
const RAILS: &str = "\
    / { rail { compatible = \"regulator-output\"; vout-supply = <&scmi_voltage1>; };
        level { compatible = \"regulator-virtual-consumer\"; default-supply = <&scmi_voltage0>; }; };";

/// What is done in the guest, a driver a line.
const USES: &[(&str, &str)] = &[
    ("hwmon", "cat /sys/class/hwmon/hwmon*/*_input"),
    ("thermal", "cat /sys/class/thermal/thermal_zone*/temp"),
    (
        "iio",
        "cd /sys/bus/iio/devices/iio:device0 && for en in scan_elements/*_en; do echo 1 > $en; done &&
         echo 16 > buffer/length && echo 1 > buffer/enable && sleep 1 && echo 0 > buffer/enable",
    ),
    (
        "cpufreq",
        "cd /sys/devices/system/cpu/cpufreq/policy0 && echo userspace > scaling_governor &&
         for f in $(cat scaling_available_frequencies); do echo $f > scaling_setspeed && cat cpuinfo_cur_freq; done",
    ),
    (
        "powercap",
        "cd /sys/class/powercap && for zone in arm-scmi:*:*; do
         cat $zone/power_uw && cat $zone/constraint_0_power_limit_uw $zone/constraint_0_time_window_us || exit 1; done &&
         echo 2000000 > arm-scmi:0:0/constraint_0_power_limit_uw &&
         echo 2000000 > arm-scmi:0:0/constraint_0_time_window_us &&
         echo 0 > arm-scmi:0:0/enabled && echo 1 > arm-scmi:0:0/enabled",
    ),
    (
        "clk",
        "cd /sys/kernel/debug/scmi-consumer/capture/clocks && echo 1 > baud/enable && echo 48000000 > baud/rate &&
         echo div4 > baud/parent && cat baud/rate && echo 0 > baud/enable && echo 25 > pwm/duty && echo 1500 > pwm/rate",
    ),
    (
        "reset",
        "cd /sys/kernel/debug/scmi-consumer/capture/resets && echo 1 > mac/assert && echo 0 > mac/assert &&
         echo 1 > mac/reset && echo 1 > video/reset",
    ),
    (
        "genpd",
        "cd /sys/kernel/debug/scmi-consumer/capture/domains && echo 1 > power/on && echo 0 > power/on &&
         echo 1 > perf/on && echo 40 > perf/performance",
    ),
    ("pinctrl", "echo i2c > /sys/kernel/debug/scmi-consumer/capture/pins"),
    (
        "regulator",
        "cd /sys/devices/platform && echo enabled > rail/state && cat rail/state && echo disabled > rail/state &&
         echo 900000 > level/min_microvolts && echo 900000 > level/max_microvolts",
    ),
];

/// Writes the file anew.
pub(crate) fn run() -> Result<()> {
    setup::run()?;
    guest::make()?;
    let board = Board::File(workspace_root().join(BOARD));
    let builder = Guest::builder().board(board).dumping_messages();
    let mut guest = builder.consumer("capture", CONSUMER).device_tree(RAILS).boot()?;
    for (driver, script) in USES {
        guest.ok(script).with_context(|| format!("{driver} cannot be used"))?;
    }
    // One that Linux tells of and does not obey, so that the guest stays.
    let manager = format!("vhost-user:{}", guest.scmid()?.socket("manager").display());
    let mut tool = Command::new(program("scmictl")?);
    let asked = tool.args(["--connect", &manager, "system", "set", "cold-reset"]).status()?;
    ensure!(asked.success(), "the system's power cannot be asked for");
    guest.wait_until("grep -q 'pt=12 t=NOTI' /sys/kernel/tracing/trace")?;
    let messages = guest.message_dump()?;
    let text = format!(
        "# What Linux {release} and scmid said to each other, as Linux's trace event scmi_msg_dump has it: a boot with\n\
         # {BOARD}, and a use of each driver. Written by `cargo xtask capture`; not by hand.\n{}\n",
        messages.join("\n"),
        release = guest.image().release,
    );
    let file = workspace_root().join(FILE);
    fs::create_dir_all(file.parent().context("it is in a folder")?)?;
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    fs::copy(workspace_root().join(BOARD), workspace_root().join(ITS_BOARD))?;
    println!("{} messages in {}", messages.len(), file.display());
    Ok(())
}
