//! What drivers in Linux do with pins, and that it reaches the board: the second agent looks.

use anyhow::{Context, Result};
use scmi_test_kit::{Guest, GuestBuilder};
use scmi_tests_linux::{Consumer, Trace, check, due, due_on_demo};
use serde_json::{Value, json};

const BOARD: &str = r#"
    platform.vendor = "acme"
    agent = [{ name = "vm1" }, { name = "vm2" }]
    pin = [
        { name = "pin0", settings = { pull-up = false, drive-strength = { value = 4, min = 2, max = 16 } } },
        { name = "pin1", settings = { pull-up = false, drive-strength = { value = 4, min = 2, max = 16 } } },
        { name = "pin2", settings = { pull-up = false, pull-down = true, slew-rate = { value = 1, max = 3 } } },
        { name = "pin3" },
    ]
    pin-group = [
        { name = "uart0", pins = ["pin0", "pin1"],
          settings = { pull-up = false, drive-strength = { value = 4, min = 2, max = 16 } } },
        { name = "i2c0", pins = ["pin2", "pin3"] },
        { name = "spi0", pins = ["pin1", "pin2", "pin3"] },
    ]
    pin-function = [
        { name = "uart", groups = ["uart0"] },
        { name = "i2c", groups = ["i2c0"] },
        { name = "spi", groups = ["spi0"] },
        { name = "gpio", pins = ["pin3"], gpio = true },
    ]"#;

/// Beside the states that `scmictl dt` writes: settings.
const STATES: &str = r#"
    &{/firmware/scmi/protocol@19} {
        strong: strong-pins { groups = "uart0"; function = "uart"; drive-strength = <8>; bias-pull-up = <1>; };
        too_strong: too-strong-pins { groups = "uart0"; drive-strength = <20>; };
        line: line-pins { pins = "pin3"; function = "gpio"; };
        slow: slow-pins { pins = "pin2"; slew-rate = <3>; };
    };"#;

const PINCTRL: u8 = 0x19;
const SETTINGS_GET: u8 = 0x5;
const SETTINGS_CONFIGURE: u8 = 0x6;
const REQUEST: u8 = 0x7;
const RELEASE: u8 = 0x8;
/// What a command is about.
const PIN: u32 = 0;
const GROUP: u32 = 1;
/// Beside that selector: that the function is to be set, and where the number of settings is.
const WITH_FUNCTION: u32 = 1 << 10;
const COUNT: u32 = 2;
const NO_FUNCTION: u32 = 0xffff_ffff;
/// Kinds of settings.
const PULL_UP: u32 = 4;
const STRENGTH: u32 = 10;
const SLEW_RATE: u32 = 20;

/// What Linux says when a state is not reached.
const UNDONE: &str = "Error applying setting, reverse things back";

fn builder() -> GuestBuilder {
    Guest::builder().board(BOARD).device_tree(STATES)
}

/// A pin or group as the second agent is told: its function and its settings.
fn seen(guest: &mut Guest, what: &str) -> Result<Value> {
    let pins = guest.scmid()?.ask("vm2", ["pinctrl", "get", what])?;
    let pin = pins.get(0).with_context(|| format!("{pins}"))?;
    Ok(json!([pin.get("function"), pin.get("settings")]))
}

/// What Linux sent that changes something.
fn changes(guest: &mut Guest, trace: &Trace) -> Result<Vec<(u8, Vec<u32>)>> {
    let mut commands = trace.commands(guest)?;
    commands.retain(|(message, _)| [SETTINGS_CONFIGURE, REQUEST, RELEASE].contains(message));
    Ok(commands)
}

/// Which device has a pin in Linux, and what it is to be: the end of its line in `pinmux-pins`.
fn owner(guest: &mut Guest, pin: &str) -> Result<String> {
    let line = guest.ok(&format!("grep '({pin})' /sys/kernel/debug/pinctrl/*scmi*/pinmux-pins"))?;
    Ok(line.split_once("): ").with_context(|| line.clone())?.1.to_owned())
}

