//! Three Linux guests at once on `examples/three-guests.toml`, and an agent of our own. Each uses every protocol all the time and
//! looks whether what is its own is as it was set. One is killed, one reboots, one floods: the others feel nothing of it.

use core::time::Duration;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{Board, Booting, Guest, PATIENCE, Scmid, workspace_root};
use scmi_tests_linux::Rail;
use serde_json::{Value, json};

/// Who is asked for what protocol, by number: all of them.
const PROTOCOLS: [u32; 10] = [0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19];

/// What is to happen to a guest before what happened to its neighbours counts as survived.
const ROUNDS: u32 = 2;

/// So many commands are a flood.
const FLOOD: u64 = 2_000;

/// A guest's own part of the board.
struct Part {
    agent: &'static str,
    rail: Rail,
    /// The number of vdd-io, which is everybody's.
    io: u32,
    /// Clocks, resets, domains and pins of its device, in the device tree.
    device: &'static str,
    /// What `part.sh` is told.
    own: &'static str,
}

const DASH: Part = Part {
    agent: "dash",
    rail: Rail::new(0, "vdd-panel"),
    io: 1,
    device: "clocks = <&scmi_clock 0>, <&scmi_clock 1>; resets = <&scmi_reset 0>;\
             power-domains = <&scmi_power 0>, <&scmi_power 1>, <&scmi_perf 1>;\
             pinctrl-0 = <&scmi_pins_lcd_lcd>; pinctrl-1 = <&scmi_pins_lcd_gpio_lcd>;",
    own: "NAME=dash ID=1 RATES='74250000 148500000' POWER=0 CORE=1 LEVELS='600000 1200000' \
          RAIL=vdd-panel VOLTS='3300000 5000000' ZONE=panel CAPS='900000 1500000' PACKAGE=5000000 \
          GROUP=0 FUNCTIONS='0 1' TEMP=panel LOW=20000 HIGH=29000",
};

const MEDIA: Part = Part {
    agent: "media",
    rail: Rail::new(1, "vdd-gpu"),
    io: 0,
    device: "clocks = <&scmi_clock 1>, <&scmi_clock 0>; resets = <&scmi_reset 1>;\
             power-domains = <&scmi_power 1>, <&scmi_power 0>, <&scmi_perf 0>;\
             pinctrl-0 = <&scmi_pins_i2s_i2s>; pinctrl-1 = <&scmi_pins_i2s_gpio_i2s>;",
    own: "NAME=media ID=2 RATES='250000000 800000000' POWER=1 CORE=0 LEVELS='800000 2000000' \
          RAIL=vdd-gpu VOLTS='850000 1000000' ZONE=gpu CAPS='2000000 6000000' PACKAGE=7000000 \
          GROUP=1 FUNCTIONS='2 1' TEMP=gpu LOW=50000 HIGH=80000",
};

const RADIO: Part = Part {
    agent: "radio",
    rail: Rail::new(0, "vdd-rf"),
    io: 1,
    device: "clocks = <&scmi_clock 2>, <&scmi_clock 1>; resets = <&scmi_reset 1>;\
             power-domains = <&scmi_power 0>, <&scmi_power 1>, <&scmi_perf 0>;\
             pinctrl-0 = <&scmi_pins_uart_uart>; pinctrl-1 = <&scmi_pins_uart_gpio_uart>;",
    own: "NAME=radio ID=3 RATES='24000000 48000000' POWER=0 CORE=0 LEVELS='400000 900000' \
          RAIL=vdd-rf VOLTS='1200000 1800000' ZONE=modem CAPS='300000 2000000' PACKAGE=9000000 \
          GROUP=0 FUNCTIONS='1 0' TEMP=modem LOW=85000 HIGH=95000",
};

impl Part {
    fn start(&self, scmid: &Scmid) -> Result<Booting> {
        let scripts = workspace_root().join("tests/linux/guest");
        let device = format!(
            "{} clock-names = \"own\", \"bus\"; reset-names = \"own\";\
             power-domain-names = \"own\", \"board\", \"core\"; pinctrl-names = \"default\", \"idle\";",
            self.device
        );
        let mut builder = Guest::builder()
            .agent(self.agent)
            .daemon(scmid)
            .may_reboot()
            .consumer("part", &device)
            .device_tree(&self.rail.consumer())
            .device_tree(&Rail::new(self.io, "vdd-io").consumer())
            .file("/bin/part.sh", scripts.join("part.sh"))
            .file("/bin/flood.sh", scripts.join("flood.sh"));
        if self.agent == "dash" {
            builder = builder
                .consumer("slot", "pinctrl-names = \"default\"; pinctrl-0 = <&scmi_pins_sd_sd>;");
        }
        builder.start()
    }

    /// Lets the guest use its part from now on, and waits until it has.
    fn live(&self, guest: &mut Guest) -> Result<()> {
        guest.ok(&format!(
            "rm -f /tmp/part/rounds; {} setsid part.sh > /tmp/part.log 2>&1 & echo $! > /tmp/part.pid",
            self.own
        ))?;
        self.survives(guest)
    }

    /// Waits until the guest has used all of its part a few times more, and nothing was wrong with it since it booted.
    fn survives(&self, guest: &mut Guest) -> Result<()> {
        let before: u32 = match guest.run("cat /tmp/part/rounds")? {
            found if found.status == 0 => found.text.trim().parse()?,
            _ => 0,
        };
        let wanted = before + ROUNDS;
        let waited = guest.wait_until(&format!(
            "[ -s /tmp/part/wrong ] || [ $(cat /tmp/part/rounds || echo 0) -ge {wanted} ]"
        ));
        waited.with_context(|| format!("{} after round {before}", self.agent))?;
        self.is_well(guest)
    }