#[test]
fn pins_groups_and_functions_are_the_boards() -> Result<()> {
    let mut guest = builder().boot()?;
    let show = |guest: &mut Guest, file: &str| {
        guest.ok(&format!("cat /sys/kernel/debug/pinctrl/*scmi*/{file}"))
    };
    let pins = show(&mut guest, "pins")?;
    for pin in ["pin 0 (pin0)", "pin 1 (pin1)", "pin 2 (pin2)", "pin 3 (pin3)"] {
        assert!(pins.contains(pin), "{pins}");
    }
    assert!(pins.contains("registered pins: 4"), "{pins}");
    let groups = show(&mut guest, "pingroups")?;
    assert_eq!(
        groups,
        "registered pin groups:\n\
         group: uart0\npin 0 (pin0)\npin 1 (pin1)\n\n\
         group: i2c0\npin 2 (pin2)\npin 3 (pin3)\n\n\
         group: spi0\npin 1 (pin1)\npin 2 (pin2)\npin 3 (pin3)"
    );
    // Linux takes what a function can be given to for groups: pin 3 would be a fourth one.
    assert_eq!(
        show(&mut guest, "pinmux-functions")?,
        "function 0: uart, groups = [ uart0 ]\n\
         function 1: i2c, groups = [ i2c0 ]\n\
         function 2: spi, groups = [ spi0 ]\n\
         function gpio: COULD NOT GET GROUPS"
    );
    check(&mut guest, &[], &["get name failed with err -22"])
}

#[test]
fn every_function_of_the_demo_board_is_of_use() -> Result<()> {
    let states = "pinctrl-names = \"default\", \"i2c\", \"gpio\"; pinctrl-0 = <&scmi_pins_uart_uart0>;\
                  pinctrl-1 = <&scmi_pins_i2c_i2c0>; pinctrl-2 = <&scmi_pins_gpio_gpio3>;";
    let mut guest =
        Guest::builder().board(scmi_test_kit::Board::demo()).consumer("port", states).boot()?;
    let port = Consumer::new("port");
    let functions = guest.ok("cat /sys/kernel/debug/pinctrl/*scmi*/pinmux-functions")?;
    assert_eq!(
        functions,
        "function 0: uart, groups = [ uart0 ]\n\
         function 1: i2c, groups = [ i2c0 ]\n\
         function 2: gpio, groups = [ gpio2 gpio3 ]"
    );
    for (state, pin, function) in
        [("i2c", "pin3", "i2c"), ("gpio", "pin3", "gpio"), ("default", "pin0", "uart")]
    {
        port.write(&mut guest, "pins", state)?;
        assert_eq!(seen(&mut guest, pin)?.get(0), Some(&json!(function)), "{state}");
    }
    check(&mut guest, &due_on_demo([])?, &[])
}

#[test]
fn a_state_of_a_device_is_how_its_pins_are() -> Result<()> {
    let states = "pinctrl-names = \"idle\", \"default\", \"strong\", \"slow\";\
                  pinctrl-0 = <&scmi_pins_i2c_i2c0>; pinctrl-1 = <&scmi_pins_uart_uart0>;\
                  pinctrl-2 = <&strong>; pinctrl-3 = <&slow>;";
    let mut guest = builder().consumer("port", states).boot()?;
    let port = Consumer::new("port");
    // The default state is there before the driver.
    assert_eq!(port.read(&mut guest, "pins")?, "default");
    assert_eq!(seen(&mut guest, "pin0")?, json!(["uart", { "pull-up": 0, "drive-strength": 4 }]));
    assert_eq!(owner(&mut guest, "pin1")?, "port (GPIO UNCLAIMED) function uart group uart0");

    let trace = Trace::start(&mut guest, PINCTRL)?;
    port.write(&mut guest, "pins", "idle")?;
    assert_eq!(seen(&mut guest, "group:i2c0")?, json!(["i2c", {}]));
    assert_eq!(owner(&mut guest, "pin1")?, "(MUX UNCLAIMED) (GPIO UNCLAIMED)");
    assert_eq!(owner(&mut guest, "pin3")?, "port (GPIO UNCLAIMED) function i2c group i2c0");
    // Pin by pin given back and requested, then the group's function.
    let expected = [
        (RELEASE, vec![0, PIN]),
        (RELEASE, vec![1, PIN]),
        (REQUEST, vec![2, PIN]),
        (REQUEST, vec![3, PIN]),
        (SETTINGS_CONFIGURE, vec![1, 1, WITH_FUNCTION | GROUP]),
    ];
    assert_eq!(changes(&mut guest, &trace)?, expected);

    // Settings of a group are its pins' too.
    port.write(&mut guest, "pins", "strong")?;
    assert_eq!(
        seen(&mut guest, "group:uart0")?,
        json!(["uart", { "pull-up": 1, "drive-strength": 8 }])
    );
    assert_eq!(seen(&mut guest, "pin1")?, json!(["uart", { "pull-up": 1, "drive-strength": 8 }]));
    port.write(&mut guest, "pins", "slow")?;
    assert_eq!(
        seen(&mut guest, "pin2")?,
        json!(["i2c", { "pull-up": 0, "pull-down": 1, "slew-rate": 3 }])
    );
    let expected = [
        (RELEASE, vec![2, PIN]),
        (RELEASE, vec![3, PIN]),
        (REQUEST, vec![0, PIN]),
        (REQUEST, vec![1, PIN]),
        (SETTINGS_CONFIGURE, vec![0, 0, WITH_FUNCTION | GROUP]),
        (SETTINGS_CONFIGURE, vec![0, NO_FUNCTION, 2 << COUNT | GROUP, PULL_UP, 1, STRENGTH, 8]),
        // A state that only has settings lets the pins of the one before go, and needs none.
        (RELEASE, vec![0, PIN]),
        (RELEASE, vec![1, PIN]),
        (SETTINGS_CONFIGURE, vec![2, NO_FUNCTION, 1 << COUNT | PIN, SLEW_RATE, 3]),
    ];
    assert_eq!(changes(&mut guest, &trace)?, expected);

    // What a driver has it gives back.
    port.bind(&mut guest, false)?;
    for pin in ["pin0", "pin1", "pin2", "pin3"] {
        assert_eq!(owner(&mut guest, pin)?, "(MUX UNCLAIMED) (GPIO UNCLAIMED)", "{pin}");
    }
    let ask = guest.scmid()?.ask("vm2", ["pinctrl", "request", "group:uart0"]);
    ask.context("nobody holds them any more")?;
    check(&mut guest, &[], &[])
}

#[test]
fn settings_are_read_from_the_board() -> Result<()> {
    let mut guest = builder().boot()?;
    let show = |guest: &mut Guest, file: &str| {
        // Behind two lines of heading.
        guest.ok(&format!("tail -n +3 /sys/kernel/debug/pinctrl/*scmi*/{file}"))
    };
    // Linux shows what a pin has, also where its value says no; and a strength in both of its units.
    let strong = "output drive strength (4 mA), output drive strength (4 uA)";
    assert_eq!(
        show(&mut guest, "pinconf-pins")?,
        format!(
            "pin 0 (pin0): input bias pull up (0 ohms), {strong}\n\
             pin 1 (pin1): input bias pull up (0 ohms), {strong}\n\
             pin 2 (pin2): input bias pull down (1 ohms), input bias pull up (0 ohms), slew rate (0x1)\n\
             pin 3 (pin3): "
        )
    );
    assert_eq!(
        show(&mut guest, "pinconf-groups")?,
        format!("0 (uart0): input bias pull up (0 ohms), {strong}\n1 (i2c0): \n2 (spi0): ")
    );
    // It asks each pin and group for each of its 21 kinds of settings that the protocol has: drive strength, input mode and
    // output value twice. They have 12 of them.
    let refused = [due(PINCTRL.into(), SETTINGS_GET.into(), "NOT_SUPPORTED", (4 + 3) * 21 - 12)];
    // Kinds that the protocol has not are an error in Linux's own log, though nobody asked for anything wrong.
    check(&mut guest, &refused, &["Error map pinconf_type -22"])
}