    fn is_well(&self, guest: &mut Guest) -> Result<()> {
        let name = self.agent;
        let wrong = guest.ok("cat /tmp/part/wrong /tmp/part.log")?;
        ensure!(wrong.is_empty(), "{name} saw what is wrong:\n{wrong}");
        let faults = guest.counters()?;
        ensure!(faults.faults().is_empty(), "{name} counted {:?}", faults.faults());
        let complaints = guest.scmi_complaints()?;
        ensure!(complaints.is_empty(), "{name} complains:\n{}", complaints.join("\n"));
        Ok(())
    }
}

/// What the operator sees of a resource.
fn seen(scmid: &Scmid, what: [&str; 2], name: &str, key: &str) -> Result<Value> {
    let shown = scmid.ask("operator", what.into_iter().chain([name]))?;
    shown.pointer(key).cloned().with_context(|| format!("no {key} in {shown}"))
}

/// What the dash alone has on, what cap holds for all, and whether somebody has the slot for cards.
fn held(scmid: &Scmid) -> Result<Value> {
    Ok(json!({
        "clock": seen(scmid, ["clock", "get"], "dash-pixel", "/0/on")?,
        "domain": seen(scmid, ["power", "get"], "panel", "/0/state")?,
        "rail": seen(scmid, ["voltage", "get"], "vdd-panel", "/0/mode")?,
        "cap": seen(scmid, ["powercap", "get"], "package", "/0/cap")?,
        "slot": scmid.ask("operator", ["pinctrl", "request", "group:sd"]).is_err(),
    }))
}

/// What all of them use, and none can take from the others.
fn all_is_on(scmid: &Scmid) -> Result<()> {
    let shared = (
        seen(scmid, ["clock", "get"], "bus", "/0/on")?,
        seen(scmid, ["power", "get"], "board", "/0/state")?,
        seen(scmid, ["voltage", "get"], "vdd-io", "/0/mode")?,
    );
    ensure!(shared == (true.into(), "on".into(), "on".into()), "{shared:?}");
    Ok(())
}

fn wait_held(scmid: &Scmid, wanted: &Value) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        let held = held(scmid)?;
        if held == *wanted {
            return Ok(());
        }
        ensure!(Instant::now() < end, "it is {held} and not {wanted}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn three_guests_do_not_feel_that_one_dies_one_reboots_and_one_floods() -> Result<()> {
    let board = workspace_root().join("examples/three-guests.toml");
    let mut scmid = Scmid::start(&Board::File(board))?;
    let booting = [&DASH, &MEDIA, &RADIO].map(|part| part.start(&scmid));
    let [dash, media, radio] = booting;
    let (mut dash, mut media, mut radio) = (dash?.ready()?, media?.ready()?, radio?.ready()?);
    DASH.live(&mut dash)?;
    MEDIA.live(&mut media)?;
    RADIO.live(&mut radio)?;
    let alive = json!({ "clock": true, "domain": "on", "rail": "on", "cap": 5.0, "slot": true });
    wait_held(&scmid, &alive)?;
    all_is_on(&scmid)?;
    for part in [&DASH, &MEDIA, &RADIO] {
        let counted = scmid.counters(part.agent)?;
        let unused = PROTOCOLS.iter().filter(|protocol| counted.commands(**protocol) == 0);
        assert_eq!(unused.count(), 0, "{} uses every protocol: {counted:?}", part.agent);
    }

    // One is killed in the middle of what it does. What it held is given back, and nothing else.
    dash.kill()?;
    drop(dash);
    let dead = json!({ "clock": false, "domain": "off", "rail": "off", "cap": 7.0, "slot": false });
    wait_held(&scmid, &dead)?;
    MEDIA.survives(&mut media)?;
    RADIO.survives(&mut radio)?;
    all_is_on(&scmid)?;

    let mut dash = DASH.start(&scmid)?.ready()?;
    DASH.live(&mut dash)?;
    wait_held(&scmid, &alive)?;

    // One reboots.
    media.send("reboot -f\n")?;
    DASH.survives(&mut dash)?;
    RADIO.survives(&mut radio)?;
    all_is_on(&scmid)?;
    media.wait_for_shell(PATIENCE)?;
    media.ok("insmod /lib/modules/consumer.ko")?;
    MEDIA.live(&mut media)?;

    // One asks as fast as it can.
    RADIO.is_well(&mut radio)?;
    radio.ok("touch /tmp/part/stop")?;
    radio.wait_until("! kill -0 $(cat /tmp/part.pid)")?;
    let before = scmid.counters("radio")?.get("commands")?;
    radio.ok("setsid flood.sh > /tmp/flood.log 2>&1 & echo $! > /tmp/flood.pid")?;
    let end = Instant::now() + PATIENCE;
    let mut asked = 0;
    while asked < FLOOD {
        ensure!(Instant::now() < end, "it asked {asked} times only");
        DASH.survives(&mut dash)?;
        MEDIA.survives(&mut media)?;
        all_is_on(&scmid)?;
        asked = scmid.counters("radio")?.get("commands")? - before;
    }
    radio.ok("kill -9 -$(cat /tmp/flood.pid)")?;
    radio.wait_until("! kill -0 -$(cat /tmp/flood.pid)")?;
    // Nobody has read the last answers, of which Linux warns.
    radio.raw().forget()?;
    radio.ok("dmesg -c > /dev/null")?;
    radio.ok("rm /tmp/part/stop")?;
    RADIO.live(&mut radio)?;
    DASH.is_well(&mut dash)?;
    MEDIA.is_well(&mut media)?;
    wait_held(&scmid, &alive)
}