#[test]
fn two_devices_cannot_share_a_pin() -> Result<()> {
    let first = "pinctrl-names = \"default\"; pinctrl-0 = <&scmi_pins_uart_uart0>;";
    let second = "pinctrl-names = \"default\", \"wide\"; pinctrl-0 = <&scmi_pins_i2c_i2c0>;\
                  pinctrl-1 = <&scmi_pins_spi_spi0>;";
    let third = "pinctrl-names = \"default\"; pinctrl-0 = <&scmi_pins_spi_spi0>;";
    let mut guest = builder()
        .consumer("first", first)
        .consumer("second", second)
        .consumer("third", third)
        .boot()?;
    let [first, second, third] = ["first", "second", "third"].map(Consumer::new);
    // The first two have different pins. The third wants one of each, and gets neither pins nor driver.
    assert!(first.is_bound(&mut guest)? && second.is_bound(&mut guest)?, "nothing in the way");
    assert!(!third.is_bound(&mut guest)?, "its pins are the others'");
    assert_eq!(third.refused_to_bind(&mut guest)?, "Invalid argument");
    assert_eq!(second.refused(&mut guest, "pins", "wide")?, "Invalid argument");
    assert_eq!(seen(&mut guest, "pin1")?, json!(["uart", { "pull-up": 0, "drive-strength": 4 }]));
    assert_eq!(owner(&mut guest, "pin1")?, "first (GPIO UNCLAIMED) function uart group uart0");

    first.bind(&mut guest, false)?;
    second.bind(&mut guest, false)?;
    third.bind(&mut guest, true)?;
    assert_eq!(seen(&mut guest, "group:spi0")?, json!(["spi", {}]));
    assert_eq!(owner(&mut guest, "pin1")?, "third (GPIO UNCLAIMED) function spi group spi0");
    // All of it is Linux's doing; the platform was not asked for what could not be.
    let words = ["already requested by first", "pin-1 (", "could not request pin 1", UNDONE];
    check(&mut guest, &[], &words)
}

#[test]
fn a_pin_that_another_agent_holds_is_refused() -> Result<()> {
    let states = "pinctrl-names = \"idle\", \"uart\"; pinctrl-0 = <&scmi_pins_i2c_i2c0>;\
                  pinctrl-1 = <&scmi_pins_uart_uart0>;";
    let mut guest = builder().consumer("port", states).boot()?;
    let port = Consumer::new("port");
    let other = guest.scmid()?.watch("vm2", ["pinctrl", "request", "pin1", "--hold", "1h"])?;
    guest.scmid()?.wait_answered("vm2", PINCTRL.into(), REQUEST.into(), 1)?;
    // IN_USE, a status that Linux 6.12 does not know.
    assert_eq!(port.refused(&mut guest, "pins", "uart")?, "Input/output error");
    for pin in ["pin0", "pin1"] {
        assert_eq!(owner(&mut guest, pin)?, "(MUX UNCLAIMED) (GPIO UNCLAIMED)", "{pin}");
    }
    drop(other);
    // That the second agent can connect again means that its earlier connection is over.
    seen(&mut guest, "pin1")?;
    port.write(&mut guest, "pins", "uart")?;
    assert_eq!(seen(&mut guest, "group:uart0")?.get(0), Some(&json!("uart")));
    let refused = [due(PINCTRL.into(), REQUEST.into(), "IN_USE", 1)];
    check(&mut guest, &refused, &["pin-1 (", "could not request pin 1", UNDONE])
}

#[test]
fn a_setting_that_a_group_cannot_have_is_refused() -> Result<()> {
    let states = "pinctrl-names = \"strong\"; pinctrl-0 = <&too_strong>;";
    let mut guest = builder().consumer("port", states).boot()?;
    let port = Consumer::new("port");
    assert_eq!(port.refused(&mut guest, "pins", "strong")?, "Invalid argument");
    assert_eq!(
        seen(&mut guest, "group:uart0")?,
        json!([null, { "pull-up": 0, "drive-strength": 4 }])
    );
    let refused = [due(PINCTRL.into(), SETTINGS_CONFIGURE.into(), "INVALID_PARAMETERS", 1)];
    let words = ["Error parsing config -22", "pin_config_group_set op failed for group 0", UNDONE];
    check(&mut guest, &refused, &words)
}

#[test]
fn a_function_of_pins_instead_of_groups_is_of_no_use_to_linux() -> Result<()> {
    let states = "pinctrl-names = \"default\"; pinctrl-0 = <&line>;";
    let mut guest = builder().consumer("port", states).boot()?;
    let port = Consumer::new("port");
    assert!(!port.is_bound(&mut guest)?, "it has not got its pins");
    assert_eq!(port.refused_to_bind(&mut guest)?, "Invalid argument");
    check(
        &mut guest,
        &[],
        &["get name failed with err -22", "can't query groups for function gpio"],
    )
}
